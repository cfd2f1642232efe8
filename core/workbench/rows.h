#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/yaml/node.h"

namespace datong::workbench {

/// What a table of rows shows of each row, in this order.
inline constexpr std::array<std::string_view, 10> kColumns{"to",       "label",   "from",     "steps", "when",
                                                           "required", "default", "on_error", "class", "note"};

/// The keys of which a row has exactly one; the column `from` stands for all of them.
inline constexpr std::array<std::string_view, 7> kSelects{"from",  "from_any", "from_all", "from_ctx",
                                                          "value", "compute",  "cases"};

/// One row of a mapping file.
struct Row {
    std::string to;            ///< with the lists around it: "house.areaM2", "holders[].name"
    const yaml::Node* node{};  ///< the row's map
};

/// The rows under one `fields:`.
struct RowList {
    std::string prefix;          ///< "" or "holders[]."
    const yaml::Node* fields{};  ///< the list of rows
    std::vector<Row> rows;
};

/// All rows of a mapping file, those of lists after those of the record around them.
[[nodiscard]] std::vector<RowList> row_lists(const yaml::Node& file);

/// The entry that says where a row's value comes from; nullptr when there is none.
[[nodiscard]] const yaml::Node::Entry* select_of(const yaml::Node& row);

/// A row's value in one column; empty where the row says nothing. Steps and cases stand without the
/// outer brackets; a `from` that is no plain path begins with its own key ("value: 1", "from_ctx: now").
[[nodiscard]] std::string cell_of(const yaml::Node& row, std::string_view column);

/// What a cell says: key and value. For `from` the key is one of kSelects.
struct Said {
    std::string key;
    yaml::Node value;
};

/// The inverse of cell_of; nullopt for an empty cell.
/// @return Fault::bad_request with what is wrong, in both languages, never the cell's content.
[[nodiscard]] Result<std::optional<Said>> read_cell(std::string_view column, const std::string& cell);

}  // namespace datong::workbench
