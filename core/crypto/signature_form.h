#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::crypto {

/// The two forms of a signature of two numbers of 256 bits, ECDSA's on P-256 and SM2's: r||s of 64 octets, as
/// JWS, RFC 9421 and most of this country's interfaces want it; and the DER of SEQUENCE {r, s}, as OpenSSL and
/// Java's libraries write it (RFC 3279, 2.2.3; GM/T 0009-2012, 7.3).

/// @return Fault::bad_request for anything but 64 octets.
[[nodiscard]] Result<std::string> signature_to_der(std::string_view raw);
/// @return 64 octets; Fault::bad_request for what is not the one DER of two numbers that fit.
[[nodiscard]] Result<std::string> signature_from_der(std::string_view der);

}  // namespace datong::crypto
