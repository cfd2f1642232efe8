#include "core/base/mistake.h"

#include <algorithm>

namespace datong {

bool has_errors(const Mistakes& mistakes) {
    return std::any_of(mistakes.begin(), mistakes.end(),
                       [](const Mistake& one) { return one.severity == Severity::error; });
}

std::string to_line(const Mistake& mistake) {
    std::string line = mistake.severity == Severity::error     ? "错误 error "
                       : mistake.severity == Severity::warning ? "警告 warning "
                                                               : "提示 note ";
    line += mistake.code + ' ' + mistake.where.file;
    if (mistake.where.line > 0) {
        line += ':' + std::to_string(mistake.where.line) + ':' + std::to_string(mistake.where.column);
    }
    line += "  " + mistake.text_zh;
    if (!mistake.text_en.empty()) {
        line += " | " + mistake.text_en;
    }
    if (!mistake.hint.empty()) {
        line += "\n    建议 try: " + mistake.hint;
    }
    return line;
}

}  // namespace datong
