#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::charset {

enum class Charset { utf_8, gb18030, gbk, big5, utf_16, utf_16le, utf_16be, latin_1 };

/// By the names that files and headers use, case aside: "GB2312" and "gb_2312-80" are gbk (as the
/// web treats them), "utf8" is utf_8. nullopt for a charset that datong does not read.
[[nodiscard]] std::optional<Charset> by_name(std::string_view name);

/// Why bytes could not be decoded; `rule` is that of docs/mapping.md 3.5.
struct Trouble {
    std::string_view rule;  ///< "charset.invalid" or "charset.truncated" (an incomplete character at the end)
    std::size_t offset{};   ///< byte where it happened
};

/// Bytes to UTF-8, by the pinned table: GB18030-2022 with the reassigned points, for gbk also byte 80
/// as U+20AC. The same on every C library (see self_test). A byte order mark in front of UTF-8 and UTF-16
/// is left out; utf_16 without one is little-endian. FE51 and the five like it are the characters of plane
/// 2, which encode back to them.
/// @param map_pua  the 18 + 6 reassigned code points come out as their formal characters even where
///                 an old table gave private use.
[[nodiscard]] tl::expected<std::string, Trouble> decode(std::string_view bytes, Charset from, bool map_pua = false);

/// UTF-8 to bytes; "charset.unmappable" with the offset in the UTF-8 text of the first character that
/// the charset can't hold.
[[nodiscard]] tl::expected<std::string, Trouble> encode(std::string_view utf8, Charset to);

/// Whether this machine's iconv with our overlay gives the pinned table; called once at start.
[[nodiscard]] Status self_test();

}  // namespace datong::charset
