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
    std::string sealed;         ///< octets
    std::int64_t registered{};  ///< unix seconds
    std::int64_t until{};       ///< of its validity
    std::int64_t uses{};        ///< counted so far
    std::int64_t revoked{};     ///< 0: it is not
    std::string reason{};       ///< of the revocation
};

/// The word that a consent holds no more (撤回). It may come before the consent does.
struct Revoked {
    std::string issuer;
    std::string consent;
    std::int64_t at{};     ///< when we learnt of it
    std::string by;        ///< "issuer", or an account
    std::string reason;    ///< a word of ours
    std::string digest{};  ///< hex SHA-256 of the statement that said so; empty: an administrator did
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
    };
    /// Keeps a consent unless one of its id is there.
    [[nodiscard]] Result<Kept> keep(const Consent& consent);
    [[nodiscard]] Result<std::optional<Consent>> find(const std::string& id);
    /// Newest first.
    [[nodiscard]] Result<std::vector<Consent>> all(std::int64_t most);

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
    /// Takes one use, in one step with the look whether any is left and nobody revoked the consent.
    [[nodiscard]] Result<Taken> take(const Wish& wish);
    /// The use is another's again: nothing was told. One that another call has too stays taken.
    [[nodiscard]] Status give_back(const std::string& consent, std::int64_t number);
    /// How many uses there are from a moment on.
    [[nodiscard]] Result<std::int64_t> uses_since(const std::string& consent, std::int64_t since);

    /// Holds from now on, for a consent of that issuer and id that comes later, too.
    /// @return false when it was there before: nothing is changed then.
    [[nodiscard]] Result<bool> revoke(const Revoked& revoked);

    /// What the evidence has not heard of yet, oldest first.
    [[nodiscard]] Result<std::vector<ConsentNote>> unnoted(std::int64_t most);
    [[nodiscard]] Status note(const ConsentNote& heard);

    /// Erases consents that ended before that, with their uses and revocations; unix seconds.
    [[nodiscard]] Status forget(std::int64_t before);

private:
    explicit Consents(Database database) : database_{std::move(database)} {}
    [[nodiscard]] Result<std::vector<Consent>> select(std::string_view where, const std::string& one,
                                                      std::int64_t most) const;

    std::mutex mutex_;
    Database database_;
};

}  // namespace datong::store
