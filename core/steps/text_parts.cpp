#include <algorithm>

#include "core/base/text.h"
#include "core/steps/family.h"

namespace datong::steps {
namespace {

constexpr std::int64_t kMostChars = 1'000'000;

StepPtr make_substring(Arguments& arguments, const Surroundings&) {
    const auto start = static_cast<std::size_t>(arguments.whole("start", 1, kMostChars)) - 1;
    const auto length = arguments.has("length") ? static_cast<std::size_t>(arguments.whole("length", 1, kMostChars))
                                                : std::u32string::npos;
    return points_step([start, length](const std::u32string& points) {
        return start < points.size() ? points.substr(start, length) : std::u32string{};
    });
}

StepPtr make_left(Arguments& arguments, const Surroundings&) {
    const auto count = static_cast<std::size_t>(arguments.whole("count", 1, kMostChars));
    return points_step([count](const std::u32string& points) { return points.substr(0, count); });
}

StepPtr make_right(Arguments& arguments, const Surroundings&) {
    const auto count = static_cast<std::size_t>(arguments.whole("count", 1, kMostChars));
    return points_step([count](const std::u32string& points) {
        return points.substr(points.size() - std::min(count, points.size()));
    });
}

StepPtr make_pad(Arguments& arguments, bool left) {
    const auto width = static_cast<std::size_t>(arguments.whole("width", 1, 10'000));
    const std::u32string fill = to_code_points(arguments.text("char"));
    if (fill.size() != 1) {
        arguments.mistake("char", "填充字符只能是一个字符", "the filling must be one character");
        return nullptr;
    }
    return points_step([width, left, fill = fill.front()](std::u32string points) {
        const std::size_t missing = width - std::min(width, points.size());
        points.insert(left ? 0 : points.size(), missing, fill);
        return points;
    });
}

StepPtr make_pad_left(Arguments& arguments, const Surroundings&) {
    return make_pad(arguments, true);
}
StepPtr make_pad_right(Arguments& arguments, const Surroundings&) {
    return make_pad(arguments, false);
}

StepPtr make_strip_prefix(Arguments& arguments, const Surroundings&) {
    return text_step([prefixes = arguments.texts("prefix")](std::string text) -> Stepped {
        const auto hit = std::find_if(prefixes.begin(), prefixes.end(),
                                      [&text](const std::string& one) { return text.starts_with(one); });
        return Value{hit != prefixes.end() ? text.substr(hit->size()) : std::move(text)};
    });
}

StepPtr make_strip_suffix(Arguments& arguments, const Surroundings&) {
    return text_step([suffixes = arguments.texts("suffix")](std::string text) -> Stepped {
        const auto hit = std::find_if(suffixes.begin(), suffixes.end(),
                                      [&text](const std::string& one) { return text.ends_with(one); });
        return Value{hit != suffixes.end() ? text.substr(0, text.size() - hit->size()) : std::move(text)};
    });
}

/// Bytes that each character needs in a charset are counted one by one: a character is never split.
Stepped cut_to_bytes(const std::string& text, std::size_t most, charset::Charset charset, Warnings& warnings) {
    const std::u32string points = to_code_points(text);
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < points.size(); ++at) {
        const auto encoded = charset::encode(to_utf8(points.substr(at, 1)), charset);
        if (!encoded) {
            return refuse("charset.unmappable", "含有该字符集没有的字符", "a character that the charset does not have");
        }
        bytes += encoded->size();
        if (bytes > most) {
            warnings.push_back({"text.truncated", "文本过长，已截短", "the text was too long and was cut"});
            return Value{to_utf8(points.substr(0, at))};
        }
    }
    return Value{text};
}

StepPtr make_truncate(Arguments& arguments, const Surroundings&) {
    const auto most = static_cast<std::size_t>(arguments.whole("max", 1, kMostChars));
    const bool by_bytes = arguments.choice("unit") == "bytes";
    const auto charset = arguments.charset("charset");
    return value_step([most, by_bytes, charset](const Value& value, const Moment&, Warnings& warnings) -> Stepped {
        if (value.type() == Type::bytes || value.type() == Type::list) {
            return refuse_type(value);
        }
        const std::string text = to_text(value);
        if (by_bytes) {
            return cut_to_bytes(text, most, charset.value_or(charset::Charset::utf_8), warnings);
        }
        const std::u32string points = to_code_points(text);
        if (points.size() <= most) {
            return Value{text};
        }
        warnings.push_back({"text.truncated", "文本过长，已截短", "the text was too long and was cut"});
        return Value{to_utf8(points.substr(0, most))};
    });
}

const Parameter kWidth{
    .name = "width", .kind = "whole", .required = true, .help_en = "characters", .help_zh = "字符数"};
const Parameter kChar{
    .name = "char", .kind = "text", .otherwise = " ", .help_en = "what is filled in", .help_zh = "填充字符"};
const Parameter kCount{
    .name = "count", .kind = "whole", .required = true, .help_en = "characters", .help_zh = "字符数", .alone = true};

}  // namespace

std::vector<Entry> text_part_entries() {
    return {
        with_maker(
            with(text_entry("substring", "", "Characters from a place on; behind the end: an empty text.",
                            "取子串，起点从1起，按字符计"),
                 {{.name = "start", .kind = "whole", .required = true, .help_en = "from 1", .help_zh = "起点，从 1 起"},
                  {.name = "length",
                   .kind = "whole",
                   .help_en = "to the end when not given",
                   .help_zh = "未给时取到末尾"}},
                 {{"不动产单元", "{start: 2, length: 2}", "动产"}, {"abc", "{start: 9}", ""}}),
            make_substring),
        with_maker(with(text_entry("left", "", "The first characters.", "取左边若干字符"), {kCount},
                        {{"999901199001010010", "6", "999901"}, {"张三", "9", "张三"}}),
                   make_left),
        with_maker(with(text_entry("right", "", "The last characters.", "取右边若干字符"), {kCount},
                        {{"13800008000", "4", "8000"}, {"张三", "9", "张三"}}),
                   make_right),
        with_maker(with(text_entry("pad_left", "trim", "Fills on the left up to a width; longer text stays.",
                                   "左侧填充到指定宽度"),
                        {kWidth, kChar}, {{"42", "{width: 6, char: '0'}", "000042"}, {"张三", "{width: 3}", " 张三"}}),
                   make_pad_left),
        with_maker(with(text_entry("pad_right", "trim", "Fills on the right up to a width; longer text stays.",
                                   "右侧填充到指定宽度"),
                        {kWidth, kChar}, {{"ab", "{width: 4, char: '-'}", "ab--"}, {"abcd", "{width: 2}", "abcd"}}),
                   make_pad_right),
        with_maker(with(text_entry("strip_prefix", "", "Takes a beginning off when it is there.", "去掉指定前缀"),
                        {{.name = "prefix",
                          .kind = "list",
                          .required = true,
                          .help_en = "first that fits",
                          .help_zh = "取第一个符合的",
                          .alone = true}},
                        {{"第0000001号", "第", "0000001号"}, {"x", "[a, b]", "x"}}),
                   make_strip_prefix),
        with_maker(with(text_entry("strip_suffix", "", "Takes an end off when it is there.", "去掉指定后缀"),
                        {{.name = "suffix",
                          .kind = "list",
                          .required = true,
                          .help_en = "first that fits",
                          .help_zh = "取第一个符合的",
                          .alone = true}},
                        {{"湘(2024)第1号(销)", "['(销)', （销）]", "湘(2024)第1号"},
                         {"湘(2024)第1号", "'(销)'", "湘(2024)第1号"}}),
                   make_strip_suffix),
        with_maker(with(text_entry("truncate", "", "Cuts text that is too long and warns; a character is never split.",
                                   "超长时截短并告警，不会截断半个字符"),
                        {{.name = "max",
                          .kind = "whole",
                          .required = true,
                          .help_en = "length",
                          .help_zh = "长度",
                          .alone = true},
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
                        {{"不动产登记", "3", "不动产"},
                         {"不动产", "{max: 5, unit: bytes, charset: gb18030}", "不动"},
                         {"张😀", "{max: 9, unit: bytes, charset: gbk}", "!charset.unmappable"}},
                        {"text.truncated", "charset.unmappable"}),
                   make_truncate),
    };
}

}  // namespace datong::steps
