#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/store/database.h"

namespace datong::store {

/// How far a material is that was missing when its call was answered.
enum class Wait {
    waiting,      ///< its department is asked again
    due,          ///< the last word is there, and its consumer has not taken it yet
    told,         ///< its consumer has it, or looks itself
    undelivered,  ///< its consumer did not take it in time
};
[[nodiscard]] std::string_view name_of(Wait state);

/// One material that comes after its call's answer.
struct Awaited {
    std::string exchange;  ///< the call's
    std::string material;  ///< its id in the matter
    std::string requirement;
    std::string matter;  ///< id, as the call named it
    std::string consumer;
    std::string service;  ///< id
    std::string case_number;
    std::string why;         ///< "slow" or "follows"
    std::string sealed;      ///< the call's request, encrypted by who keeps it here; empty from the last word on
    std::int64_t created{};  ///< unix seconds
    std::int64_t until{};    ///< later nobody waits for it
    std::int64_t again{};    ///< seconds from one question to the next
    std::int64_t next{};     ///< when its department is asked, or its consumer told
    Wait state{Wait::waiting};
    std::string outcome{};    ///< "found" ..., "failed"; empty while it is waited for
    std::string promise{};    ///< "kept", "broken", "missed"; empty where nothing was promised, or nothing is known yet
    std::string body{};       ///< what its consumer is told, encrypted
    std::int64_t attempts{};  ///< to tell its consumer
    std::uint64_t erasures{};  ///< not kept: of bodies, that there had been before it was read here
};

/// What is awaited after the answer, in one SQLite file (WAL, synchronous FULL): what a call returns good for is
/// durable. Calls block on the disk: never on a loop. Any thread.
class AwaitedBook {
public:
    /// Makes folder and file where they are missing, readable by this user only.
    /// @return Fault::unavailable when it can't be used, or was written by a later version.
    [[nodiscard]] static Result<std::unique_ptr<AwaitedBook>> open(const std::string& file);

    /// All of them or none.
    [[nodiscard]] Status keep(const std::vector<Awaited>& all);
    /// What is to be told at once, all of it or nothing; one that is there already stays as it is.
    [[nodiscard]] Status announce(const std::vector<Awaited>& all);
    /// What something has to be done for by `now`, what is due longest first; the first eight only of those to be told
    /// to one consumer, and of those to be asked of one service.
    [[nodiscard]] Result<std::vector<Awaited>> due(std::int64_t now, std::int64_t most);
    /// Of one call of this consumer's, in the order of their names; empty: it has none, or it is another's.
    [[nodiscard]] Result<std::vector<Awaited>> of(const std::string& consumer, const std::string& exchange);
    /// One that is still waited for; empty list: it is not.
    [[nodiscard]] Result<std::vector<Awaited>> waiting(const std::string& exchange, const std::string& material);
    /// All that is not told yet, oldest first.
    [[nodiscard]] Result<std::vector<Awaited>> open_ones(std::int64_t most);
    /// Another question, or another attempt to tell it, at `next`.
    [[nodiscard]] Status put_off(const Awaited& one, std::int64_t next, std::int64_t attempts);
    /// The last word. @return false when it was there before: nothing is changed then.
    [[nodiscard]] Result<bool> settle(const Awaited& one);
    /// Whether its consumer has it.
    [[nodiscard]] Status conclude(const Awaited& one, Wait state);
    /// Erases what was told before that; unix seconds.
    [[nodiscard]] Status forget(std::int64_t before);
    /// The calls of which something is waited for.
    [[nodiscard]] Result<std::vector<std::string>> calls_waiting();
    /// Nothing of this call is waited for any more: it was not answered. What the disk does not take is owed, and until
    /// then nothing of it is due.
    [[nodiscard]] Status drop(const std::string& exchange);
    /// Has it dropped by drop_owed(). Waits for no disk.
    void owe_drop(const std::string& exchange);
    /// Drops what is owed.
    [[nodiscard]] Status drop_owed();
    /// While it is not known whether these calls were answered nothing of them is due.
    void hold(const std::vector<std::string>& calls);
    /// It was.
    void release(const std::string& call);
    /// Erases all of one call, of one case and from before a moment (unix seconds); what is empty does not narrow it,
    /// and all empty means none. When it returns good it stands nowhere in the folder.
    [[nodiscard]] Status erase(const std::string& exchange, const std::string& case_number,
                               const std::optional<std::int64_t>& before);

    /// Whether anything is there that erase() would take, in the same words.
    [[nodiscard]] Result<bool> holds(const std::string& exchange, const std::string& case_number,
                                     const std::optional<std::int64_t>& before);
    /// What an erasure could not cut off while somebody else read there.
    [[nodiscard]] Status settle();

private:
    explicit AwaitedBook(Database database) : database_{std::move(database)} {}
    [[nodiscard]] Status insert(std::string_view how, const std::vector<Awaited>& all);
    [[nodiscard]] Result<std::vector<Awaited>> select(std::string_view where, std::string_view one,
                                                      std::string_view other) const;

    [[nodiscard]] std::string held_as_json();

    std::mutex mutex_;
    Database database_;
    std::mutex marking_;          ///< of what follows: nobody waits for the disk with it
    std::set<std::string> held_;  ///< calls of which nothing is due
    std::set<std::string> owed_;  ///< of these, those that are to be dropped
    bool is_unsettled_{};         ///< something of what was erased may still stand in the folder
};

}  // namespace datong::store
