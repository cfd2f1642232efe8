#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/record/date.h"
#include "core/record/decimal.h"
#include "core/record/record.h"

namespace datong::steps {

struct Bytes {
    std::string octets;
    bool operator==(const Bytes&) const = default;
};
struct Money {
    std::int64_t fen{};  ///< 分
    auto operator<=>(const Money&) const = default;
};

/// The types of docs/mapping.md 3.4. `any` stands for "whatever comes" in a step's signature.
enum class Type { null, bytes, text, integer, decimal, money, boolean, date, datetime, yearmonth, list, any };

/// A value on its way through the steps of one field.
struct Value {
    std::variant<std::monostate, Bytes, std::string, std::int64_t, record::Decimal, Money, bool, record::Date,
                 record::DateTime, record::YearMonth, std::vector<Value>>
        held;

    Value() = default;
    template <class T>
    Value(T value) : held{std::move(value)} {}  // NOLINT(google-explicit-constructor): a plain sum type

    [[nodiscard]] bool is_null() const noexcept { return held.index() == 0; }
    [[nodiscard]] Type type() const noexcept { return static_cast<Type>(held.index()); }
    bool operator==(const Value&) const = default;
};

[[nodiscard]] std::string_view name_of(Type type);

/// A leaf of a source record as a value: text and numbers (with all digits) and booleans as text,
/// bytes as bytes, null as null. A list becomes a list of its leaves; an object is no value: null.
[[nodiscard]] Value from_record(const record::Record& leaf);

/// How a value stands in a target tree: money and integer as numbers, decimal as text, dates in ISO 8601
/// (docs/mapping.md 3.4), bytes as base64 text.
[[nodiscard]] record::Record to_record(const Value& value);

/// The text form that text steps and comparisons see ("8500.00", "2009-07-01", "true"); money as its fen,
/// a list as "[a, b]", null as nothing.
[[nodiscard]] std::string to_text(const Value& value);

}  // namespace datong::steps
