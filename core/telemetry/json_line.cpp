#include "core/telemetry/json_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include "core/base/clock.h"
#include "core/base/text.h"

namespace datong::telemetry {
namespace {

void append_control(std::string& out, unsigned char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out.append("\\u00").push_back(kDigits[c >> 4U]);
    out.push_back(kDigits[c & 0xFU]);
}

bool stands_for_itself(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F && c != '"' && c != '\\';
}

void append_escaped(std::string& out, std::string_view utf8) {
    for (;;) {
        const auto other = std::find_if_not(utf8.begin(), utf8.end(), stands_for_itself);
        out.append(utf8.begin(), other);
        if (other == utf8.end()) {
            return;
        }
        if (*other == '"' || *other == '\\') {
            out.append("\\").push_back(*other);
        } else {
            append_control(out, static_cast<unsigned char>(*other));
        }
        utf8 = std::string_view{std::next(other), utf8.end()};
    }
}

void append_text(std::string& out, std::string_view text) {
    out.push_back('"');
    if (is_utf8(text)) {
        append_escaped(out, text);
    } else {
        append_escaped(out, to_utf8(to_code_points(text)));
    }
    out.push_back('"');
}

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

struct AppendValue {
    std::string& out;

    void operator()(std::string_view text) const { append_text(out, text); }
    void operator()(std::int64_t number) const { append_number(out, number); }
    void operator()(bool flag) const { out.append(flag ? "true" : "false"); }
    void operator()(double number) const {
        if (std::isfinite(number)) {
            append_number(out, number);
        } else {
            out.append("null");  // JSON has no infinity
        }
    }
};

}  // namespace

std::string_view name_of(Level level) {
    switch (level) {
        case Level::error:
            return "error";
        case Level::warn:
            return "warn";
        case Level::info:
            return "info";
        case Level::debug:
            return "debug";
    }
    return "error";
}

std::string to_json_line(std::chrono::system_clock::time_point time, Level level, std::string_view event,
                         std::initializer_list<Field> fields) {
    std::string out;
    out.reserve(128 + fields.size() * 48);
    out.append(R"({"time":")").append(to_rfc3339(time)).append(R"(","level":")").append(name_of(level));
    out.append(R"(","event":)");
    append_text(out, event);
    for (const Field& field : fields) {
        out.push_back(',');
        append_text(out, field.name);
        out.push_back(':');
        std::visit(AppendValue{out}, field.value);
    }
    out.push_back('}');
    return out;
}

}  // namespace datong::telemetry
