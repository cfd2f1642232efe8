#include "core/adapter/opening.h"

#include "tests/support/catch.h"

using namespace std::chrono_literals;
using datong::adapter::Opening;
using datong::adapter::QuietHours;

namespace {

/// A time of 2026-03-02 by +08:00.
datong::adapter::WallTime at(std::chrono::minutes since_midnight) {
    return std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} - 8h + since_midnight;
}

}  // namespace

TEST_CASE("quiet hours are two times of the day, and nothing else", "[adapter]") {
    for (const char* text : {"22:00-06:30", "00:00-23:59"}) {
        CAPTURE(text);
        CHECK(QuietHours::parse(text).has_value());
    }
    for (const char* text : {"", "22:00", "22:00-", "-06:30", "22:00-22:00", "24:00-06:00", "22:60-06:00", "2:00-06:00",
                             "22.00-06.30", "22:00-06:30 ", "+2:00-06:30", "22:00-06:30-07:00"}) {
        CAPTURE(text);
        CHECK_FALSE(QuietHours::parse(text).has_value());
    }
}

TEST_CASE("quiet hours cover their first minute and not their last, over midnight too", "[adapter]") {
    struct Row {
        const char* hours;
        std::chrono::minutes time;
        bool covered;
        std::chrono::minutes end;  ///< of the same day's midnight
    };
    const auto row = GENERATE(values<Row>({{"12:00-13:30", 12h, true, 13h + 30min},
                                           {"12:00-13:30", 13h + 29min, true, 13h + 30min},
                                           {"12:00-13:30", 13h + 30min, false, 0min},
                                           {"12:00-13:30", 11h + 59min, false, 0min},
                                           {"22:00-06:30", 23h, true, 30h + 30min},
                                           {"22:00-06:30", 0min, true, 6h + 30min},
                                           {"22:00-06:30", 6h + 30min, false, 0min},
                                           {"22:00-00:00", 23h + 59min, true, 24h}}));
    CAPTURE(row.hours, row.time.count());
    const auto hours = QuietHours::parse(row.hours);
    REQUIRE(hours);
    CHECK(hours->cover(at(row.time)) == row.covered);
    if (row.covered) {
        CHECK(hours->end(at(row.time)) == at(row.end));
    }
}

TEST_CASE("the pause comes before quiet hours, and they before the daily number", "[adapter]") {
    Opening opening;
    const std::vector<QuietHours> quiet{{.from = 600, .to = 660}};
    opening.count(at(10h));
    CHECK(opening.closed(quiet, 1, at(10h))->until == at(11h));
    CHECK(opening.closed({}, 1, at(10h))->until == at(24h));
    CHECK_FALSE(opening.closed({}, 2, at(10h)));
    CHECK_FALSE(opening.closed({}, 0, at(10h)));
    opening.set_pause(datong::adapter::Pause{});
    CHECK_FALSE(opening.closed(quiet, 1, at(10h))->until.has_value());
    opening.set_pause(datong::adapter::Pause{at(10h)});
    CHECK(opening.closed(quiet, 1, at(10h))->until == at(11h));  // the pause is over
}
