#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/accounts/account.h"
#include "core/base/result.h"
#include "core/store/database.h"

namespace datong::accounts {

/// A session as it is kept: its token is not.
struct KeptSession {
    std::string digest;  ///< SHA-256 of the token, 32 octets
    std::string account;
    std::string x509{};     ///< of the connection that it was opened over; every later one must show the same
    std::int64_t opened{};  ///< unix seconds
    std::int64_t used{};
};

/// How often signing in by a name failed in a row.
struct Failures {
    std::int64_t count{};
    std::int64_t locked_until{};  ///< unix seconds; 0: it is not
};

/// Accounts, sessions and failures in one SQLite file (WAL, synchronous FULL). Calls block on the disk: never on a
/// loop. Any thread, and beside a running gateway another process.
class Shelf {
public:
    /// What must have happened before a change is committed: its record in the evidence. A failure undoes the change.
    using Before = std::function<Status()>;

    /// @return Fault::unavailable when the file can't be used, or was written by a later version.
    [[nodiscard]] static Result<std::unique_ptr<Shelf>> open(const std::string& file);
    /// The file beside a gateway's store.
    [[nodiscard]] static std::string file_of(const std::string& store_file);

    [[nodiscard]] Result<std::optional<KeptAccount>> find(const std::string& name);
    [[nodiscard]] Result<std::vector<KeptAccount>> all();
    /// @return false when there is one of that name.
    [[nodiscard]] Result<bool> add(const KeptAccount& kept, const Before& before);
    /// The very first, with the entry that the gateway has still to put into its evidence, in one step.
    /// @return false when there is any.
    [[nodiscard]] Result<bool> add_first(const KeptAccount& kept, const std::string& owed_entry);
    /// Replaces what is kept of an account. @param ends_sessions  all of its sessions.
    /// @return false, and nothing is done, when it changed since `kept` was read.
    [[nodiscard]] Result<bool> change(const KeptAccount& kept, bool ends_sessions, const Before& before);
    /// Whether another account is bound to that client certificate.
    [[nodiscard]] Result<bool> has_x509(const std::string& x509, const std::string& but_for);
    /// Uses a one-time code's step up. @return false when it, or a later one, was used before.
    [[nodiscard]] Result<bool> use_step(const std::string& name, std::int64_t step);

    /// @param name_mac  keyed digest of what was typed: it may be a password in the wrong place.
    [[nodiscard]] Result<Failures> failures_of(const std::string& name_mac);
    /// One more, in one step with what is there: several at once are several.
    /// @param lock  the count at which the name is locked, and until when.
    /// @param before  only where this one locks it. @return what is kept now; a lock that holds stays as it is.
    [[nodiscard]] Result<Failures> count_failure(const std::string& name_mac, const Failures& lock, std::int64_t now,
                                                 const Before& before);
    [[nodiscard]] Status forgive(const std::string& name_mac, const Before& before);

    /// Keeps a session, and ends the oldest of the account's beyond `most`.
    /// @param revision  of the account that was judged. @return false when it changed since.
    [[nodiscard]] Result<bool> open_session(const KeptSession& session, std::int64_t revision, std::size_t most,
                                            const Before& before);
    [[nodiscard]] Result<std::optional<KeptSession>> find_session(const std::string& digest);
    [[nodiscard]] Status use_session(const std::string& digest, std::int64_t now);
    [[nodiscard]] Status end_session(const std::string& digest);
    /// Erases sessions that were opened, or last used, before those moments, and failures that are older than a day.
    [[nodiscard]] Status forget(std::int64_t opened, std::int64_t used, std::int64_t now);

    /// What was done beside the gateway and stands in no evidence yet: an entry each.
    struct Owed {
        std::int64_t number{};
        std::string entry;
    };
    [[nodiscard]] Result<std::vector<Owed>> owed();
    [[nodiscard]] Status settle(std::int64_t number);

private:
    explicit Shelf(store::Database database) : database_{std::move(database)} {}
    [[nodiscard]] Result<std::vector<KeptAccount>> select(const std::string& name) const;
    [[nodiscard]] Status insert(const KeptAccount& kept) const;
    [[nodiscard]] Result<bool> update(const KeptAccount& kept) const;
    [[nodiscard]] Status note_givers(const KeptAccount& kept) const;
    [[nodiscard]] Result<std::int64_t> count() const;
    [[nodiscard]] Result<Failures> read_failures(const std::string& name_mac) const;

    std::mutex mutex_;
    store::Database database_;
};

}  // namespace datong::accounts
