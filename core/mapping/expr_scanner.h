#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/mapping/expr.h"

namespace datong::mapping {

/// A function of the expression language.
struct Function {
    std::string_view name;
    Expr::Fn fn;
    std::size_t least;
    std::size_t most;
    steps::Type gives;
    bool many;  ///< its argument may meet several nodes
};
[[nodiscard]] const Function* function_named(std::string_view name);
[[nodiscard]] std::string nearest_function(std::string_view name);

/// The step behind a function: its argument is the text, {key: text}, or a list of texts.
[[nodiscard]] std::shared_ptr<const steps::Step> make_bound(std::string_view step, const std::string& key,
                                                            const std::vector<std::string>& texts,
                                                            const Position& where, Mistakes& mistakes);

/// Takes a prefix such as "target." off a path; the bare word stands for the whole.
[[nodiscard]] bool take_prefix(std::string& path, std::string_view prefix);

/// Takes an expression's text apart into words and signs.
class Scanner {
public:
    /// The references must outlive the scanner.
    Scanner(const ast::Text& text, Mistakes& mistakes);

protected:
    /// Only the first one is reported: what follows it is mostly its consequence.
    void fault(const std::string& zh, const std::string& en, std::string hint = {});
    void skip();
    [[nodiscard]] bool symbol(std::string_view wanted);
    /// A keyword, not the beginning of a longer name.
    [[nodiscard]] bool word(std::string_view wanted);
    /// Behind the opening quote; two quotes stand for one.
    [[nodiscard]] std::optional<std::string> take_quoted();
    [[nodiscard]] std::optional<record::Decimal> take_number();
    [[nodiscard]] std::string take_name();  ///< of a function or a path

    const std::string& text_;
    const Position& where_;
    Mistakes& mistakes_;
    std::size_t at_{};
    bool failed_{};
};

}  // namespace datong::mapping
