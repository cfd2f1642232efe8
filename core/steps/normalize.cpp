#include <cstdlib>
#include <memory>
#include <new>

#include <utf8proc.h>

#include "core/base/text.h"
#include "core/steps/family.h"

namespace datong::steps {
namespace {

struct FreeText {
    void operator()(utf8proc_uint8_t* text) const noexcept { std::free(text); }  // NOLINT: utf8proc gives malloc'd
};

/// Source: Unicode Standard Annex 15. Characters once assigned never change their normal form, so that the
/// Unicode version of the library does not matter for them.
std::string normalized(const std::string& text, utf8proc_option_t options) {
    const std::string valid = to_utf8(to_code_points(text));
    utf8proc_uint8_t* raw = nullptr;
    const utf8proc_ssize_t size =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(valid.data()),  // NOLINT: octets either way
                     static_cast<utf8proc_ssize_t>(valid.size()), &raw, options);
    const std::unique_ptr<utf8proc_uint8_t, FreeText> owner{raw};
    if (size < 0) {  // valid UTF-8 can only fail for want of memory
        throw std::bad_alloc{};
    }
    return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size)};  // NOLINT: octets either way
}

StepPtr make_normalize(Arguments& arguments, const Surroundings&) {
    const int compatibility = arguments.choice("form") == "nfkc" ? UTF8PROC_COMPAT : 0;
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | compatibility);
    return text_step([options](const std::string& text) -> Stepped { return Value{normalized(text, options)}; });
}

}  // namespace

std::vector<Entry> normalize_entries() {
    return {with_maker(
        Entry{.name = "normalize",
              .in = Type::text,
              .out = Type::text,
              .parameters = {{.name = "form",
                              .kind = "choice",
                              .required = true,
                              .help_en = "nfkc folds widths, circled numbers and the like too",
                              .help_zh = "nfkc 还统一全半角、带圈数字等",
                              .alone = true,
                              .choices = {"nfc", "nfkc"}}},
              .inverse = "identity",
              .help_en = "A Unicode normal form (UAX 15). Both put unified ideographs in place of the compatibility "
                         "ideographs from U+F900 on.",
              .help_zh = "Unicode 规范化（UAX 15）；两种形式都会把 U+F900 起的兼容汉字换成统一汉字",
              .examples = {{"\"e\\u0301\"", "nfc", "é"},
                           {"\"\\uF914\"", "nfc", "樂"},
                           {"（①ﾊ㎡）", "nfc", "（①ﾊ㎡）"},
                           {"（①ﾊ㎡）", "nfkc", "(1ハm2)"}}},
        make_normalize)};
}

}  // namespace datong::steps
