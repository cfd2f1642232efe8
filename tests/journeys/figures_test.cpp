#include <cstdlib>
#include <iostream>
#include <set>
#include <sstream>

#include "core/app/commands.h"
#include "core/base/clock.h"
#include "core/codec/json.h"
#include "core/sources/order.h"
#include "tests/journeys/administrator.h"
#include "tests/support/catch.h"
#include "tests/support/postgres_server.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

constexpr const char* kCoverage = "/v1/coverage?consumer=one-window&matter=existing-home-transfer&days=1";

std::string order_of(const GatewayUnderTest& gateway, sources::Order::What what) {
    const auto pem = read_file(gateway.folder() + "/keys/market.key.pem");
    const sources::Order order{.what = what,
                               .gateway = "shili",
                               .source = "market/market-query",
                               .at = std::chrono::system_clock::now(),
                               .until = std::nullopt};
    return sources::sign_order(order, "market-2026", crypto::SigningKey::from_pem(pem).value()).value();
}

/// What a command prints.
template <class Run>
std::string said_by(const Run& run) {
    const std::ostringstream said;
    auto* const before = std::cout.rdbuf(said.rdbuf());
    const int code = run();
    std::cout.rdbuf(before);
    CHECK(code == app::kGood);
    return said.str();
}

std::string coverage_said(const GatewayUnderTest& gateway) {
    setenv("DATONG_ADMIN_PORT", std::to_string(gateway.program().admin_port()).c_str(), 1);
    const std::string said = said_by([&gateway] {
        return app::matter_coverage({.config = gateway.folder() + "/config/gateway.yaml",
                                     .consumer = "one-window",
                                     .matter = "existing-home-transfer",
                                     .live = true,
                                     .evidence = gateway.folder() + "/evidence",
                                     .days = 1,
                                     .json = true});
    });
    setenv("DATONG_ADMIN_PORT", "0", 1);
    return said;
}

const Record& requirement(const Record& coverage, const std::string& id) {
    for (const Record& one : coverage.find("matters")->items().front().find("requirements")->items()) {
        if (one.text_of("requirement") == id) {
            return one;
        }
    }
    throw std::runtime_error{"no requirement " + id};
}

std::string code_of(const codec::HttpMessage& answer) {
    return codec::read_json(answer.body)->text_of("code");
}

/// A platform's own database with what windows took, and a gateway that reads it.
struct Hall {
    support::PostgresServer database;
    GatewayUnderTest gateway{{.change = [this](const std::string& config) {
        std::string cases = read_file(config + "/departments/cases.yaml");
        const std::string source =
            "sources:\n  case-tables:\n    adapter: sql\n    settings:\n      driver: postgresql\n"
            "      connection: \"" +
            database.connection() +
            "\"\n      operations:\n"
            "        cases: {max_rows: 100000, sql: \"SELECT project_no, task_code, accept_date, "
            "org_name, window_no FROM up_pro_accept\"}\n"
            "        taken: {max_rows: 100000, sql: \"SELECT project_no, clmc, submit_mode, "
            "taken_date FROM sl_sjcl\"}\n    limits: {in_flight: 2, call_ms: 20000}\n";
        cases.replace(cases.find("sources:\n"), 9, source);
        write_text(config + "/departments/cases.yaml", cases);
        const std::string yaml = read_file(config + "/gateway.yaml");
        write_text(config + "/gateway.yaml", yaml + "supervision: {source: cases/case-tables}\n");
    }}};

    /// As long as there is a call: with these cases, and what was taken for them.
    void take(const std::string& cases, const std::string& taken) const {
        database.run(
            "CREATE TABLE up_pro_accept (project_no text, task_code text, accept_date date, org_name text, "
            "window_no text); CREATE TABLE sl_sjcl (project_no text, clmc text, submit_mode integer, "
            "taken_date date); INSERT INTO up_pro_accept VALUES " +
            cases + "; INSERT INTO sl_sjcl VALUES " + taken + ";");
    }
};

/// Rows and cases: what the API and the command have in common.
std::string figures_of(const std::string& json) {
    const auto all = codec::read_json(json);
    return all ? codec::write_json(*all->find("rows")) + codec::write_json(*all->find("cases")) : json;
}

}  // namespace

TEST_CASE("stopping a department changes the coverage that administrators are told, as the command says it",
          "[journey][matters][admin]") {
    const GatewayUnderTest gateway;
    REQUIRE(gateway.platform().call(kMatter, gateway.matter_body()).status == 200);
    const auto before = gateway.admin("GET", kCoverage);
    REQUIRE(before.status == 200);
    CHECK(before.body == coverage_said(gateway));
    CHECK(requirement(json_of(before), "tax").text_of("way") == "shared");
    CHECK(requirement(json_of(before), "tax").find("answers")->text_of("state") == "found");
    CHECK(requirement(json_of(before), "enterprise").text_of("way") == "shared");

    REQUIRE(gateway.admin("POST", "/v1/orders", order_of(gateway, sources::Order::What::pause)).status == 200);
    const auto after = gateway.admin("GET", kCoverage);
    CHECK(after.body == coverage_said(gateway));
    CHECK(requirement(json_of(after), "enterprise").text_of("way") == "follows");
    CHECK(requirement(json_of(after), "enterprise").find("missing")->items().front().scalar() == "business-licence");
    const auto shared = [](const codec::HttpMessage& answer) { return std::stoi(json_of(answer).text_of("shared")); };
    CHECK(shared(after) == shared(before) - 1);

    REQUIRE(gateway.admin("POST", "/v1/orders", order_of(gateway, sources::Order::What::resume)).status == 200);
    CHECK(shared(gateway.admin("GET", kCoverage)) == shared(before));
}

TEST_CASE("each number of coverage leads to its exchanges", "[journey][matters][admin]") {
    const GatewayUnderTest gateway;
    const auto answer = gateway.platform().call(kMatter, gateway.matter_body());
    REQUIRE(answer.status == 200);
    const auto told = gateway.admin("GET", std::string{kCoverage} + "&calls");
    const Record coverage = json_of(told);
    const Record* calls = requirement(coverage, "tax").find("calls");
    REQUIRE(calls != nullptr);
    REQUIRE(calls->items().size() == 1);
    CHECK(calls->items().front().text_of("exchange") == json_of(answer).text_of("exchange"));
    CHECK(calls->items().front().text_of("outcome") == "found");
    CHECK(requirement(coverage, "fund").find("calls")->items().size() == 2);
}

TEST_CASE("what windows took is read from the platform's own database, and compared with what was asked",
          "[journey][supervision][admin]") {
    const Hall hall;
    const auto answer = hall.gateway.platform().call(kMatter, hall.gateway.matter_body());
    REQUIRE(answer.status == 200);
    const std::string number = departments::demo_person().case_number;
    hall.take("('" + number +
                  "', '11999901MB0000019U4000715001000', '2099-01-02', '示例市自然资源局', 'W07'), "
                  "('other-1', '11999901MB0000019U4000715001000', '2099-01-02', '示例市税务局', 'W08'), "
                  "('other-2', '', NULL, '示例市税务局', 'W08')",
              "('" + number + "', '完税证明', 1, NULL), ('" + number +
                  "', '营业执照', 4, NULL), "
                  "('other-1', '《完税证明》（原件）', 1, '2099-01-03'), ('other-1', '买卖合同', 1, NULL)");

    const auto told = hall.gateway.admin("GET", "/v1/supervision?by=window&list");
    CAPTURE(told.body);
    REQUIRE(told.status == 200);
    const Record report = json_of(told);
    REQUIRE(report.find("rows")->items().size() == 2);
    const Record& first = report.find("rows")->items().front();
    CHECK(first.text_of("of") == "W07");
    CHECK(first.text_of("repeated") == "1");
    CHECK(first.text_of("spared") == "1");
    CHECK(report.find("rows")->items().back().text_of("not_asked") == "1");
    CHECK(report.find("rows")->items().back().text_of("not_shared") == "1");
    const Record& repeated = report.find("cases")->items().front();
    CHECK(repeated.text_of("finding") == "repeated");
    CHECK(repeated.text_of("exchange") == json_of(answer).text_of("exchange"));
    CHECK(report.text_of("left_out") == "1");  // a case without a date
    CHECK(report.find("broken")->items().size() == 1);

    for (const std::string by : {"window", "item", "department", "day"}) {
        CAPTURE(by);
        const auto api = hall.gateway.admin("GET", "/v1/supervision?list&by=" + by);
        std::ostringstream said;
        auto* const before = std::cout.rdbuf(said.rdbuf());
        const int code = app::stats_supervision({.config = hall.gateway.folder() + "/config/gateway.yaml",
                                                 .folder = hall.gateway.folder() + "/evidence",
                                                 .by = by,
                                                 .list = true,
                                                 .json = true});
        std::cout.rdbuf(before);
        CHECK(code == app::kWanting);  // one row was left out
        CHECK(figures_of(api.body) == figures_of(said.str()));
    }
}

TEST_CASE("figures that can't be told say why", "[journey][supervision][admin]") {
    const GatewayUnderTest gateway;
    const auto status = [&gateway](const std::string& target) { return gateway.admin("GET", target).status; };
    CHECK(status("/v1/supervision") == 404);  // gateway.yaml names no source
    CHECK(status("/v1/supervision?by=person") == 400);
    CHECK(status("/v1/coverage") == 400);
    CHECK_THAT(gateway.admin("GET", "/v1/coverage?consumer=nobody").body, ContainsSubstring("one-window"));
    CHECK(status("/v1/coverage?consumer=one-window&matter=no-such-matter") == 404);
    CHECK(status("/v1/coverage?consumer=one-window&days=many") == 400);
    CHECK(status("/v1/coverage?consumer=one-window&consumer=portal") == 400);
    CHECK(status("/v1/coverage?whose=one-window") == 400);
}

TEST_CASE("a department's people see their own department's figures, and a consumer's their own coverage",
          "[journey][matters][admin][security]") {
    Office office;
    const Person security = office.first("sec");
    const Person system =
        office.add(security, "sys", R"({"account":"sys","display":"a","roles":["system"],"territory":[]})");
    const Person market =
        office.add(security, "market-li",
                   R"({"account":"market-li","roles":["department"],"organisation":"market","territory":["9999"]})");
    const Person portal =
        office.add(security, "portal-zhao",
                   R"({"account":"portal-zhao","roles":["consumer"],"organisation":"portal","territory":["9999"]})");

    const auto requirements = [&](const Person& person) {
        const auto told = office.ask(person, "GET", "/v1/coverage?consumer=one-window");
        CAPTURE(told.body);
        REQUIRE(told.status == 200);
        const Record coverage = json_of(told);
        std::set<std::string> seen;
        for (const Record& matter : coverage.find("matters")->items()) {
            for (const Record& one : matter.find("requirements")->items()) {
                seen.insert(matter.text_of("matter") + ' ' + one.text_of("requirement"));
            }
        }
        return seen;
    };
    CHECK(requirements(system) == requirements(security));
    const auto of_market = requirements(market);
    CHECK(of_market.contains("existing-home-transfer@1.1.0 enterprise"));
    CHECK_FALSE(of_market.contains("existing-home-transfer@1.1.0 tax"));
    CHECK(requirements(security).contains("existing-home-transfer@1.1.0 tax"));

    CHECK(office.ask(portal, "GET", "/v1/coverage").status == 200);

    // of calls a consumer's people see their own, a consumer's that has no grant for any none
    const Person window = office.add(
        security, "window-qian",
        R"({"account":"window-qian","roles":["consumer"],"organisation":"one-window","territory":["9999"]})");
    const auto answer = office.gateway.platform().call(kMatter, office.gateway.matter_body());
    REQUIRE(answer.status == 200);
    const auto of_tax = [&](const Person& person) {
        const auto told = office.ask(person, "GET", "/v1/coverage?matter=existing-home-transfer&calls");
        CAPTURE(told.body);
        REQUIRE(told.status == 200);
        const Record tax = requirement(json_of(told), "tax");
        const Record* calls = tax.find("calls");
        std::string seen = tax.find("answers")->text_of("asked");
        for (std::size_t i = 0; calls != nullptr && i < calls->items().size(); ++i) {
            seen += ' ' + calls->items()[i].text_of("exchange");
        }
        return seen;
    };
    CHECK(of_tax(window) == "1 " + json_of(answer).text_of("exchange"));
    CHECK(of_tax(portal) == "0");
    CHECK(code_of(office.ask(portal, "GET", "/v1/coverage?consumer=one-window")) == "other_organisation");
    CHECK(code_of(office.ask(portal, "GET", "/v1/supervision")) == "role_missing");
    CHECK(code_of(office.gateway.admin("GET", "/v1/coverage?consumer=one-window")) == "not_signed_in");
}
