#include <algorithm>

#include "core/base/text.h"
#include "core/steps/family.h"

namespace datong::steps {
namespace {

constexpr char32_t kFullOffset = 0xFEE0;  // U+FF01..FF5E stand this far above U+0021..7E

/// White space and what shows as nothing: docs/mapping.md 3.5, trim.
bool is_space(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 ||
           c == 0xFEFF;
}

/// A step that works on the text's code points.
template <class F>
StepPtr points_step(F function) {
    return text_step(
        [function](const std::string& text) -> Stepped { return Value{to_utf8(function(to_code_points(text)))}; });
}

template <class F>
StepPtr each_point_step(F function) {
    return points_step([function](std::u32string points) {
        std::transform(points.begin(), points.end(), points.begin(), function);
        return points;
    });
}

bool is_space_character(std::string_view utf8) {
    return is_space(to_code_points(utf8).front());
}

std::size_t size_of_first(std::string_view text) {
    const auto is_inside = [text](std::size_t at) { return at < text.size() && (text[at] & 0xC0) == 0x80; };
    std::size_t size = 1;
    while (is_inside(size)) {
        ++size;
    }
    return size;
}

std::size_t size_of_last(std::string_view text) {
    std::size_t size = 1;
    while (size < text.size() && (text[text.size() - size] & 0xC0) == 0x80) {
        ++size;
    }
    return size;
}

/// Works on the bytes, for every field of every record is trimmed.
std::string_view trimmed(std::string_view text, bool left, bool right) {
    while (left && !text.empty() && is_space_character(text.substr(0, size_of_first(text)))) {
        text.remove_prefix(size_of_first(text));
    }
    while (right && !text.empty() && is_space_character(text.substr(text.size() - size_of_last(text)))) {
        text.remove_suffix(size_of_last(text));
    }
    return text;
}

StepPtr make_trim(Arguments& arguments, const Surroundings&) {
    const std::string side = arguments.choice("side");
    return text_step([left = side != "right", right = side != "left"](std::string text) -> Stepped {
        const std::string_view inner = trimmed(text, left, right);
        return Value{inner.size() == text.size() ? std::move(text) : std::string{inner}};
    });
}

StepPtr make_collapse_space(Arguments&, const Surroundings&) {
    return points_step([](const std::u32string& points) {
        std::u32string out;
        bool in_run = false;
        for (const char32_t c : points) {
            if (!is_space(c)) {
                out += c;
            } else if (!in_run) {
                out += U' ';
            }
            in_run = is_space(c);
        }
        return out;
    });
}

StepPtr make_remove_space(Arguments&, const Surroundings&) {
    return points_step([](std::u32string points) {
        std::erase_if(points, [](char32_t c) { return is_space(c); });
        return points;
    });
}

StepPtr make_upper(Arguments&, const Surroundings&) {
    return each_point_step([](char32_t c) {
        const bool lower = (c >= U'a' && c <= U'z') || (c >= U'a' + kFullOffset && c <= U'z' + kFullOffset);
        return lower ? c - 0x20 : c;
    });
}

StepPtr make_lower(Arguments&, const Surroundings&) {
    return each_point_step([](char32_t c) {
        const bool upper = (c >= U'A' && c <= U'Z') || (c >= U'A' + kFullOffset && c <= U'Z' + kFullOffset);
        return upper ? c + 0x20 : c;
    });
}

StepPtr make_to_halfwidth(Arguments&, const Surroundings&) {
    return each_point_step([](char32_t c) {
        const bool full = c >= 0xFF01 && c <= 0xFF5E;
        return c == 0x3000 ? U' ' : full ? c - kFullOffset : c;
    });
}

StepPtr make_to_fullwidth(Arguments&, const Surroundings&) {
    return each_point_step([](char32_t c) {
        const bool half = c >= 0x21 && c <= 0x7E;
        return c == U' ' ? U'\u3000' : half ? c + kFullOffset : c;
    });
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string replaced(std::string_view text, const Pairs& longest_first) {
    std::string out;
    while (!text.empty()) {
        const auto hit = std::find_if(longest_first.begin(), longest_first.end(),
                                      [text](const auto& pair) { return text.starts_with(pair.first); });
        if (hit != longest_first.end()) {
            out += hit->second;
            text.remove_prefix(hit->first.size());
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

StepPtr make_replace(Arguments& arguments, const Surroundings&) {
    Pairs pairs = arguments.pairs("");
    std::sort(pairs.begin(), pairs.end(),
              [](const auto& one, const auto& other) { return one.first.size() > other.first.size(); });
    return text_step(
        [pairs = std::move(pairs)](const std::string& text) -> Stepped { return Value{replaced(text, pairs)}; });
}

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

Entry text_entry(std::string name, std::string inverse, std::string help_en, std::string help_zh) {
    Entry entry;
    entry.name = std::move(name);
    entry.in = Type::text;
    entry.out = Type::text;
    entry.inverse = std::move(inverse);
    entry.help_en = std::move(help_en);
    entry.help_zh = std::move(help_zh);
    return entry;
}

Entry with(Entry entry, std::vector<Parameter> parameters, std::vector<Example> examples,
           std::vector<std::string> rules = {}) {
    entry.parameters = std::move(parameters);
    entry.examples = std::move(examples);
    entry.rules = std::move(rules);
    return entry;
}

const Parameter kWidth{.name = "width", .kind = "whole", .required = true, .help_en = "characters"};
const Parameter kChar{.name = "char", .kind = "text", .otherwise = " ", .help_en = "what is filled in"};
const Parameter kCount{.name = "count", .kind = "whole", .required = true, .help_en = "characters", .alone = true};

std::vector<Entry> space_and_width() {
    return {
        with_maker(with(text_entry("trim", "identity", "Takes white space off the ends, U+3000 and U+FEFF too.",
                                   "去掉首尾空白（含全角空格）"),
                        {{.name = "side",
                          .kind = "choice",
                          .otherwise = "both",
                          .help_en = "which end",
                          .alone = true,
                          .choices = {"both", "left", "right"}}},
                        {{"'　 张三 '", "", "张三"}, {"' 张三 '", "left", "张三 "}}),
                   make_trim),
        with_maker(with(text_entry("collapse_space", "identity", "Runs of white space become one blank.",
                                   "连续空白合并为一个半角空格"),
                        {}, {{"'科技　  路 1号'", "", "科技 路 1号"}}),
                   make_collapse_space),
        with_maker(with(text_entry("remove_space", "identity", "All white space goes.", "去掉所有空白"), {},
                        {{"'999901 001001 GB00001 F00010001'", "", "999901001001GB00001F00010001"}}),
                   make_remove_space),
        with_maker(with(text_entry("upper", "identity", "ASCII and full-width Latin letters become capitals.",
                                   "拉丁字母（含全角）转大写"),
                        {}, {{"9999x ｘé", "", "9999X Ｘé"}}),
                   make_upper),
        with_maker(with(text_entry("lower", "identity", "ASCII and full-width Latin letters become small.",
                                   "拉丁字母（含全角）转小写"),
                        {}, {{"ABＣÉ", "", "abｃÉ"}}),
                   make_lower),
        with_maker(with(text_entry("to_halfwidth", "identity", "U+FF01..FF5E and U+3000 become ASCII; nothing else.",
                                   "全角字符转半角"),
                        {}, {{"（２０２４）Ａ、", "", "(2024)A、"}}),
                   make_to_halfwidth),
        with_maker(
            with(text_entry("to_fullwidth", "identity", "ASCII becomes U+FF01..FF5E and U+3000.", "半角字符转全角"), {},
                 {{"(2024) A", "", "（２０２４）　Ａ"}}),
            make_to_fullwidth),
        with_maker(with(text_entry("replace", "", "Literal texts replaced in one pass, the longest first.",
                                   "按字面替换，一遍完成，长者优先"),
                        {{.name = "", .kind = "map", .required = true, .help_en = "from: to", .alone = true}},
                        {{"（甲）A", "{（: '(', ）: ')'}", "(甲)A"}, {"abc", "{a: b, ab: x}", "xc"}}),
                   make_replace),
    };
}

std::vector<Entry> parts_and_padding() {
    return {
        with_maker(with(text_entry("substring", "", "Characters from a place on; behind the end: an empty text.",
                                   "取子串，起点从1起，按字符计"),
                        {{.name = "start", .kind = "whole", .required = true, .help_en = "from 1"},
                         {.name = "length", .kind = "whole", .help_en = "to the end when not given"}},
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
        with_maker(
            with(text_entry("strip_prefix", "", "Takes a beginning off when it is there.", "去掉指定前缀"),
                 {{.name = "prefix", .kind = "list", .required = true, .help_en = "first that fits", .alone = true}},
                 {{"第0000001号", "第", "0000001号"}, {"x", "[a, b]", "x"}}),
            make_strip_prefix),
        with_maker(
            with(text_entry("strip_suffix", "", "Takes an end off when it is there.", "去掉指定后缀"),
                 {{.name = "suffix", .kind = "list", .required = true, .help_en = "first that fits", .alone = true}},
                 {{"湘(2024)第1号(销)", "['(销)', （销）]", "湘(2024)第1号"}}),
            make_strip_suffix),
        with_maker(
            with(text_entry("truncate", "", "Cuts text that is too long and warns; a character is never split.",
                            "超长时截短并告警，不会截断半个字符"),
                 {{.name = "max", .kind = "whole", .required = true, .help_en = "length", .alone = true},
                  {.name = "unit",
                   .kind = "choice",
                   .otherwise = "chars",
                   .help_en = "what is counted",
                   .choices = {"chars", "bytes"}},
                  {.name = "charset", .kind = "charset", .otherwise = "utf-8", .help_en = "in which bytes count"}},
                 {{"不动产登记", "3", "不动产"},
                  {"不动产", "{max: 5, unit: bytes, charset: gb18030}", "不动"},
                  {"张😀", "{max: 9, unit: bytes, charset: gbk}", "!charset.unmappable"}},
                 {"text.truncated", "charset.unmappable"}),
            make_truncate),
    };
}

}  // namespace

std::string_view without_outer_space(std::string_view text) {
    return trimmed(text, true, true);
}

std::vector<Entry> text_entries() {
    std::vector<Entry> all = space_and_width();
    for (Entry& entry : parts_and_padding()) {
        all.push_back(std::move(entry));
    }
    return all;
}

}  // namespace datong::steps
