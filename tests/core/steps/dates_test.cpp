#include "core/steps/dates.h"

#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;
using tests::run;

namespace {

std::string parsed(std::string_view pattern, std::string_view text) {
    const auto compiled = DatePattern::compile(pattern);
    REQUIRE(compiled.has_value());
    const auto time = compiled->parse(text);
    return time ? record::to_text(*time) : "none";
}

}  // namespace

TEST_CASE("a date pattern reads the whole text and the calendar strictly", "[steps]") {
    CHECK(parsed("yyyyMMdd", "20240229") == "2024-02-29T00:00:00+08:00");
    CHECK(parsed("yyyyMMdd", "20230229") == "none");
    CHECK(parsed("yyyyMMdd", "00000000") == "none");
    CHECK(parsed("yyyyMMdd", "99991231") == "9999-12-31T00:00:00+08:00");
    CHECK(parsed("yyyyMMdd", "202402291") == "none");
    CHECK(parsed("yyyy/M/d", "2024/2/9") == "2024-02-09T00:00:00+08:00");
    CHECK(parsed("yyyy/M/d", "2024/02/09") == "2024-02-09T00:00:00+08:00");
    CHECK(parsed("yyyy/M/d", "2024/002/9") == "none");
    CHECK(parsed("yyyy-MM-dd", "2024-2-09") == "none");
    CHECK(parsed("yyyy年M月d日", "2024年5月18日") == "2024-05-18T00:00:00+08:00");
    CHECK(parsed("yyyy-MM-dd", "２０２４-05-18") == "none");
}

TEST_CASE("a time without offset is at +08:00 and one with an offset is turned", "[steps]") {
    CHECK(parsed("yyyy-MM-dd HH:mm:ss", "2024-05-18 09:30:15") == "2024-05-18T09:30:15+08:00");
    CHECK(parsed("yyyy-MM-dd HH:mm:ss", "2024-05-18 24:00:00") == "none");
    CHECK(parsed("yyyy-MM-dd HH:mm:ss", "2024-05-18 09:60:00") == "none");
    CHECK(parsed("yyyy-MM-ddTHH:mm:ssXXX", "2024-05-18T20:30:15Z") == "2024-05-19T04:30:15+08:00");
    CHECK(parsed("yyyy-MM-ddTHH:mm:ssXXX", "2024-01-01T00:00:00+14:00") == "2023-12-31T18:00:00+08:00");
    CHECK(parsed("yyyy-MM-ddTHH:mm:ssXXX", "2024-01-01T00:00:00+0800") == "none");
    CHECK(parsed("yyyyMMddHHmmssSSS", "20240518093015007") == "2024-05-18T09:30:15.007+08:00");
    CHECK(parsed("yyyy-MM-dd HH:mm:ss.S", "2024-05-18 09:30:15.5") == "2024-05-18T09:30:15.500+08:00");
    CHECK(parsed("yyyy-MM-ddTHH:mmXXX", "9999-12-31T23:00-01:00") == "none");
}

TEST_CASE("a pattern that could mislead is refused", "[steps]") {
    for (const std::string pattern : {"yyMMdd", "yyyyMd", "MMdd", "yyyy-MM-MM", "yyyy-mm-dd", "yyyy-MM-dd hh:mm",
                                      "yyyydd", "yyyyMMdd'", "yyyyMMdd ss", "", "YYYY-MM-dd", "yyyyMMddXXX"}) {
        CAPTURE(pattern);
        CHECK_FALSE(DatePattern::compile(pattern).has_value());
    }
    CHECK(run("parse_date", "yyyyMM", Value{std::string{"202405"}}) == "mistake");
    CHECK(run("parse_date", "yyMMdd", Value{std::string{"240518"}}) == "mistake");
    CHECK(run("parse_yearmonth", "yyyy", Value{std::string{"2024"}}) == "mistake");
}

TEST_CASE("text in quotes stands for itself", "[steps]") {
    CHECK(parsed("'day' yyyy-MM-dd", "day 2024-05-18") == "2024-05-18T00:00:00+08:00");
    const auto pattern = DatePattern::compile("yyyy年M月d日 H时mm分");
    REQUIRE(pattern.has_value());
    CHECK(pattern->format({{2024, 5, 8}, 9, 3, 0, 0}) == "2024年5月8日 9时03分");
}

TEST_CASE("what is written by a pattern is read by it", "[steps]") {
    const record::DateTime time{{2024, 5, 18}, 9, 3, 7, 45};
    for (const std::string text : {"yyyyMMddHHmmssSSS", "yyyy-M-d H:mm:ss.SSS", "yyyy-MM-ddTHH:mm:ss.SSSXXX"}) {
        CAPTURE(text);
        const auto pattern = DatePattern::compile(text);
        REQUIRE(pattern.has_value());
        CHECK(pattern->parse(pattern->format(time)) == time);
    }
}

TEST_CASE("dates in Chinese numerals go both ways for every day of a leap year", "[steps]") {
    int days = 0;
    for (record::Date day{2024, 1, 1}; day.year == 2024; day = record::add_days(day, 1), ++days) {
        const std::string text = to_chinese_text(day);
        CAPTURE(text);
        CHECK(parse_chinese_date(text) == day);
    }
    CHECK(days == 366);
    for (const std::string text :
         {"二〇二四年五月〇日", "二〇二四年十三月一日", "二〇二四年五月十十日", "二〇二四年五月一十零日",
          "二〇二四年五月", "二〇二四年月日", "2024年5月1日", "二千零二十四年五月一日", ""}) {
        CAPTURE(text);
        CHECK_FALSE(parse_chinese_date(text).has_value());
    }
}

TEST_CASE("checks of dates compare by what the value has", "[steps]") {
    CHECK(run("check_not_future", "", Value{record::DateTime{{2024, 5, 1}, 10, 0, 0, 0}}) ==
          "2024-05-01T10:00:00+08:00");
    CHECK(run("check_not_future", "", Value{record::DateTime{{2024, 5, 1}, 10, 0, 0, 1}}) == "!check.not_future");
    CHECK(run("check_not_future", "", Value{record::YearMonth{2024, 5}}) == "2024-05");
    CHECK(run("check_not_future", "", Value{record::YearMonth{2024, 6}}) == "!check.not_future");
    CHECK(run("check_not_future", "", Value{std::string{"2024-05-01"}}) == "!step.type");
    CHECK(run("check_not_before", "2024-05-15", Value{record::YearMonth{2024, 5}}) == "2024-05");
    CHECK(run("check_not_before", "2024-05-15", Value{record::YearMonth{2024, 4}}) == "!check.not_before");
    CHECK(run("check_not_before", "someday", Value{record::Date{2024, 5, 1}}) == "mistake");
    CHECK(run("check_range", "{min: '2024-05-15', max: '2024-06-01'}", Value{record::YearMonth{2024, 5}}) == "2024-05");
    CHECK(run("check_range", "{min: '2024-05-15', max: '2024-06-01'}", Value{record::YearMonth{2024, 7}}) ==
          "!check.range");
    CHECK(run("check_range", "{max: '2024-06-01'}", Value{record::DateTime{{2024, 6, 1}, 23, 59, 0, 0}}) ==
          "2024-06-01T23:59:00+08:00");
}

TEST_CASE("a time stamp is read before 1970 and to the year 9999", "[steps]") {
    CHECK(run("parse_epoch", "s", Value{std::string{"0"}}) == "1970-01-01T08:00:00+08:00");
    CHECK(run("parse_epoch", "ms", Value{std::string{"-28800001"}}) == "1969-12-31T23:59:59.999+08:00");
    CHECK(run("parse_epoch", "s", Value{std::string{"253402271999"}}) == "9999-12-31T23:59:59+08:00");
    CHECK(run("parse_epoch", "s", Value{std::string{"253402272000"}}) == "!parse_epoch");
    CHECK(run("parse_epoch", "minutes", Value{std::string{"0"}}) == "mistake");
}
