#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/catalogue/snapshot.h"
#include "core/codec/http_message.h"
#include "core/consent/consent.h"
#include "core/evidence/entry.h"
#include "core/exchange/shadows.h"
#include "core/files/kept.h"
#include "core/mapping/mapping.h"
#include "core/policy/certificates.h"
#include "core/policy/context.h"
#include "core/policy/predicates.h"
#include "core/policy/quotas.h"
#include "core/policy/replay.h"
#include "core/record/record.h"
#include "core/sources/drift.h"
#include "core/store/jobs.h"
#include "core/store/results.h"
#include "core/vault/body.h"

namespace datong::exchange {

/// Why a call, or one material of it, failed; with the fields at fault where a mapping refused some.
struct Trouble {
    Error error;
    std::vector<mapping::Finding> findings;
    std::string reply;  ///< "source:hex SHA-256" of what the department sent all the same; empty for nothing

    Trouble(Error why) : error{std::move(why)} {}  // NOLINT(google-explicit-constructor): an Error is a Trouble
    Trouble(Error why, std::vector<mapping::Finding> fields) : error{std::move(why)}, findings{std::move(fields)} {}
};

template <class T>
using Attempt = tl::expected<T, Trouble>;

/// Who calls, proven by a signature of theirs.
struct Claim {
    const catalogue::ConsumerKey* key{};
    evidence::SignatureSeen seen;
    std::string label;           ///< of the signature, for answers that are bound to it
    std::string request_digest;  ///< of what was signed of the request: SHA-256, 32 octets; empty: of its whole body
    std::int64_t created{};
    std::int64_t expires{};
    std::string once;  ///< what makes this signature unique
    policy::TimedBy timed_by{policy::TimedBy::caller};
};

/// What is asked, as a door read it.
struct Request {
    enum class Kind {
        service,
        matter,
        submission,
        description,
        evidence,
        usage,
        later,
        file,
        consent,        ///< is registered
        consent_state,  ///< is looked at
        revocation,     ///< of a consent
    } kind{Kind::service};
    /// Of a submission whose status is asked, an exchange whose evidence, whose later materials or whose file, a
    /// consent that is looked at or revoked: its id; of a description: the service or matter; empty: all of them.
    std::string name;
    policy::Context context;
    std::string about = "subject";  ///< of a service: the person that it speaks of
    record::Record query;           ///< an object; of a service only
    /// The caller did not write its query: an inbound mapping made it, whose members are for all services of the
    /// caller's door, or a matter's settings.
    bool is_mapped{};
    bool all_or_nothing{};                    ///< of a matter: its certificates only if nothing is missing
    std::vector<policy::Predicate> verify{};  ///< of a service: asked by predicates, and nothing is shown
    std::string subset{};                     ///< of a service: by its name, in place of predicates of one's own
    files::Wanted files{files::Wanted::whole};
    /// What the protocol asks of a record beyond the service's own rules; empty: nothing.
    /// @return whose fault it is, naming the place.
    std::function<Status(const catalogue::Service& service, const record::Record& content)> judge{};
    std::size_t number{};  ///< of a file: which of its exchange
    /// The whole request as native JSON in one spelling, whichever door it came by: what an idempotency key stands for.
    std::string fingerprint_text{};
    std::string statement{};  ///< of a consent or a revocation: the issuer's compact JWS
};

/// Reads {context, query, about, verify, subset, mode, files}, which every door makes of its own protocol, so that one
/// definition of a service is asked alike through all of them.
/// @param body  as docs/answer.md and docs/submit.md have it.
/// @return Fault::bad_request naming the member, never its value.
[[nodiscard]] Result<Request> read_request(Request::Kind kind, std::string name, record::Record body);

/// The submission that a call is about: a new one, one that is sent again, or one whose status is asked.
struct Submitted {
    std::string id;    ///< the exchange that brought it first
    bool is_status{};  ///< nothing is sent
    std::vector<store::Part> parts;
    std::shared_ptr<const void> hold;  ///< while it lives, no other call works on this submission

    [[nodiscard]] const store::Part* part(std::string_view material) const;
};

/// One material to ask for: the service, the grant that allows it, the person it speaks of. Grants are
/// checked before, so a ticket is a permission.
struct Ticket {
    const catalogue::Service* service{};
    const policy::Grant* grant{};
    const policy::Person* about{};
    record::Record query;
    std::string material;  ///< empty for a direct call of a service
    std::vector<policy::Predicate> verify{};
    const catalogue::Subset* subset{};  ///< what was asked for by its name; nullptr: none
    std::vector<std::string> fields{};  ///< what may be seen: of the grant, and no more than subset and matter need
    policy::Quotas* quotas{};         ///< of a matter: where the grant's unit is taken when the service is really asked
    bool by_consent{};                ///< the call's consent covers it: its answer says so, and it counts as a use
    std::optional<Error> withheld{};  ///< of a matter: why this material is not asked for, though a grant lets it
};

/// What a department's answer became.
struct Certificate {
    std::string outcome;   ///< "found", "not_found", "match", "mismatch"; of a submission "accepted", "unknown" ...
    std::string envelope;  ///< the answer object of docs/answer.md, as JSON
    std::string jws;       ///< empty where the department said nothing: deferred, unknown
    std::vector<std::string> reply_digests{};  ///< "source:hex SHA-256" of each reply that it comes from
    std::vector<std::string> fields{};         ///< which it shows: pointers, items of lists as "*"
    std::vector<files::Given> files{};
    std::vector<store::SharingResult> results{};  ///< what its sharing result is checked by
};

/// What of a matter comes after its answer (docs/matters.md). Of the call's own loop.
struct Late {
    std::vector<std::string> awaited;                           ///< materials that are kept as awaited
    bool is_over{};                                             ///< nobody waits for departments any more
    bool is_told{};                                             ///< the answer is durable: what comes now is told apart
    std::vector<std::pair<Ticket, Attempt<Certificate>>> came;  ///< from when the answer was made on, until it was told
};

/// The use of its consent that a call took. Of the call's own loop.
struct ConsentUse {
    std::int64_t number{};  ///< 0: none was taken
    bool is_told{};         ///< something was answered by it, so that it counts
    bool is_awaited{};      ///< something that goes by it comes after the answer, so that it counts too
};

/// One exchange (交换), from arrival to answer: what every step may read. Lives as long as anything that
/// works for it, abandoned work included.
struct Visit {
    std::string exchange;
    std::chrono::system_clock::time_point at;
    Deadline arrived;
    std::shared_ptr<const catalogue::Snapshot> snapshot;
    codec::HttpMessage http;
    policy::Peer peer{};  ///< of the connection that it came by
    Claim claim;
    Request request;
    std::optional<Submitted> submitted{};
    /// Of a question that is asked after the answer of its call: that call; else empty.
    std::string first{};
    const std::unique_ptr<Late> late = std::make_unique<Late>();
    /// The consent that the call names and that stands, or that it brings.
    std::optional<consent::Consent> consent{};
    const std::unique_ptr<ConsentUse> use = std::make_unique<ConsentUse>();
    /// What candidate mappings are tried on once the answer is on its way. Of the call's own loop.
    const std::unique_ptr<std::vector<Trial>> trials = std::make_unique<std::vector<Trial>>();
    /// The replies whose shape is looked at then, too.
    const std::unique_ptr<std::vector<sources::Seen>> seen = std::make_unique<std::vector<sources::Seen>>();
    /// What the answer's sharing results are checked by. Of the call's own loop.
    const std::unique_ptr<std::vector<store::SharingResult>> results =
        std::make_unique<std::vector<store::SharingResult>>();
    /// How many files were given by address. Of the call's own loop.
    const std::unique_ptr<std::size_t> addresses = std::make_unique<std::size_t>(0);

    std::vector<std::string> persons{};  ///< "role:name in the evidence"; set before the intent
    vault::Policy bodies{
        vault::Policy::none};  ///< what is kept of request and answer; set before any department is asked
    /// What departments sent, where it is to be kept. Of the call's own loop.
    const std::unique_ptr<std::vector<vault::Body>> replies = std::make_unique<std::vector<vault::Body>>();

    /// The id that the answer bears: the exchange's, or that of the call or submission that it goes on with.
    [[nodiscard]] const std::string& answer_id() const {
        return submitted ? submitted->id : first.empty() ? exchange : first;
    }
};

/// What goes back through the door.
struct Answer {
    int status{200};
    bool is_problem{};
    std::string outcome;                       ///< for evidence and log: an outcome, or the fault's code
    std::string body;                          ///< JSON, unless `media_type` says another
    std::vector<std::string> reply_digests{};  ///< of every department asked, whatever came of it
    std::vector<std::string> certificate_digests{};
    std::vector<evidence::MaterialAnswered> materials{};
    std::chrono::seconds retry_after{};  ///< of a problem that passes by itself; 0: nobody knows
    std::string location{};              ///< where the last word will be; empty: this is it
    std::string media_type{};            ///< of a body that is no JSON; empty: application/json
    std::vector<files::Given> files{};   ///< which its body names
    std::optional<files::File> file{};   ///< it is this file, and has no body
    bool tells_codes{true};              ///< the caller learns the codes of its sharing results
};

/// An answer as it will be sent.
struct Sealed {
    codec::HttpMessage http;
    std::string digest;            ///< SHA-256 of what is signed of it (REST: the body), 32 octets
    evidence::SignatureSeen seen;  ///< empty when the answer is not signed (to strangers)
    std::string whole{};           ///< what is kept of it where its body is not the message that was signed (MTOM)
};

/// What a door knows of its protocol: how a call is proven and read, how an answer is written and signed.
/// Immutable; may be used from many threads.
class Dialect {
public:
    Dialect() = default;
    Dialect(const Dialect&) = delete;
    Dialect& operator=(const Dialect&) = delete;
    virtual ~Dialect() = default;

    /// Verifies the signature over everything that it must cover; nothing of the body is read before.
    /// @param peer  the connection's other end, for protocols that ask for more than a signature.
    [[nodiscard]] virtual Result<Claim> prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                              const catalogue::Snapshot& snapshot) const = 0;
    /// Whether prove() signs with the gateway's key, which may lie in a token.
    [[nodiscard]] virtual bool attests() const { return false; }
    /// @param visit  proven: some protocols are read by what their caller's settings say.
    [[nodiscard]] virtual Result<Request> read(const Visit& visit) const = 0;
    /// Answers a request of kind description out of the snapshot alone: no department is asked.
    /// @return Fault::no_such_resource for what is not there, and alike for what the caller has no grant for.
    [[nodiscard]] virtual Result<Answer> describe(const Visit& visit) const;
    /// May run on another thread than the call's loop: of the visit it reads what was there before, and changes
    /// nothing.
    /// @param answer      its body is taken over.
    /// @param signed_too  the caller is known, so the answer is signed.
    [[nodiscard]] virtual Result<Sealed> write(Answer& answer, const Visit& visit, bool signed_too) const = 0;
};

}  // namespace datong::exchange
