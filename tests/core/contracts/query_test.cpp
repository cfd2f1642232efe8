#include <fstream>
#include <sstream>

#include "core/catalogue/predicate_check.h"
#include "core/codec/json.h"
#include "core/contracts/contract.h"
#include "core/mapping/mapping.h"
#include "tests/support/catch.h"

using namespace datong;
using record::Record;

namespace {

constexpr const char* kMapping = "land/realestate-certificate.request.yaml";
constexpr const char* kSchema = "schemas/realestate-query.schema.json";
/// Members at every depth, and one of which the schema says nothing.
constexpr const char* kMore = R"("house": {"type": "object", "properties": {"streetNo": {"type": "string"}}},
    "owners": {"type": "array", "items": {"type": "object", "properties": {"shareOf": {"type": "string"}}}},
    "floors": {"type": "array", "items": {"type": "string"}}, "notes": {"type": "object"}, "unitNo":)";

std::optional<std::string> read_with_more(std::string_view path) {
    std::ifstream in{std::string{DATONG_SOURCE_DIR "/mappings/"}.append(path), std::ios::binary};
    std::ostringstream all;
    all << in.rdbuf();
    std::string text = std::move(all).str();
    if (path == kSchema) {
        constexpr std::string_view kBefore = "\"unitNo\":";
        text.replace(text.find(kBefore), kBefore.size(), kMore);
    }
    return text;
}

catalogue::Service service_with_more() {
    catalogue::Service service;
    service.id = "realestate-certificate";
    service.version = "1.0.0";
    service.request = mapping::compile(kMapping, read_with_more, {.test_division = true}).mapping;
    REQUIRE(service.request != nullptr);
    return service;
}

}  // namespace

TEST_CASE("a member of a query that its schema does not have is told by place and nearest name, never by value",
          "[contracts][security]") {
    struct Row {
        const char* query;
        const char* wrong;
    };
    const auto row = GENERATE(values<Row>({
        {R"({"divisionCode": "999901", "unitNo": "1", "house": {"streetNo": "2"}, "owners": [{"shareOf": "1"}, {}],
             "floors": ["1"], "notes": {"anything": 1}})",
         ""},
        {R"({"divisionCode": null, "house": null, "owners": null})", ""},
        {R"({"owners": {"shareOf": "1"}})", ""},  // what came as one object is read as a list of one
        {R"({"unitno": "1"})", "/query has no member 'unitno'; did you mean 'unitNo'?"},
        {R"({"unit_no": null})", "/query has no member 'unit_no'; did you mean 'unitNo'?"},
        {R"({"house": {"streetno": "2"}})", "/query/house has no member 'streetno'; did you mean 'streetNo'?"},
        {R"({"owners": [{"shareOf": "1"}, {"sharesOf": "1"}]})",
         "/query/owners/1 has no member 'sharesOf'; did you mean 'shareOf'?"},
        {R"({"owners": {"sharesOf": "1"}})", "/query/owners has no member 'sharesOf'; did you mean 'shareOf'?"},
        {R"({"999901199001010010": "1"})",
         "/query has an unknown member; it has divisionCode, house, owners, floors, notes, unitNo"},
        {R"({"unitNo<": "1"})",
         "/query has an unknown member; it has divisionCode, house, owners, floors, notes, unitNo"},
        {R"({"": "1"})", "/query has an unknown member; it has divisionCode, house, owners, floors, notes, unitNo"},
    }));
    CAPTURE(row.query);
    CHECK(catalogue::wrong_member(service_with_more(), codec::read_json(row.query).value()) == row.wrong);
}

TEST_CASE("OpenAPI closes what the gateway refuses more of, and nothing else", "[contracts]") {
    const Record call = contracts::call_schema(service_with_more());
    const Record& query = *call.find("properties")->find("query");
    const Record& members = *query.find("properties");
    const auto is_closed = [](const Record& schema) {
        const Record* said = schema.find("additionalProperties");
        return said != nullptr && said->is_boolean() && !said->truth();
    };
    CHECK(is_closed(query));
    CHECK(is_closed(*members.find("house")));
    CHECK(is_closed(*members.find("owners")->find("items")));
    for (const char* open : {"owners", "floors", "notes", "unitNo"}) {
        CAPTURE(open);
        CHECK(members.find(open)->find("additionalProperties") == nullptr);
    }
    CHECK(members.members().size() == 6);
}
