#include "core/path/compare.h"

#include <algorithm>
#include <string>

namespace datong::path {

bool is_text_like(const record::Record& value) {
    return value.is_text() || value.is_bytes();
}

namespace {

using record::Member;
using record::Record;

/// 0.digits x 10^exponent, without zeros around the digits; no digits at all for zero.
struct Number {
    bool is_negative{};
    std::string digits;
    std::int64_t exponent{};
};

/// Beyond any number that fits a message, so that sums can't overflow.
constexpr std::int64_t kFarthest = 1'000'000'000'000;

std::int64_t exponent_of(std::string_view text) {
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
    std::int64_t value = 0;
    for (const char c : text) {
        value = std::min(kFarthest, value * 10 + (c - '0'));
    }
    return negative ? -value : value;
}

Number number_of(std::string_view text) {
    Number number;
    number.is_negative = text.starts_with('-');
    text.remove_prefix(number.is_negative ? 1 : 0);
    if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
        number.exponent = exponent_of(text.substr(e + 1));
        text = text.substr(0, e);
    }
    const std::size_t point = std::min(text.find('.'), text.size());
    number.digits.append(text.substr(0, point)).append(text.substr(std::min(point + 1, text.size())));
    number.exponent += static_cast<std::int64_t>(point);
    const std::size_t leading = std::min(number.digits.find_first_not_of('0'), number.digits.size());
    number.digits.erase(0, leading);
    number.exponent -= static_cast<std::int64_t>(leading);
    number.digits.erase(number.digits.find_last_not_of('0') + 1);
    return number;
}

int sign_of(const Number& number) {
    return number.digits.empty() ? 0 : number.is_negative ? -1 : 1;
}

bool equal(const Record& one, const Record& other);

bool equal_objects(const Record& one, const Record& other) {
    return one.members().size() == other.members().size() &&
           std::ranges::all_of(one.members(), [&other](const Member& member) {
               const Record* there = other.find(member.name);
               return there != nullptr && equal(member.value, *there);
           });
}

bool equal(const Record& one, const Record& other) {
    if (is_text_like(one) && is_text_like(other)) {
        return one.scalar() == other.scalar();
    }
    if (one.kind() != other.kind()) {
        return false;
    }
    if (one.is_number()) {
        return compare_numbers(one.scalar(), other.scalar()) == std::strong_ordering::equal;
    }
    if (one.is_list()) {
        return std::ranges::equal(one.items(), other.items(), equal);
    }
    return one.is_object() ? equal_objects(one, other) : one == other;
}

bool equal_or_nothing(const Record* left, const Record* right) {
    if (left == nullptr || right == nullptr) {
        return left == right;
    }
    return equal(*left, *right);
}

bool less(const Record* left, const Record* right) {
    if (left == nullptr || right == nullptr) {
        return false;
    }
    if (left->is_number() && right->is_number()) {
        return compare_numbers(left->scalar(), right->scalar()) == std::strong_ordering::less;
    }
    // the order of UTF-8 octets is that of code points
    return is_text_like(*left) && is_text_like(*right) && left->scalar() < right->scalar();
}

/// A text as the number that it is written like; the text itself where it is none.
Record as_number(const Record& text) {
    const std::string_view digits = text.scalar();
    const std::string_view unsigned_digits = digits.substr(digits.starts_with('-') ? 1 : 0);
    const bool good = !unsigned_digits.empty() && unsigned_digits.front() != '.' && unsigned_digits.back() != '.' &&
                      std::ranges::count(unsigned_digits, '.') <= 1 &&
                      unsigned_digits.find_first_not_of("0123456789.") == std::string_view::npos;
    return good ? Record::number(text.scalar_text()) : text;
}

}  // namespace

std::strong_ordering compare_numbers(std::string_view one, std::string_view other) {
    if (one == other) {
        return std::strong_ordering::equal;
    }
    const Number left = number_of(one);
    const Number right = number_of(other);
    const int sign = sign_of(left);
    if (sign != sign_of(right)) {
        return sign <=> sign_of(right);
    }
    if (sign == 0) {
        return std::strong_ordering::equal;
    }
    const std::strong_ordering size =
        left.exponent != right.exponent ? left.exponent <=> right.exponent : left.digits.compare(right.digits) <=> 0;
    return sign > 0 ? size : 0 <=> size;
}

bool holds(const Record* left, Comparison comparison, const Record* right) {
    switch (comparison) {
        case Comparison::equal:
            return equal_or_nothing(left, right);
        case Comparison::not_equal:
            return !equal_or_nothing(left, right);
        case Comparison::less:
            return less(left, right);
        case Comparison::less_or_equal:
            return less(left, right) || equal_or_nothing(left, right);
        case Comparison::greater:
            return less(right, left);
        case Comparison::greater_or_equal:
            break;
    }
    return less(right, left) || equal_or_nothing(left, right);
}

const Record* levelled(const Record* value, const Record* other, bool literal, bool other_is_literal, Record& made) {
    if (value == nullptr || other == nullptr || literal) {
        return value;
    }
    const bool scalar = value->is_number() || value->is_boolean();
    if (scalar && is_text_like(*other)) {
        made = Record::text(value->scalar_text());
        return &made;
    }
    if (other_is_literal && other->is_number() && is_text_like(*value)) {
        made = as_number(*value);
        return &made;
    }
    return value;
}

}  // namespace datong::path
