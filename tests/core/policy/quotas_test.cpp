#include "core/policy/quotas.h"

#include <thread>

#include "tests/support/catch.h"

using namespace datong;
using policy::Circle;
using policy::Grant;
using policy::Quotas;
using policy::Tally;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::system_clock;

namespace {

const system_clock::time_point kHalfPast{hours{500'000} + minutes{30}};

Grant grant_of(policy::Quota quota) {
    Grant grant;
    grant.id = "g1";
    grant.quota = quota;
    return grant;
}

Tally guesses(const std::string& about, std::uint64_t count, std::uint64_t most) {
    return {.consumer = "portal", .guesses = {{.about = about, .count = count, .most = most}}, .subjects = {}};
}

Tally about(const std::string& id, std::uint64_t most, Circle circle = Circle::consumer, const std::string& of = {}) {
    return {.consumer = "portal", .guesses = {}, .subjects = {{.circle = circle, .of = of, .id = id, .most = most}}};
}

}  // namespace

TEST_CASE("a quota ends with its window and not before", "[policy]") {
    policy::Quotas quotas;
    const Grant grant = grant_of({.calls = 2, .seconds = 60});
    const std::chrono::system_clock::time_point noon{std::chrono::seconds{1'800'000'000}};
    CHECK(quotas.take(grant, noon).has_value());
    CHECK(quotas.take(grant, noon).has_value());
    const auto third = quotas.take(grant, noon);
    REQUIRE_FALSE(third.has_value());
    CHECK(third.error().fault() == Fault::quota_exceeded);
    CHECK(quotas.take(grant, noon + std::chrono::seconds{60}).has_value());
}

TEST_CASE("looking at a quota takes nothing of it", "[policy]") {
    policy::Quotas quotas;
    const Grant grant = grant_of({.calls = 1, .seconds = 60});
    const std::chrono::system_clock::time_point noon{std::chrono::seconds{1'800'000'000}};
    CHECK(quotas.look(grant, noon).has_value());
    CHECK(quotas.look(grant, noon).has_value());
    CHECK(quotas.take(grant, noon).has_value());
    const auto over = quotas.look(grant, noon);
    REQUIRE_FALSE(over.has_value());
    CHECK(over.error().fault() == Fault::quota_exceeded);
}

TEST_CASE("predicates are counted by whom they are about, and begin anew with the hour", "[policy][security]") {
    Quotas quotas;
    CHECK(quotas.tally(guesses("a", 3, 5), kHalfPast));
    const auto over = quotas.tally(guesses("a", 3, 5), kHalfPast);
    REQUIRE_FALSE(over);
    CHECK(over.error().fault() == Fault::guesses_exceeded);
    CHECK(over.error().retry_after() == minutes{30});
    CHECK(quotas.tally(guesses("a", 2, 5), kHalfPast));  // what was refused was not counted
    CHECK(quotas.tally(guesses("b", 5, 5), kHalfPast));
    CHECK(quotas.tally(guesses("a", 5, 5), kHalfPast + minutes{30}));
}

TEST_CASE("the guesses of one call count together, and all or none of them", "[policy][security]") {
    Quotas quotas;
    Tally call = guesses("tax\nperson", 3, 10);
    call.guesses.push_back({.about = "tax\nperson", .count = 3, .most = 10});
    call.guesses.push_back({.about = "\nperson", .count = 6, .most = 5});
    const auto over = quotas.tally(call, kHalfPast);
    REQUIRE_FALSE(over);
    CHECK(over.error().fault() == Fault::guesses_exceeded);
    CHECK(quotas.tally(guesses("tax\nperson", 10, 10), kHalfPast));
    CHECK_FALSE(quotas.tally(guesses("tax\nperson", 1, 10), kHalfPast));
    CHECK(quotas.tally(guesses("\nperson", 5, 5), kHalfPast));
    Tally twice = guesses("land\nperson", 3, 5);
    twice.guesses.push_back(twice.guesses.front());
    CHECK_FALSE(quotas.tally(twice, kHalfPast));
}

TEST_CASE("what is remembered of guesses has an end, for each consumer by itself", "[policy][security]") {
    Quotas quotas;
    for (std::size_t i = 0; i < Quotas::kMostAbout; ++i) {
        REQUIRE(quotas.tally(guesses(std::to_string(i), 1, 5), kHalfPast));
    }
    CHECK(quotas.tally(guesses("7", 1, 5), kHalfPast));
    const auto over = quotas.tally(guesses("another", 1, 5), kHalfPast);
    REQUIRE_FALSE(over);
    CHECK(over.error().fault() == Fault::guesses_exceeded);
    Tally elsewhere = guesses("another", 1, 5);
    elsewhere.consumer = "one-window";
    CHECK(quotas.tally(elsewhere, kHalfPast));
    CHECK(quotas.tally(guesses("another", 1, 5), kHalfPast + hours{1}));
}

TEST_CASE("different persons are counted, each once an hour, by consumer, grant and account", "[policy][security]") {
    Quotas quotas;
    CHECK(quotas.tally(about("a", 2), kHalfPast)->subjects == 1);
    CHECK(quotas.tally(about("a", 2), kHalfPast)->subjects == 0);
    CHECK(quotas.tally(about("b", 2), kHalfPast)->subjects == 1);
    const auto over = quotas.tally(about("c", 2), kHalfPast);
    REQUIRE_FALSE(over);
    CHECK(over.error().fault() == Fault::subjects_exceeded);
    CHECK(over.error().retry_after() == minutes{30});
    CHECK(quotas.tally(about("a", 2), kHalfPast));  // whom it asked about before it may ask about again
    CHECK(quotas.tally(about("c", 2, Circle::grant, "g"), kHalfPast));
    CHECK(quotas.tally(about("c", 1, Circle::account, "g"), kHalfPast)->subjects == 0);
    CHECK_FALSE(quotas.tally(about("d", 1, Circle::account, "g"), kHalfPast));
    CHECK(quotas.tally(about("d", 1, Circle::account, "h"), kHalfPast));
    CHECK(quotas.tally(about("c", 2), kHalfPast + hours{1}));
}

TEST_CASE("a call about several persons counts all of them, or none", "[policy][security]") {
    Quotas quotas;
    Tally call = about("a", 3);
    for (const char* id : {"b", "b", "c", "d"}) {
        call.subjects.push_back({.circle = Circle::consumer, .of = {}, .id = id, .most = 3});
    }
    CHECK_FALSE(quotas.tally(call, kHalfPast));
    call.subjects.pop_back();
    const auto counted = quotas.tally(call, kHalfPast);
    REQUIRE(counted);
    CHECK(counted->subjects == 3);
    call.guesses.push_back({.about = "x", .count = 9, .most = 5});  // and nothing where its guesses are too many
    call.subjects = {{.circle = Circle::grant, .of = "g", .id = "a", .most = 1}};
    CHECK_FALSE(quotas.tally(call, kHalfPast));
    CHECK(quotas.tally(about("b", 1, Circle::grant, "g"), kHalfPast));
}

TEST_CASE("what was guessed under one grant counts for all, and the least cap of a call holds", "[policy][security]") {
    Quotas quotas;
    REQUIRE(quotas.tally(guesses("\nsomebody", 25, 1'000), kHalfPast));
    CHECK_FALSE(quotas.tally(guesses("\nsomebody", 1, 20), kHalfPast));  // of another grant, with another cap
    CHECK(quotas.tally(guesses("\nsomebody", 1, 1'000), kHalfPast));
    Tally both = about("a", 1'000);
    both.subjects.push_back({.circle = Circle::consumer, .of = {}, .id = "b", .most = 1});
    const auto over = quotas.tally(both, kHalfPast);
    REQUIRE_FALSE(over);
    CHECK(over.error().fault() == Fault::subjects_exceeded);
    both.subjects.pop_back();
    CHECK(quotas.tally(both, kHalfPast));
}

TEST_CASE("what is remembered of persons has an end", "[policy][security]") {
    Quotas quotas;
    const std::string account = "account ";
    for (std::size_t i = 0; i < Quotas::kMostSubjects; ++i) {
        REQUIRE(quotas.tally(about("the same", 5, Circle::account, account + std::to_string(i)), kHalfPast));
    }
    const auto over = quotas.tally(about("the same", 5, Circle::account, "another"), kHalfPast);
    REQUIRE_FALSE(over);
    CHECK(over.error().fault() == Fault::subjects_exceeded);
    CHECK(quotas.tally(about("the same", 5, Circle::account, account + "7"), kHalfPast));
    CHECK(quotas.tally(guesses("the same", 1, 5), kHalfPast));  // guesses have room of their own
}

TEST_CASE("four fifths of a cap are told once", "[policy]") {
    Quotas quotas;
    for (int i = 0; i < 7; ++i) {
        CHECK(quotas.tally(about(std::to_string(i), 10, Circle::grant, "g"), kHalfPast)->near.empty());
    }
    const auto eighth = quotas.tally(about("7", 10, Circle::grant, "g"), kHalfPast);
    REQUIRE(eighth);
    REQUIRE(eighth->near.size() == 1);
    CHECK(eighth->near.front().circle == Circle::grant);
    CHECK(eighth->near.front().of == "g");
    CHECK(eighth->near.front().asked == 8);
    CHECK(eighth->near.front().most == 10);
    CHECK(quotas.tally(about("8", 10, Circle::grant, "g"), kHalfPast)->near.empty());
}

TEST_CASE("a call from just before the hour does not make the counts begin anew", "[policy][security]") {
    Quotas quotas;
    const system_clock::time_point hour{hours{500'001}};
    CHECK(quotas.tally(about("a", 1), hour));
    CHECK_FALSE(quotas.tally(about("b", 1), hour - std::chrono::milliseconds{1}));
    CHECK_FALSE(quotas.tally(about("b", 1), hour));
    const Grant grant = grant_of({.calls = 1, .seconds = 3600});
    CHECK(quotas.take(grant, hour));
    CHECK_FALSE(quotas.take(grant, hour - std::chrono::milliseconds{1}));
    CHECK_FALSE(quotas.take(grant, hour));
    CHECK(quotas.tally(about("b", 1), hour - hours{5}));  // a clock that was put back counts from there
}

TEST_CASE("calls at the same time never get more than the cap", "[policy][security]") {
    Quotas quotas;
    constexpr int kThreads = 4;
    constexpr int kCalls = 500;
    constexpr std::uint64_t kMost = 100;
    std::atomic<std::uint64_t> taken{};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&quotas, &taken, t] {
                for (int i = 0; i < kCalls; ++i) {
                    taken += quotas.tally(about(std::to_string(t) + ' ' + std::to_string(i), kMost), kHalfPast) ? 1 : 0;
                }
            });
        }
    }
    CHECK(taken == kMost);
}

TEST_CASE("who is mostly told that there is no such record is told of once an hour", "[policy][security]") {
    Quotas quotas;
    constexpr std::uint64_t kHalf = 50;
    CHECK_FALSE(quotas.note_answers("portal", {.answered = 99, .missing = 99}, kHalf, kHalfPast));  // too few yet
    const auto many = quotas.note_answers("portal", {.answered = 1, .missing = 0}, kHalf, kHalfPast);
    REQUIRE(many);
    CHECK(many->answered == 100);
    CHECK(many->missing == 99);
    CHECK_FALSE(quotas.note_answers("portal", {.answered = 10, .missing = 10}, kHalf, kHalfPast));
    CHECK(quotas.note_answers("portal", {.answered = 100, .missing = 50}, kHalf, kHalfPast + hours{1}));
    CHECK_FALSE(quotas.note_answers("one-window", {.answered = 200, .missing = 99}, kHalf, kHalfPast + hours{1}));
}
