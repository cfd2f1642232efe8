#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/crypto/key.h"
#include "examples/clients/cpp/transport.h"
#include "examples/clients/cpp/trust.h"

namespace datong::client {

/// Who calls, as the gateway knows it.
struct Consumer {
    std::string keyid;
    crypto::SigningKey key;
};

/// The target of a call; the name is one of the gateway's: [a-z][a-z0-9-]*.
/// @return Fault::bad_request for another name.
[[nodiscard]] Result<std::string> service_target(const Endpoint& endpoint, std::string_view name);
[[nodiscard]] Result<std::string> matter_target(const Endpoint& endpoint, std::string_view name);

/// The list "services", "matters" or "grants"; with a name what is below one of them: "openapi.json" or "wsdl".
/// @return Fault::bad_request for a name that is none of the gateway's.
[[nodiscard]] Result<std::string> description_target(const Endpoint& endpoint, std::string_view list,
                                                     std::string_view name = {}, std::string_view document = {});

/// A signed POST of a JSON body, as docs/answer.md and the native profile ask: RFC 9421 over method,
/// authority, path, query, digest and type, with a fresh nonce.
/// @param created  unix seconds, now.
[[nodiscard]] Result<codec::HttpMessage> signed_request(const Endpoint& endpoint, std::string target, std::string body,
                                                        const Consumer& consumer, std::int64_t created);

/// Where a submission's status is. @param id  a UUID. @return Fault::bad_request for what is none.
[[nodiscard]] Result<std::string> status_target(const Endpoint& endpoint, std::string_view id);
/// Where a consent stands, or its revocation is brought. @param id  empty: where one is registered.
/// @return Fault::bad_request for an id that is none.
[[nodiscard]] Result<std::string> consent_target(const Endpoint& endpoint, std::string_view id, bool revokes);
/// A signed GET: RFC 9421 over method, authority, path and query, with a fresh nonce.
[[nodiscard]] Result<codec::HttpMessage> signed_get(const Endpoint& endpoint, std::string target,
                                                    const Consumer& consumer, std::int64_t created);

/// Checks that the gateway signed this answer, whole, to this request.
/// @return the id of the key; Fault::not_signed, signature_invalid or bad_request with what is wrong.
[[nodiscard]] Result<std::string> check_answer(const codec::HttpMessage& answer, const codec::HttpMessage& request,
                                               const Trust& trust);

}  // namespace datong::client
