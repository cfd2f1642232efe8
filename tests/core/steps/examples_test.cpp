#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/steps/family.h"
#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;

namespace {

Value value_of(const yaml::Node& node, Type type);

Value list_of(const yaml::Node& node, Type type) {
    std::vector<Value> items;
    for (const yaml::Node& item : node.items) {
        items.push_back(value_of(item, type));
    }
    return Value{std::move(items)};
}

Value value_of(const yaml::Node& node, Type type) {
    if (node.is_list()) {
        return list_of(node, type);
    }
    if (node.is_empty()) {
        return Value{};
    }
    if (node.hex) {
        return Value{Bytes{node.text}};
    }
    const auto number = record::Decimal::parse(node.text);
    const auto time = record::parse_rfc3339(node.text);
    const auto date = record::parse_iso_date(type == Type::yearmonth ? node.text + "-01" : node.text);
    switch (type) {
        case Type::integer:
            return Value{number.value().to_integer().value()};
        case Type::money:
            return Value{Money{number.value().to_integer().value()}};
        case Type::decimal:
            return Value{number.value()};
        case Type::boolean:
            return Value{node.text == "true"};
        case Type::date:
            return Value{date.value()};
        case Type::yearmonth:
            return Value{record::YearMonth{date.value().year, date.value().month}};
        case Type::datetime:
            return Value{time.value()};
        default:
            return Value{node.text};
    }
}

Value given(const Example& example) {
    return value_of(tests::yaml_of(example.given), example.type);
}

}  // namespace

TEST_CASE("every example of every step gives what it says", "[steps]") {
    std::size_t count = 0;
    for (const Entry& entry : entries()) {
        for (const Example& example : entry.examples) {
            CAPTURE(entry.name, example.given, example.parameters);
            const tests::Made made = tests::make(entry.name, example.parameters);
            for (const Mistake& mistake : made.mistakes) {
                UNSCOPED_INFO(to_line(mistake));
            }
            REQUIRE(made.step != nullptr);
            CHECK(made.mistakes.empty());
            CHECK(tests::outcome(*made.step, given(example)) == example.gives);
            ++count;
        }
    }
    CHECK(count == 411);
}

TEST_CASE("every step has an example and help in both languages", "[steps]") {
    for (const Entry& entry : entries()) {
        CAPTURE(entry.name);
        CHECK_FALSE(entry.examples.empty());
        CHECK_FALSE(entry.help_en.empty());
        CHECK_FALSE(entry.help_zh.empty());
        CHECK(entry.fallible == !entry.rules.empty());
        CHECK_FALSE(entry.takes_null);
        for (const Parameter& parameter : entry.parameters) {
            CAPTURE(parameter.name);
            CHECK_FALSE(parameter.kind.empty());
            CHECK_FALSE(parameter.help_en.empty());
            CHECK_FALSE(parameter.help_zh.empty());
        }
    }
}

TEST_CASE("every step has two examples at least, and one that is refused where it is fallible", "[steps]") {
    for (const Entry& entry : entries()) {
        CAPTURE(entry.name);
        const auto refused = std::count_if(entry.examples.begin(), entry.examples.end(),
                                           [](const Example& one) { return one.gives.starts_with('!'); });
        CHECK(entry.examples.size() >= 2);
        CHECK(entry.examples.size() > static_cast<std::size_t>(refused));
        CHECK((refused > 0) == entry.fallible);
        CHECK_FALSE(entry.family_en.empty());
        CHECK_FALSE(entry.family_zh.empty());
    }
}

TEST_CASE("a step's examples show every rule that it lists, but for those with a test of their own", "[steps]") {
    const std::set<std::string> tested_elsewhere{"uscc.division", "uscc.org_code", "certificate.uscc",
                                                 "certificate.division", "certificate.length"};
    for (const Entry& entry : entries()) {
        std::set<std::string> raised;
        for (const Example& example : entry.examples) {
            const tests::Made made = tests::make(entry.name, example.parameters);
            REQUIRE(made.step != nullptr);
            Warnings warnings;
            const Stepped out = made.step->apply(given(example), tests::moment(), warnings);
            raised.insert(out ? "" : out.error().rule);
            for (const Refusal& warning : warnings) {
                raised.insert(warning.rule);
            }
        }
        for (const std::string& rule : entry.rules) {
            CAPTURE(entry.name, rule);
            const bool shared = entry.name.starts_with("resident_id_");  // with check_resident_id
            CHECK((raised.contains(rule) || tested_elsewhere.contains(rule) || shared));
        }
        raised.erase("");
        for (const std::string& rule : raised) {
            CAPTURE(entry.name, rule);
            CHECK(std::find(entry.rules.begin(), entry.rules.end(), rule) != entry.rules.end());
        }
    }
}

TEST_CASE("no value of any type makes a step raise a rule that it does not list", "[steps][security]") {
    const std::vector<Value> values{Value{Bytes{"\xFF"}},
                                    Value{std::string{"x"}},
                                    Value{std::string{}},
                                    Value{std::string{"999999999999999999999"}},
                                    Value{std::int64_t{-7}},
                                    Value{record::Decimal{-125, 2}},
                                    Value{Money{INT64_MIN}},
                                    Value{true},
                                    Value{record::Date{9999, 12, 31}},
                                    Value{record::DateTime{{1, 1, 1}, 0, 0, 0, 0}},
                                    Value{record::YearMonth{2024, 5}},
                                    Value{std::vector<Value>{}},
                                    Value{std::vector<Value>{Value{}, Value{Money{1}}, Value{std::string{"张"}}}},
                                    Value{std::string(300, '9')},
                                    Value{std::string{"\xE5\xBC"}},
                                    Value{std::string{"9999901990-01:01 壹"}}};
    for (const Entry& entry : entries()) {
        for (const Example& example : entry.examples) {
            const tests::Made made = tests::make(entry.name, example.parameters);
            REQUIRE(made.step != nullptr);
            for (const Value& value : values) {
                Warnings warnings;
                const Stepped out = made.step->apply(Value{value}, tests::moment(), warnings);
                const std::string rule = out ? "" : out.error().rule;
                CAPTURE(entry.name, example.parameters, to_text(value), rule);
                CHECK((rule.empty() || rule == kWrongType ||
                       std::find(entry.rules.begin(), entry.rules.end(), rule) != entry.rules.end()));
                for (const Refusal& warning : warnings) {
                    CHECK(std::find(entry.rules.begin(), entry.rules.end(), warning.rule) != entry.rules.end());
                }
            }
        }
    }
}

TEST_CASE("a refusal never holds the value that was refused", "[steps][security]") {
    for (const Entry& entry : entries()) {
        for (const Example& example : entry.examples) {
            const tests::Made made = tests::make(entry.name, example.parameters);
            const Value value = given(example);
            Warnings warnings;
            const Stepped out = made.step->apply(Value{value}, tests::moment(), warnings);
            const std::string text = to_text(value);
            if (out || count_chars(text) < 3) {
                continue;
            }
            CAPTURE(entry.name);
            CHECK(out.error().text_zh.find(text) == std::string::npos);
            CHECK(out.error().text_en.find(text) == std::string::npos);
            CHECK_FALSE(out.error().text_zh.empty());
            CHECK_FALSE(out.error().text_en.empty());
        }
    }
}

TEST_CASE("a step says beforehand what it takes and gives where its argument fixes it", "[steps]") {
    for (const Entry& entry : entries()) {
        for (const Example& example : entry.examples) {
            const tests::Made made = tests::make(entry.name, example.parameters);
            const auto inputs = made.step->known_inputs();
            const auto outputs = made.step->known_outputs();
            const std::string text{without_outer_space(to_text(given(example)))};
            const bool refused = example.gives.starts_with('!');
            const bool known_input = std::find(inputs.begin(), inputs.end(), text) != inputs.end();
            const bool known_output = std::find(outputs.begin(), outputs.end(), example.gives) != outputs.end();
            CAPTURE(entry.name, example.given, example.parameters);
            CHECK((inputs.empty() || refused || known_input));
            CHECK((outputs.empty() || refused || known_output));
        }
    }
}

TEST_CASE("what has an inverse comes back through it", "[steps]") {
    std::size_t round_trips = 0;
    for (const Entry& entry : entries()) {
        if (entry.inverse.empty() || entry.inverse == "identity") {
            continue;
        }
        CAPTURE(entry.name, entry.inverse);
        const Entry* inverse = find(entry.inverse);
        REQUIRE(inverse != nullptr);
        for (const Example& example : entry.examples) {
            const yaml::Node where;
            const yaml::Node argument = example.parameters.empty() ? yaml::Node{} : tests::yaml_of(example.parameters);
            Mistakes mistakes;
            const auto forward = tests::make(entry.name, example.parameters);
            const auto back = make_inverse(entry, example.parameters.empty() ? nullptr : &argument, where,
                                           tests::surroundings(), mistakes);
            Warnings warnings;
            const Stepped there = forward.step->apply(given(example), tests::moment(), warnings);
            if (!there || there->is_null()) {
                continue;
            }
            CAPTURE(example.given, example.parameters);
            REQUIRE(back != nullptr);
            const Stepped again = back->apply(Value{*there}, tests::moment(), warnings);
            if (!again) {
                CHECK(again.error().rule == "lookup.missing");  // what stands for missing codes is no code
                continue;
            }
            const Stepped twice = forward.step->apply(Value{*again}, tests::moment(), warnings);
            REQUIRE(twice.has_value());
            CHECK(*twice == *there);  // the text may differ (1,234 comes back as 1234); the value may not
            ++round_trips;
        }
    }
    CHECK(round_trips == 64);
}
