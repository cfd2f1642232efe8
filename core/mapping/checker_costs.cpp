#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/checker.h"

namespace datong::mapping {
namespace {

constexpr std::size_t kMostAtOnce = 10'000;       ///< nodes that one evaluation may visit
constexpr std::size_t kMostARecord = 10'000'000;  ///< visits of lists for all items of the list that it stands in
constexpr std::size_t kTooMany = 1'000'000'000;   ///< no need to count further

std::size_t times(std::size_t one, std::size_t other) {
    return other != 0 && one > kTooMany / other ? kTooMany : one * other;
}

/// The most items of the list that a target path goes through.
std::size_t most_items(const Path& path, const std::vector<ast::List>& lists, std::size_t usual) {
    for (const ast::List& list : lists) {
        const bool named = !path.segments.empty() && list.to.text == path.segments[0].name;
        if (named) {
            return std::min(list.max.value_or(usual), list.limit.value_or(list.max.value_or(usual)));
        }
    }
    return usual;
}

}  // namespace

/// Nodes that a path can meet.
std::size_t Checker::width_of(const Expr& path) const {
    const std::size_t usual = file_.defaults.max_items;
    const bool is_list = path.path.shape != nullptr && path.path.shape->kind == Shape::Kind::list;
    if (!path.path.many && !is_list) {
        return 1;
    }
    std::size_t out = path.from == Expr::From::target ? most_items(path.path, file_.lists, usual) : usual;
    const auto stars = std::count_if(path.path.segments.begin(), path.path.segments.end(),
                                     [](const Segment& one) { return one.kind == Segment::Kind::all; });
    for (std::ptrdiff_t i = 1; i < stars; ++i) {
        out = times(out, usual);
    }
    return out;
}

std::size_t Checker::cost_of(const Expr& expr) const {
    if (expr.op == Expr::Op::path) {
        return width_of(expr);
    }
    std::size_t sum = 1;
    const bool quantifier = expr.op == Expr::Op::call && (expr.fn == Expr::Fn::any || expr.fn == Expr::Fn::all);
    if (quantifier && expr.kids[0].kids.size() == 2) {  // the other side once for each item
        const Expr& inner = expr.kids[0];
        sum = std::min(kTooMany, sum + times(cost_of(inner.kids[0]), 1 + cost_of(inner.kids[1])));
        return sum;
    }
    for (const Expr& one : expr.kids) {
        sum = std::min(kTooMany, sum + cost_of(one));
    }
    return sum;
}

/// An expression is cheap enough when a record can't make it slow.
void Checker::prove_cost(const std::optional<Expr>& expr, const ast::Text& text, std::size_t most) {
    const std::size_t cost = expr ? cost_of(*expr) : 0;
    const std::size_t all = cost > Expr::kMostNodes ? times(cost, most) : cost;
    if (cost <= kMostAtOnce && all <= kMostARecord) {
        return;
    }
    const std::string at_once = std::to_string(cost);
    report(text.where, "M601",
           "表达式代价过大: 一次 " + at_once + ", 整个记录 " + std::to_string(all) + " (上限 10000 与 10000000)",
           "the expression costs too much: " + at_once + " at once, " + std::to_string(all) +
               " for the whole record (limits 10000 and 10000000)",
           "defaults: {max_items: 100}");
}

}  // namespace datong::mapping
