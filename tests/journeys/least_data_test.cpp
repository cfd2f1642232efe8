// What of a service a call sees: by grant, by matter, by a subset's name; and what is only asked by predicates.

#include <string>

#include "core/base/clock.h"
#include "core/codec/json.h"
#include "core/record/date.h"
#include "core/signing/certificate.h"
#include "core/signing/jws.h"
#include "tests/journeys/file_house.h"
#include "tests/journeys/least_kit.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

constexpr const char* kMatterFile = "/matters/existing-home-transfer.yaml";
constexpr const char* kTransferGrant = "/grants/one-window-existing-home-transfer.yaml";
constexpr const char* kNeeds = ", fields: [/certificateNumber, /holders/*/name]}";

/// The matter needs two fields of the certificate, and no more.
void narrow(const std::string& config) {
    edit(config + kMatterFile, "query: {divisionCode: $.facts.divisionCode}}",
         std::string{"query: {divisionCode: $.facts.divisionCode}"} + kNeeds);
}

const Record& certificate_in(const Record& answer) {
    return answer.find("requirements")->items().front().find("materials")->items().front();
}

std::optional<crypto::VerifyingKey> key_of(const GatewayUnderTest& gateway, const std::string& department) {
    auto key = crypto::VerifyingKey::from_pem(read_file(gateway.folder() + "/keys/" + department + ".pub.pem"));
    return key ? std::optional{std::move(*key)} : std::nullopt;
}

bool is_proven(const GatewayUnderTest& gateway, const Record& answer, const std::string& department) {
    const auto check = signing::check_certificate(
        answer, [&](const signing::Issuer&, std::string_view) { return key_of(gateway, department); });
    return check && check->is_good();
}

Record with_subset(Record body, const std::string& subset) {
    body.put("subset", Record::text(subset));
    return body;
}

HttpMessage soap(const GatewayUnderTest& gateway, const std::string& path, const Record& body) {
    const SoapPlatform caller{gateway.platform(), gateway.folder() + "/keys", "one-window", "1.2"};
    return caller.post(path, caller.sign(caller.parts(path, body)));
}

constexpr const char* kOwnership =
    "certificateTypeName certificateNumber divisionCode rightType ownershipForm status holders";

}  // namespace

TEST_CASE("a matter shows no more of a material than it needs, whatever the grant shows",
          "[journey][least][security]") {
    GatewayUnderTest gateway{{.change = narrow}};
    const auto answer = gateway.platform().call(kMatter, gateway.matter_body());
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record body = json_of(answer);
    const Record& material = certificate_in(body);
    CHECK(material.text_of("outcome") == "found");
    const Record& content = *material.find("answer")->find("content");
    CHECK(names_of(&content) == "certificateNumber holders");
    CHECK(names_of(&content.find("holders")->items().front()) == "name");
    CHECK(is_proven(gateway, *material.find("answer"), "land"));
    CHECK_THAT(codec::write_json(material), !ContainsSubstring("priceFen") && !ContainsSubstring("idNo"));

    // nor by asking the service itself for the same purpose, with the matter's name or without
    for (const char* named : {"existing-home-transfer", ""}) {
        CAPTURE(named);
        Record direct = gateway.body(kLand);
        direct.find("context")->put("matter", Record::text(named));
        const auto alone = gateway.platform().call(kLand, direct);
        CAPTURE(alone.body);
        if (*named != '\0') {
            REQUIRE(alone.status == 200);
            CHECK(names_of(json_of(alone).find("content")) == "certificateNumber holders");
        } else {
            CHECK(code_of(alone) == "case_not_accepted");
        }
    }
    CHECK(names_of(json_of(gateway.platform().call(kTax, gateway.body(kTax))).find("content")).size() > 40);
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("a purpose that wants no case is bound by what its matters need, too", "[journey][least][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        narrow(config);
        edit(config + kTransferGrant, "case_required: true", "case_required: false");
    }}};
    for (const char* named : {"existing-home-transfer", "", "newborn", "no-such-matter"}) {
        CAPTURE(named);
        Record direct = gateway.body(kLand);
        direct.find("context")->put("matter", Record::text(named));
        const auto alone = gateway.platform().call(kLand, direct);
        CAPTURE(alone.body);
        REQUIRE(alone.status == 200);
        CHECK(names_of(json_of(alone).find("content")) == "certificateNumber holders");
    }
}

TEST_CASE("where the grant shows nothing of what the matter needs, nothing is asked", "[journey][least][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        narrow(config);
        edit(config + kTransferGrant, "fields: [\"*\"]", "fields: [/status, /house, /items, /inArrears, /uscc]");
    }}};
    const auto answer = gateway.platform().call(kMatter, gateway.matter_body());
    CAPTURE(answer.body);
    const Record body = json_of(answer);
    CHECK(certificate_in(body).text_of("outcome") == "failed");
    CHECK(certificate_in(body).find("fault")->text_of("code") == "not_permitted");
    const auto alone = gateway.platform().call(kLand, gateway.body(kLand));
    CHECK(alone.status == 403);
    CHECK(code_of(alone) == "not_permitted");
}

TEST_CASE("a file in a field that the matter does not need is not even fetched", "[journey][least][files][security]") {
    FileHouse house{[](const std::string&) { return FileHouse::Told{.head = "200 OK", .body = "%PDF-1.7"}; }};
    auto options = house.options();
    const auto change = options.change;
    options.change = [change](const std::string& config) {
        change(config);
        write_text(config + "/matters/permit-only.yaml", R"(datong: matter/v1
id: permit-only
version: 1.0.0
title: 排污许可
purpose: least
requirements:
  - id: permit
    any_of:
      - all_of:
          - {material: permit, service: discharge-permit, fields: [/permitNo]}
)");
        give_least(config, "permits", "discharge-permit", "fields: [\"*\"]");
    };
    GatewayUnderTest gateway{std::move(options)};
    const Record question = body_of(permit_question());
    Record matter = Record::object();
    matter.put("context", *question.find("context"));
    matter.find("context")->put("purpose", Record::text(kLeastPurpose));
    const auto answer = gateway.platform().call("/v1/matters/permit-only/materials", matter);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record body = json_of(answer);
    CHECK(names_of(certificate_in(body).find("answer")->find("content")) == "permitNo");
    CHECK(certificate_in(body).find("answer")->find("files") == nullptr);
    CHECK(house.asked().empty());
}

TEST_CASE("a grant by a subset shows what the service says, and names nothing else", "[journey][least][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        give_least(config, "owners", "realestate-certificate", "subsets: [ownership-only]\nsee_sensitive: 核对权属");
    }}};
    const Platform platform = gateway.platform();
    const Record body = least_body("realestate-certificate");
    const auto unnamed = platform.call(kLand, body);
    CAPTURE(unnamed.body);
    REQUIRE(unnamed.status == 200);
    CHECK(names_of(json_of(unnamed).find("content")) == kOwnership);
    CHECK(json_of(unnamed).find("subset") == nullptr);

    const auto request = platform.prepare(kLand, codec::write_json(with_subset(body, "ownership-only")));
    const auto named = platform.send(request);
    REQUIRE(named.status == 200);
    CHECK(platform.check_signature(named, request));
    Record answer = json_of(named);
    CHECK(answer.text_of("subset") == "ownership-only");
    CHECK(names_of(answer.find("content")) == kOwnership);
    CHECK(is_proven(gateway, answer, "land"));
    CHECK_THAT(signing::read_jws(answer.text_of("certificate"))->payload,
               ContainsSubstring(R"("subset":"ownership-only")"));
    answer.put("subset", Record::text("everything"));
    CHECK_FALSE(is_proven(gateway, answer, "land"));
    Record claimed = json_of(unnamed);
    claimed.put("subset", Record::text("ownership-only"));
    CHECK_FALSE(is_proven(gateway, claimed, "land"));

    struct Row {
        const char* why;
        const char* more;
        int status;
        const char* code;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"another subset of the service", R"("subset": "transferable-now")", 403, "not_permitted"},
             {"one that there is not", R"("subset": "no-such-subset")", 403, "not_permitted"},
             {"predicates of one's own", R"("verify": [{"field": "/status", "operator": "exists"}])", 403,
              "not_permitted"},
             {"a subset and predicates",
              R"("subset": "ownership-only", "verify": [{"field": "/status", "operator": "exists"}])", 400,
              "bad_request"},
             {"a subset that is no name", R"("subset": {"a": 1})", 400, "bad_request"},
             {"an empty one", R"("subset": "")", 400, "bad_request"},
         }) {
        CAPTURE(row.why);
        std::string text = codec::write_json(body);
        text.insert(text.size() - 1, std::string{", "} + row.more);
        const auto refused = platform.send(platform.prepare(kLand, text));
        CAPTURE(refused.body);
        CHECK(refused.status == row.status);
        CHECK(code_of(refused) == row.code);
    }
    CHECK(code_of(platform.call(kMatter, with_subset(gateway.matter_body(), "ownership-only"))) == "bad_request");
}

TEST_CASE("a caller may ask for less than it is granted by a subset's name", "[journey][least]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        give_least(config, "all", "realestate-certificate",
                   "fields: [\"*\"]\nverify: [/status]\nsee_sensitive: 核对权属");
    }}};
    const Record body = least_body("realestate-certificate");
    const auto less = gateway.platform().call(kLand, with_subset(body, "ownership-only"));
    CAPTURE(less.body);
    REQUIRE(less.status == 200);
    CHECK(names_of(json_of(less).find("content")) == kOwnership);
    CHECK(json_of(less).text_of("subset") == "ownership-only");
    // a subset of predicates is asked whole, or not at all
    CHECK(code_of(gateway.platform().call(kLand, with_subset(body, "transferable-now"))) == "not_permitted");
}

TEST_CASE("a subset of predicates is asked as the service says, over REST and SOAP alike", "[journey][least][soap]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        give_least(config, "ages", "medical-insurance", "subsets: [age-of-majority]");
    }}};
    const Record body = with_subset(least_body("medical-insurance"), "age-of-majority");
    const auto rest = gateway.platform().call(kInsured, body);
    CAPTURE(rest.body);
    REQUIRE(rest.status == 200);
    const Record answer = json_of(rest);
    CHECK(answer.text_of("outcome") == "match");
    CHECK(answer.text_of("subset") == "age-of-majority");
    const auto& results = answer.find_path({"content", "results"})->items();
    REQUIRE(results.size() == 1);
    CHECK(results.front().text_of("field") == "/holder/birthDate");
    const auto today = record::to_civil(SystemClock{}.now()).date;
    CHECK(results.front().text_of("value") == record::to_text(record::add_months(today, -18 * 12)));
    CHECK(names_of(answer.find("content")) == "results");
    CHECK(is_proven(gateway, answer, "medical"));
    // what was asked is proven without the caller having brought it
    Record asked = Record::list();
    Record one = Record::object();
    for (const char* name : {"field", "operator", "value"}) {
        one.put(name, Record::text(results.front().text_of(name)));
    }
    asked.add(std::move(one));
    CHECK(signing::says_it_was_asked(answer, "/verify", asked));

    const auto xml = soap(gateway, "/soap/medical-insurance", body);
    CAPTURE(xml.body);
    REQUIRE(xml.status == 200);
    const Record told = record_of(xml.body);
    CHECK(told.text_of("subset") == "age-of-majority");
    CHECK(told.text_of("outcome") == "match");
    CHECK(*told.find("content") == *answer.find("content"));

    // nothing is the caller's to choose, and without the name there is nothing to see
    Record own = least_body("medical-insurance");
    own.put(
        "verify",
        codec::read_json(R"([{"field": "/holder/birthDate", "operator": "at_most", "value": "1970-01-01"}])").value());
    CHECK(code_of(gateway.platform().call(kInsured, own)) == "not_permitted");
    const auto bare = gateway.platform().call(kInsured, least_body("medical-insurance"));
    CHECK(bare.status == 400);
    CHECK_THAT(bare.body, !ContainsSubstring("birthDate"));
    const auto refused = soap(gateway, "/soap/medical-insurance", own);
    CHECK(record_of(refused.body).text_of("code") == "not_permitted");
}

TEST_CASE("a material of a matter may be a subset by its name", "[journey][least]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        edit(config + kMatterFile, "service: tax-clearance, about: subject}",
             "service: tax-clearance, about: subject, subset: no-arrears}");
        edit(config + kMatterFile, "query: {divisionCode: $.facts.divisionCode}}",
             "query: {divisionCode: $.facts.divisionCode}, subset: ownership-only}");
    }}};
    const auto answer = gateway.platform().call(kMatter, gateway.matter_body());
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record body = json_of(answer);
    const Record& certificate = *certificate_in(body).find("answer");
    CHECK(certificate.text_of("subset") == "ownership-only");
    CHECK(names_of(certificate.find("content")) == kOwnership);
    const Record& tax = body.find("requirements")->items()[1].find("materials")->items().front();
    CHECK(tax.text_of("outcome") == "match");
    CHECK(tax.find("answer")->text_of("subset") == "no-arrears");
    CHECK(names_of(tax.find("answer")->find("content")) == "results");
}

TEST_CASE("what a consumer may have is told with its subsets and caps", "[journey][least][descriptions]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        narrow(config);
        give_least(config, "ages", "medical-insurance", "subsets: [age-of-majority]\nmost: {persons: 1}");
    }}};
    const Platform platform = gateway.platform();
    const auto services = platform.send(platform.prepare_get("/v1/services"));
    CAPTURE(services.body);
    CHECK_THAT(services.body,
               ContainsSubstring(R"("subsets":["age-of-majority"])") && ContainsSubstring(R"("most":{"persons":1})") &&
                   ContainsSubstring(R"("subset":"ownership-only","title":"仅权属","title_en":"Ownership only")"));
    const auto openapi = platform.send(platform.prepare_get("/v1/services/medical-insurance/openapi.json"));
    CHECK_THAT(openapi.body, ContainsSubstring("age-of-majority"));
    const auto matters = platform.send(platform.prepare_get("/v1/matters"));
    CHECK_THAT(matters.body, ContainsSubstring(R"("fields":["/certificateNumber","/holders/*/name"])"));
}

TEST_CASE("fields of a sensitive service are granted with a reason, or not at all", "[journey][least][security]") {
    const std::string said = mistakes_of(
        [](const std::string& config) { give_least(config, "nosy", "realestate-certificate", "fields: [/holders]"); });
    CHECK_THAT(said, ContainsSubstring("grants/nosy.yaml:5:9") && ContainsSubstring("C250") &&
                         ContainsSubstring("see_sensitive"));
    const std::string by_subset = mistakes_of([](const std::string& config) {
        give_least(config, "nosy", "realestate-certificate", "subsets: [ownership-only]");
    });
    CHECK_THAT(by_subset, ContainsSubstring("grants/nosy.yaml:5:10") && ContainsSubstring("C250"));
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        give_least(config, "asks", "realestate-certificate", "verify: [/status]");
        give_least(config, "tax", "tax-clearance", "subsets: [no-arrears]");
    }}};
    Record body = least_body("realestate-certificate");
    CHECK(code_of(gateway.platform().call(kLand, body)) == "not_permitted");
    body.put("verify", codec::read_json(R"([{"field": "/status", "operator": "equals", "value": "current"}])").value());
    CHECK(json_of(gateway.platform().call(kLand, body)).text_of("outcome") == "match");
    const auto tax = gateway.platform().call(kTax, with_subset(least_body("tax-clearance"), "no-arrears"));
    CAPTURE(tax.body);
    CHECK(json_of(tax).text_of("outcome") == "match");
}

TEST_CASE("what is wrong with subsets and a matter's fields is said at its place", "[journey][least]") {
    struct Row {
        const char* why;
        const char* file;
        const char* what;
        const char* with;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"a field that the service has not", kMatterFile, "divisionCode}}", "divisionCode}, fields: [/holder/*/name]}",
         "try: /holders/*/name"},
        {"a subset that there is not", kMatterFile, "divisionCode}}", "divisionCode}, subset: ownership-onl}",
         "try: ownership-only"},
        {"fields of what is asked by predicates", kMatterFile, "divisionCode}}",
         "divisionCode}, subset: transferable-now, fields: [/status]}", "C213"},
        {"a subset of both kinds", "/services/realestate-certificate.yaml", "    titles: {en: Ownership only}",
         "    verify: [{field: /status, operator: exists}]", "C213"},
        {"a subset's field", "/services/realestate-certificate.yaml", "/ownershipForm, ", "/ownershipFrom, ",
         "try: /ownershipForm"},
        {"a value and years", "/services/medical-insurance.yaml", "years_ago: 18", "years_ago: 18, value: x", "C213"},
        {"years of what is no date", "/services/medical-insurance.yaml", "/holder/birthDate", "/holder/name", "C214"},
        {"persons who are nowhere", "/services/medical-insurance.yaml",
         "subsets:", "persons: [/holder/idNos]\nsubsets:", "try: /holder/idNo"},
        {"an hourly cap of a service", "/services/medical-insurance.yaml",
         "subsets:", "most: {subjects_per_hour: 5}\nsubsets:", "C101"},
    }));
    CAPTURE(row.why);
    const std::string said =
        mistakes_of([row](const std::string& config) { edit(config + row.file, row.what, row.with); });
    CHECK_THAT(said, ContainsSubstring(row.says) && ContainsSubstring(row.file));
}
