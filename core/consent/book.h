#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/async/pool.h"
#include "core/base/result.h"
#include "core/catalogue/snapshot.h"
#include "core/consent/consent.h"
#include "core/store/consents.h"

namespace datong::consent {

/// The file of consents, beside the submissions.
[[nodiscard]] std::string file_of(const catalogue::Gateway& gateway);

/// A consent as it stands.
struct Standing {
    Consent said;
    std::int64_t registered{};  ///< unix seconds
    std::int64_t revoked{};     ///< 0: it is not
    std::string reason;         ///< of the revocation: a word of ours
    std::string revocation;     ///< the issuer's own word, a compact JWS; empty: it was none of theirs
    std::int64_t uses{};        ///< in all
    std::int64_t left{};        ///< of this period
    bool is_void{};             ///< its issuer is known no more, or may not sign it: only id, issuer, consumer are said
};
/// "in_force", "not_yet", "used_up" (of this period), "over", "revoked", "void".
[[nodiscard]] std::string_view state_of(const Standing& standing, Now now);
/// {id, state, issuer, consumer, services?, matters?, purpose, mode, keep_days?, frequency, valid_from, valid_to,
/// given, registered_at, uses, left, revoked_at?, reason?, revocation?, sha256}: what its consumer and administrators
/// are told; nothing of the person.
[[nodiscard]] record::Record to_record(const Standing& standing, Now now);

/// The book of consents (同意书登记): each stands sealed in it and is verified again whenever it is read, so that a key
/// that was taken out of the configuration voids what it signed. Everything blocks on the disk. Any thread; a copy is
/// the same book.
class Book {
public:
    /// @param pool  for who may not block.
    Book(std::shared_ptr<store::Consents> store, std::shared_ptr<async::Pool> pool)
        : store_{std::move(store)}, pool_{std::move(pool)} {}

    [[nodiscard]] async::Pool& pool() const { return *pool_; }

    struct Kept {
        Standing standing;
        bool is_new{};
    };
    /// Registers a consent that read_consent() took from `jws`. Of one that is registered, whose signature holds no
    /// more (its issuer has another key now), this one takes the place.
    /// @return consent_not_accepted where another one has its id, or it was revoked; quota_exceeded where its consumer
    ///         has 100,000 in force.
    [[nodiscard]] Result<Kept> keep(const catalogue::Snapshot& snapshot, const Consent& consent, const std::string& jws,
                                    std::chrono::system_clock::time_point now) const;
    /// @return consent_not_accepted where there is none of that id, or its issuer is known no more.
    [[nodiscard]] Result<Standing> find(const catalogue::Snapshot& snapshot, const std::string& id,
                                        std::chrono::system_clock::time_point now) const;
    /// The same for who administers: one that is void is shown as such.
    [[nodiscard]] Result<Standing> look(const catalogue::Snapshot& snapshot, const std::string& id,
                                        std::chrono::system_clock::time_point now) const;
    struct Listed {
        std::vector<Standing> consents;
        bool is_cut{};  ///< there are older ones
    };
    /// Newest first, those that are void too; 10,000 at most.
    [[nodiscard]] Result<Listed> all(const catalogue::Snapshot& snapshot, const store::Consents::Which& which,
                                     std::chrono::system_clock::time_point now) const;
    /// Whether something that was got by a consent may still be given to its consumer.
    /// @return consent_not_accepted, or unavailable where that can't be known.
    [[nodiscard]] Status still_holds(const catalogue::Snapshot& snapshot, const std::string& id,
                                     const std::string& consumer, std::chrono::system_clock::time_point now) const;
    /// Whether its consumer may be given again what it was told by a consent: only what it may still keep.
    /// @param told  when. @return as still_holds().
    [[nodiscard]] Status may_have_again(const catalogue::Snapshot& snapshot, const std::string& id,
                                        const std::string& consumer, std::chrono::system_clock::time_point told,
                                        std::chrono::system_clock::time_point now) const;

    /// Counts a call against the consent's frequency, before a department is asked.
    /// @param name  of the call: sent again within ten minutes it is the same use.
    /// @return the number of the use; consent_not_accepted where none is left, or somebody revoked it.
    [[nodiscard]] Result<std::int64_t> take(const Consent& consent, const std::string& name,
                                            std::chrono::system_clock::time_point now) const;
    /// Nothing was told: the use does not count. @param name  as it was taken by.
    [[nodiscard]] Status give_back(const std::string& consent, const std::string& name) const;

    /// Holds at once, also for a consent that is registered later. @return false: it was revoked before.
    [[nodiscard]] Result<bool> revoke(const store::Revoked& revoked) const { return store_->revoke(revoked); }

    /// By somebody who administers. @return consent_not_accepted where there is none of that id.
    [[nodiscard]] Result<bool> revoke(const std::string& id, const std::string& by, const std::string& reason,
                                      std::chrono::system_clock::time_point now) const;

    /// What the evidence has not heard of yet, oldest first.
    [[nodiscard]] Result<std::vector<store::ConsentNote>> unnoted() const;
    [[nodiscard]] Status note(const store::ConsentNote& heard) const { return store_->note(heard); }
    /// Erases what ended 400 days ago, and revocations of consents that never came when those would have been erased.
    [[nodiscard]] Status forget(std::chrono::system_clock::time_point now) const;

private:
    [[nodiscard]] Result<Standing> standing_of(const catalogue::Snapshot& snapshot, const store::Consent& row,
                                               std::chrono::system_clock::time_point now) const;

    std::shared_ptr<store::Consents> store_;
    std::shared_ptr<async::Pool> pool_;
};

}  // namespace datong::consent
