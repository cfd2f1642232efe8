#include <algorithm>
#include <filesystem>
#include <set>
#include <vector>

#include "core/base/text.h"
#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/profiles/httpproxy_form.h"
#include "core/profiles/national.h"
#include "tests/journeys/platform_calls.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

constexpr std::size_t kCalls = 200;

/// Sends each call once and all of them again. @param outcome_of  of an answer: "found", or a fault's code.
void check_each_once(GatewayUnderTest& gateway, const PlatformClient& client, const std::vector<HttpMessage>& calls,
                     const std::function<std::string(const HttpMessage&)>& outcome_of) {
    std::size_t found = 0;
    std::set<std::string> bodies;
    for (const HttpMessage& call : calls) {
        bodies.insert(call.body);
        found += outcome_of(client.send(call)) == "found" ? 1 : 0;
    }
    CHECK(bodies.size() == calls.size());
    CHECK(found == calls.size());
    std::size_t replayed = 0;
    for (const HttpMessage& call : calls) {
        replayed += outcome_of(client.send(call)) == "replayed" ? 1 : 0;
    }
    CHECK(replayed == calls.size());
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.number);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == calls.size());
    CHECK(verdict.attested == 2 * calls.size());
}

std::string door_access() {
    return "door:\n  protocol: access-token\n  access_id: " + kId + '\n' + kServices;
}

Record access_body(const std::string& token, const std::string& moment, const std::string& account) {
    Record head = Record::object();
    head.put("accessId", Record::text(kId));
    head.put("accessToken", Record::text(token));
    head.put("sid", Record::text(kSid));
    head.put("timestamp", Record::text(moment));
    Record body = Record::object();
    body.put("head", std::move(head));
    body.put("data", data_of(account));
    return body;
}

std::string access_outcome(const HttpMessage& answer) {
    return text_at(json_of(answer), {"data", "outcome"}, {"data", "code"});
}

std::string door_form(const std::string& signs = {}) {
    return "door:\n  protocol: gjzwfwpt-form\n  rid: " + kId + '\n' + signs + kServices;
}

HttpMessage form_call(const PlatformClient& client, const Secret& secret, const std::string& moment, std::size_t number,
                      const profiles::FormParts& parts, const std::string& account = {}) {
    std::string tail = std::to_string(number);
    tail.insert(0, 12 - tail.size(), '0');
    const profiles::FormCall call{
        .access_key = kId,
        .rid = kId,
        .sid = kSid,
        .timestamp = moment,
        .request_id = "01a200c9-f381-7000-8000-" + tail,
        .content = codec::write_json(data_of(account.empty() ? "window-" + std::to_string(number) : account))};
    return client.prepare("POST", "/gateway/httpproxy",
                          codec::write_form(profiles::form_fields(call, profiles::form_sign(call, parts, secret))),
                          "application/x-www-form-urlencoded");
}

Secret lent_secret(const PlatformClient& client) {
    const profiles::NationalCall call{.rid = kId, .sid = kSid, .rtime = now_ms()};
    HttpMessage ask = profiles::national_secret_request(profiles::Platform::gjzwfwpt, call, Secret{kDoorKey});
    const HttpMessage plain = client.prepare("GET", "/");
    ask.scheme = "https";
    ask.authority = plain.authority;
    ask.set("Host", plain.authority);
    const auto lent = profiles::read_national_secret(client.send(std::move(ask)).body, Secret{kDoorKey});
    REQUIRE(lent.has_value());
    return lent->secret;
}

std::string form_outcome(const HttpMessage& answer) {
    const Record said = json_of(answer);
    const Record* result = said.find_path({"biz_data", "result"});
    return result != nullptr && !result->items().empty() ? text_at(result->items().front(), {"outcome"}, {"code"})
                                                         : std::string{};
}

}  // namespace

TEST_CASE("200 honest calls with one token in one millisecond get 200 answers, and none twice", "[journey][security]") {
    GatewayUnderTest gateway{with_door(door_access(), kListedNetwork)};
    const PlatformClient client{gateway};
    const std::string token = client.token(kId);
    const std::string moment = now_ms();
    std::vector<HttpMessage> calls;
    for (std::size_t i = 0; i < kCalls; ++i) {
        const Record body = access_body(token, moment, "window-" + std::to_string(i));
        calls.push_back(client.prepare("POST", "/gateway/access", codec::write_json(body)));
    }
    const HttpMessage extra =
        client.prepare("POST", "/gateway/access", codec::write_json(access_body("e30.AAAA", moment, "window-07")));
    CHECK(access_outcome(client.send(extra)) == "signature_invalid");
    const HttpMessage stale = client.prepare(
        "POST", "/gateway/access",
        codec::write_json(access_body(token, std::to_string(*to_whole_number(moment) - 400'000), "window-07")));
    CHECK(access_outcome(client.send(stale)) == "signature_stale");
    check_each_once(gateway, client, calls, access_outcome);
}

TEST_CASE("200 forms of one millisecond get 200 answers, and none twice", "[journey][security]") {
    GatewayUnderTest gateway{with_door(door_form(), kListedNetwork)};
    const PlatformClient client{gateway};
    const Secret secret = lent_secret(client);
    const std::string moment = now_ms();
    std::vector<HttpMessage> calls;
    for (std::size_t i = 0; i < kCalls; ++i) {
        calls.push_back(form_call(client, secret, moment, i, profiles::default_form_parts()));
    }
    const HttpMessage forged = form_call(client, Secret{kDoorKey}, moment, 900, profiles::default_form_parts());
    CHECK(form_outcome(client.send(forged)) == "signature_invalid");
    check_each_once(gateway, client, calls, form_outcome);
}

TEST_CASE("a form whose digest covers the content is refused with another content", "[journey][security]") {
    const profiles::FormParts parts{"sid", "rid", "timestamp", "content"};
    GatewayUnderTest gateway{with_door(door_form("  signs: [sid, rid, timestamp, content]\n"), kListedNetwork)};
    const PlatformClient client{gateway};
    const Secret secret = lent_secret(client);
    const HttpMessage good = form_call(client, secret, now_ms(), 1, parts);
    HttpMessage altered = good;
    altered.body.replace(altered.body.find("window-1"), 8, "window-2");
    CHECK(form_outcome(client.send(altered)) == "signature_invalid");
    CHECK(form_outcome(client.send(good)) == "found");
    HttpMessage twice = form_call(client, secret, now_ms(), 2, parts);
    twice.body += "&timestamp=1700000000000";
    CHECK(form_outcome(client.send(twice)) == "bad_request");
}

TEST_CASE("a form that is spelled in another way is the same call", "[journey][security]") {
    const std::string signs = GENERATE("", "  signs: [sid, rid, timestamp, content]\n");
    CAPTURE(signs);
    profiles::FormParts parts = profiles::default_form_parts();
    if (!signs.empty()) {
        parts.emplace_back("content");
    }
    GatewayUnderTest gateway{with_door(door_form(signs), kListedNetwork)};
    const PlatformClient client{gateway};
    const HttpMessage good = form_call(client, lent_secret(client), now_ms(), 1, parts);
    REQUIRE(form_outcome(client.send(good)) == "found");
    const std::vector<codec::FormField> fields = *codec::read_form(good.body);
    const auto with = [&](std::string_view name, std::string_view value) {
        std::vector<codec::FormField> changed = fields;
        std::ranges::find(changed, name, &codec::FormField::name)->value = value;
        return codec::write_form(changed);
    };
    std::string escaped = good.body;
    escaped.replace(escaped.find("DEMO-APP"), 5, "DEMO%2D");
    const std::vector<std::string> bodies{good.body,
                                          codec::write_form({fields.rbegin(), fields.rend()}),
                                          escaped,
                                          with("request_id", "01a200c9-f381-7000-8000-000000000999"),
                                          with("version", "2.0"),
                                          with("format", "xml")};
    CHECK(std::set<std::string>(bodies.begin(), bodies.end()).size() == 6);
    for (const std::string& body : bodies) {
        CAPTURE(body);
        HttpMessage copy = good;
        copy.body = body;
        CHECK(form_outcome(client.send(std::move(copy))) == "replayed");
    }
    gateway.stop();
    const auto verdict = gateway.verify();
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 1);
}

TEST_CASE("forms that a digest over the request_id tells apart are calls of their own", "[journey][security]") {
    const profiles::FormParts parts{"sid", "timestamp", "request_id"};
    GatewayUnderTest gateway{with_door(door_form("  signs: [sid, timestamp, request_id]\n"), kListedNetwork)};
    const PlatformClient client{gateway};
    const Secret secret = lent_secret(client);
    const std::string moment = now_ms();
    std::size_t found = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        found += form_outcome(client.send(form_call(client, secret, moment, i, parts, "window-07"))) == "found" ? 1 : 0;
    }
    CHECK(found == 3);
}

TEST_CASE("a door that half of the world may come in by, or with a published key, is no configuration",
          "[journey][security]") {
    struct Row {
        const char* why;
        const char* connection;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"all of IPv4", "networks: [\"0.0.0.0/0\"]\n", "too wide"},
        {"all of IPv6", "networks: [\"::/0\"]\n", "too wide"},
        {"half of IPv4", "networks: [\"128.0.0.0/1\"]\n", "too wide"},
        {"nothing at all", "", "C230"},
    }));
    CAPTURE(row.why);
    CHECK_THROWS_WITH((GatewayUnderTest{with_door(door_access(), row.connection)}), ContainsSubstring(row.says));
}

TEST_CASE("an appkey that was published is refused outside the sandbox", "[journey][security]") {
    GatewayUnderTest::Options options = with_door(door_access(), kListedNetwork);
    options.change = [before = options.change](const std::string& config) {
        before(config);
        std::string yaml = read_file(config + "/gateway.yaml");
        yaml.replace(yaml.find("stage: sandbox"), 14, "stage: production");
        write_text(config + "/gateway.yaml", yaml);
    };
    CHECK_THROWS_WITH((GatewayUnderTest{std::move(options)}),
                      ContainsSubstring("consumers/province.yaml") && ContainsSubstring("C218"));
}
