#pragma once

#include <string>
#include <string_view>

#include "core/base/mistake.h"
#include "core/base/result.h"

namespace datong::workbench {

/// The rows of a mapping as a table for Excel or WPS: a header with kColumns and a line for each row, those
/// of lists as "holders[].name". UTF-8 with byte order mark, CRLF (RFC 4180).
///
/// A cell that a spreadsheet would take for a formula (first character = + - @, their full-width forms,
/// tab or CR) or would write back in another form (007, 2023-09, 20 digits, true) has an apostrophe in
/// front, and so has one that begins with an apostrophe. The column `required` has none: TRUE is true there.
/// @param yaml  a mapping file; `file` is its name in mistakes.
/// @return the mistakes of the YAML, or T108 for a file that is no mapping.
[[nodiscard]] tl::expected<std::string, Mistakes> export_rows(const std::string& yaml, const std::string& file);

/// A cell with an apostrophe in front where a spreadsheet would take it for a formula or change it.
[[nodiscard]] std::string guarded_cell(const std::string& cell);

/// What an import did, counted in rows.
struct Imported {
    std::string yaml;
    int changed{};
    int added{};
    int removed{};
};

/// Puts a table back into the text of its mapping: changed values where they stand, new rows behind the
/// last one of their list, removed rows taken out; everything else stays byte for byte. The order of the
/// rows stays that of the file. A column that the table lacks is left as it is.
/// @return mistakes with line and column of the table: T101 unknown column (with the nearest name), T102
///         no column `to`, T103 a row that comes twice or has no name, T104 a list that the mapping does
///         not have, T105 a cell that says nothing valid, T106 no rows left in a list, T107 the text can't
///         be edited without loss, T108 no mapping.
[[nodiscard]] tl::expected<Imported, Mistakes> import_rows(const std::string& yaml, const std::string& file,
                                                           std::string_view csv, const std::string& csv_file);

}  // namespace datong::workbench
