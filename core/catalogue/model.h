#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/adapter/guard.h"
#include "core/catalogue/language.h"
#include "core/crypto/key.h"
#include "core/files/rule.h"
#include "core/mapping/mapping.h"
#include "core/policy/certificates.h"
#include "core/policy/grants.h"
#include "core/policy/networks.h"
#include "core/policy/persons.h"
#include "core/policy/predicates.h"
#include "core/policy/replay.h"
#include "core/vault/body.h"

namespace datong::catalogue {

template <class T>
using ById = std::map<std::string, T, std::less<>>;

/// A key that signs, with the name that others know it by.
struct NamedKey {
    std::string id;
    std::optional<crypto::SigningKey> key;
    std::string chain_pem{};                       ///< its certificate and those above it; empty: none
    std::chrono::system_clock::time_point from{};  ///< from when on it is used
    std::vector<NamedKey> others{};                ///< of its ring (docs/keys.md): valid beside it, earlier and later

    /// The key that signs at that moment; this one was in use when the configuration was loaded.
    [[nodiscard]] const NamedKey& at(std::chrono::system_clock::time_point moment) const;
    /// The valid key of that id; nullptr: none.
    [[nodiscard]] const NamedKey* find(std::string_view key_id) const;
};

/// A register of a department (登记簿): what `scope` names.
struct Register {
    std::string id;
    std::string title;
    std::vector<std::string> divisions;
};

/// The owner of a legacy system, in whose name certificates are signed (部门, 签发方).
struct Department {
    std::string id;
    std::string title;
    std::string title_en;
    Title called{};  ///< title, title_en and `titles`: what it is called in each language
    std::string uscc;
    NamedKey key;
    ById<Register> registers;
};

/// One shared operation: request mapping, source operation, response mapping (共享服务).
/// A version of a service's response mapping that is tried beside the one in force, and of how many calls.
struct Candidate {
    std::shared_ptr<const mapping::Mapping> response;  ///< nullptr: none
    int per_mille{};
};

/// How a department is asked whether it has a submission, and how far it is.
struct Inquiry {
    std::string operation;
    std::shared_ptr<const mapping::Mapping> request;
    std::shared_ptr<const mapping::Mapping> response;
};

/// What a service of kind submit says of its effect (docs/submit.md).
struct Submission {
    std::string state;    ///< pointer into the receipt; empty: what the department takes is accepted
    bool deduplicates{};  ///< the department takes one submission once, however often it is sent
    bool keeps{};         ///< what was handed over stays there until it is read: no reply means deferred
    bool asks_before{};   ///< asked first, written only when it is not there
    std::optional<Inquiry> ask;
};

/// How far a submission is, as `state` may say it.
inline constexpr std::array<std::string_view, 5> kStates{"accepted", "returned", "done", "refused", "deferred"};

/// A department that may answer after its call: in minutes, or overnight (docs/matters.md).
struct Slow {
    std::chrono::seconds question{60};    ///< one question may take so long, whenever its call is answered
    std::chrono::seconds ask_again{600};  ///< after a question that brought nothing
    std::chrono::seconds within{86'400};  ///< of the call: later it is not waited for
};

/// One predicate of a subset: nothing of it is the caller's to choose.
struct FixedPredicate {
    policy::Predicate predicate;
    std::optional<int> years_ago{};  ///< its value is the day so many years before that of the call
};

/// A part of what a service knows, under a name (字段子集): fields that are shown, or predicates that are asked.
struct Subset {
    std::string id;
    Title title;
    std::vector<std::string> fields{};
    std::vector<FixedPredicate> verify{};
    std::vector<std::string> needed{};  ///< its fields, or those of its predicates

    [[nodiscard]] bool is_asked() const { return !verify.empty(); }
    [[nodiscard]] std::vector<policy::Predicate> predicates_on(const record::Date& day) const;
};

struct Service {
    std::string id;
    std::string version;
    std::string title;
    std::string title_en;
    std::string kind;                        ///< "query", "verify" or "submit"
    bool offers_verify{};                    ///< answers predicates, too or only
    std::uint64_t guesses{};                 ///< most predicates a consumer, subject and hour
    std::optional<Submission> submission{};  ///< of kind submit
    std::optional<Slow> slow{};              ///< nullopt: what is not there at a call's deadline is a failure
    const Department* department{};
    std::shared_ptr<adapter::Guard> source;
    std::string operation;
    std::shared_ptr<const mapping::Mapping> request;
    std::shared_ptr<const mapping::Mapping> response;
    Candidate candidate;
    std::vector<std::string> registers;
    std::vector<std::string> divisions;  ///< those of its registers
    std::string searched_division;       ///< member of the query that chooses one division; empty: all are searched
    policy::PersonPointers person;
    std::vector<files::Rule> files{};       ///< where its record holds files
    std::string record_time;                ///< pointer into the certificate; empty: the time of the answer
    std::optional<vault::Policy> bodies{};  ///< what is kept of its messages; nullopt: as the gateway says
    std::chrono::milliseconds deadline{5'000};
    std::vector<Subset> subsets{};
    bool sensitive{};                    ///< shows its fields only by a grant that says why; predicates are free
    policy::Most most{};                 ///< where a grant says nothing
    std::vector<std::string> persons{};  ///< pointers to the ids of all persons that its record may name
    record::Record sample;    ///< {context, query?, about?}: a question that `datong source check` may ask; null: none
    bool consent_required{};  ///< given with the person's consent only, whatever a grant says

    [[nodiscard]] std::string name() const { return id + '@' + version; }
    [[nodiscard]] bool is_submit() const { return submission.has_value(); }
    /// nullptr: it has none of that name.
    [[nodiscard]] const Subset* subset(std::string_view name) const;
};

struct CallerDoor;  // caller_door.h

/// The right to ask who asked about a person (docs/proof.md).
struct UsageRight {
    std::string legal_basis;
    std::vector<std::string> purposes;
};

/// Uses that are not told yet: a person must not learn of an inquiry while it lasts.
struct Withheld {
    std::vector<std::string> purposes;
    std::chrono::hours lasts{};  ///< from the call on
};

/// Where a consumer is told what came after its call was answered (docs/matters.md).
struct Callback {
    std::string url;                 ///< https, its host among the gateway's `callbacks`
    std::string ca_pem;              ///< who is trusted to have certified the server
    std::chrono::seconds retry{30};  ///< after an attempt that was not taken; doubled each time, at most an hour
    std::chrono::hours ends{72};     ///< from the last word on: then it is told no more
    bool operator==(const Callback&) const = default;
};

/// A platform or department that calls, known by its keys (调用方).
struct Consumer {
    std::string id;
    std::string title;
    std::vector<policy::CertificatePin> certificates{};  ///< of its connections; none: any connection will do
    std::vector<policy::Network> networks{};             ///< where it calls from; none: from anywhere
    std::shared_ptr<const CallerDoor> door{};            ///< nullptr: native protocols only
    std::optional<UsageRight> usage{};                   ///< nullopt: it may not ask
    std::optional<Callback> callback{};                  ///< nullopt: it looks itself
};

/// A key that signs no more, kept to verify what it signed: in the evidence only, never for a call or an answer.
struct RetiredKey {
    std::string id;
    std::string owner;  ///< "gateway", "department:ID" or "consumer:ID"
    crypto::VerifyingKey key;
    std::string from;  ///< "2025-01-01": the first day of its time, by +08:00; empty: from ever
    std::string to;    ///< the last day
};

struct ConsumerKey {
    std::string id;
    crypto::VerifyingKey key;
    const Consumer* consumer{};
    std::string thumbprint{};  ///< of the key (RFC 7638): a caller's X.509 certificate is known by it
};

/// One material of a list: a service asked about one of the persons, with a query of its own.
struct Material {
    std::string id;
    Title title;
    const Service* service{};
    std::string about;                                       ///< "subject", "applicant" or "agent"
    std::vector<std::pair<std::string, std::string>> query;  ///< member -> constant, or "$.facts.x"
    std::vector<policy::Predicate> verify;  ///< asked by predicates; a text "$.facts.x" is a path into the call
    /// What the citizen promised of a material that follows: judged when it comes, likewise.
    std::vector<policy::Predicate> promise{};
    std::vector<std::string> fields{};  ///< what the matter needs of it, and no more; empty: what the grant shows
    const Subset* subset{};             ///< of the service; nullptr: none
};

/// A fact of the call (`context.facts`) without which it can't be said what is required, with the words to ask it by.
struct Question {
    std::string fact;  ///< member of the facts
    Title title;
    std::vector<std::pair<std::string, Title>> choices;  ///< value and its words; empty: any text
};

/// When a requirement is one: a fact has one of these values.
struct Condition {
    std::string fact;
    std::vector<std::string> any_of;
};

/// Whether the citizen must bring what no department has (材料必要性; up_task_general_material.is_need 1, 2, 3).
enum class Necessity { needed, not_needed, may_follow };

/// Between lists OR, inside a list AND; no list at all: nothing can be shared yet, said explicitly.
struct Requirement {
    std::string id;
    Title title;
    std::vector<std::vector<Material>> any_of;
    bool no_match{};
    Necessity necessity{Necessity::needed};
    int follow_days{};              ///< of may_follow: working days from the call on (容缺后补)
    std::optional<Condition> when;  ///< nullopt: always
};

/// Which fields are needed of a service's records, by the role of the person whom they are about: "subject",
/// "applicant" or "agent". Of a role that is not there nothing is asked at all.
using Needs = ById<std::vector<std::string>>;

/// A matter (事项) and what it requires.
struct Matter {
    std::string id;
    std::string version;
    Title title;
    std::string purpose;
    std::chrono::milliseconds deadline{8'000};
    std::vector<Requirement> requirements;
    std::vector<Question> questions{};
    std::string case_matter{};  ///< what the case register calls it; its own id unless it says another
    std::string item{};         ///< task code of the item (事项) in the platform's library that it refines
    bool submits{};             ///< its materials are services of kind submit, all of them
    /// How often a material that may follow is asked for again until its day; nullopt: its citizen brings it.
    std::optional<std::chrono::seconds> follow_up{};
    ById<Needs> needs{};  ///< by service that it asks

    [[nodiscard]] std::string name() const { return id + '@' + version; }
    /// nullptr: nobody asks for this fact.
    [[nodiscard]] const Question* question(std::string_view fact) const;
    /// nullptr: it has none of that id.
    [[nodiscard]] const Material* material(std::string_view id) const;
};

/// How the case register (办件库) is asked.
struct CaseRegister {
    const Department* department{};
    std::shared_ptr<adapter::Guard> source;
    std::string operation;
    std::shared_ptr<const mapping::Mapping> request;
    std::shared_ptr<const mapping::Mapping> response;
};

/// A listener's TLS files, as text.
struct TlsText {
    std::string chain_pem;
    Secret key_pem;
    std::string client_ca_pem;
    bool client_required{};
    std::chrono::system_clock::time_point from{};  ///< from when on it is shown
    std::optional<crypto::SigningKey> token{};     ///< the key in its token, in place of key_pem
};

/// How the revocation of clients' certificates is asked (docs/keys.md).
struct Revocation {
    bool is_hard{};                 ///< refuses where nothing current is known
    std::vector<std::string> crls;  ///< files and http URLs
    std::string ocsp;               ///< http URL; empty: none
    std::chrono::seconds refresh{60};
    std::chrono::milliseconds timeout{3'000};  ///< of one question
    bool operator==(const Revocation&) const = default;
};

struct Listener {
    std::string address = "127.0.0.1";
    std::uint16_t port{};
    std::vector<std::string> authorities;  ///< Host values that are ours; empty: any
    std::optional<TlsText> tls;
    std::vector<TlsText> later{};            ///< of its ring: what takes the place of `tls`, in the order of time
    std::optional<Revocation> revocation{};  ///< nullopt: not looked at
};

/// A time-stamping authority (时间戳服务) that seals are sent to.
struct StampAuthority {
    std::string url;
    std::string anchors_pem;  ///< who is trusted to have certified it, or its own certificate
    std::string policy;       ///< object identifier; empty: the authority's own
    bool operator==(const StampAuthority&) const = default;
};

/// How the evidence is kept, sealed, stamped and published.
struct EvidenceRules {
    std::string hash = "sha256";         ///< of the chain and of the seals' trees: or "sm3"
    std::chrono::hours segment_age{24};  ///< a segment is closed when it is older
    std::chrono::seconds seal_every{60};
    std::uint64_t seal_records = 10'000;               ///< sealed without waiting
    std::vector<StampAuthority> stamp_by{};            ///< asked in this order; empty: seals are not stamped
    std::chrono::milliseconds stamp_retry{30'000};     ///< after none of them answered well
    std::chrono::seconds stamp_refuse_after{};         ///< calls are refused when a seal waits longer; 0: never
    std::string anchor_file{};                         ///< where the newest seal is published; empty: in no file
    std::string anchor_url{};                          ///< empty: at no address
    std::chrono::milliseconds outside_timeout{5'000};  ///< of one question to the outside
    std::uint64_t max_bytes{};                         ///< the evidence may take so many; 0: as many as the disk has
    int ready_percent = 90;                            ///< of what it may take: readiness ends
    std::chrono::days erase_after{};                   ///< bodies that are older are erased; 0: by command only
    std::chrono::days forget_after{};                  ///< likewise the keys that persons are named by
    std::string erase_basis{};                         ///< number of the rule that says so
    std::chrono::days archive_after{};                 ///< segments that are older are archived; 0: by command only
    std::string archive{};                             ///< folder, absolute
    std::chrono::seconds retention_every{60};          ///< how often it is looked whether something is that old
    std::vector<std::string> revocations{};  ///< files with lists and responses for containers, read when one is made
    bool operator==(const EvidenceRules&) const = default;
};

/// For how long sharing results (共享查验结果) may be used, and their codes checked.
struct Sharing {
    std::chrono::hours valid{};
    std::chrono::hours code{};
};

/// A law, regulation or agreement that access may rest on (依据), and for how long at most.
struct LegalBasis {
    std::string number;  ///< of the document, such as 国务院令第809号
    std::string title;
    int most_days{};
};

/// How access is applied for and approved (docs/access.md).
struct AccessRules {
    std::string folder;               ///< of the grants that approvals made, and their roll; with '/' at its end
    int decide_days = 10;             ///< working days until an application must be decided
    int most_days = 366;              ///< longest validity upon a basis that is not in the list
    std::vector<LegalBasis> bases{};  ///< none: any will do
};

/// Files between departments and their callers.
struct FilesHeld {
    std::size_t most = std::size_t{256} << 20;  ///< octets, all together
    std::chrono::seconds keep{600};             ///< for how long one waits to be fetched by its address
};

/// What gateway.yaml says.
struct Gateway {
    std::string name;
    std::string title;
    std::string stage = "sandbox";
    std::string division;
    bool test_division{};
    std::size_t threads = 1;
    Listener listen;
    Listener admin;
    NamedKey key;  ///< with a certificate each, for answers over SOAP: self-signed where none is set
    Secret subject_key;
    std::string evidence_folder;
    EvidenceRules evidence;
    vault::Policy bodies{vault::Policy::none};  ///< of messages, where a service does not say otherwise
    std::string auditor_pem;                    ///< X.509 certificate that sealed bodies are encrypted to
    std::vector<Withheld> withheld{};
    std::string store_file;  ///< SQLite: submissions and their idempotency keys
    AccessRules access;
    std::size_t max_body = 1U << 20;
    std::size_t max_connections = 10'000;
    policy::Freshness freshness;
    std::size_t nonces_per_key = 500'000;  ///< remembered within a window
    std::chrono::milliseconds drain{10'000};
    std::optional<Sharing> sharing{};           ///< nullopt: answers bring no code, and there is nothing to check
    std::vector<std::string> callback_hosts{};  ///< which consumers may be told at
    FilesHeld files{};
    /// Where neither grant nor service says anything; of an operator only where it is said.
    policy::Most most{.rows = 100, .persons = 20, .subjects_per_hour = 20'000, .guesses_per_hour = 100};
    std::uint64_t missed_percent = 50;  ///< so many of a consumer's answers are "no such record": a warning
    ById<adapter::PluginPin> plugins;   ///< by the kind that each serves
};

}  // namespace datong::catalogue
