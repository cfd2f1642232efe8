#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/text.h"
#include "core/path/compare.h"
#include "core/path/evaluate.h"

namespace datong::path {
namespace {

using record::Record;

const Record kNull;

std::string_view text_in(const Record* value, bool& is_text) {
    is_text = value != nullptr && is_text_like(*value);
    return is_text ? value->scalar() : std::string_view{};
}

}  // namespace

bool Evaluation::holds_for(const Expression& expression, const Record& current) {
    const auto part_holds = [this, &current](const Expression& part) { return holds_for(part, current); };
    switch (expression.kind) {
        case Expression::Kind::any_of:
            return std::ranges::any_of(expression.parts, part_holds);
        case Expression::Kind::all_of:
            return std::ranges::all_of(expression.parts, part_holds);
        case Expression::Kind::negation:
            return !part_holds(expression.parts.front());
        case Expression::Kind::test:
            return test(expression.operands.front(), current);
        case Expression::Kind::comparison:
            break;
    }
    return compares(expression, current);
}

bool Evaluation::compares(const Expression& expression, const Record& current) {
    const Operand& one = expression.operands[0];
    const Operand& other = expression.operands[1];
    std::array<Record, 2> made;
    const Record* left = value_of(one, current, made[0]);
    const Record* right = value_of(other, current, made[1]);
    if (!is_lenient()) {
        return holds(left, expression.comparison, right);
    }
    const bool beside_null = is_null_text(one) || is_null_text(other);
    std::array<Record, 2> read;
    left = as_read(one, left, beside_null, read[0]);
    right = as_read(other, right, beside_null, read[1]);
    const auto is_literal = [](const Operand& operand) { return operand.kind != Operand::Kind::path; };
    std::array<Record, 2> even;
    return holds(levelled(left, right, is_literal(one), is_literal(other), even[0]), expression.comparison,
                 levelled(right, left, is_literal(other), is_literal(one), even[1]));
}

bool Evaluation::is_null_text(const Operand& operand) const {
    return operand.kind == Operand::Kind::literal && operand.literal.is_text() && *normalise_ &&
           !(*normalise_)(operand.literal.scalar());
}

const Record* Evaluation::as_read(const Operand& operand, const Record* value, bool beside_null, Record& made) const {
    const bool is_counted = operand.kind == Operand::Kind::call && operand.call.function != Function::value;
    const bool is_written = operand.kind == Operand::Kind::literal && !operand.literal.is_text();
    if (value == nullptr || !value->is_scalar() || value->is_null() || value->is_bytes() || is_counted || is_written ||
        !*normalise_) {
        return value;
    }
    const auto text = (*normalise_)(value->scalar());
    if (text && text->size() == value->scalar().size()) {
        return value;
    }
    made = text ? Record::text(*text) : beside_null ? Record::text("") : Record{};
    return &made;
}

/// The text of a function's argument; null has no letters.
std::string_view Evaluation::text_read(const Operand& operand, const Record* value, bool& is_text) const {
    const std::string_view text = text_in(value, is_text);
    const bool as_it_stands =
        !is_lenient() || operand.kind == Operand::Kind::literal || !is_text || value->is_bytes() || !*normalise_;
    return as_it_stands ? text : (*normalise_)(text).value_or("");
}

bool Evaluation::test(const Operand& operand, const Record& current) {
    if (operand.kind == Operand::Kind::path) {
        return !first_values(operand.path, current, 1).empty();
    }
    return matches(operand.call, current);
}

const Record* Evaluation::value_of(const Operand& operand, const Record& current, Record& made) {
    switch (operand.kind) {
        case Operand::Kind::literal:
            return &operand.literal;
        case Operand::Kind::call:
            return result_of(operand.call, current, made);
        case Operand::Kind::path:
            break;
    }
    const auto found = first_values(operand.path, current, 1);
    const Record* node = found.empty() ? nullptr : found.front();
    return is_lenient() && node != nullptr ? leaf_of(node) : node;
}

const Record* Evaluation::leaf_of(const Record* node) {
    const Record* text = node->find("#text");
    if (is_text_element(*node)) {
        return text != nullptr ? text : &kNull;
    }
    met_mixed_ = met_mixed_ || text != nullptr;
    return node;
}

const Record* Evaluation::result_of(const Call& call, const Record& current, Record& made) {
    const Operand& argument = call.arguments.front();
    if (call.function == Function::value) {
        const auto nodes = first_values(argument.path, current, 2);
        return nodes.size() == 1 ? nodes.front() : nullptr;
    }
    if (call.function == Function::count) {
        made = Record::integer(static_cast<long long>(values(argument.path, current).size()));
        return &made;
    }
    Record inner;
    const Record* value = value_of(argument, current, inner);
    bool is_text = false;
    const std::string_view text = text_read(argument, value, is_text);
    if (value == nullptr || (!is_text && !value->is_object() && !value->is_list())) {
        return nullptr;
    }
    const std::size_t parts = value->members().size() + value->items().size();
    made = Record::integer(static_cast<long long>(is_text ? count_chars(text) : parts));
    return &made;
}

bool Evaluation::matches(const Call& call, const Record& current) {
    std::array<Record, 2> made;
    bool is_text = false;
    const Record* value = value_of(call.arguments[0], current, made[0]);
    const std::string_view text = text_read(call.arguments[0], value, is_text);
    if (!is_text) {
        return false;
    }
    std::shared_ptr<const Pattern> pattern = call.pattern;
    if (pattern == nullptr) {
        // a pattern out of the data: compiled each time, and paid for as many visits
        constexpr std::size_t kPrice = 1000;
        visits_ += kPrice;
        const std::string_view iregexp = text_in(value_of(call.arguments[1], current, made[1]), is_text);
        pattern = is_text && visits_ <= kMaxVisits ? Pattern::compile(iregexp) : nullptr;
    }
    if (pattern == nullptr) {
        return false;
    }
    return call.function == Function::match ? pattern->matches(text) : pattern->is_found_in(text);
}

}  // namespace datong::path
