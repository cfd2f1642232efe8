#include <set>

#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;

TEST_CASE("a wrong parameter is a mistake M301 at its place", "[steps]") {
    struct Row {
        std::string step;
        std::string argument;
        int column;
        std::string hint;
    };
    const auto row = GENERATE(
        values<Row>({{"trim", "{sid: left}", 2, "side"},
                     {"trim", "lefft", 1, "left"},
                     {"trim", "[left]", 1, ""},
                     {"upper", "{a: b}", 2, ""},
                     {"upper", "x", 1, ""},
                     {"lookup", "{column: to}", 1, ""},
                     {"left", "zero", 1, ""},
                     {"left", "0", 1, ""},
                     {"left", "1.5", 1, ""},
                     {"parse_decimal", "{scale: -1}", 9, ""},
                     {"parse_decimal", "{scale: 2, round: up}", 19, ""},
                     {"check_pattern", "'('", 1, "RE2 syntax: no look-around, no back-references"},
                     {"check_pattern", "'(?=x)'", 1, "RE2 syntax: no look-around, no back-references"},
                     {"check_range", "{min: low}", 7, ""},
                     {"check_range", "{min: '2', max: '1'}", 17, ""},
                     {"check_length", "{min: 2, max: 1}", 15, ""},
                     {"replace", "{a: [b]}", 1, ""},
                     {"replace", "{}", 1, ""},
                     {"replace_back", "{a: x, b: x}", 1, ""},
                     {"replace_back", "{a: ''}", 1, ""},
                     {"replace_regex", "{pattern: '(a)', with: '\\2'}", 24, ""},
                     {"extract", "abc", 1, "put ( ) around the part, or group: 0"},
                     {"split", "''", 1, ""},
                     {"template", "'no item'", 1, "write {{ and }} for braces"},
                     {"template", "'{0'", 1, "write {{ and }} for braces"},
                     {"template", "'{name}'", 1, "write {{ and }} for braces"},
                     {"null_if", "[]", 1, ""},
                     {"null_if", "{tokens: [[a]]}", 10, ""},
                     {"decode_charset", "gb18031", 1, ""},
                     {"pad_left", "{width: 3, char: ab}", 18, ""},
                     {"parse_amount", "{unit: 元, pad: 5}", 16, ""},
                     {"parse_amount", "{unit: 元, group: '.'}", 18, ","},
                     {"parse_decimal", "{group: '-'}", 9, ","},
                     {"parse_integer", "{group: '0'}", 9, ","},
                     {"parse_boolean", "{when_true: [a], when_false: [a]}", 30, ""},
                     {"split", "{sep: ',', trim: maybe}", 18, ""},
                     {"normalize", "nfd", 1, "nfc"},
                     {"convert_unit", "{from: 亩, to: 元}", 15, "㎡, 亩, 公顷"},
                     {"date_add", "{month: 1}", 2, "months"},
                     {"date_add", "{}", 1, ""},
                     {"check_date_range", "{min: 2024-01-02, max: 2024-01-01}", 24, ""},
                     {"check_date_range", "{min: 20240101}", 7, ""},
                     {"age_at", "soon", 1, ""},
                     {"make_certificate_id", "{type: 11100000MB03271699, issuer: 11999901MB0000019U}", 8, ""},
                     {"make_certificate_id", "{type: 11100000MB03271699022, issuer: 11999901MB0000019V}", 39, ""},
                     {"real_estate_unit_part", "parsel", 1, "parcel"}}));
    CAPTURE(row.step, row.argument);
    const auto made = tests::make(row.step, row.argument);
    CHECK(made.step == nullptr);
    REQUIRE(made.mistakes.size() == 1);
    const Mistake& mistake = made.mistakes.front();
    CAPTURE(to_line(mistake));
    CHECK(mistake.code == "M301");
    CHECK(mistake.severity == Severity::error);
    CHECK(mistake.where.file == "test.yaml");
    CHECK(mistake.where.line == 1);
    CHECK(mistake.where.column == row.column);
    if (!row.hint.empty()) {
        CHECK(mistake.hint == row.hint);
    }
    CHECK_FALSE(mistake.text_zh.empty());
    CHECK_FALSE(mistake.text_en.empty());
}

TEST_CASE("a step whose parameters are needed says so when it stands alone", "[steps]") {
    const std::set<std::string> needs_one_of_several{"check_range", "check_date_range", "date_add"};
    for (const Entry& entry : entries()) {
        bool needs = false;
        for (const Parameter& parameter : entry.parameters) {
            needs = needs || parameter.required;
        }
        CAPTURE(entry.name);
        const auto made = tests::make(entry.name, "");
        if (needs) {
            CHECK(made.step == nullptr);
            CHECK(has_errors(made.mistakes));
        } else if (!needs_one_of_several.contains(entry.name)) {
            CHECK(made.step != nullptr);
        }
    }
}

TEST_CASE("all mistakes of one argument are told at once", "[steps]") {
    const auto made = tests::make("parse_boolean", "{when_ture: [a], when_flase: [b]}");
    CHECK(made.mistakes.size() == 4);  // two unknown, two missing
}

TEST_CASE("a parameter may stand without its name where only one can be meant", "[steps]") {
    CHECK(tests::run("lookup", "gender", Value{std::string{"1"}}) ==
          tests::run("lookup", "{table: gender}", Value{std::string{"1"}}));
    CHECK(tests::run("parse_date", "[yyyyMMdd]", Value{std::string{"20240501"}}) ==
          tests::run("parse_date", "{pattern: [yyyyMMdd]}", Value{std::string{"20240501"}}));
    CHECK(tests::run("trim", "~", Value{std::string{" a "}}) == "a");
}

TEST_CASE("pseudonyms need a key that the gateway has", "[steps][security]") {
    CHECK(tests::run("pseudonymize", "other", Value{std::string{"x"}}) == "mistake");
    Surroundings none;
    CHECK(tests::make("pseudonymize", "example", none).step == nullptr);
    const std::string one = tests::run("pseudonymize", "example", Value{std::string{"x"}});
    CHECK(one.size() == 32);
    CHECK(one == tests::run("pseudonymize", "example", Value{std::string{"x"}}));
    CHECK(one != tests::run("pseudonymize", "example", Value{std::string{"y"}}));
    CHECK(tests::run("pseudonymize", "{key: example, len: 8}", Value{std::string{"x"}}) == "mistake");
}
