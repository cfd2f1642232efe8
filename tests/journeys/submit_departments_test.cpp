// One case for four departments, over four protocols: REST, SOAP, an exchange database and frames.

#include <string>

#include "core/codec/json.h"
#include "core/signing/jws.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using Mood = departments::AcceptanceDesk::Mood;
using record::Record;

namespace {

constexpr const char* kPushAll = "/v1/matters/case-push-existing-home-transfer/materials";
const std::vector<std::string> kDepartments{"land", "tax", "construction", "finance"};

std::string service(const std::string& kind, const std::string& department) {
    return "/v1/services/case-" + kind + '-' + department;
}

Record body_about(const GatewayUnderTest& gateway, const std::string& key) {
    Record body = gateway.body("");
    body.find("context")->put("idempotency_key", Record::text(key));
    return body;
}

/// The body for all departments at once: a matter has no query.
Record matter_about(const GatewayUnderTest& gateway, const std::string& key) {
    Record context = *body_about(gateway, key).find("context");
    context.put("matter", Record::text("case-push-existing-home-transfer"));
    Record body = Record::object();
    body.put("context", std::move(context));
    return body;
}

std::string outcome_of(const Record& answer, const std::string& department) {
    for (const Record& requirement : answer.find("requirements")->items()) {
        for (const Record& material : requirement.find("materials")->items()) {
            if (material.text_of("material") == department) {
                return std::string{material.text_of("outcome")};
            }
        }
    }
    return "";
}

/// Asks for the status until it is that, or for a bounded time; what it was at the end.
std::string status_becomes(const Platform& platform, const std::string& path, const std::string& wanted) {
    std::string outcome;
    (void)wait_until([&] {
        outcome = json_of(platform.send(platform.prepare_get(path))).text_of("outcome");
        return outcome == wanted;
    });
    return outcome;
}

}  // namespace

TEST_CASE("one case is accepted by all four departments, and each has written it once", "[journey][submit]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const auto request = platform.prepare(kPushAll, codec::write_json(matter_about(gateway, "case-1")));
    const auto answer = platform.send(request);
    CAPTURE(answer.body, gateway.log());
    REQUIRE(answer.status == 200);
    CHECK(platform.check_signature(answer, request));
    CHECK(json_of(answer).text_of("outcome") == "accepted");

    // again under the same key, after a restart too, and under another one
    CHECK(platform.call(kPushAll, matter_about(gateway, "case-1")).status == 200);
    gateway.restart();
    CHECK(gateway.platform().call(kPushAll, matter_about(gateway, "case-1")).status == 200);
    const auto another = gateway.platform().call(kPushAll, matter_about(gateway, "case-2"));
    CAPTURE(another.body);
    CHECK(json_of(another).text_of("outcome") == "accepted");
    for (const std::string& department : kDepartments) {
        CAPTURE(department);
        CHECK(outcome_of(json_of(answer), department) == "accepted");
        // tax knows a push again by its number, and another key is another number
        CHECK(gateway.city().acceptance().written(department) == (department == "tax" ? 2 : 1));
    }
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("whichever of the four fails, the others accept, and what is open is settled by asking",
          "[journey][submit]") {
    const std::string failing = GENERATE(as<std::string>{}, "land", "tax", "construction", "finance");
    const Mood mood = GENERATE(Mood::losing_reply, Mood::page, Mood::refusing, Mood::busy);
    CAPTURE(failing, static_cast<int>(mood));
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    gateway.city().acceptance().set(failing, mood);
    const auto answer = platform.call(kPushAll, matter_about(gateway, "case-1"));
    CAPTURE(answer.body, gateway.log());
    const Record body = json_of(answer);
    REQUIRE(body.find("requirements") != nullptr);
    for (const std::string& department : kDepartments) {
        CAPTURE(department);
        CHECK((outcome_of(body, department) == "accepted") == (department != failing));
    }
    CHECK(body.text_of("outcome") == "partial");

    gateway.city().acceptance().set(failing, Mood::accepting);
    std::string settled;
    (void)wait_until([&] {
        settled = outcome_of(json_of(platform.call(kPushAll, matter_about(gateway, "case-1"))), failing);
        return settled == "accepted" || settled == "refused";
    });
    CHECK(settled == (mood == Mood::refusing ? "refused" : "accepted"));
    for (const std::string& department : kDepartments) {
        CHECK(gateway.city().acceptance().written(department) == 1);
    }
}

TEST_CASE("what each department says of a push is said as it is, whatever its protocol and codes are",
          "[journey][submit]") {
    struct Row {
        Mood mood;
        const char* outcome;
        const char* in_a_table;  ///< where nothing but rows is said: a row that does not come is deferred
        std::size_t written;
    };
    const std::string department = GENERATE(as<std::string>{}, "tax", "construction", "finance");
    const auto row = GENERATE(values<Row>({
        {Mood::refusing, "refused", "refused", 1},
        {Mood::rejecting, "refused", "refused", 0},
        {Mood::deferring, "deferred", "deferred", 1},
        {Mood::unlisted, "unknown", "unknown", 1},
        {Mood::losing_reply, "unknown", "deferred", 1},
        {Mood::another_person, "unknown", "unknown", 1},
        {Mood::page, "unknown", "deferred", 1},
        {Mood::none_found, "unknown", "deferred", 1},
        {Mood::losing_request, "unknown", "deferred", 0},
    }));
    CAPTURE(department, static_cast<int>(row.mood));
    GatewayUnderTest gateway;
    gateway.city().acceptance().set(department, row.mood);
    const auto answer = gateway.platform().call(service("push", department), body_about(gateway, "case-1"));
    CAPTURE(answer.body, gateway.log());
    const Record body = json_of(answer);
    CHECK(body.text_of("outcome") == (department == "construction" ? row.in_a_table : row.outcome));
    CHECK(gateway.city().acceptance().written(department) == row.written);
    if (row.mood == Mood::refusing) {
        CHECK(body.find("content")->text_of("reason") == "not_competent");
    }
    CHECK(answer.body.find("999902198506150037") == std::string::npos);
}

TEST_CASE("state and document of a case come from each department, certified by it", "[journey][submit]") {
    const std::string department = GENERATE(as<std::string>{}, "land", "tax", "construction", "finance");
    CAPTURE(department);
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const auto none = platform.call(service("status", department), gateway.body(""));
    CHECK(json_of(none).text_of("outcome") == "not_found");
    const auto pushed = platform.call(service("push", department), body_about(gateway, "case-1"));
    REQUIRE(json_of(pushed).text_of("outcome") == "accepted");
    const std::string path{json_of(pushed).text_of("status")};
    const auto early = platform.call(service("result", department), gateway.body(""));
    CAPTURE(early.body, gateway.log());
    CHECK(json_of(early).text_of("outcome") == "not_found");

    gateway.city().acceptance().move(department, "2");
    CHECK(status_becomes(platform, path, "returned") == "returned");
    const auto returned = platform.call(service("status", department), gateway.body(""));
    CHECK(json_of(returned).find("content")->text_of("state") == "returned");
    CHECK(json_of(returned).find("content")->text_of("reason") == "materials_incomplete");
    gateway.city().acceptance().move(department, "3");
    CHECK(status_becomes(platform, path, "done") == "done");

    const auto result = platform.call(service("result", department), gateway.body(""));
    CAPTURE(result.body);
    REQUIRE(json_of(result).text_of("outcome") == "found");
    CHECK(json_of(result).find("content")->text_of("issuedDate") == "2026-11-20");
    const auto jws = signing::read_jws(json_of(result).text_of("certificate"));
    REQUIRE(jws);
    CHECK_THAT(jws->payload, ContainsSubstring("\"id\":\"" + department + '"'));
}
