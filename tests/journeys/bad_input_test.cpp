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

TEST_CASE("a company's penalties under its former name are its own", "[journey]") {
    support::HttpDepartment enforcement;
    GatewayUnderTest gateway{asking(enforcement, "enforcement.yaml", "DATONG_ENFORCEMENT_URL")};
    const departments::Question question = question_about("penalty-record");
    enforcement.answer("200 OK\r\nContent-Type: application/json",
                       replaced(penalties_of_two(question), "91999901MA6T000124", question.about.id_no));
    Record body = body_of(question);
    const auto answer = gateway.platform().call("/v1/services/penalty-record", body);
    CAPTURE(answer.body);
    CHECK(answer.status == 200);
    CHECK(json_of(answer).text_of("outcome") == "found");
    CHECK(answer.body.find("示例市某某公司") != std::string::npos);
    body.put("verify", *codec::read_json(R"([{"field": "/penalties/*/status", "operator": "exists", "value": true}])"));
    CHECK(json_of(gateway.platform().call("/v1/services/penalty-record", body)).text_of("outcome") == "match");
    CHECK(enforcement.count() == 2);
}

TEST_CASE("a department says nothing of a division that its registers do not hold", "[journey][security]") {
    struct Row {
        const char* why;
        const char* register_of;  ///< the division of the land register
        const char* asked;        ///< JSON
        const char* said;         ///< the one that the scope names; empty: nobody is asked
    };
    const auto row = GENERATE(values<Row>({
        {"one below", "9999", R"("999902")", "999902"},
        {"its own", "999902", R"("999902")", "999902"},
        {"blanks around it", "9999", R"(" 999902\n")", "999902"},
        {"a number", "9999", "999902", "999902"},
        {"another city's", "9999", R"("110101")", ""},
        {"another county's", "999902", R"("999901")", ""},
        {"one above", "999902001", R"("999902")", ""},
        {"a word", "9999", R"("999902x")", ""},
        {"no length that a code has", "9999", R"("9999021")", ""},
        {"a list", "9999", R"(["999902"])", ""},
    }));
    CAPTURE(row.why);
    constexpr const char* kState = "/v1/services/realestate-encumbrance";
    support::HttpDepartment land;
    land.answer("200 OK\r\nContent-Type: text/xml",
                R"(<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><r><return>)"
                "&lt;R&gt;&lt;HEAD&gt;&lt;CODE&gt;1001&lt;/CODE&gt;&lt;MSG&gt;x&lt;/MSG&gt;&lt;/HEAD&gt;&lt;/R&gt;"
                "</return></r></e:Body></e:Envelope>");
    auto options = asking(land, "land.yaml", "DATONG_LAND_URL");
    const auto change = options.change;
    options.change = [&](const std::string& config) {
        change(config);
        const std::string file = config + "/departments/land.yaml";
        write_text(file, replaced(read_file(file), R"(divisions: ["9999"])",
                                  R"(divisions: [")" + std::string{row.register_of} + "\"]"));
        // as a mapping that leaves it to the department what a division is
        const std::string mapping = config + "/../mappings/land/encumbrance.request.yaml";
        const std::string text = replaced(read_file(mapping), "steps: [{check_pattern: '^[0-9]{6}$'}], ", "");
        write_text(mapping, replaced(text, ", {path: /QXDM, rule: check.pattern}", ""));
    };
    GatewayUnderTest gateway{std::move(options)};
    Record body = body_of(question_about("realestate-encumbrance"));
    body.find("query")->put("divisionCode", *codec::read_json(row.asked));
    const auto answer = gateway.platform().call(kState, body);
    CAPTURE(answer.body);
    const Record said = json_of(answer);
    if (*row.said == '\0') {
        CHECK(answer.status == 422);
        CHECK(code_of(answer) == "request_invalid");
        CHECK(land.count() == 0);
        return;
    }
    CHECK(answer.status == 200);
    CHECK(said.text_of("outcome") == "not_found");
    CHECK(codec::write_json(*said.find("scope")) ==
          R"({"registers":["realestate"],"divisions":[")" + std::string{row.said} + "\"]}");
    CHECK(land.count() == 1);
}

TEST_CASE("a matter about a division that no register holds says which field is wrong, and the rest goes on",
          "[journey][matters][security]") {
    GatewayUnderTest gateway;
    Record body = gateway.matter_body();
    body.find("context")->find("facts")->put("divisionCode", Record::text("110101"));
    const auto answer = gateway.platform().call(kMatter, body);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record said = json_of(answer);
    for (const Record& requirement : said.find("requirements")->items()) {
        const bool is_of_land = requirement.text_of("id") == "ownership";
        CHECK(requirement.text_of("outcome") == (is_of_land ? "unavailable" : "satisfied"));
        if (is_of_land) {
            const Record* fault = requirement.find("materials")->items().front().find("fault");
            CHECK(fault->text_of("code") == "request_invalid");
            CHECK(fault->find("errors")->items().front().text_of("field") == "$.divisionCode");
            CHECK(fault->find("errors")->items().front().text_of("rule") == "division.searched");
        }
    }
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

TEST_CASE("a county's grant lets nobody search another county, nor all of them", "[journey][security]") {
    const bool has_another = GENERATE(false, true);  // of the same service and purpose, for the whole city
    CAPTURE(has_another);
    support::HttpDepartment land;
    land.answer("200 OK\r\nContent-Type: text/xml", "<no/>");
    GatewayUnderTest gateway{{.change = [&land, has_another](const std::string& config) {
        const std::string registry = config + "/departments/land.yaml";
        write_text(registry, replaced(read_file(registry), "${DATONG_LAND_URL}", land.url()));
        const std::string file = config + "/grants/one-window-existing-home-transfer.yaml";
        const std::string city = read_file(file);
        write_text(file, replaced(city, R"(territory: ["9999"])", R"(territory: ["999902"])"));
        if (has_another) {
            write_text(config + "/grants/the-whole-city.yaml",
                       replaced(city, "id: one-window-existing-home-transfer", "id: the-whole-city"));
        }
    }}};
    REQUIRE(departments::demo_person().flat.division == "999902");
    const auto search = [&gateway](const Record& division) {
        Record body = gateway.body(kLand);
        body.find("query")->put("divisionCode", division);
        return code_of(gateway.platform().call(kLand, body));
    };
    const auto search_for_matter = [&gateway](const std::string& division) {
        Record body = gateway.matter_body();
        body.find("context")->find("facts")->put("divisionCode", Record::text(division));
        const Record answer = json_of(gateway.platform().call(kMatter, body));
        const Record& material = answer.find("requirements")->items().front().find("materials")->items().front();
        return material.find("fault")->text_of("code");
    };
    CHECK(search(Record::text("999902")) == "department_invalid");
    CHECK(search(Record::text(" 999902 ")) == "department_invalid");
    CHECK(search_for_matter("999902") == "department_invalid");
    REQUIRE(land.count() == 3);

    const std::string refused = has_another ? "department_invalid" : "not_permitted";
    CHECK(search(Record::text("999903")) == refused);
    CHECK(search_for_matter("999903") == refused);
    CHECK(land.count() == (has_another ? 5 : 3));
    // what is no division of the register's is refused as that only to whom a grant lets search all of it
    Record list = Record::list();
    list.add(Record::text("999902"));
    for (const Record& none : {Record::text("99"), Record::text(""), Record{}, list}) {
        CAPTURE(codec::write_json(none));
        CHECK(search(none) == (has_another ? "request_invalid" : "not_permitted"));
    }
    CHECK(land.count() == (has_another ? 5 : 3));
}

TEST_CASE("under a county's grant a matter asks its question, and searches in that county only",
          "[journey][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        const std::string file = config + "/grants/one-window-matters.yaml";
        const std::string city = read_file(file);
        const auto services = city.find("services:");
        const std::string two = "services: [realestate-certificate, realestate-encumbrance]\n";
        write_text(file, replaced(city.substr(0, services) + two + city.substr(city.find("fields:")),
                                  R"(territory: ["9999"])", R"(territory: ["999902"])"));
    }}};
    const auto call = [&gateway](const std::string& facts) {
        Record body = gateway.matter_body();
        Record* context = body.find("context");
        context->put("matter", Record::text("realestate-mortgage"));
        context->put("purpose", Record::text("realestate-mortgage"));
        context->put("facts", *codec::read_json(facts));
        return gateway.platform().call("/v1/matters/realestate-mortgage/materials", body);
    };
    const auto ownership_in = [&call](const std::string& facts) {
        const Record answer = json_of(call(facts));
        CAPTURE(codec::write_json(answer));
        REQUIRE(answer.find("requirements") != nullptr);
        return answer.find("requirements")->items().front().text_of("outcome");
    };
    CHECK(ownership_in("{}") == "question");
    CHECK(ownership_in(R"({"divisionCode": "999902"})") == "satisfied");
    const auto outside = call(R"({"divisionCode": "999903"})");
    CHECK(outside.status == 403);
    CHECK(code_of(outside) == "not_permitted");
}
