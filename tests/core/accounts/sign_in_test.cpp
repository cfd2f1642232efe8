#include <atomic>
#include <future>

#include "core/accounts/shelf.h"
#include "tests/core/accounts/desk_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::accounts;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("who shows password and second factor gets a session; neither is recorded", "[accounts]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    const auto opened = fixture.sign_in("zhao");
    REQUIRE(opened);
    CHECK(opened->account.has_to_change_password);
    CHECK(opened->until == to_unix_seconds(fixture.clock.now()) + 28'800);
    const auto actor = fixture.desk->find_actor(opened->token.reveal(), "");
    REQUIRE(actor);
    CHECK(actor->account == "zhao");
    CHECK(actor->has_any({Role::audit}));
    CHECK_FALSE(actor->has_any({Role::system, Role::security}));

    REQUIRE(fixture.told.size() == 2);
    CHECK(fixture.told[0].detail == "roles: - -> audit; display");
    CHECK(fixture.told[1].actor == "zhao");
    CHECK(fixture.told[1].outcome == "done");
    const std::string file = fixture.folder.read("datong.db.accounts") + fixture.folder.read("datong.db.accounts-wal");
    for (const std::string& secret :
         {opened->token.reveal(), fixture.passwords["zhao"].reveal(), fixture.keys["zhao"].reveal()}) {
        CHECK(file.find(secret) == std::string::npos);
    }
}

TEST_CASE("a second factor is used once", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    fixture.clock.advance(minutes{1});
    const Shown shown{.account = "zhao", .password = fixture.passwords["zhao"], .code = fixture.code("zhao")};
    REQUIRE(fixture.sign_in(shown));
    CHECK(code_of_problem(fixture.sign_in(shown)) == "sign_in_refused");
    CHECK(fixture.told.back().outcome == "second_factor_used");
    SECTION("nor one before it") {
        const std::string earlier = code_of(fixture.keys["zhao"], step_of(to_unix_seconds(fixture.clock.now())) - 1);
        CHECK_FALSE(fixture.sign_in({.account = "zhao", .password = fixture.passwords["zhao"], .code = earlier}));
    }
    SECTION("not after a restart either") {
        fixture.open();
        CHECK_FALSE(fixture.sign_in(shown));
        CHECK(fixture.sign_in("zhao"));
    }
}

TEST_CASE("what is wrong is not told apart for whoever signs in, but in the evidence", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    fixture.clock.advance(minutes{1});
    const Secret good = fixture.passwords["zhao"];
    struct Row {
        Shown shown;
        const char* recorded;
        const char* target;
    };
    const std::vector<Row> rows{
        {{.account = "zhao", .password = Secret{"wrong"}, .code = fixture.code("zhao")}, "wrong_password", "zhao"},
        {{.account = "zhao", .password = good, .code = "000000"}, "wrong_second_factor", "zhao"},
        {{.account = "zhao", .password = good}, "wrong_second_factor", "zhao"},
        {{.account = "my-secret-typed-here", .password = good, .code = "000000"}, "account_unknown", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.recorded);
        const auto refused = fixture.sign_in(row.shown);
        CHECK(code_of_problem(refused) == "sign_in_refused");
        CHECK(refused.error().detail.empty());
        CHECK(fixture.told.back().outcome == row.recorded);
        CHECK(fixture.told.back().target == row.target);
        CHECK(fixture.told.back().actor.empty());
    }
}

TEST_CASE("five failures in a row lock a name, over a restart too, whether it is one or not", "[accounts][security]") {
    const std::string name = GENERATE("zhao", "nobody");
    CAPTURE(name);
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    for (int i = 0; i < 5; ++i) {
        CHECK(code_of_problem(fixture.guess(name)) == "sign_in_refused");
    }
    CHECK_THAT(fixture.told.back().detail, ContainsSubstring("locked until "));
    fixture.open();
    const auto locked = fixture.guess(name);
    CHECK(code_of_problem(locked) == "account_locked");
    CHECK(locked.error().retry_after == seconds{1'800});
    if (name == "zhao") {
        CHECK(code_of_problem(fixture.sign_in("zhao")) == "account_locked");  // with all that is right
        CHECK(fixture.desk->find("zhao")->locked_until != 0);
        fixture.clock.advance(minutes{31});
        CHECK(fixture.sign_in("zhao"));
    }
}

TEST_CASE("failures that come at once are counted one by one", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    for (int i = 0; i < 4; ++i) {
        (void)fixture.guess("zhao");
    }
    const auto guess = [&](const Act::Keep& keep) {
        Act opening{Actor{}, "session.open", "", keep};
        return std::string{code_of_problem(fixture.desk->sign_in(
            {.account = "zhao", .password = Secret{"a wrong password"}, .code = "000000", .address = "::1"}, opening))};
    };
    std::atomic<int> told{};
    std::future<std::string> sixth;
    const std::string fifth = guess([&](const evidence::Administration&) {
        ++told;
        sixth = std::async(std::launch::async, [&] {  // before the lock of this one stands
            return guess([&](const evidence::Administration&) {
                ++told;
                return Status{};
            });
        });
        CHECK(sixth.wait_for(std::chrono::milliseconds{200}) == std::future_status::timeout);
        return Status{};
    });
    CHECK(fifth == "sign_in_refused");
    CHECK(sixth.get() == "account_locked");
    CHECK(told == 1);
}

TEST_CASE("a failure behind a lock does not open it", "[accounts][security]") {
    const support::ScratchFolder folder;
    const auto shelf = Shelf::open(folder / "accounts").value();
    int told = 0;
    const auto fail_at = [&](std::int64_t now) {
        return shelf->count_failure("n", {.count = 2, .locked_until = 100}, now, [&] {
            ++told;
            return Status{};
        });
    };
    CHECK(fail_at(10)->count == 1);
    CHECK(fail_at(11)->locked_until == 100);
    CHECK(fail_at(12)->locked_until == 100);  // was judged before the lock stood
    CHECK(shelf->failures_of("n")->locked_until == 100);
    CHECK(told == 1);
    CHECK(fail_at(101)->count == 1);
    CHECK(shelf->failures_of("n")->locked_until == 0);
    const auto not_told = shelf->count_failure("n", {.count = 2, .locked_until = 200}, 102,
                                               [] { return fail(Fault::evidence_unavailable, "full"); });
    CHECK_FALSE(not_told.has_value());
    CHECK(shelf->failures_of("n")->count == 1);
}

TEST_CASE("a success ends the row, and somebody else unlocks", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    for (int i = 0; i < 4; ++i) {
        (void)fixture.guess("zhao");
    }
    REQUIRE(fixture.sign_in("zhao"));
    for (int i = 0; i < 5; ++i) {
        CHECK(code_of_problem(fixture.guess("zhao")) == "sign_in_refused");
    }
    REQUIRE(code_of_problem(fixture.guess("zhao")) == "account_locked");
    Act own = fixture.act("account.unlock", {.account = "zhao", .roles = {Role::security}});
    CHECK(code_of_problem(fixture.desk->unlock("zhao", {.account = "zhao"}, own)) == "own_account");
    Act other = fixture.act("account.unlock");
    REQUIRE(fixture.desk->unlock("zhao", kWang, other));
    CHECK(fixture.sign_in("zhao"));
}

TEST_CASE("one address signs in so often a minute", "[accounts][security]") {
    Fixture fixture{limits_of(3)};
    for (int i = 0; i < 3; ++i) {
        CHECK(code_of_problem(fixture.guess("n" + std::to_string(i))) == "sign_in_refused");
    }
    const auto refused = fixture.guess("n4");
    CHECK(code_of_problem(refused) == "too_many_attempts");
    CHECK(refused.error().retry_after > seconds{0});
    fixture.address = "127.0.0.2";
    CHECK(code_of_problem(fixture.guess("n5")) == "sign_in_refused");
    fixture.address = "127.0.0.1";
    fixture.clock.advance(minutes{1});
    CHECK(code_of_problem(fixture.guess("n6")) == "sign_in_refused");
}

TEST_CASE("a session ends unused, at its end, at sign-out, and when there are too many", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    const std::string token = fixture.sign_in("zhao")->token.reveal();
    const auto find = [&] { return code_of_problem(fixture.desk->find_actor(token, "")); };
    SECTION("after a quarter of an hour without use") {
        fixture.clock.advance(minutes{14});
        CHECK(find().empty());
        fixture.clock.advance(minutes{14});
        CHECK(find().empty());
        fixture.clock.advance(minutes{15});
        CHECK(find() == "session_over");
    }
    SECTION("after eight hours of use") {
        for (int i = 0; i < 47; ++i) {
            fixture.clock.advance(minutes{10});
            REQUIRE(find().empty());
        }
        fixture.clock.advance(minutes{10});
        CHECK(find() == "session_over");
        REQUIRE(fixture.desk->forget());
        CHECK(find() == "session_over");
    }
    SECTION("at sign-out") {
        Act closing = fixture.act("session.close");
        REQUIRE(fixture.desk->sign_out(token, closing));
        CHECK(find() == "session_over");
    }
    SECTION("the oldest by the fourth") {
        const auto second = fixture.sign_in("zhao");
        REQUIRE(fixture.sign_in("zhao"));
        CHECK(find().empty());
        REQUIRE(fixture.sign_in("zhao"));
        CHECK(find() == "session_over");
        CHECK(fixture.desk->find_actor(second->token.reveal(), ""));
    }
    CHECK(code_of_problem(fixture.desk->find_actor("", "")) == "not_signed_in");
    CHECK(code_of_problem(fixture.desk->find_actor("something else", "")) == "session_over");
}

TEST_CASE("whoever has a session only can't guess its password on", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    REQUIRE(fixture.sign_in("zhao"));
    const Actor zhao{.account = "zhao", .roles = {Role::audit}};
    for (int i = 0; i < 5; ++i) {
        Act act = fixture.act("account.password", zhao);
        CHECK(code_of_problem(fixture.desk->change_password(zhao, Secret{"no"}, Secret{"x"}, act)) ==
              "sign_in_refused");
    }
    Act act = fixture.act("account.totp", zhao);
    CHECK(code_of_problem(fixture.desk->renew_totp("zhao", zhao, fixture.passwords["zhao"], act)) == "account_locked");
}
