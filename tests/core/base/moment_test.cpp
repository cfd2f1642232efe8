#include "core/base/moment.h"

#include "core/base/clock.h"
#include "tests/support/catch.h"

using namespace datong;

TEST_CASE("a moment is told to the millisecond, and seconds of any year", "[base]") {
    using namespace std::chrono;
    CHECK(to_rfc3339(system_clock::time_point{milliseconds{1'767'225'600'123}}) == "2026-01-01T08:00:00.123+08:00");
    CHECK(to_rfc3339(system_clock::time_point{nanoseconds{-1}}) == "1970-01-01T07:59:59.999+08:00");
    CHECK(seconds_to_rfc3339(1'767'225'600) == "2026-01-01T08:00:00.000+08:00");
    CHECK(seconds_to_rfc3339(253'370'736'000) == "9999-01-01T00:00:00.000+08:00");
    CHECK(seconds_to_rfc3339(INT64_MAX) == "9999-12-31T23:59:59.000+08:00");
    CHECK(seconds_to_rfc3339(INT64_MIN) == "0001-01-01T08:00:00.000+08:00");
}

TEST_CASE("what the clock can't count is its end, or nothing where it must be exact", "[base]") {
    constexpr std::int64_t kNever = 253'402'300'799;  // 9999-12-31T23:59:59Z
    CHECK(to_unix_seconds(nearest_moment(1'767'225'600)) == 1'767'225'600);
    CHECK(exact_moment(1'767'225'600) == nearest_moment(1'767'225'600));
    for (const std::int64_t seconds : {kNever, std::int64_t{10'000'000'000}, std::int64_t{INT64_MAX}}) {
        CHECK(to_rfc3339(nearest_moment(seconds)) == "2261-01-01T08:00:00.000+08:00");
        CHECK_FALSE(exact_moment(seconds));
    }
    for (const std::int64_t seconds : {std::int64_t{-62'135'596'800}, std::int64_t{INT64_MIN}}) {
        CHECK(to_rfc3339(nearest_moment(seconds)) == "1679-01-01T08:00:00.000+08:00");
        CHECK_FALSE(exact_moment(seconds));
    }
}
