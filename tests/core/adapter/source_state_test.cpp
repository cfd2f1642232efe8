#include "core/adapter/source_state.h"

#include "tests/support/catch.h"

using namespace std::chrono_literals;
using datong::Fault;
using datong::adapter::Limits;
using datong::adapter::SourceState;
using datong::adapter::Turn;

namespace {

const Limits kLimits{.in_flight = 2, .breaker_failures = 3, .breaker_rest = 10s};
const auto kStart = std::chrono::steady_clock::time_point{} + 1h;

void fail_once(SourceState& state, std::chrono::steady_clock::time_point now = kStart) {
    REQUIRE(state.enter(kLimits, now).has_value());
    state.leave(false, kLimits, now);
}

Fault refusal(SourceState& state, std::chrono::steady_clock::time_point now) {
    const auto entered = state.enter(kLimits, now);
    REQUIRE_FALSE(entered.has_value());
    return entered.error().fault();
}

}  // namespace

TEST_CASE("the bulkhead holds as many calls as the department allows", "[adapter]") {
    SourceState state;
    REQUIRE(state.enter(kLimits, kStart).has_value());
    REQUIRE(state.enter(kLimits, kStart).has_value());
    CHECK(state.in_flight() == 2);
    CHECK(refusal(state, kStart) == Fault::source_busy);
    state.leave(true, kLimits, kStart);
    CHECK(state.enter(kLimits, kStart).has_value());
}

TEST_CASE("the breaker opens after so many failures in a row, and only in a row", "[adapter]") {
    SourceState state;
    fail_once(state);
    fail_once(state);
    REQUIRE(state.enter(kLimits, kStart).has_value());
    state.leave(true, kLimits, kStart);
    fail_once(state);
    fail_once(state);
    CHECK_FALSE(state.resting(kStart));
    REQUIRE(state.enter(kLimits, kStart).has_value());
    CHECK(state.note(false, kLimits, kStart) == Turn::opened);
    state.release();
    CHECK(state.resting(kStart));
    CHECK(refusal(state, kStart + 9s) == Fault::department_down);
}

TEST_CASE("after its rest one call tries the source, and the others wait for how it went", "[adapter]") {
    SourceState state;
    for (int i = 0; i < 3; ++i) {
        fail_once(state);
    }
    const auto later = kStart + 11s;
    REQUIRE(state.enter(kLimits, later).has_value());
    CHECK(refusal(state, later) == Fault::department_down);

    SECTION("it went well: the breaker closes") {
        CHECK(state.note(true, kLimits, later) == Turn::closed);
        CHECK(state.enter(kLimits, later).has_value());
    }
    SECTION("it failed: the source rests again") {
        CHECK(state.note(false, kLimits, later) == Turn::opened);
        state.release();
        CHECK(refusal(state, later + 9s) == Fault::department_down);
        CHECK(state.enter(kLimits, later + 11s).has_value());
    }
    SECTION("it was dropped: another may try") {
        state.forget();
        state.release();
        CHECK(state.enter(kLimits, later).has_value());
    }
}

TEST_CASE("failures of calls that were under way when the breaker opened do not lengthen its rest", "[adapter]") {
    SourceState state;
    REQUIRE(state.enter(kLimits, kStart).has_value());
    for (int i = 0; i < 3; ++i) {
        fail_once(state);
    }
    CHECK(state.note(false, kLimits, kStart + 5s) == Turn::none);
    CHECK_FALSE(state.resting(kStart + 10s));
}

TEST_CASE("a place that comes free goes to who has waited longest", "[adapter]") {
    SourceState state;
    const Limits limits{.in_flight = 1};
    std::string woken;
    std::vector<std::shared_ptr<datong::adapter::Waiter>> line;
    REQUIRE(state.enter(limits, kStart).has_value());
    for (const char name : {'a', 'b', 'c'}) {
        line.push_back(std::make_shared<datong::adapter::Waiter>());
        line.back()->wake = [&woken, name] { woken += name; };
        REQUIRE(state.stand_in_line(line.back(), limits).has_value());
    }
    CHECK_FALSE(state.leave_line(line[1]));
    state.release();
    CHECK(woken == "a");
    CHECK(state.leave_line(line[0]));
    CHECK_FALSE(state.enter(limits, kStart).has_value());
    state.release();
    CHECK(woken == "ac");
    CHECK(state.in_flight() == 1);
    state.release();
    CHECK(state.in_flight() == 0);
}

TEST_CASE("who stands in line when a place has come free meanwhile has it at once", "[adapter]") {
    SourceState state;
    const auto waiter = std::make_shared<datong::adapter::Waiter>();
    bool woken = false;
    waiter->wake = [&woken] { woken = true; };
    REQUIRE(state.stand_in_line(waiter, kLimits).has_value());
    CHECK(woken);
    CHECK(state.leave_line(waiter));
    CHECK(state.in_flight() == 1);
}

TEST_CASE("a source whose loops go wakes nobody any more", "[adapter]") {
    SourceState state;
    const Limits limits{.in_flight = 1};
    REQUIRE(state.enter(limits, kStart).has_value());
    const auto waiter = std::make_shared<datong::adapter::Waiter>();
    bool woken = false;
    waiter->wake = [&woken] { woken = true; };
    REQUIRE(state.stand_in_line(waiter, limits).has_value());
    state.close();
    state.release();
    CHECK_FALSE(woken);
    CHECK_FALSE(state.leave_line(waiter));
    CHECK(state.in_flight() == 0);
    REQUIRE(state.enter(limits, kStart).has_value());
    CHECK_FALSE(state.stand_in_line(waiter, limits).has_value());
}

TEST_CASE("one hiccup that many calls met cuts their number once", "[adapter]") {
    using datong::adapter::Load;
    SourceState state;
    const Limits limits{.in_flight = 16};
    for (int i = 0; i < 4; ++i) {  // all asked before the first cut
        state.adapt(Load::too_much, limits, kStart, kStart + 1s);
    }
    CHECK(state.allowed(limits) == 8);
    state.adapt(Load::too_much, limits, kStart + 2s, kStart + 3s);
    CHECK(state.allowed(limits) == 4);
    for (int i = 0; i < 9; ++i) {
        state.adapt(Load::too_much, limits, kStart + 10s * i + 10s, kStart + 10s * i + 11s);
    }
    CHECK(state.allowed(limits) == 1);
}

TEST_CASE("a limit that the department raises or lowers holds at once", "[adapter]") {
    SourceState state;
    CHECK(state.allowed({.in_flight = 4}) == 4);
    CHECK(state.allowed({.in_flight = 2}) == 2);
    state.adapt(datong::adapter::Load::borne, {.in_flight = 2}, kStart, kStart);
    CHECK(state.allowed({.in_flight = 2}) == 2);
}

TEST_CASE("a full source and an open breaker say when to come again", "[adapter]") {
    SourceState state;
    for (int i = 0; i < 2; ++i) {
        REQUIRE(state.enter(kLimits, kStart).has_value());
    }
    CHECK(state.enter(kLimits, kStart).error().retry_after() == 1s);
    for (int i = 0; i < 3; ++i) {
        (void)state.note(false, kLimits, kStart);
    }
    CHECK(state.enter(kLimits, kStart + 1500ms).error().retry_after() == 9s);
}
