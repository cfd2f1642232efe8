#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/descriptions/interface.h"

namespace datong::descriptions {

/// Whether a name can stand in paths of mappings and expressions as it is.
[[nodiscard]] bool is_usable(std::string_view name);
/// What a member is called in JSON: "@id" -> "id", "#text" -> "value".
[[nodiscard]] std::string target_name(std::string_view name);
/// The class that a field's name suggests; empty: none.
[[nodiscard]] std::string class_of(const Shape& one);
/// The path of from_ctx for a parameter that names the person asked about; empty: it does not seem to.
[[nodiscard]] std::string from_context(const Shape& one);

/// The lines below `fields:` of a source/v1 schema.
[[nodiscard]] std::string source_fields(const std::vector<Shape>& members);
/// A JSON Schema of an object.
/// @param typed  numbers and booleans are such, and members that must be there are required; else every value is a text
///               that may be missing.
[[nodiscard]] std::string json_schema(const std::vector<Shape>& members, const std::string& title, bool typed);

}  // namespace datong::descriptions
