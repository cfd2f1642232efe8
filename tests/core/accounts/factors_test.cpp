#include "tests/core/accounts/desk_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::accounts;

namespace {

/// An office in which wang added zhao, who has a password of his own since.
struct Office : Fixture {
    Office() {
        REQUIRE(add(person("zhao"), {"system"}));
        choose_password("three cats in a box");
    }
    Outcome<Enrolled> renew_password(const Actor& by) {
        Act renewing = act("account.password", by);
        auto enrolled = settle(renewing, desk->renew_password("zhao", by, renewing));
        if (enrolled) {
            remember(*enrolled);
        }
        return enrolled;
    }
    Outcome<Enrolled> renew_totp(const Actor& by) {
        Act renewing = act("account.totp", by);
        auto enrolled = settle(renewing, desk->renew_totp("zhao", by, {}, renewing));
        if (enrolled) {
            remember(*enrolled);
        }
        return enrolled;
    }
    /// zhao signs in and chooses.
    void choose_password(const char* next) {
        REQUIRE(sign_in("zhao"));
        Act changing = act("account.password");
        REQUIRE(desk->change_password({.account = "zhao"}, passwords["zhao"], Secret{next}, changing));
        passwords["zhao"] = Secret{next};
    }
    /// zhao signs in and takes another second factor.
    void choose_totp() {
        REQUIRE(sign_in("zhao"));
        Act changing = act("account.totp");
        const auto own = desk->renew_totp("zhao", {.account = "zhao"}, passwords["zhao"], changing);
        REQUIRE(own);
        remember(*own);
    }
};

}  // namespace

TEST_CASE("one person gives nobody both factors, in whichever order", "[accounts][security]") {
    Office office;
    SECTION("who added the account knows its second factor") {
        CHECK(code_of_problem(office.renew_password(kWang)) == "second_person_needed");
        CHECK(office.told.back().act == "account.password");
        CHECK(office.told.back().outcome == "second_person_needed");
    }
    SECTION("the password, then the second factor") {
        REQUIRE(office.renew_password(kChen));
        CHECK(office.told.back().detail == "second factor by wang");
        CHECK(code_of_problem(office.renew_totp(kChen)) == "second_person_needed");
    }
    SECTION("the second factor, then the password") {
        REQUIRE(office.renew_totp(kChen));
        CHECK(office.told.back().detail == "password by its owner");
        CHECK(code_of_problem(office.renew_password(kChen)) == "second_person_needed");
    }
    SECTION("nor after the owner signed in by what was given: it is known still") {
        REQUIRE(office.renew_totp(kChen));
        REQUIRE(office.sign_in("zhao"));
        CHECK(code_of_problem(office.renew_password(kChen)) == "second_person_needed");
    }
    SECTION("nor after a restart") {
        REQUIRE(office.renew_password(kChen));
        office.open();
        CHECK(code_of_problem(office.renew_totp(kChen)) == "second_person_needed");
    }
    // what was refused changed nothing: the owner still signs in
    CHECK(office.sign_in("zhao"));
}

TEST_CASE("two persons renew what somebody lost", "[accounts][security]") {
    Office office;
    SECTION("one each") {
        REQUIRE(office.renew_password(kChen));
        REQUIRE(office.renew_totp(kWang));
    }
    SECTION("the same person, once the owner has replaced what that person gave") {
        REQUIRE(office.renew_password(kChen));
        office.choose_password("four dogs in a house");
        REQUIRE(office.renew_totp(kChen));
        office.choose_totp();
        REQUIRE(office.renew_password(kChen));
    }
    CHECK(office.sign_in("zhao"));
}

TEST_CASE("accounts that were kept before it was noted who gave their factors open as they are", "[accounts]") {
    Office office;
    const auto database = store::Database::open(office.folder / "datong.db.accounts", {.version = 1, .tables = ""});
    REQUIRE(database);
    office.desk.reset();
    REQUIRE(database->execute("DROP TABLE given"));
    office.open();
    CHECK(office.sign_in("zhao"));
    REQUIRE(office.renew_password(kWang));
    CHECK(code_of_problem(office.renew_totp(kWang)) == "second_person_needed");
}

TEST_CASE("the last security administrator is recovered, and nobody by the way", "[accounts][security]") {
    Fixture fixture;
    REQUIRE(fixture.add(person("wang"), {"security"}));
    REQUIRE(fixture.add(person("zhao"), {"system"}));
    const auto recover = [&](const std::string& name, bool others_lost) {
        Act act = fixture.act("account.recover", local_actor());
        auto enrolled = fixture.settle(act, fixture.desk->recover(name, others_lost, act));
        if (enrolled) {
            fixture.remember(*enrolled);
        }
        return enrolled;
    };
    CHECK(code_of_problem(recover("nobody", false)) == "account_unknown");
    CHECK(code_of_problem(recover("zhao", false)) == "account_unfit");
    CHECK(fixture.told.back().outcome == "account_unfit");

    const std::string token = fixture.sign_in("wang")->token.reveal();
    for (int i = 0; i < 5; ++i) {
        (void)fixture.guess("wang");
    }
    REQUIRE(code_of_problem(fixture.sign_in("wang")) == "account_locked");
    SECTION("while there is nobody else") {
        REQUIRE(recover("wang", false));
        CHECK(fixture.told.back().detail == "both factors; others: none; changed: nothing");
        CHECK(code_of_problem(fixture.desk->find_actor(token, "")) == "session_over");
        CHECK(fixture.sign_in("wang")->account.has_to_change_password);
    }
    SECTION("where the only one was disabled") {
        Act act = fixture.act("account.change", kChen);
        REQUIRE(fixture.desk->change("wang", {.disabled = true}, kChen, act));
        REQUIRE(recover("wang", false));
        CHECK_THAT(fixture.told.back().detail, ContainsSubstring("state: disabled -> active"));
        CHECK(fixture.sign_in("wang"));
    }
    SECTION("with another one only if that one has lost everything, too") {
        REQUIRE(fixture.add(person("chen"), {"security"}));
        CHECK(code_of_problem(recover("wang", false)) == "others_can_help");
        CHECK(fixture.told.back().outcome == "others_can_help");
        REQUIRE(recover("wang", true));
        CHECK_THAT(fixture.told.back().detail, ContainsSubstring("others: lost theirs, too"));
        CHECK(fixture.sign_in("wang"));
    }
    SECTION("not one that was disabled while another is there") {
        REQUIRE(fixture.add(person("chen"), {"security"}));
        Act act = fixture.act("account.change", kChen);
        REQUIRE(fixture.desk->change("wang", {.disabled = true}, kChen, act));
        CHECK(code_of_problem(recover("wang", true)) == "account_unfit");
        CHECK(code_of_problem(fixture.sign_in("wang")) == "account_locked");
    }
    SECTION("not without its record") {
        fixture.evidence_works = false;
        CHECK(code_of_problem(recover("wang", false)) == "evidence_unavailable");
        CHECK(code_of_problem(fixture.sign_in("wang")) == "account_locked");
    }
    SECTION("by a password, though it signed in by a certificate that is gone") {
        Account qian = person("qian");
        qian.x509 = "0a1b CN=ca";
        REQUIRE(fixture.add(qian, {"security"}));
        REQUIRE(recover("qian", true));
        CHECK(code_of_problem(fixture.sign_in({.account = "qian", .x509 = "0a1b CN=ca"})) == "sign_in_refused");
        CHECK(fixture.sign_in("qian"));
    }
}
