#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.h"
#include "core/mapping/ast.h"
#include "core/mapping/schema.h"

namespace datong::mapping {
namespace {

using ast::Keys;
using ast::Report;

constexpr std::size_t kMaxShapes = 10'000;
constexpr std::array<const char*, 7> kAnnotations{"$schema", "$id",         "$defs",   "$comment",
                                                  "title",   "description", "examples"};

/// Reads the JSON Schema subset.
class JsonSchemaReader {
public:
    JsonSchemaReader(const yaml::Node& root, Mistakes& mistakes) : root_{root}, mistakes_{mistakes} {}

    Shape read(const yaml::Node& node, std::optional<Privacy> inherited) {
        if (node.find("$ref") != nullptr) {
            return follow(node, inherited);
        }
        Keys keys{node, mistakes_};
        Shape shape;
        shape.json = true;
        shape.where = node.where;
        shape.privacy = read_privacy(keys, "x-class", inherited);
        if (const auto said = std::exchange(said_, std::nullopt)) {
            shape.privacy = said;
        }
        shape.label = keys.text("x-label");
        read_type(keys, shape);
        read_values(keys, shape);
        read_limits(keys, shape);
        read_children(keys, shape);
        for (const char* note : kAnnotations) {
            (void)keys.take(note);
        }
        if (keys.flag("additionalProperties", false)) {
            Report{mistakes_}(node.where, "M109", "additionalProperties 只能为 false",
                              "additionalProperties can only be false");
        }
        keys.finish();
        return shape;
    }

    std::optional<Privacy> read_privacy(Keys& keys, std::string_view key, std::optional<Privacy> inherited) {
        const auto own = privacy_by_name(keys.one_of(key, {"public", "internal", "personal", "sensitive"}, ""));
        return own ? own : inherited;
    }

private:
    /// A definition elsewhere. Beside its name stand annotations, and a class of its own; every other keyword would be
    /// one that nobody reads.
    Shape follow(const yaml::Node& node, std::optional<Privacy> inherited) {
        Keys keys{node, mistakes_};
        const ast::Text reference = keys.located("$ref");
        const auto own = read_privacy(keys, "x-class", std::nullopt);
        const std::string label = keys.text("x-label");
        for (const char* note : kAnnotations) {
            (void)keys.take(note);
        }
        keys.finish();
        const yaml::Node* at = &root_;
        const auto parts = split(reference.text, '/');
        const bool local = !parts.empty() && parts[0] == "#";
        for (std::size_t i = 1; i < parts.size() && at != nullptr; ++i) {
            at = at->find(parts[i]);
        }
        const bool circle = std::find(following_.begin(), following_.end(), reference.text) != following_.end();
        if (!local || at == nullptr || circle || ++shapes_ > kMaxShapes) {
            Report{mistakes_}(reference.where, "M109", "$ref 只能指向本文件内的定义, 且不能循环",
                              "$ref names a definition in this file, without a circle");
            return {};
        }
        following_.push_back(reference.text);
        const auto outer = std::exchange(said_, own ? own : said_);
        Shape shape = read(*at, inherited);
        said_ = outer;
        following_.pop_back();
        shape.label = label.empty() ? shape.label : label;
        return shape;
    }

    void read_type(Keys& keys, Shape& shape) {
        const auto types = keys.texts("type");
        for (const ast::Text& one : types) {
            if (one.text == "null") {
                shape.nullable = true;
            } else {
                shape.type = one.text;
            }
        }
        static const std::vector<std::string> kTypes{"object", "array", "string", "integer", "number", "boolean"};
        if (!shape.type.empty() && std::find(kTypes.begin(), kTypes.end(), shape.type) == kTypes.end()) {
            Report{mistakes_}(types[0].where, "M109", "未知的类型 '" + shape.type + "'",
                              "unknown type '" + shape.type + "'", nearest(shape.type, kTypes).value_or(""));
        }
        shape.kind = shape.type == "object"  ? Shape::Kind::object
                     : shape.type == "array" ? Shape::Kind::list
                                             : Shape::Kind::scalar;
    }

    void read_values(Keys& keys, Shape& shape) {
        for (ast::Text& one : keys.texts("enum")) {
            shape.codes.push_back(std::move(one.text));
        }
        if (auto constant = keys.optional_located("const"); constant) {
            shape.codes = {std::move(constant->text)};
        }
        shape.format = keys.text("format");
        if (auto pattern = keys.optional_located("pattern"); pattern) {
            shape.pattern = make_pattern(pattern->text, pattern->where, mistakes_);
        }
    }

    void read_limits(Keys& keys, Shape& shape) {
        shape.min_length = keys.whole("minLength");
        shape.max_length = keys.whole("maxLength");
        shape.min_items = keys.whole("minItems");
        shape.max_items = keys.whole("maxItems");
        for (const auto& [key, limit] : {std::pair{"minimum", &shape.minimum}, std::pair{"maximum", &shape.maximum}}) {
            if (const auto text = keys.optional_located(key); text) {
                *limit = record::Decimal::parse(text->text);
                if (!*limit) {
                    Report{mistakes_}(text->where, "M107", "此处应为数", "a number is wanted here");
                }
            }
        }
    }

    void read_children(Keys& keys, Shape& shape) {
        const yaml::Node* properties = keys.map("properties");
        const auto required = keys.texts("required");
        const yaml::Node* items = keys.map("items");
        if (properties != nullptr) {
            for (const auto& [name, body] : properties->entries) {
                Shape child = read(body, shape.privacy);
                child.name = name.text;
                child.required = std::any_of(required.begin(), required.end(),
                                             [&](const ast::Text& one) { return one.text == name.text; });
                shape.members.push_back(std::move(child));
            }
        }
        for (const ast::Text& one : required) {
            if (shape.member(one.text) == nullptr) {
                Report{mistakes_}(one.where, "M109", "required 里的 '" + one.text + "' 不在 properties 中",
                                  "required names '" + one.text + "', which is not in properties",
                                  nearest(one.text, shape.member_names()).value_or(""));
            }
        }
        if (shape.type.empty() && !shape.members.empty()) {
            shape.kind = Shape::Kind::object;
        }
        if (items != nullptr) {
            shape.members = {read(*items, shape.privacy)};
        }
    }

    const yaml::Node& root_;
    Mistakes& mistakes_;
    std::vector<std::string> following_;  ///< references on the way down
    std::optional<Privacy> said_;         ///< beside the reference that is being followed
    std::size_t shapes_{};                ///< that references made: definitions can multiply each other
};

}  // namespace

Shape read_json_schema(const yaml::Node& root, Mistakes& mistakes) {
    return JsonSchemaReader{root, mistakes}.read(root, std::nullopt);
}

}  // namespace datong::mapping
