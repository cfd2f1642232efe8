#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/record/record.h"

namespace datong::evidence {

/// A signature as received or sent, with all that is needed to check it again.
struct SignatureSeen {
    std::string keyid;
    std::string algorithm;  ///< RFC 9421 name
    std::string base;       ///< what was signed: by `form` an RFC 9421 signature base, or a canonical SignedInfo ...
    std::string signature;  ///< octets
    std::string form{};     ///< empty: an HTTP message signature (RFC 9421)
    std::string part{};     ///< of form "soap": the reference in `base` that signs Body, whose digest is the record's
    bool empty() const { return signature.empty(); }
};

/// What is durable before the department is called. No personal data: the subject is an HMAC.
struct Intent {
    std::string exchange;
    std::string at;  ///< RFC 3339
    std::string consumer;
    std::string service;                ///< "realestate-certificate@1.0.0", or "matter:NAME@VERSION"
    std::vector<std::string> mappings;  ///< "id@version#sha256"
    std::string matter;
    std::string case_number;
    std::string material;
    std::string purpose;
    std::string legal_basis;
    std::string grant;  ///< id of the grant that allowed it
    std::string operator_account;
    std::string operator_division;
    std::vector<std::string> persons;  ///< "role:hex HMAC" of whoever the call names
    std::string request_digest;        ///< hex SHA-256 of the request's body
    SignatureSeen request;
    std::string snapshot;           ///< digest of the configuration in force
    std::string idempotency_key{};  ///< of a submission
    std::string of{};               ///< the exchange that brought the submission first, where this is another one
    std::string consent{};          ///< id of the consent that it goes by, or that it brings
    std::string consent_digest{};   ///< hex SHA-256 of its compact JWS
};

/// An intent that a crash left without its outcome: closed at the next start. What became of it is not known here.
struct Closing {
    std::string exchange;
    std::string at;
    std::string request_digest;  ///< of the intent
    SignatureSeen closed;        ///< by the gateway, over base_of_closing()
};

/// The gateway's word that nobody knows what became of an exchange.
/// @return Fault::internal where the key can't sign.
[[nodiscard]] Result<Closing> close_exchange(const std::string& exchange, const std::string& request_digest,
                                             std::chrono::system_clock::time_point now, const std::string& keyid,
                                             const crypto::SigningKey& key);

/// What became of one material: what savings and the uses of a person's data are counted from.
struct MaterialAnswered {
    std::string material;               ///< its id in a matter; of a direct call what its context says, or empty
    std::string service;                ///< "realestate-certificate@1.0.0"
    std::string source;                 ///< "land/land-registry"
    std::string outcome;                ///< "found" ..., or the fault's code
    std::vector<std::string> fields{};  ///< which were shown: pointers into the content, items of lists as "*"
    std::vector<std::string> files{};   ///< which went along: "/document/file sha-256=HEX"
};

/// What is durable before the consumer is answered.
struct Outcome {
    std::string exchange;
    std::string at;
    std::string outcome;                           ///< "found", "not_found", "partial" ..., or the fault's code
    int status{};                                  ///< HTTP status answered
    std::vector<std::string> reply_digests;        ///< "source:hex SHA-256" of what departments sent
    std::vector<std::string> certificate_digests;  ///< hex SHA-256 of each JWS
    std::string answer_digest;                     ///< hex SHA-256 of the answer's body
    SignatureSeen answer;
    std::vector<MaterialAnswered> materials{};
    std::string consent{};       ///< by which something was told, or is awaited
    std::int64_t consent_use{};  ///< number of that use; 0: none
};

/// A call refused before or instead of a department being asked; one record, for there is no intent.
struct Refusal {
    std::string exchange;
    std::string at;
    std::string consumer;  ///< empty while unknown
    std::string service;
    std::string fault;   ///< code
    std::string detail;  ///< never personal
    std::string request_digest;
    SignatureSeen request;
    std::string answer_digest;
    SignatureSeen answer;
};

/// Refusals of strangers over the cap of a minute, counted instead of kept.
struct RefusalsCounted {
    std::string at;
    std::string fault;
    std::size_t count{};
};

/// Which configuration is in force from here on, and the public keys that its signatures need.
struct SnapshotInForce {
    std::string at;
    std::string digest;
    record::Record keys;  ///< JWKS: gateway, departments, consumers (public parts only)
};

/// A department's order about a source of its own: to pause it, or to ask it again.
struct SourceOrdered {
    std::string at;
    std::string source;  ///< "land/land-registry"
    std::string order;   ///< compact JWS by the department
};

/// Bodies beside the chain that are to be erased; written before they are.
struct Erasure {
    std::string at;
    std::string exchange;      ///< those of one exchange, and
    std::string case_number;   ///< those of one case, and
    std::string before;        ///< those from before this moment, RFC 3339; what is empty does not narrow it
    std::string basis;         ///< why, such as the number of an order; never personal
    std::string what{};        ///< "bodies" or "subjects" (the keys that persons are named by) only; empty, "all": both
    std::int64_t exchanges{};  ///< how many had bodies that are meant
    std::int64_t keys{};       ///< how many keys are meant
    std::string statement{};   ///< compact JWS by the gateway over all that
};
/// Segments that the node is about to move into its archive by itself.
struct Archival {
    std::string at;
    std::string before;                 ///< all their records are from before this moment
    std::vector<std::string> segments;  ///< file names
    std::uint64_t from{};               ///< number of their first record
    std::uint64_t to{};                 ///< and of their last
    std::string head;                   ///< hex hash of the last
    std::string statement{};            ///< compact JWS by the gateway over all that
};
/// Fills `statement`. @return Fault::internal where the key can't sign.
[[nodiscard]] Status sign_archival(Archival& archival, const std::string& keyid, const crypto::SigningKey& key);
/// Fills `statement`. @return Fault::internal where the key can't sign.
[[nodiscard]] Status sign_erasure(Erasure& erasure, const std::string& keyid, const crypto::SigningKey& key);

/// What somebody who administers did, or was refused. Names of accounts, never of people.
struct Administration {
    std::string at;
    std::string actor;        ///< account; "local": whoever may use the machine; empty: nobody who is known
    std::string roles;        ///< "security"; several with commas
    std::string from;         ///< address that it came from; empty: this machine's command line
    std::string act;          ///< "account.add", "reload", "session.open"
    std::string target;       ///< what it is about; empty: the gateway
    std::string reason;       ///< why, in the actor's words; never personal
    std::string outcome;      ///< "done", or the code of a refusal
    std::string detail;       ///< what changed: "roles: system"
    std::string statement{};  ///< compact JWS by the gateway over all that
};
/// Fills `statement`. @return Fault::internal where the key can't sign.
[[nodiscard]] Status sign_administration(Administration& act, const std::string& keyid, const crypto::SigningKey& key);
/// What a record of this kind says; nothing is proven here.
/// @return Fault::bad_request when its statement can't be read.
[[nodiscard]] Result<Administration> read_administration(const record::Record& entry);

/// What happened to one material after its call was answered (docs/matters.md): the gateway's own word, each time
/// before anybody outside learns of it.
struct FollowUp {
    std::string at;
    std::string exchange;  ///< the call's
    std::string event;     ///< "asked", "answered", "ended" (nobody waits any more), "delivered", "undelivered"
    std::string question;  ///< id of the question to the department; empty where there was none
    std::string consumer;
    std::string matter;  ///< "NAME@VERSION"
    std::string case_number;
    std::string grant;  ///< id of the grant of that day
    MaterialAnswered material;
    std::string promise;  ///< "kept", "broken", "missed"; empty where nothing was promised
    std::vector<std::string> reply_digests;
    std::vector<std::string> certificate_digests;
    std::string answer_digest;  ///< hex SHA-256 of what the consumer is told
    int status{};               ///< HTTP status of the consumer's, of "delivered"; 0: none
    std::string snapshot;       ///< digest of the configuration in force
    std::string consent{};      ///< id of the consent that it was asked or answered by; empty: none
    std::string statement{};    ///< compact JWS by the gateway over all that
};
/// Fills `statement`. @return Fault::internal where the key can't sign.
[[nodiscard]] Status sign_follow_up(FollowUp& entry, const std::string& keyid, const crypto::SigningKey& key);

/// What happened to a consent (同意书, docs/consent.md): the gateway's own word.
struct ConsentEvent {
    std::string at;
    std::string event;  ///< "registered", "revoked", "told", "untold" (nobody took the word of a revocation)
    std::string consent;
    std::string issuer;
    std::string consumer;     ///< empty of a revocation whose consent was never registered
    std::string digest;       ///< hex SHA-256 of the compact JWS: the consent's, of "revoked" the issuer's word's
    std::string by;           ///< of "revoked": "issuer" or an account; of "told" and "untold": who was to be told
    std::string reason;       ///< of "revoked"
    std::string since{};      ///< of "registered" and "revoked": from when on it holds here, RFC 3339
    std::string said_at{};    ///< of "revoked": when it was, as the issuer says, RFC 3339
    std::string statement{};  ///< compact JWS by the gateway over all that
};
/// Fills `statement`. @return Fault::internal where the key can't sign.
[[nodiscard]] Status sign_consent_event(ConsentEvent& event, const std::string& keyid, const crypto::SigningKey& key);

/// An entry as compact JSON: what the log keeps. Members without a value are left out.
[[nodiscard]] std::string to_json(const Intent& entry);
[[nodiscard]] std::string to_json(const Outcome& entry);
[[nodiscard]] std::string to_json(const Refusal& entry);
[[nodiscard]] std::string to_json(const RefusalsCounted& entry);
[[nodiscard]] std::string to_json(const SnapshotInForce& entry);
[[nodiscard]] std::string to_json(const SourceOrdered& entry);
[[nodiscard]] std::string to_json(const Closing& entry);
[[nodiscard]] std::string to_json(const Erasure& entry);
[[nodiscard]] std::string to_json(const Administration& entry);
[[nodiscard]] std::string to_json(const Archival& entry);
[[nodiscard]] std::string to_json(const FollowUp& entry);
[[nodiscard]] std::string to_json(const ConsentEvent& entry);

/// What the gateway signs of a closing, in the form of a signature base (RFC 9421, 2.5).
[[nodiscard]] std::string base_of_closing(const std::string& exchange, const std::string& request_digest,
                                          std::int64_t created, const std::string& keyid);

}  // namespace datong::evidence
