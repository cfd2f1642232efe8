#include "core/mapping/expr.h"

#include "core/codec/json.h"
#include "fuzz/must.h"

using namespace datong;
using mapping::Expr;

/// An expression is either refused with a place or gives the same value, or the same refusal, every time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto kRecord = codec::read_json(R"({"a":"12.5","b":"x","d":"2024-02-29","l":[{"x":"1"},{"x":"2"}]})");
    static const mapping::Normaliser kNormalise;
    static const steps::Moment kMoment{{{2025, 1, 1}}};
    static const std::vector<steps::Value> kLets{steps::Value{std::string{"7"}}};
    const mapping::ast::Text text{std::string{fuzz::text_of(data, size)}, {"expr", 1, 1}};
    Mistakes mistakes;
    mapping::ExprNames names;
    names.target_allowed = true;
    names.item_allowed = true;
    names.let = [](std::string_view name) { return name == "x" ? std::optional<std::size_t>{0} : std::nullopt; };
    names.path = [&mistakes](Expr::From, const std::string& path, const Position& where, bool many) {
        auto simple = mapping::parse_simple(path);
        if (!simple || (simple->many && !many)) {
            mistakes.push_back({where, "M211", Severity::error, "", "", ""});
            return std::optional<mapping::Path>{};
        }
        return simple;
    };
    const auto expr = mapping::parse_expr(text, names, mistakes);
    fuzz::must(expr.has_value() != has_errors(mistakes));
    if (expr) {
        const record::Record& root = *kRecord;
        const mapping::Scope scope{&root, &root,  &root,       &root.find("l")->items()[0],
                                   &root, &kLets, &kNormalise, &kMoment};
        const auto one = mapping::evaluate(*expr, scope);
        const auto other = mapping::evaluate(*expr, scope);
        fuzz::must(one ? other && *one == *other : !other && one.error().rule == other.error().rule);
        fuzz::must(one || !one.error().rule.empty());
    }
    return 0;
}
