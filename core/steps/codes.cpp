#include <algorithm>
#include <set>

#include "core/steps/family.h"

namespace datong::steps {
namespace {

using TablePtr = std::shared_ptr<const Table>;

/// Which rows of a table a step asks: those valid on a fixed day, or at the mapping's moment.
record::Date day_of(const std::optional<record::Date>& fixed, const Moment& moment) {
    return fixed.value_or(moment.at.date);
}

std::vector<std::string> cells_of(const Table& table, std::string_view column) {
    std::set<std::string> cells;
    for (const TableRow& row : table.rows()) {
        const std::string* cell = Table::cell(row, column);
        if (cell != nullptr && !cell->empty()) {
            cells.insert(*cell);
        }
    }
    return {cells.begin(), cells.end()};
}

std::vector<std::string> codes_of(const Table& table) {
    std::set<std::string> codes;
    for (const TableRow& row : table.rows()) {
        codes.insert(row.from);
    }
    return {codes.begin(), codes.end()};
}

/// A cell as a value: an empty one is null, for the table says there is nothing.
Value value_of(const std::string& cell) {
    return cell.empty() ? Value{} : Value{cell};
}

/// The parameters of lookup and lookup_back.
struct Lookup {
    TablePtr table;
    std::string column;
    std::optional<std::string> missing;  ///< instead of a refusal
    std::optional<record::Date> at;
};

Lookup lookup_of(Arguments& arguments, const Surroundings& around) {
    Lookup out{arguments.table("table", around), arguments.text("column"), {}, arguments.date("at")};
    if (out.table != nullptr && !out.table->has_column(out.column)) {
        arguments.mistake("column", "代码表没有列 '" + out.column + "'", "the table has no column '" + out.column + "'",
                          {}, "M401");
    }
    const std::string missing = arguments.text("missing");
    out.missing = missing == "reject" ? std::nullopt : std::optional{missing};
    return out;
}

Stepped missing_value(const Lookup& lookup) {
    if (!lookup.missing) {
        return refuse("lookup.missing", "代码表里没有该代码", "the code is not in the table");
    }
    return value_of(*lookup.missing);
}

StepPtr make_lookup(Arguments& arguments, const Surroundings& around) {
    Lookup lookup = lookup_of(arguments, around);
    if (!arguments.good()) {
        return nullptr;
    }
    Known known{{}, cells_of(*lookup.table, lookup.column)};
    if (lookup.missing && !lookup.missing->empty()) {
        known.outputs.push_back(*lookup.missing);
    }
    if (!lookup.missing) {
        known.inputs = codes_of(*lookup.table);
    }
    return value_step(
        [lookup = std::move(lookup)](const Value& value, const Moment& moment, Warnings&) -> Stepped {
            if (value.type() == Type::list || value.type() == Type::bytes) {
                return refuse_type(value);
            }
            const TableRow* row = lookup.table->find(without_outer_space(to_text(value)), day_of(lookup.at, moment));
            return row != nullptr ? Stepped{value_of(*Table::cell(*row, lookup.column))} : missing_value(lookup);
        },
        std::move(known));
}

StepPtr make_lookup_back(Arguments& arguments, const Surroundings& around) {
    Lookup lookup = lookup_of(arguments, around);
    if (!arguments.good()) {
        return nullptr;
    }
    Known known{cells_of(*lookup.table, lookup.column), codes_of(*lookup.table)};
    return value_step(
        [back = ReverseTable{lookup.table, lookup.column}, at = lookup.at](const Value& value, const Moment& moment,
                                                                           Warnings&) -> Stepped {
            if (value.type() == Type::list || value.type() == Type::bytes) {
                return refuse_type(value);
            }
            const TableRow* row = back.find(to_text(value), day_of(at, moment));
            if (row == nullptr) {
                return refuse("lookup.missing", "代码表里没有可反查的唯一代码",
                              "the table has no single code for this value");
            }
            return Value{row->from};
        },
        std::move(known));
}

tl::unexpected<Refusal> refuse_code() {
    return refuse("check.in", "不在允许的取值内", "not one of the allowed values");
}

StepPtr make_check_in_table(Arguments& arguments, const Surroundings& around) {
    TablePtr table = arguments.table("values", around);
    if (table == nullptr) {
        return nullptr;
    }
    Known known{codes_of(*table), {}};
    return value_step(
        [table = std::move(table)](Value&& value, const Moment& moment, Warnings&) -> Stepped {
            if (table->find(to_text(value), moment.at.date) == nullptr) {
                return refuse_code();
            }
            return value;
        },
        std::move(known));
}

StepPtr make_check_in(Arguments& arguments, const Surroundings& around) {
    const yaml::Node* node = arguments.node("values");
    if (node != nullptr && node->is_scalar()) {
        return make_check_in_table(arguments, around);
    }
    std::vector<std::string> values = arguments.texts("values");
    Known known{values, {}};
    return value_step(
        [values = std::move(values)](Value&& value, const Moment&, Warnings&) -> Stepped {
            if (std::find(values.begin(), values.end(), to_text(value)) == values.end()) {
                return refuse_code();
            }
            return value;
        },
        std::move(known));
}

StepPtr make_parse_boolean(Arguments& arguments, const Surroundings&) {
    std::vector<std::string> when_true = arguments.texts("when_true");
    std::vector<std::string> when_false = arguments.texts("when_false");
    const bool overlap = std::any_of(when_true.begin(), when_true.end(), [&when_false](const std::string& one) {
        return std::find(when_false.begin(), when_false.end(), one) != when_false.end();
    });
    if (overlap) {
        arguments.mistake("when_false", "同一个值不能既为真又为假", "one value can't mean both true and false");
    }
    Known known{when_true, {"true", "false"}};
    known.inputs.insert(known.inputs.end(), when_false.begin(), when_false.end());
    return text_step(
        [when_true = std::move(when_true), when_false = std::move(when_false)](const std::string& text) -> Stepped {
            if (std::find(when_true.begin(), when_true.end(), text) != when_true.end()) {
                return Value{true};
            }
            if (std::find(when_false.begin(), when_false.end(), text) != when_false.end()) {
                return Value{false};
            }
            return refuse("parse_boolean", "不是约定的真或假的写法", "none of the agreed words");
        },
        std::move(known));
}

StepPtr make_format_boolean(Arguments& arguments, const Surroundings&) {
    const auto when_true = arguments.texts("when_true");
    const auto when_false = arguments.texts("when_false");
    if (!arguments.good()) {
        return nullptr;
    }
    return value_step(
        [yes = when_true.front(), no = when_false.front()](const Value& value, const Moment&, Warnings&) -> Stepped {
            const bool* truth = std::get_if<bool>(&value.held);
            return truth != nullptr ? Stepped{Value{*truth ? yes : no}} : refuse_type(value);
        },
        Known{{"true", "false"}, {when_true.front(), when_false.front()}});
}

std::vector<Parameter> lookup_parameters() {
    return {
        {.name = "table",
         .kind = "table",
         .required = true,
         .help_en = "by its name in the mapping",
         .help_zh = "映射中代码表的名称",
         .alone = true},
        {.name = "column", .kind = "text", .otherwise = "to", .help_en = "whose cell is taken", .help_zh = "取哪一列"},
        {.name = "missing",
         .kind = "text",
         .otherwise = "reject",
         .help_en = "reject, or the value instead",
         .help_zh = "reject，或代替的值"},
        {.name = "at",
         .kind = "date",
         .help_en = "day whose rows count; the mapping's moment if not given",
         .help_zh = "按哪一日有效的行，未给时按映射时刻"}};
}

std::vector<Parameter> boolean_parameters() {
    return {{.name = "when_true",
             .kind = "list",
             .required = true,
             .help_en = "texts that mean true",
             .help_zh = "表示真的写法"},
            {.name = "when_false",
             .kind = "list",
             .required = true,
             .help_en = "texts that mean false",
             .help_zh = "表示假的写法"}};
}

Entry lookup_entry() {
    return with_maker(Entry{.name = "lookup",
                            .in = Type::text,
                            .out = Type::text,
                            .rules = {"lookup.missing"},
                            .parameters = lookup_parameters(),
                            .inverse = "lookup_back",
                            .help_en = "A code becomes a cell of its row in a code table; an empty cell is null.",
                            .help_zh = "按代码表翻译；表里没有的代码默认拒绝",
                            .examples = {{"' 1 '", "gender", "male"},
                                         {"1", "{table: gender, column: label}", "男"},
                                         {"7", "gender", "!lookup.missing"},
                                         {"7", "{table: gender, missing: other}", "other"},
                                         {"9", "{table: gender, at: 2001-01-01}", "!lookup.missing"}}},
                      make_lookup);
}

Entry lookup_back_entry() {
    return with_maker(Entry{.name = "lookup_back",
                            .in = Type::text,
                            .out = Type::text,
                            .rules = {"lookup.missing"},
                            .parameters = lookup_parameters(),
                            .inverse = "lookup",
                            .help_en = "The code whose row has that cell: the preferred row, or the only one.",
                            .help_zh = "由代码表反查原代码，取 preferred 行或唯一行",
                            .examples = {{"unknown", "gender", "0"}, {"other", "gender", "!lookup.missing"}}},
                      make_lookup_back);
}

Entry check_in_entry() {
    return with_maker(Entry{.name = "check_in",
                            .in = Type::text,
                            .rules = {"check.in"},
                            .parameters = {{.name = "values",
                                            .kind = "list",
                                            .required = true,
                                            .help_en = "the values, or the name of a code table",
                                            .help_zh = "取值列表，或代码表名称",
                                            .alone = true}},
                            .inverse = "identity",
                            .help_en = "One of the values, or a code of a table.",
                            .help_zh = "值须在所列取值或代码表中",
                            .examples = {{"'01'", "['01', '02']", "01"},
                                         {"'1'", "['01']", "!check.in"},
                                         {"1", "gender", "1"},
                                         {"7", "gender", "!check.in"}}},
                      make_check_in);
}

Entry parse_boolean_entry() {
    return with_maker(Entry{.name = "parse_boolean",
                            .in = Type::text,
                            .out = Type::boolean,
                            .rules = {"parse_boolean"},
                            .parameters = boolean_parameters(),
                            .inverse = "format_boolean",
                            .help_en = "True or false by the words given; nothing else counts.",
                            .help_zh = "按所列写法判断真假，其余一律拒绝",
                            .examples = {{"1", "{when_true: ['1', 是], when_false: ['0', 否]}", "true"},
                                         {"否", "{when_true: ['1', 是], when_false: ['0', 否]}", "false"},
                                         {"true", "{when_true: ['1'], when_false: ['0']}", "!parse_boolean"}}},
                      make_parse_boolean);
}

Entry format_boolean_entry() {
    return with_maker(Entry{.name = "format_boolean",
                            .in = Type::boolean,
                            .out = Type::text,
                            .parameters = boolean_parameters(),
                            .inverse = "parse_boolean",
                            .help_en = "The first word for true or for false.",
                            .help_zh = "真假写成约定的第一个写法",
                            .examples = {{"true", "{when_true: [Y], when_false: [N]}", "Y", Type::boolean},
                                         {"false", "{when_true: [是, Y], when_false: [否, N]}", "否", Type::boolean}}},
                      make_format_boolean);
}

}  // namespace

std::vector<Entry> code_entries() {
    return {
        lookup_entry(), lookup_back_entry(), check_in_entry(), parse_boolean_entry(), format_boolean_entry(),
    };
}

}  // namespace datong::steps
