#include <algorithm>

#include "core/base/text.h"
#include "core/steps/family.h"
#include "core/steps/numbers.h"

namespace datong::steps {
namespace {

using record::Decimal;

constexpr int kFractionPlaces = 4;

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "1/3" as so many of `whole` (100: percent), rounded once; nullopt when it is no fraction of whole numbers.
std::optional<Decimal> fraction_of(std::string_view text, int whole, int scale) {
    const auto bar = text.find('/');
    if (bar == std::string_view::npos || !all_digits(text.substr(0, bar)) || !all_digits(text.substr(bar + 1))) {
        return std::nullopt;
    }
    const auto above = Decimal::parse(text.substr(0, bar));
    const auto below = Decimal::parse(text.substr(bar + 1));
    const auto fold = above ? multiply(*above, Decimal{whole}) : std::nullopt;
    return fold && below ? divide(*fold, *below, scale) : std::nullopt;
}

std::string_view without_percent_sign(std::string_view text) {
    for (const std::string_view sign : {"%", "％"}) {
        if (text.ends_with(sign)) {
            return without_outer_space(text.substr(0, text.size() - sign.size()));
        }
    }
    return text;
}

StepPtr make_parse_percent(Arguments& arguments, const Surroundings&) {
    const Places places = places_of(arguments);
    const bool fraction = arguments.flag("fraction");
    const bool as_ratio = arguments.choice("unit") == "one";
    return number_step([places, fraction, as_ratio](const std::string& text) -> Stepped {
        const auto part = fraction
                              ? fraction_of(text, as_ratio ? 1 : 100,
                                            places.scale.value_or(as_ratio ? kFractionPlaces + 2 : kFractionPlaces))
                              : std::nullopt;
        const auto percent = part ? std::nullopt : Decimal::parse(without_percent_sign(text));
        const auto value = part                  ? part
                           : percent && as_ratio ? divide(*percent, Decimal{100}, std::min(percent->scale() + 2, 38))
                                                 : percent;
        const auto scaled = value ? places.of(*value) : std::nullopt;
        if (!scaled) {
            return refuse("parse_percent", "不是百分比，或小数位数过多", "not a percentage, or too many places");
        }
        return Value{*scaled};
    });
}

StepPtr make_parse_rate(Arguments& arguments, const Surroundings&) {
    const Places places = places_of(arguments);
    const bool over_one_is_percent = arguments.choice("over_one") == "percent";
    return number_step([places, over_one_is_percent](const std::string& text) -> Stepped {
        const std::string_view digits = without_percent_sign(text);
        const bool has_sign = digits.size() != text.size();
        auto rate = Decimal::parse(digits);
        const bool in_percent = has_sign || (over_one_is_percent && rate && *rate > Decimal{1});
        if (rate && in_percent) {
            rate = divide(*rate, Decimal{100}, std::min(rate->scale() + 2, 38));
        }
        if (!rate || rate->is_negative() || *rate > Decimal{1}) {
            return refuse("parse_rate", "不是 0 到 1 之间的比率", "not a rate between 0 and 1");
        }
        const auto scaled = places.of(*rate);
        if (!scaled) {
            return refuse("parse_rate", "小数位数过多", "more decimal places than allowed");
        }
        return Value{*scaled};
    });
}

constexpr std::string_view kPlusLetters = "{ABCDEFGHI";
constexpr std::string_view kMinusLetters = "}JKLMNOPQR";

Decimal power_of_ten(int exponent) {
    return Decimal::parse("1" + std::string(static_cast<std::size_t>(exponent), '0')).value_or(Decimal{1});
}

/// Digits and sign of a COBOL number.
struct Signed {
    std::string digits;
    bool negative{};
};

/// The last byte of an overpunched number carries a digit and the sign: { A..I are +0..+9, } J..R are -0..-9.
Signed without_overpunch(std::string digits) {
    Signed out{std::move(digits), false};
    for (const std::string_view letters : {kPlusLetters, kMinusLetters}) {
        const auto at = out.digits.empty() ? std::string_view::npos : letters.find(out.digits.back());
        if (at != std::string_view::npos) {
            out.digits.back() = static_cast<char>('0' + at);
            out.negative = letters == kMinusLetters;
            break;
        }
    }
    return out;
}

Signed without_sign(std::string digits, const std::string& sign) {
    if (sign == "overpunch") {
        return without_overpunch(std::move(digits));
    }
    Signed out{std::move(digits), false};
    if (sign == "none" || out.digits.empty()) {
        return out;
    }
    const char mark = sign == "leading" ? out.digits.front() : out.digits.back();
    if (mark == '+' || mark == '-') {
        out.negative = mark == '-';
        out.digits.erase(sign == "leading" ? 0 : out.digits.size() - 1, 1);
    }
    return out;
}

StepPtr make_parse_implied_decimal(Arguments& arguments, const Surroundings&) {
    const int scale = static_cast<int>(arguments.whole("scale", 0, kMostPlaces));
    const Padding padding = arguments.padding("pad");
    return number_step([scale, sign = arguments.choice("sign"), fill = padding.fill](std::string_view text) -> Stepped {
        text.remove_prefix(fill == "0" ? 0 : std::min(text.find_first_not_of(fill), text.size()));
        Signed parts = without_sign(std::string{without_outer_space(text)}, sign);
        const auto places = static_cast<std::size_t>(scale);
        const bool good = all_digits(parts.digits);
        if (good && places > 0) {
            parts.digits.insert(0, std::max(parts.digits.size(), places + 1) - parts.digits.size(), '0');
            parts.digits.insert(parts.digits.size() - places, 1, '.');
        }
        const auto scaled = good ? Decimal::parse(parts.digits) : std::nullopt;
        if (!scaled) {
            return refuse("parse_implied_decimal", "不是隐含小数点的数", "no number with an implied point");
        }
        return Value{parts.negative ? scaled->negated() : *scaled};
    });
}

std::string with_sign(std::string digits, bool negative, const std::string& sign) {
    if (sign == "leading") {
        return digits.insert(0, 1, negative ? '-' : '+');
    }
    if (sign == "trailing") {
        return digits += negative ? '-' : '+';
    }
    if (sign == "overpunch") {
        const auto last = static_cast<std::size_t>(digits.back() - '0');
        digits.back() = (negative ? kMinusLetters : kPlusLetters)[last];
    }
    return digits;
}

StepPtr make_format_implied_decimal(Arguments& arguments, const Surroundings&) {
    const int scale = static_cast<int>(arguments.whole("scale", 0, kMostPlaces));
    const Padding padding = arguments.padding("pad");
    return value_step(
        [scale, sign = arguments.choice("sign"), padding](const Value& value, const Moment&, Warnings&) -> Stepped {
            const auto number = value.type() == Type::money ? std::nullopt : to_number(value);
            const auto shifted = number ? multiply(*number, power_of_ten(scale)) : std::nullopt;
            const auto whole = shifted ? shifted->rescale(0, Decimal::Rounding::reject) : std::nullopt;
            if (!whole || (sign == "none" && whole->is_negative())) {
                return refuse("format_implied_decimal", "该数写不成这种隐含小数点形式",
                              "the number does not fit an implied point of this form");
            }
            const std::string digits = (whole->is_negative() ? whole->negated() : *whole).to_text();
            const std::size_t signs = sign == "leading" || sign == "trailing" ? 1 : 0;
            const std::size_t width = std::max(padding.width, signs) - signs;
            const std::string filling(width - std::min(width, digits.size()), padding.fill.front());
            const bool within = padding.fill == "0";  // zeros are digits; what is none stands before the sign
            return Value{within ? with_sign(filling + digits, whole->is_negative(), sign)
                                : filling + with_sign(digits, whole->is_negative(), sign)};
        });
}

Parameter sign_parameter() {
    return {.name = "sign",
            .kind = "choice",
            .otherwise = "none",
            .help_en = "where the sign stands",
            .help_zh = "符号的位置",
            .choices = {"none", "leading", "trailing", "overpunch"}};
}

Entry parse_percent_entry() {
    return with_maker(
        Entry{.name = "parse_percent",
              .in = Type::text,
              .out = Type::decimal,
              .rules = {"parse_percent"},
              .parameters = {scale_parameter(false),
                             round_parameter(),
                             {.name = "unit",
                              .kind = "choice",
                              .otherwise = "percent",
                              .help_en = "percent: 50% is 50; one: 50% is 0.5",
                              .help_zh = "percent：50% 为 50；one：50% 为 0.5",
                              .choices = {"percent", "one"}},
                             {.name = "fraction",
                              .kind = "flag",
                              .otherwise = "false",
                              .help_en = "1/3 is read too, rounded half up",
                              .help_zh = "也接受 1/3，四舍五入"}},
              .help_en = "A percentage with or without its sign.",
              .help_zh = "百分比",
              .examples = {{"50%", "{scale: 4}", "50.0000"},
                           {"33.3 ％", "", "33.3"},
                           {"1/3", "{scale: 4, fraction: true}", "33.3333"},
                           {"12.5%", "{unit: one}", "0.125"},
                           {"2499/20000", "{unit: one, scale: 2, round: half_up, fraction: true}", "0.12"},
                           {"1/3", "", "!parse_percent"},
                           {"1/0", "{fraction: true}", "!parse_percent"},
                           {"0.12345", "{scale: 4}", "!parse_percent"}}},
        make_parse_percent);
}

Entry parse_rate_entry() {
    return with_maker(Entry{.name = "parse_rate",
                            .in = Type::text,
                            .out = Type::decimal,
                            .rules = {"parse_rate"},
                            .parameters = {scale_parameter(false),
                                           round_parameter(),
                                           {.name = "over_one",
                                            .kind = "choice",
                                            .otherwise = "reject",
                                            .help_en = "percent: 12 means 0.12",
                                            .help_zh = "percent：12 表示 0.12",
                                            .choices = {"reject", "percent"}}},
                            .help_en = "A rate from 0 to 1.",
                            .help_zh = "0 到 1 之间的比率；写成 12 的须明写 over_one: percent",
                            .examples = {{"0.12", "{scale: 4}", "0.1200"},
                                         {"12", "{over_one: percent, scale: 4}", "0.1200"},
                                         {"12", "", "!parse_rate"},
                                         {"12%", "", "0.12"},
                                         {"101", "{over_one: percent}", "!parse_rate"},
                                         {"-0.1", "", "!parse_rate"},
                                         {"0.12345", "{scale: 4}", "!parse_rate"}}},
                      make_parse_rate);
}

Entry parse_implied_decimal_entry() {
    return with_maker(
        Entry{.name = "parse_implied_decimal",
              .in = Type::text,
              .out = Type::decimal,
              .rules = {"parse_implied_decimal"},
              .parameters = {scale_parameter(true), sign_parameter(), pad_parameter()},
              .inverse = "format_implied_decimal",
              .help_en = "Digits with the point left out, as COBOL writes them.",
              .help_zh = "隐含小数点的定长数字（COBOL 风格）",
              .examples = {{"'000300'", "{scale: 4}", "0.0300"},
                           {"00012D", "{scale: 2, sign: overpunch}", "1.24"},
                           {"00012M", "{scale: 2, sign: overpunch}", "-1.24"},
                           {"00124-", "{scale: 2, sign: trailing}", "-1.24"},
                           {"-00124", "{scale: 2, sign: leading}", "-1.24"},
                           {"-00124", "{scale: 2}", "!parse_implied_decimal"},
                           {"'    -525'", "{scale: 2, sign: leading, pad: {width: 8}}", "-5.25"},
                           {"'-    525'", "{scale: 2, sign: leading}", "!parse_implied_decimal"},
                           {"'***-525'", "{scale: 2, sign: leading, pad: {width: 7, char: '*'}}", "-5.25"},
                           {"00.124", "{scale: 2}", "!parse_implied_decimal"}}},
        make_parse_implied_decimal);
}

Entry format_implied_decimal_entry() {
    return with_maker(Entry{.name = "format_implied_decimal",
                            .in = Type::decimal,
                            .out = Type::text,
                            .rules = {"format_implied_decimal"},
                            .parameters = {scale_parameter(true), sign_parameter(), pad_parameter()},
                            .inverse = "parse_implied_decimal",
                            .help_en = "A number with its point left out; never rounded.",
                            .help_zh = "写成隐含小数点的定长数字，不舍入",
                            .examples = {{"0.03", "{scale: 4, pad: {width: 6, char: '0'}}", "000300"},
                                         {"-1.24", "{scale: 2, sign: overpunch, pad: {width: 6, char: '0'}}", "00012M"},
                                         {"-1.24", "{scale: 2, sign: trailing, pad: {width: 6, char: '0'}}", "00124-"},
                                         {"-5.25", "{scale: 2, sign: leading, pad: {width: 8}}", "    -525"},
                                         {"-5.25", "{scale: 2, sign: leading, pad: {width: 8, char: '0'}}", "-0000525"},
                                         {"1.245", "{scale: 2}", "!format_implied_decimal"},
                                         {"-1", "{scale: 2}", "!format_implied_decimal"}}},
                      make_format_implied_decimal);
}

}  // namespace

std::vector<Entry> rate_entries() {
    return {
        parse_percent_entry(),
        parse_rate_entry(),
        parse_implied_decimal_entry(),
        format_implied_decimal_entry(),
    };
}

}  // namespace datong::steps
