#include "core/signing/structured_field_cursor.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"

namespace datong::signing::sf {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_alpha(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}
bool is_key_char(char c) {
    return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
}
bool is_token_char(char c) {
    return is_alpha(c) || is_digit(c) || std::string_view{"!#$%&'*+-.^_`|~:/"}.find(c) != std::string_view::npos;
}

constexpr std::size_t kIntegerDigits = 15;
constexpr std::size_t kWholeDigits = 12;  // of a decimal, before the point
constexpr std::size_t kFractionDigits = 3;

}  // namespace

bool Cursor::take(char c) {
    if (at_end() || text_[at_] != c) {
        return false;
    }
    ++at_;
    return true;
}

void Cursor::skip_blanks() {
    at_ = std::min(text_.find_first_not_of(' ', at_), text_.size());
}

void Cursor::skip_ows() {
    at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size());
}

tl::unexpected<Error> Cursor::trouble(std::string_view what) const {
    return fail(Fault::bad_request, "structured field: " + std::string{what} + " at offset " + std::to_string(at_));
}

Result<std::string> Cursor::key() {
    if (!is_lower(peek()) && peek() != '*') {
        return trouble("a key begins with a-z or *");
    }
    return run_of(is_key_char);
}

std::string Cursor::run_of(bool (*belongs)(char)) {
    const std::size_t start = at_;
    while (!at_end() && belongs(text_[at_])) {
        ++at_;
    }
    return std::string{text_.substr(start, at_ - start)};
}

Result<BareItem> Cursor::bare_item() {
    const char first = peek();
    if (first == '-' || is_digit(first)) {
        return number();
    }
    if (first == '*' || is_alpha(first)) {
        return BareItem{Token{run_of(is_token_char)}};
    }
    switch (first) {
        case '"':
            return string();
        case ':':
            return bytes();
        case '?':
            return boolean();
        case '@':
            return date();
        case '%':
            return display_string();
        default:
            return trouble("no item begins like this");
    }
}

/// RFC 9651, 4.2.4.
Result<BareItem> Cursor::number() {
    const bool negative = take('-');
    const std::size_t start = at_;
    const std::string whole = run_of(is_digit);
    if (whole.empty()) {
        return trouble("a digit is missing");
    }
    if (peek() != '.') {
        if (whole.size() > kIntegerDigits) {
            return trouble("too many digits");
        }
        const auto value = static_cast<std::int64_t>(to_whole_number(whole).value_or(0));
        return BareItem{negative ? -value : value};
    }
    ++at_;
    std::string fraction = run_of(is_digit);
    if (whole.size() > kWholeDigits || fraction.empty() || fraction.size() > kFractionDigits) {
        at_ = start;
        return trouble("no decimal of 12 and 3 digits");
    }
    fraction.append(kFractionDigits - fraction.size(), '0');
    const auto value = static_cast<std::int64_t>(to_whole_number(whole + fraction).value_or(0));
    return BareItem{Decimal{negative ? -value : value}};
}

/// RFC 9651, 4.2.5.
Result<BareItem> Cursor::string() {
    ++at_;
    std::string out;
    for (; !at_end(); ++at_) {
        char c = text_[at_];
        if (c == '"') {
            ++at_;
            return BareItem{std::move(out)};
        }
        if (c == '\\') {
            ++at_;
            c = peek();
            if (c != '"' && c != '\\') {
                return trouble("no such escape");
            }
        }
        if (c < ' ' || c > '~') {
            return trouble("a character that a string can't have");
        }
        out += c;
    }
    return trouble("the string has no end");
}

/// RFC 9651, 4.2.7; padding and zero bits required, as 4648 allows it to be.
Result<BareItem> Cursor::bytes() {
    const std::size_t end = text_.find(':', at_ + 1);
    if (end == std::string_view::npos) {
        return trouble("the byte sequence has no end");
    }
    auto octets = from_base64(text_.substr(at_ + 1, end - at_ - 1));
    if (!octets) {
        return trouble("no base64");
    }
    at_ = end + 1;
    return BareItem{Bytes{std::move(*octets)}};
}

Result<BareItem> Cursor::boolean() {
    ++at_;
    if (take('1')) {
        return BareItem{true};
    }
    return take('0') ? Result<BareItem>{BareItem{false}} : trouble("a boolean is ?0 or ?1");
}

/// RFC 9651, 4.2.9.
Result<BareItem> Cursor::date() {
    ++at_;
    auto seconds = number();
    if (!seconds) {
        return seconds;
    }
    const auto* whole = std::get_if<std::int64_t>(&*seconds);
    return whole != nullptr ? Result<BareItem>{BareItem{Date{*whole}}} : trouble("a date is an integer");
}

/// RFC 9651, 4.2.10.
Result<BareItem> Cursor::display_string() {
    ++at_;
    if (!take('"')) {
        return trouble("a display string begins with %\"");
    }
    std::string out;
    for (; !at_end(); ++at_) {
        const char c = text_[at_];
        if (c == '"') {
            ++at_;
            return is_utf8(out) ? Result<BareItem>{BareItem{DisplayString{std::move(out)}}} : trouble("no UTF-8");
        }
        if (c < ' ' || c > '~') {
            return trouble("a character that a string can't have");
        }
        if (c != '%') {
            out += c;
            continue;
        }
        const std::string_view digits = text_.substr(at_ + 1, 2);
        const bool lower = std::none_of(digits.begin(), digits.end(), [](char d) { return d >= 'A' && d <= 'F'; });
        const auto octet = lower && digits.size() == 2 ? from_hex(digits) : std::nullopt;
        if (!octet) {
            return trouble("no escape of two lower-case digits");
        }
        out += *octet;
        at_ += 2;
    }
    return trouble("the display string has no end");
}

}  // namespace datong::signing::sf
