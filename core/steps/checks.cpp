#include <algorithm>

#include "core/base/text.h"
#include "core/steps/family.h"

namespace datong::steps {
namespace {

constexpr std::int64_t kMostLength = 1'000'000;

std::optional<Refusal> refusal_unless(bool good, std::string_view rule, std::string_view zh, std::string_view en) {
    return good ? std::nullopt : std::optional{Refusal{std::string{rule}, std::string{zh}, std::string{en}}};
}

/// What check_length was told.
struct Length {
    std::size_t least{};
    std::size_t most{};
    std::optional<charset::Charset> bytes_of;  ///< characters are counted when it is not there

    /// nullopt when the charset does not have a character of the text.
    [[nodiscard]] std::optional<std::size_t> of(const std::string& text) const {
        if (!bytes_of) {
            return count_chars(text);
        }
        const auto encoded = charset::encode(text, *bytes_of);
        return encoded ? std::optional{encoded->size()} : std::nullopt;
    }
};

StepPtr make_check_length(Arguments& arguments, const Surroundings&) {
    Length length;
    length.least = static_cast<std::size_t>(arguments.whole("min", 0, kMostLength));
    length.most = static_cast<std::size_t>(arguments.whole("max", 0, kMostLength));
    const auto charset = arguments.charset("charset");
    length.bytes_of = arguments.choice("unit") == "bytes" ? charset : std::nullopt;
    if (length.most < length.least) {
        arguments.mistake("max", "max 小于 min", "max is less than min");
    }
    return text_check([length](const std::string& text) {
        const auto size = length.of(text);
        return refusal_unless(size && *size >= length.least && *size <= length.most, "check.length",
                              "长度不在允许范围内", "the length is out of the allowed range");
    });
}

StepPtr make_check_pattern(Arguments& arguments, const Surroundings&) {
    const auto pattern = arguments.pattern("pattern");
    if (!pattern) {
        return nullptr;
    }
    return text_check([pattern = *pattern](const std::string& text) {
        return refusal_unless(pattern.matches_whole(text), "check.pattern", "不符合规定的格式",
                              "not of the prescribed form");
    });
}

bool is_private_use(char32_t c) {
    return (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xF0000 && c <= 0xFFFFD) || (c >= 0x100000 && c <= 0x10FFFD);
}

StepPtr make_check_no_pua(Arguments&, const Surroundings&) {
    return text_check([](const std::string& text) {
        const std::u32string points = to_code_points(text);
        return refusal_unless(std::none_of(points.begin(), points.end(), is_private_use), "check.no_pua",
                              "含有自造字（私用区字符）", "a character of a private use area");
    });
}

/// Ideographs by block, so that the answer does not hang on the Unicode version of a library.
bool is_han(char32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x323AF) ||
           (c >= 0xF900 && c <= 0xFAFF) || c == 0x3007;
}

bool is_han_name(std::u32string_view name, bool allow_dot) {
    bool after_han = false;
    for (const char32_t c : name) {
        const bool dot = allow_dot && after_han && c == U'·';
        if (!dot && !is_han(c)) {
            return false;
        }
        after_han = !dot;
    }
    return after_han;
}

StepPtr make_check_han_name(Arguments& arguments, const Surroundings&) {
    return text_check([allow_dot = arguments.flag("allow_dot")](const std::string& text) {
        return refusal_unless(is_han_name(to_code_points(text), allow_dot), "check.han_name", "不是汉字姓名",
                              "not a name in Han characters");
    });
}

/// A check against a pattern of ours.
StepPtr form_check(const char* form, std::string_view rule, std::string_view zh, std::string_view en) {
    auto pattern = Pattern::compile(form);
    return text_check([pattern = std::move(pattern), rule, zh, en](const std::string& text) {
        return refusal_unless(pattern && pattern->matches_whole(text), rule, zh, en);
    });
}

StepPtr make_check_mobile(Arguments&, const Surroundings&) {
    return form_check("1[3-9][0-9]{9}", "check.mobile", "不是手机号码", "not a mobile number");
}

StepPtr make_check_phone(Arguments&, const Surroundings&) {
    return form_check("1[3-9][0-9]{9}|(0[1-9][0-9]{1,2}-?)?[2-9][0-9]{6,7}(-[0-9]{1,6})?|[48]00-?[0-9]{3}-?[0-9]{4}",
                      "check.phone", "不是电话号码", "not a telephone number");
}

StepPtr make_check_postcode(Arguments&, const Surroundings&) {
    return form_check("[0-9]{6}", "check.postcode", "不是邮政编码", "not a postcode");
}

/// A check without parameters.
Entry plain_check(std::string name, Maker maker, std::pair<std::string, std::string> help,
                  std::vector<Example> examples) {
    Entry entry;
    entry.rules = {"check." + name.substr(std::string_view{"check_"}.size())};
    entry.name = std::move(name);
    entry.in = Type::text;
    entry.inverse = "identity";
    entry.help_en = std::move(help.first);
    entry.help_zh = std::move(help.second);
    entry.examples = std::move(examples);
    return with_maker(std::move(entry), maker);
}

std::vector<Entry> contact_entries() {
    return {
        plain_check("check_mobile", make_check_mobile, {"A mobile number of 11 digits.", "手机号码"},
                    {{"'13800008000'", "", "13800008000"},
                     {"'12800008000'", "", "!check.mobile"},
                     {"'1380000800'", "", "!check.mobile"}}),
        plain_check("check_phone", make_check_phone,
                    {"A mobile number, or a land line with area code and extension, or 400/800.",
                     "电话号码（手机、固话、400/800）"},
                    {{"0999-6231234", "", "0999-6231234"},
                     {"'13800008000'", "", "13800008000"},
                     {"400-123-4567", "", "400-123-4567"},
                     {"'12'", "", "!check.phone"}}),
        plain_check("check_postcode", make_check_postcode, {"A postcode of 6 digits.", "邮政编码"},
                    {{"'850000'", "", "850000"}, {"'85000'", "", "!check.postcode"}}),
    };
}

Entry check_length_entry() {
    return with_maker(
        Entry{.name = "check_length",
              .in = Type::text,
              .rules = {"check.length"},
              .parameters =
                  {{.name = "min", .kind = "whole", .otherwise = "0", .help_en = "least", .help_zh = "最小值"},
                   {.name = "max", .kind = "whole", .otherwise = "1000000", .help_en = "greatest", .help_zh = "最大值"},
                   {.name = "unit",
                    .kind = "choice",
                    .otherwise = "chars",
                    .help_en = "what is counted",
                    .help_zh = "按字符或字节计",
                    .choices = {"chars", "bytes"}},
                   {.name = "charset",
                    .kind = "charset",
                    .otherwise = "utf-8",
                    .help_en = "in which bytes count",
                    .help_zh = "按字节计时的字符集"}},
              .inverse = "identity",
              .help_en = "The length within bounds, both allowed.",
              .help_zh = "长度在范围内，含两端",
              .examples = {{"张三", "{min: 1, max: 2}", "张三"},
                           {"张三丰", "{max: 2}", "!check.length"},
                           {"张三", "{max: 4, unit: bytes, charset: gb18030}", "张三"},
                           {"张三", "{max: 4, unit: bytes}", "!check.length"}}},
        make_check_length);
}

Entry check_pattern_entry() {
    return with_maker(
        Entry{.name = "check_pattern",
              .in = Type::text,
              .rules = {"check.pattern"},
              .parameters = {{.name = "pattern",
                              .kind = "pattern",
                              .required = true,
                              .help_en = "RE2, for the whole text",
                              .help_zh = "RE2 正则表达式，匹配全文",
                              .alone = true}},
              .inverse = "identity",
              .help_en = "The whole text matches a regular expression.",
              .help_zh = "全文符合正则表达式",
              .examples = {{"湘(2024)衡阳市不动产权第0000123号", "'\\p{Han}\\(\\d{4}\\).+不动产权第\\d{7}号'",
                            "湘(2024)衡阳市不动产权第0000123号"},
                           {"'19999010000x'", "'\\d{11}'", "!check.pattern"}}},
        make_check_pattern);
}

Entry check_han_name_entry() {
    return with_maker(Entry{.name = "check_han_name",
                            .in = Type::text,
                            .rules = {"check.han_name"},
                            .parameters = {{.name = "allow_dot",
                                            .kind = "flag",
                                            .otherwise = "true",
                                            .help_en = "U+00B7 between the parts of a name",
                                            .help_zh = "允许间隔号 U+00B7"}},
                            .inverse = "identity",
                            .help_en = "A name in Han characters, parts divided by U+00B7.",
                            .help_zh = "汉字姓名，可含间隔号 U+00B7",
                            .examples = {{"扎西·次仁", "", "扎西·次仁"},
                                         {"扎西·次仁", "{allow_dot: false}", "!check.han_name"},
                                         {"张三1", "", "!check.han_name"},
                                         {"·张三", "", "!check.han_name"}}},
                      make_check_han_name);
}

}  // namespace

std::vector<Entry> check_entries() {
    std::vector<Entry> all{
        check_length_entry(),
        check_pattern_entry(),
        plain_check(
            "check_no_pua", make_check_no_pua,
            {"No character of a private use area, as old tables give for rare names.", "不含自造字（私用区字符）"},
            {{"扎西·次仁", "", "扎西·次仁"}, {"\"\\uE78D\"", "", "!check.no_pua"}}),
        check_han_name_entry(),
    };
    for (Entry& entry : contact_entries()) {
        all.push_back(std::move(entry));
    }
    return all;
}

}  // namespace datong::steps
