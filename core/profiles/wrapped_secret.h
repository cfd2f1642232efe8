#pragma once

#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"

namespace datong::profiles {

/// How a platform sends a secret to who holds an appkey: AES-128 with PKCS #5 padding under the first 16 octets of
/// Java's SHA1PRNG of the appkey's text, in base64. Nothing in it tells a changed one: it shows by signatures that
/// the platform refuses.
///
/// ecb is that of the national platforms, cbc (with the initial vector "AESCBCPKCS5Paddi") of a city's gateway.
enum class Wrapping { ecb, cbc };

/// @return Fault::department_invalid for what no appkey of ours wrapped.
[[nodiscard]] Result<Secret> unwrap_secret(Wrapping wrapping, const Secret& appkey, std::string_view base64);
/// The other end: what a secret service of our own sends, and the tests' platform.
[[nodiscard]] Result<std::string> wrap_secret(Wrapping wrapping, const Secret& appkey, const Secret& secret);

}  // namespace datong::profiles
