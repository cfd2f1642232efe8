#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/path/pattern.h"
#include "core/path/query.h"
#include "core/record/record.h"

namespace datong::path {

struct Expression;

/// What a segment takes from one node. Source: RFC 9535, 2.3.
struct Selector {
    enum class Kind { name, wildcard, index, slice, filter };

    Kind kind{Kind::name};
    std::string name;
    std::int64_t index{};
    std::optional<std::int64_t> start;
    std::optional<std::int64_t> end;
    std::int64_t step{1};
    bool is_dotted{};  ///< of a wildcard: ".*", not "[*]"
    std::shared_ptr<const Expression> filter;
};

/// Source: RFC 9535, 2.5.
struct Segment {
    bool is_descendant{};
    std::vector<Selector> selectors;

    [[nodiscard]] bool is_name() const;
};

/// A query, at the top or within a filter.
struct Path {
    bool is_absolute{};  ///< from the root, otherwise from the current node
    std::vector<Segment> segments;

    /// Source: RFC 9535, 2.3.5.1, singular-query.
    [[nodiscard]] bool is_singular() const;
    /// Whether it takes whatever there is, by ".." or ".*": then texts among it are no surprise.
    [[nodiscard]] bool takes_anything() const;
};

enum class Function { length, count, match, search, value };

struct Operand;

struct Call {
    Function function{};
    std::vector<Operand> arguments;
    std::shared_ptr<const Pattern> pattern;  ///< of match and search, where it is a literal
};

/// One side of a comparison, or an argument.
struct Operand {
    enum class Kind { literal, path, call };

    Kind kind{Kind::literal};
    record::Record literal;
    Path path;
    Call call;
};

enum class Comparison { equal, not_equal, less, less_or_equal, greater, greater_or_equal };

/// A logical expression. Source: RFC 9535, 2.3.5.
struct Expression {
    enum class Kind { any_of, all_of, negation, comparison, test };

    Kind kind{Kind::test};
    std::vector<Expression> parts;  ///< of any_of, all_of, negation
    std::vector<Operand> operands;  ///< two of a comparison, one of a test
    Comparison comparison{};
};

struct Query::Program {
    std::string text;
    Path path;
    bool is_plain{};  ///< names only, one a segment: the hot path
};

}  // namespace datong::path
