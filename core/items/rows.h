#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/items/library.h"
#include "core/record/record.h"

namespace datong::items {

/// One row of a table: column to text, and where it stands, for whoever must mend it.
struct Row {
    std::map<std::string, std::string, std::less<>> columns;  ///< by lower-case name
    std::string where;                                        ///< "materials.csv:17"
};

/// A row that was left out, with its reason in both languages.
struct Broken {
    std::string where;
    std::string text_zh;
    std::string text_en;
};

/// The rows of a CSV file with a head line (UTF-8 or GB 18030), or of a JSON list of objects.
/// @param name   of the file: its ending says which, and rows are named by it.
/// @param broken  lines that are none are put here, and the others read.
/// @return Fault::bad_request when nothing of the file can be read.
[[nodiscard]] Result<std::vector<Row>> read_rows(std::string_view octets, const std::string& name,
                                                 std::vector<Broken>& broken);

/// The rows of a list of records, as a source answers them: cells are octets in UTF-8 or GB 18030.
[[nodiscard]] std::vector<Row> rows_of(const record::Record& list, const std::string& name,
                                       std::vector<Broken>& broken);

/// What the rows of both tables say. Of each code the newest version counts that is not deleted (cd_operation D); of
/// rows with one row_guid the one that came last (cd_time). A row that can't be understood is left out and named.
/// Source: up_task_general_basic and up_task_general_material of the national item library.
[[nodiscard]] Library gather(const std::vector<Row>& tasks, const std::vector<Row>& materials,
                             std::vector<Broken>& broken);

}  // namespace datong::items
