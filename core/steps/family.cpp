#include "core/steps/family.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::steps {
namespace {

constexpr std::string_view kTrueWords[] = {"true", "yes"};
constexpr std::string_view kFalseWords[] = {"false", "no"};

template <std::size_t N>
bool is_one_of(std::string_view text, const std::string_view (&words)[N]) {
    return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

std::optional<std::int64_t> to_whole(const std::string& text) {
    const auto value = record::Decimal::parse(text);
    return value && value->scale() == 0 ? value->to_integer() : std::nullopt;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : ", ") + word;
    }
    return out;
}

}  // namespace

Arguments::Arguments(const Entry& entry, const yaml::Node* argument, const yaml::Node& where, Mistakes& mistakes)
    : entry_{entry}, argument_{argument}, where_{where}, mistakes_{mistakes} {
    const auto alone = std::find_if(entry_.parameters.begin(), entry_.parameters.end(),
                                    [](const Parameter& one) { return one.alone; });
    const bool whole_argument_is_map = alone != entry_.parameters.end() && alone->kind == "map";
    if (argument_ != nullptr && (!argument_->is_map() || whole_argument_is_map)) {
        if (alone == entry_.parameters.end()) {
            good_ = false;
            mistakes_.push_back({argument_->where,
                                 "M301",
                                 Severity::error,
                                 "步骤 " + entry_.name + " 的参数要写名称",
                                 "step " + entry_.name + " takes its parameters by name",
                                 {}});
            argument_ = nullptr;
            return;
        }
        alone_ = &*alone;
    }
    check_names();
}

void Arguments::check_names() {
    if (argument_ != nullptr && alone_ == nullptr) {
        std::vector<std::string> names;
        for (const Parameter& one : entry_.parameters) {
            names.push_back(one.name);
        }
        for (const yaml::Node::Entry& given : argument_->entries) {
            if (std::find(names.begin(), names.end(), given.first.text) == names.end()) {
                good_ = false;
                const auto near = nearest(given.first.text, names);
                mistakes_.push_back({given.first.where, "M301", Severity::error,
                                     "步骤 " + entry_.name + " 没有参数 '" + given.first.text + "'",
                                     "step " + entry_.name + " has no parameter '" + given.first.text + "'",
                                     near ? *near : joined(names)});
            }
        }
    }
    for (const Parameter& one : entry_.parameters) {
        if (one.required && node(one.name) == nullptr) {
            mistake(one.name, "步骤 " + entry_.name + " 缺少参数" + (one.name.empty() ? "" : " '" + one.name + "'"),
                    "step " + entry_.name + " needs " + (one.name.empty() ? "an argument" : "'" + one.name + "'"));
        }
    }
}

const yaml::Node* Arguments::node(std::string_view name) const {
    if (alone_ != nullptr) {
        return alone_->name == name ? argument_ : nullptr;
    }
    return argument_ != nullptr ? argument_->find(name) : nullptr;
}

bool Arguments::has(std::string_view name) const {
    return node(name) != nullptr;
}

const Parameter& Arguments::parameter(std::string_view name) const {
    static const Parameter kNone;
    const auto found = std::find_if(entry_.parameters.begin(), entry_.parameters.end(),
                                    [name](const Parameter& one) { return one.name == name; });
    return found != entry_.parameters.end() ? *found : kNone;
}

std::string Arguments::called(std::string_view name) const {
    return name.empty() ? entry_.name : entry_.name + "." + std::string{name};
}

void Arguments::mistake(std::string_view name, std::string text_zh, std::string text_en, std::string hint,
                        std::string code) {
    good_ = false;
    const yaml::Node* at = node(name);
    at = at != nullptr ? at : argument_ != nullptr ? argument_ : &where_;
    mistakes_.push_back(
        {at->where, std::move(code), Severity::error, std::move(text_zh), std::move(text_en), std::move(hint)});
}

void Arguments::add(const Mistakes& mistakes) {
    good_ = good_ && !has_errors(mistakes);
    mistakes_.insert(mistakes_.end(), mistakes.begin(), mistakes.end());
}

void Arguments::wrong_kind(std::string_view name, std::string_view kind_zh, std::string_view kind_en) {
    mistake(name, called(name) + " 要写成" + std::string{kind_zh}, called(name) + " must be " + std::string{kind_en});
}

std::optional<std::string> Arguments::scalar(std::string_view name) {
    const yaml::Node* given = node(name);
    if (given == nullptr) {
        const Parameter& one = parameter(name);
        return one.otherwise.empty() ? std::nullopt : std::optional{one.otherwise};
    }
    if (!given->is_scalar()) {
        wrong_kind(name, "一个值", "one value");
        return std::nullopt;
    }
    return given->text;
}

std::string Arguments::text(std::string_view name) {
    return scalar(name).value_or(std::string{});
}

std::int64_t Arguments::whole(std::string_view name, std::int64_t least, std::int64_t most) {
    const auto given = scalar(name);
    if (!given) {
        return least;
    }
    const auto value = to_whole(*given);
    if (!value || *value < least || *value > most) {
        const std::string range = std::to_string(least) + ".." + std::to_string(most);
        wrong_kind(name, " " + range + " 之间的整数", "a whole number in " + range);
        return least;
    }
    return *value;
}

bool Arguments::flag(std::string_view name) {
    const auto given = scalar(name);
    if (given && !is_one_of(*given, kTrueWords) && !is_one_of(*given, kFalseWords)) {
        wrong_kind(name, " true 或 false", "true or false");
    }
    return given && is_one_of(*given, kTrueWords);
}

std::string Arguments::choice(std::string_view name) {
    const std::vector<std::string>& choices = parameter(name).choices;
    const auto given = scalar(name);
    if (!given) {
        return choices.empty() ? std::string{} : choices.front();
    }
    if (std::find(choices.begin(), choices.end(), *given) == choices.end()) {
        const auto near = nearest(*given, choices);
        mistake(name, called(name) + " 只能是 " + joined(choices), called(name) + " must be one of " + joined(choices),
                near ? *near : std::string{});
        return choices.empty() ? std::string{} : choices.front();
    }
    return *given;
}

std::vector<std::string> Arguments::texts(std::string_view name) {
    const yaml::Node* given = node(name);
    if (given == nullptr || given->is_scalar()) {
        const auto one = scalar(name);
        return one ? std::vector{*one} : std::vector<std::string>{};
    }
    std::vector<std::string> out;
    for (const yaml::Node& item : given->items) {
        if (!item.is_scalar()) {
            wrong_kind(name, "一列值", "a list of values");
            return {};
        }
        out.push_back(item.text);
    }
    if (given->is_map() || out.empty()) {
        wrong_kind(name, "至少含一个值的列表", "a list of at least one value");
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> Arguments::pairs(std::string_view name) {
    const yaml::Node* given = node(name);
    if (given == nullptr) {
        return {};
    }
    std::vector<std::pair<std::string, std::string>> out;
    for (const yaml::Node::Entry& entry : given->entries) {
        if (!entry.second.is_scalar() || entry.first.text.empty()) {
            out.clear();
            break;
        }
        out.emplace_back(entry.first.text, entry.second.text);
    }
    if (out.empty()) {
        wrong_kind(name, " {原文: 新文} 的映射", "a map of {from: to}");
    }
    return out;
}

std::optional<record::Decimal> Arguments::decimal(std::string_view name) {
    const auto given = scalar(name);
    const auto value = given ? record::Decimal::parse(*given) : std::nullopt;
    if (given && !value) {
        wrong_kind(name, "一个数", "a number");
    }
    return value;
}

std::optional<record::Date> Arguments::date(std::string_view name) {
    const auto given = scalar(name);
    const auto value = given ? record::parse_iso_date(*given) : std::nullopt;
    if (given && !value) {
        wrong_kind(name, " YYYY-MM-DD 形式的日期", "a date YYYY-MM-DD");
    }
    return value;
}

std::optional<Pattern> Arguments::pattern(std::string_view name) {
    const auto given = scalar(name);
    if (!given) {
        return std::nullopt;
    }
    auto compiled = Pattern::compile(*given);
    if (!compiled) {
        mistake(name, called(name) + " 不是有效的正则表达式",
                called(name) + " is no regular expression: " + compiled.error(),
                "RE2 syntax: no look-around, no back-references");
        return std::nullopt;
    }
    return std::move(*compiled);
}

std::optional<charset::Charset> Arguments::charset(std::string_view name) {
    const auto given = scalar(name);
    const auto value = given ? charset::by_name(*given) : std::nullopt;
    if (given && !value) {
        mistake(name, "不认识字符集 '" + *given + "'", "no charset '" + *given + "' here",
                "utf-8, gb18030, gbk, big5, utf-16, utf-16le, utf-16be, latin-1");
    }
    return value;
}

Padding Arguments::padding(std::string_view name) {
    Padding padding;
    const yaml::Node* given = node(name);
    if (given == nullptr) {
        return padding;
    }
    const auto width = given->is_map() ? to_whole(given->text_of("width")) : std::nullopt;
    const std::string fill = given->is_map() ? given->text_of("char") : "";
    constexpr std::int64_t kWidest = 1000;
    if (!width || *width < 1 || *width > kWidest || fill.size() > 1) {
        wrong_kind(name, " {width: 宽度, char: 一个字符}", "{width: ..., char: one character}");
        return padding;
    }
    padding.width = static_cast<std::size_t>(*width);
    padding.fill = fill.empty() ? " " : fill;
    return padding;
}

std::shared_ptr<const Table> Arguments::table(std::string_view name, const Surroundings& around) {
    const auto given = scalar(name);
    if (!given) {
        return nullptr;
    }
    const auto found = around.tables.find(*given);
    if (found != around.tables.end() && found->second != nullptr) {
        return found->second;
    }
    if (around.bad_tables.contains(*given)) {
        good_ = false;
        return nullptr;
    }
    std::vector<std::string> names;
    for (const auto& [known, table] : around.tables) {
        names.push_back(known);
    }
    const auto near = nearest(*given, names);
    mistake(name, "没有名为 '" + *given + "' 的代码表", "no table is named '" + *given + "'",
            near ? *near : "name its file under 'tables:' of the mapping", "M401");
    return nullptr;
}

std::shared_ptr<const Table> Arguments::table_file(std::string_view name, const Surroundings& around) {
    const auto path = scalar(name);
    if (!path) {
        return nullptr;
    }
    const auto content = around.read_file ? around.read_file(*path) : std::nullopt;
    if (!content) {
        mistake(name, "找不到文件 " + *path, "there is no file " + *path, "paths start below mappings/", "M401");
        return nullptr;
    }
    auto table = Table::parse(*content, *path);
    if (!table) {
        good_ = false;
        mistakes_.insert(mistakes_.end(), table.error().begin(), table.error().end());
        return nullptr;
    }
    return std::make_shared<const Table>(std::move(*table));
}

Parameter pad_parameter() {
    return {.name = "pad",
            .kind = "map",
            .help_en = "{width, char}: a fixed-width column's filling",
            .help_zh = "{width, char}：定长列的宽度与填充字符"};
}

std::string padded(std::string text, const Padding& padding) {
    if (text.size() >= padding.width) {
        return text;
    }
    const std::size_t at = padding.fill == "0" && text.starts_with('-') ? 1 : 0;
    return text.insert(at, std::string(padding.width - text.size(), padding.fill.front()));
}

Entry with_maker(Entry entry, Maker maker) {
    entry.fallible = !entry.rules.empty();
    Entry head;  // what reading the argument needs
    head.name = entry.name;
    head.parameters = entry.parameters;
    entry.make = [head = std::move(head), maker](const yaml::Node* argument, const yaml::Node& where,
                                                 const Surroundings& around, Mistakes& mistakes) -> StepPtr {
        const bool none = argument != nullptr && argument->is_empty();
        Arguments arguments{head, none ? nullptr : argument, where, mistakes};
        if (!arguments.good()) {
            return nullptr;
        }
        StepPtr step = maker(arguments, around);
        return arguments.good() ? std::move(step) : nullptr;
    };
    return entry;
}

tl::unexpected<Refusal> refuse(std::string_view rule, std::string_view text_zh, std::string_view text_en) {
    return tl::unexpected<Refusal>{Refusal{std::string{rule}, std::string{text_zh}, std::string{text_en}}};
}

tl::unexpected<Refusal> refuse_type(const Value& value) {
    const std::string type{name_of(value.type())};
    return refuse(kWrongType, "这一步不能处理类型 " + type, "this step does not take a value of type " + type);
}

std::optional<record::Decimal> to_number(const Value& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value.held)) {
        return record::Decimal{*whole};
    }
    if (const auto* decimal = std::get_if<record::Decimal>(&value.held)) {
        return *decimal;
    }
    if (const auto* money = std::get_if<Money>(&value.held)) {
        return record::Decimal{money->fen};
    }
    if (const auto* text = std::get_if<std::string>(&value.held)) {
        return record::Decimal::parse(*text);
    }
    return std::nullopt;
}

void drop_nulls(List& items) {
    std::erase_if(items, [](const Value& item) { return item.is_null(); });
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
           std::vector<std::string> more_rules) {
    entry.parameters = std::move(parameters);
    entry.examples = std::move(examples);
    entry.rules.insert(entry.rules.end(), more_rules.begin(), more_rules.end());
    return entry;
}

}  // namespace datong::steps
