#include "core/workbench/row_table.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "core/base/text.h"
#include "core/codec/csv.h"
#include "core/workbench/row_edit.h"
#include "core/workbench/rows.h"
#include "core/workbench/yaml_text.h"

namespace datong::workbench {
namespace {

constexpr std::array<std::string_view, 11> kFormulaBegins{"=", "+", "-", "@", "\t", "\r", "'", "＝", "＋", "－", "＠"};

/// What a spreadsheet writes back in another form: 007, 2023-09, 1e5, 20 digits, true.
bool would_be_rewritten(std::string_view cell) {
    if (ascii_equal_ignoring_case(cell, "true") || ascii_equal_ignoring_case(cell, "false")) {
        return true;
    }
    const bool numeric = !cell.empty() && cell.front() >= '0' && cell.front() <= '9' &&
                         cell.find_first_not_of("0123456789 -/.:,%eE+") == std::string_view::npos;
    const bool plain_number = cell.size() <= 11 && (cell == "0" || !cell.starts_with('0')) &&
                              cell.find_first_not_of("0123456789") == std::string_view::npos;
    return numeric && !plain_number;
}

bool wants_apostrophe(std::string_view cell) {
    return would_be_rewritten(cell) || std::any_of(kFormulaBegins.begin(), kFormulaBegins.end(),
                                                   [&](std::string_view one) { return cell.starts_with(one); });
}

std::string plain_cell(const std::string& cell) {
    return cell.starts_with('\'') && wants_apostrophe(std::string_view{cell}.substr(1)) ? cell.substr(1) : cell;
}

std::string one_line_end(std::string cell) {
    for (std::size_t at = cell.find("\r\n"); at != std::string::npos; at = cell.find("\r\n", at)) {
        cell.erase(at, 1);  // a spreadsheet may write CRLF within a cell
    }
    return cell;
}

/// A table that was read: cells by row name and column.
struct Table {
    std::vector<std::string> columns;
    std::vector<WantedRow> rows;
};

class Reading {
public:
    Reading(const std::string& file, Mistakes& mistakes) : file_{file}, mistakes_{mistakes} {}

    void header(const std::vector<std::string>& names, std::size_t line, Table& table) {
        const std::vector<std::string> known{kColumns.begin(), kColumns.end()};
        for (std::size_t i = 0; i < names.size(); ++i) {
            const bool right = std::find(known.begin(), known.end(), names[i]) != known.end();
            const bool twice = std::count(names.begin(), names.end(), names[i]) > 1;
            if (!right || twice) {
                add(line, i, "T101", (twice ? "重复的列 '" : "未知的列 '") + names[i] + "'",
                    (twice ? "column twice: '" : "unknown column '") + names[i] + "'",
                    right ? std::string{} : nearest(names[i], known).value_or(""));
            }
        }
        if (std::find(names.begin(), names.end(), "to") == names.end()) {
            add(line, 0, "T102", "缺少列 'to'", "there is no column 'to'", "to");
        }
        table.columns = names;
    }

    void row(const std::vector<std::string>& cells, std::size_t number, Table& table) {
        if (std::all_of(cells.begin(), cells.end(), [](const std::string& one) { return one.empty(); })) {
            return;
        }
        if (cells.size() > table.columns.size()) {
            return add(number, table.columns.size(), "T105", "这一行的单元格比表头多",
                       "the row has more cells than the header", "");
        }
        WantedRow row;
        row.line = static_cast<int>(number);
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const std::string cell = i < cells.size() ? one_line_end(plain_cell(cells[i])) : std::string{};
            if (table.columns[i] == "to") {
                row.to = cell;
                continue;
            }
            auto said = read_cell(table.columns[i], cell);
            if (!said) {
                add(number, i, "T105", "单元格不能解读", "the cell can't be read: " + said.error().detail(), "");
                continue;
            }
            row.cells.emplace(table.columns[i], std::move(*said));
        }
        if (row.to.empty() || !seen_.insert(row.to).second) {
            return add(number, 0, "T103", row.to.empty() ? "这一行没有 to" : "'" + row.to + "' 出现两次",
                       row.to.empty() ? "the row has no 'to'" : "'" + row.to + "' comes twice", "");
        }
        table.rows.push_back(std::move(row));
    }

private:
    void add(std::size_t line, std::size_t column, std::string code, std::string zh, std::string en, std::string hint) {
        mistakes_.push_back({{file_, static_cast<int>(line), static_cast<int>(column) + 1},
                             std::move(code),
                             Severity::error,
                             std::move(zh),
                             std::move(en),
                             std::move(hint)});
    }

    const std::string& file_;
    Mistakes& mistakes_;
    std::set<std::string> seen_;
};

Table read_table(std::string_view csv, const std::string& file, Mistakes& mistakes) {
    Table table;
    const auto read = codec::read_csv_table(csv);
    if (!read || read->rows.empty()) {
        const bool other_charset = !is_utf8(csv);
        mistakes.push_back({{file, 0, 0},
                            "T105",
                            Severity::error,
                            read            ? "表是空的"
                            : other_charset ? "不是 UTF-8"
                                            : "不是 CSV",
                            read ? "the table is empty" : read.error().detail(),
                            other_charset ? "在 Excel 里另存为 \"CSV UTF-8 (逗号分隔)\" save as \"CSV UTF-8\"" : ""});
        return table;
    }
    Reading reading{file, mistakes};
    reading.header(read->rows.front(), read->lines.front(), table);
    for (std::size_t i = 1; mistakes.empty() && i < read->rows.size(); ++i) {
        reading.row(read->rows[i], read->lines[i], table);
    }
    return table;
}

tl::expected<YamlText, Mistakes> read_mapping(const std::string& yaml, const std::string& file) {
    auto text = YamlText::parse(yaml, file);
    if (text && text->root().text_of("datong") != "mapping/v1") {
        return tl::unexpected{Mistakes{
            {{file, 1, 1}, "T108", Severity::error, "不是映射文件", "not a mapping file", "datong: mapping/v1"}}};
    }
    return text;
}

}  // namespace

std::string guarded_cell(const std::string& cell) {
    return wants_apostrophe(cell) ? "'" + cell : cell;
}

tl::expected<std::string, Mistakes> export_rows(const std::string& yaml, const std::string& file) {
    const auto text = read_mapping(yaml, file);
    if (!text) {
        return tl::unexpected{text.error()};
    }
    codec::CsvRows out{{kColumns.begin(), kColumns.end()}};
    for (const RowList& list : row_lists(text->root())) {
        for (const Row& row : list.rows) {
            std::vector<std::string>& cells = out.emplace_back();
            for (const std::string_view column : kColumns) {
                const std::string cell = column == "to" ? row.to : cell_of(*row.node, column);
                cells.push_back(column == "required" ? cell : guarded_cell(cell));
            }
        }
    }
    return codec::write_csv(out, true);
}

tl::expected<Imported, Mistakes> import_rows(const std::string& yaml, const std::string& file, std::string_view csv,
                                             const std::string& csv_file) {
    const auto text = read_mapping(yaml, file);
    if (!text) {
        return tl::unexpected{text.error()};
    }
    Mistakes mistakes;
    const Table table = read_table(csv, csv_file, mistakes);
    if (!mistakes.empty()) {
        return tl::unexpected{std::move(mistakes)};
    }
    RowEdit edit{*text, csv_file, mistakes};
    edit.all(table.rows);
    if (!mistakes.empty()) {
        return tl::unexpected{std::move(mistakes)};
    }
    Imported out{edit.result(), edit.changed(), edit.added(), edit.removed()};
    if (!says_the_same(*text, out.yaml, table.rows)) {
        mistakes.push_back({{file, 0, 0},
                            "T107",
                            Severity::error,
                            "此文件的写法无法在不丢失内容的情况下改写, 请直接编辑 YAML",
                            "the file is written in a way that can't be edited without loss; edit the YAML itself",
                            ""});
        return tl::unexpected{std::move(mistakes)};
    }
    return out;
}

}  // namespace datong::workbench
