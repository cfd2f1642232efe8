#include "core/adapter/guard.h"

#include "tests/core/adapter/scripted.h"

using namespace datong;
using namespace std::chrono_literals;
using namespace datong::adapter::scripted;
using adapter::Ask;
using adapter::Errand;
using adapter::Guard;
using adapter::Limits;
using adapter::Reply;

TEST_CASE("a guard passes an answer on and gives its place back", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {good()};
    Guard guard = fixture.guard({});
    const auto reply = fixture.ask(guard);
    REQUIRE(reply.has_value());
    CHECK(reply->body == "ok");
    CHECK(fixture.state->in_flight() == 0);
}

TEST_CASE("the deadline is the call's or the source's, whichever is first", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {good()};
    Guard guard = fixture.guard({.call = 1000ms});
    const auto now = std::chrono::steady_clock::now();
    REQUIRE(fixture.ask(guard, 60s).has_value());
    CHECK(fixture.script.last.deadline < now + 10s);
    REQUIRE(fixture.ask(guard, 500ms).has_value());
    CHECK(fixture.script.last.deadline < std::chrono::steady_clock::now() + 500ms);
}

TEST_CASE("a call without time left does not reach the department and does not count against it", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {good()};
    Guard guard = fixture.guard({.breaker_failures = 1});
    const auto reply = fixture.ask(guard, 0ms);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_timeout);
    CHECK(fixture.script.asked == 0);
    CHECK(fixture.state->in_flight() == 0);
    CHECK(fixture.ask(guard).has_value());
}

TEST_CASE("a source that is switched off is not asked", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {good()};
    Guard guard = fixture.guard({.off = true});
    const auto reply = fixture.ask(guard);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::source_closed);
    CHECK(reply.error().retry_after() == 0s);
    CHECK_FALSE(fixture.bench.run(guard.probe(AdapterBench::errand(1s))).has_value());
    CHECK(fixture.script.asked == 0);
}

TEST_CASE("a guard tries again only what is down, only as often as allowed", "[adapter]") {
    struct Row {
        const char* why;
        int retries;
        std::deque<Result<Reply>> replies;
        int asked;
        bool answered;
    };
    const auto row = GENERATE(values<Row>({
        {"never when retries is 0", 0, {bad(Fault::department_down), good()}, 1, false},
        {"once, and it works", 1, {bad(Fault::department_down), good()}, 2, true},
        {"twice, and it stays down", 2, {bad(Fault::department_down)}, 3, false},
        {"not what came too late: it may have had its effect", 3, {bad(Fault::department_timeout), good()}, 1, false},
        {"not what was refused", 3, {bad(Fault::department_refused), good()}, 1, false},
        {"not what is no message", 3, {bad(Fault::department_invalid), good()}, 1, false},
    }));
    CAPTURE(row.why);
    Fixture fixture;
    fixture.script.replies = row.replies;
    Guard guard = fixture.guard({.breaker_failures = 100, .retries = row.retries});
    CHECK(fixture.ask(guard).has_value() == row.answered);
    CHECK(fixture.script.asked == row.asked);
}

TEST_CASE("a guard does not try again when no time is left", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {bad(Fault::department_down)};
    fixture.script.takes = 30ms;
    Guard guard = fixture.guard({.breaker_failures = 100, .retries = 50});
    const auto began = std::chrono::steady_clock::now();
    CHECK_FALSE(fixture.ask(guard, 300ms).has_value());
    CHECK(fixture.script.asked < 10);
    CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("answers over a limit of ours open no breaker, and close one as any answer does", "[adapter]") {
    Fixture fixture;
    const Result<Reply> too_much = fail(Error{Fault::department_invalid, "scripted"}.over_limit());
    fixture.script.replies = {
        bad(Fault::department_down), too_much, bad(Fault::department_down), too_much, too_much, too_much, good()};
    Guard guard = fixture.guard({.breaker_failures = 2});
    for (int i = 0; i < 6; ++i) {
        CHECK_FALSE(fixture.ask(guard).has_value());
    }
    CHECK_FALSE(fixture.state->resting(std::chrono::steady_clock::now()));
    CHECK(fixture.ask(guard).has_value());
    CHECK(fixture.script.asked == 7);
}

TEST_CASE("the breaker opens on silence, and not on a refusal", "[adapter]") {
    const Fault fault = GENERATE(Fault::department_down, Fault::department_timeout, Fault::department_invalid,
                                 Fault::department_refused, Fault::request_invalid, Fault::internal);
    const bool counts =
        fault == Fault::department_down || fault == Fault::department_timeout || fault == Fault::department_invalid;
    CAPTURE(row_of(fault).code);
    Fixture fixture;
    fixture.script.replies = {bad(fault)};
    Guard guard = fixture.guard({.breaker_failures = 2});
    CHECK_FALSE(fixture.ask(guard).has_value());
    CHECK_FALSE(fixture.ask(guard).has_value());
    CHECK(fixture.state->resting(std::chrono::steady_clock::now()) == counts);
    const auto third = fixture.ask(guard);
    CHECK(fixture.script.asked == (counts ? 2 : 3));
    CHECK(third.error().fault() == (counts ? Fault::department_down : fault));
    CHECK_THAT(fixture.bench.sink().metrics(), ContainsSubstring("datong_adapter_failures_total"));
}

TEST_CASE("an error names the source", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {bad(Fault::department_down)};
    Guard guard = fixture.guard({});
    CHECK(fixture.ask(guard).error().detail() == "land-registry: scripted");
}

TEST_CASE("work that goes on after its call keeps its place in the bulkhead", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {bad(Fault::department_timeout)};
    fixture.script.keeps_place = true;
    Guard guard = fixture.guard({.in_flight = 1, .wait = 0ms});
    CHECK(fixture.ask(guard).error().fault() == Fault::department_timeout);
    CHECK(fixture.state->in_flight() == 1);
    CHECK(fixture.ask(guard).error().fault() == Fault::source_busy);
    fixture.script.kept.reset();
    CHECK(fixture.state->in_flight() == 0);
}

TEST_CASE("a call that is dropped in the middle gives its place back and says nothing about the source", "[adapter]") {
    Fixture fixture;
    fixture.script.replies = {good()};
    fixture.script.takes = 30s;
    Guard guard = fixture.guard({.in_flight = 1});
    {
        boost::asio::io_context loop{1};
        boost::asio::co_spawn(loop, guard.ask(Ask{}, AdapterBench::errand(30s)),
                              [](const std::exception_ptr&, const Result<Reply>&) {});
        loop.poll();
        CHECK(fixture.state->in_flight() == 1);
    }
    CHECK(fixture.state->in_flight() == 0);
    CHECK_FALSE(fixture.state->resting(std::chrono::steady_clock::now()));
}

TEST_CASE("what never reached the department neither counts against it nor clears what did", "[adapter]") {
    const Fault fault = GENERATE(Fault::request_invalid, Fault::source_busy, Fault::internal);
    Fixture fixture;
    fixture.script.replies = {bad(Fault::department_down), bad(fault), bad(Fault::department_down)};
    Guard guard = fixture.guard({.breaker_failures = 2});
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(fixture.state->resting(std::chrono::steady_clock::now()));
        CHECK_FALSE(fixture.ask(guard).has_value());
    }
    CHECK(fixture.state->resting(std::chrono::steady_clock::now()));
}

TEST_CASE("silence that our own lateness cut off does not count against the department", "[adapter]") {
    struct Row {
        const char* why;
        Fault fault;
        std::chrono::milliseconds call;
        std::chrono::milliseconds fair;
        bool counts;
    };
    const auto row = GENERATE(values<Row>({
        {"it had no fair time", Fault::department_timeout, 5000ms, 1000ms, false},
        {"not connected in what was left", Fault::department_down, 5000ms, 1000ms, false},
        {"it had a fair time", Fault::department_timeout, 5000ms, 20ms, true},
        {"it had all the time of the source's own limit", Fault::department_timeout, 30ms, 1000ms, true},
        {"what is no message is no message, however late", Fault::department_invalid, 5000ms, 1000ms, true},
    }));
    CAPTURE(row.why);
    Fixture fixture;
    fixture.script.replies = {bad(row.fault)};
    fixture.script.takes = 60ms;  // over each deadline
    Guard guard = fixture.guard({.call = row.call, .fair = row.fair, .breaker_failures = 1});
    CHECK_FALSE(fixture.ask(guard, 50ms).has_value());
    CHECK(fixture.script.asked == 1);
    CHECK(fixture.state->resting(std::chrono::steady_clock::now()) == row.counts);
}
