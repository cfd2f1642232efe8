// What a reviewer tried against least data: a matter that only asks, the record's own time, digests of files, which
// grant decides, what a refused call counts, and settings that would bound nothing.

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/codec/json.h"
#include "examples/departments/licence_file.h"
#include "tests/journeys/file_house.h"
#include "tests/journeys/least_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

constexpr const char* kSeeTax = "fields: [\"*\"]\nverify: [\"*\"]\nsee_sensitive: 核对税费明细";
constexpr const char* kMatterFile = "/matters/existing-home-transfer.yaml";
constexpr const char* kInsuredFile = "/services/medical-insurance.yaml";

/// A matter of the purpose "least". @param material  {material: ..., service: ...}
void give_matter(const std::string& config, const std::string& id, const std::string& material) {
    write_text(config + "/matters/" + id + ".yaml", "datong: matter/v1\nid: " + id +
                                                        "\nversion: 1.0.0\ntitle: 最小必要\npurpose: least\n"
                                                        "requirements:\n  - id: one\n    any_of:\n      - all_of:\n"
                                                        "          - " +
                                                        material + "\n");
}

Record for_matter(Record body, const std::string& matter) {
    body.find("context")->put("matter", Record::text(matter));
    return body;
}

std::string names_seen(const codec::HttpMessage& answer) {
    return answer.status == 200 ? names_of(json_of(answer).find("content")) : code_of(answer);
}

}  // namespace

TEST_CASE("a purpose whose matter only asks a service shows nothing of it", "[journey][least][security]") {
    const bool another_shows = GENERATE(false, true);
    CAPTURE(another_shows);
    GatewayUnderTest gateway{{.change = [another_shows](const std::string& config) {
        give_least(config, "all", "tax-clearance", kSeeTax);
        give_matter(config, "asks-only", "{material: tax, service: tax-clearance, subset: no-arrears}");
        if (another_shows) {
            give_matter(config, "shows", "{material: tax, service: tax-clearance, fields: [/inArrears]}");
        }
    }}};
    const Platform platform = gateway.platform();
    const Record body = least_body("tax-clearance");
    CHECK(names_seen(platform.call(kTax, for_matter(body, "asks-only"))) == "not_permitted");
    CHECK(names_seen(platform.call(kTax, body)) == (another_shows ? "inArrears" : "not_permitted"));
    if (another_shows) {
        CHECK(names_seen(platform.call(kTax, for_matter(body, "shows"))) == "inArrears");
    }
    Record asked = body;
    asked.put("subset", Record::text("no-arrears"));
    CHECK(json_of(platform.call(kTax, asked)).text_of("outcome") == "match");
}

TEST_CASE("a call asks of the person whom its matter asks the service about", "[journey][least][security]") {
    struct Row {
        const char* why;
        const char* path;
        const char* about;
        const char* matter;
        const char* becomes;
    };
    constexpr const char* kThere = R"([{"field": "/certificateTypeName", "operator": "exists", "value": true}])";
    constexpr const char* kTransfer = "existing-home-transfer";
    constexpr const char* kTransferPush = "case-push-existing-home-transfer";
    const std::vector<Row> rows{
        {"the seller's home", kLand, "subject", kTransfer, "found"},
        {"the buyer's, whom the case names", kLand, "applicant", kTransfer, "not_permitted"},
        {"by another matter of the purpose, whose case it is", kLand, "applicant", kTransferPush, "not_permitted"},
        {"the seller's taxes", kTax, "subject", kTransfer, "found"},
        {"the buyer's", kTax, "applicant", kTransfer, "not_permitted"},
        {"the agency's", kTax, "agent", kTransfer, "not_permitted"},
        {"the buyer's deposits, which the matter asks", kFund, "applicant", kTransfer, "found"},
        {"the seller's, likewise", kFund, "subject", kTransfer, "found"},
        {"the agency's", kFund, "agent", kTransfer, "not_permitted"},
    };
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    for (const Row& row : rows) {
        CAPTURE(row.why);
        Record body = for_matter(gateway.matter_body(), row.matter);
        body.put("query", *gateway.body(row.path).find("query"));
        body.put("about", Record::text(row.about));
        const auto seen = platform.call(row.path, body);
        CAPTURE(seen.body);
        CHECK((seen.status == 200 ? json_of(seen).text_of("outcome") : code_of(seen)) == row.becomes);
        body.put("verify", *codec::read_json(kThere));
        const auto asked = platform.call(row.path, body);
        CAPTURE(asked.body);
        const std::string becomes = row.becomes == std::string_view{"found"} ? "match" : row.becomes;
        CHECK((asked.status == 200 ? json_of(asked).text_of("outcome") : code_of(asked)) == becomes);
    }
}

TEST_CASE("where nobody knows who is who, a matter still shows of a service what it asks of that role",
          "[journey][least][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        give_least(config, "all", "medical-insurance", "fields: [\"*\"]\nverify: [\"*\"]");
        give_matter(config, "mother", "{material: insured, service: medical-insurance, about: applicant}");
    }}};
    const Platform platform = gateway.platform();
    Record body = least_body("medical-insurance");
    body.find("context")->put("applicant", *body.find("context")->find("subject"));
    CHECK(names_seen(platform.call(kInsured, body)) == "not_permitted");
    Record of_applicant = body;
    of_applicant.put("about", Record::text("applicant"));
    CHECK_THAT(names_seen(platform.call(kInsured, of_applicant)), ContainsSubstring("holder"));
    body.put("subset", Record::text("age-of-majority"));  // predicates are the grant's, where no case says who they are
    CHECK(json_of(platform.call(kInsured, body)).text_of("outcome") == "match");
}

TEST_CASE("the record's own time is told to who may see it", "[journey][least][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        give_least(config, "all", "realestate-certificate", "fields: [\"*\"]\nsee_sensitive: 核对权属");
    }}};
    const Platform platform = gateway.platform();
    Record body = least_body("realestate-certificate");
    const Record whole = json_of(platform.call(kLand, body));
    const std::string issued = whole.find("content")->text_of("certificateIssuedDate");
    REQUIRE_FALSE(issued.empty());
    CHECK(whole.find("provenance")->items().front().text_of("record_time") == issued);
    body.put("subset", Record::text("ownership-only"));
    const auto answer = platform.call(kLand, body);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record less = json_of(answer);
    REQUIRE_FALSE(less.find("provenance")->items().empty());
    for (const Record& one : less.find("provenance")->items()) {
        CHECK(one.text_of("record_time") == less.text_of("as_of"));
    }
}

TEST_CASE("a file is held against its department's digest whether that is shown or not",
          "[journey][least][files][security]") {
    FileHouse house{[](const std::string&) {
        return FileHouse::Told{.head = "200 OK\r\nContent-Type: application/ofd", .body = departments::sealed_ofd("x")};
    }};
    auto options = house.options();
    const auto change = options.change;
    options.change = [change](const std::string& config) {
        change(config);
        // a number that is the digest of no file
        edit(config + "/services/discharge-permit.yaml", "from: url,", "from: url, digest: {at: /permitNo},");
        give_least(config, "permits", "discharge-permit", "fields: [\"*\"]");
        give_matter(config, "file-only", "{material: permit, service: discharge-permit, fields: [/document/file]}");
    };
    GatewayUnderTest gateway{std::move(options)};
    Record matter = Record::object();
    matter.put("context", *body_of(permit_question()).find("context"));
    matter.find("context")->put("purpose", Record::text(kLeastPurpose));
    const auto answer = gateway.platform().call("/v1/matters/file-only/materials", matter);
    CAPTURE(answer.body);
    CHECK(house.asked().size() == 1);
    CHECK_THAT(answer.body, ContainsSubstring("file.digest") && !ContainsSubstring("\"files\""));
    CHECK_THAT(answer.body, !ContainsSubstring("permitNo"));
}

TEST_CASE("the grant decides that shows something of what the matter needs", "[journey][least]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        give_least(config, "a-person", "medical-insurance", "fields: [/personNo]");
        give_least(config, "b-holder", "medical-insurance", "fields: [/holder]");
        give_matter(config, "names", "{material: insured, service: medical-insurance, fields: [/holder/name]}");
    }}};
    const Platform platform = gateway.platform();
    const Record body = least_body("medical-insurance");
    CHECK(names_seen(platform.call(kInsured, body)) == "holder");
    Record matter = Record::object();
    matter.put("context", *body.find("context"));
    const auto answer = platform.call("/v1/matters/names/materials", matter);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK_THAT(answer.body, ContainsSubstring("\"holder\":{\"name\"") && !ContainsSubstring("personNo"));
}

TEST_CASE("a call that a cap refuses takes nothing of its quota", "[journey][least]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        give_least(config, "few", "medical-insurance",
                   "fields: [\"*\"]\nmost: {subjects_per_hour: 1}\nquota: {calls: 2, per: day}");
    }}};
    const Platform platform = gateway.platform();
    const Record known = least_body("medical-insurance");
    REQUIRE(platform.call(kInsured, known).status == 200);
    for (int i = 0; i < 3; ++i) {
        CHECK(code_of(platform.call(kInsured, stranger_body("medical-insurance", i))) == "subjects_exceeded");
    }
    CHECK(platform.call(kInsured, known).status == 200);
    CHECK(code_of(platform.call(kInsured, known)) == "quota_exceeded");
}

TEST_CASE("who has a grant by predicates is not sent to a subset that he was not granted", "[journey][least]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        give_least(config, "asks", "medical-insurance", "verify: [\"*\"]");
    }}};
    CHECK(code_of(gateway.platform().call(kInsured, least_body("medical-insurance"))) == "not_permitted");
}

TEST_CASE("a receipt that names more persons than may be seen is left out, and what became of it is told",
          "[journey][least][submit][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        edit(config + "/services/case-push-land.yaml", "deadline_ms",
             "most: {persons: 1}\npersons: [/applicantIdNo, /receiptNumber]\ndeadline_ms");
    }}};
    constexpr const char* kPush = "/v1/services/case-push-land";
    Record body = gateway.body(kPush);
    body.find("context")->put("idempotency_key", Record::text("least-1"));
    const auto answer = gateway.platform().call(kPush, body);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record told = json_of(answer);
    CHECK(told.text_of("outcome") == "accepted");
    CHECK_FALSE(told.text_of("certificate").empty());
    CHECK(names_of(told.find("content")).empty());
    CHECK_THAT(answer.body, !ContainsSubstring("applicantIdNo") && !ContainsSubstring("receiptNumber"));
    CHECK(gateway.city().acceptance().written("land") == 1);
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("settings that would bound nothing, or allow nothing for ever, are mistakes", "[journey][least]") {
    struct Row {
        const char* why;
        const char* file;
        const char* what;
        const char* with;
        const char* says;
    };
    constexpr const char* kLandFile = "/services/realestate-certificate.yaml";
    const auto row = GENERATE(values<Row>({
        {"an id that is no pointer", kInsuredFile, "id: /holder/idNo", "id: idNo", "C103"},
        {"all are persons", kInsuredFile, "subsets:", "persons: [\"*\"]\nsubsets:", "C214"},
        {"any member's", kInsuredFile, "subsets:", "persons: [/*/idNo]\nsubsets:", "C214"},
        {"an object is no id", kInsuredFile, "subsets:", "persons: [/holder]\nsubsets:", "try: /holder/idNo"},
        {"nobody", kInsuredFile, "subsets:", "persons: []\nsubsets:", "C102"},
        {"a material that needs nothing", kMatterFile, "divisionCode}}", "divisionCode}, fields: []}", "C102"},
        {"fields and a subset apart", kMatterFile, "divisionCode}}",
         "divisionCode}, subset: ownership-only, fields: [/location]}", "nothing in common"},
        {"a promise that is not in the subset", kMatterFile, "divisionCode}}",
         "divisionCode}, subset: ownership-only, promise: [{field: /location, operator: exists}]}",
         "not in subset ownership-only"},
        {"a subset over its service's cap", kLandFile, "sensitive: true", "predicates_per_hour: 1\nsensitive: true",
         "predicates_per_hour is 1"},
        {"a matter over the cap of a service", kMatterFile, "service: fund-deposit-certificate, about: applicant}",
         "service: fund-deposit-certificate, about: applicant, verify: [{field: /accountNo, operator: in, value: "
         "[\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\", \"10\", \"11\", \"12\", \"13\", \"14\", "
         "\"15\", \"16\", \"17\", \"18\", \"19\", \"20\", \"21\", \"22\", \"23\", \"24\", \"25\", \"26\", \"27\", "
         "\"28\", \"29\", \"30\", \"31\"]}]}",
         "predicates_per_hour: 30"},
        {"a field that no pointer names", "/../mappings/schemas/medical-insurance.schema.json", "\"balanceFen\"",
         "\"balance/Fen\": {\"type\": \"string\", \"x-class\": \"personal\", \"x-label\": \"余额\"}, \"balanceFen\"",
         "'balance/Fen'"},
        {"no subsets", "/grants/portal-business-licence.yaml", "fields:", "subsets: []\nfields:", "C102"},
    }));
    CAPTURE(row.why);
    const std::string said =
        mistakes_of([row](const std::string& config) { edit(config + row.file, row.what, row.with); });
    CHECK_THAT(said, ContainsSubstring(row.says));
}

TEST_CASE("one question of a matter about a person is within the gateway's cap, or the matter a mistake",
          "[journey][least]") {
    const std::string said = mistakes_of([](const std::string& config) {
        give_least(config, "asks", "realestate-certificate", "subsets: [transferable-now]");
        give_matter(config, "asks", "{material: home, service: realestate-certificate, subset: transferable-now}");
        write_text(config + "/gateway.yaml", read_file(config + "/gateway.yaml") + "most: {guesses_per_hour: 1}\n");
    });
    CHECK_THAT(said, ContainsSubstring("asks 2 predicates about subject") &&
                         ContainsSubstring("subset transferable-now asks 2 predicates"));
}
