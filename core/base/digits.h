#pragma once

#include <cstddef>
#include <string_view>

namespace datong {

/// Digits of the longest number in a text, however it is written: ASCII and full-width digits count, and what is put
/// between groups of them (spaces, hyphens, dots, underscores and strokes, of any width) ends no number.
[[nodiscard]] std::size_t longest_number(std::string_view utf8);

}  // namespace datong
