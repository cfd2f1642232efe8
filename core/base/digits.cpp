#include "core/base/digits.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong {
namespace {

constexpr bool is_digit(char32_t c) {
    return (c >= U'0' && c <= U'9') || (c >= U'\uFF10' && c <= U'\uFF19');
}

constexpr bool is_between_groups(char32_t c) {
    constexpr std::u32string_view kSeparators =
        U" -._/\u00A0\u00AD\u00B7\u2212\u3000\u30FB\uFE58\uFE63\uFF0D\uFF0E\uFF0F\uFF3F";
    const bool is_space_or_dash = c >= U'\u2000' && c <= U'\u2015';  // General Punctuation: spaces, joiners, dashes
    return is_space_or_dash || kSeparators.find(c) != std::u32string_view::npos;
}

}  // namespace

std::size_t longest_number(std::string_view utf8) {
    std::size_t longest = 0;
    std::size_t digits = 0;
    for (const char32_t c : to_code_points(utf8)) {
        if (is_digit(c)) {
            longest = std::max(longest, ++digits);
        } else if (!is_between_groups(c)) {
            digits = 0;
        }
    }
    return longest;
}

}  // namespace datong
