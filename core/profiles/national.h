#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/record/record.h"

namespace datong::profiles {

/// The national platforms' signature: gjgxjhpt (国家数据共享交换平台) and gjzwfwpt (国家政务服务平台) differ in the
/// prefix of the four names only.
///
/// It covers neither method, path nor body: whoever may call once may call anything in that millisecond. Inbound it
/// is taken from one consumer at a time, over mutual TLS or from listed addresses, with the window of rtime and a
/// memory of identifiers *and* body digest.
enum class Platform { gjgxjhpt, gjzwfwpt };

/// Who asks for what, and when.
struct NationalCall {
    std::string rid;    ///< requester
    std::string sid;    ///< service
    std::string rtime;  ///< Unix time in milliseconds, decimal
};

/// What is signed: sid, rid and rtime, with nothing between. So "ab" + "c" signs as "a" + "bc": who verifies takes
/// rid and sid from what is registered, and compares both whole.
[[nodiscard]] std::string national_base(const NationalCall& call);
/// Base64 of HMAC-SHA256.
/// @param key  the appkey's text for the call that fetches the secret, the secret's text for every other.
[[nodiscard]] std::string national_sign(const NationalCall& call, const Secret& key);
/// @return Fault::signature_invalid. Whether rtime is near and new is the caller's to judge.
[[nodiscard]] Status national_verify(const NationalCall& call, const Secret& key, std::string_view sign);

/// The four values under their names ("gjgxjhpt_rid" ...): as headers of a call, or as what stands in the SOAP
/// header of the WebService form.
[[nodiscard]] std::vector<codec::HttpField> national_fields(Platform platform, const NationalCall& call,
                                                            const std::string& sign);
/// The same as the content of a block in the SOAP header, whose name and namespace the platform says.
[[nodiscard]] record::Record national_soap_values(Platform platform, const NationalCall& call, const std::string& sign);

/// Where the secret is fetched, behind the platform's address.
inline constexpr std::string_view kNationalSecretPath = "/sysapi/auth/refreshappsecret";
/// POST with the four values as headers and as JSON, for clients of both kinds are seen.
[[nodiscard]] codec::HttpMessage national_secret_request(Platform platform, const NationalCall& call,
                                                         const Secret& appkey);

struct LentSecret {
    Secret secret;
    std::optional<std::chrono::system_clock::time_point> ends;  ///< nothing when the platform says none that is known
};
/// @return Fault::department_refused with the platform's code when it says no; department_invalid when the answer is
///         none, or does not decrypt.
[[nodiscard]] Result<LentSecret> read_national_secret(std::string_view body, const Secret& appkey);

/// A time as platforms write it: Unix milliseconds or seconds, "2026-01-01 08:00:00" at +08:00, or RFC 3339.
/// @return nullopt for none, and for one beyond the years 1970 to 2261, which the clock can't hold.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> read_platform_time(std::string_view text);

}  // namespace datong::profiles
