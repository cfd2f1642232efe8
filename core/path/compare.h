#pragma once

#include <compare>
#include <string_view>

#include "core/path/program.h"
#include "core/record/record.h"

namespace datong::path {

/// Two JSON numbers as written, by their exact values.
[[nodiscard]] std::strong_ordering compare_numbers(std::string_view one, std::string_view other);

/// Whether the comparison holds; nullptr is Nothing. Bytes compare as text. Source: RFC 9535, 2.3.5.2.2.
[[nodiscard]] bool holds(const record::Record* left, Comparison comparison, const record::Record* right);

}  // namespace datong::path
