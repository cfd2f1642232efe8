#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/path/program.h"
#include "core/path/scanner.h"

namespace datong::path {

/// Compiles the text of one query. Recursive descent over RFC 9535, appendix A; every parse_ that
/// gives nothing has left its mistake with the scanner.
class Parser {
public:
    explicit Parser(std::string_view text) : scan_{text} {}

    [[nodiscard]] Result<Path> parse();

private:
    // parser.cpp: segments and selectors
    [[nodiscard]] std::optional<Path> parse_top();
    [[nodiscard]] bool parse_first_of_relative(Path& path);
    [[nodiscard]] bool parse_segments(Path& path);
    [[nodiscard]] bool parse_after_dot(Segment& segment);
    [[nodiscard]] bool parse_brackets(Segment& segment);
    [[nodiscard]] std::optional<Selector> parse_selector();
    [[nodiscard]] std::optional<Selector> parse_index_or_slice();

    // filter_parser.cpp: expressions
    [[nodiscard]] std::optional<Expression> parse_expression();
    [[nodiscard]] std::optional<Expression> parse_all_of();
    [[nodiscard]] std::optional<Expression> parse_basic();
    [[nodiscard]] std::optional<Expression> parse_parentheses();
    [[nodiscard]] std::optional<Expression> parse_comparison_or_test();
    [[nodiscard]] std::optional<Expression> as_test(Operand operand);
    [[nodiscard]] std::optional<Comparison> take_comparison();
    [[nodiscard]] std::optional<Operand> parse_operand();
    [[nodiscard]] std::optional<Operand> parse_literal();
    [[nodiscard]] std::optional<Operand> parse_call();
    [[nodiscard]] bool parse_arguments(Call& call);
    [[nodiscard]] bool check_call(Call& call);
    [[nodiscard]] bool check_comparable(const Operand& operand);
    [[nodiscard]] std::optional<Path> parse_filter_query();

    Scanner scan_;
    int depth_{};
};

/// Counts how deep the parser stands, for one scope.
class Nesting {
public:
    explicit Nesting(int& depth) : depth_{++depth} {}
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

    [[nodiscard]] bool is_too_deep() const noexcept { return depth_ > kDeepest; }

private:
    static constexpr int kDeepest = 32;
    int& depth_;
};

}  // namespace datong::path
