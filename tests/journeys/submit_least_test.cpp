// What a submission that is sent again shows: what the grant of that moment shows.

#include <string>
#include <vector>

#include "core/codec/json.h"
#include "core/evidence/verify.h"
#include "tests/journeys/file_house.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

constexpr const char* kPushLand = "/v1/services/case-push-land";
constexpr const char* kPushAll = "/v1/matters/case-push-existing-home-transfer/materials";
constexpr const char* kAllFields = "[/caseNumber, /receiptNumber, /acceptedAt, /state, /applicantIdNo]";
constexpr const char* kGrant = "/config/grants/one-window-case-push.yaml";

Record with_key(Record body, const std::string& key) {
    body.find("context")->put("idempotency_key", Record::text(key));
    return body;
}

void narrow(const GatewayUnderTest& gateway, const std::string& before, const std::string& fields) {
    edit(gateway.folder() + kGrant, "fields: " + before, "fields: " + fields);
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
}

/// The fields that each outcome says were shown, in one text; one an exchange.
std::vector<std::string> shown_by(const GatewayUnderTest& gateway) {
    std::vector<std::string> all;
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", [&](const Record& entry) {
        if (entry.text_of("kind") == "outcome") {
            std::string shown;
            for (const Record& material : entry.find("materials")->items()) {
                const Record* fields = material.find("fields");
                shown += material.text_of("outcome") + (fields != nullptr ? codec::write_json(*fields) : "-") + ' ';
            }
            all.push_back(shown);
        }
        return true;
    }));
    return all;
}

}  // namespace

TEST_CASE("a submission that is sent again shows what the grant shows by now, and the evidence says what",
          "[journey][submit][least][security]") {
    GatewayUnderTest gateway;
    const Record body = with_key(gateway.body(kPushLand), "case-1");
    const auto first = gateway.platform().call(kPushLand, body);
    REQUIRE(first.status == 200);
    REQUIRE(json_of(first).find("content")->find("applicantIdNo") != nullptr);
    CHECK(gateway.platform().call(kPushLand, body).body == first.body);
    narrow(gateway, "[\"*\"]", kAllFields);
    CHECK(gateway.platform().call(kPushLand, body).body == first.body);

    narrow(gateway, kAllFields, "[/state]");
    const auto less = gateway.platform().call(kPushLand, body);
    CHECK(less.status == 200);
    const Record told = json_of(less);
    CHECK(told.text_of("outcome") == "accepted");
    CHECK(told.text_of("exchange") == json_of(first).text_of("exchange"));
    for (const char* name : {"content", "certificate", "provenance", "asked"}) {
        CAPTURE(name);
        CHECK(told.find(name) == nullptr);
    }
    CHECK(gateway.city().acceptance().written("land") == 1);
    gateway.stop();
    CHECK(gateway.verify().valid);
    const auto shown = shown_by(gateway);
    REQUIRE(shown.size() == 4);
    CHECK(shown[0] == R"(accepted["/caseNumber","/receiptNumber","/state","/acceptedAt","/applicantIdNo"] )");
    CHECK(shown[1] == shown[0]);
    CHECK(shown[2] == shown[0]);
    CHECK(shown[3] == "accepted- ");
}

TEST_CASE("a case that is pushed to all again shows of each department what the grant shows by now",
          "[journey][submit][least][security]") {
    GatewayUnderTest gateway;
    Record body = Record::object();
    Record context = *gateway.body(kPushLand).find("context");
    context.put("matter", Record::text("case-push-existing-home-transfer"));
    body.put("context", std::move(context));
    body = with_key(std::move(body), "case-1");
    const auto first = gateway.platform().call(kPushAll, body);
    REQUIRE(first.status == 200);
    REQUIRE(first.body.find("applicantIdNo") != std::string::npos);
    narrow(gateway, "[\"*\"]", "[/state]");
    const auto less = gateway.platform().call(kPushAll, body);
    CHECK(less.status == 200);
    CHECK(json_of(less).text_of("outcome") == json_of(first).text_of("outcome"));
    CHECK(less.body.find("applicantIdNo") == std::string::npos);
    CHECK(less.body.find("\"content\"") == std::string::npos);
    gateway.stop();
    const auto shown = shown_by(gateway);
    REQUIRE(shown.size() == 2);
    CHECK(shown[0].find("/applicantIdNo") != std::string::npos);
    CHECK(shown[1].find('[') == std::string::npos);
}
