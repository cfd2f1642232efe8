#include "adapters/rest/condition.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace datong::adapters::rest {
namespace {

constexpr std::size_t kLongest = 200;  // characters

struct Range {
    char32_t first;
    char32_t last;
};
constexpr std::array<Range, 14> kAllowed{{{U'0', U'9'},
                                          {U'A', U'Z'},
                                          {U'a', U'z'},
                                          {U' ', U' '},
                                          {U'-', U'/'},  // - . /
                                          {U':', U':'},
                                          {0x00B7, 0x00B7},  // ·
                                          {0x00C0, 0x024F},  // Latin letters
                                          {0x2022, 0x2022},  // •
                                          {0x3007, 0x3007},  // 〇
                                          {0x3400, 0x4DBF},
                                          {0x4E00, 0x9FFF},
                                          {0xFF08, 0xFF09},  // （）
                                          {0x20000, 0x323AF}}};

bool is_allowed(char32_t c) {
    return std::ranges::any_of(kAllowed, [c](const Range& range) { return c >= range.first && c <= range.last; });
}

bool ends_in_backslash(const std::string& value, charset::Charset charset) {
    const auto encoded = charset::encode(value, charset);
    return encoded && encoded->ends_with('\\');
}

}  // namespace

bool is_condition(std::string_view text) {
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        const std::size_t close = text.find('}', open);
        const bool is_quoted = close != std::string_view::npos && open > 0 && text[open - 1] == '\'' &&
                               close + 1 < text.size() && text[close + 1] == '\'';
        if (!is_quoted) {
            return false;
        }
    }
    return true;
}

Result<std::string> condition_value(const std::string& name, const std::string& value, charset::Charset charset) {
    const bool is_plain = !value.empty() && is_utf8(value) && count_chars(value) <= kLongest &&
                          std::ranges::all_of(to_code_points(value), is_allowed) &&
                          value.find("--") == std::string::npos && value.find("/*") == std::string::npos;
    if (!is_plain || ends_in_backslash(value, charset)) {
        return fail(Fault::request_invalid, "field " + name + " can't stand in a condition");
    }
    return value;
}

}  // namespace datong::adapters::rest
