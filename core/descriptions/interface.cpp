#include "core/descriptions/interface.h"

#include "core/base/text.h"

namespace datong::descriptions {

Mistake mistake(const std::string& file, std::string code, const std::string& text_zh, const std::string& text_en,
                const std::string& hint) {
    Mistake out;
    out.where.file = file;
    out.code = std::move(code);
    out.text_zh = one_line(text_zh, kMostOfAGap);
    out.text_en = one_line(text_en, kMostOfAGap);
    out.hint = one_line(hint, kMostOfAGap);
    return out;
}

std::string one_line(std::string_view text, std::size_t most) {
    std::u32string out;
    for (const char32_t c : to_code_points(text)) {
        const bool blank = c <= U' ' || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF;
        if (!blank) {
            out += c;
        } else if (!out.empty() && out.back() != U' ') {
            out += U' ';
        }
        if (out.size() == most) {
            break;
        }
    }
    while (!out.empty() && out.back() == U' ') {
        out.pop_back();
    }
    return to_utf8(out);
}

}  // namespace datong::descriptions
