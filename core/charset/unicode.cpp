#include "core/charset/unicode.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace datong::charset {
namespace {

unsigned byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

char to_char(char32_t value) {
    return static_cast<char>(static_cast<unsigned char>(value & 0xFFU));
}

/// Bytes that a sequence wants by its first byte; 0 when none begins so.
std::size_t size_of_sequence(unsigned first) {
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2 || first > 0xF4) {
        return 0;
    }
    return first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
}

/// Whether `next` may stand second behind `first`. Source: Unicode 15, table 3-7.
bool may_be_second(unsigned first, unsigned next) {
    const unsigned least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return next >= least && next <= most;
}

bool is_continuation(unsigned byte) {
    return (byte & 0xC0U) == 0x80;
}

/// Bytes of what most text is made of, eight of ASCII or one Chinese character, when that stands here
/// and is good; 0 leaves the matter to who looks closer.
std::size_t size_of_common(std::string_view bytes, std::size_t at) {
    if (at + sizeof(std::uint64_t) <= bytes.size()) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, bytes.data() + at, sizeof eight);
        if ((eight & 0x8080808080808080U) == 0) {
            return sizeof eight;
        }
    }
    const unsigned first = byte_at(bytes, at);
    if (first < 0x80) {
        return 1;
    }
    const bool is_plain = first > 0xE0 && first < 0xED && at + 2 < bytes.size();
    return is_plain && is_continuation(byte_at(bytes, at + 1)) && is_continuation(byte_at(bytes, at + 2)) ? 3 : 0;
}

char32_t unit_at(std::string_view bytes, std::size_t at, bool big_endian) {
    const unsigned one = byte_at(bytes, at);
    const unsigned other = byte_at(bytes, at + 1);
    return big_endian ? (one << 8U) | other : (other << 8U) | one;
}

void append_unit(std::string& out, char32_t unit, bool big_endian) {
    out += to_char(big_endian ? unit >> 8U : unit);
    out += to_char(big_endian ? unit : unit >> 8U);
}

bool is_high(char32_t unit) {
    return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(char32_t unit) {
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

}  // namespace

void append_utf8(std::string& out, char32_t code_point) {
    if (code_point < 0x80) {
        out += to_char(code_point);
        return;
    }
    if (code_point < 0x800) {
        out += to_char(0xC0U | (code_point >> 6U));
    } else {
        if (code_point < 0x10000) {
            out += to_char(0xE0U | (code_point >> 12U));
        } else {
            out += to_char(0xF0U | (code_point >> 18U));
            out += to_char(0x80U | ((code_point >> 12U) & 0x3FU));
        }
        out += to_char(0x80U | ((code_point >> 6U) & 0x3FU));
    }
    out += to_char(0x80U | (code_point & 0x3FU));
}

char32_t next_of_valid(std::string_view utf8, std::size_t& at) {
    const unsigned first = byte_at(utf8, at);
    const std::size_t size = size_of_sequence(first);
    char32_t value = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        value = (value << 6U) | (byte_at(utf8, at + i) & 0x3FU);
    }
    at += std::max<std::size_t>(size, 1);
    return value;
}

std::optional<Trouble> trouble_of_utf8(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (const std::size_t good = size_of_common(bytes, at); good > 0) {
            at += good;
            continue;
        }
        const unsigned first = byte_at(bytes, at);
        const std::size_t size = size_of_sequence(first);
        const std::size_t there = std::min(size, bytes.size() - at);
        bool good = size > 0 && (there < 2 || may_be_second(first, byte_at(bytes, at + 1)));
        for (std::size_t i = 2; good && i < there; ++i) {
            good = is_continuation(byte_at(bytes, at + i));
        }
        if (!good) {
            return Trouble{"charset.invalid", at};
        }
        if (there < size) {
            return Trouble{"charset.truncated", at};
        }
        at += size;
    }
    return std::nullopt;
}

tl::expected<std::string, Trouble> decode_utf16(std::string_view bytes, bool big_endian) {
    std::string out;
    out.reserve(bytes.size() / 2 * 3);
    std::size_t at = 0;
    while (at + 1 < bytes.size()) {
        char32_t unit = unit_at(bytes, at, big_endian);
        std::size_t size = 2;
        if (is_high(unit)) {
            if (at + 3 >= bytes.size()) {
                return tl::unexpected{Trouble{"charset.truncated", at}};
            }
            const char32_t low = unit_at(bytes, at + 2, big_endian);
            if (!is_low(low)) {
                return tl::unexpected{Trouble{"charset.invalid", at}};
            }
            unit = 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
            size = 4;
        } else if (is_low(unit)) {
            return tl::unexpected{Trouble{"charset.invalid", at}};
        }
        append_utf8(out, unit);
        at += size;
    }
    if (at < bytes.size()) {
        return tl::unexpected{Trouble{"charset.truncated", at}};
    }
    return out;
}

std::string encode_utf16(std::string_view utf8, bool big_endian) {
    std::string out;
    out.reserve(utf8.size() * 2);
    for (std::size_t at = 0; at < utf8.size();) {
        char32_t code_point = next_of_valid(utf8, at);
        if (code_point >= 0x10000) {
            code_point -= 0x10000;
            append_unit(out, 0xD800 + (code_point >> 10U), big_endian);
            code_point = 0xDC00 + (code_point & 0x3FFU);
        }
        append_unit(out, code_point, big_endian);
    }
    return out;
}

std::string decode_latin1(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (const char c : bytes) {
        append_utf8(out, static_cast<unsigned char>(c));
    }
    return out;
}

tl::expected<std::string, Trouble> encode_latin1(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
        const std::size_t before = at;
        const char32_t code_point = next_of_valid(utf8, at);
        if (code_point > 0xFF) {
            return tl::unexpected{Trouble{"charset.unmappable", before}};
        }
        out += to_char(code_point);
    }
    return out;
}

}  // namespace datong::charset
