// What protects a department's system: the line before it, its opening hours, the calls that it bears.
#include "tests/core/adapter/scripted.h"

using namespace datong;
using namespace std::chrono_literals;
using namespace datong::adapter::scripted;
using adapter::Ask;
using adapter::Errand;
using adapter::Guard;
using adapter::Limits;
using adapter::Reply;

TEST_CASE("a call to a full source waits a little for a place, and is answered when one comes free", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {good()};
    fixture.script.takes = 30ms;
    Guard guard = fixture.guard({.in_flight = 1, .wait = 20s});
    Crowd crowd;
    for (int i = 0; i < 4; ++i) {
        crowd.ask(guard);
    }
    crowd.loop.poll();
    CHECK(fixture.state->in_flight() == 1);
    CHECK(fixture.state->waiting() == 3);
    crowd.loop.run_for(20s);
    CHECK(crowd.faults == std::vector<std::optional<Fault>>(4));
    CHECK(fixture.script.asked == 4);
    CHECK(fixture.state->in_flight() == 0);
    CHECK(fixture.state->waiting() == 0);
}

TEST_CASE("a call that gets no place in its time is refused as busy, and the department is not asked", "[adapter]") {
    struct Row {
        const char* why;
        std::chrono::milliseconds wait;
        std::chrono::milliseconds limit;
    };
    const auto row = GENERATE(values<Row>({{"the source's wait is over", 40ms, 20s}, {"the call's own", 20s, 40ms}}));
    CAPTURE(row.why);
    Fixture fixture;
    fixture.script.replies = {good()};
    fixture.script.keeps_place = true;
    Guard guard = fixture.guard({.in_flight = 1, .wait = row.wait});
    REQUIRE(fixture.ask(guard).has_value());
    const auto began = std::chrono::steady_clock::now();
    const auto second = fixture.ask(guard, row.limit);
    const auto took = std::chrono::steady_clock::now() - began;
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().fault() == Fault::source_busy);
    CHECK(took >= 35ms);
    CHECK(took < 10s);
    CHECK(fixture.script.asked == 1);
    CHECK(fixture.state->waiting() == 0);
}

TEST_CASE("only so many calls wait for a source", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {good()};
    fixture.script.takes = 30ms;
    Guard guard = fixture.guard({.in_flight = 1, .wait = 20s, .waiting = 1});
    Crowd crowd;
    for (int i = 0; i < 3; ++i) {
        crowd.ask(guard);
    }
    crowd.loop.poll();
    REQUIRE(crowd.faults.size() == 1);
    CHECK(crowd.faults.front() == Fault::source_busy);
    crowd.loop.run_for(20s);
    CHECK(crowd.faults.size() == 3);
    CHECK(fixture.script.asked == 2);
}

TEST_CASE("a call that is dropped while it waits leaves the line and takes no place", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {good()};
    fixture.script.keeps_place = true;
    Guard guard = fixture.guard({.in_flight = 1, .wait = 20s});
    REQUIRE(fixture.ask(guard).has_value());
    const bool is_given_first = GENERATE(false, true);
    {
        Crowd crowd;
        crowd.ask(guard);
        crowd.loop.poll();
        REQUIRE(fixture.state->waiting() == 1);
        if (is_given_first) {
            fixture.script.kept.reset();
            CHECK(fixture.state->in_flight() == 1);  // the waiting call's, which never runs again
        }
    }
    CHECK(fixture.state->waiting() == 0);
    fixture.script.kept.reset();
    CHECK(fixture.state->in_flight() == 0);
}

TEST_CASE("a call that waited while the breaker opened is not sent to the department", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {bad(Fault::department_invalid)};
    fixture.script.takes = 30ms;
    Guard guard = fixture.guard({.in_flight = 1, .wait = 20s, .breaker_failures = 1});
    Crowd crowd;
    crowd.ask(guard);
    crowd.ask(guard);
    crowd.loop.run_for(20s);
    CHECK(crowd.faults == std::vector<std::optional<Fault>>{Fault::department_invalid, Fault::department_down});
    CHECK(fixture.script.asked == 1);
    CHECK(fixture.state->in_flight() == 0);
}

TEST_CASE("what says that it is not safe is asked once, whatever the source's retries", "[adapter]") {
    struct Row {
        const char* why;
        const char* operation;
        bool once;
        int asked;
    };
    const auto row = GENERATE(values<Row>({{"a safe operation is tried again", "look", false, 4},
                                           {"an operation that says safe: false", "write", false, 1},
                                           {"a submit, whatever its operation says", "look", true, 1}}));
    CAPTURE(row.why);
    Fixture fixture;
    fixture.script.replies = {bad(Fault::department_down)};
    Guard guard = fixture.guard({.breaker_failures = 100, .retries = 3, .unsafe = {"write"}});
    Ask what;
    what.operation = row.operation;
    Errand errand = AdapterBench::errand(20s);
    errand.once = row.once;
    CHECK_FALSE(fixture.bench.run(guard.ask(what, errand)).has_value());
    CHECK(fixture.script.asked == row.asked);
}

TEST_CASE("a department that takes no calls is not asked, and the caller hears until when", "[adapter]") {
    struct Row {
        const char* why;
        Limits limits;
        std::optional<adapter::Pause> pause;
        std::chrono::seconds until;  ///< 0: nobody knows
    };
    const auto row = GENERATE(values<Row>({
        {"its quiet hours", {.quiet = {{.from = 9 * 60, .to = 11 * 60}}}, std::nullopt, 3600s},
        {"over midnight", {.quiet = {{.from = 22 * 60, .to = 10 * 60 + 1}}}, std::nullopt, 60s},
        {"a pause until it says otherwise", {}, adapter::Pause{}, 0s},
        {"a pause until noon", {}, adapter::Pause{kMonday + 2h}, 7200s},
    }));
    CAPTURE(row.why);
    Fixture fixture;
    fixture.script.replies = {good()};
    Guard guard = fixture.guard(row.limits);
    fixture.state->set_pause(row.pause);
    const auto refused = fixture.ask(guard);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().fault() == Fault::source_closed);
    CHECK(refused.error().retry_after() == row.until);
    CHECK(fixture.bench.run(guard.probe(AdapterBench::errand(1s))).error().fault() == Fault::source_closed);
    CHECK(fixture.script.asked == 0);
    if (row.until > 0s) {
        fixture.clock.advance(row.until);
        CHECK(fixture.ask(guard).has_value());
    } else {
        fixture.state->set_pause(std::nullopt);
        CHECK(fixture.ask(guard).has_value());
    }
}

TEST_CASE("the daily number counts what was asked, retries too, and begins anew at midnight by +08:00", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {bad(Fault::department_down), good()};
    Guard guard = fixture.guard({.breaker_failures = 100, .retries = 1, .daily = 3});
    CHECK(fixture.ask(guard).has_value());  // two calls to the department
    CHECK(fixture.ask(guard).has_value());
    const auto fourth = fixture.ask(guard);
    REQUIRE_FALSE(fourth.has_value());
    CHECK(fourth.error().fault() == Fault::source_closed);
    CHECK(fourth.error().retry_after() == 14h);
    CHECK(fixture.script.asked == 3);
    CHECK(fixture.state->calls_today(fixture.clock.now()) == 3);
    fixture.clock.advance(14h);
    CHECK(fixture.ask(guard).has_value());
    CHECK(fixture.state->calls_today(fixture.clock.now()) == 1);
}

TEST_CASE("a call without time left is no call of the day", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {good()};
    Guard guard = fixture.guard({.daily = 1});
    CHECK_FALSE(fixture.ask(guard, 0ms).has_value());
    CHECK(fixture.state->calls_today(fixture.clock.now()) == 0);
}

TEST_CASE("a call that waited while the department paused is not sent", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {good()};
    fixture.script.takes = 30ms;
    Guard guard = fixture.guard({.in_flight = 1, .wait = 20s});
    Crowd crowd;
    crowd.ask(guard);
    crowd.ask(guard);
    crowd.loop.poll();
    fixture.state->set_pause(adapter::Pause{});
    crowd.loop.run_for(20s);
    CHECK(crowd.faults == std::vector<std::optional<Fault>>{std::nullopt, Fault::source_closed});
    CHECK(fixture.script.asked == 1);
    CHECK(fixture.state->in_flight() == 0);
}

TEST_CASE("calls in flight are halved where a department is silent, and come back one by one", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {bad(Fault::department_timeout), bad(Fault::department_invalid), good()};
    const Limits limits{.in_flight = 8, .call = 5ms, .breaker_failures = 100};
    fixture.script.takes = 8ms;
    Guard guard = fixture.guard(limits);
    CHECK(fixture.state->allowed(limits) == 8);
    CHECK_FALSE(fixture.ask(guard).has_value());
    CHECK(fixture.state->allowed(limits) == 4);
    CHECK_FALSE(fixture.ask(guard).has_value());  // nonsense at once is no sign of load
    CHECK(fixture.state->allowed(limits) == 4);
    for (int i = 0; i < 5; ++i) {
        CHECK(fixture.ask(guard).has_value());
    }
    CHECK(fixture.state->allowed(limits) == 5);
    for (int i = 0; i < 60; ++i) {
        CHECK(fixture.ask(guard).has_value());
    }
    CHECK(fixture.state->allowed(limits) == 8);
}

TEST_CASE("while 64 calls hang at one source, no call to another waits", "[adapter]") {
    Fixture hanging;
    hanging.script.replies = {good()};
    hanging.script.takes = 60s;
    Guard hangs = hanging.guard({.in_flight = 4, .wait = 30s, .waiting = 64});
    Fixture well;
    well.script.replies = {good()};
    well.script.takes = 1ms;
    Guard other = well.guard({});
    Crowd crowd;
    for (int i = 0; i < 64; ++i) {
        crowd.ask(hangs, 60s);
    }
    crowd.loop.poll();
    REQUIRE(hanging.state->in_flight() == 4);
    REQUIRE(hanging.state->waiting() == 60);
    std::vector<std::optional<Fault>> answers;
    for (int i = 0; i < 100; ++i) {
        const auto reply = well.ask(other);
        answers.push_back(reply ? std::nullopt : std::optional{reply.error().fault()});
        crowd.loop.poll();
    }
    CHECK(answers == std::vector<std::optional<Fault>>(100));
    CHECK(well.script.asked == 100);
    CHECK_THAT(hanging.bench.sink().metrics(),
               ContainsSubstring("datong_adapter_waits_total{source=\"land-registry\"} 60"));
    CHECK_THAT(well.bench.sink().metrics(), !ContainsSubstring("datong_adapter_waits_total"));
    CHECK(hanging.state->waiting() == 60);
}
