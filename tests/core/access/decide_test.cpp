#include "tests/core/access/hall.h"

using namespace datong;
using namespace datong::access_tests;

namespace {

const std::chrono::system_clock::time_point kNow =
    std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + std::chrono::hours{2};

access::Terms terms_of(const std::string& text, const catalogue::Calendar& calendar,
                       std::set<std::string> owners = {"market"}) {
    Mistakes mistakes;
    auto application = access::read_application(text, "a.yaml", mistakes);
    REQUIRE(application);
    return {
        .application = std::move(*application), .owners = std::move(owners), .calendar = calendar, .decide_days = 10};
}

/// An application and what was done about it so far.
struct Course {
    catalogue::Calendar calendar{};
    access::Terms terms = terms_of(good_application(), calendar);
    Dossier dossier{.id = "a-2026-0001", .text = good_application()};
    std::chrono::system_clock::time_point now = kNow;

    Course() { REQUIRE(does(kApplicant, Act::submit)); }
    accounts::Outcome<Dossier> tries(const Actor& actor, Act act, std::string reason = "因为") const {
        const Deed deed{.act = act,
                        .reason = std::move(reason),
                        .text = dossier.text,
                        .of = access::needs_digest(act) ? access::digest_of(dossier) : std::string{}};
        return access::decide(dossier, deed, actor, terms, now);
    }
    bool does(const Actor& actor, Act act) {
        auto next = tries(actor, act);
        if (next) {
            dossier = std::move(*next);
        }
        return dossier.history.size() > 0 && dossier.history.back().act == act &&
               dossier.history.back().account == actor.account;
    }
};

std::string rule_of(const accounts::Outcome<Dossier>& outcome) {
    return outcome ? std::string{} : std::string{outcome.error().code};
}

}  // namespace

TEST_CASE("an application is in force when its department and security have approved it", "[access]") {
    Course course;
    CHECK(course.dossier.state == State::submitted);
    CHECK(access::missing_approvals(course.dossier, course.terms.owners) ==
          std::vector<std::string>{"department:market", "security"});
    REQUIRE(course.does(kSecurity, Act::approve));
    CHECK(course.dossier.state == State::submitted);
    CHECK(course.dossier.stage.empty());
    REQUIRE(course.does(kMarket, Act::approve));
    CHECK(course.dossier.state == State::approved);
    CHECK(course.dossier.stage == "sandbox");
    CHECK(course.dossier.approved_by == std::vector<std::string>{"security-qian", "market-li"});
}

TEST_CASE("every department whose data is asked for has to approve", "[access][security]") {
    Course course;
    course.terms.owners = {"land", "market"};
    REQUIRE(course.does(kMarket, Act::approve));
    REQUIRE(course.does(kSecurity, Act::approve));
    CHECK(course.dossier.state == State::submitted);
    REQUIRE(course.does(kLand, Act::approve));
    CHECK(course.dossier.state == State::approved);
}

TEST_CASE("production is approved once more, by two persons again", "[access][security]") {
    Course course;
    CHECK(rule_of(course.tries(kMarket, Act::promote)) == "wrong_state");
    REQUIRE(course.does(kMarket, Act::approve));
    REQUIRE(course.does(kSecurity, Act::approve));
    REQUIRE(course.does(kMarket, Act::promote));
    CHECK(course.dossier.stage == "sandbox");
    CHECK(rule_of(course.tries(kMarket, Act::promote)) == "approved_twice");
    REQUIRE(course.does(kSecurity, Act::promote));
    CHECK(course.dossier.stage == "production");
    CHECK(rule_of(course.tries(kSecurity, Act::promote)) == "wrong_state");
}

TEST_CASE("who may not decide is refused by a rule with a name", "[access][security]") {
    struct Row {
        const char* why;
        Actor actor;
        Act act;
        std::string reason;
        const char* rule;
    };
    const Actor applicant_in_department{"portal-wang", {Role::department}, "market", {"9999"}};
    const Actor elsewhere{"market-wu", {Role::department}, "market", {"5401"}};
    const Actor no_territory{"market-wu", {Role::department}, "market", {}};
    const Actor auditor{"audit-sun", {Role::audit}};
    const Actor other_applicant{"window-feng", {Role::consumer}, "one-window", {"9999"}};
    const Actor second_of_market{"market-chen", {Role::department}, "market", {"9999"}};
    const auto row = GENERATE_COPY(values<Row>({
        {"the applicant himself", applicant_in_department, Act::approve, "", "applicant_approves"},
        {"one account twice", kMarket, Act::approve, "", "approved_twice"},
        {"a second person of the same department", second_of_market, Act::approve, "", "capacity_filled"},
        {"a department that owns none of it", kLand, Act::approve, "", "not_an_approver"},
        {"a department outside its territory", elsewhere, Act::approve, "", "outside_territory"},
        {"a department account without a territory", no_territory, Act::approve, "", "outside_territory"},
        {"a role that decides nothing", auditor, Act::approve, "", "not_an_approver"},
        {"a consumer", other_applicant, Act::approve, "", "not_an_approver"},
        {"refusing without a reason", kSecurity, Act::refuse, "", "reason_missing"},
        {"sending back without a reason", kSecurity, Act::request_changes, "", "reason_missing"},
        {"refusing by a consumer", other_applicant, Act::refuse, "x", "not_an_approver"},
        {"amending another's application", other_applicant, Act::amend, "", "other_organisation"},
        {"revoking what is not approved", kSecurity, Act::revoke, "x", "wrong_state"},
        {"reopening what is open", kSecurity, Act::reopen, "x", "wrong_state"},
        {"ending what is not approved", kSecurity, Act::expire, "", "wrong_state"},
    }));
    CAPTURE(row.why);
    Course course;
    REQUIRE(course.does(kMarket, Act::approve));
    const auto decided = course.tries(row.actor, row.act, row.reason);
    REQUIRE_FALSE(decided);
    CHECK(rule_of(decided) == row.rule);
}

TEST_CASE("an organisation applies for itself, within its territory", "[access][security]") {
    const catalogue::Calendar calendar;
    const access::Terms terms = terms_of(good_application(), calendar);
    const auto apply = [&](const Actor& actor) {
        return rule_of(access::decide({.id = "a"}, {.act = Act::submit}, actor, terms, kNow));
    };
    CHECK(apply(kApplicant).empty());
    CHECK(apply({"x", {Role::consumer}, "one-window", {"9999"}}) == "other_organisation");
    CHECK(apply({"x", {Role::security}, "portal", {"9999"}}) == "other_organisation");
    CHECK(apply({"x", {Role::consumer}, "portal", {"5401"}}) == "outside_territory");
}

TEST_CASE("a changed application is approved from the beginning", "[access][security]") {
    Course course;
    REQUIRE(course.does(kMarket, Act::approve));
    REQUIRE(course.does(kSecurity, Act::request_changes));
    CHECK(course.dossier.state == State::changes_requested);
    CHECK(rule_of(course.tries(kSecurity, Act::approve)) == "wrong_state");
    REQUIRE(course.does(kApplicant, Act::amend));
    CHECK(course.dossier.state == State::submitted);
    CHECK(course.dossier.approvers.empty());
    REQUIRE(course.does(kSecurity, Act::approve));
    CHECK(course.dossier.state == State::submitted);
}

TEST_CASE("what was revoked is opened by those who decide, what is over by the applicant, too", "[access]") {
    Course course;
    REQUIRE(course.does(kMarket, Act::approve));
    REQUIRE(course.does(kSecurity, Act::approve));
    CHECK(rule_of(course.tries(kSecurity, Act::expire)) == "wrong_state");
    SECTION("revoked") {
        REQUIRE(course.does(kMarket, Act::revoke));
        CHECK(course.dossier.state == State::revoked);
        CHECK(rule_of(course.tries(kApplicant, Act::reopen)) == "not_an_approver");
        REQUIRE(course.does(kSecurity, Act::reopen));
        CHECK(course.dossier.state == State::reopened);
        CHECK(course.dossier.stage.empty());
        REQUIRE(course.does(kMarket, Act::approve));
        REQUIRE(course.does(kSecurity, Act::approve));
        CHECK(course.dossier.state == State::approved);
    }
    SECTION("over") {
        course.now += std::chrono::days{310};
        REQUIRE(course.does(kSecurity, Act::expire));
        REQUIRE(course.does(kApplicant, Act::reopen));
        CHECK(course.dossier.state == State::reopened);
        CHECK(rule_of(course.tries(kMarket, Act::approve)) == "validity_over");
    }
}

TEST_CASE("an application is due after so many working days, holidays and the first day not counted", "[access]") {
    catalogue::Calendar calendar;
    calendar.holidays = {{2026, 3, 6}};
    calendar.workdays = {{2026, 3, 14}};
    const access::Terms terms = terms_of(good_application(), calendar);
    const auto submitted = access::decide({.id = "a"}, {.act = Act::submit}, kApplicant, terms, kNow);
    REQUIRE(submitted);
    CHECK(submitted->due == record::Date{2026, 3, 16});  // 3 4 5, 9 to 13, 14, 16
}

TEST_CASE("a dossier is kept and read back whole", "[access]") {
    Course course;
    REQUIRE(course.does(kMarket, Act::approve));
    REQUIRE(course.does(kSecurity, Act::approve));
    REQUIRE(course.does(kSecurity, Act::promote));
    const auto record = access::to_record(course.dossier);
    const auto read = access::read_dossier(record);
    REQUIRE(read);
    CHECK(access::to_record(*read) == record);
    CHECK(read->approvers.size() == 1);
    CHECK_FALSE(access::read_dossier(record::Record::object()));
}

TEST_CASE("who handed in what is applied for never approves it, whoever changed it since", "[access][security]") {
    Course course;
    course.dossier.history = {{.account = "market-li", .act = Act::submit},
                              {.account = "portal-wang", .act = Act::amend}};
    CHECK(rule_of(course.tries(kMarket, Act::approve)) == "applicant_approves");
    course.dossier.history = {{.account = "market-wu", .act = Act::submit},
                              {.account = "portal-wang", .act = Act::amend}};
    CHECK(rule_of(course.tries(kMarket, Act::approve)).empty());
}

TEST_CASE("an organisation applies for the consumer that it is", "[access][security]") {
    Course course;
    course.terms.application.asked.consumer = "one-window";
    CHECK(rule_of(course.tries(kApplicant, Act::amend)) == "other_organisation");
}

TEST_CASE("nobody approves or refuses what they do not say they have read", "[access][security]") {
    Course course;
    const auto act = GENERATE(Act::approve, Act::promote, Act::refuse);
    CAPTURE(access::name_of(act));
    if (act == Act::promote) {
        REQUIRE(course.does(kMarket, Act::approve));
        REQUIRE(course.does(kSecurity, Act::approve));
    }
    const auto decide_of = [&](const std::string& of) {
        return access::decide(course.dossier, {.act = act, .reason = "因为", .of = of}, kMarket, course.terms, kNow);
    };
    const auto unread = decide_of({});
    REQUIRE_FALSE(unread);
    CHECK(unread.error().code == "digest_missing");
    CHECK(unread.error().status == 400);
    CHECK_THAT(std::string{unread.error().title_en}, ContainsSubstring("datong access show"));
    const std::string right = access::digest_of(course.dossier);
    std::string wrong = right;
    wrong.front() = wrong.front() == '0' ? '1' : '0';
    const auto other = decide_of(wrong);
    REQUIRE_FALSE(other);
    CHECK(other.error().code == "changed_meanwhile");
    CHECK(other.error().detail.find(right) == std::string::npos);  // it is read, not copied from a refusal
    CHECK(decide_of(right));
}
