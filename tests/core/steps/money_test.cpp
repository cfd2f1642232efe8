#include "core/steps/numbers.h"
#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;
using tests::run;

TEST_CASE("an amount in capitals follows the rule's own examples", "[steps]") {
    struct Row {
        std::int64_t fen;
        std::string text;
    };
    const auto row =
        GENERATE(values<Row>({{140950, "人民币壹仟肆佰零玖元伍角"},
                              {600714, "人民币陆仟零柒元壹角肆分"},
                              {1640902, "人民币壹万陆仟肆佰零玖元零贰分"},
                              {32504, "人民币叁佰贰拾伍元零肆分"},
                              {168032, "人民币壹仟陆佰捌拾元叁角贰分"},
                              {10700053, "人民币壹拾万柒仟元伍角叁分"},
                              {100200300405, "人民币壹拾亿零贰佰万叁仟零肆元零伍分"},
                              {10000000100, "人民币壹亿零壹元整"},
                              {0, "人民币零元整"},
                              {5, "人民币伍分"},
                              {50, "人民币伍角"},
                              {-32504, "人民币负叁佰贰拾伍元零肆分"},
                              {10000500000, "人民币壹亿零伍仟元整"},
                              {1000, "人民币壹拾元整"},
                              {101000, "人民币壹仟零壹拾元整"},
                              {99999999999999, "人民币玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"}}));
    CAPTURE(row.fen);
    CHECK(amount_in_capitals(Money{row.fen}, "人民币", false) == row.text);
}

TEST_CASE("what the rule leaves open about the closing word is a parameter", "[steps]") {
    CHECK(amount_in_capitals(Money{140950}, "", true) == "壹仟肆佰零玖元伍角整");
    CHECK(amount_in_capitals(Money{140950}, "", false) == "壹仟肆佰零玖元伍角");
    CHECK(amount_in_capitals(Money{140951}, "", true) == "壹仟肆佰零玖元伍角壹分");
    CHECK_FALSE(amount_in_capitals(Money{100'000'000'000'000}, "", false).has_value());
    CHECK_FALSE(amount_in_capitals(Money{INT64_MIN}, "", false).has_value());
}

TEST_CASE("an amount becomes whole fen or a named refusal", "[steps]") {
    struct Row {
        std::string given;
        std::string argument;
        std::string fen;
    };
    const auto row = GENERATE(values<Row>({{"1.15", "元", "115"},
                                           {"0.29", "元", "29"},
                                           {"-3.00", "元", "-300"},
                                           {"128.55", "万元", "128550000"},
                                           {"0.0000005", "亿元", "5000"},
                                           {"15", "厘", "!amount.precision"},
                                           {"150", "厘", "15"},
                                           {"99999999999999.99", "元", "9999999999999999"},
                                           {"100000000000000", "元", "!amount.range"},
                                           {"99999999999999999999999999999999999999", "亿元", "!amount.range"},
                                           {"1,234,567.891", "元", "!amount.precision"},
                                           {"1,234,567.895", "{unit: 元, round: half_even}", "123456790"},
                                           {"1234,567", "元", "!parse_amount"},
                                           {"1 234", "{unit: 元, group: ' '}", "123400"},
                                           {"", "元", "!parse_amount"},
                                           {"￥5", "元", "!parse_amount"},
                                           {"   12", "{unit: 分, pad: {width: 5}}", "12"},
                                           {"   12", "分", "12"}}));
    CAPTURE(row.given, row.argument);
    CHECK(run("parse_amount", row.argument, Value{row.given}) == row.fen);
}

TEST_CASE("an amount that is money already is not read a second time", "[steps]") {
    CHECK(run("parse_amount", "元", Value{Money{100}}) == "!step.type");
    CHECK(run("parse_amount", "元", Value{std::int64_t{100}}) == "10000");
    CHECK(run("parse_amount", "元", Value{record::Decimal{150, 2}}) == "150");
    CHECK(run("parse_amount", "美元", Value{std::string{"1"}}) == "mistake");
}

TEST_CASE("the plain function reads an amount for expressions", "[steps]") {
    CHECK(parse_amount_text("8,500.00", {.unit = "元"}) == Value{Money{850000}});
    const Stepped unknown = parse_amount_text("1", {.unit = "美元"});
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().rule == "parse_amount");
}

TEST_CASE("an amount is written in its unit without rounding", "[steps]") {
    CHECK(run("format_amount", "元", Value{Money{-5}}) == "-0.05");
    CHECK(run("format_amount", "亿元", Value{Money{1}}) == "0.0000000001");
    CHECK(run("format_amount", "{unit: 元, scale: 0}", Value{Money{100}}) == "1");
    CHECK(run("format_amount", "{unit: 元, scale: 0}", Value{Money{150}}) == "!amount.precision");
    CHECK(run("format_amount", "{unit: 元, scale: 4, group: true}", Value{Money{-123456}}) == "-1,234.5600");
    CHECK(run("format_amount", "{unit: 元, group: true}", Value{Money{12345}}) == "123.45");
}

TEST_CASE("numbers of old files are read by their sign's place", "[steps]") {
    CHECK(run("parse_implied_decimal", "{scale: 2, sign: overpunch}", Value{std::string{"0001{"}}) == "0.10");
    CHECK(run("parse_implied_decimal", "{scale: 2, sign: overpunch}", Value{std::string{"0001}"}}) == "-0.10");
    CHECK(run("parse_implied_decimal", "{scale: 2, sign: overpunch}", Value{std::string{"00A10"}}) ==
          "!parse_implied_decimal");
    CHECK(run("parse_implied_decimal", "{scale: 2, sign: trailing}", Value{std::string{"-"}}) ==
          "!parse_implied_decimal");
    CHECK(run("parse_implied_decimal", "{scale: 2}", Value{std::string{}}) == "!parse_implied_decimal");
    CHECK(run("parse_implied_decimal", "{scale: 0}", Value{std::string{"007"}}) == "7");
    CHECK(run("parse_implied_decimal", "{scale: 4}", Value{std::string{"7"}}) == "0.0007");
    CHECK(run("parse_implied_decimal", "{scale: 2}", Value{std::string{"1.5"}}) == "!parse_implied_decimal");
}
