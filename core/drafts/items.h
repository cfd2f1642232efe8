#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/codec/csv.h"

namespace datong::drafts {

/// One line of a department's table of data items (数据项对照表).
struct Item {
    enum class Type { text, whole, decimal, date };
    std::string name;   ///< as replies name it: "XM"; the label where the table has no other name
    std::string label;  ///< "姓名"
    Type type{Type::text};
    std::size_t length{};  ///< characters; 0: not said
    bool required{};
    std::vector<std::pair<std::string, std::string>> codes;  ///< code and meaning; empty: none
};

/// Finds the row of headings by its names (字段名, 数据项名称, 类型, 长度, 必填, 代码 and their like, in any order,
/// within the first twenty rows) and reads the lines below it to the first that has no name.
/// @return Fault::bad_request with the headings that are missing, or the line that names an item twice.
[[nodiscard]] Result<std::vector<Item>> read_items(const codec::CsvRows& rows);

/// The same of a file's bytes, .xlsx (the first sheet that has the headings) or .csv.
[[nodiscard]] Result<std::vector<Item>> read_item_file(const std::string& bytes);

/// "1-男；2-女", "1:男,2:女", lines of "1 男": codes and what they mean; nothing for anything else.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> read_codes(const std::string& text);

}  // namespace datong::drafts
