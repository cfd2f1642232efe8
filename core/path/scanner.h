#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::path {

/// The text of a query, read from left to right. Every read_ gives nothing and stays where it is when
/// something else stands there, but for what is begun and broken: then mistake() is set.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_{text} {}

    [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }
    [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    bool take(std::string_view token);
    void skip_blanks();

    /// Integer of an index or a slice: no leading zeros, no "-0", within 2^53. Source: RFC 9535, 2.1 and 2.3.3.1.
    [[nodiscard]] std::optional<std::int64_t> read_integer();
    /// A number literal, as written. Source: RFC 9535, 2.3.5.1.
    [[nodiscard]] std::optional<std::string> read_number();
    /// A quoted string. Source: RFC 9535, 2.3.1.1.
    [[nodiscard]] std::optional<std::string> read_string();
    /// A member name in shorthand; also "@name", "#text", "ns:name" and names with '-'.
    [[nodiscard]] std::optional<std::string> read_name();
    /// A function's name. Source: RFC 9535, 2.4.
    [[nodiscard]] std::string_view read_function_name();
    /// Whether a member name in shorthand (without the extensions) begins here.
    [[nodiscard]] bool is_at_name() const noexcept;

    /// Where one stands, to come back to.
    [[nodiscard]] std::size_t offset() const noexcept { return at_; }
    void go_back(std::size_t offset) noexcept { at_ = offset; }

    /// Remembers the first mistake, at the current place.
    void mistake(std::string reason);
    [[nodiscard]] bool has_mistake() const noexcept { return !reason_.empty(); }
    [[nodiscard]] Error error() const;

private:
    [[nodiscard]] std::optional<char32_t> read_escape(char quote);
    [[nodiscard]] std::optional<char32_t> read_unicode_escape();
    [[nodiscard]] std::optional<std::uint32_t> read_four_digits();
    [[nodiscard]] bool is_digit(std::size_t ahead = 0) const noexcept;
    [[nodiscard]] bool starts_name(std::size_t ahead) const noexcept;
    bool skip_digits();

    std::string_view text_;
    std::size_t at_{};
    std::size_t wrong_at_{};
    std::string reason_;
};

}  // namespace datong::path
