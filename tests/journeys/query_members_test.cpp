#include "core/codec/json.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

constexpr const char* kUnit = "999902001001GB00001F00019999";

/// How many records of the evidence are intents: departments are asked after one and never without.
int intents_of(const GatewayUnderTest& gateway) {
    int count = 0;
    const auto count_intent = [&count](const Record& entry) {
        count += entry.text_of("kind") == "intent" ? 1 : 0;
        return true;
    };
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", count_intent));
    return count;
}

Record body_with(const GatewayUnderTest& gateway, const std::string& target, const std::string& member) {
    Record body = gateway.body(target);
    body.find("query")->put(member, Record::text(kUnit));
    return body;
}

}  // namespace

TEST_CASE("a member of the query that the service does not have is refused: it would be another question",
          "[journey][security]") {
    struct Row {
        const char* why;
        const char* target;
        const char* member;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"another case", kLand, "unitno", "/query has no member 'unitno'; did you mean 'unitNo'?"},
        {"another spelling", kLand, "unit_no", "/query has no member 'unit_no'; did you mean 'unitNo'?"},
        {"of a service that asks nothing more", kTax, "unknownField", "/query has an unknown member; it has none"},
        {"a value in the place of a name", kLand, "示例甲",
         "/query has an unknown member; it has divisionCode, unitNo"},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway;
    const codec::HttpMessage answer = gateway.platform().call(row.target, body_with(gateway, row.target, row.member));
    CAPTURE(answer.body);
    CHECK(answer.status == 400);
    CHECK(json_of(answer).text_of("code") == "bad_request");
    CHECK(json_of(answer).text_of("blame") == "consumer");
    CHECK_THAT(json_of(answer).text_of("detail"), ContainsSubstring(row.says));
    CHECK_THAT(answer.body, !ContainsSubstring(kUnit) && !ContainsSubstring("示例甲"));
    CHECK(intents_of(gateway) == 0);
    CHECK(gateway.platform().call(kLand, gateway.body(kLand)).status == 200);
    CHECK(intents_of(gateway) == 1);
}

TEST_CASE("over SOAP an unknown member of the query is refused alike, and the next call works",
          "[journey][soap][security]") {
    GatewayUnderTest gateway;
    const SoapPlatform caller{gateway.platform(), gateway.folder() + "/keys", "one-window", "1.1"};
    const std::string path = "/soap/realestate-certificate";
    const codec::HttpMessage answer =
        caller.post(path, caller.sign(caller.parts(path, body_with(gateway, kLand, "unitno"))));
    CAPTURE(answer.body);
    CHECK(answer.status == 500);
    CHECK_THAT(answer.body, ContainsSubstring("bad_request") && ContainsSubstring("did you mean 'unitNo'?") &&
                                !ContainsSubstring(kUnit));
    CHECK(intents_of(gateway) == 0);
    CHECK(caller.post(path, caller.sign(caller.parts(path, gateway.body(kLand)))).status == 200);
    CHECK(intents_of(gateway) == 1);
}

TEST_CASE("under a county's grant a misspelt division is told as that, to whom the service is granted",
          "[journey][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        const std::string file = config + "/grants/one-window-existing-home-transfer.yaml";
        std::string text = read_file(file);
        const std::string city = R"(territory: ["9999"])";
        REQUIRE(text.find(city) != std::string::npos);
        write_text(file, text.replace(text.find(city), city.size(), R"(territory: ["999902"])"));
    }}};
    const auto call = [&gateway](const std::string& query, const std::string& operator_division) {
        Record body = gateway.body(kLand);
        body.put("query", *codec::read_json(query));
        body.find("context")->find("operator")->put("division", Record::text(operator_division));
        return gateway.platform().call(kLand, body);
    };
    const std::string misspelt = R"({"divisioncode": "999902"})";
    const codec::HttpMessage told = call(misspelt, "999902");
    CAPTURE(told.body);
    CHECK(told.status == 400);
    CHECK_THAT(json_of(told).text_of("detail"), ContainsSubstring("did you mean 'divisionCode'?"));
    for (const codec::HttpMessage& refused :
         {call(misspelt, "999903"), call(R"({"divisionCode": "999903"})", "999902"), call("{}", "999902")}) {
        CAPTURE(refused.body);
        CHECK(refused.status == 403);
        CHECK(json_of(refused).text_of("code") == "not_permitted");
    }
    CHECK(intents_of(gateway) == 0);
    CHECK(call(R"({"divisionCode": "999902"})", "999902").status == 200);
    CHECK(intents_of(gateway) == 1);
}
