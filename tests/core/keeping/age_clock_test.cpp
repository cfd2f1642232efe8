#include "core/keeping/age_clock.h"

#include "core/base/moment.h"
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

    explicit Times(std::optional<AgeClock::Known> known) : age{wall, known, [this] { return steady; }} {}
    explicit Times(system_clock::time_point known) : Times{AgeClock::Known{.newest = known}} {}
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

    const Times without{std::optional<AgeClock::Known>{}};
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
        Times times{AgeClock::kept_in(file).value_or(AgeClock::Known{.newest = kDay})};
        times.wall.advance(days{3'650});
        CHECK(times.age.now() == kDay);
        REQUIRE(times.age.keep(file));
        CHECK(AgeClock::kept_in(file)->newest == kDay);
    }
    folder.write("state/datong.db.clock", "no time");
    CHECK_FALSE(AgeClock::kept_in(file));
}

TEST_CASE("a node that is restarted each night catches up with its clock", "[keeping]") {
    const support::ScratchFolder folder;
    const std::string file = folder / "datong.db.clock";
    const auto night = [&](system_clock::time_point begun, std::optional<AgeClock::Known> known) {
        Times times{known};
        times.wall.advance(begun - kDay);
        for (int hour = 0; hour < 23; ++hour) {
            (void)times.age.now();
            times.pass(1h);
            REQUIRE(times.age.keep(file));
        }
        return times.age.is_doubted();
    };
    CHECK(night(kDay, AgeClock::Known{.newest = kDay - days{60}}));
    SECTION("by the same clock") {
        CHECK_FALSE(night(kDay + 24h, AgeClock::kept_in(file)));
        CHECK(AgeClock::kept_in(file)->newest == kDay + 47h);
        CHECK_FALSE(AgeClock::kept_in(file)->doubt);
    }
    SECTION("and not by one that tells another time each") {
        CHECK(night(kDay + days{40}, AgeClock::kept_in(file)));
        CHECK(night(kDay + days{3'650}, AgeClock::kept_in(file)));
        CHECK(night(kDay, AgeClock::kept_in(file)));
    }
    SECTION("nor where it was right between") {
        CHECK_FALSE(night(kDay - days{59}, AgeClock::kept_in(file)));
        CHECK(night(kDay, AgeClock::kept_in(file)));
    }
    SECTION("nor by what is no time") {
        folder.write("datong.db.clock",
                     std::to_string(to_unix_seconds(kDay - days{60})) + GENERATE(" x", " 1 -1", " 1"));
        CHECK(AgeClock::kept_in(file)->newest == kDay - days{60});
        CHECK_FALSE(AgeClock::kept_in(file)->doubt);
    }
}

TEST_CASE("a clock that was ahead for a day leaves no moment that is known for years", "[keeping][security]") {
    Times times{kDay};
    times.wall.advance(days{3'650});
    (void)times.age.now();
    times.pass(24h);
    CHECK(times.age.now() == kDay + days{3'651});
    times.wall.advance(-days{3'650});
    CHECK(times.age.now() == times.wall.now());  // at once: it deletes too little
    CHECK_FALSE(times.age.is_doubted());
    times.pass(47h);
    CHECK(times.age.now() == times.wall.now());
    const auto right = times.wall.now();
    times.wall.advance(days{3'650});
    CHECK(times.age.now() == right);
    CHECK(times.age.is_doubted());
}
