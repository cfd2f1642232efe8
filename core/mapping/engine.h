#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/mapping/expr.h"
#include "core/mapping/target.h"

namespace datong::mapping {

/// The day whose rows of a code table count.
struct DayOp {
    std::optional<record::Date> fixed;
    Path path;  ///< from the record's root, where no day is fixed
    std::shared_ptr<const steps::Step> parse;
};

struct StepOp {
    std::shared_ptr<const steps::Step> step;
    std::string name;
    bool takes_null{};
    bool masks{};                      ///< what it gives is of class internal at most
    std::shared_ptr<const DayOp> day;  ///< nullptr: the mapping's moment
    std::string table;                 ///< of the mapping, that the step looks into; empty for none
    Position where;
};

struct CaseOp;

/// Where a value comes from.
struct SelectOp {
    ast::Select::Kind kind{ast::Select::Kind::none};
    std::vector<Path> paths;  ///< from, from_any, from_all; of the context for from_ctx
    steps::Value constant;
    std::optional<Expr> expr;
    std::vector<CaseOp> cases;
    std::vector<std::size_t> lets;  ///< of from_all: named values that a template adds behind the paths
    bool list_wanted{};             ///< the first step takes a list
    bool is_now{};                  ///< from_ctx: now
    std::string shown;              ///< for a trace: "from QLRMC"
    std::string sources;            ///< of compute: the paths it reads
};

struct CaseOp {
    std::optional<Expr> when;
    SelectOp select;
    std::string error_rule;
    std::string error_message;
    std::vector<StepOp> steps;
    Position where;
};

/// One row: everything that a record needs to give one target field.
struct FieldOp {
    std::vector<std::string> to;
    record::Text name;    ///< the last of `to`, which all records of the target share
    std::string pointer;  ///< "/house/areaM2", relative to its object
    SelectOp select;
    bool copies{};  ///< one path, and nothing between what it selects and the target
    std::optional<Expr> when;
    std::vector<StepOp> steps;
    steps::Value fallback;
    bool fits_always{};  ///< whatever the steps give fits the target's schema: proven when compiling
    bool required{};
    ast::OnError on_error{ast::OnError::reject};
    const Shape* shape{};
    Privacy privacy{Privacy::sensitive};        ///< of what is selected, for findings and traces
    Privacy privacy_after{Privacy::sensitive};  ///< when all steps are done
    steps::Type type{steps::Type::any};         ///< when all steps are done
    bool reverses{};                            ///< the reverse program undoes it
    Position where;
};

/// Rows of another list that belong to an item by a key.
struct JoinOp {
    enum class Kind { one, optional, many };
    Path with;   ///< the other list
    Path left;   ///< of the item
    Path right;  ///< of a row of the other list
    Kind kind{Kind::one};
    std::string as;
};

struct ListOp {
    std::vector<std::string> to;
    std::string pointer;
    Path from;
    std::optional<Path> there;  ///< the list itself, where `from` takes only some of its items
    std::vector<std::string> zip_separators;
    std::vector<std::pair<std::string, Path>> zip_columns;  ///< empty: no zip
    bool zip_pad{};
    bool absent_is_error{};  ///< the schema does not say that the list may be missing
    bool nullable{};
    bool groups{};          ///< its items are groups of fields, by the schema or by what its rows read
    const Shape* around{};  ///< of XML: where `from` begins, to tell what stands in the list's place
    std::optional<Expr> filter;
    std::optional<Path> sort_by;
    bool sort_descending{};
    bool sort_as_number{};
    std::optional<Path> distinct_by;
    std::optional<std::size_t> limit;
    std::size_t min{};
    std::size_t max{};
    bool drop_bad_items{};
    bool reverses{};
    bool any_order{};        ///< of a reverse: the order of what it writes has no meaning
    bool left_out{};         ///< of a reverse: rows that never became items are not written
    const Expr* readable{};  ///< of a reverse: the filter that what it writes must pass on the way there
    std::vector<JoinOp> joins;
    std::vector<FieldOp> fields;
    std::vector<ListOp> lists;
    Position where;
};

struct CheckOp {
    std::string id;
    std::optional<Expr> when;
    Expr that;
    std::vector<std::string> each;  ///< names down to a target list; empty: once
    std::string path;
    std::string message;
    bool warn{};
    Position where;
};

struct LetOp {
    SelectOp select;
    std::vector<StepOp> steps;
    std::string name;
    Privacy privacy{Privacy::internal};
    Position where;
};

/// A mapping ready to run: flat lists of what to do, nothing looked up by name any more.
struct Mapping::Program {
    std::string id, version, title, digest, file;
    SourceOp source;
    TargetOp target;
    Shape source_shape;
    Shape target_shape;
    bool has_source_shape{};
    std::deque<Shape> zip_shapes;  ///< items that zip makes have a shape, too
    record::Record source_schema;
    record::Record target_schema;
    Normaliser normalise;
    std::map<std::string, Privacy, std::less<>> row_classes;  ///< by pointer with '*' for indices
    Privacy unknown_privacy{Privacy::sensitive};
    std::vector<LetOp> lets;
    std::vector<FieldOp> fields;
    std::vector<ListOp> lists;
    std::vector<CheckOp> checks;
    std::shared_ptr<const Program> reverse;  ///< from the target back to the source; nullptr for none
};

/// A record or list item that is being read, and where it stands on both sides. The places are spelt out only
/// when somebody asks: most records have nothing to say.
struct Item {
    const record::Record* node{};
    const Joined* joined{};
    const ListOp* list{};     ///< whose item it is; nullptr for the record itself
    const Item* parent{};     ///< in which the list stands
    std::size_t at_source{};  ///< index among the list's nodes
    std::size_t at_target{};  ///< index among the items written

    [[nodiscard]] std::string source() const;   ///< "$.QLRS.QLR[0]"; "" is the root
    [[nodiscard]] std::string pointer() const;  ///< "/holders/0"; "" is the root
};

/// The rows of a list by their key.
using JoinIndex = std::unordered_map<std::string, std::vector<const record::Record*>>;

/// What the joins of a list found, by the index of the node; `indexes` keeps it alive.
struct JoinedNodes {
    std::vector<std::shared_ptr<const JoinIndex>> indexes;
    std::vector<Joined> nodes;
};

/// What a list goes through.
struct ListNodes {
    std::vector<const record::Record*> all;
    JoinedNodes joined;

    [[nodiscard]] Item item(std::size_t i) const { return {all[i], joined.nodes.empty() ? nullptr : &joined.nodes[i]}; }
};

/// A value with what is needed to speak about it.
struct Selected {
    steps::Stepped value;
    const Path* path{};      ///< the one it came from, nullptr for none
    const CaseOp* branch{};  ///< of cases: the one taken
};

/// Whether a finding is about the record as a whole, which no `on_error` and no `on_item_error` passes over: what its
/// paths may visit is used up, and what would be left out is there.
[[nodiscard]] inline bool is_of_record(const Finding& one) {
    return one.rule == "path.too_large";
}

/// One run of a program over one record. Used once, by one thread.
class Run {
public:
    Run(const Mapping::Program& program, const record::Record& root, const Input& input, Output& out);
    void all();

private:
    void let(const LetOp& op);
    void field(const FieldOp& op, const Item& item, record::Record& object);
    /// A row that copies text, in one go.
    /// @return false, and nothing done, where it takes more: null, a default, an error, decoding.
    [[nodiscard]] bool copy(const FieldOp& op, const Item& item, record::Record& object);
    /// @param selected  with the value that all steps are done with.
    void finish_field(const FieldOp& op, const Item& item, Selected& selected, record::Record& object);
    void list(const ListOp& op, const Item& item, record::Record& object);
    void check(const CheckOp& op);
    void check_one(const CheckOp& op, const record::Record* item, std::size_t index);

    [[nodiscard]] Selected select(const SelectOp& op, const Item& item);
    [[nodiscard]] Selected select_case(const SelectOp& op, const Item& item);
    [[nodiscard]] steps::Stepped select_all(const SelectOp& op, const Item& item);
    [[nodiscard]] steps::Stepped select_path(const Path& path, const Item& item, bool list_wanted) const;
    [[nodiscard]] steps::Stepped select_context(const SelectOp& op) const;

    [[nodiscard]] steps::Stepped apply_on_day(const StepOp& op, steps::Value&& value, steps::Warnings& warnings) const;
    /// Takes the value through steps; on a refusal, which stands in its place, `failed_step_` says which.
    /// @return whether one of them has masked it, or the ones before had.
    bool through(const std::vector<StepOp>& steps, int already, steps::Stepped& value, const FieldOp* op,
                 const Item& item, bool masked = false);
    /// The steps of the case that was taken, then the row's own.
    void through_all(const std::vector<StepOp>& steps, Selected& selected, const FieldOp& op, const Item& item);

    [[nodiscard]] std::vector<const record::Record*> nodes_of(const ListOp& op, const Item& item,
                                                              record::Record& zipped);
    [[nodiscard]] bool is_there(const ListOp& op, const Item& item) const;
    /// Whether where the list should stand is something else: an error message, say.
    [[nodiscard]] bool is_another_place(const ListOp& op, const Item& item) const;
    /// Whether it is the list itself, without items: empty, or "[]" as a text.
    [[nodiscard]] static bool has_no_items(const record::Record& node);
    /// Whether it says that there is no list of groups.
    [[nodiscard]] bool is_nothing(const record::Record& node) const;
    [[nodiscard]] bool are_groups(const std::vector<const record::Record*>& nodes) const;
    [[nodiscard]] bool zip(const ListOp& op, const Item& item, record::Record& zipped);
    [[nodiscard]] std::vector<std::size_t> chosen(const ListOp& op, const Item& item, const ListNodes& nodes);
    /// @return false, and the error noted, where the key of an item can't be read.
    [[nodiscard]] bool sort(const ListOp& op, const Item& item, const ListNodes& nodes,
                            std::vector<std::size_t>& order);
    [[nodiscard]] bool keep_distinct(const ListOp& op, const Item& item, const ListNodes& nodes,
                                     std::vector<std::size_t>& order);
    [[nodiscard]] steps::Stepped sort_key(const ListOp& op, const Item& node) const;
    /// Finds the rows that belong to each node. A key that can't be read is an error and empties the nodes.
    void join(const ListOp& op, const Item& item, ListNodes& nodes);
    [[nodiscard]] std::shared_ptr<const JoinIndex> index_of(const JoinOp& op, const ListOp& list, const Item& item);
    [[nodiscard]] bool joins_fit(const ListOp& op, const Item& item);
    /// Of a reverse: what was written must be read again.
    void prove_readable(const ListOp& op, const Item& item, const record::Record& object);
    void list_item(const ListOp& op, const Item& item, record::Record& items);

    /// What becomes of a failing field: by its on_error.
    void failed(const FieldOp& op, const Item& item, const Selected& selected, steps::Refusal refusal,
                record::Record& object);
    [[nodiscard]] Finding finding(const FieldOp& op, const Item& item, const Path* path, steps::Refusal refusal,
                                  int step) const;
    void list_error(const ListOp& op, const Item& item, steps::Refusal why);
    void error(Finding finding);
    void warn(Finding finding);
    /// @param path  the one it came from; nullptr for none.
    void place(const FieldOp& op, const Item& item, const Path* path, record::Record&& leaf, record::Record& object);
    void trace(const FieldOp& op, const std::string& stage, const steps::Value& value, bool masked_already = false);

    [[nodiscard]] Scope scope(const Item& item) const;
    void passed(const Position& where, Passage::What what) {
        if (input_.passage != nullptr) {
            input_.passage->note(where, what);
        }
    }
    void passed_step(const StepOp& step, const steps::Value& given) {
        if (input_.passage != nullptr) {
            input_.passage->note(step.where, Passage::What::given, steps::to_text(given));
        }
    }
    void passed_when(const Position& where, bool yes) {
        passed(where, yes ? Passage::What::when_true : Passage::What::when_false);
    }

    const Mapping::Program& program_;
    const record::Record& root_;
    const Input& input_;
    Output& out_;
    steps::Moment moment_;
    bool is_json_;
    std::vector<steps::Value> lets_;
    std::map<const JoinOp*, std::shared_ptr<const JoinIndex>> indexes_;  ///< of joins with a list from the root
    int failed_step_{};
    mutable Visits visits_;
};

/// Translates a record that read_source gave, and writes it.
[[nodiscard]] Output run_record(const Mapping::Program& program, const record::Record& root, const Input& input);

/// The way back, from a unified record (`tree` or JSON bytes of the input); the program has a reverse.
[[nodiscard]] Output run_reverse(const Mapping::Program& program, const Input& input);

/// The whole way: read, translate, write.
[[nodiscard]] Output run_program(const Mapping::Program& program, const Input& input);

/// "a.b" as nested members: the object in which the last name stands.
[[nodiscard]] record::Record& parent_of(record::Record& object, const std::vector<std::string>& names);

}  // namespace datong::mapping
