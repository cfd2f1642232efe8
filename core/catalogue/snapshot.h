#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalogue/calendar.h"
#include "core/catalogue/licence.h"
#include "core/catalogue/model.h"
#include "core/record/record.h"

namespace datong::catalogue {

/// A service of a platform's, or an office, that lets people consent and signs what they consented to
/// (docs/consent.md).
struct ConsentIssuer {
    std::string id;
    std::string title;
    ById<crypto::VerifyingKey> keys;     ///< by key id; one that is taken out voids what it signed
    std::vector<std::string> consumers;  ///< for whom it may sign
    std::optional<Callback> callback{};  ///< where it is told of a revocation; nullopt: it is not
};

/// The whole checked configuration (快照): immutable, swapped in one step, shared by all loops.
struct Snapshot {
    std::string digest;  ///< hex SHA-256 over every file it was made of
    Gateway gateway;
    ById<std::unique_ptr<Department>> departments;
    ById<std::shared_ptr<adapter::Guard>> sources;  ///< by "department/source"
    ById<std::unique_ptr<Service>> services;
    ById<std::unique_ptr<Consumer>> consumers;
    ById<ConsumerKey> consumer_keys;  ///< by key id
    std::vector<RetiredKey> retired_keys;
    std::vector<policy::Grant> grants;
    policy::GrantIndex granted;  ///< of `grants`, when all of them are there
    std::uint64_t roll{};        ///< number of the roll of approved grants that they were checked by; 0: there is none
    ById<std::unique_ptr<Matter>> matters;
    ById<ById<Needs>> needs;  ///< by purpose and service: what all its matters together need
    std::optional<CaseRegister> case_register;
    ById<Licence> licences;  ///< by code
    ById<ConsentIssuer> consent_issuers;
    Calendar calendar;
    std::vector<Language> languages;  ///< zh-CN first

    [[nodiscard]] const Service* service(std::string_view id) const;
    [[nodiscard]] const Matter* matter(std::string_view id) const;
    /// Whose records of a service are needed for a purpose, and what of them: by the matter that is named, where it is
    /// of that purpose and asks the service, else by all of that purpose. @return nullptr: no matter says.
    [[nodiscard]] const Needs* needed(std::string_view purpose, std::string_view matter,
                                      std::string_view service) const;
    /// The type of licences that a service answers for; nullptr: none.
    [[nodiscard]] const Licence* licence_of(std::string_view service) const;
    [[nodiscard]] const ConsumerKey* consumer_key(std::string_view id) const;
    /// Whose key it is; nullptr: no issuer of consents has a key of that id.
    [[nodiscard]] const ConsentIssuer* consent_issuer_of(std::string_view key_id) const;
    /// A key that the gateway signs with, or signed with in its time. @return nullopt: none of that id.
    [[nodiscard]] std::optional<crypto::VerifyingKey> gateway_key(std::string_view id) const;
    /// @param thumbprint  of a public key (RFC 7638). @return nullptr for a key of nobody here, and for an empty one.
    [[nodiscard]] const ConsumerKey* consumer_key_by_thumbprint(std::string_view thumbprint) const;
    /// A consumer's grants that have not ended and were not taken back, in the order of the configuration.
    [[nodiscard]] std::vector<const policy::Grant*> grants_of(std::string_view consumer,
                                                              const record::Date& today) const;
    /// Whether one of them is for that service, for whatever purpose.
    [[nodiscard]] bool is_granted(std::string_view consumer, std::string_view service, const record::Date& today) const;

    /// Public keys as a JWKS: the gateway's and the departments' (what answers are checked with), and
    /// with `with_consumers` those of callers and the retired ones too (what the evidence is checked with).
    [[nodiscard]] record::Record public_keys(bool with_consumers) const;
};

/// The snapshot in force. May be used from many threads; a call takes it once and keeps it.
class Current {
public:
    [[nodiscard]] std::shared_ptr<const Snapshot> get() const;
    void put(std::shared_ptr<const Snapshot> next);

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace datong::catalogue
