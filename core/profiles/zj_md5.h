#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/codec/form.h"

namespace datong::profiles {

/// The Zhejiang data platform: MD5 over appKey, a secret and the time. Weak, and covers neither path nor
/// parameters: outbound only. The appSecret brings a refresh secret (48 hours) and a request secret (15 minutes),
/// the refresh secret brings new ones, the request secret signs business calls.
///
/// @param time  Unix time in milliseconds, decimal.
/// @return 32 lower-case hexadecimal digits.
[[nodiscard]] std::string zj_sign(const std::string& app_key, const Secret& secret, const std::string& time);

/// appKey, sign and requestTime, which stand before the call's own parameters.
[[nodiscard]] std::vector<codec::FormField> zj_fields(const std::string& app_key, const Secret& secret,
                                                      const std::string& time);

inline constexpr std::string_view kZjKeyPath = "/gateway/app/refreshTokenByKey.htm";
inline constexpr std::string_view kZjRenewPath = "/gateway/app/refreshTokenBySec.htm";

struct ZjSecrets {
    Secret request;
    Secret refresh;
    std::optional<std::chrono::system_clock::time_point> request_ends;
    std::optional<std::chrono::system_clock::time_point> refresh_ends;
};
/// @return Fault::department_refused when the code is not 00; department_invalid when it is no such answer.
[[nodiscard]] Result<ZjSecrets> read_zj_secrets(std::string_view body);

}  // namespace datong::profiles
