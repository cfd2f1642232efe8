#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/file/mail.h"
#include "adapters/file/places.h"
#include "adapters/file/sorter.h"
#include "core/base/clock.h"

namespace datong::adapters::file {

/// The folders of one source, and what may still come too late. May be used from many threads; blocks.
class DropFolder {
public:
    /// @param clock  outlives this.
    DropFolder(Rules rules, Places::Open open, const Clock& clock)
        : rules_{std::move(rules)}, clock_{clock}, places_{std::move(open)}, sorter_{rules_} {}
    DropFolder(const DropFolder&) = delete;
    DropFolder& operator=(const DropFolder&) = delete;

    /// Writes NAME.tmp, syncs it and renames it, so that the other side never sees a part, and lays its flag
    /// behind it. A reply of that name that lies there already is late and is put aside first.
    /// @return Fault::department_down when the folder can't be written; source_busy when a request of
    ///         that name lies there still, or a given-up call's reply of that name may still come; department_timeout
    ///         when the deadline passed before it had its name.
    [[nodiscard]] Status send(const Letter& letter, const std::string& body, Deadline deadline);

    /// The reply if it has come and is whole; then it is moved away.
    /// @param seen  what the look before saw; one a call.
    /// @return Fault::department_invalid when it is no regular file or over max_reply.
    [[nodiscard]] Result<std::optional<std::string>> take(const Letter& letter, Sighting& seen, Deadline deadline);

    /// Ends a call whose reply was taken, or whose request was never laid down.
    void forget(const Letter& letter) { sorter_.forget(letter); }

    /// Ends a call without a reply: withdraws its request if nobody has fetched it, and remembers its reply.
    void abandon(const Letter& letter);

    /// Whether every folder is there and can be used; puts aside what came late, and says where that fails.
    [[nodiscard]] Status check(Deadline deadline);

private:
    [[nodiscard]] Status lay_down(Place& place, const Letter& letter, const std::string& body, bool& may_lie_there,
                                  Deadline deadline);
    [[nodiscard]] bool withdraw(Place& place, const Letter& letter, Deadline deadline) const;
    /// What can't be put aside or removed stays, and keeps nothing else from it; the next sweep goes on where this
    /// one's share of the call's time was over.
    /// @return the first failure.
    [[nodiscard]] Status sweep(Place& place, Deadline deadline);
    [[nodiscard]] Status make_way(Place& place, const std::string& reply, Deadline deadline);
    [[nodiscard]] Status sweep_names(Place& place, Deadline deadline);
    /// @return those that lie there, the one first with which the sweep before ended.
    [[nodiscard]] Result<std::vector<std::string>> late_names(Place& place, Deadline deadline);
    [[nodiscard]] Status clean_requests(Place& place, Deadline deadline) const;

    Rules rules_;
    const Clock& clock_;
    Places places_;
    Sorter sorter_;
    std::mutex mutex_;
    struct Abandoned {
        std::string reply;
        std::chrono::steady_clock::time_point since;
    };

    std::deque<Abandoned> abandoned_;  ///< replies known by name
    std::string next_name_;            ///< of them: the next sweep begins there; empty: anywhere
    Deadline next_sweep_{};
    Deadline next_cleaning_{};
};

}  // namespace datong::adapters::file
