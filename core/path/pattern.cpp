#include "core/path/pattern.h"

#include <string>

#include <re2/re2.h>

namespace datong::path {
namespace {

constexpr int kMaxMemory = 1 << 20;

re2::StringPiece piece_of(std::string_view text) {
    return {text.data(), text.size()};
}

/// The dot of I-Regexp stands for anything but a line's end, which is CR as well as LF.
/// Source: RFC 9485, 4.
std::string to_re2(std::string_view iregexp) {
    std::string out;
    bool in_class = false;
    for (std::size_t at = 0; at < iregexp.size(); ++at) {
        const char c = iregexp[at];
        if (c == '\\' && at + 1 < iregexp.size()) {
            out.append(iregexp.substr(at, 2));
            ++at;
            continue;
        }
        if (!in_class && c == '.') {
            out.append("[^\\n\\r]");
            continue;
        }
        in_class = in_class ? c != ']' : c == '[';
        out += c;
    }
    return out;
}

RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMaxMemory);
    options.set_never_capture(true);
    return options;
}

class Re2Pattern final : public Pattern {
public:
    explicit Re2Pattern(std::string_view iregexp) : expression_{to_re2(iregexp), options()} {}

    [[nodiscard]] bool is_good() const { return expression_.ok(); }
    [[nodiscard]] bool matches(std::string_view whole) const override {
        return RE2::FullMatch(piece_of(whole), expression_);
    }
    [[nodiscard]] bool is_found_in(std::string_view text) const override {
        return RE2::PartialMatch(piece_of(text), expression_);
    }

private:
    RE2 expression_;
};

}  // namespace

std::shared_ptr<const Pattern> Pattern::compile(std::string_view iregexp) {
    auto pattern = std::make_shared<const Re2Pattern>(iregexp);
    return pattern->is_good() ? pattern : nullptr;
}

}  // namespace datong::path
