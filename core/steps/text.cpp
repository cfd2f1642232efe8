#include <algorithm>
#include <set>

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

/// Whether an octet of UTF-8 may begin a white-space character.
bool may_be_space(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet <= 0x20 || octet == 0xC2 || (octet >= 0xE1 && octet <= 0xE3) || octet == 0xEF;
}

/// Whether an octet of UTF-8 may begin a full-width form.
bool may_be_full(char c) {
    return c == '\xE3' || c == '\xEF';
}

/// A points_step for texts with an octet that `may_change`; most have none and pass as they are.
template <class May, class F>
StepPtr points_step_where(May may_change, F function) {
    return text_step([may_change, function](std::string text) -> Stepped {
        const bool same = std::none_of(text.begin(), text.end(), may_change);
        return Value{same ? std::move(text) : to_utf8(function(to_code_points(text)))};
    });
}

template <class May, class F>
StepPtr each_point_step(May may_change, F function) {
    return points_step_where(may_change, [function](std::u32string points) {
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
    while (left && !text.empty() && may_be_space(text.front()) &&
           is_space_character(text.substr(0, size_of_first(text)))) {
        text.remove_prefix(size_of_first(text));
    }
    const auto may_end_space = [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet <= 0x20 || octet >= 0x80;
    };
    while (right && !text.empty() && may_end_space(text.back()) &&
           is_space_character(text.substr(text.size() - size_of_last(text)))) {
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
    return points_step_where(may_be_space, [](const std::u32string& points) {
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
    return points_step_where(may_be_space, [](std::u32string points) {
        std::erase_if(points, [](char32_t c) { return is_space(c); });
        return points;
    });
}

StepPtr make_upper(Arguments&, const Surroundings&) {
    return each_point_step([](char c) { return (c >= 'a' && c <= 'z') || may_be_full(c); },
                           [](char32_t c) {
                               const bool lower =
                                   (c >= U'a' && c <= U'z') || (c >= U'a' + kFullOffset && c <= U'z' + kFullOffset);
                               return lower ? c - 0x20 : c;
                           });
}

StepPtr make_lower(Arguments&, const Surroundings&) {
    return each_point_step([](char c) { return (c >= 'A' && c <= 'Z') || may_be_full(c); },
                           [](char32_t c) {
                               const bool upper =
                                   (c >= U'A' && c <= U'Z') || (c >= U'A' + kFullOffset && c <= U'Z' + kFullOffset);
                               return upper ? c + 0x20 : c;
                           });
}

StepPtr make_to_halfwidth(Arguments&, const Surroundings&) {
    return each_point_step(may_be_full, [](char32_t c) {
        const bool full = c >= 0xFF01 && c <= 0xFF5E;
        return c == 0x3000 ? U' ' : full ? c - kFullOffset : c;
    });
}

StepPtr make_to_fullwidth(Arguments&, const Surroundings&) {
    return each_point_step([](char c) { return c >= 0x20 && c <= 0x7E; },
                           [](char32_t c) {
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

StepPtr replace_step(Pairs pairs) {
    std::sort(pairs.begin(), pairs.end(),
              [](const auto& one, const auto& other) { return one.first.size() > other.first.size(); });
    return text_step(
        [pairs = std::move(pairs)](const std::string& text) -> Stepped { return Value{replaced(text, pairs)}; });
}

StepPtr make_replace(Arguments& arguments, const Surroundings&) {
    return replace_step(arguments.pairs(""));
}

Parameter pairs_parameter() {
    return {.name = "", .kind = "map", .required = true, .help_en = "from: to", .help_zh = "原文: 新文", .alone = true};
}

/// Only pairs that can be told apart by what they become are read back.
StepPtr make_replace_back(Arguments& arguments, const Surroundings&) {
    Pairs pairs;
    std::set<std::string> taken;
    for (auto& [from, to] : arguments.pairs("")) {
        if (to.empty() || !taken.insert(to).second) {
            arguments.mistake("", "替换后的文本为空或重复，不能反向",
                              "a replacement is empty or comes twice: no way back");
        }
        pairs.emplace_back(std::move(to), std::move(from));
    }
    return replace_step(std::move(pairs));
}

}  // namespace

std::string_view without_outer_space(std::string_view text) {
    return trimmed(text, true, true);
}

std::vector<Entry> text_entries() {
    return {
        with_maker(with(text_entry("trim", "identity", "Takes white space off the ends, U+3000 and U+FEFF too.",
                                   "去掉首尾空白（含全角空格）"),
                        {{.name = "side",
                          .kind = "choice",
                          .otherwise = "both",
                          .help_en = "which end",
                          .help_zh = "哪一端",
                          .alone = true,
                          .choices = {"both", "left", "right"}}},
                        {{"'　 张三 '", "", "张三"}, {"' 张三 '", "left", "张三 "}}),
                   make_trim),
        with_maker(with(text_entry("collapse_space", "identity", "Runs of white space become one blank.",
                                   "连续空白合并为一个半角空格"),
                        {}, {{"'科技　  路 1号'", "", "科技 路 1号"}, {"'张  三'", "", "张 三"}}),
                   make_collapse_space),
        with_maker(
            with(text_entry("remove_space", "identity", "All white space goes.", "去掉所有空白"), {},
                 {{"'999901 001001 GB00001 F00010001'", "", "999901001001GB00001F00010001"}, {"张　三", "", "张三"}}),
            make_remove_space),
        with_maker(with(text_entry("upper", "identity", "ASCII and full-width Latin letters become capitals.",
                                   "拉丁字母（含全角）转大写"),
                        {}, {{"9999x ｘé", "", "9999X Ｘé"}, {"11010519491231002x", "", "11010519491231002X"}}),
                   make_upper),
        with_maker(with(text_entry("lower", "identity", "ASCII and full-width Latin letters become small.",
                                   "拉丁字母（含全角）转小写"),
                        {}, {{"ABＣÉ", "", "abｃÉ"}, {"00FF", "", "00ff"}}),
                   make_lower),
        with_maker(with(text_entry("to_halfwidth", "identity", "U+FF01..FF5E and U+3000 become ASCII; nothing else.",
                                   "全角字符转半角"),
                        {}, {{"（２０２４）Ａ、", "", "(2024)A、"}, {"①㎡ｶ", "", "①㎡ｶ"}}),
                   make_to_halfwidth),
        with_maker(
            with(text_entry("to_fullwidth", "identity", "ASCII becomes U+FF01..FF5E and U+3000.", "半角字符转全角"), {},
                 {{"(2024) A", "", "（２０２４）　Ａ"}, {"张三", "", "张三"}}),
            make_to_fullwidth),
        with_maker(
            with(text_entry("replace", "replace_back", "Literal texts replaced in one pass, the longest first.",
                            "按字面替换，一遍完成，长者优先"),
                 {pairs_parameter()}, {{"（甲）A", "{（: '(', ）: ')'}", "(甲)A"}, {"abc", "{a: b, ab: x}", "xc"}}),
            make_replace),
        with_maker(
            with(text_entry("replace_back", "replace",
                            "What replace did, undone, where every replacement is another text.",
                            "replace 的反向，替换后的文本须各不相同"),
                 {pairs_parameter()}, {{"(甲)A", "{（: '(', ）: ')'}", "（甲）A"}, {"xc", "{a: b, ab: x}", "abc"}}),
            make_replace_back),
    };
}

}  // namespace datong::steps
