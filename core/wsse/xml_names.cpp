#include "core/wsse/xml_names.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "core/base/text.h"

namespace datong::wsse {
namespace {

constexpr std::size_t kShort = 4;
constexpr std::size_t kLong = 8;

bool is_letter(char32_t c) {
    constexpr char32_t kFirstIdeograph = 0x4E00;
    constexpr char32_t kLastIdeograph = 0x9FA5;
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || c == U'_' ||
           (c >= kFirstIdeograph && c <= kLastIdeograph);
}

bool is_plain(char32_t c, bool first) {
    return is_letter(c) || (!first && ((c >= U'0' && c <= U'9') || c == U'-' || c == U'.'));
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// How many digits the escape at `at` ("_xHHHH_") has; 0: it is none.
std::size_t escape_at(std::string_view name, std::size_t at) {
    if (name.substr(at, 2) != "_x") {
        return 0;
    }
    for (const std::size_t digits : {kShort, kLong}) {
        const std::string_view hex = name.substr(std::min(name.size(), at + 2), digits);
        const std::size_t end = at + 2 + digits;
        const bool all_hex = hex.size() == digits && std::string_view{hex}.find_first_not_of(
                                                         "0123456789abcdefABCDEF") == std::string_view::npos;
        if (all_hex && end < name.size() && name[end] == '_') {
            return digits;
        }
    }
    return 0;
}

void append_escape(std::string& out, char32_t c) {
    constexpr char32_t kLastShort = 0xFFFF;
    std::array<char, 16> text{};
    const int size =
        std::snprintf(text.data(), text.size(), c > kLastShort ? "_x%08X_" : "_x%04X_", static_cast<unsigned>(c));
    out.append(text.data(), static_cast<std::size_t>(size));
}

bool is_character(std::uint64_t c) {
    constexpr std::uint64_t kLast = 0x10FFFF;
    constexpr std::uint64_t kFirstSurrogate = 0xD800;
    constexpr std::uint64_t kLastSurrogate = 0xDFFF;
    return c <= kLast && (c < kFirstSurrogate || c > kLastSurrogate);
}

}  // namespace

std::string to_xml_name(std::string_view name) {
    if (name.empty() || name == "_x_") {
        return name.empty() ? "_x_" : "_x005F_x_";
    }
    std::string out;
    std::size_t at = 0;
    for (const char32_t c : to_code_points(name)) {
        const std::string utf8 = to_utf8(std::u32string_view{&c, 1});
        // "_x" before hex digits could be read as an escape of ours, so its "_" is escaped
        const bool looks_escaped =
            c == U'_' && name.substr(at, 2) == "_x" && at + 2 < name.size() && is_hex(name[at + 2]);
        if (is_plain(c, at == 0) && !looks_escaped) {
            out.append(utf8);
        } else {
            append_escape(out, c);
        }
        at += utf8.size();
    }
    return out;
}

Result<std::string> from_xml_name(std::string_view name) {
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t digits = escape_at(name, at);
        if (digits == 0) {
            out += name[at++];
            continue;
        }
        const std::uint64_t code = std::stoull(std::string{name.substr(at + 2, digits)}, nullptr, 16);
        if (!is_character(code)) {
            return fail(Fault::bad_request, "xml: an escape of no character in a name");
        }
        const auto c = static_cast<char32_t>(code);
        out.append(to_utf8(std::u32string_view{&c, 1}));
        at += digits + 3;
    }
    return name == "_x_" ? std::string{} : out;
}

}  // namespace datong::wsse
