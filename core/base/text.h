#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace datong {

/// Lower-case hexadecimal, two digits a byte.
[[nodiscard]] std::string to_hex(std::string_view bytes);
/// @return nullopt for an odd length or a character that is no hexadecimal digit.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

/// Base64 with padding (RFC 4648, 4).
[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Strict: padding required, no white space, unused bits zero. Source: RFC 4648, 3.2 to 3.5.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
/// Base64url without padding (RFC 4648, 5; RFC 7515, 2).
[[nodiscard]] std::string to_base64url(std::string_view bytes);
/// Strict: padding refused.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

/// Whether the bytes are UTF-8 without overlong forms, surrogates or code points over 10FFFF.
/// Source: RFC 3629, 3 and 4.
[[nodiscard]] bool is_utf8(std::string_view bytes);
/// The code points of valid UTF-8; what is not valid stands as U+FFFD.
[[nodiscard]] std::u32string to_code_points(std::string_view utf8);
[[nodiscard]] std::string to_utf8(std::u32string_view code_points);
/// Code points in valid UTF-8 text.
[[nodiscard]] std::size_t count_chars(std::string_view utf8);

/// ASCII only; other bytes stay.
[[nodiscard]] std::string ascii_lower(std::string_view text);
[[nodiscard]] bool ascii_equal_ignoring_case(std::string_view one, std::string_view other);
/// Without leading and trailing blanks and tabs (the OWS of HTTP).
[[nodiscard]] std::string_view trim_ows(std::string_view text);
/// Parts between separators; an empty text has one empty part.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
/// The whole text as a decimal number without sign; nullopt for anything else or overflow.
[[nodiscard]] std::optional<std::uint64_t> to_whole_number(std::string_view text);

/// The candidate that a person most likely meant, by edit distance; nullopt when none is near
/// (more than a third of the letters differ).
[[nodiscard]] std::optional<std::string> nearest(std::string_view meant, std::span<const std::string> candidates);

/// Compares in a time that depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view one, std::string_view other);

}  // namespace datong
