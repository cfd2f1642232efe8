#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace datong::departments {

/// A case as a department's acceptance system keeps it.
struct AcceptedCase {
    std::string serial;  ///< the number of the push
    std::string case_number;
    std::string id_no;
    std::string state{"1"};  ///< 0 waiting, 1 accepted, 2 returned for correction, 3 done, 4 refused
    std::string reason{};    ///< 01 materials, 02 not competent, 03 there already
};

/// What a system says, before it is put into the words of its protocol.
struct Said {
    enum class Word { ok, none, busy, rejected, incomplete, unlisted };
    enum class Way { answered, reset, hanging, page, bus_timeout };

    Word word{Word::ok};
    std::optional<AcceptedCase> about{};
    Way way{Way::answered};
};

/// The acceptance systems of departments that take part in parallel approval (并联审批). One desk keeps what all of
/// them took, by the department's name; acceptance_doors.h has how each is spoken to. `tax` and `construction` take one
/// serial number once; the others write whatever comes. May be used from many threads.
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
    [[nodiscard]] Mood mood(const std::string& department) const;
    /// The state of every case at a department from now on: "2" returned, "3" done ...
    void move(const std::string& department, const std::string& state);

    /// How often a case was written: the effect that must not come twice.
    [[nodiscard]] std::size_t written(const std::string& department) const;
    /// How often it was asked for.
    [[nodiscard]] std::size_t asked(const std::string& department) const;

    [[nodiscard]] Said push(const std::string& department, AcceptedCase pushed);
    [[nodiscard]] Said find(const std::string& department, const std::string& case_number);
    /// The last state of every case that a department took, by its number.
    [[nodiscard]] std::map<std::string, AcceptedCase> cases(const std::string& department) const;

    /// Runs after a case is written, before its answer: where a test stops the world.
    void after_write(std::function<void()> what);
    /// Runs when somebody asks for a case, before the answer.
    void at_find(std::function<void()> what);

private:
    struct Department {
        Mood mood{Mood::accepting};
        std::vector<AcceptedCase> entries;
        std::size_t written{};
        std::size_t asked{};
    };

    [[nodiscard]] static Said last_of(const Department& department, const std::string& case_number);

    mutable std::mutex mutex_;
    std::map<std::string, Department> departments_;
    std::function<void()> after_write_;
    std::function<void()> at_find_;
};

}  // namespace datong::departments
