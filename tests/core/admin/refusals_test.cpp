#include "core/admin/refusals.h"

#include <algorithm>

#include "tests/support/catch.h"

using namespace datong;
using admin::Refusals;

namespace {

const Refusals::Time kNow{std::chrono::seconds{1'772'323'200}};  // a minute begins

evidence::Administration refused(const std::string& actor, const std::string& act = "account.list") {
    return {.actor = actor,
            .roles = "system",
            .from = "10.0.0.1",
            .act = act,
            .target = "one of many",
            .reason = "a reason",
            .outcome = "role_missing",
            .detail = "a detail"};
}

}  // namespace

TEST_CASE("refusals are counted by account, route and code, and come once their minute is over", "[admin]") {
    Refusals refusals;
    for (int i = 0; i < 1'000; ++i) {
        refusals.count(refused("li"), kNow);
    }
    refusals.count(refused("li", "account.show"), kNow + std::chrono::seconds{20});
    refusals.count(refused("zhao"), kNow + std::chrono::seconds{59});
    CHECK(refusals.take_over(kNow + std::chrono::seconds{59}).empty());
    const auto taken = refusals.take_over(kNow + std::chrono::seconds{60});
    REQUIRE(taken.size() == 3);
    CHECK(taken[0].told.actor == "li");
    CHECK(taken[0].told.roles == "system");
    CHECK(taken[0].told.from == "10.0.0.1");
    CHECK(taken[0].told.act == "account.list");
    CHECK(taken[0].told.outcome == "role_missing");
    CHECK(taken[0].told.detail == "times: 1000; since: 2026-03-01T08:00:00.000+08:00");
    CHECK(taken[0].told.target.empty());
    CHECK(taken[0].told.reason.empty());
    CHECK(taken[1].told.act == "account.show");
    CHECK(taken[2].told.actor == "zhao");
    CHECK(refusals.take_all().empty());
}

TEST_CASE("from several addresses is from none in particular, and what can't be written is counted on", "[admin]") {
    Refusals refusals;
    refusals.count(refused("li"), kNow);
    auto elsewhere = refused("li");
    elsewhere.from = "10.0.0.2";
    refusals.count(elsewhere, kNow);
    const auto first = refusals.take_all();
    REQUIRE(first.size() == 1);
    CHECK(first[0].told.from.empty());
    refusals.count(first[0].told, kNow, first[0].times);
    refusals.count(refused("li"), kNow);
    const auto second = refusals.take_all();
    REQUIRE(second.size() == 1);
    CHECK(second[0].times == 3);
}

TEST_CASE("however many are different, what is written in a minute has an end", "[admin][security]") {
    Refusals refusals;
    for (int i = 0; i < 1'000; ++i) {
        refusals.count(refused("li-" + std::to_string(i)), kNow);
    }
    const auto taken = refusals.take_all();
    CHECK(taken.size() == 257);
    std::uint64_t times = 0;
    for (const auto& one : taken) {
        times += one.times;
    }
    CHECK(times == 1'000);
    const auto others = std::ranges::find_if(taken, [](const auto& one) { return one.told.act == "others"; });
    REQUIRE(others != taken.end());
    CHECK(others->times == 744);
    CHECK(others->told.actor.empty());
}

TEST_CASE("so many refused acts of an account are kept in full in a minute, and no more", "[admin][security]") {
    Refusals refusals;
    const auto kept = [&refusals](const std::string& account, Refusals::Time at) {
        int count = 0;
        for (int i = 0; i < 100; ++i) {
            count += refusals.may_keep(account, at) ? 1 : 0;
        }
        return count;
    };
    CHECK(kept("li", kNow) == 30);
    CHECK(kept("zhao", kNow) == 30);
    CHECK(kept("li", kNow + std::chrono::seconds{59}) == 0);
    CHECK(kept("li", kNow + std::chrono::seconds{60}) == 30);
}
