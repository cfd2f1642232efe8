#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/exchange/call.h"
#include "core/store/awaited.h"
#include "core/store/consents.h"

namespace datong::later {

/// The last word on a material that was awaited.
struct Word {
    std::string outcome;                 ///< "found" ..., or "failed"
    std::string event;                   ///< of the evidence: "answered", or "ended" where nobody waits any more
    std::string promise{};               ///< "kept", "broken", "missed"; empty where nothing was promised
    std::string written{};               ///< JSON: the answer object of docs/answer.md, or the problem
    std::string certificate{};           ///< JWS; empty: none
    std::vector<std::string> replies{};  ///< "source:hex SHA-256" of what the department sent
    std::vector<std::string> fields{};   ///< which the answer shows
    std::vector<std::string> asked{};    ///< fields that it was asked of by predicates
    Fault fault{};                       ///< of "failed"
    std::string consent{};               ///< id of the consent that it was got by; empty: none
};

/// @param result  what the department's answer became.
[[nodiscard]] Word word_of(const store::Awaited& row, const exchange::Attempt<exchange::Certificate>& result);
/// The fields that a question asks of by predicates.
[[nodiscard]] std::vector<std::string> fields_asked(const exchange::Ticket& ticket);
/// Nobody waits any more. What was to follow and did not come is a promise missed.
[[nodiscard]] Word ended(const store::Awaited& row);

/// What became of a promise, judged on what the grant shows: "kept" or "broken"; empty where nothing was promised.
[[nodiscard]] std::string promise_of(const exchange::Visit& visit, const exchange::Ticket& ticket,
                                     const exchange::Certificate& found);

/// What names one awaited material wherever it is told: "EXCHANGE/MATERIAL".
[[nodiscard]] std::string delivery_of(const store::Awaited& row);

/// What the consumer is told, once and whole (docs/matters.md): JSON.
/// @param matter  "NAME@VERSION". @param service  likewise.
[[nodiscard]] std::string told(const store::Awaited& row, const Word& word, const std::string& matter,
                               const std::string& service, std::chrono::system_clock::time_point now);

/// Why a row is told that is no material: a consent was revoked.
inline constexpr std::string_view kRevoked = "revoked";
/// Who is told, of a row for an issuer of consents: "issuer:ID" in the consumer's place.
inline constexpr std::string_view kIssuer = "issuer:";

/// What a row of a revocation bears in an exchange's place: "consent:ISSUER:ID"; two issuers may speak of one id.
[[nodiscard]] std::string place_of(const store::ConsentNote& revoked);
/// The id in it.
[[nodiscard]] std::string consent_in(std::string_view place);

/// What is told of a revocation: {delivery, consent, issuer, consumer?, event: "revoked", at, reason}. JSON.
[[nodiscard]] std::string told_of(const store::ConsentNote& revoked, const std::string& delivery);

/// What is told, with what a grant has to allow when it is told: it may be gone by then. Kept sealed.
struct Held {
    std::string purpose;                ///< of the call
    std::string division;               ///< its operator's
    std::string consent;                ///< that it was got by; empty: none
    std::string body;                   ///< what its consumer is told
    std::vector<std::string> fields{};  ///< of the record, which it shows: pointers, items of lists as "*"
    std::vector<std::string> asked{};   ///< and which it was asked of by predicates
};
[[nodiscard]] std::string to_text(const Held& held);
[[nodiscard]] std::optional<Held> read_held(std::string_view text);

/// Whether its consumer may be told now: what no department said always; a record only where one grant of this moment
/// shows each of its fields, and the matter of this moment needs them; what predicates brought only where one lets each
/// be asked; and by a consent where one is needed by now. Whether that consent holds (Held::consent), the caller looks.
[[nodiscard]] bool may_hear(const catalogue::Snapshot& snapshot, const store::Awaited& row, const Held& held,
                            std::chrono::system_clock::time_point now);

}  // namespace datong::later
