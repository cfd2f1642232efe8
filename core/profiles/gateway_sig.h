#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"

namespace datong::profiles {

/// A city's gateway with an access token: HMAC-SHA256 over appid and time. The signature of the business calls keeps
/// the time of the call that fetched the token and is used again for minutes, so a memory of nonces would refuse
/// the second call: outbound only, and covers neither path nor body.
struct GatewayCall {
    std::string appid;
    std::string rtime;  ///< Unix time in milliseconds, decimal
};

/// How long the gateway keeps a token and its signature.
inline constexpr std::chrono::seconds kGatewayTokenLife{512};

/// Base64 of HMAC-SHA256 over appid + rtime.
/// @param key  the appKey for the token call, the unwrapped token for every other.
[[nodiscard]] std::string gateway_sign(const GatewayCall& call, const Secret& key);
/// @return Fault::signature_invalid.
[[nodiscard]] Status gateway_verify(const GatewayCall& call, const Secret& key, std::string_view sign);
/// gateway_appid, gateway_rtime, gateway_sig.
[[nodiscard]] std::vector<codec::HttpField> gateway_headers(const GatewayCall& call, const Secret& key);
/// The secret inside the token call's answer, at body.access_token.
/// @return Fault::department_invalid when there is none, or it does not unwrap.
[[nodiscard]] Result<Secret> read_gateway_token(std::string_view body, const Secret& app_key);

}  // namespace datong::profiles
