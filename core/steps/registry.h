#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/steps/value.h"
#include "core/yaml/node.h"

namespace datong::steps {

/// Why a step refused a value: the rule of docs/mapping.md and a sentence; never the value.
struct Refusal {
    std::string rule;  ///< "id.checksum"
    std::string text_zh;
    std::string text_en;
};

/// A warning that a step gives while it goes on ("text.truncated").
using Warnings = std::vector<Refusal>;
using Stepped = tl::expected<Value, Refusal>;

/// What a step may know beside its value. `at` is the mapping's moment (today's civil date for rules
/// such as check_not_future).
struct Moment {
    record::DateTime at;
};

/// One row of a code table.
struct TableRow {
    std::string from;
    std::string to;
    std::string label;
    bool preferred{};
    std::optional<record::Date> valid_from;
    std::optional<record::Date> valid_to;
    std::map<std::string, std::string, std::less<>> more;  ///< further columns by name
};

/// A code table (from,to,label,preferred,valid_from,valid_to, and more), read from CSV.
class Table {
public:
    /// @param key_column  the column whose cells are looked up: they stand in `from` of the rows.
    /// @return mistakes M401 (no header, no such column, duplicate key with overlapping validity ...).
    [[nodiscard]] static tl::expected<Table, Mistakes> parse(std::string_view csv, const std::string& file,
                                                             std::string_view key_column = "from");
    /// The row valid at that date, or nullptr.
    [[nodiscard]] const TableRow* find(std::string_view from, const record::Date& at) const;
    /// Whether the code has a row valid on whatever day.
    [[nodiscard]] bool has(std::string_view from) const;
    /// All rows of a code, whenever they are valid, in the order of the file.
    [[nodiscard]] std::vector<const TableRow*> rows_of(std::string_view from) const;
    [[nodiscard]] std::span<const TableRow> rows() const;
    /// A row's cell by column name ("to", "label", "from" or a further one); nullptr for no such column.
    [[nodiscard]] static const std::string* cell(const TableRow& row, std::string_view column);
    [[nodiscard]] bool has_column(std::string_view column) const;

private:
    std::vector<TableRow> rows_;
    std::vector<std::string> columns_;
    std::map<std::string, std::vector<std::size_t>, std::less<>> by_from_;
};

/// A code table read backwards: from the cells of one column to the codes. May be used from many threads.
class ReverseTable {
public:
    /// @param column  one that the table has.
    ReverseTable(std::shared_ptr<const Table> table, std::string_view column);
    /// The row that a cell comes from on that day: the one that is preferred, or the only one; nullptr for
    /// none and where several could be meant.
    [[nodiscard]] const TableRow* find(std::string_view cell, const record::Date& at) const;
    /// Cells that several rows valid on one day have and no single preferred one: they can't be read back.
    [[nodiscard]] std::vector<std::string> ambiguous() const;

private:
    std::shared_ptr<const Table> table_;
    std::map<std::string, std::vector<const TableRow*>, std::less<>> by_cell_;
};

/// Tables by the names that a mapping gave them, and settings of the installation.
struct Surroundings {
    /// One named `divisions` (mappings/tables/divisions.csv) is what steps about divisions use when they name none.
    std::map<std::string, std::shared_ptr<const Table>, std::less<>> tables;
    std::set<std::string, std::less<>> bad_tables;  ///< named, and said to be unreadable already
    /// Reads a file below mappings/ (exceptions tables); nullopt when it is not there.
    std::function<std::optional<std::string>(std::string_view path)> read_file;
    /// A key of the installation by its name, for pseudonymize: keys never stand in a mapping.
    std::function<std::optional<Secret>(std::string_view name)> find_key;
    std::string masking = "default";  ///< profile of masking.yaml that the mapping chose (defaults.masking)
    bool test_division{};             ///< 9999xx is accepted (gateway.yaml, test_division)
};

/// A compiled step: parameters checked and bound. Immutable; may be used from many threads.
class Step {
public:
    Step() = default;
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    virtual ~Step() = default;
    /// Never called with null, except for steps whose Entry says `takes_null`.
    [[nodiscard]] virtual Stepped apply(Value&& value, const Moment& moment, Warnings& warnings) const = 0;
    /// Values this step can give when it is known beforehand (lookup columns, constants); empty: unknown.
    [[nodiscard]] virtual std::vector<std::string> known_outputs() const { return {}; }
    /// Inputs it accepts when it is a closed set (lookup with missing: reject); empty: open.
    [[nodiscard]] virtual std::vector<std::string> known_inputs() const { return {}; }
};

struct Parameter {
    std::string name;  ///< "" for one that is the whole argument and has no name: {replace: {a: b}}
    std::string kind;  ///< "text", "whole", "flag", "list", "map", "pattern", "table", "date", "decimal", "choice"
    bool required{};
    std::string otherwise;  ///< the value when it is not given; empty: none
    std::string help_en;
    std::string help_zh;
    bool alone{};                      ///< may stand without its name: {lookup: gyfs} is {lookup: {table: gyfs}}
    std::vector<std::string> choices;  ///< of kind "choice"
    std::string usual_table{};         ///< of kind "table": the mapping's table that is asked when none is named
};

struct Example {
    std::string given;       ///< a YAML scalar or list
    std::string parameters;  ///< YAML of the argument; empty for none
    std::string gives;       ///< text form of the result, "null", or "!rule" for a refusal
    Type type{Type::text};   ///< of `given` where it is a plain scalar: text becomes a value of this type
};

/// The one rule that no Entry lists: the value is of a type that the step does not take (a list where a
/// text is needed). The compiler of mappings proves its absence wherever it knows the types (M302).
inline constexpr std::string_view kWrongType = "step.type";

/// One built-in step, described once: docs, `datong map functions`, checks and example tests come from it.
///
/// A step whose `in` is text takes any scalar but bytes by its text form; one whose `in` is decimal takes
/// integers and the text of a number too.
struct Entry {
    std::string name;
    std::string family_en;  ///< heading that it stands under
    std::string family_zh;
    Type in{Type::any};
    Type out{Type::any};  ///< `any`: the same as what came in
    bool fallible{};
    std::vector<std::string> rules;  ///< that it can raise, as refusal or as warning
    std::vector<Parameter> parameters;
    std::string inverse;  ///< name of the inverse, "identity", or empty
    bool masks{};         ///< the result's privacy class drops to internal
    bool takes_null{};
    std::string help_en;
    std::string help_zh;
    std::vector<Example> examples;
    /// @param argument  the YAML behind the name, nullptr for none.
    /// @param where     what a mistake is reported at when there is no argument.
    /// @return          nullptr after a mistake: M301, or M401 for a table or file that is not there.
    std::function<std::unique_ptr<const Step>(const yaml::Node* argument, const yaml::Node& where,
                                              const Surroundings& around, Mistakes& mistakes)>
        make;
};

/// All built-in steps, by family in the order of docs/mapping.md 3.5. May be called from many threads.
[[nodiscard]] std::span<const Entry> entries();
[[nodiscard]] const Entry* find(std::string_view name);
/// The step that undoes one, out of the same argument: the parameters that both have go over, of a list
/// where one value is needed the first. For entries whose `inverse` names a step; else nullptr.
[[nodiscard]] std::unique_ptr<const Step> make_inverse(const Entry& entry, const yaml::Node* argument,
                                                       const yaml::Node& where, const Surroundings& around,
                                                       Mistakes& mistakes);
[[nodiscard]] std::optional<std::string> nearest_step(std::string_view name);

}  // namespace datong::steps
