#include <algorithm>
#include <unordered_map>

#include "core/codec/csv.h"
#include "core/codec/form.h"
#include "core/mapping/source.h"

namespace datong::mapping {
namespace {

using record::Record;

void refuse(Sourced& out, Outcome outcome, const Position& where, steps::Refusal why) {
    Finding finding;
    finding.rule = std::move(why.rule);
    finding.where = where;
    finding.text_zh = std::move(why.text_zh);
    finding.text_en = std::move(why.text_en);
    out.outcome = outcome;
    out.errors.push_back(std::move(finding));
}

/// The name of a column or field: it belongs to the structure, so what can't be decoded is malformed.
std::optional<std::string> name_of_cell(std::string octets, const SourceOp& source, bool is_text) {
    if (is_text) {
        return octets;
    }
    auto text = charset::decode(octets, source.charset.value_or(charset::Charset::utf_8));
    return text ? std::optional{std::string{trim_all(*text)}} : std::nullopt;
}

/// A CSV file on its way to rows.
class CsvFile {
public:
    CsvFile(const SourceOp& source, codec::CsvTable table, bool is_text)
        : source_{source}, csv_{source.csv}, table_{std::move(table)}, is_text_{is_text} {}

    Sourced read() {
        if (!(csv_.header ? take_header() : take_columns()) || !count_rows()) {
            return std::move(out_);
        }
        Record rows = Record::list();
        rows.items_to_edit().reserve(table_.rows.size() - first_);
        for (std::size_t i = first_; i < table_.rows.size(); ++i) {
            if (table_.rows[i].size() != columns_.size()) {
                malformed("layout.columns", i, "字段数与列数不同",
                          std::to_string(table_.rows[i].size()) + " fields where " + std::to_string(columns_.size()) +
                              " are wanted");
                return std::move(out_);
            }
            rows.add(row(table_.rows[i]));
        }
        out_.owned = std::make_unique<Record>(csv_.many ? Record::object({{"row", std::move(rows)}})
                                                        : std::move(rows.items_to_edit().front()));
        return std::move(out_);
    }

private:
    void malformed(std::string rule, std::size_t row, const std::string& zh, const std::string& en) {
        const std::string line = std::to_string(row < table_.lines.size() ? table_.lines[row] : 1);
        refuse(out_, Outcome::malformed, csv_.where,
               {std::move(rule), "第 " + line + " 行: " + zh, "line " + line + ": " + en});
    }

    bool take_columns() {
        columns_ = csv_.columns;
        return true;
    }

    bool take_header() {
        first_ = 1;
        for (std::string& cell : table_.rows.empty() ? std::vector<std::string>{} : std::move(table_.rows[0])) {
            auto name = name_of_cell(std::move(cell), source_, is_text_);
            if (!name) {
                malformed("charset.invalid", 0, "列名不是所声明字符集的文字", "a column's name is not of the charset");
                return false;
            }
            columns_.push_back(std::move(*name));
        }
        auto sorted = columns_;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
            malformed("layout.header", 0, "列名重复", "a column's name comes twice");
            return false;
        }
        for (const std::string& wanted : csv_.columns) {
            if (!std::binary_search(sorted.begin(), sorted.end(), wanted)) {
                malformed("layout.header", 0, "缺少列 '" + wanted + "'", "the column '" + wanted + "' is missing");
                return false;
            }
        }
        return true;
    }

    bool count_rows() {
        const std::size_t count = table_.rows.size() - std::min(first_, table_.rows.size());
        if (count == 0 && !csv_.many && csv_.empty_is_not_found) {
            out_.outcome = Outcome::not_found;
            return false;
        }
        if (csv_.many ? count > csv_.max : count != 1) {
            const char* rule = count == 0 ? "rows.empty" : csv_.many ? "rows.max" : "rows.many";
            refuse(
                out_, Outcome::invalid, csv_.where,
                {rule, "文件有 " + std::to_string(count) + " 行", "the file has " + std::to_string(count) + " rows"});
            return false;
        }
        return true;
    }

    Record row(std::vector<std::string>& cells) const {
        Record::Object members;
        members.reserve(cells.size());
        for (std::size_t i = 0; i < cells.size(); ++i) {
            members.push_back(
                {columns_[i], is_text_ ? Record::text(std::move(cells[i])) : Record::bytes(std::move(cells[i]))});
        }
        return Record::object(std::move(members));
    }

    const SourceOp& source_;
    const CsvOp& csv_;
    codec::CsvTable table_;
    bool is_text_;
    std::size_t first_{};  ///< row behind the header
    std::vector<std::string> columns_;
    Sourced out_;
};

Sourced read_csv_file(const SourceOp& source, std::string_view bytes, bool is_text) {
    auto table = codec::read_csv_octets(bytes, {.separator = source.csv.separator});
    if (!table) {
        Sourced out;
        refuse(out, Outcome::malformed, source.csv.where, {"unwrap.csv", "不是有效的 CSV", table.error().detail()});
        return out;
    }
    return CsvFile{source, std::move(*table), is_text}.read();
}

/// Fields by name; one that comes twice is a list.
Sourced read_fields(const SourceOp& source, std::string_view bytes, bool is_text) {
    Sourced out;
    auto fields = codec::read_form_octets(bytes.substr(bytes.starts_with('?') ? 1 : 0));
    if (!fields) {
        refuse(out, Outcome::malformed, source.where, {"unwrap.form", "不是有效的表单", fields.error().detail()});
        return out;
    }
    Record::Object members;
    std::unordered_map<std::string, std::size_t> slots;
    for (codec::FormField& one : *fields) {
        auto name = name_of_cell(std::move(one.name), source, is_text);
        if (!name) {
            refuse(out, Outcome::malformed, source.where,
                   {"charset.invalid", "字段名不是所声明字符集的文字", "a field's name is not of the charset"});
            return out;
        }
        Record value = Record::bytes(std::move(one.value));
        const auto [slot, is_new] = slots.try_emplace(*name, members.size());
        if (is_new) {
            members.push_back({std::move(*name), std::move(value)});
            continue;
        }
        Record& there = members[slot->second].value;
        if (!there.is_list()) {
            Record::List first;
            first.push_back(std::move(there));
            there = Record::list(std::move(first));
        }
        there.add(std::move(value));
    }
    out.owned = std::make_unique<Record>(Record::object(std::move(members)));
    return out;
}

}  // namespace

Sourced read_cells(const SourceOp& source, std::string_view bytes, bool is_text) {
    return source.format == "csv" ? read_csv_file(source, bytes, is_text) : read_fields(source, bytes, is_text);
}

}  // namespace datong::mapping
