#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mistake.h"
#include "core/steps/value.h"
#include "core/yaml/node.h"

/// A mapping file as it was written, before anything is checked against schemas or tables.
/// Every pointer and Text refers to the file's yaml::Node, which must outlive the tree.
namespace datong::mapping::ast {

struct Text {
    std::string text;
    Position where;
};

struct Step {
    std::string name;
    const yaml::Node* node{};      ///< where the step stands
    const yaml::Node* argument{};  ///< nullptr for a bare name

    /// A reverse undoes the step, and begins with the value as the type that the row gave it.
    enum class Turn { forward, inverse, typed } turn{Turn::forward};
    steps::Type type{steps::Type::any};  ///< of `typed`
};

struct Case;

struct Select {
    enum class Kind { none, from, from_any, from_all, value, from_ctx, compute, cases };
    Kind kind{Kind::none};
    std::vector<Text> paths;    ///< from, from_any, from_all, from_ctx
    Text expr;                  ///< compute
    const yaml::Node* value{};  ///< value
    std::vector<Case> cases;
    Position where;
};

struct Case {
    std::optional<Text> when;  ///< absent: else
    Select select;
    std::string error_rule;  ///< set when the case is an error
    std::string error_message;
    std::vector<Step> steps;
    Position where;
};

enum class OnError { reject, omit, fallback, keep };

struct Field {
    Text to;
    Select select;
    std::vector<Step> steps;
    std::optional<Text> when;
    const yaml::Node* fallback{};  ///< `default`
    bool required{};
    std::optional<OnError> on_error;
    std::string class_name;
    std::string label;
    const yaml::Node* reverse{};
    Position where;
};

struct Zip {
    std::vector<std::string> separators;
    std::vector<std::pair<std::string, Text>> columns;  ///< name -> source path
    bool pad{};
};

struct Join {
    Text with;
    Text left;
    Text right;
    Text as;
    std::string kind;
    Position where;
};

struct List {
    Text to;
    Text from;
    std::optional<Zip> zip;
    std::optional<Text> filter;
    Text sort_by;
    bool sort_descending{};
    bool sort_as_number{};
    Text distinct_by;
    std::optional<std::size_t> limit, min, max;
    bool drop_bad_items{};
    bool reverses{true};  ///< not `reverse: none`
    bool any_order{};     ///< `reverse: {order: any}`: the order of the source's rows has no meaning
    bool left_out{};      ///< `reverse: {left_out: ignore}`: rows that never became items don't come back
    std::vector<Join> joins;
    std::vector<Field> fields;
    std::vector<List> lists;
    Position where;
};

struct Check {
    std::string id;
    std::optional<Text> when;
    Text that;
    Text each;
    std::string path;
    std::string message;
    bool warn{};
    Position where;
};

struct Let {
    Text name;
    Select select;
    std::vector<Step> steps;
    Position where;
};

struct Set {
    std::string name;
    bool many{};
    bool empty_is_not_found{};
    std::size_t max{};  ///< 0: defaults.max_items
    std::string charset;
    Position where;
};

struct Column {
    std::string name;
    std::size_t at{};
    std::size_t length{};
    Position where;
};

struct Kind {
    std::string name;
    std::size_t marker_at{};
    std::string marker;
    bool many{};
    std::size_t max{};  ///< 0: what the lists say, or defaults.max_items
    std::vector<Column> columns;
    Position where;
};

struct Layout {
    std::size_t record_bytes{};
    std::string line_end;
    std::vector<Kind> kinds;
    Position where;
};

/// Layout of a CSV file.
struct Csv {
    std::vector<Text> columns;
    bool header{true};
    bool many{true};
    bool empty_is_not_found{};
    bool mark{};
    std::size_t max{};  ///< 0: defaults.max_items
    std::string separator{","};
    Position where;
};

/// One entry of `unwrap` or `wrap`: a name with or without an argument.
struct Wrapping {
    std::string name;
    const yaml::Node* argument{};
    const yaml::Node* more{};  ///< the whole entry, where it has further keys
    Position where;
};

struct Source {
    std::string system;
    std::string format;
    Text root;
    std::string charset;
    Text schema;
    std::vector<std::pair<Text, std::string>> namespaces;  ///< prefix and URI
    std::vector<Wrapping> unwrap;
    std::vector<Set> sets;
    std::optional<Layout> layout;
    std::optional<Csv> csv;
    Position where;
};

struct Target {
    std::string format;
    std::string charset;
    Text schema;
    std::string root;
    std::vector<Wrapping> wrap;
    std::optional<Layout> layout;
    std::optional<Csv> csv;
    Position where;
};

struct Defaults {
    bool trim{true};
    bool empty_as_null{true};
    std::vector<std::string> null_tokens;
    OnError on_error{OnError::reject};
    std::string class_name{"sensitive"};
    std::size_t max_items{1000};
    std::string masking{"default"};  ///< profile of mappings/masking.yaml
};

/// A code table, and what every look-up in it says that says nothing itself.
struct Table {
    std::string name;
    Text file;
    Text key;                     ///< column of the codes; empty: from
    Text at;                      ///< "today", a date, or a source path; empty: today
    std::optional<Text> missing;  ///< "reject", or the value instead
    Position where;

    [[nodiscard]] std::string key_column() const { return key.text.empty() ? "from" : key.text; }
};

struct File {
    std::string id;
    std::string version;
    std::string title;
    std::string legal_basis;  ///< on which the data is shared (依据), for the lineage
    Source source;
    Target target;
    Defaults defaults;
    std::vector<Table> tables;
    std::vector<Let> lets;
    std::vector<Field> fields;
    std::vector<List> lists;
    std::vector<Check> checks;
    std::vector<Text> ignore;
    bool reversible{};
    Position reverse_at;
    std::vector<Field> reverse_fields;
    const yaml::Node* tests{};
};

/// Adds mistakes: Report{mistakes}(where, "M105", ...).
struct Report {
    Mistakes& mistakes;
    void operator()(const Position& where, std::string code, std::string text_zh, std::string text_en,
                    std::string hint = {}) const;
};

/// Reads the keys of one map, gathering mistakes: M105 unknown key with the nearest right one, M107
/// wrong kind, M108 missing key, M109 a value that is none of the allowed ones.
class Keys {
public:
    Keys(const yaml::Node& node, Mistakes& mistakes);

    [[nodiscard]] const yaml::Node* take(std::string_view key);  ///< nullptr when absent
    [[nodiscard]] const yaml::Node* need(std::string_view key);
    [[nodiscard]] const yaml::Node* list(std::string_view key);  ///< nullptr when absent or no list
    [[nodiscard]] const yaml::Node* map(std::string_view key);
    [[nodiscard]] std::string text(std::string_view key, std::string otherwise = {});
    [[nodiscard]] Text located(std::string_view key);
    [[nodiscard]] std::optional<Text> optional_located(std::string_view key);
    [[nodiscard]] bool flag(std::string_view key, bool otherwise);
    [[nodiscard]] std::optional<std::size_t> whole(std::string_view key);
    [[nodiscard]] std::string one_of(std::string_view key, std::initializer_list<std::string_view> choices,
                                     std::string otherwise);
    /// A list of scalars, or one scalar.
    [[nodiscard]] std::vector<Text> texts(std::string_view key);
    void finish();  ///< every key that nobody asked for is M105

private:
    const yaml::Node& node_;
    Mistakes& mistakes_;
    std::vector<std::string> known_;
};

}  // namespace datong::mapping::ast
