#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace datong {

/// Every way a call can fail, as the caller sees it. One row each in fault.cpp says the code, the
/// HTTP status, whose fault it is, and what to do; every door answers from that table.
enum class Fault {
    // the consumer's
    bad_request,           ///< malformed, or a field missing or of the wrong kind
    not_signed,            ///< no signature, or one that does not cover what must be covered
    signature_invalid,     ///< a signature that does not verify, or by a key nobody here knows
    signature_stale,       ///< `created` outside the window, or before this gateway started
    replayed,              ///< the same nonce, or the same request, came before
    nonces_full,           ///< the key has more nonces in its window than the gateway remembers
    wrong_certificate,     ///< the connection's client certificate is not one of the consumer that signed
    not_permitted,         ///< no grant covers it; an unknown service answers alike
    case_not_accepted,     ///< the case register does not know the case, or not for this person
    no_such_resource,      ///< a path that no door serves
    method_not_allowed,    ///< a path that exists, by another method
    request_timeout,       ///< the request did not arrive in time
    body_too_large,        ///< over the service's limit
    unsupported_media,     ///< a content type that the door does not read
    request_invalid,       ///< well formed, but the request mapping refused a field
    header_too_large,      ///< more header bytes or lines than allowed
    quota_exceeded,        ///< the grant's quota is used up
    guesses_exceeded,      ///< too many predicates about one person within an hour
    key_required,          ///< a submission without an idempotency key
    key_reused,            ///< the idempotency key was used for another request
    in_progress,           ///< the same submission is being worked on now
    consent_required,      ///< given with the person's consent only, and the call names none
    consent_not_accepted,  ///< unknown, of another consumer, person or service, over, used up, or revoked
    answer_over_cap,       ///< the answer has more rows or persons than the grant lets be seen at once
    subjects_exceeded,     ///< more different persons asked about within an hour than the grant allows
    // the department's
    department_down,     ///< not reached, refused, reset, or its breaker is open
    department_timeout,  ///< no answer before the deadline
    department_invalid,  ///< an answer that the mapping can't accept, or no answer at all
    department_refused,  ///< the department's system said no, in its own code
    person_mismatch,     ///< the person in the answer is not the person asked
    source_closed,       ///< the department takes no calls now: quiet hours, its daily number, or it said so
    // ours
    source_busy,           ///< the department's agreed number of calls is in flight
    evidence_unavailable,  ///< what can't be recorded is not answered
    unavailable,           ///< starting, draining, or a part that is needed is not there
    internal,              ///< our own defect
};

/// Who has to do something about a fault.
enum class Blame { consumer, department, gateway };

/// What the world is told of one fault. All text is static.
struct FaultRow {
    Fault fault;
    std::string_view code;  ///< stable, snake_case: "department_timeout"
    int status;             ///< HTTP status
    Blame blame;
    bool may_retry;  ///< the same call again can help
    std::string_view title_zh;
    std::string_view title_en;
    std::string_view todo_zh;
    std::string_view todo_en;
};

[[nodiscard]] const FaultRow& row_of(Fault fault);
[[nodiscard]] std::span<const FaultRow> fault_table();
[[nodiscard]] std::optional<Fault> fault_by_code(std::string_view code);
[[nodiscard]] std::string_view name_of(Blame blame);

}  // namespace datong
