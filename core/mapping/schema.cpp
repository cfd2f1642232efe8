#include "core/mapping/schema.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/ast.h"
#include "core/steps/mask.h"

namespace datong::mapping {
namespace {

using ast::Keys;
using ast::Report;

Shape& place(Shape& root, const std::vector<std::string_view>& parts) {
    Shape* at = &root;
    for (const std::string_view part : parts) {
        if (at->kind == Shape::Kind::list) {
            at = &at->members[0];
        }
        const auto found =
            std::find_if(at->members.begin(), at->members.end(), [&](const Shape& one) { return one.name == part; });
        if (found != at->members.end()) {
            at = &*found;
            continue;
        }
        Shape child;
        child.name = part;
        child.privacy = at->privacy;
        child.nullable = true;  // an object that only its members declare may be absent
        at = &at->members.emplace_back(std::move(child));
    }
    return *at;
}

void read_source_field(const yaml::Node& node, Shape& root, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    (void)keys.need("path");
    const ast::Text path = keys.located("path");
    const std::string type = keys.one_of("type",
                                         {"text", "integer", "decimal", "money", "boolean", "date", "datetime",
                                          "yearmonth", "code", "bytes", "list", "object"},
                                         "text");
    if (path.text.empty()) {
        keys.finish();
        return;
    }
    Shape& shape = place(root, split(path.text, '.'));
    shape.where = node.where;
    shape.type = type;
    shape.nullable = keys.flag("nullable", false);
    shape.required = !shape.nullable;
    shape.label = keys.text("label");
    if (const auto own = privacy_by_name(keys.one_of("class", {"public", "internal", "personal", "sensitive"}, ""))) {
        shape.privacy = own;
    }
    for (ast::Text& code : keys.texts("codes")) {
        shape.codes.push_back(std::move(code.text));
    }
    shape.max_length = keys.whole("max_length");
    if (const auto pattern = keys.optional_located("pattern"); pattern) {
        shape.pattern = make_pattern(pattern->text, pattern->where, mistakes);
        shape.pattern_is_whole = true;
    }
    (void)keys.take("note");
    keys.finish();
    if (type == "list") {
        shape.kind = Shape::Kind::list;
        Shape item;
        item.privacy = shape.privacy;
        item.members = std::move(shape.members);
        shape.members = {std::move(item)};
    } else if (type != "object") {
        shape.kind = Shape::Kind::scalar;
    }
}

/// A class said of a parent after its members still reaches them.
void inherit_privacy(Shape& shape) {
    for (Shape& one : shape.members) {
        if (!one.privacy) {
            one.privacy = shape.privacy;
        }
        inherit_privacy(one);
    }
}

/// A list below which no member is declared holds texts.
void settle_lists(Shape& shape) {
    for (Shape& one : shape.members) {
        settle_lists(one);
    }
    if (shape.kind == Shape::Kind::list && !shape.members.empty() && shape.members[0].kind == Shape::Kind::object &&
        shape.members[0].members.empty()) {
        shape.members[0].kind = Shape::Kind::scalar;
        shape.members[0].type = "text";
    }
}

bool is_date(std::string_view text) {
    return record::parse_iso_date(text).has_value();
}

std::string_view broken_text_rule(const Shape& shape, std::string_view text) {
    if (shape.min_length || shape.max_length) {
        const std::size_t chars = count_chars(text);
        if (chars < shape.min_length.value_or(0) || chars > shape.max_length.value_or(chars)) {
            return "schema.length";
        }
    }
    const std::string_view format = shape.format;
    if (format == "date" && !is_date(text)) {
        return "schema.format";
    }
    if (format == "date-time" && !record::parse_rfc3339(text)) {
        return "schema.format";
    }
    if (shape.pattern &&
        !(shape.pattern_is_whole ? shape.pattern->matches_whole(text) : shape.pattern->is_found_in(text))) {
        return "schema.pattern";
    }
    return {};
}

bool fits_type(const Shape& shape, const record::Record& leaf) {
    if (!shape.json || shape.type.empty()) {
        return true;
    }
    const std::string_view type = shape.type;  // compares lengths first
    if (type == "string") {
        return leaf.is_text() || leaf.is_bytes();
    }
    if (type == "boolean") {
        return leaf.is_boolean();
    }
    if (type == "array") {
        return leaf.is_list();
    }
    if (type == "object") {
        return leaf.is_object();
    }
    const bool whole = leaf.scalar().find_first_of(".eE") == std::string_view::npos;
    return leaf.is_number() && (type == "number" || (type == "integer" && whole));
}

}  // namespace

std::string_view name_of(Privacy privacy) {
    switch (privacy) {
        case Privacy::open:
            return "public";
        case Privacy::internal:
            return "internal";
        case Privacy::personal:
            return "personal";
        case Privacy::sensitive:
            break;
    }
    return "sensitive";
}

std::optional<Privacy> privacy_by_name(std::string_view name) {
    for (const Privacy one : {Privacy::open, Privacy::internal, Privacy::personal, Privacy::sensitive}) {
        if (name_of(one) == name) {
            return one;
        }
    }
    return std::nullopt;
}

const Shape* Shape::member(std::string_view member_name) const {
    for (const Shape& one : members) {
        if (one.name == member_name) {
            return &one;
        }
    }
    return nullptr;
}

const Shape& Shape::item() const {
    return kind == Kind::list && !members.empty() ? members[0] : *this;
}

std::vector<std::string> Shape::member_names() const {
    std::vector<std::string> names;
    for (const Shape& one : members) {
        names.push_back(one.name);
    }
    return names;
}

std::optional<steps::Pattern> make_pattern(const std::string& pattern, const Position& where, Mistakes& mistakes) {
    auto made = steps::Pattern::compile(pattern);
    if (!made) {
        Report{mistakes}(where, "M301", "不是有效的正则表达式", "not a regular expression: " + made.error());
        return std::nullopt;
    }
    return std::move(*made);
}

Shape read_schema(const yaml::Node& root, bool is_json, Mistakes& mistakes) {
    if (is_json) {
        return read_json_schema(root, mistakes);
    }
    Shape shape;
    Keys keys{root, mistakes};
    (void)keys.need("datong");
    const ast::Text kind = keys.located("datong");
    if (!kind.text.empty() && kind.text != "source/v1") {
        Report{mistakes}(kind.where, "M109", "首行应为 datong: source/v1", "the file begins with 'datong: source/v1'",
                         "datong: source/v1");
    }
    for (const char* key : {"id", "version", "title", "note", "owner"}) {
        (void)keys.text(key);
    }
    (void)keys.need("fields");
    if (const yaml::Node* fields = keys.list("fields"); fields != nullptr) {
        for (const yaml::Node& one : fields->items) {
            read_source_field(one, shape, mistakes);
        }
    }
    keys.finish();
    inherit_privacy(shape);
    settle_lists(shape);
    return shape;
}

namespace {

/// Of a list of values: how many they are, and each of them.
std::string_view broken_list_rule(const Shape& shape, const record::Record& list) {
    const std::size_t count = list.items().size();
    if (count < shape.min_items.value_or(0) || count > shape.max_items.value_or(count)) {
        return "schema.length";
    }
    for (const record::Record& one : list.items()) {
        const bool is_free = &shape.item() == &shape || (one.is_null() && shape.item().nullable);
        const std::string_view rule = is_free ? std::string_view{} : broken_rule(shape.item(), one);
        if (!rule.empty()) {
            return rule;
        }
    }
    return {};
}

}  // namespace

std::string_view broken_rule(const Shape& shape, const record::Record& leaf) {
    if (!fits_type(shape, leaf)) {
        return "schema.type";
    }
    if (leaf.is_list()) {
        return broken_list_rule(shape, leaf);
    }
    if (!leaf.is_scalar()) {
        return {};
    }
    const std::string_view text = leaf.scalar();
    if (!shape.codes.empty() && std::find(shape.codes.begin(), shape.codes.end(), text) == shape.codes.end()) {
        return "schema.enum";
    }
    if (shape.minimum || shape.maximum) {
        const auto number = record::Decimal::parse(text);
        if (!number || (shape.minimum && *number < *shape.minimum) || (shape.maximum && *number > *shape.maximum)) {
            return "schema.range";
        }
    }
    return leaf.is_text() ? broken_text_rule(shape, text) : std::string_view{};
}

std::string shown_value(std::string_view text, Privacy privacy) {
    return steps::masked_for_log(text, name_of(privacy));
}

std::optional<Privacy> privacy_at(const Shape& root, std::string_view pointer) {
    const Shape* at = &root;
    const auto parts = split(pointer, '/');
    for (std::size_t i = 1; i < parts.size() && at != nullptr; ++i) {
        if (at->kind == Shape::Kind::list) {
            at = &at->item();
        } else {
            at = at->member(parts[i]);
        }
    }
    return at != nullptr ? at->privacy : std::nullopt;
}

}  // namespace datong::mapping
