#include "core/adapter/guard.h"

#include <deque>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/async/wait.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace std::chrono_literals;
using adapter::Ask;
using adapter::Errand;
using adapter::Guard;
using adapter::Limits;
using adapter::Reply;
using adapter::SourceState;
using support::AdapterBench;

namespace {

/// What the fake department does, call by call; the last goes on.
struct Script {
    std::deque<Result<Reply>> replies;
    int asked{};
    Errand last{};
    std::shared_ptr<const void> kept;  ///< of work that goes on after its call
    bool keeps_place{};
    std::chrono::milliseconds takes{};
};

class Scripted final : public adapter::Adapter {
public:
    explicit Scripted(Script& script) : script_{script} {}

    boost::asio::awaitable<Result<Reply>> ask(Ask /*what*/, Errand errand) override {
        ++script_.asked;
        if (script_.keeps_place) {
            script_.kept = errand.place;
        }
        script_.last = errand;
        script_.last.place.reset();
        co_await async::sleep_until(std::chrono::steady_clock::now() + script_.takes);
        Result<Reply> reply = script_.replies.front();
        if (script_.replies.size() > 1) {
            script_.replies.pop_front();
        }
        co_return reply;
    }
    boost::asio::awaitable<Result<adapter::Contact>> probe(Errand errand) override {
        script_.last = errand;
        co_return adapter::Contact::reachable;
    }

private:
    Script& script_;
};

Result<Reply> good() {
    Reply reply;
    reply.body = "ok";
    return reply;
}

Result<Reply> bad(Fault fault) {
    return fail(fault, "scripted");
}

/// 2026-03-02, a Monday, 10:00 by +08:00.
const auto kMonday = std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 2h;

struct Fixture {
    AdapterBench bench;
    support::FakeClock clock{kMonday};
    Script script;
    std::shared_ptr<SourceState> state = std::make_shared<SourceState>();

    Guard guard(Limits limits) {
        return {"land-registry",
                std::make_unique<Scripted>(script),
                std::move(limits),
                state,
                {.blocking = nullptr, .clock = clock, .sink = bench.sink(), .folder = {}}};
    }
    Result<Reply> ask(Guard& guard, std::chrono::milliseconds limit = 5s) {
        return bench.run(guard.ask(Ask{}, AdapterBench::errand(limit)));
    }
};

}  // namespace

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

namespace {

/// Calls at once on one loop, each with what became of it.
struct Crowd {
    boost::asio::io_context loop{1};
    std::vector<std::optional<Fault>> faults;  ///< of those that have ended; nullopt: answered

    void ask(Guard& guard, std::chrono::milliseconds limit = 20s) {
        boost::asio::co_spawn(loop, guard.ask(Ask{}, AdapterBench::errand(limit)),
                              [this](const std::exception_ptr&, const Result<Reply>& reply) {
                                  faults.push_back(reply ? std::nullopt : std::optional{reply.error().fault()});
                              });
    }
};

}  // namespace

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
