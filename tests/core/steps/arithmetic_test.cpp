#include "core/steps/identifiers.h"
#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;
using tests::run;

namespace {

std::string converted(const std::string& argument, std::string_view number) {
    return run("convert_unit", argument, Value{std::string{number}});
}

}  // namespace

TEST_CASE("units are converted exactly or not at all", "[steps]") {
    CHECK(converted("{from: 亩, to: 公顷}", "15") == "1");
    CHECK(converted("{from: 公顷, to: 亩}", "-0.1") == "-1.5");
    CHECK(converted("{from: ㎡, to: 亩}", "2000") == "3");
    CHECK(converted("{from: ㎡, to: 亩}", "0.01") == "0.000015");
    CHECK(converted("{from: 亩, to: 亩}", "1.50") == "1.5");
    CHECK(converted("{from: 元, to: 亿元}", "0.01") == "0.0000000001");
    CHECK(converted("{from: 亿元, to: 元}", "1.23456789") == "123456789");
    CHECK(converted("{from: 亩, to: ㎡, scale: 2, round: half_up}", "-1") == "-666.67");
    CHECK(converted("{from: 亩, to: ㎡, scale: 2, round: half_even}", "1") == "666.67");
    CHECK(converted("{from: 公顷, to: ㎡}", "99999999999999999999999999999999999999") == "!convert.precision");
}

TEST_CASE("a tie is rounded to the even digit on either side of zero, anything else to the nearer", "[steps]") {
    const std::string argument = "{from: ㎡, to: 公顷, scale: 3, round: half_even}";
    CHECK(converted(argument, "5") == "0.000");
    CHECK(converted(argument, "15") == "0.002");
    CHECK(converted(argument, "25") == "0.002");
    CHECK(converted(argument, "-25") == "-0.002");
    CHECK(converted(argument, "-35") == "-0.004");
    CHECK(converted(argument, "25.1") == "0.003");
    CHECK(converted(argument, "24.9") == "0.002");
    CHECK(converted("{from: ㎡, to: 公顷, scale: 0, round: half_even}", "25000") == "2");
    CHECK(converted("{from: ㎡, to: 公顷, scale: 3, round: half_up}", "-25") == "-0.003");
}

TEST_CASE("signs are turned without a change of type", "[steps]") {
    CHECK(run("abs", "", Value{record::Decimal{-150, 2}}) == "1.50");
    CHECK(run("abs", "", Value{Money{-5}}) == "5");
    CHECK(run("abs", "", Value{std::int64_t{-7}}) == "7");
    CHECK(run("negate", "", Value{Money{INT64_MIN}}) == "!number.range");
    CHECK(run("abs", "", Value{Money{INT64_MIN}}) == "!number.range");
    CHECK(run("abs", "", Value{true}) == "!step.type");
    CHECK(run("negate", "", Value{std::string{"0"}}) == "0");
}

TEST_CASE("dates are moved within the calendar, and never out of it", "[steps]") {
    const auto moved = [](const std::string& argument, record::Date day) {
        return run("date_add", argument, Value{day});
    };
    CHECK(moved("{months: 1}", {2023, 1, 31}) == "2023-02-28");
    CHECK(moved("{months: -1}", {2024, 3, 31}) == "2024-02-29");
    CHECK(moved("{years: 1}", {2024, 2, 29}) == "2025-02-28");
    CHECK(moved("{years: 1, months: -12, days: 0}", {2024, 2, 29}) == "2024-02-29");
    CHECK(moved("{months: 1, days: 1}", {2024, 1, 31}) == "2024-03-01");
    CHECK(moved("{years: -9999}", {2024, 1, 1}) == "!date.range");
    CHECK(moved("{years: 9999}", {2024, 1, 1}) == "!date.range");
    CHECK(moved("{days: -3659634}", {1, 1, 1}) == "!date.range");
    CHECK(moved("{years: 10000}", {2024, 1, 1}) == "mistake");
    CHECK(run("date_add", "{days: 1}", Value{record::YearMonth{2024, 5}}) == "!step.type");
    CHECK(run("date_add", "{days: 1}", Value{std::string{"2024-05-01"}}) == "!step.type");
}

TEST_CASE("a spreadsheet's day is read in both systems and to their ends", "[steps]") {
    const auto day = [](const std::string& argument, std::string_view serial) {
        return run("parse_excel_date", argument, Value{std::string{serial}});
    };
    CHECK(day("", "1") == "1900-01-01");
    CHECK(day("", "2958465") == "9999-12-31");
    CHECK(day("", "2958466") == "!parse_excel_date");
    CHECK(day("", "0") == "!parse_excel_date");
    CHECK(day("", "-1") == "!parse_excel_date");
    CHECK(day("", "+1") == "!parse_excel_date");
    CHECK(day("", "45064.") == "!parse_excel_date");
    CHECK(day("1904", "0") == "1904-01-01");
    CHECK(day("1904", "2957003") == "9999-12-31");
    CHECK(day("1904", "2957004") == "!parse_excel_date");
    CHECK(run("parse_excel_date", "", Value{std::int64_t{45064}}) == "2023-05-18");
}

TEST_CASE("a range of dates takes days, times and months and no text", "[steps]") {
    const std::string argument = "{min: 2024-05-15, max: 2024-06-01}";
    CHECK(run("check_date_range", argument, Value{record::Date{2024, 5, 14}}) == "!check.date_range");
    CHECK(run("check_date_range", argument, Value{record::YearMonth{2024, 5}}) == "2024-05");
    CHECK(run("check_date_range", argument, Value{record::YearMonth{2024, 7}}) == "!check.date_range");
    CHECK(run("check_date_range", argument, Value{record::DateTime{{2024, 6, 1}, 23, 59, 0, 0}}) ==
          "2024-06-01T23:59:00+08:00");
    CHECK(run("check_date_range", argument, Value{std::string{"2024-05-20"}}) == "!step.type");
}

TEST_CASE("check digits of cards and vehicles agree with published examples", "[steps]") {
    CHECK(luhn_check("7992739871") == '3');
    CHECK(luhn_check("") == '0');
    CHECK_FALSE(luhn_check("79x").has_value());
    CHECK(vin_check("11111111111111111") == '1');
    CHECK(vin_check("1M8GDM9AXKP042788") == 'X');
    CHECK(vin_check("5GZCZ43D13S812715") == '1');
    CHECK_FALSE(vin_check("1M8GDM9AXKP04278Q").has_value());
    CHECK_FALSE(vin_check("1M8GDM9AXKP04278").has_value());
    const auto card = tests::make("check_bank_card", "{luhn: warn}");
    REQUIRE(card.step != nullptr);
    Warnings warnings;
    CHECK(tests::outcome(*card.step, Value{std::string{"79927398710"}}, &warnings) == "!check.bank_card");
    CHECK(tests::outcome(*card.step, Value{std::string{"999999000000"}}, &warnings) == "999999000000");
    REQUIRE(warnings.size() == 1);
    CHECK(warnings.front().rule == "check.luhn");
}

TEST_CASE("escapes are undone once, and what they hide is text or a refusal", "[steps][security]") {
    const auto url = [](std::string_view text) { return run("decode_url", "", Value{std::string{text}}); };
    CHECK(url("%2541") == "%41");
    CHECK(url("%") == "!url.invalid");
    CHECK(url("%4") == "!url.invalid");
    CHECK(url("%G1") == "!url.invalid");
    CHECK(url("%C0%AF") == "!charset.invalid");
    const auto xml = [](std::string_view text) { return run("decode_xml_entities", "", Value{std::string{text}}); };
    CHECK(xml("&#38;lt;") == "&lt;");
    CHECK(xml("&#x1F600;") == "😀");
    CHECK(xml("&#xD800;") == "!xml.entity");
    CHECK(xml("&#x110000;") == "!xml.entity");
    CHECK(xml("&#99999999999999999999;") == "!xml.entity");
    CHECK(xml("&#;") == "!xml.entity");
    CHECK(xml("&#x;") == "!xml.entity");
    CHECK(xml("&;") == "!xml.entity");
    CHECK(xml("&lt") == "!xml.entity");
}
