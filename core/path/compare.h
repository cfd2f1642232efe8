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

/// Text, or bytes, which compare as text.
[[nodiscard]] bool is_text_like(const record::Record& value);

/// A number or boolean of a record is text with all its digits, unless it meets a number that the query writes.
/// @param literal  whether the query writes `value`.
/// @return `value`, or what was made of it in `made`.
[[nodiscard]] const record::Record* levelled(const record::Record* value, const record::Record* other, bool literal,
                                             bool other_is_literal, record::Record& made);

}  // namespace datong::path
