#include "core/mapping/expr.h"

#include <algorithm>

namespace datong::mapping {
namespace {

using record::Decimal;
using record::Record;
using steps::Stepped;
using steps::Value;
using Op = Expr::Op;
using Values = std::vector<Value>;
using parts::arithmetic;
using parts::call;
using parts::is_moment;
using parts::values_of;
using parts::wrong_type;

constexpr int kQuotientScale = 12;

tl::unexpected<steps::Refusal> refuse(std::string rule, std::string zh, std::string en) {
    return tl::unexpected{steps::Refusal{std::move(rule), std::move(zh), std::move(en)}};
}

tl::unexpected<steps::Refusal> out_of_range() {
    return refuse("expr.range", "表达式结果超出精确范围", "the result can't be exact within 38 digits");
}

const Record* base_of(const Expr& expr, const Scope& scope) {
    switch (expr.from) {
        case Expr::From::source:
            return scope.current;
        case Expr::From::target:
            return scope.target;
        case Expr::From::item:
            return scope.item;
        case Expr::From::context:
            break;
    }
    return scope.context;
}

/// Numbers of a target or context keep being numbers; source leaves are text.
Stepped value_of(const Record* node, const Expr& expr, const Scope& scope) {
    if (node != nullptr && expr.from != Expr::From::source) {
        if (node->is_boolean()) {
            return Value{node->truth()};
        }
        if (node->is_number()) {
            const auto number = Decimal::parse(node->scalar());
            const auto whole = number ? number->to_integer() : std::nullopt;
            return whole && number->scale() == 0 ? Value{*whole} : number ? Value{*number} : Value{};
        }
    }
    return leaf_value(node, expr.path, *scope.normalise);
}

Stepped path_value(const Expr& expr, const Scope& scope) {
    const Record* base = base_of(expr, scope);
    if (base == nullptr) {
        return Value{};
    }
    const Met met =
        walk(expr.path, expr.from == Expr::From::source ? *scope.root : *base, *base, scope.joined, scope.visits);
    if (met.trouble != Trouble::none) {
        return tl::unexpected{refusal_of(met.trouble)};
    }
    return value_of(met.node, expr, scope);
}

bool is(const Value& value, steps::Type type) {
    return value.type() == type;
}

bool says(Op op, int order) {
    switch (op) {
        case Op::eq:
            return order == 0;
        case Op::ne:
            return order != 0;
        case Op::lt:
            return order < 0;
        case Op::le:
            return order <= 0;
        case Op::gt:
            return order > 0;
        default:
            return order >= 0;
    }
}

/// The value of an operand that is text, without a copy of it; nullopt for everything else, null too.
std::optional<std::string_view> text_in_place(const Expr& expr, const Scope& scope) {
    if (expr.op == Op::literal) {
        const auto* literal = std::get_if<std::string>(&expr.value.held);
        return literal != nullptr ? std::optional<std::string_view>{*literal} : std::nullopt;
    }
    const Record* base = expr.op == Op::path ? base_of(expr, scope) : nullptr;
    if (base == nullptr) {
        return std::nullopt;
    }
    const bool is_source = expr.from == Expr::From::source;
    const Met met = walk(expr.path, is_source ? *scope.root : *base, *base, scope.joined, scope.visits);
    if (met.node == nullptr || met.trouble != Trouble::none || (!is_source && !met.node->is_text())) {
        return std::nullopt;
    }
    return plain_leaf(*met.node, expr.path, *scope.normalise);
}

/// Two texts are the commonest condition: no copy is made for it.
std::optional<bool> compare_in_place(const Expr& expr, const Scope& scope) {
    const auto left = text_in_place(expr.kids[0], scope);
    const auto right = left ? text_in_place(expr.kids[1], scope) : std::nullopt;
    return right ? std::optional{says(expr.op, left->compare(*right))} : std::nullopt;
}

Stepped compared(Op op, const Value& one, const Value& other) {
    if (one.is_null() || other.is_null()) {
        const bool both = one.is_null() && other.is_null();
        return Value{op == Op::eq ? both : op == Op::ne ? !both : false};
    }
    const auto order = compare(one, other);
    if (!order) {
        const auto may_differ = [](const Value& at, const Value& from) {
            return !is_moment(at.type()) || parts::is_other_than_moments(from);
        };
        const bool equality = (op == Op::eq || op == Op::ne) && may_differ(one, other) && may_differ(other, one);
        return equality ? Stepped{Value{op == Op::ne}} : Stepped{wrong_type()};
    }
    return Value{says(op, *order)};
}

Stepped matched(const Expr& expr, const Value& value) {
    return Value{!value.is_null() && expr.pattern->is_found_in(steps::to_text(value))};
}

Stepped contained(const Expr& expr, const Value& value, const Scope& scope) {
    const auto values = values_of(expr.kids[1], scope);
    if (!values) {
        return tl::unexpected{values.error()};
    }
    bool found = false;
    for (std::size_t i = 0; i < values->size() && !found && !value.is_null(); ++i) {
        const auto same = (*values)[i].is_null() ? Stepped{Value{false}} : compared(Op::eq, value, (*values)[i]);
        if (!same) {
            return same;
        }
        found = std::get<bool>(same->held);
    }
    return Value{found == (expr.op == Op::in)};
}

Stepped binary(const Expr& expr, const Scope& scope) {
    if (expr.op >= Op::eq && expr.op <= Op::ge) {
        if (const auto known = compare_in_place(expr, scope)) {
            return Value{*known};
        }
    }
    auto left = evaluate(expr.kids[0], scope);
    if (!left) {
        return left;
    }
    if (expr.op == Op::matches) {
        return matched(expr, *left);
    }
    if (expr.op == Op::in || expr.op == Op::not_in) {
        return contained(expr, *left, scope);
    }
    auto right = evaluate(expr.kids[1], scope);
    if (!right) {
        return right;
    }
    return expr.op >= Op::add ? arithmetic(expr.op, *left, *right) : compared(expr.op, *left, *right);
}

Stepped logic(const Expr& expr, const Scope& scope) {
    const auto left = holds(expr.kids[0], scope);
    if (!left) {
        return tl::unexpected{left.error()};
    }
    if (expr.op == Op::not_) {
        return Value{!*left};
    }
    if (*left == (expr.op == Op::or_)) {
        return Value{*left};
    }
    const auto right = holds(expr.kids[1], scope);
    return right ? Stepped{Value{*right}} : tl::unexpected{right.error()};
}

}  // namespace

namespace parts {

tl::unexpected<steps::Refusal> wrong_type() {
    return refuse("expr.type", "表达式中的值类型不符", "a value in the expression has the wrong type");
}

Nodes nodes_of(const Expr& expr, const Scope& scope, Taken taken) {
    const Record* base = base_of(expr, scope);
    if (base == nullptr) {
        return Nodes{};
    }
    return collect(expr.path, expr.from == Expr::From::source ? *scope.root : *base, *base, taken, scope.joined,
                   scope.visits);
}

tl::expected<Values, steps::Refusal> values_of(const Expr& expr, const Scope& scope, Taken taken) {
    Values out;
    const auto keep = [&](Stepped one) -> tl::expected<void, steps::Refusal> {
        if (!one) {
            return tl::unexpected{std::move(one.error())};
        }
        if (auto* list = std::get_if<Values>(&one->held); list != nullptr) {
            std::move(list->begin(), list->end(), std::back_inserter(out));
        } else if (!one->is_null() || (taken == Taken::apart_or_null && expr.op == Op::path)) {
            out.push_back(std::move(*one));
        }
        return {};
    };
    if (expr.op != Op::path) {
        const auto done = keep(evaluate(expr, scope));
        return done ? tl::expected<Values, steps::Refusal>{std::move(out)} : tl::unexpected{done.error()};
    }
    const auto nodes = nodes_of(expr, scope, taken);
    if (!nodes) {
        return tl::unexpected{refusal_of(nodes.error())};
    }
    for (const Record* node : *nodes) {
        if (const auto done = keep(value_of(node, expr, scope)); !done) {
            return tl::unexpected{done.error()};
        }
    }
    return out;
}

Stepped narrowed(const std::optional<Decimal>& number, bool money, bool whole) {
    if (!number) {
        return out_of_range();
    }
    if (!money && !whole) {
        return Value{*number};
    }
    const auto integer = number->to_integer();
    if (!integer) {
        return out_of_range();
    }
    return money ? Value{steps::Money{*integer}} : Value{*integer};
}

Stepped arithmetic(Op op, const Value& one, const Value& other) {
    if (one.is_null() || other.is_null()) {
        return Value{};
    }
    const auto left = to_number(one);
    const auto right = to_number(other);
    if (!left || !right) {
        return wrong_type();
    }
    const bool money = is(one, steps::Type::money) && is(other, steps::Type::money);
    const bool whole = is(one, steps::Type::integer) && is(other, steps::Type::integer);
    switch (op) {
        case Op::add:
            return narrowed(add(*left, *right), money, whole);
        case Op::sub:
            return narrowed(subtract(*left, *right), money, whole);
        case Op::mul:
            return narrowed(multiply(*left, *right), false, whole);
        default:
            break;
    }
    if (*right == Decimal{0}) {
        return refuse("expr.div0", "除数为零", "division by zero");
    }
    return narrowed(divide(*left, *right, kQuotientScale), false, false);
}

}  // namespace parts

std::optional<Decimal> to_number(const Value& value) {
    if (const auto* decimal = std::get_if<Decimal>(&value.held); decimal != nullptr) {
        return *decimal;
    }
    if (const auto* whole = std::get_if<std::int64_t>(&value.held); whole != nullptr) {
        return Decimal{*whole};
    }
    if (const auto* money = std::get_if<steps::Money>(&value.held); money != nullptr) {
        return Decimal{money->fen};
    }
    const auto* text = std::get_if<std::string>(&value.held);
    return text != nullptr ? Decimal::parse(*text) : std::nullopt;
}

std::optional<int> compare(const Value& one, const Value& other) {
    const auto numeric = [](const Value& v) {
        return is(v, steps::Type::integer) || is(v, steps::Type::decimal) || is(v, steps::Type::money);
    };
    if (numeric(one) || numeric(other)) {
        const auto left = to_number(one);
        const auto right = to_number(other);
        if (!left || !right) {
            return std::nullopt;
        }
        return *left < *right ? -1 : *left > *right ? 1 : 0;
    }
    if (is_moment(one.type()) || is_moment(other.type())) {
        return parts::compare_moments(one, other);
    }
    const auto* left = std::get_if<std::string>(&one.held);
    const auto* right = std::get_if<std::string>(&other.held);
    const int order = left != nullptr && right != nullptr ? left->compare(*right)
                                                          : steps::to_text(one).compare(steps::to_text(other));
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

Stepped evaluate(const Expr& expr, const Scope& scope) {
    switch (expr.op) {
        case Op::literal:
            return expr.value;
        case Op::path:
            return path_value(expr, scope);
        case Op::let:
            return (*scope.lets)[expr.let];
        case Op::or_:
        case Op::and_:
        case Op::not_:
            return logic(expr, scope);
        case Op::call:
            return call(expr, scope);
        case Op::neg: {
            auto value = evaluate(expr.kids[0], scope);
            return value ? arithmetic(Op::sub, Value{std::int64_t{0}}, *value) : value;
        }
        case Op::list: {
            Values values;
            for (const Expr& kid : expr.kids) {
                auto value = evaluate(kid, scope);
                if (!value) {
                    return value;
                }
                values.push_back(std::move(*value));
            }
            return Value{std::move(values)};
        }
        default:
            return binary(expr, scope);
    }
}

tl::expected<bool, steps::Refusal> holds(const Expr& expr, const Scope& scope) {
    const auto value = evaluate(expr, scope);
    if (!value) {
        return tl::unexpected{value.error()};
    }
    if (value->is_null()) {
        return false;
    }
    const bool* truth = std::get_if<bool>(&value->held);
    return truth != nullptr ? tl::expected<bool, steps::Refusal>{*truth} : wrong_type();
}

}  // namespace datong::mapping
