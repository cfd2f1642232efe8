// How much may be had at once and within an hour: rows, persons, guesses, different persons; and who tries out numbers.

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "core/codec/json.h"
#include "core/evidence/verify.h"
#include "tests/journeys/file_house.h"
#include "tests/journeys/least_kit.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

constexpr const char* kSeen = "fields: [\"*\"]\nverify: [\"*\"]\nsee_sensitive: 核对权属\n";

/// A gateway whose clock stands, so that no count begins anew in the middle of a test.
/// @param more  lines of gateway.yaml.
GatewayUnderTest::Options with_grant(const std::string& terms, const std::string& more = {}) {
    return {.change =
                [terms, more](const std::string& config) {
                    give_least(config, "capped",
                               "realestate-certificate, tax-clearance, fund-deposit-certificate, medical-insurance",
                               kSeen + terms);
                    edit(config + "/gateway.yaml", "skew_s: 30", "skew_s: 300");  // callers' clocks go on
                    write_text(config + "/gateway.yaml", read_file(config + "/gateway.yaml") + more);
                },
            .clock = std::make_unique<support::FakeClock>(std::chrono::system_clock::now())};
}

Record asking(const std::string& service, const std::string& text) {
    Record body = least_body(service);
    body.put("verify", codec::read_json(text).value());
    return body;
}

/// What the evidence says of an exchange, and how many fields of its one material it says were shown.
std::string outcome_in_evidence(const GatewayUnderTest& gateway, const std::string& exchange) {
    std::string outcome;
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", [&](const Record& entry) {
        if (entry.text_of("kind") == "outcome" && entry.text_of("exchange") == exchange) {
            const Record* materials = entry.find("materials");
            REQUIRE(materials != nullptr);
            const Record* fields = materials->items().front().find("fields");
            outcome = entry.text_of("outcome") + ' ' + std::to_string(fields == nullptr ? 0 : fields->items().size());
        }
        return true;
    }));
    return outcome;
}

HttpMessage soap(const GatewayUnderTest& gateway, const std::string& path, const Record& body) {
    const SoapPlatform caller{gateway.platform(), gateway.folder() + "/keys", "one-window", "1.1"};
    return caller.post(path, caller.sign(caller.parts(path, body)));
}

Record by_account(Record body, const std::string& account) {
    body.find("context")->find("operator")->put("account", Record::text(account));
    return body;
}

std::string metrics(const GatewayUnderTest& gateway) {
    return gateway.admin("GET", "/metrics").body;
}

}  // namespace

TEST_CASE("an answer of more rows than the grant lets be seen at once is none", "[journey][least][security]") {
    const auto row =
        GENERATE(values<std::pair<const char*, int>>({{"most: {rows: 1}", 403}, {"most: {rows: 2}", 200}}));
    CAPTURE(row.first);
    GatewayUnderTest gateway{with_grant(row.first)};
    const Platform platform = gateway.platform();
    const auto request = platform.prepare(kTax, codec::write_json(least_body("tax-clearance")));
    const auto answer = platform.send(request);
    CAPTURE(answer.body);
    REQUIRE(answer.status == row.second);
    CHECK(platform.check_signature(answer, request));
    if (row.second == 200) {
        CHECK(json_of(answer).find_path({"content", "items"})->items().size() == 2);
        return;
    }
    CHECK(code_of(answer) == "answer_over_cap");
    CHECK_THAT(answer.body, !ContainsSubstring("paidFen") && !ContainsSubstring("content"));
    CHECK(record_of(soap(gateway, "/soap/tax-clearance", least_body("tax-clearance")).body).text_of("code") ==
          "answer_over_cap");
    // what is only asked shows no rows
    const auto asked = platform.call(
        kTax, asking("tax-clearance", R"([{"field": "/inArrears", "operator": "equals", "value": false}])"));
    CHECK(asked.status == 200);
    const std::string exchange = json_of(answer).text_of("exchange");
    gateway.stop();
    CHECK(outcome_in_evidence(gateway, exchange) == "answer_over_cap 0");
    CHECK(gateway.verify().valid);
}

TEST_CASE("of a matter only the material is withheld that is over the cap", "[journey][least][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        edit(config + "/grants/one-window-existing-home-transfer.yaml", "case_required",
             "most: {rows: 1}\ncase_required");
    }}};
    const auto answer = gateway.platform().call(kMatter, gateway.matter_body());
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record body = json_of(answer);
    CHECK(body.text_of("outcome") == "partial");
    const Record& tax = body.find("requirements")->items()[1].find("materials")->items().front();
    CHECK(tax.text_of("outcome") == "failed");
    CHECK(tax.find("fault")->text_of("code") == "answer_over_cap");
    CHECK_THAT(answer.body, !ContainsSubstring("paidFen"));
    // its department has not been silent
    CHECK(body.find_path({"to_bring", "needed"})->items().front().text_of("why") == "not_permitted");
}

TEST_CASE("the service's own cap and the gateway's hold where the grant says nothing", "[journey][least][security]") {
    const bool of_service = GENERATE(true, false);
    auto options = with_grant("", of_service ? "" : "most: {rows: 1}\n");
    const auto change = options.change;
    options.change = [change, of_service](const std::string& config) {
        change(config);
        edit(config + "/services/tax-clearance.yaml", "most: {rows: 5000}",
             of_service ? "most: {rows: 1}" : "most: {}");
    };
    GatewayUnderTest gateway{std::move(options)};
    CHECK(code_of(gateway.platform().call(kTax, least_body("tax-clearance"))) == "answer_over_cap");
}

TEST_CASE("an answer about more persons than may be seen at once is none", "[journey][least][security]") {
    const std::size_t household = household_of_holders(3);
    struct Row {
        const char* terms;
        int status;
    };
    const auto row = GENERATE(values<Row>({{"most: {persons: 2}", 403}, {"most: {persons: 3}", 200}}));
    CAPTURE(row.terms);
    GatewayUnderTest gateway{with_grant(row.terms)};
    const auto answer = gateway.platform().call(kLand, least_body("realestate-certificate", household));
    CAPTURE(answer.body);
    CHECK(answer.status == row.status);
    CHECK((answer.status == 200 || code_of(answer) == "answer_over_cap"));
    // one that shows nobody's part of the record is about nobody
    Record less = least_body("realestate-certificate", household);
    less.put("subset", Record::text("transferable-now"));
    CHECK(gateway.platform().call(kLand, less).status == 200);
}

TEST_CASE("guesses about one person are counted over all services", "[journey][least][security]") {
    GatewayUnderTest gateway{with_grant("most: {guesses_per_hour: 3}")};
    const Platform platform = gateway.platform();
    const char* two = R"([{"field": "/inArrears", "operator": "equals", "value": false},
                          {"field": "/totalFen", "operator": "at_least", "value": 1}])";
    CHECK(platform.call(kTax, asking("tax-clearance", two)).status == 200);
    const char* also_two = R"([{"field": "/accountNo", "operator": "exists"},
                               {"field": "/accountNo", "operator": "exists", "value": false}])";
    const auto over = platform.call(kFund, asking("fund-deposit-certificate", also_two));
    CAPTURE(over.body);
    CHECK(over.status == 429);
    CHECK(code_of(over) == "guesses_exceeded");
    CHECK(over.field("retry-after").has_value());
    const char* one = R"([{"field": "/accountNo", "operator": "exists"}])";
    CHECK(platform.call(kFund, asking("fund-deposit-certificate", one)).status == 200);
    // a subset is one guess for each of its predicates, and the SOAP door counts alike
    Record subset = least_body("tax-clearance");
    subset.put("subset", Record::text("no-arrears"));
    CHECK(record_of(soap(gateway, "/soap/tax-clearance", subset).body).text_of("code") == "guesses_exceeded");
    // who may see is not guessing
    CHECK(platform.call(kTax, least_body("tax-clearance")).status == 200);
}

TEST_CASE("different persons within the hour are counted, told of and cut off", "[journey][least][security]") {
    GatewayUnderTest gateway{with_grant("most: {subjects_per_hour: 5}")};
    const Platform platform = gateway.platform();
    const auto ask = [&](int stranger) {
        return platform.call(kInsured, stranger_body("medical-insurance", stranger));
    };
    CHECK(platform.call(kInsured, least_body("medical-insurance")).status == 200);
    CHECK(ask(1).status == 200);
    CHECK(ask(2).status == 200);
    CHECK_THAT(gateway.log(), !ContainsSubstring("subjects_near_cap"));
    CHECK(ask(3).status == 200);
    CHECK(wait_until([&] { return gateway.log().find("subjects_near_cap") != std::string::npos; }));
    CHECK(ask(4).status == 200);
    const auto refused = ask(5);
    CAPTURE(refused.body);
    CHECK(refused.status == 429);
    CHECK(code_of(refused) == "subjects_exceeded");
    CHECK(refused.field("retry-after").has_value());
    CHECK(ask(3).status == 200);  // no new one
    CHECK(platform.call(kTax, least_body("tax-clearance")).status == 200);
    CHECK(record_of(soap(gateway, "/soap/medical-insurance", stranger_body("medical-insurance", 6)).body)
              .text_of("code") == "subjects_exceeded");
    // another grant has its own count
    CHECK(platform.call(kMarket, gateway.body(kMarket)).status == 200);

    const std::string shown = metrics(gateway);
    CHECK_THAT(shown, ContainsSubstring("datong_exchange_subjects_total{consumer=\"one-window\"} 6") &&
                          ContainsSubstring("datong_exchange_subjects_near_total{circle=\"grant\"") &&
                          ContainsSubstring("fault=\"subjects_exceeded\""));
    for (const std::string& text : {shown, gateway.log()}) {
        CHECK_THAT(text, !ContainsSubstring("99990119700101"));
    }
    // a new configuration does not begin anew
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(code_of(ask(7)) == "subjects_exceeded");
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("one account of a consumer has a cap of its own", "[journey][least][security]") {
    GatewayUnderTest gateway{with_grant("most: {operator_subjects_per_hour: 2}")};
    const Platform platform = gateway.platform();
    const auto ask = [&](int stranger, const std::string& account) {
        return platform.call(kInsured, by_account(stranger_body("medical-insurance", stranger), account)).status;
    };
    CHECK(ask(1, "window-07") == 200);
    CHECK(ask(2, "window-07") == 200);
    CHECK(ask(3, "window-07") == 429);
    CHECK(ask(3, "window-08") == 200);
    CHECK(ask(2, "window-07") == 200);
    CHECK_THAT(metrics(gateway), !ContainsSubstring("window-0"));
}

TEST_CASE("calls at the same time ask about no more persons than one after the other", "[journey][least][security]") {
    constexpr int kMost = 6;
    auto options = with_grant("most: {subjects_per_hour: 6}");
    const auto change = options.change;
    options.change = [change](const std::string& config) {
        change(config);
        edit(config + "/gateway.yaml", "threads: 1", "threads: 2");
    };
    GatewayUnderTest gateway{std::move(options)};
    std::atomic<int> answered{};
    std::atomic<int> refused{};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 5; ++i) {
                    const auto answer =
                        gateway.platform().call(kInsured, stranger_body("medical-insurance", 100 * (t + 1) + i));
                    answered += answer.status == 200 ? 1 : 0;
                    refused += answer.status == 429 ? 1 : 0;
                }
            });
        }
    }
    CHECK(answered == kMost);
    CHECK(refused == 20 - kMost);
}

TEST_CASE("who is mostly told that there is no such record is told of", "[journey][least][security]") {
    GatewayUnderTest gateway{with_grant("", "most: {not_found_percent: 90}\n")};
    const Platform platform = gateway.platform();
    for (int i = 0; i < 99; ++i) {
        REQUIRE(json_of(platform.call(kInsured, stranger_body("medical-insurance", i))).text_of("outcome") ==
                "not_found");
    }
    CHECK_THAT(metrics(gateway), !ContainsSubstring("datong_exchange_guessing_total"));
    CHECK(platform.call(kInsured, least_body("medical-insurance")).status == 200);
    CHECK_THAT(metrics(gateway), ContainsSubstring("datong_exchange_guessing_total{consumer=\"one-window\"} 1") &&
                                     ContainsSubstring("datong_exchange_misses_total{consumer=\"one-window\"} 99"));
    CHECK(platform.call(kInsured, stranger_body("medical-insurance", 200)).status == 200);  // it is told of, no more
}
