#include "core/policy/replay.h"

#include "tests/support/catch.h"

using namespace datong;
using std::chrono::seconds;

namespace {

const std::chrono::system_clock::time_point kStart{seconds{1'800'000'000}};
constexpr std::int64_t kCreated = 1'800'000'100;

}  // namespace

TEST_CASE("a signature is good once", "[policy][security]") {
    policy::ReplayGuard guard{{}, kStart};
    const auto now = kStart + seconds{101};
    CHECK(guard.accept(kCreated, 0, "key\nnonce", now).has_value());
    const auto again = guard.accept(kCreated, 0, "key\nnonce", now + seconds{200});
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().fault() == Fault::replayed);
    CHECK(guard.accept(kCreated, 0, "key\nanother", now).has_value());
}

TEST_CASE("a nonce used again with another `created` is a replay for as long as it is kept", "[policy][security]") {
    policy::ReplayGuard guard{{}, kStart};
    const auto now = kStart + seconds{101};
    CHECK(guard.accept(kCreated, 0, "key\nnonce", now).has_value());
    CHECK_FALSE(guard.accept(kCreated + 1, 0, "key\nnonce", now).has_value());
}

TEST_CASE("a signature outside its time is stale", "[policy][security]") {
    struct Row {
        const char* why;
        std::int64_t created;
        std::int64_t expires;
    };
    const auto row = GENERATE(values<Row>({
        {"in the future", kCreated + 400, 0},
        {"before the window", kCreated - 400, 0},
        {"before this gateway started", 1'799'999'999, 0},
        {"expired", kCreated, kCreated + 1},
    }));
    CAPTURE(row.why);
    policy::ReplayGuard guard{{}, kStart};
    const auto got = guard.accept(row.created, row.expires, "x", kStart + seconds{105});
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().fault() == Fault::signature_stale);
}

TEST_CASE("a full memory refuses instead of forgetting, and empties with the window", "[policy][security]") {
    policy::ReplayGuard guard{{}, kStart, 2};
    const auto now = kStart + seconds{101};
    CHECK(guard.accept(kCreated, 0, "a", now).has_value());
    CHECK(guard.accept(kCreated, 0, "b", now).has_value());
    const auto third = guard.accept(kCreated, 0, "c", now);
    REQUIRE_FALSE(third.has_value());
    CHECK(third.error().fault() == Fault::unavailable);
    CHECK(guard.accept(kCreated + 500, 0, "d", now + seconds{500}).has_value());
}
