#include "core/items/rows.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "core/base/text.h"
#include "core/charset/charset.h"
#include "core/codec/csv.h"
#include "core/codec/json.h"

namespace datong::items {
namespace {

using record::Record;

constexpr std::size_t kCodeLength = 31;          ///< of a task code
constexpr std::size_t kMostFields = 4'000'000;   ///< of one table
constexpr std::size_t kMostOctets = 256U << 20;  ///< of one in JSON, which names each field

std::string column_name(std::string_view written) {
    return ascii_lower(trim_ows(written));
}

/// Old systems write nothing as "null".
std::string value_of(std::string_view written) {
    const std::string_view text = trim_ows(written);
    return text == "null" || text == "NULL" ? std::string{} : std::string{text};
}

std::string text_of(const Row& row, std::string_view column) {
    const auto found = row.columns.find(column);
    return found == row.columns.end() ? std::string{} : found->second;
}

/// A field as UTF-8; nullopt when it is neither that nor GB 18030.
std::optional<std::string> decoded(const std::string& octets) {
    if (is_utf8(octets)) {
        return octets;
    }
    auto text = charset::decode(octets, charset::Charset::gb18030);
    return text ? std::optional{std::move(*text)} : std::nullopt;
}

void keep(Row row, bool is_readable, std::vector<Row>& rows, std::vector<Broken>& broken) {
    if (is_readable) {
        rows.push_back(std::move(row));
    } else {
        broken.push_back({row.where, "字符既不是 UTF-8 也不是 GB 18030", "characters are neither UTF-8 nor GB 18030"});
    }
}

Result<std::vector<Row>> read_csv_rows(std::string_view octets, const std::string& name, std::vector<Broken>& broken) {
    const auto table = codec::read_csv_octets(octets, {.max_fields = kMostFields});
    if (!table) {
        return fail(Error{table.error()}.within(name));
    }
    if (table->rows.empty()) {
        return fail(Fault::bad_request, name + ": the head line with the names of the columns is missing");
    }
    std::vector<std::string> names;
    for (const std::string& written : table->rows.front()) {
        names.push_back(column_name(written));
    }
    std::vector<Row> rows;
    for (std::size_t i = 1; i < table->rows.size(); ++i) {
        Row row{.columns = {}, .where = name + ':' + std::to_string(table->lines[i])};
        const auto& fields = table->rows[i];
        if (fields.size() != names.size()) {
            broken.push_back(
                {row.where, "列数不符: " + std::to_string(fields.size()) + ", 应为 " + std::to_string(names.size()),
                 "has " + std::to_string(fields.size()) + " columns, not " + std::to_string(names.size())});
            continue;
        }
        bool is_readable = true;
        for (std::size_t c = 0; c < names.size(); ++c) {
            const auto text = decoded(fields[c]);
            is_readable = is_readable && text.has_value();
            row.columns[names[c]] = value_of(text.value_or(""));
        }
        keep(std::move(row), is_readable, rows, broken);
    }
    return rows;
}

std::optional<int> version_of(const std::string& text) {
    constexpr std::uint64_t kMost = 1'000'000;
    const auto number = to_whole_number(text);
    return number && *number <= kMost ? std::optional{static_cast<int>(*number)} : std::nullopt;
}

bool is_code(std::string_view text) {
    return text.size() == kCodeLength && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
           });
}

bool is_deleted(const Row& row) {
    return text_of(row, "cd_operation") == "D";
}

/// Of rows with one row_guid the one that came last, in the order of the table; rows without one all stay.
std::vector<const Row*> last_words(const std::vector<Row>& rows) {
    std::map<std::string, const Row*, std::less<>> by_guid;
    std::vector<const Row*> all;
    for (const Row& row : rows) {
        const std::string guid = text_of(row, "row_guid");
        const Row*& known = by_guid[guid];
        if (!guid.empty() && known != nullptr && text_of(*known, "cd_time") > text_of(row, "cd_time")) {
            continue;
        }
        known = &row;
    }
    for (const Row& row : rows) {
        const std::string guid = text_of(row, "row_guid");
        if (guid.empty() || by_guid.find(guid)->second == &row) {
            all.push_back(&row);
        }
    }
    return all;
}

std::optional<Item> read_task(const Row& row, std::vector<Broken>& broken) {
    const auto version = version_of(text_of(row, "task_version"));
    Item item{.code = text_of(row, "task_code"),
              .name = text_of(row, "task_name"),
              .version = version.value_or(0),
              .department_code = text_of(row, "dept_code"),
              .department_name = text_of(row, "dept_name"),
              .guid = text_of(row, "row_guid"),
              .materials = {}};
    if (!is_code(item.code)) {
        broken.push_back({row.where, "task_code 应为 31 位数字或大写字母", "task_code must be 31 digits or capitals"});
        return std::nullopt;
    }
    if (item.name.empty()) {
        broken.push_back({row.where, "task_name 为空", "task_name is empty"});
        return std::nullopt;
    }
    if (!version) {
        broken.push_back({row.where, "task_version 应为整数", "task_version must be a whole number"});
        return std::nullopt;
    }
    return item;
}

std::optional<Material> read_material(const Row& row, std::vector<Broken>& broken) {
    Material material{.name = text_of(row, "material_name"),
                      .need = text_of(row, "is_need"),
                      .source = text_of(row, "source_type"),
                      .source_explain = text_of(row, "source_explain"),
                      .format = text_of(row, "material_format"),
                      .order = static_cast<int>(to_whole_number(text_of(row, "order_num")).value_or(0) % 1'000'000)};
    if (material.name.empty()) {
        broken.push_back({row.where, "material_name 为空", "material_name is empty"});
        return std::nullopt;
    }
    if (material.need != "1" && material.need != "2" && material.need != "3") {
        broken.push_back({row.where, "is_need 应为 1、2 或 3", "is_need must be 1, 2 or 3"});
        return std::nullopt;
    }
    if (material.source != "10" && material.source != "20" && material.source != "99") {
        broken.push_back({row.where, "source_type 应为 10、20 或 99", "source_type must be 10, 20 or 99"});
        return std::nullopt;
    }
    return material;
}

/// Puts a material under its item: by task_guid, which names one version; by task_code where there is none.
void put_material(Library& library, const std::set<std::string, std::less<>>& old_guids, const Row& row,
                  std::vector<Broken>& broken) {
    const std::string guid = text_of(row, "task_guid");
    const std::string code = text_of(row, "task_code");
    if (old_guids.contains(guid)) {
        return;  // of a version that another has taken the place of
    }
    const auto item = library.find(code);
    if (item == library.end() || (!guid.empty() && item->second.guid != guid)) {
        broken.push_back({row.where, "没有对应的事项: task_code 与 task_guid 不指向任何有效版本",
                          "of no item: task_code and task_guid name no valid version"});
        return;
    }
    if (auto material = read_material(row, broken)) {
        item->second.materials.push_back(std::move(*material));
    }
}

}  // namespace

Result<std::vector<Row>> read_rows(std::string_view octets, const std::string& name, std::vector<Broken>& broken) {
    if (!name.ends_with(".json")) {
        return read_csv_rows(octets, name, broken);
    }
    const auto read = codec::read_json(octets, {.max_bytes = kMostOctets, .max_nodes = kMostFields});
    if (!read) {
        return fail(Error{read.error()}.within(name));
    }
    if (!read->is_list()) {
        return fail(Fault::bad_request, name + ": must be a JSON list of objects, one a row");
    }
    return rows_of(*read, name, broken);
}

std::vector<Row> rows_of(const Record& list, const std::string& name, std::vector<Broken>& broken) {
    std::vector<Row> rows;
    std::size_t number = 0;
    for (const Record& one : list.is_list() ? list.items() : Record::List{}) {
        Row row{.columns = {}, .where = name + ':' + std::to_string(++number)};
        bool is_readable = true;
        for (const record::Member& member : one.is_object() ? one.members() : Record::Object{}) {
            const bool is_plain = !member.value.is_object() && !member.value.is_list() && !member.value.is_null();
            const auto text = is_plain ? decoded(std::string{member.value.scalar()}) : std::optional{std::string{}};
            row.columns[column_name(member.name)] = value_of(text.value_or(""));
            is_readable = is_readable && text.has_value();
        }
        keep(std::move(row), is_readable, rows, broken);
    }
    return rows;
}

Library gather(const std::vector<Row>& tasks, const std::vector<Row>& materials, std::vector<Broken>& broken) {
    Library library;
    std::set<std::string, std::less<>> old_guids;
    const auto note_old = [&old_guids](const std::string& guid) {
        if (!guid.empty()) {
            old_guids.insert(guid);
        }
    };
    for (const Row* row : last_words(tasks)) {
        if (is_deleted(*row)) {
            note_old(text_of(*row, "row_guid"));
            continue;
        }
        auto item = read_task(*row, broken);
        if (!item) {
            continue;
        }
        const auto known = library.find(item->code);
        if (known != library.end() && known->second.version >= item->version) {
            note_old(item->guid);
            continue;
        }
        if (known != library.end()) {
            note_old(known->second.guid);
        }
        library.insert_or_assign(item->code, std::move(*item));
    }
    for (const Row* row : last_words(materials)) {
        if (!is_deleted(*row)) {
            put_material(library, old_guids, *row, broken);
        }
    }
    for (auto& [code, item] : library) {
        std::sort(item.materials.begin(), item.materials.end(), [](const Material& one, const Material& other) {
            return std::tie(one.order, one) < std::tie(other.order, other);
        });
    }
    return library;
}

}  // namespace datong::items
