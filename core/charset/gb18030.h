#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "core/charset/charset.h"

namespace datong::charset {

/// @param is_gbk  byte 80 is U+20AC, as Windows writes it; otherwise it is invalid.
[[nodiscard]] tl::expected<std::string, Trouble> decode_gb18030(std::string_view bytes, bool is_gbk);

/// @param utf8    valid.
/// @param is_gbk  two-byte codes only, U+20AC as byte 80.
[[nodiscard]] tl::expected<std::string, Trouble> encode_gb18030(std::string_view utf8, bool is_gbk);

/// The formal character of one of the 18 + 6 reassigned private-use code points; 0 for any other.
[[nodiscard]] char32_t formal_of_private_use(char32_t code_point);

/// A digest of the whole two-byte and four-byte table in use.
[[nodiscard]] std::uint64_t gb18030_digest();
inline constexpr std::uint64_t kGb18030Digest = 0xA25680FA176D016D;

}  // namespace datong::charset
