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

/// Claims a call that brought a good keyed digest. The gateway attests it with its own key, body and all; the memory of
/// used calls knows it by the digest of identifiers and body, for two honest calls of one millisecond carry one MAC.
/// @param mac_base  one line.
[[nodiscard]] Result<exchange::Claim> claim_by_mac(const codec::HttpMessage& http, const catalogue::Snapshot& snapshot,
                                                   const catalogue::CallerDoor& door, const std::string& mac_base,
                                                   const std::string& mac, std::chrono::system_clock::time_point made,
                                                   std::chrono::system_clock::time_point now);

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
