#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "core/charset/charset.h"

namespace datong::charset {

/// Appends a code point (not a surrogate, at most 10FFFF) as UTF-8.
void append_utf8(std::string& out, char32_t code_point);

/// Reads one code point of valid UTF-8 and moves `at` behind it.
[[nodiscard]] char32_t next_of_valid(std::string_view utf8, std::size_t& at);

/// What is wrong with UTF-8 text first, if anything.
[[nodiscard]] std::optional<Trouble> trouble_of_utf8(std::string_view bytes);

[[nodiscard]] tl::expected<std::string, Trouble> decode_utf16(std::string_view bytes, bool big_endian);
/// @param utf8  valid.
[[nodiscard]] std::string encode_utf16(std::string_view utf8, bool big_endian);

[[nodiscard]] std::string decode_latin1(std::string_view bytes);
/// @param utf8  valid.
[[nodiscard]] tl::expected<std::string, Trouble> encode_latin1(std::string_view utf8);

}  // namespace datong::charset
