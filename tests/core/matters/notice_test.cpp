#include "core/matters/notice.h"

#include "core/codec/json.h"
#include "tests/support/catch.h"

using namespace datong;
using catalogue::Language;
using catalogue::Matter;
using catalogue::Necessity;
using catalogue::Requirement;
using matters::MaterialTold;
using matters::Notice;
using matters::RequirementTold;
using record::Date;
using record::Record;

namespace {

constexpr Date kToday{2026, 11, 27};  // a Friday

/// One requirement of two materials, of the tax office.
struct Office {
    Office() {
        tax.id = "tax";
        tax.called = {.text = "示例市税务局", .others = {{"en", "Tax"}}};
        service.department = &tax;
        for (const char* id : {"clearance", "deed-tax"}) {
            requirement.any_of.resize(1);
            requirement.any_of.front().push_back(
                {.id = id, .title = {.text = id + std::string{"-证明"}}, .service = &service});
        }
        requirement.id = "taxes";
        requirement.title = {.text = "税费", .others = {{"en", "Taxes"}}};
        matter.title = {.text = "转移登记", .others = {{"en", "Transfer"}}};
    }
    [[nodiscard]] const catalogue::Material* material(std::size_t i) const { return &requirement.any_of[0][i]; }
    [[nodiscard]] Notice told(std::vector<MaterialTold> materials, std::string_view outcome = "partial") const {
        const std::vector<RequirementTold> all{
            {.requirement = &requirement, .outcome = outcome, .materials = std::move(materials)}};
        return notice_of(all, kToday, {});
    }

    catalogue::Department tax;
    catalogue::Service service;
    Requirement requirement;
    Matter matter;
};

Language english() {
    return {.id = "en",
            .heading = "{matter}:",
            .nothing = "Nothing.",
            .needed = "Bring {material} ({why}).",
            .may_follow = "Until {until}: {material} ({why}).",
            .awaited = "Wait for {material} (from {from}).",
            .not_needed = "Not {material} (from {from}).",
            .question = "Say: {question}",
            .summary = "{before}/{now}/{later}",
            .date = "{year}-{month}-{day}",
            .why = {{"not_found", "{department} has none"}, {"no_match", "nobody shares it"}}};
}

}  // namespace

TEST_CASE("of a list of two one may be needed and the other not", "[matters]") {
    const Office office;
    const Notice notice = office.told({{.material = office.material(0), .outcome = "found"},
                                       {.material = office.material(1), .outcome = "not_found"}});
    REQUIRE(notice.not_needed.size() == 1);
    CHECK(notice.not_needed.front().material == office.material(0));
    REQUIRE(notice.needed.size() == 1);
    CHECK(notice.needed.front().material == office.material(1));
    CHECK(notice.needed.front().why == "not_found");
    CHECK(text_of(notice, office.matter, english()) ==
          "Transfer:\nBring deed-tax-证明 (Tax has none).\nNot clearance-证明 (from Tax).\n2/1/0\n");
}

TEST_CASE("why a material must be brought is said by whose word is missing", "[matters]") {
    struct Row {
        MaterialTold told;
        std::string_view why;
    };
    const auto row = GENERATE(values<Row>({
        {{.outcome = "not_found"}, "not_found"},
        {{.outcome = "mismatch"}, "mismatch"},
        {{.outcome = "failed", .fault = Fault::department_timeout}, "unavailable"},
        {{.outcome = "failed", .fault = Fault::internal}, "unavailable"},
        {{.outcome = "failed", .fault = Fault::not_permitted}, "not_permitted"},
        {{.outcome = "failed", .fault = Fault::bad_request}, "incomplete_call"},
        {{.outcome = "failed", .fault = Fault::consent_required}, "no_consent"},
        {{.outcome = "failed", .fault = Fault::consent_not_accepted}, "no_consent"},
    }));
    const Office office;
    MaterialTold told = row.told;
    told.material = office.material(0);
    CAPTURE(row.why);
    const Notice notice = office.told({told});
    REQUIRE(notice.needed.size() == 1);
    CHECK(notice.needed.front().why == row.why);
    CHECK(notice.not_needed.empty());
}

TEST_CASE("what may follow has its last day, counted in working days; what is not needed is not asked for",
          "[matters]") {
    Office office;
    office.requirement.necessity = Necessity::may_follow;
    office.requirement.follow_days = 10;
    Notice notice = office.told({{.material = office.material(0), .outcome = "not_found"}});
    CHECK(notice.needed.empty());
    REQUIRE(notice.may_follow.size() == 1);
    CHECK(record::to_text(notice.may_follow.front().until) == "2026-12-11");
    CHECK(text_of(notice, office.matter, english()).find("Until 2026-12-11: clearance-证明") != std::string::npos);

    office.requirement.necessity = Necessity::not_needed;
    notice = office.told({{.material = office.material(0), .outcome = "not_found"}});
    CHECK(notice.needed.empty());
    CHECK(notice.may_follow.empty());
    CHECK(text_of(notice, office.matter, english()) == "Transfer:\nNothing.\n0/0/0\n");
}

TEST_CASE("what nobody can share yet is needed as the requirement's title", "[matters]") {
    const Office office;
    const Notice notice = office.told({}, "no_match");
    REQUIRE(notice.needed.size() == 1);
    CHECK(text_of(notice, office.matter, english()) == "Transfer:\nBring Taxes (nobody shares it).\n1/1/0\n");
}

TEST_CASE("an open question is asked once, and nothing is said to be enough before it is answered", "[matters]") {
    const Office office;
    const catalogue::Question question{.fact = "married", .title = {.text = "已婚?", .others = {{"en", "Married?"}}}};
    const std::vector<RequirementTold> told{
        {.requirement = &office.requirement, .outcome = "question", .question = &question},
        {.requirement = &office.requirement, .outcome = "question", .question = &question}};
    const Notice notice = notice_of(told, kToday, {});
    CHECK(notice.questions.size() == 1);
    CHECK(text_of(notice, office.matter, english()) == "Transfer:\nSay: Married?\n0/0/0\n");
}

TEST_CASE("the notice is written whole, in every language", "[matters]") {
    const Office office;
    const Notice notice = office.told({{.material = office.material(0), .outcome = "found"},
                                       {.material = office.material(1), .outcome = "not_found"}});
    std::string out;
    codec::JsonWriter json{out};
    const std::vector<Language> languages{english(), english()};
    write_notice(json, notice, office.matter, languages);
    const auto read = codec::read_json(out);
    REQUIRE(read.has_value());
    CHECK(read->find("needed")->items().front().text_of("why") == "not_found");
    CHECK(read->find("needed")->items().front().text_of("department") == "tax");
    CHECK(read->find("not_needed")->items().front().text_of("material") == "clearance");
    CHECK(read->find("not_needed")->items().front().find("why") == nullptr);
    CHECK(read->find("may_follow")->items().empty());
    CHECK(read->find("questions")->items().empty());
    CHECK(read->find("text")->items().size() == 2);
}

TEST_CASE("what its department answers later is neither needed nor done with", "[matters]") {
    const Office office;
    const Notice notice = office.told(
        {{.material = office.material(0), .outcome = "found"}, {.material = office.material(1), .outcome = "pending"}},
        "pending");
    REQUIRE(notice.awaited.size() == 1);
    CHECK(notice.awaited.front().material == office.material(1));
    CHECK(notice.needed.empty());
    CHECK(notice.not_needed.size() == 1);
    const std::string text = text_of(notice, office.matter, english());
    CHECK(text.find("Wait for deed-tax-证明 (from Tax).") != std::string::npos);
    CHECK(text.find("Nothing.") == std::string::npos);
    CHECK(text.find("2/0/0") != std::string::npos);
}
