#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mistake.h"
#include "core/record/date.h"
#include "core/record/decimal.h"
#include "core/record/record.h"
#include "core/steps/pattern.h"
#include "core/yaml/node.h"

namespace datong::mapping {

/// Privacy classes in their order (密级).
enum class Privacy { open, internal, personal, sensitive };
[[nodiscard]] std::string_view name_of(Privacy privacy);
[[nodiscard]] std::optional<Privacy> privacy_by_name(std::string_view name);

/// One node of a schema, whichever language it was written in.
struct Shape {
    enum class Kind { object, list, scalar };
    std::string name;  ///< member name; empty at the root and for items
    Kind kind{Kind::object};
    std::string type;  ///< JSON: "string" ...; source/v1: "text", "money" ...
    bool json{};       ///< from a JSON Schema: `type` binds the target
    bool required{};
    bool nullable{};
    std::optional<Privacy> privacy;  ///< own, or the nearest ancestor's
    std::string label;
    std::vector<std::string> codes;  ///< enum, const, or declared codes; empty: open
    std::string format;
    std::optional<steps::Pattern> pattern;
    bool pattern_is_whole{};  ///< source/v1; JSON Schema searches
    std::optional<record::Decimal> minimum, maximum;
    std::optional<std::size_t> min_length, max_length, min_items, max_items;
    std::vector<Shape> members;  ///< of an object; one nameless item of a list
    std::size_t place{};         ///< where records mostly have this member, for a quick look
    Position where;

    [[nodiscard]] const Shape* member(std::string_view member_name) const;
    /// The item's shape of a list, the shape itself otherwise.
    [[nodiscard]] const Shape& item() const;
    [[nodiscard]] std::vector<std::string> member_names() const;
};

/// Reads a schema file: JSON Schema 2020-12 subset (".json") or source/v1 (".yaml").
/// Mistakes: M105 a keyword outside the subset, M107, M109.
[[nodiscard]] Shape read_schema(const yaml::Node& root, bool is_json, Mistakes& mistakes);

/// The JSON Schema part of read_schema (schema_json.cpp).
[[nodiscard]] Shape read_json_schema(const yaml::Node& root, Mistakes& mistakes);

/// An RE2 pattern; nullopt and a mistake (M301) for a bad one.
[[nodiscard]] std::optional<steps::Pattern> make_pattern(const std::string& pattern, const Position& where,
                                                         Mistakes& mistakes);

/// The rule that a leaf breaks ("schema.enum", "schema.pattern" ...), or empty.
[[nodiscard]] std::string_view broken_rule(const Shape& shape, const record::Record& leaf);

/// A value as findings and traces show it: public and internal ones up to 64 characters as they
/// are, others by the masking profile for logs (docs/mapping.md, Errors).
[[nodiscard]] std::string shown_value(std::string_view text, Privacy privacy);

/// The class of a JSON pointer ("/holders/0/idNo", "/holders/*/idNo"); nullopt where none is said.
[[nodiscard]] std::optional<Privacy> privacy_at(const Shape& root, std::string_view pointer);

}  // namespace datong::mapping
