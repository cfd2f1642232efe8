#include "core/telemetry/json_line.h"

#include <array>
#include <charconv>
#include <cmath>

#include "core/base/clock.h"
#include "core/base/text.h"

namespace datong::telemetry {
namespace {

void append_control(std::string& out, unsigned char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out.append("\\u00").push_back(kDigits[c >> 4U]);
    out.push_back(kDigits[c & 0xFU]);
}

void append_escaped(std::string& out, std::string_view utf8) {
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte < 0x20 || byte == 0x7F) {
            append_control(out, byte);
        } else {
            out.push_back(c);
        }
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
