#include <array>

#include "core/steps/family.h"
#include "core/steps/numbers.h"

namespace datong::steps {
namespace {

using record::Decimal;

/// The number with its sign turned, of the same type; text becomes a decimal.
Stepped turned(const Value& value) {
    const auto* whole = std::get_if<std::int64_t>(&value.held);
    const auto* money = std::get_if<Money>(&value.held);
    if ((whole != nullptr && *whole == INT64_MIN) || (money != nullptr && money->fen == INT64_MIN)) {
        return refuse("number.range", "数过大", "the number is too large");
    }
    if (whole != nullptr) {
        return Value{-*whole};
    }
    if (money != nullptr) {
        return Value{Money{-money->fen}};
    }
    if (value.type() != Type::text && value.type() != Type::decimal) {
        return refuse_type(value);
    }
    const auto number = to_number(value);
    if (!number) {
        return refuse("number.invalid", "不是数", "not a number");
    }
    return Value{number->negated()};
}

StepPtr make_negate(Arguments&, const Surroundings&) {
    return value_step([](const Value& value, const Moment&, Warnings&) { return turned(value); });
}

StepPtr make_abs(Arguments&, const Surroundings&) {
    return value_step([](Value&& value, const Moment&, Warnings&) -> Stepped {
        const auto number = to_number(value);
        if (!number || number->is_negative()) {
            return turned(value);
        }
        return value.type() == Type::text ? Value{*number} : std::move(value);
    });
}

/// A unit as so many of the least unit of its kind: above/below.
struct Unit {
    std::string_view name;
    char kind;  ///< a: area in ㎡, m: money in 元
    std::int64_t above;
    std::int64_t below;
};

constexpr std::array<Unit, 6> kUnits{{{"㎡", 'a', 1, 1},
                                      {"亩", 'a', 2000, 3},  // 1 公顷 = 15 亩: exactly 2000/3 ㎡
                                      {"公顷", 'a', 10'000, 1},
                                      {"元", 'm', 1, 1},
                                      {"万元", 'm', 10'000, 1},
                                      {"亿元", 'm', 100'000'000, 1}}};

const Unit& unit_of(std::string_view name) {
    for (const Unit& one : kUnits) {
        if (one.name == name) {
            return one;
        }
    }
    return kUnits.front();
}

/// The quotient at a scale, rounded as told; nullopt when it is not exact and must be, and on overflow.
std::optional<Decimal> quotient(const Decimal& above, const Decimal& below, int scale, Decimal::Rounding rounding) {
    const auto near = divide(above, below, scale);  // half up
    const auto back = near ? multiply(*near, below) : std::nullopt;
    const auto rest = back ? subtract(above, *back) : std::nullopt;
    if (!rest) {
        return std::nullopt;
    }
    if (*rest == Decimal{} || rounding == Decimal::Rounding::half_up) {
        return near;
    }
    if (rounding == Decimal::Rounding::reject) {
        return std::nullopt;
    }
    const Decimal step{1, scale};
    const auto twice = multiply(*rest, Decimal{2});
    const auto tie = multiply(below, step);
    const bool is_tie = twice && tie && (*twice == *tie || *twice == tie->negated());
    const bool odd = (near->to_text().back() - '0') % 2 == 1;
    return is_tie && odd ? subtract(*near, near->is_negative() ? step.negated() : step) : near;
}

/// Without zeros behind the point that say nothing.
Decimal shortest(Decimal number) {
    while (number.scale() > 0) {
        const auto shorter = number.rescale(number.scale() - 1, Decimal::Rounding::reject);
        if (!shorter) {
            break;
        }
        number = *shorter;
    }
    return number;
}

struct Conversion {
    Unit from;
    Unit to;
    Places places;

    [[nodiscard]] std::optional<Decimal> of(const Decimal& number) const {
        constexpr int kMorePlaces = 8;  // 元 in 亿元
        const auto above = multiply(number, Decimal{from.above * to.below});
        const Decimal below{from.below * to.above};
        if (!above) {
            return std::nullopt;
        }
        if (places.scale) {
            return quotient(*above, below, *places.scale, places.rounding);
        }
        const int scale = std::min(number.scale() + kMorePlaces, 38);
        const auto exact = quotient(*above, below, scale, Decimal::Rounding::reject);
        return exact ? std::optional{shortest(*exact)} : std::nullopt;
    }
};

StepPtr make_convert_unit(Arguments& arguments, const Surroundings&) {
    const Conversion conversion{unit_of(arguments.choice("from")), unit_of(arguments.choice("to")),
                                places_of(arguments)};
    if (conversion.from.kind != conversion.to.kind) {
        arguments.mistake("to", "面积与金额不能互相换算", "an area can't become an amount",
                          conversion.from.kind == 'a' ? "㎡, 亩, 公顷" : "元, 万元, 亿元");
    }
    return number_step([conversion](const std::string& text) -> Stepped {
        const auto number = Decimal::parse(text);
        if (!number) {
            return refuse("number.invalid", "不是数", "not a number");
        }
        const auto converted = conversion.of(*number);
        if (!converted) {
            return refuse("convert.precision", "换算结果不能用此小数位数准确写出",
                          "the result can't be written exactly with these places");
        }
        return Value{*converted};
    });
}

Parameter unit_parameter(std::string name, std::string help_en, std::string help_zh) {
    std::vector<std::string> choices;
    choices.reserve(kUnits.size());
    for (const Unit& one : kUnits) {
        choices.emplace_back(one.name);
    }
    return {.name = std::move(name),
            .kind = "choice",
            .required = true,
            .help_en = std::move(help_en),
            .help_zh = std::move(help_zh),
            .choices = std::move(choices)};
}

Entry sign_entry(std::string name, std::string help_en, std::string help_zh, std::vector<Example> examples) {
    Entry entry;
    entry.name = std::move(name);
    entry.in = Type::decimal;
    entry.rules = {"number.invalid", "number.range"};
    entry.help_en = std::move(help_en);
    entry.help_zh = std::move(help_zh);
    entry.examples = std::move(examples);
    return entry;
}

}  // namespace

std::vector<Entry> arithmetic_entries() {
    Entry negate = sign_entry("negate", "The number with its sign turned.", "取相反数",
                              {{"-1.50", "", "1.50"},
                               {"300", "", "-300", Type::money},
                               {"x", "", "!number.invalid"},
                               {"-9223372036854775808", "", "!number.range", Type::integer}});
    negate.inverse = "negate";
    return {
        with_maker(sign_entry("abs", "The number without its sign.", "取绝对值",
                              {{"-1.50", "", "1.50"},
                               {"'7'", "", "7"},
                               {"-300", "", "300", Type::money},
                               {"x", "", "!number.invalid"},
                               {"-9223372036854775808", "", "!number.range", Type::integer}}),
                   make_abs),
        with_maker(std::move(negate), make_negate),
        with_maker(
            Entry{.name = "convert_unit",
                  .in = Type::decimal,
                  .out = Type::decimal,
                  .rules = {"number.invalid", "convert.precision"},
                  .parameters = {unit_parameter("from", "unit of the number", "原单位"),
                                 unit_parameter("to", "unit wanted", "目标单位"), scale_parameter(false),
                                 round_parameter()},
                  .help_en = "A number in another unit of area or money; without a scale the result must be exact.",
                  .help_zh = "换算面积或金额单位（1亩=2000/3㎡）；未给 scale 时须能准确写出",
                  .examples = {{"1.5", "{from: 公顷, to: 亩}", "22.5"},
                               {"100", "{from: ㎡, to: 亩}", "0.15"},
                               {"1", "{from: 亩, to: ㎡, scale: 2, round: half_up}", "666.67"},
                               {"1", "{from: 亩, to: ㎡}", "!convert.precision"},
                               {"1", "{from: 亩, to: ㎡, scale: 2}", "!convert.precision"},
                               {"25", "{from: ㎡, to: 公顷, scale: 3, round: half_even}", "0.002"},
                               {"35", "{from: ㎡, to: 公顷, scale: 3, round: half_even}", "0.004"},
                               {"8500", "{from: 元, to: 万元}", "0.85"},
                               {"x", "{from: 元, to: 万元}", "!number.invalid"}}},
            make_convert_unit),
    };
}

}  // namespace datong::steps
