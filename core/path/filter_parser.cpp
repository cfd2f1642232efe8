#include <array>
#include <utility>

#include "core/path/parser.h"

namespace datong::path {
namespace {

using record::Record;

struct FunctionRow {
    std::string_view name;
    Function function;
    std::size_t arguments;
    bool takes_nodes;  ///< a query of any kind; otherwise values
    bool is_logical;   ///< its result is a test, not a value
};

/// Source: RFC 9535, 2.4.4 to 2.4.8.
constexpr std::array kFunctions{
    FunctionRow{"length", Function::length, 1, false, false}, FunctionRow{"count", Function::count, 1, true, false},
    FunctionRow{"match", Function::match, 2, false, true},    FunctionRow{"search", Function::search, 2, false, true},
    FunctionRow{"value", Function::value, 1, true, false},
};

const FunctionRow& row_of(Function function) {
    return kFunctions[static_cast<std::size_t>(function)];
}

}  // namespace

std::optional<Expression> Parser::parse_expression() {
    Expression any;
    any.kind = Expression::Kind::any_of;
    do {
        scan_.skip_blanks();
        auto part = parse_all_of();
        if (!part) {
            return std::nullopt;
        }
        any.parts.push_back(std::move(*part));
        scan_.skip_blanks();
    } while (scan_.take("||"));
    return any.parts.size() == 1 ? std::move(any.parts.front()) : std::move(any);
}

std::optional<Expression> Parser::parse_all_of() {
    Expression all;
    all.kind = Expression::Kind::all_of;
    do {
        scan_.skip_blanks();
        auto part = parse_basic();
        if (!part) {
            return std::nullopt;
        }
        all.parts.push_back(std::move(*part));
        scan_.skip_blanks();
    } while (scan_.take("&&"));
    return all.parts.size() == 1 ? std::move(all.parts.front()) : std::move(all);
}

std::optional<Expression> Parser::parse_basic() {
    if (scan_.peek() == '(') {
        return parse_parentheses();
    }
    if (!scan_.take("!")) {
        return parse_comparison_or_test();
    }
    scan_.skip_blanks();
    std::optional<Expression> inner;
    if (scan_.peek() == '(') {
        inner = parse_parentheses();
    } else if (auto operand = parse_operand()) {
        inner = as_test(std::move(*operand));
    }
    if (!inner) {
        return std::nullopt;
    }
    Expression negation;
    negation.kind = Expression::Kind::negation;
    negation.parts.push_back(std::move(*inner));
    return negation;
}

std::optional<Expression> Parser::parse_parentheses() {
    const Nesting nesting{depth_};
    if (nesting.is_too_deep()) {
        scan_.mistake("nested deeper than 32 levels");
        return std::nullopt;
    }
    scan_.take("(");
    auto inner = parse_expression();
    scan_.skip_blanks();
    if (inner && !scan_.take(")")) {
        scan_.mistake("')' is wanted here");
        return std::nullopt;
    }
    return inner;
}

std::optional<Expression> Parser::parse_comparison_or_test() {
    auto left = parse_operand();
    if (!left) {
        return std::nullopt;
    }
    const std::size_t behind = scan_.offset();
    scan_.skip_blanks();
    const auto comparison = take_comparison();
    if (!comparison) {
        scan_.go_back(behind);
        return as_test(std::move(*left));
    }
    scan_.skip_blanks();
    auto right = parse_operand();
    if (!right || !check_comparable(*left) || !check_comparable(*right)) {
        return std::nullopt;
    }
    Expression expression;
    expression.kind = Expression::Kind::comparison;
    expression.comparison = *comparison;
    expression.operands.push_back(std::move(*left));
    expression.operands.push_back(std::move(*right));
    return expression;
}

std::optional<Expression> Parser::as_test(Operand operand) {
    const bool is_call = operand.kind == Operand::Kind::call;
    if (operand.kind == Operand::Kind::literal || (is_call && !row_of(operand.call.function).is_logical)) {
        scan_.mistake("a value alone is no test: compare it");
        return std::nullopt;
    }
    Expression expression;
    expression.kind = Expression::Kind::test;
    expression.operands.push_back(std::move(operand));
    return expression;
}

std::optional<Comparison> Parser::take_comparison() {
    constexpr std::array<std::pair<std::string_view, Comparison>, 6> kSigns{{
        {"==", Comparison::equal},
        {"!=", Comparison::not_equal},
        {"<=", Comparison::less_or_equal},
        {">=", Comparison::greater_or_equal},
        {"<", Comparison::less},
        {">", Comparison::greater},
    }};
    for (const auto& [sign, comparison] : kSigns) {
        if (scan_.take(sign)) {
            return comparison;
        }
    }
    return std::nullopt;
}

bool Parser::check_comparable(const Operand& operand) {
    const bool is_nodes = operand.kind == Operand::Kind::path && !operand.path.is_singular();
    const bool is_test = operand.kind == Operand::Kind::call && row_of(operand.call.function).is_logical;
    if (is_nodes || is_test) {
        scan_.mistake(is_nodes ? "only a query for one node can be compared" : "a test can't be compared");
        return false;
    }
    return true;
}

std::optional<Operand> Parser::parse_operand() {
    if (scan_.peek() == '@' || scan_.peek() == '$') {
        auto path = parse_filter_query();
        if (!path) {
            return std::nullopt;
        }
        Operand operand;
        operand.kind = Operand::Kind::path;
        operand.path = std::move(*path);
        return operand;
    }
    return parse_literal();
}

std::optional<Path> Parser::parse_filter_query() {
    Path path;
    path.is_absolute = scan_.take("$");
    if (!path.is_absolute) {
        scan_.take("@");
    }
    return parse_segments(path) ? std::optional{std::move(path)} : std::nullopt;
}

std::optional<Operand> Parser::parse_literal() {
    Operand operand;
    if (auto text = scan_.read_string()) {
        operand.literal = Record::text(std::move(*text));
        return operand;
    }
    if (auto digits = scan_.read_number()) {
        operand.literal = Record::number(std::move(*digits));
        return operand;
    }
    if (scan_.has_mistake()) {
        return std::nullopt;
    }
    return parse_call();
}

/// A function's name, or one of the three words, which have its letters.
std::optional<Operand> Parser::parse_call() {
    Operand operand;
    const std::size_t begin = scan_.offset();
    const std::string_view name = scan_.read_function_name();
    if (name == "true" || name == "false") {
        operand.literal = Record::boolean(name == "true");
        return operand;
    }
    if (name == "null") {
        return operand;
    }
    for (const FunctionRow& row : kFunctions) {
        if (row.name == name && scan_.take("(")) {
            operand.kind = Operand::Kind::call;
            operand.call.function = row.function;
            return parse_arguments(operand.call) ? std::optional{std::move(operand)} : std::nullopt;
        }
    }
    scan_.go_back(begin);
    scan_.mistake("a query, a literal or a function is wanted here");
    return std::nullopt;
}

bool Parser::parse_arguments(Call& call) {
    const Nesting nesting{depth_};
    if (nesting.is_too_deep()) {
        scan_.mistake("nested deeper than 32 levels");
        return false;
    }
    scan_.skip_blanks();
    if (!scan_.take(")")) {
        do {
            scan_.skip_blanks();
            auto argument = parse_operand();
            if (!argument) {
                return false;
            }
            call.arguments.push_back(std::move(*argument));
            scan_.skip_blanks();
        } while (scan_.take(","));
        if (!scan_.take(")")) {
            scan_.mistake("')' is wanted here");
            return false;
        }
    }
    return check_call(call);
}

/// Source: RFC 9535, 2.4.3, well-typedness.
bool Parser::check_call(Call& call) {
    const FunctionRow& row = row_of(call.function);
    if (call.arguments.size() != row.arguments) {
        scan_.mistake(std::string{row.name} + "() wants another number of arguments");
        return false;
    }
    for (const Operand& argument : call.arguments) {
        if (row.takes_nodes && argument.kind != Operand::Kind::path) {
            scan_.mistake(std::string{row.name} + "() wants a query");
            return false;
        }
        if (!row.takes_nodes && !check_comparable(argument)) {
            return false;
        }
    }
    if (row.is_logical && call.arguments[1].kind == Operand::Kind::literal && call.arguments[1].literal.is_text()) {
        call.pattern = Pattern::compile(call.arguments[1].literal.scalar());
        if (call.pattern == nullptr) {
            scan_.mistake("not a regular expression");
            return false;
        }
    }
    return true;
}

}  // namespace datong::path
