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
        {"before what is known since the start", 1'799'999'999, 0},
        {"expired", kCreated, kCreated + 1},
    }));
    CAPTURE(row.why);
    policy::ReplayGuard guard{{}, kStart};
    const auto got = guard.accept(row.created, row.expires, "x", kStart + seconds{105});
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().fault() == Fault::signature_stale);
}

TEST_CASE("a full memory refuses by name instead of forgetting, and empties with the window", "[policy][security]") {
    policy::ReplayGuard guard{{}, kStart, 2};
    const auto now = kStart + seconds{101};
    CHECK(guard.accept(kCreated, 0, "key\na", now).has_value());
    CHECK(guard.accept(kCreated, 0, "key\nb", now).has_value());
    const auto third = guard.accept(kCreated, 0, "key\nc", now);
    REQUIRE_FALSE(third.has_value());
    CHECK(third.error().fault() == Fault::nonces_full);
    CHECK(guard.accept(kCreated, 0, "key\na", now).error().fault() == Fault::replayed);
    CHECK(guard.accept(kCreated + 500, 0, "key\nd", now + seconds{500}).has_value());
}

TEST_CASE("one key can't fill the memory of another", "[policy][security]") {
    policy::ReplayGuard guard{{}, kStart, 1};
    const auto now = kStart + seconds{101};
    CHECK(guard.accept(kCreated, 0, "greedy\na", now).has_value());
    CHECK(guard.accept(kCreated, 0, "greedy\nb", now).error().fault() == Fault::nonces_full);
    CHECK(guard.accept(kCreated, 0, "modest\na", now).has_value());
    CHECK(guard.accept(kCreated, 0, "modest\na", now).error().fault() == Fault::replayed);
}

TEST_CASE("what was used before a restart by a clock that runs ahead is known again", "[policy][security]") {
    policy::ReplayGuard guard{{}, kStart};
    const std::int64_t ahead = 1'800'000'020;
    guard.recall(ahead, "key\nused");
    const auto now = kStart + seconds{5};
    CHECK(guard.accept(ahead, 0, "key\nused", now).error().fault() == Fault::replayed);
    CHECK(guard.accept(ahead, 0, "key\nfresh", now).has_value());
}

TEST_CASE("a clock that is set back lets nothing in that was forgotten", "[policy][security]") {
    policy::ReplayGuard guard{{}, kStart};
    const auto now = kStart + seconds{101};
    CHECK(guard.accept(kCreated, 0, "key\nused", now).has_value());
    CHECK(guard.accept(kCreated + 500, 0, "key\nlater", now + seconds{500}).has_value());  // the first is forgotten
    const auto again = guard.accept(kCreated, 0, "key\nused", now);
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().fault() == Fault::signature_stale);
}

TEST_CASE("a clock that was ahead and is set back has nobody refused who was not seen meanwhile", "[policy]") {
    policy::ReplayGuard guard{{}, kStart};
    const auto now = kStart + seconds{101};
    CHECK(guard.accept(kCreated, 0, "key\nused", now).has_value());
    CHECK(guard.accept(kCreated + 3'600, 0, "fast\nahead", now + seconds{3'600}).has_value());  // forgets the first
    CHECK(guard.accept(kCreated + 2, 0, "key\nhonest", now + seconds{2}).has_value());
    CHECK_FALSE(guard.accept(kCreated, 0, "key\nused", now + seconds{2}).has_value());
    CHECK_FALSE(guard.accept(kCreated + 3'600, 0, "fast\nahead", now + seconds{3'600}).has_value());
}

TEST_CASE("what one key signed with a clock that was ahead refuses no other key when it is forgotten", "[policy]") {
    policy::ReplayGuard guard{{}, kStart};
    const auto now = kStart + seconds{101};
    CHECK(guard.accept(kCreated + 3'600, 0, "fast\nahead", now + seconds{3'600}).has_value());
    CHECK(guard.accept(kCreated + 4'000, 0, "key\nforgets", now + seconds{4'000}).has_value());  // the fast one
    CHECK(guard.accept(kCreated + 2, 0, "other\nhonest", now + seconds{2}).has_value());
    const auto again = guard.accept(kCreated + 3'600, 0, "fast\nahead", now + seconds{3'600});
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().fault() == Fault::signature_stale);
    // long after, too, when nothing of that key is remembered
    CHECK(guard.accept(kCreated + 90'000, 0, "other\nlater", now + seconds{90'000}).has_value());
    CHECK_FALSE(guard.accept(kCreated + 3'600, 0, "fast\nahead", now + seconds{3'600}).has_value());
}

TEST_CASE("a memory of nonces empties while the clock is set back, too", "[policy]") {
    policy::ReplayGuard guard{{}, kStart, 1};
    const auto now = kStart + seconds{101};
    CHECK(guard.accept(kCreated + 3'600, 0, "fast\nahead", now + seconds{3'600}).has_value());
    CHECK(guard.accept(kCreated, 0, "key\na", now).has_value());
    CHECK(guard.accept(kCreated + 400, 0, "key\nb", now + seconds{400}).has_value());
}

TEST_CASE("a call without a time of its own is known for a window that no clock's jump shortens",
          "[policy][security]") {
    std::chrono::steady_clock::time_point steady{seconds{1'000}};
    policy::ReplayGuard guard{{}, kStart, 500'000, [&steady] { return steady; }};
    const auto here = policy::TimedBy::gateway;
    const auto now = kStart + seconds{101};
    const bool is_after_restart = GENERATE(false, true);
    if (is_after_restart) {
        guard.recall(kCreated, "key\nused", here);
    } else {
        REQUIRE(guard.accept(kCreated, 0, "key\nused", now, here));
    }
    CHECK(guard.accept(kCreated + 3'600, 0, "key\nahead", now + seconds{3'600}, here));  // the clock jumps
    CHECK(guard.accept(kCreated + 3'600, 0, "key\nused", now + seconds{3'600}, here).error().fault() ==
          Fault::replayed);
    CHECK(guard.accept(kCreated + 3, 0, "key\nused", now + seconds{3}, here).error().fault() == Fault::replayed);
    CHECK(guard.accept(kCreated + 4, 0, "key\nhonest", now + seconds{4}, here));
    steady += seconds{301};
    CHECK(guard.accept(kCreated + 305, 0, "key\nused", now + seconds{305}, here));  // as long as any other
}

TEST_CASE("what was created before all of it is known is refused", "[policy][security]") {
    policy::ReplayGuard guard{{}, kStart};
    guard.refuse_before(kCreated + 1);
    CHECK(guard.accept(kCreated, 0, "key\na", kStart + seconds{101}).error().fault() == Fault::signature_stale);
    CHECK(guard.accept(kCreated + 1, 0, "key\na", kStart + seconds{101}));
}
