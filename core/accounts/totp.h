#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/guarded.h"

namespace datong::accounts {

/// One-time passwords by time, as authenticator apps make them: HMAC-SHA-1, steps of 30 s, 6 digits.
/// Source: RFC 6238, 4; RFC 4226, 5.3.

/// A shared secret of 20 octets. Source: RFC 4226, 4 (R6).
[[nodiscard]] Secret new_totp_key();

/// The step that a moment is in, from unix seconds.
[[nodiscard]] std::int64_t step_of(std::int64_t unix_seconds);

/// The code of one step. @param digits  6, or 8 as in the vectors of RFC 6238.
[[nodiscard]] std::string code_of(const Secret& key, std::int64_t step, int digits = 6);

/// The step whose code that is: this one, the one before (a slow hand, RFC 6238, 5.2) or the next (a clock ahead).
[[nodiscard]] std::optional<std::int64_t> find_step(const Secret& key, std::string_view code, std::int64_t now);

/// Base32 without padding (RFC 4648, 6), as apps take a secret that is typed in.
[[nodiscard]] std::string to_base32(std::string_view octets);
/// @return nullopt for a character that is none, or bits left over.
[[nodiscard]] std::optional<std::string> from_base32(std::string_view text);

/// What an app reads from a QR code: "otpauth://totp/ISSUER:ACCOUNT?secret=...&issuer=...".
[[nodiscard]] Secret otpauth_uri(const Secret& key, std::string_view issuer, std::string_view account);

}  // namespace datong::accounts
