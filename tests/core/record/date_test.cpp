#include "core/record/date.h"

#include "tests/support/catch.h"

using namespace datong::record;

TEST_CASE("a civil date follows the Gregorian calendar", "[record]") {
    CHECK(is_valid({2024, 2, 29}));
    CHECK(is_valid({2000, 2, 29}));
    CHECK(is_valid({1, 1, 1}));
    CHECK(is_valid({9999, 12, 31}));
    CHECK_FALSE(is_valid({2023, 2, 29}));
    CHECK_FALSE(is_valid({1900, 2, 29}));
    CHECK_FALSE(is_valid({2024, 4, 31}));
    CHECK_FALSE(is_valid({2024, 13, 1}));
    CHECK_FALSE(is_valid({2024, 0, 1}));
    CHECK_FALSE(is_valid({2024, 1, 0}));
    CHECK_FALSE(is_valid({0, 1, 1}));
    CHECK_FALSE(is_valid({10000, 1, 1}));
}

TEST_CASE("an ISO date is read in its one form only", "[record]") {
    const auto date = parse_iso_date("2009-07-01");
    REQUIRE(date.has_value());
    CHECK(to_text(*date) == "2009-07-01");
    for (const std::string text : {"", "2009-7-1", "20090701", "2009-07-01 ", "2009-02-30", "2009/07/01", "2009-07-1x",
                                   "0000-01-01", "+2009-07-01"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_iso_date(text).has_value());
    }
}

TEST_CASE("a time of any offset is turned into +08:00", "[record]") {
    struct Row {
        std::string given;
        std::string text;
    };
    const auto row = GENERATE(values<Row>({{"2023-10-08T09:00:00+08:00", "2023-10-08T09:00:00+08:00"},
                                           {"2023-10-08T01:00:00Z", "2023-10-08T09:00:00+08:00"},
                                           {"2023-12-31t20:30:15.5z", "2024-01-01T04:30:15.500+08:00"},
                                           {"1969-12-31T12:00:00-05:30", "1970-01-01T01:30:00+08:00"},
                                           {"2024-01-01T00:00:00.1239+08:00", "2024-01-01T00:00:00.123+08:00"}}));
    CAPTURE(row.given);
    const auto time = parse_rfc3339(row.given);
    REQUIRE(time.has_value());
    CHECK(to_text(*time) == row.text);
}

TEST_CASE("a time that is not RFC 3339 is refused", "[record]") {
    for (const std::string text :
         {"", "2023-10-08", "2023-10-08T09:00:00", "2023-10-08 09:00:00Z", "2023-10-08T24:00:00Z",
          "2023-10-08T09:60:00Z", "2023-10-08T09:00:61Z", "2023-10-08T09:00:00.Z", "2023-10-08T09:00:00+0800",
          "2023-10-08T09:00:00Zx", "2023-02-30T09:00:00Z", "9999-12-31T23:00:00Z", "2023-10-08T09:00:00+24:00"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_rfc3339(text).has_value());
    }
}

TEST_CASE("a moment becomes civil time eight hours ahead, in summers of daylight saving too", "[record]") {
    using namespace std::chrono;
    CHECK(to_text(to_civil(system_clock::time_point{})) == "1970-01-01T08:00:00+08:00");
    CHECK(to_text(to_civil(system_clock::time_point{milliseconds{-1}})) == "1970-01-01T07:59:59.999+08:00");
    // 1988-07-01 00:00 at +08:00; Asia/Shanghai had 01:00 then.
    CHECK(to_text(to_civil(system_clock::time_point{seconds{583689600}})) == "1988-07-01T00:00:00+08:00");
}

TEST_CASE("days are counted and added across leap years and centuries", "[record]") {
    CHECK(days_since_epoch({1970, 1, 1}) == 0);
    CHECK(days_since_epoch({1969, 12, 31}) == -1);
    CHECK(days_since_epoch({2000, 3, 1}) == 11017);
    CHECK(add_days({2024, 2, 28}, 2) == Date{2024, 3, 1});
    CHECK(add_days({2023, 1, 1}, -1) == Date{2022, 12, 31});
    CHECK_FALSE(is_valid(add_days({9999, 12, 31}, 1)));
    CHECK_FALSE(is_valid(add_days({9999, 12, 31}, INT64_MAX)));
}

TEST_CASE("months are added with the day held inside the month", "[record]") {
    CHECK(add_months({2024, 1, 31}, 1) == Date{2024, 2, 29});
    CHECK(add_months({2023, 1, 31}, 1) == Date{2023, 2, 28});
    CHECK(add_months({2023, 12, 15}, 1) == Date{2024, 1, 15});
    CHECK(add_months({2024, 1, 15}, -1) == Date{2023, 12, 15});
    CHECK(add_months({2024, 1, 15}, -13) == Date{2022, 12, 15});
    CHECK_FALSE(is_valid(add_months({1, 1, 1}, -1)));
}

TEST_CASE("an age counts full years and months full months", "[record]") {
    CHECK(years_between({1990, 5, 18}, {2020, 5, 17}) == 29);
    CHECK(years_between({1990, 5, 18}, {2020, 5, 18}) == 30);
    CHECK(years_between({2000, 2, 29}, {2001, 2, 28}) == 0);
    CHECK(years_between({2000, 2, 29}, {2001, 3, 1}) == 1);
    CHECK(months_between({2024, 1, 15}, {2024, 3, 14}) == 1);
    CHECK(months_between({2024, 1, 15}, {2024, 3, 15}) == 2);
    CHECK(months_between({2024, 3, 15}, {2024, 1, 15}) == -2);
    CHECK(months_between({2024, 3, 15}, {2024, 3, 15}) == 0);
}
