#include "core/steps/reference.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/steps/registry.h"

namespace datong::steps {
namespace {

using record::Record;

/// Words of the page in one language.
struct Tongue {
    bool chinese;
    std::string_view title;
    std::string_view intro;
    std::string_view parameters;
    std::string_view rules;
    std::string_view inverse;
    std::string_view masks;
    std::string_view alone;
    std::string_view needed;
    std::string_view otherwise;
    std::string_view whole_argument;
};

constexpr Tongue kChinese{
    .chinese = true,
    .title = "步骤",
    .intro =
        "每个步骤：输入类型 → 输出类型。能失败的步骤列出其规则名；失败按行的 `on_error` 处理，默认拒绝整条记录。"
        "空值不经步骤。`any` 表示任意类型；输出为 `any` 时与输入相同。",
    .parameters = "参数",
    .rules = "规则",
    .inverse = "反向",
    .masks = "结果密级降为 internal",
    .alone = "可省略名称",
    .needed = "必填",
    .otherwise = "默认",
    .whole_argument = "整个参数",
};
constexpr Tongue kEnglish{
    .chinese = false,
    .title = "Steps",
    .intro =
        "Of each step: type in → type out. A step that can fail lists its rules; the row's `on_error` says what "
        "happens then, and by default the record is refused. Null passes no step. `any` is whatever type; as a "
        "type out it is the type that came in.",
    .parameters = "Parameters",
    .rules = "Rules",
    .inverse = "Inverse",
    .masks = "The result's class drops to internal",
    .alone = "may stand without its name",
    .needed = "required",
    .otherwise = "default",
    .whole_argument = "the whole argument",
};

/// Code in a table cell: a bar would end the cell, and backquotes need a longer fence.
std::string code(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c == '|' ? "\\|" : std::string(1, c);
    }
    const std::string fence = out.find('`') == std::string::npos ? "`" : "``";
    const std::string gap = fence.size() > 1 || out.empty() ? " " : "";
    return fence + gap + out + gap + fence;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? std::string{} : std::string{between}) + code(word);
    }
    return out;
}

std::string types_of(const Entry& entry) {
    return std::string{name_of(entry.in)} + " → " + std::string{name_of(entry.out)};
}

std::string line_of(const Parameter& one, const Tongue& tongue) {
    std::string out = "- " + (one.name.empty() ? std::string{tongue.whole_argument} : code(one.name)) + " (" + one.kind;
    out += one.required ? ", " + std::string{tongue.needed} : "";
    out += one.otherwise.empty() ? "" : ", " + std::string{tongue.otherwise} + " " + code(one.otherwise);
    out += one.alone && !one.name.empty() ? ", " + std::string{tongue.alone} : "";
    out += ") " + (tongue.chinese ? one.help_zh : one.help_en);
    out += one.choices.empty() ? "" : ": " + joined(one.choices, " ");
    return out + "\n";
}

/// {lookup: gyfs}: a step as it stands in a mapping.
std::string call_of(const Entry& entry, const Example& example) {
    return example.parameters.empty() ? entry.name : "{" + entry.name + ": " + example.parameters + "}";
}

std::string examples_of(const Entry& entry) {
    std::string out;
    for (const Example& one : entry.examples) {
        const std::string type = one.type == Type::text ? "" : std::string{name_of(one.type)};
        out += "| " + code(call_of(entry, one)) + " | " + code(one.given) + " | " + type + " | " + code(one.gives) +
               " |\n";
    }
    return out;
}

void append_entry(std::string& out, const Entry& entry, const Tongue& tongue) {
    out += "#### " + entry.name + "\n" + (tongue.chinese ? entry.help_zh : entry.help_en) + "\n\n";
    out += types_of(entry);
    out += entry.rules.empty() ? "" : " · " + std::string{tongue.rules} + " " + joined(entry.rules, " ");
    out += entry.inverse.empty() ? "" : " · " + std::string{tongue.inverse} + " " + code(entry.inverse);
    out += entry.masks ? " · " + std::string{tongue.masks} : "";
    out += "\n\n";
    for (const Parameter& one : entry.parameters) {
        out += line_of(one, tongue);
    }
    out += entry.parameters.empty() ? "" : "\n";
}

void append_steps(std::string& out, const Tongue& tongue) {
    out += "\n## " + std::string{tongue.title} + "\n" + std::string{tongue.intro} + "\n";
    std::string_view family;
    for (const Entry& entry : entries()) {
        if (entry.family_en != family) {
            family = entry.family_en;
            out += "\n### " + (tongue.chinese ? entry.family_zh : entry.family_en) + "\n";
        }
        append_entry(out, entry, tongue);
    }
}

Record texts(const std::vector<std::string>& words) {
    Record out = Record::list();
    for (const std::string& word : words) {
        out.add(Record::text(word));
    }
    return out;
}

Record to_record(const Parameter& one) {
    Record out = Record::object();
    out.put("name", Record::text(one.name));
    out.put("kind", Record::text(one.kind));
    out.put("required", Record::boolean(one.required));
    out.put("default", one.otherwise.empty() ? Record{} : Record::text(one.otherwise));
    out.put("choices", texts(one.choices));
    out.put("alone", Record::boolean(one.alone));
    out.put("help_zh", Record::text(one.help_zh));
    out.put("help_en", Record::text(one.help_en));
    return out;
}

Record to_record(const Example& one) {
    Record out = Record::object();
    out.put("given", Record::text(one.given));
    out.put("type", Record::text(std::string{name_of(one.type)}));
    out.put("parameters", Record::text(one.parameters));
    out.put("gives", Record::text(one.gives));
    return out;
}

template <class T>
Record list_of(const std::vector<T>& items) {
    Record out = Record::list();
    for (const T& item : items) {
        out.add(to_record(item));
    }
    return out;
}

Record to_record(const Entry& entry) {
    Record out = Record::object();
    out.put("name", Record::text(entry.name));
    out.put("family_zh", Record::text(entry.family_zh));
    out.put("family_en", Record::text(entry.family_en));
    out.put("in", Record::text(std::string{name_of(entry.in)}));
    out.put("out", Record::text(std::string{name_of(entry.out)}));
    out.put("fallible", Record::boolean(entry.fallible));
    out.put("rules", texts(entry.rules));
    out.put("inverse", entry.inverse.empty() ? Record{} : Record::text(entry.inverse));
    out.put("masks", Record::boolean(entry.masks));
    out.put("help_zh", Record::text(entry.help_zh));
    out.put("help_en", Record::text(entry.help_en));
    out.put("parameters", list_of(entry.parameters));
    out.put("examples", list_of(entry.examples));
    return out;
}

}  // namespace

std::string reference_markdown() {
    std::string out =
        "# 映射步骤 Mapping steps\n"
        "由 `datong map functions --markdown` "
        "生成，勿手改。中文在前，英文其次，例子在末尾，两种语言共用；例子即测试。\n\n"
        "Made by `datong map functions --markdown`; don't edit. Chinese first, then English, and at the end the "
        "examples of both, each of which is a test.\n";
    append_steps(out, kChinese);
    append_steps(out, kEnglish);
    out +=
        "\n## 例 Examples\n`!` 后为拒绝时的规则名。Behind `!` stands the rule of a refusal.\n\n"
        "| 步骤 step | 输入 given | 类型 type | 结果 gives |\n|---|---|---|---|\n";
    for (const Entry& entry : entries()) {
        out += examples_of(entry);
    }
    return out;
}

std::string reference_json() {
    Record out = Record::list();
    for (const Entry& entry : entries()) {
        out.add(to_record(entry));
    }
    return codec::write_json_for_people(out) + "\n";
}

std::string reference_list() {
    std::string out;
    std::string_view family;
    for (const Entry& entry : entries()) {
        if (entry.family_en != family) {
            family = entry.family_en;
            out += (out.empty() ? "" : "\n") + entry.family_zh + " " + entry.family_en + "\n";
        }
        constexpr std::size_t kNameWidth = 24;
        constexpr std::size_t kTypesWidth = 20;
        const std::string types = types_of(entry);
        out += "  " + entry.name + std::string(kNameWidth - std::min(kNameWidth, entry.name.size()), ' ') + types +
               std::string(kTypesWidth - std::min(kTypesWidth, count_chars(types)), ' ');
        for (const std::string& rule : entry.rules) {
            out += "!" + rule + " ";
        }
        out += "\n      " + entry.help_zh + "\n      " + entry.help_en + "\n";
    }
    return out;
}

}  // namespace datong::steps
