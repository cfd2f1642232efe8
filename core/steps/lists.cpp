#include <algorithm>

#include "core/base/text.h"
#include "core/steps/family.h"

namespace datong::steps {
namespace {

StepPtr make_null_if(Arguments& arguments, const Surroundings&) {
    return value_step([tokens = arguments.texts("tokens")](Value&& value, const Moment&, Warnings&) -> Stepped {
        const bool is_token = std::find(tokens.begin(), tokens.end(), to_text(value)) != tokens.end();
        return is_token ? Value{} : std::move(value);
    });
}

StepPtr make_only(Arguments&, const Surroundings&) {
    return list_step([](List items) -> Stepped {
        if (items.size() != 1) {
            return refuse("list.not_single", "应当恰有一项", "exactly one item was expected");
        }
        return std::move(items.front());
    });
}

StepPtr make_first(Arguments&, const Surroundings&) {
    return list_step([](List items) -> Stepped { return items.empty() ? Value{} : std::move(items.front()); });
}

StepPtr make_last(Arguments&, const Surroundings&) {
    return list_step([](List items) -> Stepped { return items.empty() ? Value{} : std::move(items.back()); });
}

/// Length of the longest separator at this place, 0 for none.
std::size_t separator_at(std::string_view text, const std::vector<std::string>& separators) {
    std::size_t longest = 0;
    for (const std::string& one : separators) {
        longest = text.starts_with(one) ? std::max(longest, one.size()) : longest;
    }
    return longest;
}

constexpr std::size_t kMostParts = 100'000;

/// More than kMostParts are not cut to the end.
std::vector<std::string> parts_of(std::string_view text, const std::vector<std::string>& separators) {
    std::vector<std::string> parts(1);
    while (!text.empty() && parts.size() <= kMostParts) {
        const std::size_t separator = separator_at(text, separators);
        if (separator > 0) {
            parts.emplace_back();
            text.remove_prefix(separator);
        } else {
            parts.back() += text.front();
            text.remove_prefix(1);
        }
    }
    return parts;
}

StepPtr make_split(Arguments& arguments, const Surroundings&) {
    const auto separators = arguments.texts("sep");
    if (std::find(separators.begin(), separators.end(), "") != separators.end()) {
        arguments.mistake("sep", "分隔符不能为空", "a separator can't be empty");
    }
    return text_step([separators, trim = arguments.flag("trim"),
                      drop_empty = arguments.flag("drop_empty")](const std::string& text) -> Stepped {
        const std::vector<std::string> parts = parts_of(text, separators);
        if (parts.size() > kMostParts) {
            return refuse("list.max", "拆出的段数超过 100000", "more than 100000 parts");
        }
        List items;
        for (const std::string& part : parts) {
            const std::string_view item = trim ? without_outer_space(part) : std::string_view{part};
            if (!drop_empty || !item.empty()) {
                items.emplace_back(std::string{item});
            }
        }
        return Value{std::move(items)};
    });
}

StepPtr make_join(Arguments& arguments, const Surroundings&) {
    return list_step([separator = arguments.text("sep")](List items) -> Stepped {
        drop_nulls(items);
        if (items.empty()) {
            return Value{};
        }
        std::string out = to_text(items.front());
        for (std::size_t at = 1; at < items.size(); ++at) {
            out += separator + to_text(items[at]);
        }
        return Value{std::move(out)};
    });
}

/// A template taken apart: literal texts, and between them the numbers of the items.
struct Template {
    std::vector<std::string> literals{1};
    std::vector<std::size_t> items;
};

/// "{{" and "}}" stand for braces; anything else in braces must be a number.
std::optional<Template> parse_template(std::string_view text) {
    Template out;
    while (!text.empty()) {
        if (text.starts_with("{{") || text.starts_with("}}")) {
            out.literals.back() += text.front();
            text.remove_prefix(2);
            continue;
        }
        if (text.front() != '{') {
            if (text.front() == '}') {
                return std::nullopt;
            }
            out.literals.back() += text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto end = text.find('}');
        const auto number = end != std::string_view::npos ? to_whole_number(text.substr(1, end - 1)) : std::nullopt;
        if (!number || *number > 99) {
            return std::nullopt;
        }
        out.items.push_back(static_cast<std::size_t>(*number));
        out.literals.emplace_back();
        text.remove_prefix(end + 1);
    }
    return out;
}

Stepped filled(const Template& form, const List& items, const std::optional<std::string>& null_part) {
    std::string out = form.literals.front();
    for (std::size_t at = 0; at < form.items.size(); ++at) {
        if (form.items[at] >= items.size()) {
            return refuse("template.part", "模板引用的项不存在", "the template names an item that is not there");
        }
        const Value& item = items[form.items[at]];
        if (item.is_null() && !null_part) {
            return Value{};
        }
        out += (item.is_null() ? *null_part : to_text(item)) + form.literals[at + 1];
    }
    return Value{std::move(out)};
}

StepPtr make_template(Arguments& arguments, const Surroundings&) {
    const auto form = parse_template(arguments.text("text"));
    if (!form || form->items.empty()) {
        arguments.mistake("text", "模板里要用 {0}、{1} 引用各项", "a template names its items as {0}, {1}",
                          "write {{ and }} for braces");
        return nullptr;
    }
    const auto null_part = arguments.has("null_part") ? std::optional{arguments.text("null_part")} : std::nullopt;
    return list_step([form = *form, null_part](const List& items) { return filled(form, items, null_part); });
}

std::vector<Entry> null_entries() {
    return {
        with_maker(Entry{.name = "null_if",
                         .parameters = {{.name = "tokens",
                                         .kind = "list",
                                         .required = true,
                                         .help_en = "texts that mean nothing",
                                         .help_zh = "视为空的写法",
                                         .alone = true}},
                         .help_en = "A value whose text is one of the tokens becomes null.",
                         .help_zh = "值等于所列标记时视为空",
                         .examples = {{"'99991231'", "['99991231', '00000000']", "null"}, {"2023", "['/']", "2023"}}},
                   make_null_if),
        with_maker(
            Entry{
                .name = "only",
                .rules = {"list.not_single"},
                .help_en = "The one item of a list that must have exactly one.",
                .help_zh = "列表必须恰有一项，取该项",
                .examples = {{"[甲]", "", "甲"}, {"[甲, 乙]", "", "!list.not_single"}, {"[]", "", "!list.not_single"}}},
            make_only),
        with_maker(Entry{.name = "first",
                         .help_en = "The first item; null for an empty list.",
                         .help_zh = "取第一项",
                         .examples = {{"[甲, 乙]", "", "甲"}, {"[]", "", "null"}}},
                   make_first),
        with_maker(Entry{.name = "last",
                         .help_en = "The last item; null for an empty list.",
                         .help_zh = "取最后一项",
                         .examples = {{"[甲, 乙]", "", "乙"}, {"[]", "", "null"}}},
                   make_last),
    };
}

std::vector<Entry> text_and_list_entries() {
    return {
        with_maker(Entry{.name = "split",
                         .in = Type::text,
                         .out = Type::list,
                         .parameters = {{.name = "sep",
                                         .kind = "list",
                                         .required = true,
                                         .help_en = "one separator or several",
                                         .help_zh = "一个或多个分隔符",
                                         .alone = true},
                                        {.name = "trim",
                                         .kind = "flag",
                                         .otherwise = "true",
                                         .help_en = "trim each part",
                                         .help_zh = "每段去掉首尾空白"},
                                        {.name = "drop_empty",
                                         .kind = "flag",
                                         .otherwise = "true",
                                         .help_en = "leave empty parts out",
                                         .help_zh = "去掉空段"}},
                         .inverse = "join",
                         .help_en = "Text becomes a list at the separators, of at most 100,000 parts (list.max).",
                         .help_zh = "按分隔符拆成列表，至多 100,000 段（list.max）",
                         .examples = {{"甲， 乙,,丙", "[',', ，]", "[甲, 乙, 丙]"},
                                      {"'a, ,b'", "{sep: ',', trim: false, drop_empty: false}", "[a,  , b]"}}},
                   make_split),
        with_maker(Entry{.name = "join",
                         .in = Type::list,
                         .out = Type::text,
                         .parameters = {{.name = "sep",
                                         .kind = "text",
                                         .required = true,
                                         .help_en = "between the items",
                                         .help_zh = "分隔符",
                                         .alone = true}},
                         .inverse = "split",
                         .help_en = "The items that are not null as one text; null for none.",
                         .help_zh = "把列表各项连接为文本",
                         .examples = {{"[甲, 乙]", "、", "甲、乙"}, {"[]", "、", "null"}}},
                   make_join),
        with_maker(
            Entry{.name = "template",
                  .out = Type::text,
                  .rules = {"template.part"},
                  .parameters =
                      {{.name = "text",
                        .kind = "text",
                        .required = true,
                        .help_en =
                            "{0} is the first item of from_all; {NAME} the one of that path, {let.NAME} a named value",
                        .help_zh = "{0} 为 from_all 的第一项；{名称} 为该路径的一项，{let.名称} 为中间值",
                        .alone = true},
                       {.name = "null_part",
                        .kind = "text",
                        .help_en = "stands for a null item; without it the whole is null",
                        .help_zh = "代替空项；未给时整体为空"}},
                  .help_en = "A text with the items of a list set in.",
                  .help_zh = "用模板拼接多个来源字段",
                  .examples = {{"[湘, '2024', 衡阳市]", "'{0}({1}){2}不动产权'", "湘(2024)衡阳市不动产权"},
                               {"[甲, ~]", "'{0}-{1}'", "null"},
                               {"[甲, ~]", "{text: '{0}-{1}', null_part: ''}", "甲-"},
                               {"[甲]", "'{{{0}}}{1}'", "!template.part"}}},
            make_template),
    };
}

}  // namespace

std::vector<Entry> list_entries() {
    std::vector<Entry> all = null_entries();
    for (Entry& entry : text_and_list_entries()) {
        all.push_back(std::move(entry));
    }
    return all;
}

}  // namespace datong::steps
