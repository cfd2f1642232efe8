#include <future>

#include "tests/core/accounts/desk_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::accounts;

TEST_CASE("a session ends with a change of roles, of state or of the password", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    const std::string token = fixture.sign_in("zhao")->token.reveal();
    Act act = fixture.act("account.change");
    SECTION("roles") {
        REQUIRE(fixture.desk->change("zhao", {.roles = {{"system"}}}, kWang, act));
        CHECK(fixture.told.back().detail == "roles: audit -> system");
    }
    SECTION("state") {
        REQUIRE(fixture.desk->change("zhao", {.disabled = true}, kWang, act));
        CHECK(code_of_problem(fixture.sign_in("zhao")) == "sign_in_refused");
        CHECK(fixture.told.back().outcome == "account_disabled");
    }
    SECTION("a first password again") {
        const auto enrolled = fixture.desk->renew_password("zhao", kChen, act);
        REQUIRE(enrolled);
        CHECK(code_of_problem(fixture.sign_in("zhao")) == "sign_in_refused");
        fixture.remember(*enrolled);
        CHECK(fixture.sign_in("zhao"));
    }
    SECTION("another second factor") {
        const auto enrolled = fixture.desk->renew_totp("zhao", kChen, {}, act);
        REQUIRE(enrolled);
        CHECK(code_of_problem(fixture.sign_in("zhao")) == "sign_in_refused");
        fixture.remember(*enrolled);
        CHECK(fixture.sign_in("zhao"));
    }
    SECTION("one's own password") {
        const Actor zhao = *fixture.desk->find_actor(token, "");
        const Secret next{"three cats in a box"};
        CHECK(code_of_problem(fixture.desk->change_password(zhao, Secret{"wrong"}, next, act)) == "sign_in_refused");
        CHECK(code_of_problem(fixture.desk->change_password(zhao, fixture.passwords["zhao"], Secret{"short"}, act)) ==
              "password_unfit");
        CHECK(code_of_problem(fixture.desk->change_password(zhao, fixture.passwords["zhao"], fixture.passwords["zhao"],
                                                            act)) == "password_unfit");
        REQUIRE(fixture.desk->find_actor(token, ""));
        REQUIRE(fixture.desk->change_password(zhao, fixture.passwords["zhao"], next, act));
        fixture.passwords["zhao"] = next;
        CHECK_FALSE(fixture.sign_in("zhao")->account.has_to_change_password);
    }
    CHECK(code_of_problem(fixture.desk->find_actor(token, "")) == "session_over");
}

TEST_CASE("accounts that can't be are not made", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    struct Row {
        const char* why;
        Account account;
        std::vector<std::string> roles;
        std::string_view code;
    };
    const std::vector<Row> rows{
        {"there already", person("zhao"), {"system"}, "account_exists"},
        {"roles that restrain each other", person("li"), {"system", "security"}, "roles_conflict"},
        {"a role that is none", person("li"), {"boss"}, "roles_unknown"},
        {"a name in capitals", person("Li"), {"system"}, "account_unfit"},
        {"the name of whoever uses the machine", person("local"), {"system"}, "account_unfit"},
        {"the name of what ends approvals", person("clock"), {"system"}, "account_unfit"},
        {"the name of a signal", person("signal"), {"system"}, "account_unfit"},
        {"a department without its territory", {.name = "li", .organisation = "land"}, {"department"}, "account_unfit"},
        {"a consumer without its organisation", {.name = "li", .territory = {"9999"}}, {"consumer"}, "account_unfit"},
        {"a division that is none",
         {.name = "li", .organisation = "land", .territory = {"99990"}},
         {"department"},
         "account_unfit"},
        {"an administrator of a department", {.name = "li", .organisation = "land"}, {"system"}, "account_unfit"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.why);
        CHECK(code_of_problem(fixture.add(row.account, row.roles)) == row.code);
    }
    CHECK(fixture.desk->list()->size() == 1);
}

TEST_CASE("nobody decides about themselves", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("wang"), {"security"}));
    Act act = fixture.act("account.change");
    CHECK(code_of_problem(fixture.desk->change("wang", {.roles = {{"system"}}}, kWang, act)) == "own_account");
    CHECK(code_of_problem(fixture.desk->change("wang", {.disabled = false}, kWang, act)) == "own_account");
    CHECK(code_of_problem(fixture.desk->renew_password("wang", kWang, act)) == "own_account");
    CHECK(code_of_problem(fixture.desk->change("nobody", {}, kWang, act)) == "account_unknown");
}

TEST_CASE("what can't be recorded does not happen", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("zhao"), {"audit"}));
    fixture.evidence_works = false;
    CHECK(code_of_problem(fixture.add(person("li"), {"system"})) == "evidence_unavailable");
    CHECK(code_of_problem(fixture.desk->find("li")) == "account_unknown");
    CHECK(code_of_problem(fixture.sign_in("zhao")) == "evidence_unavailable");
    Act act = fixture.act("account.change");
    CHECK(code_of_problem(fixture.desk->change("zhao", {.roles = {{"system"}}}, kWang, act)) == "evidence_unavailable");
    CHECK(fixture.desk->find("zhao")->account.roles == std::vector<Role>{Role::audit});
}

TEST_CASE("an account may sign in by its client certificate instead", "[accounts][security]") {
    Fixture fixture;
    Account account = person("qian");
    account.x509 = "0a1b CN=ca";
    const auto enrolled = fixture.add(account, {"system"});
    REQUIRE(enrolled);
    CHECK(enrolled->password.empty());
    CHECK(enrolled->totp_uri.empty());
    const auto opened = fixture.sign_in({.account = "qian", .x509 = "0a1b CN=ca"});
    REQUIRE(opened);
    CHECK(fixture.desk->find_actor(opened->token.reveal(), "0a1b CN=ca"));
    CHECK(code_of_problem(fixture.desk->find_actor(opened->token.reveal(), "")) == "session_over");
    CHECK(code_of_problem(fixture.desk->find_actor(opened->token.reveal(), "ff CN=ca")) == "session_over");
    CHECK(code_of_problem(fixture.sign_in({.account = "qian", .x509 = "ff CN=ca"})) == "sign_in_refused");
    CHECK(fixture.told.back().outcome == "wrong_certificate");
    CHECK(code_of_problem(fixture.sign_in({.account = "qian"})) == "sign_in_refused");
    Act act = fixture.act("account.change");
    CHECK(fixture.desk->change("qian", {.x509 = "ff CN=ca"}, kWang, act));
    CHECK(fixture.sign_in({.account = "qian", .x509 = "ff CN=ca"}));
    CHECK(code_of_problem(fixture.desk->renew_password("qian", kWang, act)) == "x509_unfit");
}

TEST_CASE("who shows the account's certificate is not locked out by tries without it", "[accounts][security]") {
    Fixture fixture;
    Account account = person("qian");
    account.x509 = "0a1b CN=ca";
    REQUIRE(fixture.add(account, {"system"}));
    for (const char* x509 : {"", "ff CN=ca", "", "ff CN=ca", ""}) {
        CHECK(code_of_problem(fixture.sign_in({.account = "qian", .x509 = x509})) == "sign_in_refused");
    }
    CHECK(fixture.desk->find("qian")->locked_until != 0);
    CHECK(code_of_problem(fixture.sign_in({.account = "qian"})) == "account_locked");  // as any other name
    CHECK(code_of_problem(fixture.sign_in({.account = "qian", .x509 = "ff CN=ca"})) == "account_locked");
    SECTION("it opens, and ends the lock") {
        CHECK(fixture.sign_in({.account = "qian", .x509 = "0a1b CN=ca"}));
        CHECK(fixture.desk->find("qian")->locked_until == 0);
    }
    SECTION("but not what is disabled") {
        Act act = fixture.act("account.change");
        REQUIRE(fixture.desk->change("qian", {.disabled = true}, kWang, act));
        CHECK(code_of_problem(fixture.sign_in({.account = "qian", .x509 = "0a1b CN=ca"})) == "sign_in_refused");
        CHECK(fixture.told.back().outcome == "account_disabled");
    }
    SECTION("nor another's account") {
        REQUIRE(fixture.add(person("zhao"), {"audit"}));
        for (int i = 0; i < 5; ++i) {
            CHECK(code_of_problem(fixture.guess("zhao")) == "sign_in_refused");
        }
        CHECK(code_of_problem(fixture.sign_in({.account = "zhao", .x509 = "0a1b CN=ca"})) == "account_locked");
    }
}

TEST_CASE("what was decided on an account that changed since is not carried out", "[accounts][security]") {
    const support::ScratchFolder folder;
    const auto shelf = Shelf::open(folder / "datong.db.accounts").value();
    const Shelf::Before nothing = [] { return Status{}; };
    REQUIRE(shelf->add({.account = {.name = "li", .roles = {Role::system}}, .password = "old"}, nothing).value());
    KeptAccount stale = **shelf->find("li");
    KeptAccount fresh = **shelf->find("li");
    fresh.account.disabled = true;
    REQUIRE(shelf->change(fresh, true, nothing).value());
    SECTION("not another change: a disabled account does not come back with a new password") {
        stale.password = "new";
        CHECK_FALSE(shelf->change(stale, true, nothing).value());
        CHECK((*shelf->find("li"))->account.disabled);
        CHECK((*shelf->find("li"))->password == "old");
    }
    SECTION("nor a session whose secrets were judged before") {
        const KeptSession session{.digest = "d", .account = "li", .opened = 1, .used = 1};
        CHECK_FALSE(shelf->open_session(session, stale.revision, 3, nothing).value());
        CHECK_FALSE(shelf->find_session("d")->has_value());
        CHECK(shelf->open_session(session, fresh.revision + 1, 3, nothing).value());
    }
    SECTION("and a code that was used meanwhile stays used") {
        KeptAccount now = **shelf->find("li");
        REQUIRE(shelf->use_step("li", 7).value());
        REQUIRE(shelf->change(now, false, nothing).value());
        CHECK_FALSE(shelf->use_step("li", 7).value());
        now = **shelf->find("li");
        now.totp = "another";
        REQUIRE(shelf->change(now, false, nothing).value());
        CHECK(shelf->use_step("li", 7).value());
    }
}

TEST_CASE("one certificate signs in by one account", "[accounts][security]") {
    Fixture fixture;
    Account account = person("qian");
    account.x509 = "0a1b CN=ca";
    REQUIRE(fixture.add(account, {"system"}));
    account.name = "qian-audit";
    CHECK(code_of_problem(fixture.add(account, {"audit"})) == "x509_unfit");
    account.x509 = "0a1c CN=ca";
    REQUIRE(fixture.add(account, {"audit"}));
    Act act = fixture.act("account.change");
    CHECK(code_of_problem(fixture.desk->change("qian-audit", {.x509 = "0a1b CN=ca"}, kWang, act)) == "x509_unfit");
}

TEST_CASE("the first account is made once, and the gateway records it", "[accounts][security]") {
    Fixture fixture;
    const auto sign = [](const evidence::Administration& told) -> Result<std::string> {
        return told.act + ' ' + told.target + ' ' + told.detail;
    };
    const auto first = fixture.desk->add_first(person("wang"), sign);
    REQUIRE(first);
    CHECK(first->account.roles == std::vector<Role>{Role::security});
    CHECK(code_of_problem(fixture.desk->add_first(person("li"), sign)) == "account_exists");
    std::vector<std::string> entries;
    CHECK_FALSE(
        fixture.desk->settle_owed([](const std::string&) { return fail(Fault::evidence_unavailable, "full"); }));
    const auto append = [&entries](const std::string& entry) -> Status {
        entries.push_back(entry);
        return {};
    };
    // while one puts it into the evidence, another comes, and waits
    std::future<std::size_t> second;
    const auto first_to_append = [&](const std::string& entry) -> Status {
        second = std::async(std::launch::async, [&] { return fixture.desk->settle_owed(append).value(); });
        CHECK(second.wait_for(std::chrono::milliseconds{200}) == std::future_status::timeout);
        return append(entry);
    };
    CHECK(fixture.desk->settle_owed(first_to_append).value() == 1);
    CHECK(second.get() == 0);
    CHECK(fixture.desk->settle_owed(append).value() == 0);
    CHECK(entries == std::vector<std::string>{"account.init wang roles: - -> security; display"});
    fixture.remember(*first);
    CHECK(fixture.sign_in("wang"));
}
