#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace datong::signing::sf {

struct Token {
    std::string text;
    bool operator==(const Token&) const = default;
};
struct Bytes {
    std::string octets;
    bool operator==(const Bytes&) const = default;
};
struct Decimal {
    std::int64_t thousandths{};
    bool operator==(const Decimal&) const = default;
};  ///< 1.5 is 1500
struct Date {
    std::int64_t seconds{};
    bool operator==(const Date&) const = default;
};
struct DisplayString {
    std::string utf8;
    bool operator==(const DisplayString&) const = default;
};
using BareItem = std::variant<std::int64_t, Decimal, std::string, Token, Bytes, bool, Date, DisplayString>;

struct Parameters {
    std::vector<std::pair<std::string, BareItem>> entries;  ///< a later duplicate replaced the earlier value
    [[nodiscard]] const BareItem* find(std::string_view key) const;
    bool operator==(const Parameters&) const = default;
};
struct Item {
    BareItem value;
    Parameters parameters;
    bool operator==(const Item&) const = default;
};
struct InnerList {
    std::vector<Item> items;
    Parameters parameters;
    bool operator==(const InnerList&) const = default;
};
using MemberValue = std::variant<Item, InnerList>;
using List = std::vector<MemberValue>;
using Dictionary = std::vector<std::pair<std::string, MemberValue>>;

/// Strict parsing and serialisation. Source: RFC 9651, 4.1 and 4.2.
/// @return Fault::bad_request with the offset when it must fail.
[[nodiscard]] Result<Item> parse_item(std::string_view text);
[[nodiscard]] Result<List> parse_list(std::string_view text);
[[nodiscard]] Result<Dictionary> parse_dictionary(std::string_view text);
/// A dictionary in which a key, or a parameter of one member, that comes twice is refused, where
/// RFC 9651 lets the last one win: what is signed must mean one thing to every reader.
[[nodiscard]] Result<Dictionary> parse_dictionary_without_duplicates(std::string_view text);

/// A JSON number as written, rounded to thousandths, half to even (RFC 9651, 4.1.5).
/// @return nullopt for an exponent, what is no number, or more than 12 digits before the point.
[[nodiscard]] std::optional<Decimal> to_decimal(std::string_view digits);

[[nodiscard]] Result<std::string> write(const BareItem& value);
[[nodiscard]] Result<std::string> write(const Item& item);
[[nodiscard]] Result<std::string> write(const InnerList& list);
[[nodiscard]] Result<std::string> write(const Parameters& parameters);
[[nodiscard]] Result<std::string> write(const List& list);
[[nodiscard]] Result<std::string> write(const Dictionary& dictionary);

[[nodiscard]] const MemberValue* find(const Dictionary& dictionary, std::string_view key);

}  // namespace datong::signing::sf
