#include <stdexcept>
#include <string>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "examples/departments/questions.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/http_department.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

std::string code_of(const codec::HttpMessage& answer) {
    return json_of(answer).text_of("code");
}

/// A call to the tax office about household `i`, in its own case.
Record body_in_case(GatewayUnderTest& gateway, std::size_t i) {
    const auto& town = gateway.city().town();
    Record body = gateway.body(kTax);
    Record* context = body.find("context");
    context->put("case_number", Record::text(town.cases.at(i).number));
    context->find("subject")->put("name", Record::text(town.persons.at(i).name));
    context->find("subject")->put("id_no", Record::text(town.persons.at(i).id));
    return body;
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

/// What the market's registry answers of two companies.
std::string two_companies(const std::string& name, const std::string& uscc, const std::string& other_uscc) {
    const std::string sample = read_file(DATONG_SOURCE_DIR "/mappings/samples/market-01.json");
    const auto from = sample.find("[{") + 1;
    const std::string one = sample.substr(from, sample.rfind("}]") + 1 - from);
    const std::string asked = replaced(replaced(one, "示例市某某公司", name), "91999901MA6T000124", uscc);
    const std::string other = replaced(replaced(one, "示例市某某公司", name), "91999901MA6T000124", other_uscc);
    return R"({"code":"2000","msg":"查询成功","data":[)" + asked + ',' + other + "]}";
}

/// What the enforcement bureau answers of the company asked, with a case of another company behind it.
std::string penalties_of_two(const departments::Question& asked) {
    const std::string one = R"({"cfwsh": "示综执罚字〔2023〕第00001号", "xdr_mc": "NAME", "xdr_xydm": "USCC",
        "wfxwlx": "占道经营", "wfss": "", "cfyj": "", "cflb": "1", "fkje": null, "cfjdrq": "2023年1月18日",
        "gsjzq": "2026-03-18", "cfjg": "示例市综合行政执法局", "cfjgdm": "11999901MB0001134B", "zt": "0"})";
    const std::string theirs = replaced(replaced(one, "NAME", asked.about.name), "USCC", asked.about.id_no);
    const std::string other = replaced(replaced(one, "NAME", "示例市某某公司"), "USCC", "91999901MA6T000124");
    return R"({"state": 0, "msg": "", "rows": [)" + theirs + ',' + other + "]}";
}

/// Lets a department's system be one that the test makes talk.
GatewayUnderTest::Options asking(support::HttpDepartment& department, const std::string& file,
                                 const std::string& variable) {
    return {.change = [&department, file, variable](const std::string& config) {
        const std::string path = config + "/departments/" + file;
        write_text(path, replaced(read_file(path), "${" + variable + "}", department.url()));
    }};
}

departments::Question question_about(const std::string& service) {
    for (const departments::Question& one : departments::questions_found()) {
        if (one.service == service) {
            return one;
        }
    }
    throw std::runtime_error{"no question for " + service};
}

}  // namespace

TEST_CASE("a row of somebody else among the rows of the person asked is no answer, and nothing of either leaves",
          "[journey][security]") {
    support::HttpDepartment enforcement;
    GatewayUnderTest gateway{asking(enforcement, "enforcement.yaml", "DATONG_ENFORCEMENT_URL")};
    const departments::Question question = question_about("penalty-record");
    const std::string both = penalties_of_two(question);
    enforcement.answer("200 OK\r\nContent-Type: application/json", both);
    Record body = body_of(question);
    if (GENERATE(false, true)) {
        body.put("verify", *codec::read_json(R"([{"field": "/penalties/*/status", "operator": "exists",
                                                  "value": true}])"));
    }
    const auto answer = gateway.platform().call("/v1/services/penalty-record", body);
    CAPTURE(answer.body);
    CHECK(answer.status == 502);
    CHECK(code_of(answer) == "person_mismatch");
    for (const std::string& text : {answer.body, gateway.log()}) {
        CHECK(text.find("示例市某某公司") == std::string::npos);
        CHECK(text.find("91999901MA6T000124") == std::string::npos);
    }
    // without that row it is one
    enforcement.answer("200 OK\r\nContent-Type: application/json", both.substr(0, both.find("},{") + 1) + "]}");
    CHECK(gateway.platform().call("/v1/services/penalty-record", body).status == 200);
    CHECK(enforcement.count() == 2);
}

TEST_CASE("several persons matched are no answer about any of them, and nothing of them leaves",
          "[journey][matters][security]") {
    support::HttpDepartment market;
    GatewayUnderTest gateway{{.change = [&market](const std::string& config) {
        const std::string file = config + "/departments/market.yaml";
        write_text(file, replaced(read_file(file), "${DATONG_MARKET_URL}", market.url()));
    }}};
    const auto agency = departments::demo_person().agency;
    const std::string other = GENERATE(as<std::string>{}, "another company of that name", "the same company twice");
    CAPTURE(other);
    market.answer(
        "200 OK\r\nContent-Type: application/json",
        two_companies(agency.name, agency.uscc, other.starts_with("the same") ? agency.uscc : "91999901MA6T000124"));

    const auto alone = gateway.platform().call(kMarket, gateway.body(kMarket));
    CHECK(alone.status == 502);
    CHECK(code_of(alone) == "department_invalid");
    const auto all = gateway.platform().call(kMatter, gateway.matter_body());
    CAPTURE(all.body);
    REQUIRE(all.status == 200);
    const Record body = json_of(all);
    CHECK(body.text_of("outcome") == "partial");
    for (const Record& requirement : body.find("requirements")->items()) {
        const bool is_of_market = requirement.text_of("id") == "enterprise";
        CHECK(requirement.text_of("outcome") == (is_of_market ? "unavailable" : "satisfied"));
        if (is_of_market) {
            CHECK(requirement.find("materials")->items().front().find("fault")->text_of("code") ==
                  "department_invalid");
        }
    }
    for (const std::string& text : {alone.body, all.body, gateway.log()}) {
        CHECK(text.find("扎西·次仁") == std::string::npos);  // the legal representative of both records
        CHECK(text.find("91999901MA6T000124") == std::string::npos);
    }
    CHECK(market.count() == 2);
}

TEST_CASE("a closed case of the very person is refused where an open one is accepted", "[journey][security]") {
    GatewayUnderTest gateway;
    const auto& town = gateway.city().town();
    const auto call = [&gateway](std::size_t i) { return gateway.platform().call(kTax, body_in_case(gateway, i)); };
    constexpr std::size_t kOpen = 1;
    constexpr std::size_t kDone = 4;
    constexpr std::size_t kWithdrawn = 19;
    constexpr std::size_t kOfAnotherMatter = 2;
    REQUIRE(town.cases[kOpen].matter == "BDC-0200");
    REQUIRE((town.cases[kDone].state == "11" && town.cases[kDone].matter == "BDC-0200"));
    REQUIRE((town.cases[kWithdrawn].state == "15" && town.cases[kWithdrawn].matter == "BDC-0200"));
    REQUIRE((town.cases[kOfAnotherMatter].state == "3" && town.cases[kOfAnotherMatter].matter == "BDC-0300"));
    CHECK(call(kOpen).status == 200);
    CHECK(code_of(call(kDone)) == "case_not_accepted");
    CHECK(code_of(call(kWithdrawn)) == "case_not_accepted");
    CHECK(code_of(call(kOfAnotherMatter)) == "case_not_accepted");
}

TEST_CASE("an agent whom the case does not name has no authority", "[journey][security]") {
    GatewayUnderTest gateway;
    const auto& town = gateway.city().town();
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    Record body = gateway.body(kMarket);
    const std::string agency = departments::demo_person().agency.uscc;
    const auto& other = town.companies.at(town.companies[20].uscc == agency ? 30 : 20);
    body.find("context")->find("agent")->put("name", Record::text(other.name));
    body.find("context")->find("agent")->put("id_no", Record::text(other.uscc));
    CHECK(code_of(gateway.platform().call(kMarket, body)) == "case_not_accepted");
    CHECK(code_of(gateway.platform().call(kMatter, [&] {
              Record matter = gateway.matter_body();
              matter.find("context")->find("agent")->put("name", Record::text(other.name));
              matter.find("context")->find("agent")->put("id_no", Record::text(other.uscc));
              return matter;
          }())) == "case_not_accepted");
}

TEST_CASE("a village's clerk asks within the village, not in the one beside it nor for the county",
          "[journey][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        const std::string file = config + "/grants/one-window-existing-home-transfer.yaml";
        write_text(file, replaced(read_file(file), R"(territory: ["9999"])", R"(territory: ["999901001001"])"));
    }}};
    const auto call_from = [&gateway](const std::string& division) {
        Record body = gateway.body(kTax);
        body.find("context")->find("operator")->put("division", Record::text(division));
        return gateway.platform().call(kTax, body);
    };
    CHECK(call_from("999901001001").status == 200);
    for (const std::string division : {"999901001002", "999901001", "999901", "999902001001"}) {
        CAPTURE(division);
        const auto refused = call_from(division);
        CHECK(refused.status == 403);
        CHECK(code_of(refused) == "not_permitted");
    }
}
