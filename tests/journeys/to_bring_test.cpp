// What to bring: every matter of the project's own configuration, asked for a household that every department knows,
// and for one that none does.

#include <fstream>
#include <map>
#include <string>

#include "core/codec/json.h"
#include "core/evidence/verify.h"
#include "core/signing/certificate.h"
#include "examples/departments/questions.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::Question;
using departments::Subject;
using departments::System;
using departments::Trouble;
using record::Record;

namespace {

using Outcomes = std::map<std::string, std::string>;

struct Asked {
    std::string matter;
    Outcomes facts;
    bool is_organisation{};  ///< the subject is one
    Outcomes outcomes;       ///< of each requirement
    std::string whole;
};

const Question& question_about(const std::vector<Question>& all, const std::string& service) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&service](const Question& one) { return one.service == service; });
    REQUIRE(found != all.end());
    return *found;
}

Record person_of(const Subject& subject) {
    Record one = Record::object();
    one.put("name", Record::text(subject.name));
    one.put("id_type", Record::text(subject.id_type));
    one.put("id_no", Record::text(subject.id_no));
    return one;
}

Record body_of(const Asked& asked, const std::vector<Question>& about, const Record& like) {
    const Record person = person_of(question_about(about, "pension").about);
    const Record company = person_of(question_about(about, "business-licence").about);
    Record facts = Record::object();
    for (const auto& [name, value] : asked.facts) {
        facts.put(name, Record::text(value));
    }
    Record context = Record::object();
    context.put("matter", Record::text(asked.matter));
    context.put("purpose", Record::text(asked.matter));
    context.put("subject", asked.is_organisation ? company : person);
    context.put("applicant", person);
    context.put("agent", company);
    context.put("operator", *like.find("context")->find("operator"));
    context.put("facts", std::move(facts));
    Record body = Record::object();
    body.put("context", std::move(context));
    return body;
}

std::string path_of(const Asked& asked) {
    return "/v1/matters/" + asked.matter + "/materials";
}

Outcomes outcomes_of(const Record& answer) {
    Outcomes outcomes;
    for (const Record& requirement : answer.find("requirements")->items()) {
        outcomes[requirement.text_of("id")] = requirement.text_of("outcome");
    }
    return outcomes;
}

std::string text_in(const Record& answer, std::string_view language) {
    for (const Record& one : answer.find("to_bring")->find("text")->items()) {
        if (one.text_of("language") == language) {
            return one.text_of("text");
        }
    }
    return {};
}

std::vector<Asked> nine_matters() {
    const std::string division =
        question_about(departments::questions_found(), "realestate-certificate").query[0].second;
    const std::string birth = question_about(departments::questions_found(), "birth-certificate").query[0].second;
    return {
        {"realestate-mortgage",
         {{"divisionCode", division}, {"maritalStatus", "married"}},
         false,
         {{"ownership", "satisfied"},
          {"encumbrance", "satisfied"},
          {"marriage", "satisfied"},
          {"contract", "no_match"}},
         "found"},
        {"company-setup",
         {{"divisionCode", division}, {"site", "owned"}, {"investor", "company"}},
         false,
         {{"site", "satisfied"}, {"lease", "not_applicable"}, {"investor", "satisfied"}, {"charter", "no_match"}},
         "found"},
        {"investment-project-approval",
         {},
         true,
         {{"project", "satisfied"},
          {"planning", "satisfied"},
          {"builder", "satisfied"},
          {"environment", "satisfied"},
          {"drawings", "no_match"}},
         "found"},
        {"fund-withdrawal",
         {{"reason", "purchase"}},
         false,
         {{"account", "satisfied"},
          {"purchase", "satisfied"},
          {"loan", "not_applicable"},
          {"retirement", "not_applicable"},
          {"bank-card", "no_match"}},
         "found"},
        {"newborn",
         {{"birthCode", birth}},
         false,
         {{"birth", "satisfied"}, {"marriage", "satisfied"}, {"insurance", "satisfied"}, {"household", "no_match"}},
         "found"},
        {"elderly-card",
         {},
         false,
         {{"pension", "satisfied"}, {"insurance", "satisfied"}, {"photograph", "no_match"}},
         "found"},
        {"disabled-card-renewal",
         {},
         false,
         {{"certificate", "satisfied"}, {"allowance", "satisfied"}, {"assessment", "no_match"}},
         "found"},
        {"resident-pension",
         {{"payerGroup", "disabled"}},
         false,
         {{"participation", "satisfied"},
          {"allowance", "not_applicable"},
          {"disability", "satisfied"},
          {"household", "no_match"}},
         "found"},
        {"talent-introduction",
         {{"spouseMoves", "yes"}},
         false,
         {{"recognition", "satisfied"}, {"employer", "satisfied"}, {"spouse", "satisfied"}, {"contract", "no_match"}},
         "found"},
    };
}

}  // namespace

TEST_CASE("each of nine matters brings what the departments have, and says what they have not", "[journey][matters]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    for (const Asked& asked : nine_matters()) {
        CAPTURE(asked.matter);
        const Record body = body_of(asked, departments::questions_found(), gateway.matter_body());
        const auto request = platform.prepare(path_of(asked), codec::write_json(body));
        const auto answer = platform.send(request);
        CAPTURE(answer.body);
        REQUIRE(answer.status == 200);
        CHECK(platform.check_signature(answer, request).has_value());
        const Record told = json_of(answer);
        CHECK(told.text_of("outcome") == asked.whole);
        CHECK(outcomes_of(told) == asked.outcomes);
        CHECK(text_in(told, "zh-CN").find("无需提交：") != std::string::npos);
        CHECK(text_in(told, "en").find("No longer needed: ") != std::string::npos);
        CHECK(told.find("to_bring")->find("questions")->items().empty());
    }
    CHECK(nine_matters().size() == 9);
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("whom no department knows brings everything, but what is not needed", "[journey][matters]") {
    const GatewayUnderTest gateway;
    for (const Asked& asked : nine_matters()) {
        CAPTURE(asked.matter);
        const Record body =
            body_of(asked, departments::questions_not_found(departments::make_town()), gateway.matter_body());
        const auto answer = gateway.platform().call(path_of(asked), body);
        CAPTURE(answer.body);
        REQUIRE(answer.status == 200);
        const Record told = json_of(answer);
        for (const auto& [requirement, outcome] : outcomes_of(told)) {
            CAPTURE(requirement);
            CHECK(outcome ==
                  (asked.outcomes.at(requirement) == "satisfied" ? "unsatisfied" : asked.outcomes.at(requirement)));
        }
        CHECK(told.find("to_bring")->find("not_needed")->items().empty());
        CHECK(text_in(told, "zh-CN").find("答复没有这项记录") != std::string::npos);
    }
}

TEST_CASE("a question that is open is asked, and no department before it is answered", "[journey][matters]") {
    const GatewayUnderTest gateway;
    Asked asked = nine_matters().front();
    asked.facts.clear();
    Record body = body_of(asked, departments::questions_found(), gateway.matter_body());
    const Record told = json_of(gateway.platform().call(path_of(asked), body));
    CHECK(told.text_of("outcome") == "partial");
    CHECK(outcomes_of(told) == Outcomes{{"ownership", "question"},
                                        {"encumbrance", "question"},
                                        {"marriage", "question"},
                                        {"contract", "no_match"}});
    const Record& questions = *told.find("to_bring")->find("questions");
    REQUIRE(questions.items().size() == 2);
    CHECK(questions.items()[0].text_of("fact") == "divisionCode");
    CHECK(questions.items()[1].find("choices")->items().size() == 2);
    CHECK(text_in(told, "zh-CN").find("请先说明：抵押人是否已婚？") != std::string::npos);
    CHECK(text_in(told, "en").find("You need not bring anything") == std::string::npos);

    asked.facts = {{"maritalStatus", "widowed"}};  // no choice of the question
    body = body_of(asked, departments::questions_found(), gateway.matter_body());
    CHECK(outcomes_of(json_of(gateway.platform().call(path_of(asked), body))).at("marriage") == "question");
}

TEST_CASE("what a department does not answer is still needed, or may follow until a working day",
          "[journey][matters]") {
    GatewayUnderTest gateway;
    REQUIRE(gateway.city().faults().set(System::tax, {.trouble = Trouble::hang}));
    REQUIRE(gateway.city().faults().set(System::market, {.trouble = Trouble::down}));
    const Record told = json_of(gateway.platform().call(kMatter, gateway.matter_body()));
    CHECK(told.text_of("outcome") == "partial");
    const Record& to_bring = *told.find("to_bring");
    REQUIRE(to_bring.find("needed")->items().size() == 1);
    CHECK(to_bring.find("needed")->items()[0].text_of("material") == "seller-clearance");
    CHECK(to_bring.find("needed")->items()[0].text_of("why") == "unavailable");
    REQUIRE(to_bring.find("may_follow")->items().size() == 1);
    const Record& later = to_bring.find("may_follow")->items()[0];
    CHECK(later.text_of("material") == "agency-licence");
    CHECK(record::parse_iso_date(later.text_of("until")).has_value());
    CHECK(to_bring.find("not_needed")->items().size() == 3);
    CHECK(text_in(told, "zh-CN").find("还需提交：转让方完税证明（示例市税务局的系统暂时没有答复）。") !=
          std::string::npos);
}

TEST_CASE("of two lists a silent department counts more than one that says no, and both are in the evidence",
          "[journey][matters]") {
    GatewayUnderTest gateway;
    // a home is bought: its contract, or the deed tax; the contracts are silent, and the tax office knows no such
    // person
    REQUIRE(gateway.city().faults().set(System::construction, {.trouble = Trouble::down}));
    Asked asked{.matter = "fund-withdrawal", .facts = {{"reason", "purchase"}}};
    const Record body =
        body_of(asked, departments::questions_not_found(departments::make_town()), gateway.matter_body());
    const Record told = json_of(gateway.platform().call(path_of(asked), body));
    CHECK(outcomes_of(told).at("purchase") == "unavailable");
    CHECK(text_in(told, "zh-CN").find("商品房网签备案合同（示例市住房和城乡建设局的系统暂时没有答复）") !=
          std::string::npos);
    gateway.stop();
    std::string materials;
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", [&materials](const Record& entry) {
        if (const Record* all = entry.find("materials"); all != nullptr) {
            materials += codec::write_json(*all);
        }
        return true;
    }));
    CHECK(materials.find("presale-contract") != std::string::npos);
    CHECK(materials.find("deed-tax-receipt") != std::string::npos);
}

TEST_CASE("all or nothing gives no certificate when one is missing, and all when none is", "[journey][matters]") {
    GatewayUnderTest gateway;
    Record body = gateway.matter_body();
    body.put("mode", Record::text("all_or_nothing"));
    const Record whole = json_of(gateway.platform().call(kMatter, body));
    CHECK(whole.text_of("outcome") == "found");
    CHECK(codec::write_json(whole).find("\"certificate\":\"ey") != std::string::npos);

    REQUIRE(gateway.city().faults().set(System::tax, {.trouble = Trouble::down}));
    const auto answer = gateway.platform().call(kMatter, body);
    REQUIRE(answer.status == 200);
    const Record part = json_of(answer);
    CHECK(part.text_of("outcome") == "partial");
    CHECK(outcomes_of(part).at("ownership") == "satisfied");
    CHECK(answer.body.find("\"certificate\":\"ey") == std::string::npos);
    CHECK(answer.body.find("\"content\"") == std::string::npos);
    CHECK(answer.body.find("\"withheld\"") != std::string::npos);
    const auto checked = signing::check_matter(part, [](const auto&, auto) { return std::nullopt; });
    REQUIRE(checked.has_value());
    for (const signing::MaterialCheck& one : *checked) {
        CHECK((one.fault == "withheld" || one.service.starts_with("tax-clearance")));
        CHECK_FALSE(one.is_good());
    }

    for (const char* wrong : {"nothing", ""}) {
        body.put("mode", Record::text(wrong));
        CHECK(gateway.platform().call(kMatter, body).status == 400);
    }
    Record single = gateway.body("tax-clearance");
    single.put("mode", Record::text("all_or_nothing"));
    CHECK(gateway.platform().call(kTax, single).status == 400);
}

TEST_CASE("a further language is one more file", "[journey][matters]") {
    const GatewayUnderTest gateway{{.change = [](const std::string& config) {
        std::string text = read_file(config + "/languages/en.yaml");
        const auto put = [&text](const std::string& what, const std::string& with) {
            REQUIRE(text.find(what) != std::string::npos);
            text.replace(text.find(what), what.size(), with);
        };
        put("id: en", "id: bo");
        put("No longer needed: {material} (from {from}).", "མི་དགོས། {material} ({from})");
        std::ofstream{config + "/languages/bo.yaml", std::ios::binary} << text;
    }}};
    const Record told = json_of(gateway.platform().call(kMatter, gateway.matter_body()));
    CHECK(text_in(told, "bo").find("མི་དགོས། 不动产权证书 (示例市自然资源局)") != std::string::npos);
    CHECK(told.find("to_bring")->find("text")->items().front().text_of("language") == "zh-CN");
}

TEST_CASE("a matter that could never be met as it is written is refused with what to write", "[journey][matters]") {
    struct Row {
        const char* file;
        const char* what;
        const char* with;
        const char* told;
    };
    const auto row = GENERATE(values<Row>({
        {"matters/fund-withdrawal.yaml", "any_of: [loan]", "any_of: [gift]", "the question has no such choice: gift"},
        {"matters/fund-withdrawal.yaml", "when: {fact: reason, any_of: [loan]}", "when: {fact: why, any_of: [loan]}",
         "depends on a fact that no question asks: why"},
        {"matters/existing-home-transfer.yaml", "material: agency-licence", "material: certificate",
         "material certificate names two different ones"},
        {"matters/existing-home-transfer.yaml", "material: seller-deposit", "material: buyer-deposit",
         "material buyer-deposit names two different ones"},
        {"matters/existing-home-transfer.yaml", "follow_days: 10", "follow_days: 0", "outside 1..365"},
        {"matters/existing-home-transfer.yaml", "    necessity: may_follow ", "    necessity: needed ",
         "may_follow needs follow_days"},
        {"matters/existing-home-transfer.yaml", "necessity: may_follow", "necessity: later", "necessity"},
        {"languages/en.yaml", "{material} ({why})", "{materials} ({why})", "nothing fills this place: {materials}"},
        {"languages/en.yaml", "    no_match:", "    nomatch:", "no_match"},
        {"calendar.yaml", "2026-10-01/2026-10-07", "2026-10-07/2026-10-01", "holidays holds dates or date/date"},
        {"calendar.yaml", "2026-12-31", "2026-12-32", "until must be a date"},
        {"gateway.yaml", "calendar: calendar.yaml", "calendar: nothing.yaml", "can't read this file"},
    }));
    CAPTURE(row.file, row.with);
    const auto change = [&row](const std::string& config) {
        const std::string file = config + '/' + row.file;
        std::string text = read_file(file);
        REQUIRE(text.find(row.what) != std::string::npos);
        text.replace(text.find(row.what), std::string_view{row.what}.size(), row.with);
        std::ofstream{file, std::ios::binary} << text;
    };
    CHECK_THROWS_WITH((GatewayUnderTest{{.change = change}}), ContainsSubstring(row.told));
}

TEST_CASE("a material that stands in two lists is one question, or the matter is refused", "[journey][matters]") {
    struct Row {
        const char* once;   ///< what the first says beside service and person
        const char* again;  ///< and the second
        bool is_one;
    };
    const auto row = GENERATE(values<Row>({
        {"", "", true},
        {"", ", query: {divisionCode: $.facts.divisionCode}", false},
        {"", ", verify: [{field: /status, operator: exists}]", false},
        {", verify: [{field: /status, operator: exists}]",
         ", verify: [{field: /status, operator: exists, value: false}]", false},
        {"", ", promise: [{field: /status, operator: exists}]", false},
        {", verify: [{field: /status, operator: exists}, {field: /openedDate, operator: exists}]",
         ", verify: [{field: /openedDate, operator: exists}, {field: /status, operator: exists}]", true},
    }));
    CAPTURE(row.once, row.again);
    const auto change = [&row](const std::string& config) {
        const std::string file = config + "/matters/existing-home-transfer.yaml";
        std::string text = read_file(file);
        const auto add = [&text](const std::string& at, const std::string& id, const std::string& more) {
            const std::string end = "about: applicant";
            const auto line = text.find(at);
            REQUIRE(line != std::string::npos);
            text.insert(text.find(end, line) + end.size(), more);
            text.replace(line, at.size(), id);
        };
        add("material: buyer-deposit-alone", "material: buyer-deposit", row.again);
        add("material: buyer-deposit,", "material: buyer-deposit,", row.once);
        std::ofstream{file, std::ios::binary} << text;
    };
    if (row.is_one) {
        CHECK_NOTHROW(GatewayUnderTest{{.change = change}});
    } else {
        CHECK_THROWS_WITH((GatewayUnderTest{{.change = change}}),
                          ContainsSubstring("material buyer-deposit names two different ones"));
    }
}
