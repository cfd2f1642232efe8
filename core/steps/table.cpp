#include <algorithm>
#include <iterator>

#include "core/codec/csv.h"
#include "core/steps/registry.h"

namespace datong::steps {
namespace {

constexpr record::Date kFirstDay{1, 1, 1};
constexpr record::Date kLastDay{9999, 12, 31};

constexpr std::string_view kFrom = "from";

/// Rows of one file while they are read, with what is wrong with them.
struct Reading {
    const std::string& file;
    Mistakes mistakes;
    std::vector<std::size_t> lines{};  ///< on which each row begins

    void wrong(std::size_t row, std::string text_zh, std::string text_en) {
        mistakes.push_back({{file, row < lines.size() ? static_cast<int>(lines[row]) : 1, 1},
                            "M401",
                            Severity::error,
                            std::move(text_zh),
                            std::move(text_en),
                            {}});
    }
};

/// An empty cell is no date; anything but YYYY-MM-DD is a mistake.
std::optional<record::Date> read_date(const std::string& cell, std::size_t row, Reading& reading) {
    const auto date = record::parse_iso_date(cell);
    if (!cell.empty() && !date) {
        reading.wrong(row, "有效期要写成 YYYY-MM-DD", "a validity date must be YYYY-MM-DD");
    }
    return date;
}

TableRow read_row(const std::vector<std::string>& columns, const std::vector<std::string>& cells, std::size_t row,
                  Reading& reading) {
    TableRow out;
    for (std::size_t at = 0; at < columns.size(); ++at) {
        const std::string& name = columns[at];
        const std::string& cell = cells[at];
        if (name == "from") {
            out.from = cell;
        } else if (name == "to") {
            out.to = cell;
        } else if (name == "label") {
            out.label = cell;
        } else if (name == "preferred") {
            out.preferred = cell == "y";
            if (!cell.empty() && cell != "y" && cell != "n") {
                reading.wrong(row, "preferred 只能是 y 或 n", "preferred must be y or n");
            }
        } else if (name == "valid_from") {
            out.valid_from = read_date(cell, row, reading);
        } else if (name == "valid_to") {
            out.valid_to = read_date(cell, row, reading);
        } else {
            out.more.emplace(name, cell);
        }
    }
    if (out.valid_from && out.valid_to && *out.valid_to < *out.valid_from) {
        reading.wrong(row, "有效期止早于起", "valid_to lies before valid_from");
    }
    return out;
}

/// The key goes where codes are looked up; another cell that stood there stays to be had by its name.
void take_key(TableRow& row, const std::string& key, bool has_other_from) {
    if (has_other_from) {
        row.more.emplace(kFrom, std::move(row.from));
    }
    row.from = key;
}

bool is_valid_on(const TableRow& row, const record::Date& day) {
    return row.valid_from.value_or(kFirstDay) <= day && day <= row.valid_to.value_or(kLastDay);
}

bool overlap(const TableRow& one, const TableRow& other) {
    return one.valid_from.value_or(kFirstDay) <= other.valid_to.value_or(kLastDay) &&
           other.valid_from.value_or(kFirstDay) <= one.valid_to.value_or(kLastDay);
}

bool is_blank(const std::vector<std::string>& cells) {
    return std::all_of(cells.begin(), cells.end(), [](const std::string& cell) { return cell.empty(); });
}

void check_header(const std::vector<std::string>& columns, const std::string& key, Reading& reading) {
    if (std::find(columns.begin(), columns.end(), key) == columns.end()) {
        reading.wrong(0, "首行要有列名，且含 " + key, "the first line must name the columns, '" + key + "' among them");
    }
    for (auto at = columns.begin(); at != columns.end(); ++at) {
        if (at->empty() || std::find(columns.begin(), at, *at) != at) {
            reading.wrong(0, "列名为空或重复", "a column name is empty or comes twice");
        }
    }
}

}  // namespace

tl::expected<Table, Mistakes> Table::parse(std::string_view csv, const std::string& file, std::string_view key_column) {
    Reading reading{file, {}};
    auto read = codec::read_csv_table(csv);
    if (!read || read->rows.empty()) {
        reading.wrong(0, "不是有效的 CSV 代码表", read ? "the table is empty" : read.error().detail());
        return tl::unexpected<Mistakes>{std::move(reading.mistakes)};
    }
    const codec::CsvRows& rows = read->rows;
    reading.lines = std::move(read->lines);
    Table table;
    table.columns_ = rows.front();
    check_header(table.columns_, std::string{key_column}, reading);
    const auto key_at = static_cast<std::size_t>(std::find(table.columns_.begin(), table.columns_.end(), key_column) -
                                                 table.columns_.begin());
    for (std::size_t row = 1; row < rows.size() && !has_errors(reading.mistakes); ++row) {
        const std::vector<std::string>& cells = rows[row];
        if (is_blank(cells)) {
            continue;
        }
        if (cells.size() != table.columns_.size()) {
            reading.wrong(row, "列数与首行不同", "not as many cells as columns");
            continue;
        }
        table.rows_.push_back(read_row(table.columns_, cells, row, reading));
        take_key(table.rows_.back(), cells[key_at], key_column != kFrom && table.has_column(kFrom));
        std::vector<std::size_t>& same = table.by_from_[table.rows_.back().from];
        const bool twice = std::any_of(same.begin(), same.end(), [&table](std::size_t other) {
            return overlap(table.rows_[other], table.rows_.back());
        });
        if (twice) {
            reading.wrong(row, "代码重复且有效期重叠", "the code comes twice with overlapping validity");
        }
        same.push_back(table.rows_.size() - 1);
    }
    if (has_errors(reading.mistakes)) {
        return tl::unexpected<Mistakes>{std::move(reading.mistakes)};
    }
    return table;
}

const TableRow* Table::find(std::string_view from, const record::Date& at) const {
    const auto found = by_from_.find(from);
    if (found == by_from_.end()) {
        return nullptr;
    }
    for (const std::size_t row : found->second) {
        if (is_valid_on(rows_[row], at)) {
            return &rows_[row];
        }
    }
    return nullptr;
}

bool Table::has(std::string_view from) const {
    return by_from_.find(from) != by_from_.end();
}

std::vector<const TableRow*> Table::rows_of(std::string_view from) const {
    std::vector<const TableRow*> out;
    if (const auto found = by_from_.find(from); found != by_from_.end()) {
        for (const std::size_t row : found->second) {
            out.push_back(&rows_[row]);
        }
    }
    return out;
}

std::span<const TableRow> Table::rows() const {
    return rows_;
}

const std::string* Table::cell(const TableRow& row, std::string_view column) {
    if (column == "to") {
        return &row.to;
    }
    if (column == "label") {
        return &row.label;
    }
    const auto found = row.more.find(column);
    if (found != row.more.end()) {
        return &found->second;
    }
    return column == kFrom ? &row.from : nullptr;
}

bool Table::has_column(std::string_view column) const {
    return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

namespace {

/// Of rows with one cell, the one that codes are read back to; nullptr where none or several could be meant.
const TableRow* single(const std::vector<const TableRow*>& rows) {
    const auto preferred = std::count_if(rows.begin(), rows.end(), [](const TableRow* one) { return one->preferred; });
    if (preferred == 1) {
        return *std::find_if(rows.begin(), rows.end(), [](const TableRow* one) { return one->preferred; });
    }
    return preferred == 0 && rows.size() == 1 ? rows.front() : nullptr;
}

std::vector<const TableRow*> valid_on(const std::vector<const TableRow*>& rows, const record::Date& day) {
    std::vector<const TableRow*> out;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(out),
                 [&day](const TableRow* one) { return is_valid_on(*one, day); });
    return out;
}

}  // namespace

ReverseTable::ReverseTable(std::shared_ptr<const Table> table, std::string_view column) : table_{std::move(table)} {
    for (const TableRow& row : table_->rows()) {
        const std::string* cell = Table::cell(row, column);
        if (cell != nullptr) {
            by_cell_[*cell].push_back(&row);
        }
    }
}

const TableRow* ReverseTable::find(std::string_view cell, const record::Date& at) const {
    const auto found = by_cell_.find(cell);
    return found != by_cell_.end() ? single(valid_on(found->second, at)) : nullptr;
}

std::vector<std::string> ReverseTable::ambiguous() const {
    std::vector<std::string> out;
    for (const auto& [cell, rows] : by_cell_) {
        // what is valid together changes only on the days on which a row begins
        const std::vector<const TableRow*>& all = rows;
        const bool unclear = std::any_of(all.begin(), all.end(), [&all](const TableRow* one) {
            return single(valid_on(all, one->valid_from.value_or(kFirstDay))) == nullptr;
        });
        if (unclear) {
            out.push_back(cell);
        }
    }
    return out;
}

}  // namespace datong::steps
