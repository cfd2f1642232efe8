#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "core/mapping/checker.h"

namespace datong::mapping {
namespace {

using steps::Type;

/// A leaf of the unified record as the typed value that the row's last step gave.
class TypedStep final : public steps::Step {
public:
    explicit TypedStep(Type type) : type_{type} {}

    [[nodiscard]] steps::Stepped apply(steps::Value&& value, const steps::Moment&, steps::Warnings&) const override {
        const std::string text = steps::to_text(value);
        auto typed = from_text(text);
        if (typed.is_null()) {
            return tl::unexpected{
                steps::Refusal{"reverse.type", "值不是目标字段应有的类型", "the value is not of the field's type"}};
        }
        return typed;
    }

private:
    [[nodiscard]] steps::Value from_text(const std::string& text) const {
        switch (type_) {
            case Type::boolean:
                return text == "true" || text == "false" ? steps::Value{text == "true"} : steps::Value{};
            case Type::date: {
                const auto date = record::parse_iso_date(text);
                return date ? steps::Value{*date} : steps::Value{};
            }
            case Type::datetime: {
                const auto time = record::parse_rfc3339(text);
                return time ? steps::Value{*time} : steps::Value{};
            }
            case Type::yearmonth: {
                const auto first = text.size() == 7 ? record::parse_iso_date(text + "-01") : std::nullopt;
                return first ? steps::Value{record::YearMonth{first->year, first->month}} : steps::Value{};
            }
            case Type::bytes: {
                auto octets = from_base64(text);
                return octets ? steps::Value{steps::Bytes{std::move(*octets)}} : steps::Value{};
            }
            default:
                return number(text);
        }
    }

    [[nodiscard]] steps::Value number(const std::string& text) const {
        const auto decimal = record::Decimal::parse(text);
        if (!decimal || type_ == Type::decimal) {
            return decimal ? steps::Value{*decimal} : steps::Value{};
        }
        const auto whole = decimal->to_integer();
        if (!whole) {
            return {};
        }
        return type_ == Type::money ? steps::Value{steps::Money{*whole}} : steps::Value{*whole};
    }

    Type type_;
};

bool overlap(const steps::TableRow& one, const steps::TableRow& other) {
    const bool before = one.valid_to && other.valid_from && *one.valid_to < *other.valid_from;
    const bool behind = other.valid_to && one.valid_from && *other.valid_to < *one.valid_from;
    return !before && !behind;
}

/// Paths that a filter reads, and columns that it says the value of.
void look_into(const Expr& expr, bool holds, FilterParts& out) {
    const bool from_row = expr.op == Expr::Op::path && expr.from == Expr::From::source && !expr.path.absolute &&
                          !expr.path.join && !expr.path.query && expr.path.segments.size() == 1 &&
                          expr.path.segments[0].kind == Segment::Kind::name;
    if (from_row) {
        out.reads.push_back(expr.path.segments[0].name.str());
    } else if (expr.op == Expr::Op::path || expr.op == Expr::Op::let) {
        out.of_row_alone = false;
    }
    if (holds && expr.op == Expr::Op::eq) {
        for (const auto& [one, other] : {std::pair{0, 1}, std::pair{1, 0}}) {
            const Expr& column = expr.kids[static_cast<std::size_t>(one)];
            const auto* text = std::get_if<std::string>(&expr.kids[static_cast<std::size_t>(other)].value.held);
            if (column.op == Expr::Op::path && column.path.segments.size() == 1 && text != nullptr) {
                out.constants.emplace_back(column.path.segments[0].name.str(), *text);
            }
        }
    }
    for (const Expr& kid : expr.kids) {
        look_into(kid, holds && expr.op == Expr::Op::and_, out);
    }
}

}  // namespace

FilterParts parts_of_filter(const Expr& filter) {
    FilterParts out;
    look_into(filter, true, out);
    return out;
}

std::string ambiguous_cell(const steps::Table& table, const std::string& column) {
    std::map<std::string, std::vector<const steps::TableRow*>> rows;
    for (const steps::TableRow& row : table.rows()) {
        const std::string* cell = steps::Table::cell(row, column);
        if (cell != nullptr && !cell->empty()) {
            rows[*cell].push_back(&row);
        }
    }
    for (const auto& [cell, same] : rows) {
        if (std::count_if(same.begin(), same.end(), [](const auto* row) { return row->preferred; }) == 1) {
            continue;
        }
        for (std::size_t i = 1; i < same.size(); ++i) {
            if (std::any_of(same.begin(), same.begin() + static_cast<std::ptrdiff_t>(i),
                            [&](const auto* other) { return overlap(*same[i], *other); })) {
                return cell;
            }
        }
    }
    return {};
}

std::shared_ptr<const steps::Step> typed_step(Type type) {
    return std::make_shared<const TypedStep>(type);
}

}  // namespace datong::mapping
