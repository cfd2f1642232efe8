#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"

namespace datong::profiles {

/// District data reports: SHA-1 over appKey, appSecret and the time, in hexadecimal. Weak, and covers neither path nor
/// body: outbound only.
///
/// @param timestamp  Unix time in milliseconds, decimal; the receiver allows an hour.
[[nodiscard]] std::string sha1_appkey_sign(const std::string& app_key, const Secret& app_secret,
                                           const std::string& timestamp);
/// Headers appKey, timestamp, signature.
[[nodiscard]] std::vector<codec::HttpField> sha1_appkey_headers(const std::string& app_key, const Secret& app_secret,
                                                                const std::string& timestamp);

}  // namespace datong::profiles
