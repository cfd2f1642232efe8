#include "core/steps/numbers.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/steps/family.h"

namespace datong::steps {
namespace {

using record::Decimal;
using Rounding = Decimal::Rounding;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Digits grouped by threes from the right become digits; nullopt when a group is of another size.
std::optional<std::string> without_groups(std::string_view text, std::string_view group) {
    std::string out;
    bool first = true;
    for (;;) {
        const auto end = text.find(group);
        const std::string_view part = text.substr(0, end);
        const bool good = first ? part.size() <= 3 && !part.empty() : part.size() == 3;
        if (!good || !all_digits(part)) {
            return std::nullopt;
        }
        out += part;
        if (end == std::string_view::npos) {
            return out;
        }
        text.remove_prefix(end + group.size());
        first = false;
    }
}

StepPtr make_parse_integer(Arguments& arguments, const Surroundings&) {
    const auto least = arguments.decimal("min");
    const auto most = arguments.decimal("max");
    return number_step([least, most, group = group_of(arguments)](const std::string& text) -> Stepped {
        constexpr std::size_t kMostDigits = 18;
        const auto digits = std::count_if(text.begin(), text.end(), is_digit);
        const auto number = parse_grouped_number(text, group);
        if (!number || number->scale() != 0 || static_cast<std::size_t>(digits) > kMostDigits) {
            return refuse("parse_integer", "不是整数", "not a whole number");
        }
        if ((least && *number < *least) || (most && *number > *most)) {
            return refuse("parse_integer", "整数超出范围", "the whole number is out of range");
        }
        return Value{number->to_integer().value_or(0)};
    });
}

StepPtr make_parse_decimal(Arguments& arguments, const Surroundings&) {
    return number_step(
        [places = places_of(arguments), group = group_of(arguments)](const std::string& text) -> Stepped {
            const auto number = parse_grouped_number(text, group);
            if (!number) {
                return refuse("parse_decimal", "不是数", "not a number");
            }
            const auto scaled = places.of(*number);
            if (!scaled) {
                return refuse("parse_decimal", "小数位数过多", "more decimal places than allowed");
            }
            return Value{*scaled};
        });
}

StepPtr make_round(Arguments& arguments, const Surroundings&) {
    const int scale = static_cast<int>(arguments.whole("scale", 0, kMostPlaces));
    const Rounding rounding = rounding_of(arguments.choice("mode"));
    return value_step([scale, rounding](const Value& value, const Moment&, Warnings&) -> Stepped {
        if (value.type() != Type::text && value.type() != Type::integer && value.type() != Type::decimal) {
            return refuse_type(value);
        }
        const auto number = to_number(value);
        const auto rounded = number ? number->rescale(scale, rounding) : std::nullopt;
        if (!rounded) {
            return refuse("number.invalid", "不是数", "not a number");
        }
        return Value{*rounded};
    });
}

StepPtr make_to_text(Arguments& arguments, const Surroundings&) {
    const auto width = static_cast<std::size_t>(arguments.whole("width", 0, 1000));
    const std::string fill = arguments.text("pad");
    if (fill.size() != 1) {
        arguments.mistake("pad", "填充字符只能是一个 ASCII 字符", "the filling must be one ASCII character");
        return nullptr;
    }
    return text_step([padding = Padding{width, fill}](std::string text) -> Stepped {
        return Value{padded(std::move(text), padding)};
    });
}

/// Bounds of check_range, as numbers or as dates.
struct Range {
    std::optional<Decimal> least;
    std::optional<Decimal> most;
    std::optional<std::string> first;  ///< ISO dates compare as texts
    std::optional<std::string> last;
};

std::optional<bool> is_within(const Range& range, const Value& value) {
    if (range.first || range.last) {
        if (value.type() != Type::date && value.type() != Type::datetime && value.type() != Type::yearmonth) {
            return std::nullopt;
        }
        const std::string text = to_text(value);
        const std::string least = range.first.value_or("").substr(0, text.size());
        const std::string most = range.last.value_or(text).substr(0, text.size());
        return text >= least && text.substr(0, most.size()) <= most;
    }
    const auto number = to_number(value);
    if (!number) {
        return std::nullopt;
    }
    return (!range.least || *number >= *range.least) && (!range.most || *number <= *range.most);
}

Range range_of(Arguments& arguments) {
    Range range;
    const std::string first = arguments.text("min");
    const std::string last = arguments.text("max");
    if (first.empty() && last.empty()) {
        arguments.mistake("min", "要写 min 或 max", "min or max is needed");
        return range;
    }
    const auto is_date = [](const std::string& bound) { return bound.empty() || record::parse_iso_date(bound); };
    if (is_date(first) && is_date(last)) {
        range.first = first.empty() ? std::nullopt : std::optional{first};
        range.last = last.empty() ? std::nullopt : std::optional{last};
        return range;
    }
    range.least = arguments.decimal("min");
    range.most = arguments.decimal("max");
    if (range.least && range.most && *range.least > *range.most) {
        arguments.mistake("max", "max 小于 min", "max is less than min");
    }
    return range;
}

StepPtr make_check_range(Arguments& arguments, const Surroundings&) {
    return value_step([range = range_of(arguments)](Value&& value, const Moment&, Warnings&) -> Stepped {
        const auto within = is_within(range, value);
        if (!within && value.type() != Type::text) {
            return refuse_type(value);
        }
        if (!within.value_or(false)) {
            return refuse("check.range", "超出允许范围", "out of the allowed range");
        }
        return value;
    });
}

Parameter group_parameter() {
    return {.name = "group",
            .kind = "text",
            .otherwise = ",",
            .help_en = "separator of thousands",
            .help_zh = "千分位分隔符"};
}

Entry parse_integer_entry() {
    return with_maker(
        Entry{.name = "parse_integer",
              .in = Type::text,
              .out = Type::integer,
              .rules = {"parse_integer"},
              .parameters = {{.name = "min", .kind = "decimal", .help_en = "least", .help_zh = "最小值"},
                             {.name = "max", .kind = "decimal", .help_en = "greatest", .help_zh = "最大值"},
                             group_parameter()},
              .inverse = "to_text",
              .help_en = "At most 18 digits, with or without sign and groups.",
              .help_zh = "整数，至多18位",
              .examples = {{"'1,234'", "", "1234"},
                           {"-007", "", "-7"},
                           {"'12.0'", "", "!parse_integer"},
                           {"'1234567890123456789'", "", "!parse_integer"},
                           {"5", "{max: 4}", "!parse_integer"}}},
        make_parse_integer);
}

Entry parse_decimal_entry() {
    return with_maker(Entry{.name = "parse_decimal",
                            .in = Type::text,
                            .out = Type::decimal,
                            .rules = {"parse_decimal"},
                            .parameters = {scale_parameter(false), round_parameter(), group_parameter()},
                            .inverse = "to_text",
                            .help_en = "An exact decimal; with a scale, exactly so many places.",
                            .help_zh = "精确小数；给出 scale 时位数固定，多出的位数默认拒绝",
                            .examples = {{"'1,234.5'", "{scale: 2}", "1234.50"},
                                         {"1.005", "{scale: 2}", "!parse_decimal"},
                                         {"1.005", "{scale: 2, round: half_up}", "1.01"},
                                         {"2.5", "{scale: 0, round: half_even}", "2"},
                                         {"1e3", "", "!parse_decimal"}}},
                      make_parse_decimal);
}

Entry round_entry() {
    return with_maker(Entry{.name = "round",
                            .in = Type::decimal,
                            .out = Type::decimal,
                            .rules = {"number.invalid"},
                            .parameters = {{.name = "scale",
                                            .kind = "whole",
                                            .required = true,
                                            .help_en = "places behind the point",
                                            .help_zh = "小数位数",
                                            .alone = true},
                                           {.name = "mode",
                                            .kind = "choice",
                                            .otherwise = "half_up",
                                            .help_en = "half_up: away from zero; half_even: GB/T 8170",
                                            .help_zh = "half_up：四舍五入；half_even：GB/T 8170 修约",
                                            .choices = {"half_up", "half_even"}}},
                            .help_en = "Rounded to so many places.",
                            .help_zh = "修约到指定小数位",
                            .examples = {{"2.5", "0", "3", Type::decimal},
                                         {"2.5", "{scale: 0, mode: half_even}", "2"},
                                         {"-2.5", "0", "-3"},
                                         {"x", "0", "!number.invalid"}}},
                      make_round);
}

Entry to_text_entry() {
    return with_maker(
        Entry{.name = "to_text",
              .in = Type::any,
              .out = Type::text,
              .parameters =
                  {{.name = "width",
                    .kind = "whole",
                    .otherwise = "0",
                    .help_en = "filled up to",
                    .help_zh = "填充到的宽度"},
                   {.name = "pad", .kind = "text", .otherwise = " ", .help_en = "with this", .help_zh = "填充字符"}},
              .help_en = "The text of any value, filled on the left; a sign stays in front of zeros.",
              .help_zh = "任意值转文本，可左侧填充",
              .examples = {{"42", "{width: 6, pad: '0'}", "000042", Type::integer},
                           {"-42", "{width: 6, pad: '0'}", "-00042", Type::integer},
                           {"'2023-05-18'", "", "2023-05-18", Type::date}}},
        make_to_text);
}

Entry check_range_entry() {
    return with_maker(
        Entry{.name = "check_range",
              .rules = {"check.range"},
              .parameters =
                  {{.name = "min", .kind = "text", .help_en = "least number or date", .help_zh = "最小的数或日期"},
                   {.name = "max", .kind = "text", .help_en = "greatest number or date", .help_zh = "最大的数或日期"}},
              .inverse = "identity",
              .help_en = "A number (money in fen) or a date within bounds, both allowed.",
              .help_zh = "数（金额按分）或日期在范围内，含两端",
              .examples = {{"0.2", "{min: '0.0001', max: '0.2'}", "0.2"},
                           {"-300", "{min: '0'}", "!check.range", Type::money},
                           {"x", "{min: '0'}", "!check.range"},
                           {"'2023-05-18'", "{max: '2023-05-18'}", "2023-05-18", Type::date},
                           {"'2023-05-19'", "{max: '2023-05-18'}", "!check.range", Type::date}}},
        make_check_range);
}

}  // namespace

std::string group_of(Arguments& arguments) {
    std::string group = arguments.text("group");
    if (group.find_first_of(".+-0123456789") != std::string::npos) {
        arguments.mistake("group", "千分位分隔符不能是小数点、正负号或数字",
                          "a separator of thousands is no point, sign or digit", ",");
    }
    return group;
}

std::optional<Decimal> parse_grouped_number(std::string_view text, std::string_view group) {
    if (group.empty() || text.find(group) == std::string_view::npos) {
        return Decimal::parse(text);
    }
    std::string sign;
    if (text.starts_with('-') || text.starts_with('+')) {
        sign = text.substr(0, 1);
        text.remove_prefix(1);
    }
    const auto point = std::min(text.find('.'), text.size());
    const auto whole = without_groups(text.substr(0, point), group);
    return whole ? Decimal::parse(sign + *whole + std::string{text.substr(point)}) : std::nullopt;
}

Decimal::Rounding rounding_of(std::string_view choice) {
    return choice == "half_up" ? Rounding::half_up : choice == "half_even" ? Rounding::half_even : Rounding::reject;
}

std::optional<Decimal> Places::of(const Decimal& number) const {
    return scale ? number.rescale(*scale, rounding) : number;
}

Places places_of(Arguments& arguments) {
    Places places;
    if (arguments.has("scale")) {
        places.scale = static_cast<int>(arguments.whole("scale", 0, kMostPlaces));
    }
    places.rounding = rounding_of(arguments.choice("round"));
    return places;
}

Parameter scale_parameter(bool required) {
    return {.name = "scale",
            .kind = "whole",
            .required = required,
            .help_en = "places behind the point",
            .help_zh = "小数位数"};
}

Parameter round_parameter() {
    return {.name = "round",
            .kind = "choice",
            .otherwise = "reject",
            .help_en = "what is done with further places",
            .help_zh = "多出的小数位如何处理",
            .choices = {"reject", "half_up", "half_even"}};
}

std::vector<Entry> number_entries() {
    return {
        parse_integer_entry(), parse_decimal_entry(), round_entry(), to_text_entry(), check_range_entry(),
    };
}

}  // namespace datong::steps
