#include "core/catalogue/calendar.h"
#include "tests/support/catch.h"

using namespace datong;
using catalogue::Calendar;
using record::Date;

namespace {

/// National Day 2026 as the State Council announced it: seven days off, two weekends worked.
Calendar national_day() {
    Calendar calendar{.holidays = {}, .workdays = {Date{2026, 9, 20}, Date{2026, 10, 10}}, .until = Date{2026, 12, 31}};
    for (int day = 1; day <= 7; ++day) {
        calendar.holidays.insert(Date{2026, 10, day});
    }
    return calendar;
}

}  // namespace

TEST_CASE("without a calendar Monday to Friday are worked", "[matters]") {
    const Calendar none;
    CHECK(none.is_working_day({2026, 11, 27}));        // a Friday
    CHECK_FALSE(none.is_working_day({2026, 11, 28}));  // a Saturday
    CHECK_FALSE(none.is_working_day({2026, 11, 29}));
    CHECK(none.is_working_day({2026, 11, 30}));
    CHECK(none.is_working_day({1969, 12, 31}));        // a Wednesday before the epoch
    CHECK_FALSE(none.is_working_day({1969, 12, 28}));  // a Sunday
}

TEST_CASE("holidays are off and exchanged weekends are worked", "[matters]") {
    const Calendar calendar = national_day();
    CHECK_FALSE(calendar.is_working_day({2026, 10, 1}));
    CHECK(calendar.is_working_day({2026, 10, 8}));
    CHECK(calendar.is_working_day({2026, 10, 10}));  // a Saturday
    CHECK_FALSE(calendar.is_working_day({2026, 10, 11}));
}

TEST_CASE("a term of working days does not count the day it begins on", "[matters]") {
    struct Row {
        Date from;
        int days;
        Date last;
    };
    const auto row = GENERATE(values<Row>({
        {{2026, 9, 30}, 1, {2026, 10, 8}},
        {{2026, 9, 30}, 3, {2026, 10, 10}},
        {{2026, 9, 30}, 4, {2026, 10, 12}},
        {{2026, 10, 3}, 1, {2026, 10, 8}},  // begins on a day off
        {{2026, 11, 27}, 1, {2026, 11, 30}},
        {{2026, 11, 27}, 10, {2026, 12, 11}},
        {{2026, 11, 27}, 0, {2026, 11, 27}},
    }));
    CAPTURE(record::to_text(row.from), row.days);
    CHECK(record::to_text(national_day().add_working_days(row.from, row.days)) == record::to_text(row.last));
}
