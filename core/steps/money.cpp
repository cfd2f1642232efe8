#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/steps/family.h"
#include "core/steps/numbers.h"

namespace datong::steps {
namespace {

using record::Decimal;

/// A unit of money: how many 分 it is, and the places that write it exactly.
struct Unit {
    std::string_view name;
    Decimal fen;
    int places;
};

const Unit* find_unit(std::string_view name) {
    static const std::array<Unit, 5> kUnits{{{"元", Decimal{100}, 2},
                                             {"万元", Decimal{1'000'000}, 6},
                                             {"亿元", Decimal{10'000'000'000}, 10},
                                             {"分", Decimal{1}, 0},
                                             {"厘", Decimal{1, 1}, 0}}};
    const auto found = std::find_if(kUnits.begin(), kUnits.end(), [name](const Unit& one) { return one.name == name; });
    return found != kUnits.end() ? &*found : nullptr;
}

constexpr std::int64_t kFenLimit = 10'000'000'000'000'000;    // 10^16
constexpr std::int64_t kCapitalsLimit = 100'000'000'000'000;  // 10^12 元

Stepped to_money(const Decimal& amount, const AmountForm& form) {
    const Unit* unit = find_unit(form.unit);
    if (unit == nullptr) {
        return refuse("parse_amount", "没有这个金额单位", "no such unit of money");
    }
    const auto fen = multiply(amount, unit->fen);
    if (!fen) {
        return refuse("amount.range", "金额过大", "the amount is too large");
    }
    const auto whole = fen->rescale(0, form.rounding.value_or(Decimal::Rounding::reject));
    if (!whole) {
        return refuse("amount.precision", "金额不足一分的部分不能丢弃", "the amount has a part of a fen");
    }
    const auto integer = whole->to_integer();
    if (!integer || *integer >= kFenLimit || *integer <= -kFenLimit) {
        return refuse("amount.range", "金额过大", "the amount is too large");
    }
    return Value{Money{*integer}};
}

std::optional<Decimal::Rounding> rounding_of(Arguments& arguments) {
    const std::string choice = arguments.choice("round");
    return choice == "half_up"     ? std::optional{Decimal::Rounding::half_up}
           : choice == "half_even" ? std::optional{Decimal::Rounding::half_even}
                                   : std::nullopt;
}

StepPtr make_parse_amount(Arguments& arguments, const Surroundings&) {
    AmountForm form{arguments.choice("unit"), group_of(arguments), rounding_of(arguments)};
    const Padding padding = arguments.padding("pad");
    return value_step(
        [form = std::move(form), fill = padding.fill](const Value& value, const Moment&, Warnings&) -> Stepped {
            if (const auto* text = std::get_if<std::string>(&value.held)) {
                std::string_view digits = *text;
                digits.remove_prefix(fill == "0" ? 0 : std::min(digits.find_first_not_of(fill), digits.size()));
                return parse_amount_text(digits, form);
            }
            const auto number = value.type() == Type::money ? std::nullopt : to_number(value);
            return number ? to_money(*number, form) : refuse_type(value);
        });
}

std::string grouped(const std::string& number) {
    const std::size_t first = number.starts_with('-') ? 1 : 0;
    std::size_t at = std::min(number.find('.'), number.size());
    std::string out = number;
    while (at > first + 3) {
        at -= 3;
        out.insert(at, 1, ',');
    }
    return out;
}

StepPtr make_format_amount(Arguments& arguments, const Surroundings&) {
    const Unit* unit = find_unit(arguments.choice("unit"));
    const int places = arguments.has("scale") ? static_cast<int>(arguments.whole("scale", 0, 12)) : unit->places;
    const Padding padding = arguments.padding("pad");
    const bool group = arguments.flag("group");
    return value_step([unit, places, padding, group](const Value& value, const Moment&, Warnings&) -> Stepped {
        const auto* money = std::get_if<Money>(&value.held);
        if (money == nullptr) {
            return refuse_type(value);
        }
        constexpr int kEnough = 12;  // more places than any unit needs
        const auto exact = divide(Decimal{money->fen}, unit->fen, kEnough);
        const auto scaled = exact ? exact->rescale(places, Decimal::Rounding::reject) : std::nullopt;
        if (!scaled) {
            return refuse("amount.precision", "按此小数位数写不下该金额", "the amount does not fit these places");
        }
        const std::string text = scaled->to_text();
        return Value{padded(group ? grouped(text) : text, padding)};
    });
}

constexpr std::array<std::string_view, 10> kDigits{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};

std::string_view capital(std::int64_t digit) {
    return kDigits[static_cast<std::size_t>(digit)];
}

/// A group of up to four digits without leading zeros: 3004 -> 叁仟零肆.
std::string capital_group(std::int64_t group) {
    constexpr std::array<std::pair<std::int64_t, std::string_view>, 4> kPlaces{
        {{1000, "仟"}, {100, "佰"}, {10, "拾"}, {1, ""}}};
    std::string out;
    bool zero_between = false;
    for (const auto& [value, name] : kPlaces) {
        const std::int64_t digit = group / value % 10;
        if (digit == 0) {
            zero_between = !out.empty();
            continue;
        }
        out += zero_between ? capital(0) : "";
        out += capital(digit);
        out += name;
        zero_between = false;
    }
    return out;
}

std::string capital_yuan(std::int64_t yuan) {
    constexpr std::array<std::pair<std::int64_t, std::string_view>, 3> kGroups{
        {{100'000'000, "亿"}, {10'000, "万"}, {1, ""}}};
    std::string out;
    bool group_skipped = false;
    for (const auto& [value, name] : kGroups) {
        const std::int64_t group = yuan / value % 10'000;
        if (group == 0) {
            group_skipped = true;
            continue;
        }
        out += !out.empty() && (group < 1000 || group_skipped) ? capital(0) : "";
        out += capital_group(group);
        out += name;
        group_skipped = false;
    }
    return out;
}

StepPtr make_amount_uppercase(Arguments& arguments, const Surroundings&) {
    return value_step([prefix = arguments.text("prefix"), zheng = arguments.flag("zheng_after_jiao")](
                          const Value& value, const Moment&, Warnings&) -> Stepped {
        const auto* money = std::get_if<Money>(&value.held);
        if (money == nullptr) {
            return refuse_type(value);
        }
        auto text = amount_in_capitals(*money, prefix, zheng);
        if (!text) {
            return refuse("amount.range", "金额过大，无法大写", "the amount is too large for capitals");
        }
        return Value{std::move(*text)};
    });
}

Parameter unit_parameter() {
    return {.name = "unit",
            .kind = "choice",
            .required = true,
            .help_en = "what the number counts",
            .help_zh = "金额单位",
            .alone = true,
            .choices = {"元", "万元", "亿元", "分", "厘"}};
}

Entry parse_amount_entry() {
    return with_maker(Entry{.name = "parse_amount",
                            .in = Type::decimal,
                            .out = Type::money,
                            .rules = {"parse_amount", "amount.precision", "amount.range"},
                            .parameters = {unit_parameter(),
                                           {.name = "group",
                                            .kind = "text",
                                            .otherwise = ",",
                                            .help_en = "separator of thousands",
                                            .help_zh = "千分位分隔符"},
                                           {.name = "round",
                                            .kind = "choice",
                                            .otherwise = "reject",
                                            .help_en = "parts of a fen",
                                            .help_zh = "不足一分的部分如何处理",
                                            .choices = {"reject", "half_up", "half_even"}},
                                           pad_parameter()},
                            .inverse = "format_amount",
                            .help_en = "The text of an amount becomes whole fen, exactly.",
                            .help_zh = "金额文本转为整数分，精确，不经浮点",
                            .examples = {{"'8,500.00'", "元", "850000"},
                                         {"128.5", "万元", "128500000"},
                                         {"000000002638250", "{unit: 分, pad: {width: 15, char: '0'}}", "2638250"},
                                         {"'0.005'", "元", "!amount.precision"},
                                         {"'1.005'", "{unit: 元, round: half_up}", "101"},
                                         {"1e3", "元", "!parse_amount"},
                                         {"'1,23'", "元", "!parse_amount"},
                                         {"'100000000000000'", "元", "!amount.range"}}},
                      make_parse_amount);
}

Entry format_amount_entry() {
    return with_maker(
        Entry{.name = "format_amount",
              .in = Type::money,
              .out = Type::text,
              .rules = {"amount.precision"},
              .parameters = {unit_parameter(),
                             {.name = "scale",
                              .kind = "whole",
                              .help_en = "places; as many as the unit needs if not given",
                              .help_zh = "小数位数，未给时按单位所需"},
                             {.name = "group",
                              .kind = "flag",
                              .otherwise = "false",
                              .help_en = "commas by threes",
                              .help_zh = "每三位加逗号"},
                             pad_parameter()},
              .inverse = "parse_amount",
              .help_en = "Fen become the text of an amount; never rounded.",
              .help_zh = "整数分转为金额文本，不舍入",
              .examples = {{"123456789", "{unit: 元, group: true}", "1,234,567.89", Type::money},
                           {"-2638250", "{unit: 分, pad: {width: 15, char: '0'}}", "-00000002638250", Type::money},
                           {"128500001", "{unit: 万元, scale: 2}", "!amount.precision", Type::money},
                           {"5", "厘", "50", Type::money}}},
        make_format_amount);
}

}  // namespace

Stepped parse_amount_text(std::string_view text, const AmountForm& form) {
    const auto amount = parse_grouped_number(text, form.group);
    if (!amount) {
        return refuse("parse_amount", "不是金额", "not an amount");
    }
    return to_money(*amount, form);
}

std::optional<std::string> amount_in_capitals(Money money, std::string_view prefix, bool zheng_after_jiao) {
    if (money.fen >= kCapitalsLimit || money.fen <= -kCapitalsLimit) {
        return std::nullopt;
    }
    const std::int64_t all = money.fen < 0 ? -money.fen : money.fen;
    const std::int64_t yuan = all / 100;
    const std::int64_t jiao = all / 10 % 10;
    const std::int64_t fen = all % 10;
    std::string out{prefix};
    out += money.fen < 0 ? "负" : "";
    if (yuan != 0) {
        out += capital_yuan(yuan) + "元";
    }
    if (jiao == 0 && fen == 0) {
        return out + (yuan == 0 ? "零元整" : "整");
    }
    if (jiao != 0) {
        out += std::string{capital(jiao)} + "角";
    } else if (yuan != 0) {
        out += capital(0);
    }
    if (fen != 0) {
        out += std::string{capital(fen)} + "分";
    } else if (zheng_after_jiao) {
        out += "整";
    }
    return out;
}

std::vector<Entry> money_entries() {
    return {
        parse_amount_entry(),
        format_amount_entry(),
        with_maker(
            Entry{.name = "amount_uppercase",
                  .in = Type::money,
                  .out = Type::text,
                  .rules = {"amount.range"},
                  .parameters = {{.name = "prefix",
                                  .kind = "text",
                                  .otherwise = "人民币",
                                  .help_en = "in front",
                                  .help_zh = "前缀"},
                                 {.name = "zheng_after_jiao",
                                  .kind = "flag",
                                  .otherwise = "false",
                                  .help_en = "整 after 角 where there is no 分",
                                  .help_zh = "有角无分时角后写整"}},
                  .help_en = "Fen become the amount in capitals for documents.",
                  .help_zh = "金额大写（支付结算办法附一）",
                  .examples = {{"12864005", "", "人民币壹拾贰万捌仟陆佰肆拾元零伍分", Type::money},
                               {"140950", "{prefix: '', zheng_after_jiao: true}", "壹仟肆佰零玖元伍角整", Type::money},
                               {"100000000000000", "", "!amount.range", Type::money}}},
            make_amount_uppercase),
    };
}

}  // namespace datong::steps
