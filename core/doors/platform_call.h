#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/catalogue/caller_door.h"
#include "core/exchange/call.h"

namespace datong::doors {

// What the doors of the platforms' protocols have in common.

/// What a platform's call must be before anything of it is believed: JSON by POST, to a Host of ours, without a query
/// string.
[[nodiscard]] Status check_platform_call(const codec::HttpMessage& http, const catalogue::Snapshot& snapshot);

/// When a call says that it was made.
/// @param text  Unix time in milliseconds: exactly 13 digits, so that what is digested reads in one way only.
/// @return Fault::signature_stale outside the door's own window.
[[nodiscard]] Result<std::chrono::system_clock::time_point> check_time(std::string_view text,
                                                                       const policy::Freshness& freshness,
                                                                       std::chrono::system_clock::time_point now);

/// What proved a platform's call.
struct Proof {
    std::string base;  ///< what was digested or shown, one line, no secret
    std::string mac;   ///< in the header PROTOCOL_sign; empty: it stands in the base, or there is none
    std::chrono::system_clock::time_point made;
    /// What makes the call one of its own. Empty: base and body, for two honest calls of one millisecond carry one MAC.
    /// Otherwise what a signature covers of it: a body that can be altered under its signature is no other call.
    std::string once{};
    bool is_timed_here{};  ///< the call has no time of its own: `made` is when it came
};

/// Who was proven to call, and the connection that the call came by. Both outlive the claiming.
struct Proven {
    const catalogue::CallerDoor* door{};
    const policy::Peer* peer{};
};

/// Claims a call that was proven. The gateway attests it with its own key, body and all.
/// @return Fault::wrong_certificate for a connection that is not the caller's: what was overheard is not attested.
[[nodiscard]] Result<exchange::Claim> claim_by_proof(const codec::HttpMessage& http,
                                                     const catalogue::Snapshot& snapshot, const Proven& proven,
                                                     const Proof& proof, std::chrono::system_clock::time_point now);

/// What the native door takes, {context, query, about?, verify?}, of a platform's request by an inbound mapping.
/// @param body  what the mapping sees as `body`, beside `headers` by their names in lower case.
/// @return Fault::bad_request with paths and rules where the mapping refused a field.
[[nodiscard]] Result<record::Record> native_body(const exchange::Visit& visit, const mapping::Mapping& inbound,
                                                 record::Record body);

/// Makes a native request of a platform's by the inbound mapping of its service.
/// @param body  what the mapping sees as `body`, beside `headers` by their names in lower case.
/// @return Fault::not_permitted for a code that the consumer's settings do not list; bad_request with paths and rules
///         where the mapping refused a field.
[[nodiscard]] Result<exchange::Request> read_inbound(const exchange::Visit& visit, const catalogue::CallerDoor& door,
                                                     std::string_view code, record::Record body);

/// Signs an answer by RFC 9421 beside whatever the protocol itself does: bound to the request by its Content-Digest
/// (computed here, for the platforms send none) and by `headers` of the request.
[[nodiscard]] Result<evidence::SignatureSeen> sign_answer(codec::HttpMessage& answer, const exchange::Visit& visit,
                                                          const std::vector<std::string>& headers);

/// An answer with what every one has, unsigned as yet.
[[nodiscard]] exchange::Sealed sealed_json(const exchange::Answer& answer, std::string body);

}  // namespace datong::doors
