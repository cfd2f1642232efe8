#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::signing {

/// "sha-256=:...:" Source: RFC 9530, 2.
[[nodiscard]] std::string content_digest(std::string_view body);
/// The same for a body whose SHA-256, 32 octets, is known already.
[[nodiscard]] std::string content_digest_of(std::string_view sha256);

/// Checks a Content-Digest field against a body: every sha-256 and sha-512 member must match and at
/// least one must be there; unknown algorithms are passed over, known weak ones count for nothing.
/// @return Fault::bad_request when malformed, Fault::not_signed when no usable digest is there,
///         Fault::signature_invalid when one does not match.
[[nodiscard]] Status check_content_digest(std::string_view field_value, std::string_view body);
/// The same for a body whose SHA-256, 32 octets, is known already.
[[nodiscard]] Status check_content_digest(std::string_view field_value, std::string_view body, std::string_view sha256);

}  // namespace datong::signing
