#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/steps/family.h"
#include "core/steps/identifiers.h"

namespace datong::steps {
namespace {

constexpr std::string_view kSuccessors = "successors";
constexpr std::string_view kDivisionsTable = "divisions";

/// The day that a step asks about: fixed, or the mapping's moment.
struct Day {
    std::optional<record::Date> fixed;

    [[nodiscard]] record::Date of(const Moment& moment) const { return fixed.value_or(moment.at.date); }
};

Day day_of(Arguments& arguments) {
    return {arguments.text("at") == "today" ? std::nullopt : arguments.date("at")};
}

tl::unexpected<Refusal> refuse_unknown() {
    return refuse("division.unknown", "没有该行政区划代码", "no such division code");
}

/// The table that these steps can't do without, and one column of it.
Divisions table_of(Arguments& arguments, const Surroundings& around, std::string_view column) {
    Divisions divisions = divisions_of(arguments, around);
    if (divisions.table == nullptr) {
        if (arguments.good()) {
            arguments.mistake("table", "此步骤需要行政区划代码表", "this step needs the table of divisions",
                              "tables: {divisions: tables/divisions.csv}", "M401");
        }
    } else if (!divisions.table->has_column(column)) {
        arguments.mistake("table", "代码表没有列 '" + std::string{column} + "'",
                          "the table has no column '" + std::string{column} + "'", {}, "M401");
    }
    return divisions;
}

std::string name_on(const Divisions& divisions, const std::string& code, const record::Date& day) {
    const TableRow* row = divisions.is_valid(code, day) ? divisions.table->find(code, day) : nullptr;
    return row != nullptr ? row->label : std::string{};
}

/// 广东省广州市天河区: what stands above is named as it was on the day; groups of counties have no name of their own.
std::string full_name(const Divisions& divisions, const std::string& code, const record::Date& day) {
    std::string out;
    std::set<std::string> named;
    for (const std::string& one : {code.substr(0, 2) + "0000", code.substr(0, 4) + "00", code}) {
        const TableRow* row = divisions.table->find(one, day);
        const std::string* kind = row != nullptr ? Table::cell(*row, "kind") : nullptr;
        const bool group = kind != nullptr && *kind == "collective" && one != code;
        if (!group && named.insert(one).second) {
            out += name_on(divisions, one, day);
        }
    }
    return out;
}

StepPtr make_division_name(Arguments& arguments, const Surroundings& around) {
    const Divisions divisions = table_of(arguments, around, "label");
    const Day day = day_of(arguments);
    return value_step([divisions, day, full = arguments.flag("full")](const Value& value, const Moment& moment,
                                                                      Warnings&) -> Stepped {
        const std::string code = to_text(value);
        if (name_on(divisions, code, day.of(moment)).empty()) {
            return refuse_unknown();
        }
        return Value{full ? full_name(divisions, code, day.of(moment)) : name_on(divisions, code, day.of(moment))};
    });
}

StepPtr make_division_parent(Arguments& arguments, const Surroundings& around) {
    const Divisions divisions = table_of(arguments, around, "from");
    return value_step([divisions, city = arguments.choice("level") == "city"](const Value& value, const Moment&,
                                                                              Warnings&) -> Stepped {
        const std::string code = to_text(value);
        if (!divisions.was_ever(code)) {
            return refuse_unknown();
        }
        const bool is_province = code.ends_with("0000");
        const std::string above = city ? code.substr(0, 4) + "00" : code.substr(0, 2) + "0000";
        if ((city && is_province) || !divisions.was_ever(above)) {
            return refuse("division.no_parent", "该行政区划没有这一级的上级",
                          "the division has none of that level above it");
        }
        return Value{above};
    });
}

std::vector<std::string> successors_of(const Table& table, const std::string& code) {
    const std::vector<const TableRow*> rows = table.rows_of(code);
    const std::string* cell = rows.empty() ? nullptr : Table::cell(*rows.back(), kSuccessors);
    std::vector<std::string> out;
    for (const std::string_view one : cell != nullptr ? split(*cell, ';') : std::vector<std::string_view>{}) {
        if (!one.empty()) {
            out.emplace_back(one);
        }
    }
    return out;
}

/// The codes valid on a day that came out of one, over as many changes as there were.
std::set<std::string> heirs(const Divisions& divisions, const std::string& code, const record::Date& day) {
    std::set<std::string> found;
    std::set<std::string> seen;
    std::vector<std::string> open{code};
    while (!open.empty()) {
        const std::string one = open.back();
        open.pop_back();
        if (!seen.insert(one).second) {
            continue;
        }
        if (divisions.is_valid(one, day)) {
            found.insert(one);
            continue;
        }
        const std::vector<std::string> next = successors_of(*divisions.table, one);
        open.insert(open.end(), next.begin(), next.end());
    }
    return found;
}

StepPtr make_division_current(Arguments& arguments, const Surroundings& around) {
    const Divisions divisions = table_of(arguments, around, kSuccessors);
    return value_step(
        [divisions, day = day_of(arguments)](const Value& value, const Moment& moment, Warnings&) -> Stepped {
            const std::string code = to_text(value);
            if (!divisions.was_ever(code)) {
                return refuse_unknown();
            }
            const std::set<std::string> found = heirs(divisions, code, day.of(moment));
            if (found.empty()) {
                return refuse("division.ended", "该行政区划已撤销且无对应的新代码",
                              "the division was dissolved and no code came out of it");
            }
            if (found.size() > 1) {
                return refuse("division.split", "该行政区划已拆分，对应多个新代码",
                              "the division was split: several codes came out of it");
            }
            return Value{*found.begin()};
        });
}

Parameter at_parameter() {
    return {.name = "at",
            .kind = "date",
            .otherwise = "today",
            .help_en = "today (the mapping's moment), or a day",
            .help_zh = "today（映射时刻）或某日"};
}

/// @param listed  the table has it: looked up once, for the table is long and every person's number asks it.
bool was_ever(const Divisions& divisions, const std::string& code, bool listed) {
    const bool reserved = code.starts_with("99");
    if (divisions.table == nullptr || (reserved && !listed)) {
        return is_division_shape(code, divisions.test_division);
    }
    return listed && (!reserved || divisions.test_division);
}

}  // namespace

bool Divisions::was_ever(const std::string& code) const {
    return steps::was_ever(*this, code, table != nullptr && table->has(code));
}

bool Divisions::is_valid(const std::string& code, const record::Date& at) const {
    const bool listed = table != nullptr && table->has(code);
    return steps::was_ever(*this, code, listed) && (!listed || table->find(code, at) != nullptr);
}

bool Divisions::was_valid_in(const std::string& code, int year) const {
    const auto lives = [year](const TableRow* row) {
        return (!row->valid_from || row->valid_from->year <= year) && (!row->valid_to || year <= row->valid_to->year);
    };
    const auto rows = table != nullptr ? table->rows_of(code) : std::vector<const TableRow*>{};
    return was_ever(code) && (rows.empty() || std::any_of(rows.begin(), rows.end(), lives));
}

bool Divisions::may_hold_organisation(const std::string& code) const {
    constexpr std::string_view kNational = "100000";
    return code == kNational || was_ever(code);
}

Divisions divisions_of(Arguments& arguments, const Surroundings& around) {
    const auto own = around.tables.find(kDivisionsTable);
    if (arguments.has("table") || own == around.tables.end()) {
        return {arguments.table("table", around), around.test_division};
    }
    return {own->second, around.test_division};
}

Parameter division_table_parameter() {
    return {.name = "table",
            .kind = "table",
            .help_en =
                "codes of GB/T 2260; the table 'divisions' of the mapping if not given, and without any the "
                "shape is checked",
            .help_zh = "GB/T 2260 代码表；未给时用映射中名为 divisions 的表，都没有则只查格式",
            .usual_table = std::string{kDivisionsTable}};
}

Divisions registering_divisions_of(Arguments& arguments, const Surroundings& around) {
    return {arguments.table("table", around), around.test_division};
}

Parameter registering_table_parameter() {
    return {.name = "table",
            .kind = "table",
            .help_en = "codes of the registering divisions; without it their shape is checked",
            .help_zh = "登记管理机关行政区划代码表；未给时只查格式"};
}

std::vector<Entry> division_entries() {
    return {
        with_maker(with(identifier_entry("division_name", Type::text, {"division.unknown"},
                                         {"The name of a division.", "行政区划代码转名称"}),
                        {at_parameter(),
                         {.name = "full",
                          .kind = "flag",
                          .otherwise = "false",
                          .help_en = "with the names of those above it",
                          .help_zh = "连同上级名称"},
                         division_table_parameter()},
                        {{"'440106'", "", "天河区"},
                         {"'440106'", "{full: true}", "广东省广州市天河区"},
                         {"'110101'", "{full: true}", "北京市东城区"},
                         {"'110103'", "{at: 2000-01-01}", "崇文区"},
                         {"'110103'", "", "!division.unknown"}}),
                   make_division_name),
        with_maker(with(identifier_entry("division_parent", Type::text, {"division.unknown", "division.no_parent"},
                                         {"The province or city that a division belongs to, by GB/T 2260.",
                                          "由行政区划代码取上级省或市的代码（GB/T 2260）"}),
                        {{.name = "level",
                          .kind = "choice",
                          .required = true,
                          .help_en = "which one; a code of that level stays",
                          .help_zh = "取哪一级；已是该级的代码不变",
                          .alone = true,
                          .choices = {"province", "city"}},
                         division_table_parameter()},
                        {{"'440106'", "city", "440100"},
                         {"'440106'", "province", "440000"},
                         {"'110101'", "city", "110100"},
                         {"'440100'", "city", "440100"},
                         {"'440000'", "city", "!division.no_parent"},
                         {"'440199'", "city", "!division.unknown"}}),
                   make_division_parent),
        with_maker(with(identifier_entry(
                            "division_current", Type::text, {"division.unknown", "division.ended", "division.split"},
                            {"The code that a division has today: one that is valid stays, one that was given up "
                             "becomes its successor, where there is just one.",
                             "旧行政区划代码换成现行代码；拆分为多个的不猜测"}),
                        {at_parameter(), division_table_parameter()},
                        {{"'110103'", "", "110101"},
                         {"'440126'", "", "440113"},
                         {"'440106'", "", "440106"},
                         {"'469004'", "", "!division.split"},
                         {"'132100'", "", "!division.ended"},
                         {"'440199'", "", "!division.unknown"}}),
                   make_division_current),
    };
}

}  // namespace datong::steps
