#include "core/mapping/expr_scanner.h"

namespace datong::mapping {
namespace {

using Op = Expr::Op;
using Fn = Expr::Fn;
using steps::Type;

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxNodes = Expr::kMostNodes;

class Parser : private Scanner {
public:
    Parser(const ast::Text& text, const ExprNames& names, Mistakes& mistakes)
        : Scanner{text, mistakes}, names_{names} {}

    std::optional<Expr> parse() {
        auto expr = disjunction();
        skip();
        if (!failed_ && at_ < text_.size()) {
            fault("这里应结束", "the expression should end here");
        }
        return failed_ ? std::nullopt : std::optional{std::move(expr)};
    }

private:
    Expr node(Op op, Type type, std::vector<Expr> kids) {
        if (++nodes_ > kMaxNodes) {
            fault("表达式过长", "the expression is too long");
        }
        Expr out;
        out.op = op;
        out.type = type;
        out.kids = std::move(kids);
        return out;
    }

    Expr pair(Op op, Type type, Expr left, Expr right) {
        std::vector<Expr> kids;
        kids.push_back(std::move(left));
        kids.push_back(std::move(right));
        return node(op, type, std::move(kids));
    }

    void want_boolean(const Expr& expr) {
        if (expr.type != Type::boolean && expr.type != Type::any) {
            fault("这里应为是非判断", "a yes or no is wanted here, not " + std::string{steps::name_of(expr.type)},
                  "== 'Y'");
        }
    }

    Expr disjunction() {
        Expr left = conjunction();
        while (!failed_ && word("or")) {
            Expr right = conjunction();
            want_boolean(left);
            want_boolean(right);
            left = pair(Op::or_, Type::boolean, std::move(left), std::move(right));
        }
        return left;
    }

    Expr conjunction() {
        Expr left = negation();
        while (!failed_ && word("and")) {
            Expr right = negation();
            want_boolean(left);
            want_boolean(right);
            left = pair(Op::and_, Type::boolean, std::move(left), std::move(right));
        }
        return left;
    }

    Expr negation() {
        if (depth_ > kMaxDepth) {
            fault("嵌套过深", "nested too deeply");
            return {};
        }
        if (!word("not")) {
            return comparison();
        }
        ++depth_;
        Expr inner = negation();
        --depth_;
        want_boolean(inner);
        std::vector<Expr> kids;
        kids.push_back(std::move(inner));
        return node(Op::not_, Type::boolean, std::move(kids));
    }

    std::optional<Op> comparing() {
        for (const auto& [sign, op] : {std::pair{"==", Op::eq}, std::pair{"!=", Op::ne}, std::pair{"<=", Op::le},
                                       std::pair{">=", Op::ge}, std::pair{"<", Op::lt}, std::pair{">", Op::gt}}) {
            if (symbol(sign)) {
                return op;
            }
        }
        const std::size_t before = at_;
        if (word("not") && word("in")) {
            return Op::not_in;
        }
        at_ = before;
        return word("in") ? std::optional{Op::in} : word("matches") ? std::optional{Op::matches} : std::nullopt;
    }

    Expr comparison() {
        Expr left = sum();
        const auto op = failed_ ? std::nullopt : comparing();
        if (!op) {
            return left;
        }
        const bool many = many_;
        many_ = many_ || *op == Op::in || *op == Op::not_in;
        Expr right = sum();
        many_ = many;
        if (*op == Op::matches) {
            return matches(std::move(left), right);
        }
        if (const Expr* other = parts::no_moment(*op, left, right); other != nullptr) {
            fault("日期只能与日期比较",
                  "a date is compared with a date, not " + std::string{steps::name_of(other->type)},
                  "date(..., 'yyyyMMdd')");
        }
        return pair(*op, Type::boolean, std::move(left), std::move(right));
    }

    Expr matches(Expr left, const Expr& right) {
        const auto* pattern = std::get_if<std::string>(&right.value.held);
        if (right.op != Op::literal || pattern == nullptr) {
            fault("matches 之后应为引号中的正则表达式", "matches wants a pattern in quotes");
            return {};
        }
        std::vector<Expr> kids;
        kids.push_back(std::move(left));
        Expr out = node(Op::matches, Type::boolean, std::move(kids));
        out.pattern = make_pattern(*pattern, where_, mistakes_);
        failed_ = failed_ || !out.pattern;
        return out;
    }

    static Type arithmetic_type(const Expr& left, const Expr& right) {
        const bool same = left.type == right.type && (left.type == Type::money || left.type == Type::integer);
        const bool open = left.type == Type::any || right.type == Type::any;
        return same ? left.type : open ? Type::any : Type::decimal;
    }

    void want_number(const Expr& expr) {
        const bool text = expr.op == Op::literal && expr.type == Type::text;
        if (text || expr.type == Type::boolean || expr.type == Type::date || expr.type == Type::list) {
            fault("这里应为数", "a number is wanted here, not " + std::string{steps::name_of(expr.type)});
        }
    }

    Expr sum() {
        Expr left = product();
        while (!failed_) {
            const Op op = symbol("+") ? Op::add : symbol("-") ? Op::sub : Op::literal;
            if (op == Op::literal) {
                break;
            }
            Expr right = product();
            want_number(left);
            want_number(right);
            const Type type = arithmetic_type(left, right);
            left = pair(op, type, std::move(left), std::move(right));
        }
        return left;
    }

    Expr product() {
        Expr left = unary();
        while (!failed_) {
            const Op op = symbol("*") ? Op::mul : symbol("/") ? Op::div : Op::literal;
            if (op == Op::literal) {
                break;
            }
            Expr right = unary();
            want_number(left);
            want_number(right);
            const bool whole = op == Op::mul && left.type == Type::integer && right.type == Type::integer;
            const bool open = op == Op::mul && (left.type == Type::any || right.type == Type::any);
            left = pair(op,
                        whole  ? Type::integer
                        : open ? Type::any
                               : Type::decimal,
                        std::move(left), std::move(right));
        }
        return left;
    }

    Expr unary() {
        if (++depth_ > kMaxDepth) {
            fault("嵌套过深", "nested too deeply");
            return {};
        }
        Expr out;
        if (symbol("-")) {
            std::vector<Expr> kids;
            kids.push_back(unary());
            want_number(kids[0]);
            const Type type = kids[0].type == Type::integer ? Type::integer : Type::any;
            out = node(Op::neg, type, std::move(kids));
        } else {
            out = primary();
        }
        --depth_;
        return out;
    }

    Expr literal(steps::Value value, Type type) {
        Expr out = node(Op::literal, type, {});
        out.value = std::move(value);
        return out;
    }

    Expr quoted() {
        auto text = take_quoted();
        return text ? literal(steps::Value{std::move(*text)}, Type::text) : Expr{};
    }

    Expr number() {
        const auto value = take_number();
        if (!value) {
            return {};
        }
        const auto whole = value->to_integer();
        return whole && value->scale() == 0 ? literal(steps::Value{*whole}, Type::integer)
                                            : literal(steps::Value{*value}, Type::decimal);
    }

    std::vector<Expr> arguments(std::string_view close) {
        std::vector<Expr> out;
        if (symbol(close)) {
            return out;
        }
        do {
            out.push_back(disjunction());
        } while (!failed_ && symbol(","));
        if (!failed_ && !symbol(close)) {
            fault("缺少 '" + std::string{close} + "'", "'" + std::string{close} + "' is missing");
        }
        return out;
    }

    Expr primary() {
        skip();
        if (at_ >= text_.size()) {
            fault("表达式不完整", "the expression is not complete");
            return {};
        }
        if (symbol("'")) {
            return quoted();
        }
        if (text_[at_] >= '0' && text_[at_] <= '9') {
            return number();
        }
        if (symbol("(")) {
            Expr inner = disjunction();
            if (!failed_ && !symbol(")")) {
                fault("缺少 ')'", "')' is missing");
            }
            return inner;
        }
        if (symbol("[")) {
            return node(Op::list, Type::list, arguments("]"));
        }
        for (const bool truth : {true, false}) {
            if (word(truth ? "true" : "false")) {
                return literal(steps::Value{truth}, Type::boolean);
            }
        }
        return word("null") ? literal(steps::Value{}, Type::any) : name();
    }

    /// A function's name or a path.
    Expr name() {
        const std::string found = take_name();
        if (found.empty()) {
            fault("看不懂这里", "not understood from here on");
            return {};
        }
        return symbol("(") ? call(found) : path(found);
    }

    Expr call(const std::string& found) {
        const Function* function = function_named(found);
        if (function == nullptr) {
            fault("未知的函数 '" + found + "'", "unknown function '" + found + "'", nearest_function(found));
            return {};
        }
        const bool many = many_;
        many_ = function->many;
        ++depth_;
        std::vector<Expr> kids = depth_ > kMaxDepth ? std::vector<Expr>{} : arguments(")");
        --depth_;
        many_ = many;
        if (!failed_ && (kids.size() < function->least || kids.size() > function->most)) {
            fault(found + "() 的参数个数不对", found + "() has the wrong number of arguments");
        }
        if (failed_) {
            return {};
        }
        Expr out = node(Op::call, function->gives, std::move(kids));
        out.fn = function->fn;
        finish_call(out, found);
        return out;
    }

    void finish_call(Expr& out, const std::string& found) {
        const bool quantifier = out.fn == Fn::any || out.fn == Fn::all;
        if (quantifier && (out.kids[0].op < Op::eq || out.kids[0].op > Op::matches)) {
            fault(found + "() 里应为比较", found + "() wants a comparison, such as any(D[*].ZSXM == '10101')");
        }
        if (out.fn == Fn::abs && out.kids[0].type != Type::text) {
            out.type = out.kids[0].type;
        }
        if (out.fn == Fn::round && (out.kids[0].type == Type::money || out.kids[0].type == Type::integer)) {
            out.type = out.kids[0].type;
        }
        if (out.fn == Fn::amount) {
            bind(out, "parse_amount", "unit", {"元"});
        } else if (out.fn == Fn::date) {
            bind(out, "parse_date", "", {"yyyy-MM-dd", "yyyyMMdd", "yyyy/M/d"});
        }
    }

    /// amount() and date() are the steps of that name, their last argument a constant.
    void bind(Expr& out, std::string_view step, const std::string& key, const std::vector<std::string>& otherwise) {
        std::vector<std::string> texts = otherwise;
        if (out.kids.size() == 2) {
            const auto* text = std::get_if<std::string>(&out.kids[1].value.held);
            if (out.kids[1].op != Op::literal || text == nullptr) {
                fault("第二个参数应为引号中的文本", "the second argument is a text in quotes");
                return;
            }
            texts = {*text};
            out.kids.pop_back();
        }
        out.step = make_bound(step, key, texts, where_, mistakes_);
        failed_ = failed_ || out.step == nullptr;
    }

    Expr path(std::string found) {
        if (found.starts_with("let.")) {
            const auto let = names_.let(found.substr(4));
            if (!let) {
                fault("没有叫 '" + found + "' 的中间值", "no named value '" + found + "' is defined before this");
                return {};
            }
            Expr out = node(Op::let, Type::any, {});
            out.let = *let;
            return out;
        }
        Expr out = node(Op::path, Type::text, {});
        if (names_.item_allowed && take_prefix(found, "item")) {
            out.from = Expr::From::item;
        } else if (names_.target_allowed && take_prefix(found, "target")) {
            out.from = Expr::From::target;
        } else if (take_prefix(found, "ctx")) {
            out.from = Expr::From::context;
        }
        out.type = out.from == Expr::From::source ? Type::text : Type::any;
        auto compiled = names_.path(out.from, found, where_, many_);
        if (!compiled) {
            failed_ = true;
            return {};
        }
        out.path = std::move(*compiled);
        return out;
    }

    const ExprNames& names_;
    std::size_t nodes_{};
    int depth_{};
    bool many_{};
};

}  // namespace

std::optional<Expr> parse_expr(const ast::Text& text, const ExprNames& names, Mistakes& mistakes) {
    return Parser{text, names, mistakes}.parse();
}

std::optional<Expr> parse_condition(const ast::Text& text, const ExprNames& names, Mistakes& mistakes) {
    auto expr = parse_expr(text, names, mistakes);
    if (expr && expr->type != Type::boolean && expr->type != Type::any) {
        ast::Report{mistakes}(text.where, "M601", "这里应为是非判断",
                              "a yes or no is wanted here, not " + std::string{steps::name_of(expr->type)});
        return std::nullopt;
    }
    return expr;
}

}  // namespace datong::mapping
