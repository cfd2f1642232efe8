#include <fstream>
#include <string>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/signing/certificate.h"
#include "core/signing/jws.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using Mood = departments::AcceptanceDesk::Mood;
using record::Record;

namespace {

constexpr const char* kPushLand = "/v1/services/case-push-land";
constexpr const char* kPushTax = "/v1/services/case-push-tax";
constexpr const char* kPushAll = "/v1/matters/case-push-existing-home-transfer/materials";

Record with_key(Record body, const std::string& key) {
    body.find("context")->put("idempotency_key", Record::text(key));
    return body;
}

Record push_body(const GatewayUnderTest& gateway, const std::string& key) {
    return with_key(gateway.body(kPushLand), key);
}

/// The body for all departments at once: a matter has no query.
Record push_all_body(const GatewayUnderTest& gateway, const std::string& key) {
    Record body = Record::object();
    Record context = *gateway.body(kPushLand).find("context");
    context.put("matter", Record::text("case-push-existing-home-transfer"));
    body.put("context", std::move(context));
    return with_key(std::move(body), key);
}

const Record* material_of(const Record& answer, std::string_view name) {
    for (const Record& requirement : answer.find("requirements")->items()) {
        for (const Record& material : requirement.find("materials")->items()) {
            if (material.text_of("material") == name) {
                return &material;
            }
        }
    }
    return nullptr;
}

/// Asks where the answer says that the last word will be.
codec::HttpMessage ask_status(const Platform& platform, const codec::HttpMessage& answer) {
    return platform.send(platform.prepare_get(json_of(answer).text_of("status")));
}

}  // namespace

TEST_CASE("a case is pushed once, and the department's receipt is a certificate of its own", "[journey][submit]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const auto request = platform.prepare(kPushLand, codec::write_json(push_body(gateway, "case-1")));
    const auto answer = platform.send(request);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(platform.check_signature(answer, request));
    const Record body = json_of(answer);
    CHECK(body.text_of("outcome") == "accepted");
    CHECK(body.find("content")->text_of("state") == "accepted");
    CHECK(body.text_of("status") == "/v1/submissions/" + body.text_of("exchange"));
    const auto jws = signing::read_jws(body.text_of("certificate"));
    REQUIRE(jws);
    CHECK_THAT(jws->payload, ContainsSubstring(R"("outcome":"accepted")") && ContainsSubstring(R"("id":"land")"));
    CHECK(gateway.city().acceptance().written("land") == 1);

    SECTION("the same key with the same body gets the recorded answer, in whatever spelling") {
        const std::string body_text = codec::write_json(push_body(gateway, "case-1"));
        const auto again = platform.prepare(kPushLand, " " + body_text);
        const auto repeated = platform.send(again);
        CHECK(repeated.status == 200);
        CHECK(repeated.body == answer.body);
        CHECK(platform.check_signature(repeated, again));
        CHECK(gateway.city().acceptance().written("land") == 1);
    }
    SECTION("the same key with another body is refused") {
        Record other = push_body(gateway, "case-1");
        other.find("context")->put("channel", Record::text("app"));
        const auto refused = platform.call(kPushLand, other);
        CHECK(refused.status == 409);
        CHECK(json_of(refused).text_of("code") == "key_reused");
        CHECK(gateway.city().acceptance().written("land") == 1);
    }
    SECTION("the same key for another service is refused") {
        const auto refused = platform.call(kPushTax, push_body(gateway, "case-1"));
        CHECK(refused.status == 409);
        CHECK(gateway.city().acceptance().written("tax") == 0);
    }
    SECTION("after a restart the answer is still the recorded one") {
        gateway.restart();
        const auto repeated = gateway.platform().call(kPushLand, push_body(gateway, "case-1"));
        CHECK(repeated.body == answer.body);
        CHECK(gateway.city().acceptance().written("land") == 1);
    }
    SECTION("another key finds the case there, and writes nothing") {
        const auto second = platform.call(kPushLand, push_body(gateway, "case-2"));
        CHECK(second.status == 200);
        CHECK(json_of(second).text_of("outcome") == "accepted");
        CHECK(json_of(second).find("already")->truth());
        CHECK(gateway.city().acceptance().written("land") == 1);
    }
    SECTION("its status follows the department, and a repetition still gets the first answer") {
        gateway.city().acceptance().move("land", "2");
        CHECK(json_of(ask_status(platform, answer)).text_of("outcome") == "returned");
        gateway.city().acceptance().move("land", "3");
        const auto done = ask_status(platform, answer);
        CHECK(done.status == 200);
        CHECK(json_of(done).text_of("outcome") == "done");
        CHECK(platform.call(kPushLand, push_body(gateway, "case-1")).body == answer.body);

        const auto result = platform.call("/v1/services/case-result-land", gateway.body(kPushLand));
        CHECK(json_of(result).find("content")->text_of("documentTitle") == "准予登记通知书");
    }
    gateway.stop();
    const auto verdict = gateway.verify();
    CHECK(verdict.valid);
    CHECK(verdict.open == 0);
}

TEST_CASE("nothing personal of a submission stands in the store", "[journey][submit][security]") {
    GatewayUnderTest gateway;
    REQUIRE(gateway.platform().call(kPushLand, push_body(gateway, "case-1")).status == 200);
    gateway.stop();
    const auto person = departments::demo_person().person;
    for (const char* file : {"/state/datong.db", "/state/datong.db-wal"}) {
        const std::string stored = read_file(gateway.folder() + file);
        CHECK(stored.find(person.id) == std::string::npos);
        CHECK(stored.find(person.name) == std::string::npos);
    }
    CHECK_FALSE(read_file(gateway.folder() + "/state/datong.db").empty());
}

TEST_CASE("a submission without a key is refused before anybody is asked", "[journey][submit]") {
    GatewayUnderTest gateway;
    const auto refused = gateway.platform().call(kPushLand, gateway.body(kPushLand));
    CHECK(refused.status == 400);
    CHECK(json_of(refused).text_of("code") == "key_required");
    CHECK(gateway.city().acceptance().written("land") == 0);
}

TEST_CASE("what a department says of a push is said as it is", "[journey][submit]") {
    struct Row {
        const char* why;
        Mood mood;
        int status;
        const char* outcome;
        std::size_t written;
    };
    const auto row = GENERATE(values<Row>({
        {"a refusal with its reason mapped", Mood::refusing, 200, "refused", 1},
        {"a code of refusal", Mood::rejecting, 200, "refused", 0},
        {"taken, and nobody has looked yet", Mood::deferring, 202, "deferred", 1},
        {"a code that nobody knows may mean that it was taken", Mood::unlisted, 202, "unknown", 1},
        {"the reply was lost", Mood::losing_reply, 202, "unknown", 1},
        {"a web page says nothing", Mood::page, 202, "unknown", 1},
        {"a receipt for somebody else says nothing", Mood::another_person, 202, "unknown", 1},
        {"a code in a 504 is not the department's", Mood::bus_timeout, 202, "unknown", 1},
        {"that there is no such case is no answer to a push", Mood::none_found, 202, "unknown", 1},
        {"it was lost on the way, which nobody here can tell from the reply", Mood::losing_request, 202, "unknown", 0},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway;
    gateway.city().acceptance().set("land", row.mood);
    const Platform platform = gateway.platform();
    const auto request = platform.prepare(kPushLand, codec::write_json(push_body(gateway, "case-1")));
    const auto answer = platform.send(request);
    CAPTURE(answer.body);
    CHECK(answer.status == row.status);
    CHECK(platform.check_signature(answer, request));
    const Record body = json_of(answer);
    CHECK(body.text_of("outcome") == row.outcome);
    CHECK(answer.field("location").has_value() == (row.status == 202));
    CHECK((body.find("certificate") == nullptr) == (body.text_of("outcome") == "unknown"));
    CHECK(answer.body.find("999902198506150037") == std::string::npos);
    if (row.mood == Mood::refusing) {
        CHECK(body.find("content")->text_of("reason") == "not_competent");
    }
    CHECK(gateway.city().acceptance().written("land") == row.written);

    // whatever it was, the same again has no second effect, and is settled where the department knows more
    gateway.city().acceptance().set("land", Mood::accepting);
    const auto again = platform.call(kPushLand, push_body(gateway, "case-1"));
    CAPTURE(again.body);
    CHECK(gateway.city().acceptance().written("land") == row.written);
    const std::string settled = json_of(again).text_of("outcome");
    if (std::string{row.outcome} == "unknown") {
        CHECK(settled == (row.written == 1 ? "accepted" : "unknown"));
    } else {
        CHECK(settled == row.outcome);
    }
}

TEST_CASE("what was sent is told again though its case can no longer be checked", "[journey][submit]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const auto first = platform.call(kPushLand, push_body(gateway, "case-1"));
    REQUIRE(first.status == 200);
    gateway.city().faults().set(departments::System::cases, {.trouble = departments::Trouble::down});
    const auto again = platform.call(kPushLand, push_body(gateway, "case-1"));
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    CHECK(platform.call(kPushLand, push_body(gateway, "case-2")).status >= 500);  // what is new is checked
    CHECK(gateway.city().acceptance().written("land") == 1);
}

TEST_CASE("what a department has kept stays so while it says nothing that can be used", "[journey][submit]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    gateway.city().acceptance().set("tax", Mood::deferring);  // the one that deduplicates
    const auto kept = platform.call(kPushTax, push_body(gateway, "case-1"));
    CAPTURE(kept.body);
    REQUIRE(json_of(kept).text_of("outcome") == "deferred");
    gateway.city().acceptance().set("tax", Mood::page);
    CHECK(json_of(platform.call(kPushTax, push_body(gateway, "case-1"))).text_of("outcome") == "deferred");
}

TEST_CASE("a department that says it took nothing leaves the key free", "[journey][submit]") {
    GatewayUnderTest gateway;
    gateway.city().acceptance().set("land", Mood::busy);
    const Platform platform = gateway.platform();
    const auto refused = platform.call(kPushLand, push_body(gateway, "case-1"));
    CHECK(refused.status == 502);
    CHECK(json_of(refused).text_of("code") == "department_down");
    gateway.city().acceptance().set("land", Mood::accepting);
    Record other = push_body(gateway, "case-1");
    other.find("context")->put("channel", Record::text("app"));
    const auto answer = platform.call(kPushLand, other);
    CHECK(json_of(answer).text_of("outcome") == "accepted");
    CHECK(gateway.city().acceptance().written("land") == 1);
}

TEST_CASE("a department that can't be reached leaves the key free", "[journey][submit]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        std::string text = read_file(config + "/departments/land.yaml");
        const std::string from = "${DATONG_ACCEPTANCE_URL}/land";
        text.replace(text.find(from), from.size(), "http://127.0.0.1:1");
        write_text(config + "/departments/land.yaml", text);
        // nothing is asked before, so that the push itself meets the closed door
        text = read_file(config + "/services/case-push-land.yaml");
        text.replace(text.find("before: ask"), 11, "before: nothing");
        write_text(config + "/services/case-push-land.yaml", text);
    }}};
    const auto refused = gateway.platform().call(kPushLand, push_body(gateway, "case-1"));
    CHECK(refused.status == 502);
    Record other = push_body(gateway, "case-1");
    other.find("context")->put("channel", Record::text("app"));
    const auto second = gateway.platform().call(kPushLand, other);
    CHECK(json_of(second).text_of("code") == "department_down");  // not key_reused
}

TEST_CASE("a lost reply is settled by asking for the status", "[journey][submit]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    gateway.city().acceptance().set("land", Mood::losing_reply);
    const auto answer = platform.call(kPushLand, push_body(gateway, "case-1"));
    REQUIRE(json_of(answer).text_of("outcome") == "unknown");

    const auto request = platform.prepare_get(json_of(answer).text_of("status"));
    const auto status = platform.send(request);
    CAPTURE(status.body);
    CHECK(status.status == 200);
    CHECK(platform.check_signature(status, request));
    CHECK(json_of(status).text_of("outcome") == "accepted");
    CHECK(json_of(status).text_of("exchange") == json_of(answer).text_of("exchange"));
    CHECK(gateway.city().acceptance().written("land") == 1);

    CHECK(gateway.platform("portal")
              .send(gateway.platform("portal").prepare_get(json_of(answer).text_of("status")))
              .status == 404);
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("what is lost on the way to a department that doesn't deduplicate is not sent again", "[journey][submit]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    gateway.city().acceptance().set("land", Mood::losing_request);
    const auto answer = platform.call(kPushLand, push_body(gateway, "case-1"));
    REQUIRE(json_of(answer).text_of("outcome") == "unknown");
    gateway.city().acceptance().set("land", Mood::accepting);
    CHECK(json_of(ask_status(platform, answer)).text_of("outcome") == "unknown");
    CHECK(gateway.city().acceptance().written("land") == 0);
    // who has made sure takes a new key: it is asked first, and written because it is not there
    const auto anew = platform.call(kPushLand, push_body(gateway, "case-2"));
    CHECK(json_of(anew).text_of("outcome") == "accepted");
    CHECK(gateway.city().acceptance().written("land") == 1);
}

TEST_CASE("a department that deduplicates gets the same number again", "[journey][submit]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const Mood mood = GENERATE(Mood::losing_request, Mood::losing_reply);
    gateway.city().acceptance().set("tax", mood);
    REQUIRE(json_of(platform.call(kPushTax, push_body(gateway, "case-1"))).text_of("outcome") == "unknown");
    gateway.city().acceptance().set("tax", Mood::accepting);
    const auto again = platform.call(kPushTax, push_body(gateway, "case-1"));
    CHECK(json_of(again).text_of("outcome") == "accepted");
    CHECK(gateway.city().acceptance().written("tax") == 1);
}

TEST_CASE("a department that hangs is unknown at the deadline, and settled afterwards", "[journey][submit][slow]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    gateway.city().acceptance().set("land", Mood::hanging);
    const auto answer = platform.call(kPushLand, push_body(gateway, "case-1"));
    CAPTURE(answer.body);
    CHECK(answer.status == 202);
    CHECK(json_of(answer).text_of("outcome") == "unknown");
    gateway.city().acceptance().set("land", Mood::accepting);
    CHECK(json_of(ask_status(platform, answer)).text_of("outcome") == "accepted");
    CHECK(gateway.city().acceptance().written("land") == 1);
}

TEST_CASE("one accepted case goes to several departments at once, each with its own outcome", "[journey][submit]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    gateway.city().acceptance().set("tax", GENERATE(Mood::accepting, Mood::refusing, Mood::losing_reply));
    const auto request = platform.prepare(kPushAll, codec::write_json(push_all_body(gateway, "case-1")));
    const auto answer = platform.send(request);
    CAPTURE(answer.body);
    CHECK(platform.check_signature(answer, request));
    const Record body = json_of(answer);
    REQUIRE(body.find("requirements") != nullptr);
    CHECK(material_of(body, "land")->text_of("outcome") == "accepted");
    const std::string tax = material_of(body, "tax")->text_of("outcome");
    CHECK(answer.status == (tax == "unknown" ? 202 : 200));
    CHECK(body.text_of("outcome") == (tax == "accepted" ? "accepted" : "partial"));

    gateway.city().acceptance().set("tax", Mood::accepting);
    const auto status = ask_status(platform, answer);
    CHECK(status.status == 200);
    CHECK(material_of(json_of(status), "tax")->text_of("outcome") == (tax == "refused" ? "refused" : "accepted"));
    const auto again = platform.call(kPushAll, push_all_body(gateway, "case-1"));
    CHECK(again.status == 200);
    CHECK(gateway.city().acceptance().written("land") == 1);
    CHECK(gateway.city().acceptance().written("tax") == 1);
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("the status of a submission is its consumer's alone, and of ours only", "[journey][submit][security]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const auto unknown = platform.send(platform.prepare_get("/v1/submissions/019b0000-0000-7000-8000-000000000000"));
    CHECK(unknown.status == 404);
    CHECK(json_of(unknown).text_of("code") == "no_such_resource");
    CHECK(platform.send(platform.prepare_get("/v1/submissions/..%2f")).status >= 400);
    const auto post = platform.send(platform.prepare("/v1/submissions/019b0000-0000-7000-8000-000000000000", "{}"));
    CHECK(post.status == 405);
    CHECK(post.field("allow").value_or("") == "GET");
    auto tampered = platform.prepare_get("/v1/submissions/019b0000-0000-7000-8000-000000000000");
    tampered.target.back() = '1';
    CHECK(platform.send(std::move(tampered)).status == 401);
}

TEST_CASE("every word of a department stands in the evidence, the answer to a question too", "[journey][submit]") {
    GatewayUnderTest gateway;
    REQUIRE(gateway.platform().call(kPushLand, push_body(gateway, "case-1")).status == 200);
    gateway.stop();
    const std::string evidence = read_file(gateway.folder() + "/evidence/000000000001.dlog");
    const auto replies = evidence.find(R"("reply_digests":[)");
    REQUIRE(replies != std::string::npos);
    const std::string list = evidence.substr(replies, evidence.find(']', replies) - replies);
    CAPTURE(list);
    CHECK(split(list, ',').size() == 2);  // it has none of the case yet; it took it
}

TEST_CASE("what is told again takes nothing of the quota", "[journey][submit]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        const std::string file = config + "/grants/one-window-case-push.yaml";
        std::string grant = read_file(file);
        const std::string written = "{calls: 100000, per: hour}";
        REQUIRE(grant.find(written) != std::string::npos);
        grant.replace(grant.find(written), written.size(), "{calls: 5, per: hour}");
        std::ofstream{file, std::ios::binary} << grant;
    }}};
    const Platform platform = gateway.platform();
    const Record body = push_all_body(gateway, "case-1");
    const auto first = platform.call(kPushAll, body);
    REQUIRE(first.status == 200);
    for (int i = 0; i < 3; ++i) {
        const auto again = platform.call(kPushAll, body);
        CHECK(again.status == 200);
        CHECK(again.body == first.body);
    }
}
