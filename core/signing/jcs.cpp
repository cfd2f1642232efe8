#include "core/signing/jcs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "core/base/text.h"
#include "core/codec/json.h"

namespace datong::signing {
namespace {

using record::Member;
using record::Record;

/// Whether one name sorts before another by UTF-16 code units: as by code points, but that what lies beyond the basic
/// plane is written with surrogates (D800 to DFFF) and so sorts before E000 to FFFF.
bool sorts_before(const std::u32string& one, const std::u32string& other) {
    const auto unit = [](char32_t c) -> std::uint32_t {
        constexpr std::uint32_t kPlane = 0x10000;
        constexpr std::uint32_t kLifted = 0x200000;  // above every code point
        if (c >= kPlane) {
            return c;
        }
        return c >= 0xE000 ? kLifted + c : c;
    };
    return std::lexicographical_compare(one.begin(), one.end(), other.begin(), other.end(),
                                        [&](char32_t a, char32_t b) { return unit(a) < unit(b); });
}

Status append(std::string& out, const Record& value);

Status append_object(std::string& out, const Record& value) {
    struct Named {
        std::u32string key;
        const Member* member;
    };
    std::vector<Named> sorted;
    sorted.reserve(value.members().size());
    for (const Member& member : value.members()) {
        sorted.push_back({to_code_points(member.name), &member});
    }
    std::sort(sorted.begin(), sorted.end(),
              [](const Named& one, const Named& other) { return sorts_before(one.key, other.key); });
    out += '{';
    for (const Named& one : sorted) {
        if (&one != sorted.data()) {
            out += ',';
        }
        codec::append_json_text(out, one.member->name);
        out += ':';
        if (auto good = append(out, one.member->value); !good) {
            return good;
        }
    }
    out += '}';
    return {};
}

Status append_list(std::string& out, const Record& value) {
    out += '[';
    bool first = true;
    for (const Record& item : value.items()) {
        out.append(first ? "" : ",");
        first = false;
        if (auto good = append(out, item); !good) {
            return good;
        }
    }
    out += ']';
    return {};
}

Status append_number(std::string& out, std::string_view digits) {
    double number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc::result_out_of_range) {  // of both ends: what is too small is 0 in ECMAScript
        number = std::strtod(std::string{digits}.c_str(), nullptr);
    }
    if (end != digits.data() + digits.size() || !std::isfinite(number)) {
        return fail(Fault::bad_request, "jcs: a number beyond the range of a double");
    }
    out.append(ecmascript_number(number));
    return {};
}

Status append(std::string& out, const Record& value) {
    switch (value.kind()) {
        case Record::Kind::object:
            return append_object(out, value);
        case Record::Kind::list:
            return append_list(out, value);
        case Record::Kind::number:
            return append_number(out, value.scalar());
        case Record::Kind::bytes:
            return fail(Fault::bad_request, "jcs: bytes are not JSON");
        case Record::Kind::null:
        case Record::Kind::boolean:
        case Record::Kind::text:
            codec::append_json(out, value);
            return {};
    }
    return {};
}

/// The shortest digits that read back as the number, and how many of them stand before the point.
struct Shortest {
    std::string digits;
    int point{};
};

Shortest shortest(double positive) {
    std::array<char, 32> buffer{};
    const auto [end, error] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), positive, std::chars_format::scientific);
    const std::string_view text{buffer.data(), static_cast<std::size_t>(end - buffer.data())};
    const std::size_t mark = text.find('e');
    Shortest made;
    for (const char c : text.substr(0, mark)) {
        if (c != '.') {
            made.digits += c;
        }
    }
    const char* exponent = text.data() + mark + 1;
    if (*exponent == '+') {
        ++exponent;
    }
    std::from_chars(exponent, end, made.point);
    ++made.point;
    static_cast<void>(error);  // 32 characters hold any double
    return made;
}

}  // namespace

std::string ecmascript_number(double value) {
    constexpr int kMostBeforePoint = 21;
    constexpr int kMostZerosBehind = -6;
    if (value == 0) {
        return "0";
    }
    std::string out = value < 0 ? "-" : "";
    const auto [digits, point] = shortest(std::fabs(value));
    const int count = static_cast<int>(digits.size());
    if (count <= point && point <= kMostBeforePoint) {
        return out.append(digits).append(static_cast<std::size_t>(point - count), '0');
    }
    if (0 < point && point <= kMostBeforePoint) {
        const auto before = static_cast<std::size_t>(point);
        return out.append(digits, 0, before).append(".").append(digits, before);
    }
    if (kMostZerosBehind < point && point <= 0) {
        return out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
    }
    out += digits.front();
    if (count > 1) {
        out.append(".").append(digits, 1);
    }
    return out.append(point > 0 ? "e+" : "e-").append(std::to_string(std::abs(point - 1)));
}

Result<std::string> canonical_json(const Record& value) {
    std::string out;
    if (auto good = append(out, value); !good) {
        return fail(std::move(good.error()));
    }
    return out;
}

}  // namespace datong::signing
