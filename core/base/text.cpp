#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

namespace datong {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes.data()[at]);
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The two digits of every twelve bits: half of the steps, and no more than 8 KiB.
using DigitPairs = std::array<std::array<char, 2>, 4096>;

constexpr DigitPairs pairs_of(std::string_view alphabet) {
    DigitPairs pairs{};
    for (std::size_t bits = 0; bits < pairs.size(); ++bits) {
        pairs[bits] = {alphabet[bits >> 6U], alphabet[bits & 63U]};
    }
    return pairs;
}

std::string encode_base64(std::string_view bytes, const DigitPairs& pairs, bool padded) {
    const std::size_t left = bytes.size() % 3;  // one or two octets at the end
    std::string out(bytes.size() / 3 * 4 + (left == 0 ? 0 : padded ? 4 : left + 1), '=');
    char* to = out.data();
    std::size_t at = 0;
    for (; at + 3 <= bytes.size(); at += 3, to += 4) {
        const std::uint32_t group = byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
        std::memcpy(to, pairs[group >> 12].data(), 2);
        std::memcpy(to + 2, pairs[group & 4095].data(), 2);
    }
    if (left > 0) {
        const std::uint32_t group = byte_at(bytes, at) << 16 | (left > 1 ? byte_at(bytes, at + 1) << 8 : 0);
        std::memcpy(to, pairs[group >> 12].data(), 2);
        if (left > 1) {
            to[2] = pairs[group & 4095][0];
        }
    }
    return out;
}

constexpr std::array<std::int8_t, 256> reverse_of(std::string_view alphabet) {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}

std::optional<std::string> decode_base64(std::string_view text, const std::array<std::int8_t, 256>& values) {
    if (text.size() % 4 == 1) {
        return std::nullopt;
    }
    const std::size_t left = text.size() % 4;  // characters of the last octets; with padding, that was taken off
    std::string out(text.size() / 4 * 3 + (left == 0 ? 0 : left - 1), '\0');
    char* to = out.data();
    std::uint32_t strange = 0;  // has its highest bit as soon as one character is none of the alphabet
    std::size_t at = 0;
    const auto value_at = [&](std::size_t i) {
        const auto value = static_cast<std::uint32_t>(std::int32_t{values[static_cast<unsigned char>(text[i])]});
        strange |= value;
        return value;
    };
    for (; at + 4 <= text.size(); at += 4) {
        const std::uint32_t group =
            value_at(at) << 18 | value_at(at + 1) << 12 | value_at(at + 2) << 6 | value_at(at + 3);
        *to++ = static_cast<char>(group >> 16 & 0xFF);
        *to++ = static_cast<char>(group >> 8 & 0xFF);
        *to++ = static_cast<char>(group & 0xFF);
    }
    std::uint32_t group = 0;
    for (; at < text.size(); ++at) {
        group = group << 6 | value_at(at);
    }
    const std::uint32_t unused = left == 2 ? 4 : left == 3 ? 2 : 0;
    if (strange >> 31 != 0 || (group & ((1U << unused) - 1)) != 0) {  // unused bits must be zero
        return std::nullopt;
    }
    group >>= unused;
    for (std::size_t i = left; i > 1; --i) {
        *to++ = static_cast<char>(group >> (8 * (i - 2)) & 0xFF);
    }
    return out;
}

constexpr auto kFromBase64 = reverse_of(kBase64);
constexpr auto kFromBase64Url = reverse_of(kBase64Url);

/// Reads one code point and moves `at` behind it; nullopt for invalid UTF-8 (at then moves by one).
std::optional<char32_t> next_code_point(std::string_view bytes, std::size_t& at) {
    const std::uint32_t first = byte_at(bytes, at);
    if (first < 0x80) {
        ++at;
        return first;
    }
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
    std::uint32_t value = first & (0xFFU >> (size + 1));
    bool good = first >= 0xC2 && first <= 0xF4 && at + size <= bytes.size();
    for (std::size_t i = 1; good && i < size; ++i) {
        const std::uint32_t next = byte_at(bytes, at + i);
        good = (next & 0xC0) == 0x80;
        value = (value << 6) | (next & 0x3F);
    }
    good = good && value >= kLeast[size] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    at += good ? size : 1;
    return good ? std::optional<char32_t>{value} : std::nullopt;
}

/// Whether eight octets from there are all ASCII, looked at as one number.
bool is_ascii_eight(std::string_view bytes, std::size_t at) {
    std::uint64_t eight = 0;
    if (at + sizeof eight > bytes.size()) {
        return false;
    }
    std::memcpy(&eight, bytes.data() + at, sizeof eight);
    return (eight & 0x8080808080808080) == 0;
}

/// Letters to put in, leave out, replace or swap with their neighbour (optimal string alignment).
std::size_t edit_distance(std::string_view one, std::string_view other) {
    std::vector<std::size_t> before(other.size() + 1);  // the row before the last
    std::vector<std::size_t> last(other.size() + 1);
    std::vector<std::size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= one.size(); ++i) {
        before.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j < row.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
    }
    return row.back();
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    std::string out(bytes.size() * 2, '\0');
    char* to = out.data();
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        *to++ = kHex.data()[byte >> 4U];
        *to++ = kHex.data()[byte & 15U];
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return std::nullopt;
    }
    std::string out;
    out.reserve(text.size() / 2);
    const std::string lower = ascii_lower(text);
    for (std::size_t at = 0; at < lower.size(); at += 2) {
        const auto high = kHex.find(lower[at]);
        const auto low = kHex.find(lower[at + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return std::nullopt;
        }
        out += static_cast<char>(high << 4 | low);
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    static constexpr DigitPairs kPairs = pairs_of(kBase64);
    return encode_base64(bytes, kPairs, true);
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
        text.remove_suffix(1);
    }
    return decode_base64(text, kFromBase64);
}

std::string to_base64url(std::string_view bytes) {
    static constexpr DigitPairs kPairs = pairs_of(kBase64Url);
    return encode_base64(bytes, kPairs, false);
}

std::optional<std::string> from_base64url(std::string_view text) {
    return decode_base64(text, kFromBase64Url);
}

bool is_utf8(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        if (is_ascii_eight(bytes, at)) {
            at += 8;
        } else if (!next_code_point(bytes, at)) {
            return false;
        }
    }
    return true;
}

std::u32string to_code_points(std::string_view utf8) {
    std::u32string out;
    out.reserve(utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
        out += next_code_point(utf8, at).value_or(U'\uFFFD');
    }
    return out;
}

std::string to_utf8(std::u32string_view code_points) {
    std::string out;
    out.reserve(code_points.size());
    for (const char32_t c : code_points) {
        if (c < 0x80) {
            out += static_cast<char>(c);
        } else if (c < 0x800) {
            out += static_cast<char>(0xC0 | (c >> 6));
            out += static_cast<char>(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            out += static_cast<char>(0xE0 | (c >> 12));
            out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
            out += static_cast<char>(0x80 | (c & 0x3F));
        } else {
            out += static_cast<char>(0xF0 | (c >> 18));
            out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
            out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
            out += static_cast<char>(0x80 | (c & 0x3F));
        }
    }
    return out;
}

std::size_t count_chars(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string ascii_lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool ascii_equal_ignoring_case(std::string_view one, std::string_view other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](char mine, char theirs) { return lower(mine) == lower(theirs); });
}

std::string_view trim_ows(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

std::optional<std::uint64_t> to_whole_number(std::string_view text) {
    if (text.empty() || text.size() > 19) {  // 19 digits always fit
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

std::optional<std::string> nearest(std::string_view meant, std::span<const std::string> candidates) {
    const std::string wanted = ascii_lower(meant);
    std::optional<std::string> best;
    std::size_t least = std::max<std::size_t>(1, wanted.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(wanted, ascii_lower(candidate));
        if (distance < least) {
            least = distance;
            best = candidate;
        }
    }
    return best;
}

bool equal_in_constant_time(std::string_view one, std::string_view other) {
    if (one.size() != other.size()) {
        return false;
    }
    unsigned difference = 0;
    for (std::size_t at = 0; at < one.size(); ++at) {
        difference |= byte_at(one, at) ^ byte_at(other, at);
    }
    return difference == 0;
}

}  // namespace datong
