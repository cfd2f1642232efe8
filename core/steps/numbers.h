#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/record/decimal.h"
#include "core/steps/family.h"

namespace datong::steps {

/// A number as people write it: optional sign, digits, optionally grouped by threes before the point.
/// @param group  the separator of groups; empty allows none.
/// @return nullopt for anything else, wrongly grouped digits ("1,23") too.
[[nodiscard]] std::optional<record::Decimal> parse_grouped_number(std::string_view text, std::string_view group);

/// The parameter `group`, which is no point, sign or digit: "8.500" is no 8500 to one and 8.5 to another.
[[nodiscard]] std::string group_of(Arguments& arguments);

inline constexpr int kMostPlaces = 18;  ///< that a step's `scale` may ask for

/// The places of a parsed number: kept as written, or brought to a scale.
struct Places {
    std::optional<int> scale;
    record::Decimal::Rounding rounding = record::Decimal::Rounding::reject;

    [[nodiscard]] std::optional<record::Decimal> of(const record::Decimal& number) const;
};
[[nodiscard]] Places places_of(Arguments& arguments);  ///< of the parameters `scale` and `round`
[[nodiscard]] record::Decimal::Rounding rounding_of(std::string_view choice);
[[nodiscard]] Parameter scale_parameter(bool required);
[[nodiscard]] Parameter round_parameter();

/// A step that reads a number: text in the form given, or a number that is one already.
template <class F>
[[nodiscard]] StepPtr number_step(F function) {
    return value_step([function = std::move(function)](const Value& value, const Moment&, Warnings&) -> Stepped {
        if (const auto* text = std::get_if<std::string>(&value.held)) {
            return function(*text);
        }
        if (value.type() != Type::integer && value.type() != Type::decimal) {
            return refuse_type(value);
        }
        return function(to_text(value));
    });
}

/// How the text of an amount is read.
struct AmountForm {
    std::string unit;                                   ///< 元, 万元, 亿元, 分 or 厘 (a thousandth of a 元)
    std::string group = ",";                            ///< empty: no groups
    std::optional<record::Decimal::Rounding> rounding;  ///< without it a part of a 分 is refused
};

/// @return Money; refusals parse_amount (no number, or no such unit), amount.precision, amount.range (10^16 分
///         and over).
[[nodiscard]] Stepped parse_amount_text(std::string_view text, const AmountForm& form);

/// The amount in capitals for documents: 人民币壹仟肆佰零玖元伍角.
/// @param zheng_after_jiao  writes 整 after 角 where there is no 分, which the rule leaves open.
/// @return nullopt for 10^12 元 and over.
/// Source: 支付结算办法, annex 1 (正确填写票据和结算凭证的基本规定), 1 to 3.
[[nodiscard]] std::optional<std::string> amount_in_capitals(Money money, std::string_view prefix,
                                                            bool zheng_after_jiao);

}  // namespace datong::steps
