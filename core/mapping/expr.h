#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/ast.h"
#include "core/mapping/paths.h"

namespace datong::mapping {

/// One node of a compiled expression (docs/mapping.md, Expressions). Immutable.
struct Expr {
    enum class Op {
        literal,
        list,
        path,
        let,
        or_,
        and_,
        not_,
        eq,
        ne,
        lt,
        le,
        gt,
        ge,
        in,
        not_in,
        matches,
        add,
        sub,
        mul,
        div,
        neg,
        call
    };
    enum class Fn {
        length,
        lower,
        upper,
        starts_with,
        ends_with,
        contains,
        is_null,
        coalesce,
        count,
        sum,
        min,
        max,
        abs,
        round,
        integer,
        decimal,
        amount,
        date,
        days_between,
        months_between,
        age,
        today,
        first,
        distinct,
        any,
        all
    };
    enum class From { source, target, item, context };

    static constexpr std::size_t kMostNodes = 500;  ///< of one expression

    Op op{Op::literal};
    Fn fn{Fn::length};
    From from{From::source};
    steps::Type type{steps::Type::any};  ///< what it gives, `any` when that is not known
    steps::Value value;                  ///< of a literal
    Path path;
    std::size_t let{};                        ///< which of the named values
    std::shared_ptr<const steps::Step> step;  ///< of amount and date
    std::optional<steps::Pattern> pattern;    ///< of matches
    std::vector<Expr> kids;
};

/// What an expression may look at.
struct Scope {
    const record::Record* root{};
    const record::Record* current{};
    const record::Record* target{};
    const record::Record* item{};
    const record::Record* context{};
    const std::vector<steps::Value>* lets{};
    const Normaliser* normalise{};
    const steps::Moment* moment{};
    const Joined* joined{};  ///< of the current item
    Visits* visits{};        ///< of the record
};

/// @return the value, or a refusal: path.multiple, path.too_large, expr.type, expr.div0, expr.range, or a step's rule.
[[nodiscard]] steps::Stepped evaluate(const Expr& expr, const Scope& scope);

/// The same as a yes or no; null is no.
[[nodiscard]] tl::expected<bool, steps::Refusal> holds(const Expr& expr, const Scope& scope);

/// -1, 0 or 1 by number when one side is a number, by time when one is a date, datetime or yearmonth (which compares
/// with its like and with ISO texts), else by text; nullopt when they can't be compared.
[[nodiscard]] std::optional<int> compare(const steps::Value& one, const steps::Value& other);

/// Number of a value: integers, decimals, money in 分, and texts of that form.
[[nodiscard]] std::optional<record::Decimal> to_number(const steps::Value& value);

/// What the surroundings of an expression know: its paths and named values.
struct ExprNames {
    /// Compiles a path ("ZJZL", "$.GYFS", "holders[*].share"); reports what is wrong itself (M211, M212).
    /// @param many_allowed  it stands where several nodes are fine: inside count, sum, any ...
    std::function<std::optional<Path>(Expr::From from, const std::string& path, const Position& where,
                                      bool many_allowed)>
        path;
    /// The number of a named value of `let`.
    std::function<std::optional<std::size_t>(std::string_view name)> let;
    bool target_allowed{};  ///< target.x may be read
    bool item_allowed{};    ///< item.x may be read
};

/// Parses and types an expression. Mistakes are M601 with the column inside the text.
[[nodiscard]] std::optional<Expr> parse_expr(const ast::Text& text, const ExprNames& names, Mistakes& mistakes);

/// The same, and it must be a yes or no.
[[nodiscard]] std::optional<Expr> parse_condition(const ast::Text& text, const ExprNames& names, Mistakes& mistakes);

/// Parts of evaluate (expr.cpp and expr_calls.cpp).
namespace parts {
[[nodiscard]] steps::Stepped call(const Expr& expr, const Scope& scope);
[[nodiscard]] Nodes nodes_of(const Expr& path, const Scope& scope, Taken taken = Taken::apart);
/// An argument as values: every node of a path, the items of a list, or one value. Null is none of them, but for a path
/// that is taken `apart_or_null`.
[[nodiscard]] tl::expected<std::vector<steps::Value>, steps::Refusal> values_of(const Expr& expr, const Scope& scope,
                                                                                Taken taken = Taken::apart);
[[nodiscard]] steps::Stepped arithmetic(Expr::Op op, const steps::Value& one, const steps::Value& other);
/// The narrowest type again: 分 stay 分, whole numbers stay whole.
[[nodiscard]] steps::Stepped narrowed(const std::optional<record::Decimal>& number, bool money, bool whole);
[[nodiscard]] tl::unexpected<steps::Refusal> wrong_type();
/// A date, a datetime or a yearmonth.
[[nodiscard]] bool is_moment(steps::Type type);
/// The side of a comparison, or item of the list behind `in`, that is compared with a date and can't be one; nullptr.
[[nodiscard]] const Expr* no_moment(Expr::Op op, const Expr& left, const Expr& right);
/// Whether a value is a text that no moment is written as, without any digit: 长期, 永久, an empty one. Of anything
/// else that is no moment nobody knows whether it is the same.
[[nodiscard]] bool is_other_than_moments(const steps::Value& value);
/// "2026-01-05", "2026-01" and "2026-01-05T08:00:00" are moments, too, the last with offset or without and a blank for
/// the T. By what both sides say: a time against a date by its day, either against a month by its month.
[[nodiscard]] std::optional<int> compare_moments(const steps::Value& one, const steps::Value& other);
}  // namespace parts

}  // namespace datong::mapping
