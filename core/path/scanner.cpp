#include "core/path/scanner.h"

#include <charconv>

#include "core/base/text.h"

namespace datong::path {
namespace {

constexpr std::int64_t kFarthest = (std::int64_t{1} << 53) - 1;  // RFC 9535, 2.1: the I-JSON range

bool is_ascii_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_ascii_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

bool Scanner::take(std::string_view token) {
    const bool there = text_.substr(at_).starts_with(token);
    at_ += there ? token.size() : 0;
    return there;
}

void Scanner::skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
        ++at_;
    }
}

void Scanner::mistake(std::string reason) {
    if (reason_.empty()) {
        wrong_at_ = at_;
        reason_ = std::move(reason);
    }
}

Error Scanner::error() const {
    const std::size_t column = count_chars(text_.substr(0, wrong_at_)) + 1;
    return {Fault::bad_request, "query column " + std::to_string(column) + ": " + reason_};
}

bool Scanner::is_digit(std::size_t ahead) const noexcept {
    return is_ascii_digit(peek(ahead));
}

bool Scanner::skip_digits() {
    const std::size_t begin = at_;
    while (is_digit()) {
        ++at_;
    }
    return at_ > begin;
}

std::optional<std::int64_t> Scanner::read_integer() {
    const std::size_t begin = at_;
    const std::size_t sign = peek() == '-' ? 1 : 0;
    if (!is_digit(sign)) {
        return std::nullopt;
    }
    const bool zero = peek(sign) == '0';
    if (zero && (sign == 1 || is_digit(1))) {
        mistake("an integer has no leading zero and no '-0'");
        return std::nullopt;
    }
    at_ += sign;
    skip_digits();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data() + begin, text_.data() + at_, value);
    if (error != std::errc{} || value > kFarthest || value < -kFarthest) {
        mistake("an integer beyond 2^53");
        return std::nullopt;
    }
    return value;
}

std::optional<std::string> Scanner::read_number() {
    const std::size_t begin = at_;
    const std::size_t sign = peek() == '-' ? 1 : 0;
    if (!is_digit(sign)) {
        return std::nullopt;
    }
    at_ += sign;
    const bool leading_zero = peek() == '0' && is_digit(1);
    skip_digits();
    bool good = !leading_zero;
    if (take(".")) {
        good = skip_digits() && good;
    }
    if (take("e") || take("E")) {
        if (!take("+")) {
            take("-");
        }
        good = skip_digits() && good;
    }
    if (!good) {
        mistake("not a number");
        return std::nullopt;
    }
    return std::string{text_.substr(begin, at_ - begin)};
}

std::optional<std::string> Scanner::read_string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') {
        return std::nullopt;
    }
    ++at_;
    std::string value;
    while (!at_end() && peek() != quote) {
        const char c = peek();
        if (static_cast<unsigned char>(c) < 0x20) {
            mistake("a control character in a string");
            return std::nullopt;
        }
        if (c != '\\') {
            value += c;
            ++at_;
            continue;
        }
        const auto escaped = read_escape(quote);
        if (!escaped) {
            mistake("an unknown escape");
            return std::nullopt;
        }
        value += to_utf8(std::u32string_view{&*escaped, 1});
    }
    if (at_end()) {
        mistake("a string without its closing quote");
        return std::nullopt;
    }
    ++at_;
    return value;
}

std::optional<char32_t> Scanner::read_escape(char quote) {
    const char c = peek(1);
    at_ += 2;
    if (at_ > text_.size()) {
        at_ = text_.size();
        return std::nullopt;
    }
    switch (c) {
        case 'b':
            return U'\b';
        case 'f':
            return U'\f';
        case 'n':
            return U'\n';
        case 'r':
            return U'\r';
        case 't':
            return U'\t';
        case '/':
            return U'/';
        case '\\':
            return U'\\';
        case 'u':
            return read_unicode_escape();
        default:
            break;
    }
    return c == quote ? std::optional{static_cast<char32_t>(c)} : std::nullopt;
}

std::optional<std::uint32_t> Scanner::read_four_digits() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
        const char c = peek();
        const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!letter && !is_ascii_digit(c)) {
            return std::nullopt;
        }
        value = value * 16 + static_cast<std::uint32_t>(letter ? (c | 0x20) - 'a' + 10 : c - '0');
    }
    return value;
}

std::optional<char32_t> Scanner::read_unicode_escape() {
    const auto unit = read_four_digits();
    if (!unit || (*unit >= 0xDC00 && *unit <= 0xDFFF)) {
        return std::nullopt;
    }
    if (*unit < 0xD800 || *unit > 0xDBFF) {
        return *unit;
    }
    const auto low = take("\\u") ? read_four_digits() : std::nullopt;
    if (!low || *low < 0xDC00 || *low > 0xDFFF) {
        return std::nullopt;
    }
    return 0x10000 + ((*unit - 0xD800) << 10U) + (*low - 0xDC00);
}

bool Scanner::starts_name(std::size_t ahead) const noexcept {
    const char c = peek(ahead);
    return is_ascii_letter(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool Scanner::is_at_name() const noexcept {
    return starts_name(0);
}

std::optional<std::string> Scanner::read_name() {
    const std::size_t begin = at_;
    if (take("#text")) {
        return "#text";
    }
    if (peek() == '@' && starts_name(1)) {
        ++at_;
    }
    if (!starts_name(0)) {
        at_ = begin;
        return std::nullopt;
    }
    bool prefixed = false;
    for (;;) {
        const bool colon = !prefixed && peek() == ':' && starts_name(1);
        if (!starts_name(0) && !is_digit() && peek() != '-' && !colon) {
            break;
        }
        prefixed = prefixed || colon;
        ++at_;
    }
    return std::string{text_.substr(begin, at_ - begin)};
}

std::string_view Scanner::read_function_name() {
    std::size_t end = at_;
    const auto is_part = [this, &end] {
        const char c = end < text_.size() ? text_[end] : '\0';
        return (c >= 'a' && c <= 'z') || (end > at_ && (c == '_' || is_ascii_digit(c)));
    };
    while (is_part()) {
        ++end;
    }
    const std::string_view name = text_.substr(at_, end - at_);
    at_ = end;
    return name;
}

}  // namespace datong::path
