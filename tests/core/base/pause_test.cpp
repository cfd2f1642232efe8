#include "core/base/pause.h"

#include "tests/support/catch.h"

using namespace datong;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("what failed is left alone for longer each time that it fails again, and no longer than two minutes",
          "[base]") {
    Pause pause;
    Deadline now = Deadline::clock::now();
    CHECK_FALSE(pause.holds(now));
    for (const int length : {10, 20, 40, 80, 120, 120}) {
        CAPTURE(length);
        pause.begin(now);
        pause.begin(now + seconds{length} - milliseconds{1});  // of what was under way
        CHECK(pause.holds(now + seconds{length} - milliseconds{1}));
        now += seconds{length};
        CHECK_FALSE(pause.holds(now));
        now += seconds{6};
    }
    now += seconds{120};  // it worked meanwhile
    pause.begin(now);
    CHECK(pause.holds(now + seconds{9}));
    CHECK_FALSE(pause.holds(now + seconds{10}));
}
