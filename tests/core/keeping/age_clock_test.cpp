#include "core/keeping/age_clock.h"

#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using keeping::AgeClock;
using std::chrono::days;
using std::chrono::system_clock;

namespace {

const system_clock::time_point kDay = std::chrono::sys_days{std::chrono::year{2026} / 11 / 30};

struct Times {
    support::FakeClock wall{kDay};
    Deadline steady{};
    AgeClock age;

    explicit Times(std::optional<system_clock::time_point> known) : age{wall, known, [this] { return steady; }} {}
    void pass(std::chrono::hours time) {
        steady += time;
        wall.advance(time);
    }
};

}  // namespace

TEST_CASE("a clock is believed as it goes, over a month's standstill, and when it is set back", "[keeping]") {
    Times times{kDay - days{30}};
    CHECK(times.age.now() == kDay);
    times.pass(100h);
    CHECK(times.age.now() == kDay + 100h);
    times.wall.advance(-days{20'000});
    CHECK(times.age.now() == times.wall.now());
    times.wall.advance(days{20'000});
    CHECK(times.age.now() == kDay + 100h);
    CHECK_FALSE(times.age.is_doubted());

    const Times without{std::nullopt};
    CHECK(without.age.now() == kDay);
}

TEST_CASE("a clock that leaps ahead is believed after a day in which it was so all the time", "[keeping][security]") {
    Times times{kDay - days{31}};
    CHECK(times.age.now() == kDay - days{31});
    CHECK(times.age.is_doubted());
    times.pass(23h);
    CHECK(times.age.now() == kDay - days{31} + 23h);
    times.wall.advance(-days{31});  // somebody put it right
    CHECK(times.age.now() == kDay - days{31} + 23h);
    CHECK_FALSE(times.age.is_doubted());
    times.wall.advance(days{3'650});
    CHECK(times.age.now() == kDay - days{31} + 23h);
    times.pass(23h);
    CHECK(times.age.now() == kDay - days{31} + 46h);
    times.pass(1h);
    CHECK(times.age.now() == times.wall.now());
    CHECK_FALSE(times.age.is_doubted());
}

TEST_CASE("what is known outlives a program whose clock was ahead", "[keeping][security]") {
    const support::ScratchFolder folder;
    const std::string file = folder / "state/datong.db.clock";
    CHECK_FALSE(AgeClock::kept_in(file));
    for (int start = 0; start < 3; ++start) {
        Times times{AgeClock::kept_in(file).value_or(kDay)};
        times.wall.advance(days{3'650});
        CHECK(times.age.now() == kDay);
        REQUIRE(times.age.keep(file));
        CHECK(AgeClock::kept_in(file) == kDay);
    }
    folder.write("state/datong.db.clock", "no time");
    CHECK_FALSE(AgeClock::kept_in(file));
}
