#include <algorithm>
#include <unordered_set>

#include "core/base/text.h"
#include "core/mapping/expr.h"

namespace datong::mapping {
namespace {

using record::Decimal;
using record::Record;
using steps::Stepped;
using steps::Value;
using Op = Expr::Op;
using Fn = Expr::Fn;
using Values = std::vector<Value>;
using parts::arithmetic;
using parts::narrowed;
using parts::nodes_of;
using parts::values_of;
using parts::wrong_type;

bool is(const Value& value, steps::Type type) {
    return value.type() == type;
}

std::optional<record::Date> to_date(const Value& value) {
    if (const auto* date = std::get_if<record::Date>(&value.held); date != nullptr) {
        return *date;
    }
    if (const auto* time = std::get_if<record::DateTime>(&value.held); time != nullptr) {
        return time->date;
    }
    return record::parse_iso_date(steps::to_text(value));
}

Stepped call_dates(const Expr& expr, const std::vector<Value>& args, const Scope& scope) {
    const record::Date today = scope.moment->at.date;
    if (expr.fn == Fn::today) {
        return Value{today};
    }
    if (args[0].is_null() || (args.size() > 1 && args[1].is_null())) {
        return Value{};
    }
    const auto one = to_date(args[0]);
    const auto other = args.size() > 1 ? to_date(args[1]) : std::optional{today};
    if (!one || !other) {
        return wrong_type();
    }
    if (expr.fn == Fn::days_between) {
        return Value{record::days_since_epoch(*other) - record::days_since_epoch(*one)};
    }
    if (expr.fn == Fn::age) {
        return Value{std::int64_t{record::years_between(*one, *other)}};
    }
    return Value{std::int64_t{record::months_between(*one, *other)}};
}

Stepped call_texts(const Expr& expr, const std::vector<Value>& args) {
    if (args[0].is_null() || (args.size() > 1 && args[1].is_null())) {
        const bool question = expr.fn == Fn::starts_with || expr.fn == Fn::ends_with || expr.fn == Fn::contains;
        return question ? Value{false} : Value{};
    }
    const std::string text = steps::to_text(args[0]);
    switch (expr.fn) {
        case Fn::length:
            return Value{static_cast<std::int64_t>(count_chars(text))};
        case Fn::lower:
            return Value{ascii_lower(text)};
        case Fn::upper: {
            std::string out = text;
            std::transform(out.begin(), out.end(), out.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
            return Value{std::move(out)};
        }
        case Fn::starts_with:
            return Value{text.starts_with(steps::to_text(args[1]))};
        case Fn::ends_with:
            return Value{text.ends_with(steps::to_text(args[1]))};
        default:
            return Value{text.find(steps::to_text(args[1])) != std::string::npos};
    }
}

Stepped call_numbers(const Expr& expr, const std::vector<Value>& args) {
    if (args[0].is_null()) {
        return Value{};
    }
    const auto number = to_number(args[0]);
    if (!number) {
        return wrong_type();
    }
    const bool money = is(args[0], steps::Type::money);
    const bool whole = is(args[0], steps::Type::integer);
    switch (expr.fn) {
        case Fn::abs:
            return narrowed(number->is_negative() ? number->negated() : *number, money, whole);
        case Fn::integer:
            return narrowed(number, false, true);
        case Fn::round: {
            const auto scale = args.size() > 1 ? to_number(args[1]) : Decimal{0};
            const auto places = scale ? scale->to_integer() : std::nullopt;
            if (!places || *places < 0 || *places > 38) {
                return wrong_type();
            }
            return narrowed(number->rescale(static_cast<int>(*places), Decimal::Rounding::half_up), money, whole);
        }
        default:
            return Value{*number};
    }
}

Stepped summed(const Values& values) {
    Value total{std::int64_t{0}};
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto next = i == 0 ? Stepped{values[0]} : arithmetic(Op::add, total, values[i]);
        if (!next || !to_number(*next)) {
            return next ? Stepped{wrong_type()} : next;
        }
        total = std::move(*next);
    }
    if (const auto* text = std::get_if<std::string>(&total.held); text != nullptr) {
        return Value{*Decimal::parse(*text)};
    }
    return total;
}

/// Each value once, in the order of coming: equal are those of one type and text, decimals by their value.
Values distinct(Values values) {
    std::unordered_set<std::string> seen;
    std::erase_if(values, [&seen](const Value& one) {
        std::string key = steps::to_text(one);
        if (is(one, steps::Type::decimal) && key.find('.') != std::string::npos) {
            key.erase(key.find_last_not_of('0') + 1);
            key.erase(key.find_last_not_of('.') + 1);
        }
        return !seen.insert(key.append(1, ' ').append(steps::name_of(one.type()))).second;
    });
    return values;
}

std::optional<int> numbers_order(const Decimal& one, const Decimal& other) {
    return one < other ? -1 : one > other ? 1 : 0;
}

Stepped reduced(Fn fn, Values values) {
    if (fn == Fn::sum) {
        return summed(values);
    }
    if (fn == Fn::distinct) {
        return Value{distinct(std::move(values))};
    }
    if (values.empty()) {
        return Value{};
    }
    const bool by_number = fn != Fn::first && std::all_of(values.begin(), values.end(),
                                                          [](const Value& one) { return to_number(one).has_value(); });
    std::size_t best = 0;
    for (std::size_t i = 1; i < values.size() && fn != Fn::first; ++i) {
        const auto order = by_number ? numbers_order(*to_number(values[i]), *to_number(values[best]))
                                     : compare(values[i], values[best]);
        if (!order) {
            return wrong_type();
        }
        best = (fn == Fn::min ? *order < 0 : *order > 0) ? i : best;
    }
    return std::move(values[best]);
}

/// any() and all() over a comparison whose left side is a path that meets several nodes. An item that has no value is
/// one with null: what is left out here would be taken for agreed.
Stepped quantified(const Expr& expr, const Scope& scope) {
    const Expr& inner = expr.kids[0];
    auto values = values_of(inner.kids[0], scope, Taken::apart_or_null);
    if (!values) {
        return tl::unexpected{std::move(values.error())};
    }
    Expr one = inner;
    one.kids[0] = Expr{};
    for (Value& value : *values) {
        one.kids[0].value = std::move(value);
        const auto yes = holds(one, scope);
        if (!yes) {
            return tl::unexpected{yes.error()};
        }
        if (*yes == (expr.fn == Fn::any)) {
            return Value{*yes};
        }
    }
    return Value{expr.fn == Fn::all};
}

Stepped call_list(const Expr& expr, const Scope& scope) {
    const Expr& arg = expr.kids[0];
    if (expr.fn == Fn::count && arg.op == Op::path) {
        const auto nodes = nodes_of(arg, scope);
        if (!nodes) {
            return tl::unexpected{refusal_of(nodes.error())};
        }
        const auto is_there = [&](const Record* one) {
            if (one->is_object() || one->is_list()) {
                return true;
            }
            const auto value = leaf_value(one, arg.path, *scope.normalise);
            return !value || !value->is_null();  // what can't be read is there
        };
        return Value{std::int64_t{std::count_if(nodes->begin(), nodes->end(), is_there)}};
    }
    auto values = values_of(arg, scope);
    if (!values) {
        return tl::unexpected{std::move(values.error())};
    }
    if (expr.fn == Fn::count) {
        return Value{static_cast<std::int64_t>(values->size())};
    }
    return reduced(expr.fn, std::move(*values));
}

Stepped call_plain(const Expr& expr, std::vector<Value> args, const Scope& scope) {
    switch (expr.fn) {
        case Fn::is_null:
            return Value{args[0].is_null()};
        case Fn::coalesce: {
            const auto found = std::find_if(args.begin(), args.end(), [](const Value& v) { return !v.is_null(); });
            return found != args.end() ? std::move(*found) : Value{};
        }
        case Fn::amount:
        case Fn::date: {
            if (args[0].is_null() || is(args[0], expr.type)) {
                return std::move(args[0]);
            }
            steps::Warnings warnings;
            return expr.step->apply(std::move(args[0]), *scope.moment, warnings);
        }
        case Fn::abs:
        case Fn::round:
        case Fn::integer:
        case Fn::decimal:
            return call_numbers(expr, args);
        case Fn::today:
        case Fn::days_between:
        case Fn::months_between:
        case Fn::age:
            return call_dates(expr, args, scope);
        default:
            return call_texts(expr, args);
    }
}

}  // namespace

namespace parts {

Stepped call(const Expr& expr, const Scope& scope) {
    switch (expr.fn) {
        case Fn::any:
        case Fn::all:
            return quantified(expr, scope);
        case Fn::count:
        case Fn::sum:
        case Fn::min:
        case Fn::max:
        case Fn::first:
        case Fn::distinct:
            return call_list(expr, scope);
        default:
            break;
    }
    std::vector<Value> args;
    args.reserve(expr.kids.size());
    for (const Expr& kid : expr.kids) {
        auto value = evaluate(kid, scope);
        if (!value) {
            return value;
        }
        args.push_back(std::move(*value));
    }
    return call_plain(expr, std::move(args), scope);
}

}  // namespace parts

}  // namespace datong::mapping
