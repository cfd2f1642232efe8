#include "core/adapter/settings_schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/codec/json.h"

namespace datong::adapter {
namespace {

using record::Record;

constexpr std::array<std::string_view, 21> kWords{"type",     "properties",    "required",   "additionalProperties",
                                                  "items",    "enum",          "const",      "minimum",
                                                  "maximum",  "minLength",     "maxLength",  "minItems",
                                                  "maxItems", "minProperties", "title",      "description",
                                                  "default",  "examples",      "deprecated", "$schema",
                                                  "$id"};

constexpr std::array<std::string_view, 7> kTypes{"object", "array", "string", "integer", "number", "boolean", "null"};

bool is_word(std::string_view name) {
    return std::ranges::find(kWords, name) != kWords.end() || name == "$comment" || name.starts_with("x-");
}

std::vector<std::string> texts_of(const Record* list) {
    std::vector<std::string> texts;
    if (list != nullptr && list->is_text()) {
        texts.emplace_back(list->scalar());
    }
    for (const Record& item : list != nullptr ? list->items() : Record::List{}) {
        texts.emplace_back(item.scalar());
    }
    return texts;
}

Status check_words(const Record& schema);

Status check_members(const Record* schemas) {
    for (const record::Member& member : schemas != nullptr ? schemas->members() : Record::Object{}) {
        if (auto good = check_words(member.value); !good) {
            return good;
        }
    }
    return {};
}

/// A schema that is true or false, or an object of words that are understood.
Status check_words(const Record& schema) {
    if (schema.is_boolean()) {
        return {};
    }
    if (!schema.is_object()) {
        return fail(Fault::bad_request, "a schema must be an object");
    }
    for (const record::Member& member : schema.members()) {
        if (!is_word(member.name)) {
            return fail(Fault::bad_request, "the schema's word '" + member.name + "' is not understood");
        }
    }
    for (const std::string& type : texts_of(schema.find("type"))) {
        if (std::ranges::find(kTypes, type) == kTypes.end()) {
            return fail(Fault::bad_request, "the schema names a type that JSON does not have");
        }
    }
    for (const std::string_view word : {"additionalProperties", "items"}) {
        const Record* inner = schema.find(word);
        if (auto good = inner == nullptr ? Status{} : check_words(*inner); !good) {
            return good;
        }
    }
    return check_members(schema.find("properties"));
}

std::optional<double> to_double(std::string_view digits) {
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size() ? std::optional{value} : std::nullopt;
}

bool is_integer(std::string_view digits) {
    return digits.find_first_of(".eE") == std::string_view::npos;
}

/// One walk through settings and schema side by side.
class Walk {
public:
    explicit Walk(Mistakes& mistakes) : mistakes_{mistakes} {}

    Record value(const yaml::Node& node, const Record& schema) {
        types_ = texts_of(schema.find("type"));
        Record made;
        if (node.is_map()) {
            made = allows("object", node) ? object(node, schema) : Record{};
        } else if (node.is_list()) {
            made = allows("array", node) ? list(node, schema) : Record{};
        } else {
            made = scalar(node);
            check_scalar(node, made, schema);
        }
        check_choice(node, made, schema);
        return made;
    }

private:
    [[nodiscard]] bool has_type(std::string_view type) const {
        return types_.empty() || std::ranges::find(types_, type) != types_.end();
    }

    bool allows(std::string_view type, const yaml::Node& node) {
        if (has_type(type)) {
            return true;
        }
        std::string wanted;
        for (const std::string& one : types_) {
            wanted += (wanted.empty() ? "" : " | ") + one;
        }
        add(node, "C103", "此处应为 " + wanted, "must be " + wanted);
        return false;
    }

    Record object(const yaml::Node& node, const Record& schema) {
        Record made = Record::object();
        const Record* properties = schema.find("properties");
        const Record* others = schema.find("additionalProperties");
        for (const auto& [key, entry] : node.entries) {
            const Record* inner = properties != nullptr ? properties->find(key.text) : nullptr;
            inner = inner != nullptr ? inner : others;
            if (inner != nullptr && inner->is_boolean() && !inner->truth()) {
                unknown(key, properties);
            } else if (!entry.is_empty()) {  // `name:` alone is not said, as in every settings file
                const Record anything = Record::object();
                made.put(key.text, value(entry, inner != nullptr && inner->is_object() ? *inner : anything));
            }
        }
        for (const std::string& name : texts_of(schema.find("required"))) {
            if (made.find(name) == nullptr && node.find(name) == nullptr) {
                add(node, "C102", "缺少 '" + name + "'", "'" + name + "' is missing");
            }
        }
        check_bounds(node, static_cast<double>(made.members().size()), schema, "minProperties", "");
        return made;
    }

    void unknown(const yaml::Node& key, const Record* properties) {
        std::vector<std::string> names;
        for (const record::Member& member : properties != nullptr ? properties->members() : Record::Object{}) {
            names.push_back(member.name);
        }
        add(key, "C101", "未知的键 '" + key.text + "'", "unknown key '" + key.text + "'",
            nearest(key.text, names).value_or(""));
    }

    Record list(const yaml::Node& node, const Record& schema) {
        Record made = Record::list();
        const Record* items = schema.find("items");
        const Record anything = Record::object();
        for (const yaml::Node& item : node.items) {
            made.add(value(item, items != nullptr && items->is_object() ? *items : anything));
        }
        check_bounds(node, static_cast<double>(made.items().size()), schema, "minItems", "maxItems");
        return made;
    }

    Record scalar(const yaml::Node& node) {
        const Record meant = yaml::to_record(node);
        if (meant.is_boolean() && has_type("boolean")) {
            return meant;
        }
        if (meant.is_number() && (has_type("number") || (has_type("integer") && is_integer(meant.scalar())))) {
            return meant;
        }
        if (meant.is_null() && has_type("null")) {
            return meant;
        }
        return allows("string", node) ? Record::text(node.text) : Record{};
    }

    void check_scalar(const yaml::Node& node, const Record& made, const Record& schema) {
        if (made.is_text()) {
            check_bounds(node, static_cast<double>(count_chars(made.scalar())), schema, "minLength", "maxLength");
        } else if (made.is_number()) {
            check_bounds(node, to_double(made.scalar()).value_or(0), schema, "minimum", "maximum");
        }
    }

    void check_bounds(const yaml::Node& node, double value, const Record& schema, std::string_view least,
                      std::string_view most) {
        const Record* low = schema.find(least);
        const Record* high = most.empty() ? nullptr : schema.find(most);
        if (low != nullptr && value < to_double(low->scalar()).value_or(value)) {
            add(node, "C104", std::string{least} + " 为 " + std::string{low->scalar()},
                std::string{least} + " is " + std::string{low->scalar()});
        }
        if (high != nullptr && value > to_double(high->scalar()).value_or(value)) {
            add(node, "C104", std::string{most} + " 为 " + std::string{high->scalar()},
                std::string{most} + " is " + std::string{high->scalar()});
        }
    }

    void check_choice(const yaml::Node& node, const Record& made, const Record& schema) {
        const Record* choices = schema.find("enum");
        const Record* only = schema.find("const");
        const bool listed = choices == nullptr || std::ranges::find(choices->items(), made) != choices->items().end();
        if (!listed || (only != nullptr && !(*only == made))) {
            std::string names;
            for (const Record& choice : choices != nullptr ? choices->items() : Record::List{*only}) {
                names += (names.empty() ? "" : " | ") + std::string{choice.scalar()};
            }
            add(node, "C105", "只能是 " + names, "must be one of " + names);
        }
    }

    void add(const yaml::Node& node, std::string code, std::string zh, std::string en, std::string hint = {}) {
        mistakes_.push_back(
            {node.where, std::move(code), Severity::error, std::move(zh), std::move(en), std::move(hint)});
    }

    Mistakes& mistakes_;
    std::vector<std::string> types_;  ///< of the schema that is looked at
};

}  // namespace

Result<SettingsSchema> SettingsSchema::parse(std::string_view json) {
    auto root = codec::read_json(json, {.max_bytes = 1U << 20, .max_depth = 32, .max_nodes = 10'000});
    if (!root) {
        return fail(Fault::bad_request, "settings_schema_json is no JSON: " + root.error().detail());
    }
    if (auto good = check_words(*root); !good) {
        return fail(std::move(good.error()));
    }
    if (!root->is_object()) {
        return fail(Fault::bad_request, "settings_schema_json must be an object");
    }
    return SettingsSchema{std::move(*root)};
}

Record SettingsSchema::check(const yaml::Node& settings, Mistakes& mistakes) const {
    return Walk{mistakes}.value(settings, root_);
}

}  // namespace datong::adapter
