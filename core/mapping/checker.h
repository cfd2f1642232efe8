#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/mapping/engine.h"
#include "core/mapping/expr.h"

namespace datong::mapping {

/// A join as the rows of its list see it.
struct JoinPlace {
    std::string as;
    bool many{};
    const Shape* shape{};  ///< of a row of the other list
    std::optional<charset::Charset> charset;
};

/// Where rows are being compiled: at the record's root or inside a list.
struct Place {
    const Shape* source{};                    ///< of the current record or item; nullptr when there is no schema
    const Shape* target{};                    ///< of the object being written
    std::string pointer;                      ///< "/holders/*" of that object
    std::optional<charset::Charset> charset;  ///< of byte cells below the current item
    bool in_list{};
    std::vector<JoinPlace> joins;
    Privacy floor{Privacy::internal};  ///< class of what has no shape here
    std::size_t most{1};               ///< items that the list, and those around it, can have
};

/// Turns a file into a program and proves what can be proved before a record comes
/// (docs/mapping.md, M2xx to M6xx). Shapes, source and target of the program are set already.
class Checker {
public:
    Checker(const ast::File& file, const steps::Surroundings& around, Mapping::Program& program, Mistakes& mistakes,
            bool is_reverse = false);
    void all();

private:
    /// A path with the list that it leads to or through.
    struct Led {
        Path path;
        const Shape* list{};
        bool joined{};                       ///< it leads to rows that a join found
        Privacy privacy{Privacy::internal};  ///< of what it reads
    };
    struct Wish {
        bool many{};  ///< several nodes are fine
        bool list{};  ///< it may end at a list
    };
    /// What is known of a value on its way.
    struct Flow {
        steps::Type type{steps::Type::any};
        Privacy privacy{Privacy::open};
        Privacy unmasked{Privacy::open};                  ///< of all that is selected, whatever masks it
        bool unclassed{};                                 ///< a path of it has no class of its own
        std::optional<std::vector<std::string>> outputs;  ///< all it can be
        bool fallible{};
        std::vector<std::string> parts;  ///< of from_all: what a template calls its items
    };

    // paths
    std::optional<Led> lead(const ast::Text& text, const Place& place, Wish wish);
    void enter_join(Path& path, const Place& place);
    bool follow(Led& led, const ast::Text& text, const Place& place, Wish wish);
    // queries (checker_queries.cpp)
    bool follow_query(Led& led, const ast::Text& text, const Shape& start, Wish wish);
    std::vector<const Shape*> places_of(const path::Path& query, const std::vector<const Shape*>& current,
                                        const ast::Text& text, Led* led);
    void report_lost(const path::Selector& selector, const std::vector<const Shape*>& from, const ast::Text& text);
    bool follow_filter(const path::Expression& filter, const std::vector<const Shape*>& items, const ast::Text& text);
    bool follow_operand(const path::Operand& operand, const std::vector<const Shape*>& items, const ast::Text& text);
    Privacy note_read(const std::vector<const Shape*>& shapes);
    bool is_qualified(const Shape& parent, const std::string& name, const ast::Text& text);
    const Shape* step_into(const Shape* shape, const Segment& segment, const ast::Text& text);
    void bind_cells(Path& path, const Place& place);
    std::optional<Path> expr_path(Expr::From from, const ast::Text& text, const Place& place, bool many);
    [[nodiscard]] std::optional<Path> context_path(const ast::Text& text);
    [[nodiscard]] std::optional<Path> target_path(const ast::Text& text, const Shape* start, bool many);
    [[nodiscard]] ExprNames names(const Place& place);
    std::optional<Expr> condition(const ast::Text& text, const Place& place);

    // rows
    void let(const ast::Let& let, const Place& place);
    void field(const ast::Field& field, const Place& place, std::vector<FieldOp>& out);
    SelectOp select(const ast::Select& select, const std::vector<ast::Step>& steps, const Place& place,
                    const Shape* target, Flow& flow);
    void select_paths(const ast::Select& select, const Place& place, SelectOp& op, Flow& flow);
    /// Named values that the template behind a from_all asks for: {let.NAME}.
    void add_lets(const ast::Step& step, SelectOp& op, Flow& flow);
    /// The argument of a template whose items have names, with their numbers.
    yaml::Node with_numbers(const yaml::Node& argument, const std::vector<std::string>& parts);
    void select_context(const ast::Select& select, SelectOp& op, Flow& flow);
    void select_compute(const ast::Select& select, const Place& place, SelectOp& op, Flow& flow);
    void select_cases(const ast::Select& select, const Place& place, const Shape* target, SelectOp& op, Flow& flow);
    std::vector<StepOp> steps(const std::vector<ast::Step>& steps, Flow& flow);
    [[nodiscard]] static const steps::Entry* entry_of(const ast::Step& step);
    const ast::Table* table_of(const ast::Step& step, const steps::Entry& entry);
    std::shared_ptr<const DayOp> day_of(const ast::Table& table);
    steps::Value constant(const yaml::Node& node, const Shape* target);
    const Shape* target_of(const ast::Text& to, const Place& place, std::vector<std::string>& names);
    void claim(const ast::Text& to, const std::string& pointer);
    void list(const ast::List& list, const Place& place, std::vector<ListOp>& out);
    void list_from(const ast::List& list, const Place& place, ListOp& op, Place& inner);
    void list_zip(const ast::List& list, const Place& place, ListOp& op, Place& inner);
    void list_joins(const ast::List& list, const Place& place, ListOp& op, Place& inner);
    void list_order(const ast::List& list, const Place& inner, ListOp& op);
    void check(const ast::Check& check, const Place& place);

    [[nodiscard]] std::size_t width_of(const Expr& path) const;
    [[nodiscard]] std::size_t cost_of(const Expr& expr) const;
    void prove_cost(const std::optional<Expr>& expr, const ast::Text& text, std::size_t most);

    // proofs (checker_proofs.cpp)
    void prove_policy(const ast::Field& field, const FieldOp& op, const Flow& flow);
    void prove_type(const ast::Field& field, const Shape& shape, const Flow& flow);
    /// Whether every value of the type, or of those that are known, fits the shape: then no run asks again.
    [[nodiscard]] static bool fits_always(const Shape& shape, const Flow& flow);
    void prove_outputs(const ast::Field& field, const Shape& shape, const Flow& flow);
    void prove_codes(const ast::Field& field, const FieldOp& op);
    void prove_flow(const ast::Field& field, const FieldOp& op, const Flow& flow);
    void note_written(const ast::Field& field, const FieldOp& op, const Place& place);
    void mark_written(const Place& place, const std::vector<std::string>& names, bool always);
    void prove_required(const Shape& shape, const std::string& pointer);
    void mark_outcome();
    void prove_coverage();
    void warn_unmapped(const Shape& shape, const std::string& path);
    void prove_tables();
    void prove_message(const std::string& message, const Position& where);
    void prove_drops(const std::vector<ast::List>& lists);

    void report(const Position& where, std::string code, std::string zh, std::string en, std::string hint = {});

    const ast::File& file_;
    const steps::Surroundings& around_;
    Mapping::Program& program_;
    Mistakes& mistakes_;
    bool is_reverse_;
    std::vector<std::string> let_names_;
    std::vector<Privacy> let_privacy_;
    /// How a code table is used: its rows can be counted when every use knows its codes.
    struct TableUse {
        int total{};
        int known{};
        std::set<std::string, std::less<>> codes;
    };
    std::map<std::string, TableUse, std::less<>> table_uses_;
    std::map<std::string, std::shared_ptr<const DayOp>, std::less<>> days_;
    std::set<const Shape*> used_;
    std::map<std::string, Position, std::less<>> written_;  ///< by pointer with '*' for indices
    std::map<const Shape*, bool> produced_;                 ///< target shape -> on every path
    Privacy seen_{Privacy::open};                           ///< highest class of the paths since it was reset
    std::string seen_paths_;
    const Shape* item_shape_{};  ///< of the list that a check goes through
};

/// The first resident id in a text whose check character is right and whose division is not the reserved one;
/// empty for none.
[[nodiscard]] std::string real_identity(std::string_view text);

/// The step that makes a leaf of a target record a value of that type again; refuses by reverse.type.
[[nodiscard]] std::shared_ptr<const steps::Step> typed_step(steps::Type type);

/// A cell of the column that several rows give on one day, none or more than one of them preferred; empty for none.
[[nodiscard]] std::string ambiguous_cell(const steps::Table& table, const std::string& column);

/// The rows of a file turned around: what they read is written, what they write is read. Mistakes M801; the program's
/// rows and lists learn whether they are undone.
[[nodiscard]] ast::File turned_file(const ast::File& file, Mapping::Program& program, const steps::Surroundings& around,
                                    Mistakes& mistakes);

/// What a list's filter says of the rows that it lets through.
struct FilterParts {
    std::vector<std::pair<std::string, std::string>> constants;  ///< column and its value: "YWLX == '01'"
    std::vector<std::string> reads;                              ///< columns, those of constants too
    bool of_row_alone{true};  ///< it reads single columns of the row and nothing else
};
[[nodiscard]] FilterParts parts_of_filter(const Expr& filter);

/// The second program of a file, target to source, out of the same rows (docs/mapping.md, Reverse).
/// @param forward  compiled without a mistake; its rows learn whether they are undone.
/// @return nullptr after a mistake M801.
[[nodiscard]] std::shared_ptr<const Mapping::Program> compile_reverse(const ast::File& file, Mapping::Program& forward,
                                                                      const steps::Surroundings& around,
                                                                      Mistakes& mistakes);

}  // namespace datong::mapping
