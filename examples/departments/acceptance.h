#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "examples/departments/tiny_http.h"

namespace datong::departments {

/// The acceptance systems of departments that take part in parallel approval (并联审批): a case is pushed to
/// /NAME/push, asked for at /NAME/find, and its document is at /NAME/result. One desk plays all of them; every name in
/// the path is a department of its own. `tax` takes one serial number once; the others write whatever comes.
/// May be used from many threads.
class AcceptanceDesk {
public:
    /// What becomes of the pushes to come.
    enum class Mood {
        accepting,
        refusing,        ///< state 4 with a reason
        rejecting,       ///< a code of refusal and nothing else
        deferring,       ///< state 0: taken, nobody has looked yet
        busy,            ///< says that it did not take it
        unlisted,        ///< takes it, and answers a code that nobody knows
        losing_reply,    ///< takes it, and resets the connection
        losing_request,  ///< resets the connection and takes nothing
        hanging,         ///< takes it, and never answers
        another_person,  ///< takes it, and answers about somebody else
        page,            ///< takes it, and answers a web page with status 200
        bus_timeout,     ///< takes it, and a bus in front answers 504 with the code of a busy system
        none_found,      ///< takes it, and answers as it answers questions: no such case
    };

    void set(const std::string& department, Mood mood);
    /// The state of every case at a department from now on: "2" returned, "3" done ...
    void move(const std::string& department, const std::string& state);

    /// How often a case was written: the effect that must not come twice.
    [[nodiscard]] std::size_t written(const std::string& department) const;
    /// How often it was asked for.
    [[nodiscard]] std::size_t asked(const std::string& department) const;

    [[nodiscard]] Told answer(const Asked& asked);
    /// Runs after a case is written, before its answer: where a test stops the world.
    void after_write(std::function<void()> what);
    /// Runs when somebody asks for a case, before the answer.
    void at_find(std::function<void()> what);

private:
    struct Entry {
        std::string serial;
        std::string case_number;
        std::string id_no;
        std::string state{"1"};
        std::string reason{};
    };
    struct Department {
        Mood mood{Mood::accepting};
        std::vector<Entry> entries;
        std::size_t written{};
        std::size_t asked{};
    };

    [[nodiscard]] Told push(const std::string& name, const Asked& asked);
    [[nodiscard]] Told find(Department& department, const std::string& case_number) const;
    [[nodiscard]] Told result(const Department& department, const std::string& case_number) const;

    mutable std::mutex mutex_;
    std::map<std::string, Department> departments_;
    std::function<void()> after_write_;
    std::function<void()> at_find_;
};

}  // namespace datong::departments
