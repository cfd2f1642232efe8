#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/mapping/paths.h"

namespace datong::mapping {
namespace {

/// Length of the white-space character at the start of the text; 0 for none.
std::size_t space_at_start(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned first = byte(0);
    if (first == 0x20 || (first >= 0x09 && first <= 0x0D)) {
        return 1;
    }
    if (first < 0x80) {
        return 0;
    }
    if (first == 0xC2 && (byte(1) == 0x85 || byte(1) == 0xA0)) {
        return 2;
    }
    const unsigned rest = (byte(1) << 8U) | byte(2);
    const bool wide =
        (first == 0xE3 && rest == 0x8080) || (first == 0xEF && rest == 0xBBBF) || (first == 0xE1 && rest == 0x9A80) ||
        (first == 0xE2 &&
         ((rest >= 0x8080 && rest <= 0x808A) || rest == 0x80A8 || rest == 0x80A9 || rest == 0x80AF || rest == 0x819F));
    return wide ? 3 : 0;
}

std::size_t space_at_end(std::string_view text) {
    for (std::size_t length = 1; length <= 3 && length <= text.size(); ++length) {
        if (space_at_start(text.substr(text.size() - length)) == length) {
            return length;
        }
    }
    return 0;
}

/// Without the NULs that a column of fixed width is filled with; with `trim` they are white space among other.
std::string_view without_filling(std::string_view text, bool trim) {
    while (text.ends_with('\0') || (trim && text.starts_with('\0'))) {
        text.ends_with('\0') ? text.remove_suffix(1) : text.remove_prefix(1);
        text = trim ? trim_all(text) : text;
    }
    return text;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

/// Whether one of eight octets is below U+0020: every value of every record comes by here.
bool has_below_space(std::string_view eight) {
    constexpr std::uint64_t kEach = 0x0101010101010101;
    std::uint64_t word = 0;
    std::memcpy(&word, eight.data(), sizeof word);
    return ((word - kEach * 0x20) & ~word & kEach * 0x80) != 0;
}

}  // namespace

std::string_view trim_all(std::string_view text) {
    const auto plain = [](char c) { return c > 0x20 && c < 0x7F; };
    if (!text.empty() && plain(text.front()) && plain(text.back())) {
        return text;
    }
    while (const std::size_t length = space_at_start(text)) {
        text.remove_prefix(length);
    }
    while (const std::size_t length = space_at_end(text)) {
        text.remove_suffix(length);
    }
    return text;
}

std::optional<std::string_view> Normaliser::operator()(std::string_view text) const {
    text = without_filling(trim ? trim_all(text) : text, trim);
    if ((text.empty() && empty_as_null) ||
        std::find(null_tokens.begin(), null_tokens.end(), text) != null_tokens.end()) {
        return std::nullopt;
    }
    return text;
}

bool has_control(std::string_view text) {
    while (text.size() >= sizeof(std::uint64_t)) {
        const std::string_view eight = text.substr(0, sizeof(std::uint64_t));
        if (has_below_space(eight) && std::any_of(eight.begin(), eight.end(), is_control)) {
            return true;
        }
        text.remove_prefix(eight.size());
    }
    return std::any_of(text.begin(), text.end(), is_control);
}

}  // namespace datong::mapping
