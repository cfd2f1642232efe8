#include "core/drafts/items.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <string_view>

#include "core/base/text.h"
#include "core/drafts/xlsx.h"

namespace datong::drafts {
namespace {

constexpr std::size_t kHeadingWithin = 20;
constexpr std::size_t kMostItems = 500;
constexpr auto kNone = static_cast<std::size_t>(-1);

constexpr std::array<std::string_view, 13> kNames{"字段名",   "字段", "英文名",     "英文名称", "字段英文名",
                                                  "字段代码", "列名", "数据项代码", "标识符",   "属性名",
                                                  "字段标识", "name", "field"};
constexpr std::array<std::string_view, 12> kLabels{"数据项名称", "数据项",     "中文名", "中文名称",
                                                   "字段中文名", "字段描述",   "名称",   "含义",
                                                   "字段说明",   "信息项名称", "信息项", "字段名称"};
constexpr std::array<std::string_view, 5> kTypes{"类型", "数据类型", "字段类型", "数据格式", "type"};
constexpr std::array<std::string_view, 5> kLengths{"长度", "数据长度", "字段长度", "最大长度", "length"};
constexpr std::array<std::string_view, 7> kRequired{"必填",   "是否必填", "必选",    "是否必选",
                                                    "必填项", "约束",     "required"};
constexpr std::array<std::string_view, 9> kCodes{"代码", "值域",   "代码集", "取值范围", "枚举",
                                                 "字典", "代码表", "代码值", "codes"};

/// A heading without what people put around it: blanks, stars, brackets with remarks.
std::string heading(std::string text) {
    for (const std::string_view bracket : {"(", "（"}) {
        if (const auto at = text.find(bracket); at != std::string::npos && at > 0) {
            text.resize(at);
        }
    }
    std::string plain;
    for (const char c : text) {
        if (c != ' ' && c != '*' && c != '\n' && c != '\r' && c != '\t') {
            plain += c;
        }
    }
    return ascii_lower(plain);
}

struct Columns {
    std::size_t name{kNone}, label{kNone}, type{kNone}, length{kNone}, required{kNone}, codes{kNone};

    [[nodiscard]] int known() const {
        int count = 0;
        for (const std::size_t one : {name, label, type, length, required, codes}) {
            count += one != kNone ? 1 : 0;
        }
        return count;
    }
};

Columns columns_of(const std::vector<std::string>& row) {
    Columns columns;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string word = heading(row[i]);
        const auto take = [&](std::size_t& column, std::span<const std::string_view> words) {
            if (column == kNone && std::ranges::find(words, word) != words.end()) {
                column = i;
            }
        };
        take(columns.name, kNames);
        take(columns.label, kLabels);
        take(columns.type, kTypes);
        take(columns.length, kLengths);
        take(columns.required, kRequired);
        take(columns.codes, kCodes);
    }
    return columns;
}

std::string cell(const std::vector<std::string>& row, std::size_t column) {
    if (column >= row.size()) {
        return {};
    }
    const std::string& text = row[column];
    const auto from = text.find_first_not_of(" \t\r\n");
    const auto to = text.find_last_not_of(" \t\r\n");
    return from == std::string::npos ? std::string{} : text.substr(from, to - from + 1);
}

bool has_any(const std::string& text, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

Item::Type type_of(const std::string& written) {
    const std::string text = ascii_lower(written);
    if (has_any(text, {"日期", "date", "时间", "time"}) || text == "d" || text == "dt") {
        return Item::Type::date;
    }
    if (has_any(text, {"小数", "金额", "decimal", "double", "float", "numeric", "货币"})) {
        return Item::Type::decimal;
    }
    if (has_any(text, {"整", "int", "long"})) {
        return Item::Type::whole;
    }
    const bool is_number = has_any(text, {"数值", "数字", "number"}) || text == "n" || text.starts_with("n(");
    return is_number ? Item::Type::decimal : Item::Type::text;
}

bool is_yes(const std::string& written) {
    const std::string text = ascii_lower(written);
    return text == "是" || text == "y" || text == "yes" || text == "1" || text == "m" || text == "true" ||
           text == "√" || text == "必填" || text == "必选";
}

Item item_of(const std::vector<std::string>& row, const Columns& columns) {
    Item item{.name = cell(row, columns.name),
              .label = cell(row, columns.label),
              .type = type_of(cell(row, columns.type)),
              .length = static_cast<std::size_t>(to_whole_number(cell(row, columns.length)).value_or(0)),
              .required = is_yes(cell(row, columns.required)),
              .codes = read_codes(cell(row, columns.codes))};
    if (item.name.empty()) {
        item.name = item.label;
    }
    if (item.label.empty()) {
        item.label = item.name;
    }
    return item;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> read_codes(const std::string& text) {
    constexpr std::size_t kLongest = 8;
    std::string plain = text;
    for (const std::string_view mark : {"；", "，", "、", "|", "\n", ","}) {
        for (auto at = plain.find(mark); at != std::string::npos; at = plain.find(mark, at + 1)) {
            plain.replace(at, mark.size(), ";");
        }
    }
    for (const std::string_view mark : {"：", "—", "－"}) {
        for (auto at = plain.find(mark); at != std::string::npos; at = plain.find(mark, at + 1)) {
            plain.replace(at, mark.size(), "-");
        }
    }
    std::vector<std::pair<std::string, std::string>> codes;
    for (const std::string_view part : split(plain, ';')) {
        const std::string_view trimmed = trim_ows(part);
        const auto end =
            std::min(trimmed.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
                     trimmed.size());
        const auto label = trimmed.find_first_not_of(" -:=.", end);
        if (trimmed.empty()) {
            continue;
        }
        if (end == 0 || end > kLongest || label == std::string_view::npos) {
            return {};
        }
        codes.emplace_back(std::string{trimmed.substr(0, end)}, std::string{trimmed.substr(label)});
    }
    return codes.size() >= 2 ? codes : std::vector<std::pair<std::string, std::string>>{};
}

Result<std::vector<Item>> read_items(const codec::CsvRows& rows) {
    std::size_t at = 0;
    Columns columns;
    for (; at < rows.size() && at < kHeadingWithin; ++at) {
        columns = columns_of(rows[at]);
        if ((columns.name != kNone || columns.label != kNone) && columns.known() >= 2) {
            break;
        }
    }
    if (at == rows.size() || at == kHeadingWithin) {
        return fail(Fault::bad_request,
                    "no row of headings within the first 20: 字段名 or 数据项名称, and 类型, 长度, 必填 or 代码");
    }
    std::vector<Item> items;
    std::set<std::string> names;
    for (++at; at < rows.size(); ++at) {
        Item item = item_of(rows[at], columns);
        if (item.name.empty()) {
            break;  // remarks below the table
        }
        if (!names.insert(item.name).second) {
            return fail(Fault::bad_request, "row " + std::to_string(at + 1) + " names an item a second time");
        }
        items.push_back(std::move(item));
        if (items.size() > kMostItems) {
            return fail(Fault::body_too_large, "more than 500 items");
        }
    }
    return items.empty() ? fail(Fault::bad_request, "no item stands below the headings")
                         : Result<std::vector<Item>>{std::move(items)};
}

Result<std::vector<Item>> read_item_file(const std::string& bytes) {
    if (!bytes.starts_with("PK")) {
        const auto rows = codec::read_csv(bytes);
        return rows ? read_items(*rows) : fail(rows.error());
    }
    const auto sheets = read_xlsx(bytes);
    if (!sheets) {
        return fail(sheets.error());
    }
    Result<std::vector<Item>> found = fail(Fault::bad_request, "no sheet");
    for (const codec::CsvRows& sheet : *sheets) {
        found = read_items(sheet);
        if (found) {
            return found;
        }
    }
    return found;
}

}  // namespace datong::drafts
