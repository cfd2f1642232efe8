#include <algorithm>

#include "core/codec/json.h"
#include "tests/journeys/administrator.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

std::string code_in(const codec::HttpMessage& http) {
    const auto body = codec::read_json(http.body);
    return body ? body->text_of("code") : std::string{};
}

}  // namespace

TEST_CASE("an auditor erases by age only what the configuration keeps no longer", "[journey][accounts][security]") {
    Office office{[](const std::string& config) {
        std::string yaml = read_file(config + "/gateway.yaml");
        const std::string mark = "evidence:\n";
        yaml.insert(yaml.find(mark) + mark.size(),
                    "  bodies: kept\n  retention: {bodies_days: 180, subjects_days: 1095, basis: 示数〔2026〕12号}\n");
        write_text(config + "/gateway.yaml", yaml);
    }};
    REQUIRE(office.gateway.platform().call(kFund, office.gateway.body(kFund)).status == 200);
    const Person security = office.first("wang");
    const Person audit = office.add(security, "zhao", R"({"account": "zhao", "roles": ["audit"]})");
    const auto erase = [&](const std::string& condition, const std::string& what) {
        const auto told =
            office.ask(audit, "POST", "/v1/evidence/erase",
                       "{" + condition + R"(, "basis": "示数〔2026〕15号", "what": ")" + what + R"("})", "工单 15");
        return told.status == 200 ? json_of(told).text_of("exchanges") : code_in(told);
    };
    const auto before = [&](int days) {
        return R"("before": ")" + to_rfc3339(office.clock->now() - std::chrono::days{days}) + '"';
    };
    for (const auto& [days, what] : {std::pair{0, "all"},
                                     {-1, "bodies"},
                                     {179, "bodies"},
                                     {181, "all"},
                                     {1'094, "all"},
                                     {181, "subjects"},
                                     {1'094, "subjects"}}) {
        CAPTURE(days, what);
        CHECK(erase(before(days), what) == "role_missing");
    }
    for (const auto& [days, what] : {std::pair{181, "bodies"}, {1'096, "all"}, {1'096, "subjects"}}) {
        CAPTURE(days, what);
        CHECK(erase(before(days), what) == "0");
    }
    const auto acts = office.acts();
    CHECK(std::ranges::count_if(acts, [](const evidence::Administration& act) {
              return act.act == "evidence.erase" && act.outcome == "role_missing";
          }) == 7);
    // of a case, on its basis, and nothing of it was gone before
    CHECK(erase(R"("case_number": ")" + departments::demo_person().case_number + '"', "bodies") == "1");
}

TEST_CASE("roles hold at the admin listener: each does its own, and what it may not is refused and recorded",
          "[journey][accounts][security]") {
    Office office;
    const Person security = office.first("wang");
    const Person system = office.add(security, "li", R"({"account": "li", "roles": ["system"]})");
    const Person audit = office.add(security, "zhao", R"({"account": "zhao", "roles": ["audit"]})");

    CHECK(office.ask(system, "POST", "/v1/reload", "", "工单 15").status == 200);
    CHECK(code_in(office.ask(system, "POST", "/v1/reload", "", "")) == "reason_missing");
    CHECK(code_in(office.ask(security, "POST", "/v1/reload", "", "x")) == "role_missing");
    CHECK(code_in(office.ask(audit, "POST", "/v1/accounts", R"({"account": "q", "roles": ["audit"]})", "x")) ==
          "role_missing");
    CHECK(office.ask(audit, "GET", "/v1/accounts").status == 200);
    CHECK(code_in(office.ask(system, "GET", "/v1/accounts")) == "role_missing");
    CHECK(office.ask(system, "GET", "/v1/accounts/li").status == 200);
    CHECK(code_in(office.ask(system, "GET", "/v1/accounts/zhao")) == "role_missing");
    CHECK(code_in(office.ask(security, "POST", "/v1/evidence/erase", R"({"case_number": "c", "basis": "b"})", "b")) ==
          "role_missing");
    CHECK(office.ask(audit, "POST", "/v1/evidence/erase", R"({"case_number": "c", "basis": "b"})", "b").status == 200);

    CHECK(code_in(office.gateway.admin("GET", "/v1/sources")) == "not_signed_in");
    for (const char* open : {"/healthz", "/readyz", "/metrics"}) {
        CHECK(office.gateway.admin("GET", open).status == 200);
    }
    CHECK(office.ask(system, "DELETE", "/v1/session").status == 200);
    CHECK(code_in(office.ask(system, "POST", "/v1/reload", "", "x")) == "session_over");

    office.gateway.stop();
    const auto verdict = office.gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en);
    CHECK(verdict.valid);
    const auto acts = office.acts();
    CHECK(acts.front().act == "account.init");
    CHECK(acts.front().actor == "local");
    const auto find = [&acts](const std::string& act, const std::string& outcome) {
        return std::ranges::find_if(
            acts, [&](const evidence::Administration& one) { return one.act == act && one.outcome == outcome; });
    };
    REQUIRE(find("reload", "done") != acts.end());
    CHECK(find("reload", "done")->actor == "li");
    CHECK(find("reload", "done")->roles == "system");
    CHECK(find("reload", "done")->reason == "工单 15");
    REQUIRE(find("reload", "role_missing") != acts.end());
    CHECK(find("reload", "role_missing")->actor == "wang");
    CHECK(find("evidence.erase", "done")->actor == "zhao");
    CHECK(find("session.close", "done")->actor == "li");
    CHECK(office.holds_no_secret());
}

TEST_CASE("what is wrong at the admin listener has its code", "[journey][accounts][security]") {
    Office office;
    const Person security = office.first("wang");

    SECTION("a first password opens nothing but its change") {
        const Person fresh = office.enrol(security, R"({"account": "li", "roles": ["system"]})");
        const Person in = office.sign_in(fresh);
        CHECK(code_in(office.ask(in, "POST", "/v1/reload", "", "x")) == "password_to_change");
    }
    SECTION("roles that restrain each other, one's own, an account twice, an unknown one") {
        const auto patch = [&](const std::string& name, const std::string& body) {
            return code_in(office.ask(security, "PATCH", "/v1/accounts/" + name, body, "x"));
        };
        const auto add = [&](const std::string& body) {
            return code_in(office.ask(security, "POST", "/v1/accounts", body, "x"));
        };
        CHECK(add(R"({"account": "li", "roles": ["system", "audit"]})") == "roles_conflict");
        CHECK(add(R"({"account": "li", "roles": ["boss"]})") == "roles_unknown");
        CHECK(add(R"({"account": "wang", "roles": ["system"]})") == "account_exists");
        CHECK(add(R"({"account": "li", "roles": ["system"], "rolls": 1})") == "account_unfit");
        CHECK(add(R"({"account": "li", "roles": ["department"], "organisation": "nobody", "territory": ["9999"]})") ==
              "account_unfit");
        for (const char* unfit :
             {R"("roles": "system")", R"("roles": {"a": "system"})", R"("roles": [1])",
              R"("roles": ["system"], "territory": "9999")", R"("roles": ["system"], "display": 5)"}) {
            CAPTURE(unfit);
            CHECK(add(R"({"account": "li", )" + std::string{unfit} + "}") == "account_unfit");
        }
        CHECK(add("[]") == "bad_request");
        CHECK(patch("wang", R"({"roles": ["system"]})") == "own_account");
        CHECK(patch("nobody", R"({"disabled": true})") == "account_unknown");
        CHECK(code_in(office.ask(security, "POST", "/v1/accounts/wang/unlock", "", "x")) == "own_account");
    }
    SECTION("a second factor that was used, five wrong passwords, and a name that is none") {
        const Person li = office.enrol(security, R"({"account": "li", "roles": ["system"]})");
        const auto used = office.session_body(li);
        REQUIRE(office.gateway.admin("POST", "/v1/session", used).status == 201);
        CHECK(code_in(office.gateway.admin("POST", "/v1/session", used)) == "sign_in_refused");
        const std::string wrong = R"({"account": "li", "password": "wrong", "code": "000000"})";
        codec::HttpMessage with_reason;  // nothing of a stranger's choice comes into the evidence
        with_reason.method = "POST";
        with_reason.target = "/v1/session";
        with_reason.body = R"({"account": "nobody", "password": "no", "code": "1"})";
        with_reason.add("Datong-Reason", "a-stranger-was-here");
        CHECK(code_in(office.gateway.admin(with_reason)) == "sign_in_refused");
        for (int i = 0; i < 4; ++i) {
            CHECK(code_in(office.gateway.admin("POST", "/v1/session", wrong)) == "sign_in_refused");
        }
        CHECK(code_in(office.gateway.admin("POST", "/v1/session", wrong)) == "account_locked");
        office.clock->advance(std::chrono::minutes{1});
        CHECK(office.gateway.admin("POST", "/v1/session", office.session_body(li)).status == 403);
        CHECK(office.ask(security, "POST", "/v1/accounts/li/unlock", "", "called").status == 200);
        CHECK(office.gateway.admin("POST", "/v1/session", office.session_body(li)).status == 201);
    }
    SECTION("a session that ran out, and one whose account was disabled") {
        const Person li = office.add(security, "li", R"({"account": "li", "roles": ["system"]})");
        const Person zhao = office.add(security, "zhao", R"({"account": "zhao", "roles": ["audit"]})");
        REQUIRE(office.ask(li, "GET", "/v1/session").status == 200);
        CHECK(office.ask(security, "PATCH", "/v1/accounts/li", R"({"disabled": true})", "left").status == 200);
        for (const char* unfit : {R"({"disabled": "true"})", R"({"disabled": null})", R"({"disabled": 1})",
                                  R"({"territory": "9999"})", R"({"roles": "audit"})", R"({"organisation": []})"}) {
            CAPTURE(unfit);
            CHECK(code_in(office.ask(security, "PATCH", "/v1/accounts/li", unfit, "x")) == "account_unfit");
        }
        CHECK(code_in(office.ask(li, "GET", "/v1/session")) == "session_over");
        CHECK(code_in(office.gateway.admin("POST", "/v1/session", office.session_body(li))) == "sign_in_refused");
        office.clock->advance(std::chrono::minutes{16});
        CHECK(code_in(office.ask(zhao, "GET", "/v1/session")) == "session_over");
    }
    CHECK(office.holds_no_secret());
    office.gateway.stop();
    CHECK(std::ranges::none_of(
        office.acts(), [](const evidence::Administration& act) { return act.reason == "a-stranger-was-here"; }));
    CHECK(office.gateway.verify().valid);
}

TEST_CASE("a department's people see and order their own sources, in their territory",
          "[journey][accounts][security]") {
    Office office;
    const Person security = office.first("wang");
    const auto department = [&](const std::string& name, const std::string& organisation,
                                const std::string& territory) {
        return office.add(security, name,
                          R"({"account": ")" + name + R"(", "roles": ["department"], "organisation": ")" +
                              organisation + R"(", "territory": [")" + territory + R"("]})");
    };
    const Person market = department("ma", "market", "9999");
    const Person district = department("di", "market", "999901");
    const Person land = department("la", "land", "9999");
    const std::string sources = office.ask(market, "GET", "/v1/sources").body;
    CHECK_THAT(sources, ContainsSubstring("market/market-query"));
    CHECK(sources.find("land/land-registry") == std::string::npos);

    const std::string order = office.order("market", "market/market-query");
    CHECK(code_in(office.ask(land, "POST", "/v1/orders", order, "x")) == "other_organisation");
    CHECK(code_in(office.ask(district, "POST", "/v1/orders", order, "x")) == "outside_territory");
    CHECK(office.ask(market, "POST", "/v1/orders", order, "maintenance").status == 200);
}

TEST_CASE("who is refused again and again fills no disk: refused reads are counted, refused acts above a number",
          "[journey][accounts][security]") {
    Office office;
    const Person security = office.first("wang");
    const Person system = office.add(security, "li", R"({"account": "li", "roles": ["system"]})");
    const auto refused = [&office](const std::string& act) {
        std::vector<std::string> told;
        for (const evidence::Administration& one : office.acts()) {
            if (one.act == act && one.outcome == "role_missing") {
                told.push_back(one.actor + ' ' + one.detail.substr(0, one.detail.find(';')));
            }
        }
        return told;
    };
    for (int i = 0; i < 200; ++i) {
        REQUIRE(code_in(office.ask(system, "GET", "/v1/accounts")) == "role_missing");
    }
    CHECK(refused("account.list").empty());  // its minute is not over
    office.clock->advance(std::chrono::minutes{1});
    REQUIRE(wait_until([&] { return !refused("account.list").empty(); }));
    CHECK(refused("account.list") == std::vector<std::string>{"li times: 200"});

    for (int i = 0; i < 40; ++i) {
        REQUIRE(code_in(office.ask(system, "POST", "/v1/accounts", "{}", "x")) == "role_missing");
    }
    REQUIRE(code_in(office.ask(system, "GET", "/v1/accounts")) == "role_missing");
    office.gateway.stop();  // what is counted by then is written
    const auto acts = refused("account.add");
    CHECK(acts.size() == 31);
    CHECK(std::ranges::count(acts, "li times: 10") == 1);
    CHECK(refused("account.list") == std::vector<std::string>{"li times: 200", "li times: 1"});
    CHECK(office.gateway.verify().valid);
}

TEST_CASE("accounts, sessions and locks outlive a restart", "[journey][accounts]") {
    Office office;
    const Person security = office.first("wang");
    for (int i = 0; i < 5; ++i) {
        (void)office.gateway.admin("POST", "/v1/session", R"({"account": "li", "password": "no", "code": "1"})");
    }
    office.gateway.restart();
    CHECK(office.ask(security, "GET", "/v1/session").status == 200);
    CHECK(code_in(office.gateway.admin("POST", "/v1/session", R"({"account": "li", "password": "no", "code": "1"})")) ==
          "account_locked");
}
