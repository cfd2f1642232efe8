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

TEST_CASE("whatever is altered in a folder of several segments with trailers and an SM3 chain, it is seen",
          "[faults][security]") {
    const Alterations altered = alter_at_random(400, 9, kSegmentsInSm3);
    CHECK(altered.segments >= 2);
    CHECK(altered.trailers == altered.segments - 1);
    CHECK(altered.tried == 400);
    CHECK(altered.seen == 400);
    const Alterations forged = forge_at_random(300, 10, kSegmentsInSm3);
    CAPTURE(forged.first);
    CHECK(forged.tried == 300);
    CHECK(forged.seen == 300);
}

TEST_CASE("wherever the last of several segments is cut, the log starts again with what stood whole", "[faults]") {
    const Cuts cuts = cut_everywhere(61, kSegmentsInSm3);
    CHECK(cuts.tried > 20);
    CHECK(cuts.good == cuts.tried);
}
