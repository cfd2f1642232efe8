#include "core/charset/gb18030.h"

#include <array>
#include <vector>

#include "core/charset/converter.h"
#include "core/charset/unicode.h"

namespace datong::charset {
namespace {

constexpr std::size_t kTrails = 190;
constexpr std::size_t kTwoByteCodes = 126 * kTrails;
constexpr std::size_t kFourByteCodes = 39420;   ///< for the basic plane: what has no shorter code
constexpr std::size_t kFirstPlaneOne = 189000;  ///< linear number of 90308130, U+10000

/// A two-byte code whose character was private use in the edition of 2000 and is a formal one now.
struct Reassigned {
    std::uint16_t code;
    char32_t private_use;
    char32_t formal;
};

/// The 18 that GB 18030-2022 exchanged with their four-byte codes.
constexpr std::array<Reassigned, 18> kExchanged{{
    {0xA6D9, 0xE78D, 0xFE10},
    {0xA6DA, 0xE78E, 0xFE12},
    {0xA6DB, 0xE78F, 0xFE11},
    {0xA6DC, 0xE790, 0xFE13},
    {0xA6DD, 0xE791, 0xFE14},
    {0xA6DE, 0xE792, 0xFE15},
    {0xA6DF, 0xE793, 0xFE16},
    {0xA6EC, 0xE794, 0xFE17},
    {0xA6ED, 0xE795, 0xFE18},
    {0xA6F3, 0xE796, 0xFE19},
    {0xFE59, 0xE81E, 0x9FB4},
    {0xFE61, 0xE826, 0x9FB5},
    {0xFE66, 0xE82B, 0x9FB6},
    {0xFE67, 0xE82C, 0x9FB7},
    {0xFE6D, 0xE832, 0x9FB8},
    {0xFE7E, 0xE843, 0x9FB9},
    {0xFE90, 0xE854, 0x9FBA},
    {0xFEA0, 0xE864, 0x9FBB},
}};

/// The one that the edition of 2005 had exchanged before.
constexpr Reassigned kExchangedIn2005{0xA8BC, 0xE7C7, 0x1E3F};

/// The 6 whose character has a code in plane 2 as well: read as that character, so that names agree.
constexpr std::array<Reassigned, 6> kDoubled{{
    {0xFE51, 0xE816, 0x20087},
    {0xFE52, 0xE817, 0x20089},
    {0xFE53, 0xE818, 0x200CC},
    {0xFE6C, 0xE831, 0x215D7},
    {0xFE76, 0xE83B, 0x2298F},
    {0xFE91, 0xE855, 0x241FE},
}};

constexpr std::size_t two_byte_index(unsigned lead, unsigned trail) {
    return (lead - 0x81) * kTrails + trail - (trail < 0x7F ? 0x40U : 0x41U);
}

constexpr std::size_t index_of(std::uint16_t code) {
    return two_byte_index(code >> 8U, code & 0xFFU);
}

constexpr std::uint32_t code_of_index(std::size_t index) {
    const std::size_t trail = index % kTrails;
    return static_cast<std::uint32_t>(((index / kTrails + 0x81) << 8U) | (trail + (trail < 0x3F ? 0x40U : 0x41U)));
}

constexpr std::uint32_t four_byte_code(std::size_t linear) {
    const auto fourth = static_cast<std::uint32_t>(linear % 10 + 0x30);
    const auto third = static_cast<std::uint32_t>(linear / 10 % 126 + 0x81);
    const auto second = static_cast<std::uint32_t>(linear / 1260 % 10 + 0x30);
    const auto first = static_cast<std::uint32_t>(linear / 12600 + 0x81);
    return (first << 24U) | (second << 16U) | (third << 8U) | fourth;
}

/// Both directions, built once from the C library's two-byte table and the overlay. The four-byte
/// codes need no table of anybody: they number the rest of the basic plane in order.
class Table {
public:
    Table() {
        read_two_byte_codes();
        number_four_byte_codes();
        invert();
    }

    [[nodiscard]] char32_t two(unsigned lead, unsigned trail) const { return two_[two_byte_index(lead, trail)]; }
    [[nodiscard]] char32_t four(std::size_t linear) const { return linear < four_.size() ? four_[linear] : 0; }
    /// Two or four bytes as one number, 0 for none.
    [[nodiscard]] std::uint32_t code_of(char32_t code_point) const;
    [[nodiscard]] std::uint64_t digest() const;

private:
    void read_two_byte_codes();
    void number_four_byte_codes();
    void invert();

    std::vector<char32_t> two_ = std::vector<char32_t>(kTwoByteCodes);
    std::vector<char32_t> four_;
    std::vector<std::uint32_t> codes_ = std::vector<std::uint32_t>(0x10000);
};

void Table::read_two_byte_codes() {
    Converter converter{"UTF-8", "GB18030"};
    for (std::size_t index = 0; index < kTwoByteCodes; ++index) {
        const std::uint32_t code = code_of_index(index);
        const std::array<char, 2> bytes{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
        const auto utf8 = converter.convert({bytes.data(), bytes.size()}, "charset.invalid");
        std::size_t at = 0;
        two_[index] = utf8 && !utf8->empty() ? next_of_valid(*utf8, at) : 0;
    }
    for (const Reassigned& one : kExchanged) {
        two_[index_of(one.code)] = one.formal;
    }
    for (const Reassigned& one : kDoubled) {
        two_[index_of(one.code)] = one.formal;
    }
    two_[index_of(kExchangedIn2005.code)] = kExchangedIn2005.formal;
}

void Table::number_four_byte_codes() {
    std::vector<bool> shorter(0x10000);
    for (const char32_t code_point : two_) {
        if (code_point < 0x10000) {
            shorter[code_point] = true;
        }
    }
    // the numbers were given in the year 2000, when the two-byte codes stood for private use
    std::vector<char32_t> now(0x10000);
    const auto exchange = [&shorter, &now](const Reassigned& one) {
        shorter[one.private_use] = true;
        shorter[one.formal] = false;
        now[one.formal] = one.private_use;
    };
    for (const Reassigned& one : kExchanged) {
        exchange(one);
    }
    exchange(kExchangedIn2005);
    for (const Reassigned& one : kDoubled) {
        shorter[one.private_use] = true;
    }
    four_.reserve(kFourByteCodes);
    for (char32_t code_point = 0x80; code_point < 0x10000; ++code_point) {
        if (!shorter[code_point] && (code_point < 0xD800 || code_point > 0xDFFF)) {
            four_.push_back(now[code_point] != 0 ? now[code_point] : code_point);
        }
    }
}

void Table::invert() {
    for (std::size_t linear = 0; linear < four_.size(); ++linear) {
        codes_[four_[linear]] = four_byte_code(linear);
    }
    for (std::size_t index = 0; index < two_.size(); ++index) {
        if (two_[index] != 0 && two_[index] < 0x10000) {
            codes_[two_[index]] = code_of_index(index);
        }
    }
    for (const Reassigned& one : kDoubled) {
        codes_[one.private_use] = one.code;
    }
}

std::uint32_t Table::code_of(char32_t code_point) const {
    if (code_point < 0x10000) {
        return codes_[code_point];
    }
    for (const Reassigned& one : kDoubled) {
        if (one.formal == code_point) {
            return one.code;
        }
    }
    return four_byte_code(kFirstPlaneOne + (code_point - 0x10000));
}

/// FNV-1a, 64 bits: it guards against another table, not against an attacker.
std::uint64_t Table::digest() const {
    std::uint64_t digest = 0xCBF29CE484222325U;
    const auto take = [&digest](char32_t code_point) { digest = (digest ^ code_point) * 0x100000001B3U; };
    for (const char32_t code_point : two_) {
        take(code_point);
    }
    for (const char32_t code_point : four_) {
        take(code_point);
    }
    return digest;
}

const Table& table() {
    static const Table kTable;  // immutable, some milliseconds to build
    return kTable;
}

struct Decoded {
    char32_t code_point{};
    std::size_t size{};  ///< bytes read; 0: trouble
    std::string_view rule{"charset.invalid"};
};

Decoded decode_four(const Table& codes, std::string_view rest) {
    for (std::size_t i = 2; i < 4; ++i) {
        if (i >= rest.size()) {
            return {0, 0, "charset.truncated"};
        }
        const unsigned byte = static_cast<unsigned char>(rest[i]);
        if (i == 2 ? byte < 0x81 || byte == 0xFF : byte < 0x30 || byte > 0x39) {
            return {};
        }
    }
    const auto part = [&rest](std::size_t at, unsigned least) {
        return std::size_t{static_cast<unsigned char>(rest[at])} - least;
    };
    const std::size_t linear = part(0, 0x81) * 12600 + part(1, 0x30) * 1260 + part(2, 0x81) * 10 + part(3, 0x30);
    if (linear >= kFirstPlaneOne) {
        const std::size_t code_point = 0x10000 + (linear - kFirstPlaneOne);
        return code_point <= 0x10FFFF ? Decoded{static_cast<char32_t>(code_point), 4} : Decoded{};
    }
    const char32_t code_point = codes.four(linear);
    return code_point != 0 ? Decoded{code_point, 4} : Decoded{};
}

/// @param rest  begins with a byte over 7F.
Decoded decode_one(const Table& codes, std::string_view rest) {
    const unsigned lead = static_cast<unsigned char>(rest[0]);
    if (lead == 0x80 || lead == 0xFF) {
        return {};
    }
    if (rest.size() < 2) {
        return {0, 0, "charset.truncated"};
    }
    const unsigned trail = static_cast<unsigned char>(rest[1]);
    if (trail >= 0x30 && trail <= 0x39) {
        return decode_four(codes, rest);
    }
    if (trail < 0x40 || trail == 0x7F || trail == 0xFF) {
        return {};
    }
    const char32_t code_point = codes.two(lead, trail);
    return code_point != 0 ? Decoded{code_point, 2} : Decoded{};
}

void append_code(std::string& out, std::uint32_t code) {
    for (unsigned shift = code > 0xFFFF ? 32U : 16U; shift > 0; shift -= 8) {
        out += static_cast<char>((code >> (shift - 8)) & 0xFFU);
    }
}

std::size_t ascii_run(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && static_cast<unsigned char>(text[end]) < 0x80) {
        ++end;
    }
    return end - at;
}

}  // namespace

tl::expected<std::string, Trouble> decode_gb18030(std::string_view bytes, bool is_gbk) {
    const Table& codes = table();
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 2);
    for (std::size_t at = 0; at < bytes.size();) {
        if (const std::size_t run = ascii_run(bytes, at); run > 0) {
            out.append(bytes.substr(at, run));
            at += run;
            continue;
        }
        if (is_gbk && bytes[at] == '\x80') {
            append_utf8(out, 0x20AC);
            ++at;
            continue;
        }
        const Decoded one = decode_one(codes, bytes.substr(at));
        if (one.size == 0) {
            return tl::unexpected{Trouble{one.rule, at}};
        }
        append_utf8(out, one.code_point);
        at += one.size;
    }
    return out;
}

tl::expected<std::string, Trouble> encode_gb18030(std::string_view utf8, bool is_gbk) {
    const Table& codes = table();
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
        if (const std::size_t run = ascii_run(utf8, at); run > 0) {
            out.append(utf8.substr(at, run));
            at += run;
            continue;
        }
        const std::size_t before = at;
        const char32_t code_point = next_of_valid(utf8, at);
        if (is_gbk && code_point == 0x20AC) {
            out += '\x80';
            continue;
        }
        const std::uint32_t code = codes.code_of(code_point);
        if (code == 0 || (is_gbk && code > 0xFFFF)) {
            return tl::unexpected{Trouble{"charset.unmappable", before}};
        }
        append_code(out, code);
    }
    return out;
}

char32_t formal_of_private_use(char32_t code_point) {
    for (const Reassigned& one : kExchanged) {
        if (one.private_use == code_point) {
            return one.formal;
        }
    }
    for (const Reassigned& one : kDoubled) {
        if (one.private_use == code_point) {
            return one.formal;
        }
    }
    return 0;
}

std::uint64_t gb18030_digest() {
    return table().digest();
}

}  // namespace datong::charset
