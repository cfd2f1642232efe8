#include "tests/faults/alterations.h"

#include "tests/support/catch.h"

using namespace datong::faults;

TEST_CASE("whatever octets of a sealed folder are altered, it is seen", "[faults][security]") {
    const Alterations altered = alter_at_random(300, 7);
    CHECK(altered.tried == 300);
    CHECK(altered.seen == 300);
}

TEST_CASE("whatever a sealed record is made to say, it is seen though chain and checksums are right",
          "[faults][security]") {
    const Alterations forged = forge_at_random(300, 8);
    CAPTURE(forged.first);
    CHECK(forged.tried == 300);
    CHECK(forged.seen == 300);
}

TEST_CASE("wherever the tail of a log is cut, it starts again with what stood whole, and verifies", "[faults]") {
    const Cuts cuts = cut_everywhere(97);
    CHECK(cuts.tried > 50);
    CHECK(cuts.good == cuts.tried);
}
