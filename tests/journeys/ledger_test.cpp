#include <algorithm>
#include <filesystem>
#include <set>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/ledger/index.h"
#include "core/ledger/savings.h"
#include "core/vault/shelf.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using ledger::Index;
using ledger::Wanted;
using record::Record;

namespace {

std::string folder_of(const GatewayUnderTest& gateway) {
    return gateway.folder() + "/evidence";
}

std::unique_ptr<Index> index_of(const GatewayUnderTest& gateway, const std::string& file = {}) {
    auto index = Index::open(file.empty() ? Index::file_of(folder_of(gateway)) : gateway.folder() + '/' + file);
    REQUIRE(index);
    return std::move(*index);
}

/// Every exchange with all that the index holds of it, one a line.
std::vector<std::string> dump(Index& index, Wanted wanted = {}) {
    std::vector<std::string> lines;
    do {
        const auto page = index.list(wanted);
        REQUIRE(page);
        for (const ledger::Entry& entry : page->entries) {
            std::string line = codec::write_json(to_record(entry));
            for (const std::string& person : entry.persons) {
                line += ' ' + person;
            }
            lines.push_back(line);
        }
        wanted.after = page->next;
    } while (!wanted.after.empty());
    return lines;
}

Record with_context(Record body, const std::string& name, const std::string& value) {
    body.find("context")->put(name, Record::text(value));
    return body;
}

/// The right to ask who asked, for the portal.
void grant_usage(const std::string& config) {
    const std::string file = config + "/consumers/portal.yaml";
    write_text(file, read_file(file) + "usage: {legal_basis: 数据安全法, purposes: [subject-access]}\n");
    const std::string gateway = config + "/gateway.yaml";
    write_text(gateway, read_file(gateway) + "\nusage: {withheld: [{purposes: [no-resubmission], days: 30}]}\n");
}

Record usage_body(const std::string& id_no, const std::string& purpose = "subject-access") {
    Record subject = Record::object();
    subject.put("name", Record::text(departments::demo_person().person.name));
    subject.put("id_no", Record::text(id_no));
    Record who = Record::object();
    who.put("account", Record::text("portal-1"));
    who.put("division", Record::text("999901"));
    Record context = Record::object();
    context.put("purpose", Record::text(purpose));
    context.put("subject", std::move(subject));
    context.put("operator", std::move(who));
    Record body = Record::object();
    body.put("context", std::move(context));
    return body;
}

}  // namespace

TEST_CASE("the index that is fed beside the calls is the one made anew from the log", "[journey][ledger]") {
    GatewayUnderTest gateway;
    make_calls(gateway);
    CHECK(gateway.platform("portal").call(kLand, gateway.body(kLand)).status == 403);
    gateway.restart();
    make_calls(gateway);
    std::unique_ptr<Index> fed = index_of(gateway);
    REQUIRE(wait_until([&] { return dump(*fed).size() == 9; }));
    gateway.stop();
    REQUIRE(fed->feed(folder_of(gateway)));

    const auto anew = index_of(gateway, "anew/index.db");
    REQUIRE(anew->feed(folder_of(gateway)));
    CHECK(dump(*fed) == dump(*anew));
    CHECK(fed->last().value() == anew->last().value());
    const auto before = dump(*fed);
    REQUIRE(fed->rebuild(folder_of(gateway)));
    CHECK(dump(*fed) == before);
    CHECK(fed->feed(folder_of(gateway)).value() == 0);
}

TEST_CASE("exchanges are found by what they were about, page by page", "[journey][ledger]") {
    GatewayUnderTest gateway;
    make_calls(gateway);
    CHECK(gateway.platform("portal").call(kLand, gateway.body(kLand)).status == 403);
    const std::string key = read_file(gateway.folder() + "/keys/subject.key");
    gateway.stop();
    const auto index = index_of(gateway);
    REQUIRE(index->feed(folder_of(gateway)));
    const departments::Demo demo = departments::demo_person();
    const auto count = [&](const Wanted& wanted) { return dump(*index, wanted).size(); };
    CHECK(count({}) == 5);
    CHECK(count({.case_number = demo.case_number}) == 4);
    CHECK(count({.case_number = "other"}) == 0);
    CHECK(count({.matter = "existing-home-transfer"}) == 4);
    CHECK(count({.material = "ownership/certificate"}) + count({.material = "certificate"}) == 1);
    CHECK(count({.consumer = "portal"}) == 1);
    CHECK(count({.consumer = "one-window"}) == 4);
    CHECK(count({.service = "fund-deposit-certificate"}) == 1);
    CHECK(count({.service = "fund-deposit"}) == 0);
    CHECK(count({.outcome = "found"}) == 3);
    CHECK(count({.outcome = "not_permitted"}) == 1);
    CHECK(count({.from = "2000"}) == 5);
    CHECK(count({.until = "2000"}) == 0);
    const auto shelf = vault::Shelf::open(vault::Shelf::file_of(folder_of(gateway)));
    REQUIRE(shelf);
    const auto names = [&](const std::string& id) {
        return (*shelf)->names_of(to_hex(crypto::hmac_sha256(key, id)), Secret{key}).value();
    };
    CHECK(count({.persons = names(demo.person.id)}) == 4);
    CHECK(count({.persons = names(demo.buyer.id)}) == 1);
    CHECK(count({.persons = names("999901199001010017")}) == 0);
    // nobody stands there by the gateway's key alone, as in versions before
    CHECK(count({.persons = {to_hex(crypto::hmac_sha256(key, demo.person.id))}}) == 0);
    REQUIRE((*shelf)->erase({.case_number = demo.case_number}));
    CHECK(count({.persons = names(demo.person.id)}) == 0);
    CHECK(count({.case_number = demo.case_number}) == 4);
    const auto all = dump(*index);
    for (const std::int64_t most : {1, 2, 4, 5}) {
        CHECK(dump(*index, {.most = most}) == all);
    }
    CHECK_FALSE(index->list({.after = "x"}));
    CHECK_FALSE(index->list({.most = 0}));
}

TEST_CASE("one material of one case is saved once, and every number leads to the exchange that proves it",
          "[journey][ledger]") {
    GatewayUnderTest gateway;
    const auto matter = [&] { return json_of(gateway.platform().call(kMatter, gateway.matter_body())); };
    gateway.city().faults().set(departments::System::market, {.trouble = departments::Trouble::down});
    const std::string partial = matter().text_of("exchange");
    gateway.city().faults().clear_all();
    const auto between = ledger::count_savings(folder_of(gateway));
    REQUIRE(between);
    CHECK(between->materials.size() == 5);
    CHECK(std::count_if(between->materials.begin(), between->materials.end(),
                        [](const auto& one) { return one.saved; }) == 4);
    const std::string whole = matter().text_of("exchange");
    CHECK(matter().text_of("outcome") == "found");  // once more: nothing is saved twice
    // without a case, then for a case and material that the call itself names, twice
    Record body = gateway.body(kFund);
    CHECK(gateway.platform().call(kFund, body).status == 200);
    CHECK(gateway.platform().call(kFund, with_context(body, "material", "deposit")).status == 200);
    CHECK(gateway.platform().call(kFund, with_context(body, "material", "deposit")).status == 200);
    gateway.stop();

    const auto savings = ledger::count_savings(folder_of(gateway));
    REQUIRE(savings);
    CHECK(savings->materials.size() == 6);
    CHECK(savings->unattributed == 1);
    CHECK(savings->unattributed_found == 1);
    const auto market = std::find_if(savings->materials.begin(), savings->materials.end(),
                                     [](const auto& one) { return one.department == "market"; });
    REQUIRE(market != savings->materials.end());
    CHECK(market->saved);
    CHECK(market->exchange == whole);
    const auto by_matter = add_up(*savings, ledger::SavedBy::matter);
    REQUIRE(by_matter.contains("existing-home-transfer"));
    CHECK(by_matter.at("existing-home-transfer").due == 6);
    CHECK(by_matter.at("existing-home-transfer").saved == 6);
    CHECK(by_matter.at("existing-home-transfer").exchanges.size() == 3);
    const auto by_department = add_up(*savings, ledger::SavedBy::department);
    CHECK(by_department.at("fund").saved == 3);
    CHECK(by_department.at("land").exchanges == std::vector{partial});
    CHECK(add_up(*savings, ledger::SavedBy::month).size() == 1);
    CHECK(ledger::count_savings(gateway.folder() + "/nowhere").error().fault() == Fault::evidence_unavailable);
}

TEST_CASE("a person learns who asked about them, through a consumer that has the right, and withheld uses later",
          "[journey][ledger][security]") {
    GatewayUnderTest gateway{with_evidence("", grant_usage)};
    make_calls(gateway);
    const departments::Demo demo = departments::demo_person();
    // a use of a withheld class
    for (const departments::Question& question : departments::questions_found()) {
        if (question.about.id_no == demo.person.id && question.service == "pension") {
            CHECK(gateway.platform().call("/v1/services/pension", body_of(question)).status == 200);
        }
    }
    const auto told = gateway.platform("portal").call("/v1/usage", usage_body(demo.person.id));
    CAPTURE(told.body);
    REQUIRE(told.status == 200);
    const Record body = json_of(told);
    REQUIRE(body.find("uses") != nullptr);
    const auto& uses = body.find("uses")->items();
    REQUIRE(uses.size() >= 4);
    CHECK(uses.front().text_of("consumer") == "one-window");
    CHECK(uses.front().text_of("service").starts_with("fund-deposit-certificate@"));
    CHECK(uses.front().text_of("purpose") == "existing-home-transfer");
    CHECK(uses.front().text_of("role") == "subject");
    REQUIRE(uses.front().find("shown") != nullptr);
    CHECK_FALSE(uses.front().find("shown")->items().front().find("fields")->items().empty());
    for (const Record& use : uses) {
        CHECK(use.text_of("purpose") != "no-resubmission");
    }
    CHECK(told.body.find(demo.person.id) == std::string::npos);
    CHECK(told.body.find(demo.person.name) == std::string::npos);

    const auto again = json_of(gateway.platform("portal").call("/v1/usage", usage_body(demo.person.id)));
    CHECK(again.find("uses")->items().size() == uses.size() + 1);  // asking is a use, too
    const auto nobody = json_of(gateway.platform("portal").call("/v1/usage", usage_body("999901199001010017")));
    CHECK(nobody.text_of("outcome") == "not_found");
    CHECK(gateway.platform().call("/v1/usage", usage_body(demo.person.id)).status == 403);
    // of a case that is erased nobody learns any more whom it was about
    const auto in_case = [&] {
        const auto page = json_of(gateway.platform("portal").call("/v1/usage", usage_body(demo.person.id)));
        const auto& told = page.find("uses")->items();
        return std::count_if(told.begin(), told.end(),
                             [&](const Record& use) { return use.text_of("case_number") == demo.case_number; });
    };
    CHECK(in_case() >= 4);
    const std::string order = R"({"case_number": ")" + demo.case_number + R"(", "basis": "示数〔2026〕12号", "what": )";
    CHECK(gateway.admin("POST", "/v1/evidence/erase", order + R"("bodies"})").status == 200);
    CHECK(in_case() >= 4);
    CHECK(gateway.admin("POST", "/v1/evidence/erase", order + R"("everything"})").status == 400);
    const auto erased = gateway.admin("POST", "/v1/evidence/erase", order + R"("subjects"})");
    CAPTURE(erased.body);
    CHECK(json_of(erased).text_of("keys") == "1");
    CHECK(in_case() == 0);
    CHECK(gateway.platform().call(kFund, gateway.body(kFund)).status == 200);
    CHECK(gateway.platform("portal").call("/v1/usage", usage_body(demo.person.id, "curiosity")).status == 403);
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en);
    CHECK(verdict.valid);
}

TEST_CASE("a call with a person's number where it would stand for good is refused, and the evidence has nothing of it",
          "[journey][ledger][security]") {
    GatewayUnderTest gateway;
    const std::string number = "999901199001010010";
    const Record body = gateway.body(kFund);
    Record by_number = body;
    by_number.find("context")->find("operator")->put("account", Record::text(number));
    for (const auto& [member, call] :
         {std::pair{"legal_basis", with_context(body, "legal_basis", number + " 同意")},
          std::pair{"material", with_context(body, "material", number)}, std::pair{"operator/account", by_number}}) {
        CAPTURE(member);
        const auto refused = gateway.platform().call(kFund, call);
        CHECK(refused.status == 400);
        CHECK(json_of(refused).text_of("code") == "bad_request");
        CHECK_THAT(refused.body, ContainsSubstring(std::string{"/context/"} + member));
        CHECK(refused.body.find(number) == std::string::npos);
    }
    CHECK(gateway.platform().call(kFund, with_context(body, "legal_basis", "本人同意")).status == 200);
    gateway.stop();
    std::size_t segments = 0;
    for (const auto& file : std::filesystem::directory_iterator{folder_of(gateway)}) {
        if (file.path().extension() == ".dlog") {
            ++segments;
            CHECK(read_file(file.path()).find(number) == std::string::npos);
        }
    }
    CHECK(segments == 1);
    CHECK(records_of(gateway, "refusal").size() == 3);
    CHECK(gateway.log().find(number) == std::string::npos);
}
