#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"

namespace datong::profiles {

/// The TIF gateway (粤省事 and others; "x-rio-" in older places): SHA-256 over a token that both hold. Covers neither
/// path nor body.
struct TifCall {
    std::string timestamp;  ///< Unix time in seconds, decimal
    std::string nonce;
};

/// Who sits before the screen, in calls that the gateway passes on to an application.
struct TifUser {
    std::string uid;
    std::string uinfo;  ///< base64
    std::string ext;    ///< base64
};

/// SHA-256 of timestamp + token + nonce [+ "," + uid + "," + uinfo + "," + ext] + timestamp, in hexadecimal: lower
/// case without a user, upper case with one, as the gateway's own kits write it.
[[nodiscard]] std::string tif_sign(const TifCall& call, const Secret& token, const std::optional<TifUser>& user = {});

/// @param signature  in either case: implementations differ.
/// @param window     how far the timestamp may lie from `now`, either way.
/// @return Fault::signature_invalid, or signature_stale. Whether the nonce is new is the caller's to judge.
[[nodiscard]] Status tif_verify(const TifCall& call, const Secret& token, const std::optional<TifUser>& user,
                                std::string_view signature, std::chrono::system_clock::time_point now,
                                std::chrono::seconds window);

/// Headers of a call to the gateway.
/// @param prefix   "x-tif-" or "x-rio-".
/// @param service  empty: no such header.
[[nodiscard]] std::vector<codec::HttpField> tif_headers(const std::string& prefix, const std::string& paasid,
                                                        const std::string& service, const TifCall& call,
                                                        const Secret& token);
/// Hexadecimal of the milliseconds and of 24 random bits, as the kits make it.
[[nodiscard]] std::string tif_nonce(std::chrono::system_clock::time_point now);

}  // namespace datong::profiles
