#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
    /// @return mistakes M401 (no header, duplicate key with overlapping validity ...).
    [[nodiscard]] static tl::expected<Table, Mistakes> parse(std::string_view csv, const std::string& file);
    /// The row valid at that date, or nullptr.
    [[nodiscard]] const TableRow* find(std::string_view from, const record::Date& at) const;
    [[nodiscard]] std::span<const TableRow> rows() const;
    /// A row's cell by column name ("to", "label", "from" or a further one); nullptr for no such column.
    [[nodiscard]] static const std::string* cell(const TableRow& row, std::string_view column);
    [[nodiscard]] bool has_column(std::string_view column) const;

private:
    std::vector<TableRow> rows_;
    std::vector<std::string> columns_;
    std::map<std::string, std::vector<std::size_t>, std::less<>> by_from_;
};

/// Tables by the names that a mapping gave them, and settings of the installation.
struct Surroundings {
    std::map<std::string, std::shared_ptr<const Table>, std::less<>> tables;
    /// Reads a file below mappings/ (exceptions tables); nullopt when it is not there.
    std::function<std::optional<std::string>(std::string_view path)> read_file;
    bool test_division{};  ///< 9999xx is accepted (gateway.yaml, test_division)
};

/// A compiled step: parameters checked and bound. Immutable; may be used from many threads.
class Step {
public:
    Step() = default;
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    virtual ~Step() = default;
    /// Never called with null, except for steps whose Entry says `takes_null`.
    [[nodiscard]] virtual Stepped apply(Value value, const Moment& moment, Warnings& warnings) const = 0;
    /// Values this step can give when it is known beforehand (lookup columns, constants); empty: unknown.
    [[nodiscard]] virtual std::vector<std::string> known_outputs() const { return {}; }
    /// Inputs it accepts when it is a closed set (lookup with missing: reject); empty: open.
    [[nodiscard]] virtual std::vector<std::string> known_inputs() const { return {}; }
};

struct Parameter {
    std::string name;        ///< "" for the one that may stand alone: {lookup: gyfs}
    std::string kind;        ///< "text", "whole", "flag", "list", "map", "pattern", "table", "unit" ...
    bool required{};
    std::string otherwise;
    std::string help_en;
};

struct Example {
    std::string given;       ///< a YAML scalar or list
    std::string parameters;  ///< YAML of the argument; empty for none
    std::string gives;       ///< text form of the result, or "!rule" for a refusal
};

/// One built-in step, described once: docs, `datong map functions`, checks and example tests come from it.
struct Entry {
    std::string name;
    Type in{Type::any};
    Type out{Type::any};                 ///< `any`: the same as what came in
    bool fallible{};
    std::vector<std::string> rules;      ///< that it can raise
    std::vector<Parameter> parameters;
    std::string inverse;                 ///< name of the inverse, "identity", or empty
    bool masks{};                        ///< the result's privacy class drops to internal
    bool takes_null{};
    std::string help_en;
    std::string help_zh;
    std::vector<Example> examples;
    /// @param argument  the YAML behind the name, nullptr for none. Mistakes are M301.
    std::function<std::unique_ptr<const Step>(const yaml::Node* argument, const yaml::Node& where,
                                              const Surroundings& around, Mistakes& mistakes)>
        make;
};

[[nodiscard]] std::span<const Entry> entries();
[[nodiscard]] const Entry* find(std::string_view name);
[[nodiscard]] std::optional<std::string> nearest_step(std::string_view name);

}  // namespace datong::steps
