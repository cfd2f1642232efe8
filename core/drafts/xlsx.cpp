#include "core/drafts/xlsx.h"

#include <algorithm>
#include <optional>
#include <string>

#include "core/base/text.h"
#include "core/codec/xml.h"
#include "core/drafts/zip.h"
#include "core/record/record.h"

namespace datong::drafts {
namespace {

using record::Record;

constexpr std::size_t kMostColumns = 256;
constexpr std::size_t kMostRows = 10'000;
constexpr std::size_t kMostCells = 200'000;  // of all sheets, those that stand for a gap too
constexpr std::size_t kMostSheets = 64;
constexpr std::size_t kMostText = 32U << 20U;      // octets of all cells: many may point to one long text
constexpr std::size_t kMostUnpacked = 48U << 20U;  // octets of all parts together
constexpr std::size_t kMostNodes = 1'000'000;      // of one part
constexpr std::string_view kSheets = "xl/worksheets/";

/// A member that may be missing, one, or several.
std::vector<const Record*> all_of(const Record& parent, std::string_view name) {
    const Record* found = parent.find(name);
    if (found == nullptr) {
        return {};
    }
    if (!found->is_list()) {
        return {found};
    }
    std::vector<const Record*> items;
    for (const Record& item : found->items()) {
        items.push_back(&item);
    }
    return items;
}

/// Text of an element that may have attributes (xml:space).
std::string text_in(const Record& element) {
    const Record* inner = element.find("#text");
    return std::string{inner != nullptr ? inner->scalar() : element.scalar()};
}

/// A string item: one text, or runs of formatted text; readings of characters (rPh) are no text.
std::string string_item(const Record& item) {
    std::string text;
    for (const Record* plain : all_of(item, "t")) {
        text += text_in(*plain);
    }
    for (const Record* run : all_of(item, "r")) {
        for (const Record* part : all_of(*run, "t")) {
            text += text_in(*part);
        }
    }
    return text;
}

Error too_much() {
    return {Fault::body_too_large, "the workbook has more sheets, rows, columns, cells or text than a table of items"};
}

/// What a workbook may still cost, whatever its parts say of themselves.
struct Budget {
    std::size_t unpacked = kMostUnpacked;
    std::size_t cells = kMostCells;
    std::size_t text = kMostText;

    /// @return false, and takes nothing, where `rest` has less than `count`.
    [[nodiscard]] static bool take(std::size_t& rest, std::size_t count) {
        const bool has_room = count <= rest;
        rest -= has_room ? count : 0;
        return has_room;
    }
};

Result<Record> read_part(const Zip& zip, const std::string& name, Budget& budget) {
    const auto bytes = zip.read(name);
    if (!bytes) {
        return fail(bytes.error());
    }
    if (!Budget::take(budget.unpacked, bytes->size())) {
        return fail(too_much());
    }
    auto xml = codec::read_xml(*bytes, false, {.max_nodes = kMostNodes});
    if (!xml) {
        return fail(std::move(xml.error()).within(name));
    }
    return std::move(xml->content);
}

Result<std::vector<std::string>> read_strings(const Zip& zip, Budget& budget) {
    constexpr const char* kPart = "xl/sharedStrings.xml";
    std::vector<std::string> strings;
    const auto names = zip.names();
    if (std::find(names.begin(), names.end(), kPart) == names.end()) {
        return strings;
    }
    const auto content = read_part(zip, kPart, budget);
    if (!content) {
        return fail(content.error());
    }
    for (const Record* item : all_of(*content, "si")) {
        strings.push_back(string_item(*item));
    }
    return strings;
}

/// The column of a reference such as "AB12", from 0; nullopt for none.
std::optional<std::size_t> column_of(std::string_view reference) {
    std::size_t column = 0;
    for (const char c : reference) {
        if (c < 'A' || c > 'Z') {
            break;
        }
        column = column * 26 + static_cast<std::size_t>(c - 'A') + 1;
        if (column > kMostColumns) {
            return std::nullopt;
        }
    }
    return column == 0 ? std::nullopt : std::optional{column - 1};
}

std::string cell_text(const Record& cell, const std::vector<std::string>& strings) {
    const std::string type = cell.text_of("@t");
    if (const Record* inline_text = cell.find("is"); inline_text != nullptr) {
        return string_item(*inline_text);
    }
    const Record* value = cell.find("v");
    std::string text = value != nullptr ? text_in(*value) : std::string{};
    if (type == "s") {
        const auto index = to_whole_number(text);
        return index && *index < strings.size() ? strings[static_cast<std::size_t>(*index)] : std::string{};
    }
    return text;
}

Status read_row(const Record& row, const std::vector<std::string>& strings, std::vector<std::string>& made,
                Budget& budget) {
    for (const Record* cell : all_of(row, "c")) {
        const std::string reference = cell->text_of("@r");
        const auto column = reference.empty() ? std::optional{made.size()} : column_of(reference);
        const std::size_t added = column && *column >= made.size() ? *column + 1 - made.size() : 0;
        if (!column || *column >= kMostColumns || !Budget::take(budget.cells, std::max(added, std::size_t{1}))) {
            return fail(too_much());
        }
        made.resize(made.size() + added);
        std::string text = cell_text(*cell, strings);
        if (!Budget::take(budget.text, text.size())) {
            return fail(too_much());
        }
        made[*column] = std::move(text);
    }
    return {};
}

Result<codec::CsvRows> read_sheet(const Record& content, const std::vector<std::string>& strings, Budget& budget) {
    codec::CsvRows rows;
    const Record* data = content.find("sheetData");
    for (const Record* row : data == nullptr ? std::vector<const Record*>{} : all_of(*data, "row")) {
        if (rows.size() == kMostRows) {
            return fail(too_much());
        }
        if (auto read = read_row(*row, strings, rows.emplace_back(), budget); !read) {
            return fail(std::move(read.error()));
        }
    }
    return rows;
}

}  // namespace

Result<std::vector<codec::CsvRows>> read_xlsx(std::string_view bytes) {
    const auto zip = Zip::open(bytes);
    if (!zip) {
        return fail(zip.error());
    }
    Budget budget;
    const auto strings = read_strings(*zip, budget);
    if (!strings) {
        return fail(strings.error());
    }
    std::vector<codec::CsvRows> sheets;
    for (const std::string& name : zip->names()) {
        if (!name.starts_with(kSheets) || !name.ends_with(".xml")) {
            continue;
        }
        if (sheets.size() == kMostSheets) {
            return fail(too_much());
        }
        const auto content = read_part(*zip, name, budget);
        auto rows = content ? read_sheet(*content, *strings, budget) : fail(content.error());
        if (!rows) {
            return fail(std::move(rows.error()).within(name));
        }
        sheets.push_back(std::move(*rows));
    }
    return sheets.empty() ? fail(Fault::bad_request, "no workbook: it has no sheet")
                          : Result<std::vector<codec::CsvRows>>{std::move(sheets)};
}

}  // namespace datong::drafts
