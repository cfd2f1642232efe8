#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/store/database.h"

namespace datong::store {

/// One consent (同意书): what it says is sealed by who keeps it here. No personal data.
struct Consent {
    std::string id;
    std::string issuer;
    std::string consumer;
    std::string mac;            ///< keyed digest of what it says, 32 octets: signed twice it is the same
    std::string digest;         ///< hex SHA-256 of the statement that is sealed
    std::string sealed;         ///< octets
    std::string services;       ///< that it names: ",a,b,"
    std::int64_t registered{};  ///< unix seconds
    std::int64_t until{};       ///< of its validity
    std::int64_t uses{};        ///< counted so far
    std::int64_t period{};      ///< when the period began that a use was taken in last; unix seconds
    std::int64_t in_period{};   ///< uses counted in it
    std::int64_t revoked{};     ///< 0: it is not
    std::string reason{};       ///< of the revocation
    std::string revocation{};   ///< the statement that said so, a compact JWS; empty: an administrator did
};

/// The word that a consent holds no more (撤回). It may come before the consent does.
struct Revoked {
    std::string issuer;
    std::string consent;
    std::int64_t at{};        ///< when we learnt of it: from then on it holds
    std::string by;           ///< "issuer", or an account
    std::string reason;       ///< a word of ours
    std::string digest{};     ///< hex SHA-256 of the statement that said so; empty: an administrator did
    std::int64_t said{};      ///< when it was, as the statement says; 0: an administrator did
    std::string statement{};  ///< itself, a compact JWS: the evidence has its digest; not given back by unnoted()
};

/// Something that the evidence has to hear of, and others have to be told.
struct ConsentNote {
    Consent consent;                   ///< only issuer and id of one that nobody registered
    std::optional<Revoked> revoked{};  ///< nullopt: it was registered
};

/// Consents, their uses and their revocations, in one SQLite file (WAL, synchronous FULL): what a call returns good for
/// is durable. Calls block on the disk: never on a loop. Any thread.
class Consents {
public:
    /// Makes folder and file where they are missing, readable by this user only.
    /// @return Fault::unavailable when it can't be used, or was written by a later version.
    [[nodiscard]] static Result<std::unique_ptr<Consents>> open(const std::string& file);

    struct Kept {
        Consent consent;  ///< as it stands now: of that id another may have been here before
        bool is_new{};
        bool is_full{};  ///< its consumer has as many in force as it may: nothing was kept
    };
    /// Keeps a consent unless one of its id is there, or it was revoked before it came.
    /// @param most  that one consumer may have in force.
    [[nodiscard]] Result<Kept> keep(const Consent& consent, std::int64_t most);
    /// The same consent under another signature, in the place of the one that is there. The evidence hears of it.
    [[nodiscard]] Status renew(const Consent& consent);
    [[nodiscard]] Result<std::optional<Consent>> find(const std::string& id);

    struct Which {
        bool is_any{};                        ///< all of them; else those that
        std::string consumer{};               ///< are for this one, or
        std::vector<std::string> services{};  ///< name one of these
    };
    /// Newest first.
    [[nodiscard]] Result<std::vector<Consent>> all(const Which& which, std::int64_t most);

    struct Wish {
        std::string consent;
        std::string name;           ///< of the call: what is sent again within a little while is the same use
        std::int64_t most{};        ///< uses from `since` on
        std::int64_t since{};       ///< unix seconds
        std::int64_t same_since{};  ///< a use of this name from then on is this one
        std::int64_t now{};
    };
    struct Taken {
        std::int64_t number{};  ///< of the use; 0: none is left
        bool is_revoked{};      ///< and nothing was taken
    };
    /// Takes one use, in one step with the look whether any is left and nobody revoked the consent. Names from before
    /// `same_since` are erased: what is counted stands in the consent.
    [[nodiscard]] Result<Taken> take(const Wish& wish);
    /// The use is another's again: nothing was told. One that another call has too stays taken.
    /// @param name  that it was taken by.
    [[nodiscard]] Status give_back(const std::string& consent, const std::string& name);

    /// Holds from now on, for a consent of that issuer and id that comes later, too.
    /// @return false when it was there before: nothing is changed then.
    [[nodiscard]] Result<bool> revoke(const Revoked& revoked);

    /// What the evidence has not heard of yet, oldest first.
    [[nodiscard]] Result<std::vector<ConsentNote>> unnoted(std::int64_t most);
    [[nodiscard]] Status note(const ConsentNote& heard);

    /// Erases consents that ended before a moment, with their uses and revocations; unix seconds.
    /// @param orphans  revocations of consents that never came are erased that are older than this.
    [[nodiscard]] Status forget(std::int64_t before, std::int64_t orphans);

private:
    explicit Consents(Database database) : database_{std::move(database)} {}
    [[nodiscard]] Result<std::vector<Consent>> select(std::string_view where, const std::string& one,
                                                      std::int64_t most) const;
    [[nodiscard]] Status insert(const Consent& consent) const;

    std::mutex mutex_;
    Database database_;
};

}  // namespace datong::store
