#pragma once

#include "core/mapping/ast.h"

namespace datong::mapping {

/// Reads `datong: mapping/v1` from its YAML tree. What is wrong is gathered (M105 to M109); the tree
/// that comes back holds what could be read.
/// @param root  must outlive the result.
[[nodiscard]] ast::File read_file(const yaml::Node& root, Mistakes& mistakes);

/// Parts of it (reader_ends.cpp).
[[nodiscard]] std::vector<ast::Step> read_steps(const yaml::Node* list, Mistakes& mistakes);
[[nodiscard]] ast::Source read_source(const yaml::Node& node, Mistakes& mistakes);
[[nodiscard]] ast::Target read_target(const yaml::Node& node, Mistakes& mistakes);

/// What stands before the source: id, version, title.
void read_head(ast::Keys& keys, ast::File& file, Mistakes& mistakes);
void read_tables(const yaml::Node& node, ast::File& file, Mistakes& mistakes);

}  // namespace datong::mapping
