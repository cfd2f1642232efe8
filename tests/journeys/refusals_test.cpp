#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/crypto/key.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

std::string text_of(const GatewayUnderTest& gateway, const std::string& target) {
    return codec::write_json(gateway.body(target));
}

/// A good call must still work after a bad one.
void check_next_call(const GatewayUnderTest& gateway) {
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
}

}  // namespace

TEST_CASE("a request whose signature is missing, partial, altered or foreign is refused", "[journey][security]") {
    struct Row {
        const char* why;
        void (*spoil)(HttpMessage&);
        const char* code;
    };
    const auto row = GENERATE(values<Row>({
        {"unsigned",
         [](HttpMessage& m) { std::erase_if(m.fields, [](const auto& f) { return f.name.starts_with("Signature"); }); },
         "not_signed"},
        {"another body", [](HttpMessage& m) { m.body.insert(1, " "); }, "signature_invalid"},
        {"another digest", [](HttpMessage& m) { m.set("Content-Digest", signing::content_digest("{}")); },
         "signature_invalid"},
        {"another path", [](HttpMessage& m) { m.target = kTax; }, "signature_invalid"},
        {"a query added", [](HttpMessage& m) { m.target += "?x=1"; }, "bad_request"},
        {"an unknown key",
         [](HttpMessage& m) {
             std::string input = *m.field("signature-input");
             input.replace(input.find("one-window-2026"), 15, "nobody-at-all-1");
             m.set("Signature-Input", input);
         },
         "signature_invalid"},
        {"another consumer's key",
         [](HttpMessage& m) {
             std::string input = *m.field("signature-input");
             input.replace(input.find("one-window-2026"), 15, "portal-2026");
             m.set("Signature-Input", input);
         },
         "signature_invalid"},
        {"a component less",
         [](HttpMessage& m) {
             std::string input = *m.field("signature-input");
             input.replace(input.find(" \"content-digest\""), 17, "");
             m.set("Signature-Input", input);
         },
         "not_signed"},
        {"an unknown key, over a field that is not there",
         [](HttpMessage& m) {
             std::string input = *m.field("signature-input");
             input.replace(input.find("one-window-2026"), 15, "nobody-at-all-1");
             m.set("Signature-Input", input);
             std::erase_if(m.fields, [](const auto& f) { return f.name == "Content-Digest"; });
         },
         "signature_invalid"},
        {"a field that is not there, beside the profile's",
         [](HttpMessage& m) {
             std::string input = *m.field("signature-input");
             input.replace(input.find("\"content-digest\""), 16, "\"content-digest\" \"signature\";key=\"none\"");
             m.set("Signature-Input", input);
         },
         "not_signed"},
        {"garbage for a signature", [](HttpMessage& m) { m.set("Signature", "sig1=:AAAA:"); }, "signature_invalid"},
        {"no structured field", [](HttpMessage& m) { m.set("Signature-Input", "sig1=("); }, "bad_request"},
        {"text/plain", [](HttpMessage& m) { m.set("Content-Type", "text/plain"); }, "unsupported_media"},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    HttpMessage request = platform.prepare(kMarket, text_of(gateway, kMarket));
    row.spoil(request);
    const HttpMessage answer = platform.send(std::move(request));
    CAPTURE(answer.body);
    CHECK(json_of(answer).text_of("code") == row.code);
    CHECK(answer.status / 100 == 4);
    check_next_call(gateway);
}

TEST_CASE("the same request twice is a replay", "[journey][security]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const HttpMessage request = platform.prepare(kMarket, text_of(gateway, kMarket));
    CHECK(platform.send(request).status == 200);
    CHECK(json_of(platform.send(request)).text_of("code") == "replayed");
    check_next_call(gateway);
}

TEST_CASE("a request signed in the past or the future is stale", "[journey][security]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const std::int64_t shift = GENERATE(-1000, 1000);
    HttpMessage request = platform.prepare(kMarket, text_of(gateway, kMarket));
    std::erase_if(request.fields, [](const auto& f) { return f.name.starts_with("Signature"); });
    const auto key = crypto::SigningKey::from_pem(read_file(gateway.folder() + "/keys/one-window.key.pem"));
    const signing::SignHow how{.components = signing::request_components(true),
                               .created = to_unix_seconds(std::chrono::system_clock::now()) + shift,
                               .nonce = "n1",
                               .keyid = "one-window-2026",
                               .algorithm = key->default_algorithm()};
    REQUIRE(signing::sign_http(request, nullptr, how, *key).has_value());
    CHECK(json_of(platform.send(std::move(request))).text_of("code") == "signature_stale");
}

TEST_CASE("a request signed ahead of our clock can't be used again after a restart", "[journey][security]") {
    GatewayUnderTest gateway;
    HttpMessage request = gateway.platform().prepare(kMarket, text_of(gateway, kMarket));
    std::erase_if(request.fields, [](const auto& f) { return f.name.starts_with("Signature"); });
    const auto key = crypto::SigningKey::from_pem(read_file(gateway.folder() + "/keys/one-window.key.pem"));
    const signing::SignHow how{.components = signing::request_components(true),
                               .created = to_unix_seconds(std::chrono::system_clock::now()) + 28,
                               .nonce = "ahead",
                               .keyid = "one-window-2026",
                               .algorithm = key->default_algorithm()};
    REQUIRE(signing::sign_http(request, nullptr, how, *key).has_value());
    REQUIRE(gateway.platform().send(request).status == 200);
    gateway.restart();
    CHECK(json_of(gateway.platform().send(request)).text_of("code") == "replayed");
    check_next_call(gateway);
}

TEST_CASE("what is not granted is refused, and an unknown service answers alike", "[journey][security]") {
    GatewayUnderTest gateway;
    const Platform portal = gateway.platform("portal");
    const HttpMessage ungranted = portal.call(kLand, gateway.body(kLand));
    const HttpMessage unknown = portal.call("/v1/services/no-such-service", gateway.body(kLand));
    CHECK(ungranted.status == 403);
    CHECK(unknown.status == 403);
    Record one = json_of(ungranted);
    Record other = json_of(unknown);
    one.put("exchange", Record{});
    other.put("exchange", Record{});
    CHECK(one == other);
    check_next_call(gateway);
}

TEST_CASE("a grant covers its purpose and territory only", "[journey][security]") {
    GatewayUnderTest gateway;
    Record curious = gateway.body(kTax);
    curious.find("context")->put("purpose", Record::text("curiosity"));
    CHECK(json_of(gateway.platform().call(kTax, curious)).text_of("code") == "not_permitted");
    Record elsewhere = gateway.body(kTax);
    elsewhere.find("context")->find("operator")->put("division", Record::text("540102"));
    CHECK(json_of(gateway.platform().call(kTax, elsewhere)).text_of("code") == "not_permitted");
}

TEST_CASE("a case that is unknown, closed, of another matter or another person's is refused", "[journey][security]") {
    GatewayUnderTest gateway;
    const auto& town = gateway.city().town();
    Record unknown = gateway.body(kTax);
    unknown.find("context")->put("case_number", Record::text("999901-0000-0000000"));
    CHECK(json_of(gateway.platform().call(kTax, unknown)).text_of("code") == "case_not_accepted");
    Record none = gateway.body(kTax);
    none.find("context")->put("case_number", Record{});
    CHECK(json_of(gateway.platform().call(kTax, none)).text_of("code") == "case_not_accepted");
    const std::string demo_id = departments::demo_person().person.id;
    int others = 0;
    for (std::size_t i = 0; i < town.cases.size() && others < 12; ++i) {
        const auto& persons = town.cases[i].persons;
        if (std::any_of(persons.begin(), persons.end(), [&](const departments::CasePerson& one) {
                return !one.is_company && town.persons[one.index].id == demo_id;
            })) {
            continue;
        }
        ++others;
        Record body = gateway.body(kTax);
        body.find("context")->put("case_number", Record::text(town.cases[i].number));
        CAPTURE(i, town.cases[i].state, town.cases[i].matter);
        CHECK(json_of(gateway.platform().call(kTax, body)).text_of("code") == "case_not_accepted");
    }
    CHECK(others == 12);
}

TEST_CASE("a person whom the case names in another role is not its subject", "[journey][security]") {
    GatewayUnderTest gateway;
    const departments::Demo demo = departments::demo_person();
    Record body = gateway.body(kTax);
    body.find("context")->find("subject")->put("name", Record::text(demo.buyer.name));
    body.find("context")->find("subject")->put("id_no", Record::text(demo.buyer.id));
    CHECK(json_of(gateway.platform().call(kTax, body)).text_of("code") == "case_not_accepted");
}

TEST_CASE("the matter of the context is the matter of the path, and its purpose is the purpose claimed",
          "[journey][security]") {
    GatewayUnderTest gateway;
    Record other = gateway.matter_body();
    other.find("context")->put("matter", Record::text("home-alteration"));
    CHECK(json_of(gateway.platform().call(kMatter, other)).text_of("code") == "bad_request");
    Record unknown = gateway.body(kTax);
    unknown.find("context")->put("matter", Record::text("home-alteration"));
    CHECK(json_of(gateway.platform().call(kTax, unknown)).text_of("code") == "case_not_accepted");
}

TEST_CASE("a signature that covers more than the profile is refused: it would stand in the evidence",
          "[journey][security]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    HttpMessage request = platform.prepare(kMarket, text_of(gateway, kMarket));
    std::erase_if(request.fields, [](const auto& f) { return f.name.starts_with("Signature"); });
    request.add("X-Note", "anything");
    const auto key = crypto::SigningKey::from_pem(read_file(gateway.folder() + "/keys/one-window.key.pem"));
    signing::SignHow how{.components = signing::request_components(true),
                         .created = to_unix_seconds(std::chrono::system_clock::now()),
                         .nonce = "n2",
                         .keyid = "one-window-2026",
                         .algorithm = key->default_algorithm()};
    how.components.emplace_back("\"x-note\"");
    REQUIRE(signing::sign_http(request, nullptr, how, *key).has_value());
    CHECK(json_of(platform.send(std::move(request))).text_of("code") == "not_signed");
}

TEST_CASE("a body that is malformed or has an unknown field is refused with the place, not the content",
          "[journey][security]") {
    struct Row {
        const char* why;
        const char* body;
        const char* code;
    };
    const auto row = GENERATE(values<Row>({
        {"no JSON", "{\"context\": ", "bad_request"},
        {"not UTF-8", "{\"context\": \"\xC4\xFA\"}", "bad_request"},
        {"a duplicate name", "{\"context\": {}, \"context\": {}}", "bad_request"},
        {"an unknown member", "{\"context\": {}, \"quary\": {}}", "bad_request"},
        {"a list", "[]", "bad_request"},
        {"no context", "{}", "bad_request"},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway;
    const HttpMessage answer = gateway.platform().send(gateway.platform().prepare(kMarket, row.body));
    CAPTURE(answer.body);
    CHECK(answer.status == 400);
    CHECK(json_of(answer).text_of("code") == row.code);
    check_next_call(gateway);
}

TEST_CASE("a value that the request mapping refuses is told by field and rule", "[journey]") {
    GatewayUnderTest gateway;
    Record body = gateway.body(kLand);
    body.find("query")->put("divisionCode", Record::text("99"));
    const HttpMessage answer = gateway.platform().call(kLand, body);
    CAPTURE(answer.body);
    CHECK(answer.status == 422);
    const Record problem = json_of(answer);
    CHECK(problem.text_of("code") == "request_invalid");
    REQUIRE(problem.find("errors") != nullptr);
    REQUIRE_FALSE(problem.find("errors")->items().empty());
    CHECK_FALSE(problem.find("errors")->items().front().text_of("rule").empty());
    check_next_call(gateway);
}

TEST_CASE("a digest that the evidence can't be verified by is refused, and the log stays whole",
          "[journey][security]") {
    struct Row {
        const char* why;
        const char* method;
        const char* target;
        std::vector<std::string> digests;  ///< $256, $512: of the body
    };
    const std::vector<Row> rows{
        {"another one in a parameter's text", "POST", kMarket, {R"(sha-256=:$256:;a=", sha-256=:AAAA:")"}},
        {"a parameter", "POST", kMarket, {"sha-256=:$256:;a"}},
        {"SHA-512 alone", "POST", kMarket, {"sha-512=:$512:"}},
        {"two, in two fields", "POST", kMarket, {"sha-256=:$256:", "sha-256=:AAAA:"}},
        {"of a GET that has no body", "GET", "/v1/services", {"sha-256=:AAAA:"}},
    };
    GatewayUnderTest gateway;
    const auto key = crypto::SigningKey::from_pem(read_file(gateway.folder() + "/keys/one-window.key.pem"));
    REQUIRE(key);
    for (const Row& row : rows) {
        CAPTURE(row.why);
        HttpMessage request;
        request.method = row.method;
        request.scheme = "https";
        request.authority = gateway.platform().url().substr(std::string_view{"https://"}.size());
        request.target = row.target;
        request.add("Host", request.authority);
        const bool has_body = request.method == "POST";
        if (has_body) {
            request.body = codec::write_json(gateway.body(kMarket));
            request.add("Content-Type", "application/json");
        }
        for (std::string digest : row.digests) {
            for (const auto& [name, octets] :
                 {std::pair{"$256", crypto::sha256(request.body)}, std::pair{"$512", crypto::sha512(request.body)}}) {
                if (const auto at = digest.find(name); at != std::string::npos) {
                    digest.replace(at, 4, to_base64(octets));
                }
            }
            request.add("Content-Digest", digest);
        }
        signing::SignHow how{.components = signing::request_components(has_body),
                             .created = to_unix_seconds(std::chrono::system_clock::now()),
                             .nonce = to_base64url(crypto::random_bytes(16)),
                             .keyid = "one-window-2026",
                             .algorithm = key->default_algorithm()};
        if (!has_body) {
            how.components.emplace_back("\"content-digest\"");
        }
        REQUIRE(signing::sign_http(request, nullptr, how, *key));
        const HttpMessage answer = gateway.platform().send(std::move(request));
        CAPTURE(answer.body);
        CHECK((answer.status == 401 || answer.status == 400));
    }
    check_next_call(gateway);
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("an oversized body is refused before it is read", "[journey][security]") {
    GatewayUnderTest gateway;
    const std::string large(3U << 20, ' ');
    const HttpMessage answer = gateway.platform().send(gateway.platform().prepare(kMarket, large));
    CHECK(answer.status == 413);
    CHECK(json_of(answer).text_of("code") == "body_too_large");
    check_next_call(gateway);
}

TEST_CASE("a stranger's large body is refused by its head", "[journey][security]") {
    GatewayUnderTest gateway;
    HttpMessage request = gateway.platform().prepare(kMarket, std::string(100U << 10, ' '));
    std::erase_if(request.fields, [](const auto& f) { return f.name.starts_with("Signature"); });
    const HttpMessage answer = gateway.platform().send(std::move(request));
    CHECK(answer.status == 401);
    CHECK(json_of(answer).text_of("code") == "not_signed");
    CHECK(json_of(answer).find("exchange") == nullptr);
    check_next_call(gateway);
}

TEST_CASE("paths and methods that no door serves are told so", "[journey]") {
    GatewayUnderTest gateway;
    HttpMessage get = gateway.platform().prepare(kMarket, "");
    get.method = "GET";
    const HttpMessage answer = gateway.platform().send(std::move(get));
    CHECK(answer.status == 405);
    CHECK(answer.field("allow") == "POST");
    CHECK(gateway.platform().call("/v2/anything", gateway.body(kMarket)).status == 404);
}
