#include <algorithm>
#include <cstdlib>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "core/evidence/verify.h"
#include "core/signing/certificate.h"
#include "core/signing/field_digest.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

constexpr const char* kSoapTax = "/soap/tax-clearance";

SoapPlatform soap_platform(const GatewayUnderTest& gateway, const std::string& version = "1.1",
                           const std::string& consumer = "one-window") {
    return {gateway.platform(consumer), gateway.folder() + "/keys", consumer, version};
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

/// What both doors must say alike: the content and who vouches, without what is new in every exchange.
Record payload_of(const Record& answer) {
    Record same = Record::object();
    for (const char* name : {"service", "outcome", "scope", "content", "approval"}) {
        same.put(name, *answer.find(name));
    }
    Record paths = Record::list();
    for (const Record& one : answer.find("provenance")->items()) {
        paths.add(Record::text(one.text_of("path")));
    }
    same.put("paths", std::move(paths));
    return same;
}

/// That the digests which the certificate signs are those of this very content (docs/answer.md).
bool digests_hold(const Record& answer) {
    const auto& entries = answer.find("provenance")->items();
    const auto& digests = answer.find("digests")->items();
    bool all = !entries.empty() && entries.size() == digests.size();
    for (std::size_t i = 0; all && i < entries.size(); ++i) {
        const Record* at = answer.find("content");
        const std::string path = entries[i].text_of("path");
        for (const std::string_view part : split(std::string_view{path}.substr(1), '/')) {
            at = at->is_list() ? &at->items()[*to_whole_number(part)] : at->find(part);
        }
        all = signing::field_digest(entries[i].text_of("salt"), path, codec::write_json(*at)) == digests[i].scalar();
    }
    return all;
}

void check_next_call(const GatewayUnderTest& gateway) {
    const SoapPlatform caller = soap_platform(gateway);
    const std::string message = caller.sign(caller.parts(kSoapTax, gateway.body(kTax)));
    CHECK(caller.post(kSoapTax, message).status == 200);
}

/// On the same port, so that a message that was made before is still for this address.
void restart_where_it_was(GatewayUnderTest& gateway) {
    setenv("DATONG_PORT", std::to_string(gateway.program().port()).c_str(), 1);
    gateway.restart();
    setenv("DATONG_PORT", "0", 1);
}

std::string utc_of(std::chrono::system_clock::time_point at) {
    return to_rfc3339(at - std::chrono::hours{8}).substr(0, 19) + 'Z';  // written at +08:00
}

/// How many records of the evidence are intents: departments are asked after one and never without.
int intents_of(const GatewayUnderTest& gateway) {
    int count = 0;
    (void)evidence::read_folder(gateway.folder() + "/evidence", [&](const Record& entry) {
        count += entry.text_of("kind") == "intent" ? 1 : 0;
        return true;
    });
    return count;
}

std::string signature_in(const std::string& message) {
    const std::size_t begin = message.find("<ds:Signature ");
    return message.substr(begin, message.find("</ds:Signature>") + 15 - begin);
}

}  // namespace

TEST_CASE("the same call through both doors gives the same canonical payload digest", "[journey][soap]") {
    const std::string version = GENERATE("1.1", "1.2");
    CAPTURE(version);
    GatewayUnderTest gateway;
    const Record body = gateway.body(kTax);
    const HttpMessage native = gateway.platform().call(kTax, body);
    REQUIRE(native.status == 200);
    const SoapPlatform caller = soap_platform(gateway, version);
    const std::string message = caller.sign(caller.parts(kSoapTax, body));
    const HttpMessage answer = caller.post(kSoapTax, message);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    REQUIRE(caller.check(answer, message).has_value());
    const Record by_soap = record_of(answer.body);
    const Record by_rest = json_of(native);
    const auto digest = [](const Record& of) { return to_hex(crypto::sha256(codec::write_json(payload_of(of)))); };
    CHECK(digest(by_soap) == digest(by_rest));
    CHECK(digests_hold(by_soap));
    CHECK(digests_hold(by_rest));
    const auto checked = signing::check_certificate(by_soap, [&](const signing::Issuer& issuer, std::string_view) {
        auto key = crypto::VerifyingKey::from_pem(read_file(gateway.folder() + "/keys/" + issuer.id + ".pub.pem"));
        return key ? std::optional{std::move(*key)} : std::nullopt;
    });
    REQUIRE(checked.has_value());
    CHECK(checked->is_good());  // it proves offline, as any other
    Record other = by_soap;
    other.find("content")->put("issuedDate", Record::text("2020-01-01"));
    CHECK_FALSE(digests_hold(other));
}

TEST_CASE("the evidence of SOAP calls verifies, and what was altered in it is named", "[journey][soap][security]") {
    GatewayUnderTest gateway;
    const SoapPlatform caller = soap_platform(gateway);
    CHECK(gateway.platform().call(kTax, gateway.body(kTax)).status == 200);
    for (int i = 0; i < 2; ++i) {
        check_next_call(gateway);
    }
    auto refused = caller.parts(kSoapTax, gateway.body(kTax));
    refused.payload = replaced(refused.payload, "<purpose>existing-home-transfer", "<purpose>curiosity");
    CHECK(record_of(caller.post(kSoapTax, caller.sign(refused)).body).text_of("code") == "not_permitted");
    gateway.stop();
    const auto verdict = gateway.verify();
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 3);
    CHECK(verdict.refusals == 1);
    CHECK(verdict.signatures == 8);
}

TEST_CASE("a matter, a submission and its status go over SOAP too", "[journey][soap]") {
    GatewayUnderTest gateway;
    const SoapPlatform caller = soap_platform(gateway, "1.2");
    const std::string matter = caller.sign(caller.parts("/soap/matters/existing-home-transfer", gateway.matter_body()));
    const HttpMessage answer = caller.post("/soap/matters/existing-home-transfer", matter);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(caller.check(answer, matter).has_value());
    CHECK(record_of(answer.body).text_of("outcome") == "found");
    CHECK(record_of(answer.body).find("requirements")->items().size() >= 2);
    Record id = Record::object();
    id.put("id", Record::text("01a200c9-f381-7000-8000-000000000000"));
    const std::string status = caller.sign(caller.parts("/soap/submissions", id));
    const HttpMessage unknown = caller.post("/soap/submissions", status);
    CAPTURE(unknown.body);
    const HttpMessage as_rest =
        gateway.platform().send(gateway.platform().prepare_get("/v1/submissions/" + id.text_of("id")));
    CHECK(record_of(unknown.body).text_of("code") == json_of(as_rest).text_of("code"));
    CHECK(caller.check(unknown, status).has_value());
}

TEST_CASE("what was tampered with is refused with its code, asks no department, and the next call works",
          "[journey][soap][security]") {
    struct Row {
        const char* why;
        std::string (*spoil)(std::string);
        const char* code;
    };
    const auto row = GENERATE(values<Row>({
        {"an octet of the body", [](std::string m) { return replaced(std::move(m), "window-07", "window-08"); },
         "signature_invalid"},
        {"the time", [](std::string m) { return replaced(std::move(m), "<wsu:Created>20", "<wsu:Created>21"); },
         "signature_invalid"},
        {"the id of the call", [](std::string m) { return replaced(std::move(m), "<dt:id>", "<dt:id>x"); },
         "signature_invalid"},
        {"the signed body wrapped, another in its place",
         [](std::string m) {
             const std::size_t begin = m.find("<soap:Body");
             const std::size_t end = m.find("</soap:Body>") + 12;
             const std::string body = m.substr(begin, end - begin);
             const std::string evil =
                 replaced(replaced(body, "wsu:Id=\"body\"", "wsu:Id=\"evil\""), "window-07", "window-08");
             m.replace(begin, body.size(), evil);
             return replaced(std::move(m), "</soap:Header>", "<x xmlns=\"urn:x\">" + body + "</x></soap:Header>");
         },
         "not_signed"},
        {"an id that two elements have",
         [](std::string m) {
             return replaced(std::move(m), "</soap:Header>", "<x xmlns=\"urn:x\" Id=\"body\"/></soap:Header>");
         },
         "signature_invalid"},
        {"a comment in a text", [](std::string m) { return replaced(std::move(m), "window-07", "window<!-- -->-07"); },
         "bad_request"},
        {"a processing instruction in a text",
         [](std::string m) { return replaced(std::move(m), "window-07", "window<?x y?>-07"); }, "bad_request"},
        {"a DOCTYPE",
         [](std::string m) { return replaced(std::move(m), "?>\n", "?>\n<!DOCTYPE x [<!ENTITY y \"z\">]>"); },
         "bad_request"},
        {"a second signature",
         [](std::string m) {
             const std::string bound = std::string{" xmlns:wsse=\""}.append(wsse::kWsse).append("\" xmlns:wsu=\"");
             const std::string second = signature_in(m).insert(13, bound + std::string{wsse::kWsu} + '"');
             return replaced(std::move(m), "</soap:Header>", second + "</soap:Header>");
         },
         "not_signed"},
        {"a prefix that is bound nowhere",
         [](std::string m) {
             const std::string second = signature_in(m);
             return replaced(std::move(m), "</soap:Header>", second + "</soap:Header>");
         },
         "bad_request"},
        {"no signature", [](std::string m) { return replaced(m, signature_in(m), ""); }, "not_signed"},
        {"a second body child",
         [](std::string m) { return replaced(std::move(m), "</soap:Body>", "<y/></soap:Body>"); }, "bad_request"},
        {"cut off in the middle", [](std::string m) { return m.substr(0, m.size() / 2); }, "bad_request"},
        {"a header block that must be understood",
         [](std::string m) {
             return replaced(std::move(m), "</soap:Header>",
                             "<x xmlns=\"urn:x\" soap:mustUnderstand=\"1\"/></soap:Header>");
         },
         "bad_request"},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway;
    const SoapPlatform caller = soap_platform(gateway);
    const std::string good = caller.sign(caller.parts(kSoapTax, gateway.body(kTax)));
    const HttpMessage answer = caller.post(kSoapTax, row.spoil(good));
    CAPTURE(answer.body);
    CHECK(record_of(answer.body).text_of("code") == row.code);
    CHECK(record_of(answer.body).text_of("blame") == "consumer");
    CHECK(answer.status == 500);
    CHECK(intents_of(gateway) == 0);
    CHECK(caller.post(kSoapTax, good).status == 200);  // what was refused has used nothing up
    CHECK(intents_of(gateway) == 1);
}

TEST_CASE("a message that is stale, of the future or sent twice is refused and answered by a signature",
          "[journey][soap][security]") {
    GatewayUnderTest gateway;
    const SoapPlatform caller = soap_platform(gateway);
    auto parts = caller.parts(kSoapTax, gateway.body(kTax));
    const std::string good = caller.sign(parts);
    REQUIRE(caller.post(kSoapTax, good).status == 200);
    const HttpMessage twice = caller.post(kSoapTax, good);
    CHECK(record_of(twice.body).text_of("code") == "replayed");
    const std::string same_id = caller.sign(parts);
    CHECK(record_of(caller.post(kSoapTax, same_id).body).text_of("code") == "replayed");
    parts.call_id = "another";
    for (const std::string created : {"2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"}) {
        parts.created = created;
        const HttpMessage stale = caller.post(kSoapTax, caller.sign(parts));
        CAPTURE(stale.body);
        // before the token's certificate began, or after it ended, its key signed nothing
        CHECK(record_of(stale.body).text_of("code") == "signature_invalid");
    }
    parts.created =
        utc_of(std::chrono::system_clock::now() - std::chrono::minutes{20});  // the certificate's an hour old
    const HttpMessage old = caller.post(kSoapTax, caller.sign(parts));
    CHECK(record_of(old.body).text_of("code") == "signature_stale");
    parts = caller.parts(kSoapTax, gateway.body(kTax));
    parts.expires = utc_of(std::chrono::system_clock::now() - std::chrono::minutes{2});
    CHECK(record_of(caller.post(kSoapTax, caller.sign(parts)).body).text_of("code") == "signature_stale");
    CHECK(intents_of(gateway) == 1);
    restart_where_it_was(gateway);
    const SoapPlatform later = soap_platform(gateway);
    const std::string code = record_of(later.post(kSoapTax, good).body).text_of("code");
    CHECK((code == "replayed" || code == "signature_stale"));
    check_next_call(gateway);
}

TEST_CASE("a message signed ahead of our clock can't be used again after a restart", "[journey][soap][security]") {
    GatewayUnderTest gateway;
    const SoapPlatform caller = soap_platform(gateway);
    auto parts = caller.parts(kSoapTax, gateway.body(kTax));
    parts.created = parts.created.substr(0, 17) + "59Z";  // ahead by what is left of this minute
    const auto ahead =
        wsse::read_signed_envelope(caller.sign(parts))->created - to_unix_seconds(std::chrono::system_clock::now());
    if (ahead > 29) {  // more than the skew: the minute has just begun
        parts.created = parts.created.substr(0, 17) + "29Z";
    }
    const std::string message = caller.sign(parts);
    REQUIRE(caller.post(kSoapTax, message).status == 200);
    restart_where_it_was(gateway);
    const std::string code = record_of(soap_platform(gateway).post(kSoapTax, message).body).text_of("code");
    CHECK((code == "replayed" || code == "signature_stale"));
    check_next_call(gateway);
}

TEST_CASE("a key that is trusted by others, another consumer's grant and an unknown service are refused",
          "[journey][soap][security]") {
    GatewayUnderTest gateway;
    const SoapPlatform caller = soap_platform(gateway);
    auto parts = caller.parts(kSoapTax, gateway.body(kTax));
    const auto foreign = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    auto stranger = parts;
    stranger.token_pem =
        crypto::make_ca(foreign, "stranger", {std::chrono::system_clock::now() - std::chrono::hours{1}, 2}).value();
    const auto by_stranger = wsse::write_signed_envelope(stranger, foreign.default_algorithm(), foreign).value().bytes;
    const HttpMessage unknown_key = caller.post(kSoapTax, by_stranger);
    CHECK(record_of(unknown_key.body).text_of("code") == "signature_invalid");
    CHECK_FALSE(wsse::read_signed_envelope(unknown_key.body).has_value());  // nothing is signed to strangers
    auto borrowed = parts;                                                  // one-window's certificate, another's key
    const auto by_other = wsse::write_signed_envelope(borrowed, foreign.default_algorithm(), foreign).value().bytes;
    CHECK(record_of(caller.post(kSoapTax, by_other).body).text_of("code") == "signature_invalid");
    const SoapPlatform portal = soap_platform(gateway, "1.1", "portal");
    for (const std::string service : {"realestate-certificate", "no-such-service"}) {
        const std::string message = portal.sign(portal.parts("/soap/" + service, gateway.body(kLand)));
        const HttpMessage refused = portal.post("/soap/" + service, message);
        CHECK(record_of(refused.body).text_of("code") == "not_permitted");
        CHECK(portal.check(refused, message).has_value());
    }
    CHECK(intents_of(gateway) == 0);
    check_next_call(gateway);
}

TEST_CASE("what is no call of the path, and what is no SOAP by its type, is refused", "[journey][soap]") {
    GatewayUnderTest gateway;
    const SoapPlatform caller = soap_platform(gateway);
    auto other = caller.parts(kSoapTax, gateway.body(kTax));
    other.payload = replaced(other.payload, ":tax-clearance:1", ":fund-loan:1");
    CHECK(record_of(caller.post(kSoapTax, caller.sign(other)).body).text_of("code") == "bad_request");
    auto later = caller.parts(kSoapTax, gateway.body(kTax));
    later.payload = replaced(later.payload, ":tax-clearance:1", ":tax-clearance:2");
    const Record of_later = record_of(caller.post(kSoapTax, caller.sign(later)).body);
    CHECK(of_later.text_of("code") == "bad_request");
    CHECK_THAT(of_later.text_of("detail"), ContainsSubstring("urn:datong:service:tax-clearance:1"));
    const SoapPlatform newer = soap_platform(gateway, "1.2");
    const std::string message = newer.sign(newer.parts(kSoapTax, gateway.body(kTax)));
    CHECK(record_of(caller.post(kSoapTax, message).body).text_of("code") == "unsupported_media");
    HttpMessage as_json = gateway.platform().prepare(kSoapTax, message);
    const Record of_json = record_of(gateway.platform().send(as_json).body);
    CHECK(of_json.text_of("code") == "unsupported_media");
    CHECK_THAT(of_json.text_of("todo_en"), ContainsSubstring("application/soap+xml"));
    const HttpMessage bad = newer.post(kSoapTax, replaced(message, "window-07", "window-08"));
    CHECK(bad.status == 400);  // SOAP 1.2 says by the status whose fault it is
    CHECK(bad.body.find("<soap:Value>soap:Sender</soap:Value>") != std::string::npos);
    CHECK(caller.post("/soap/no/such/path", message).status == 404);
    const HttpMessage large = caller.post(kSoapTax, std::string(100U << 10, ' '));
    CHECK(large.status == 401);  // of somebody whose connection says nothing
    check_next_call(gateway);
}

TEST_CASE("a WSDL is given to a connection that shows the certificate of a consumer with a grant",
          "[journey][soap][security]") {
    GatewayUnderTest gateway;
    HttpMessage ask = gateway.platform().prepare_get(std::string{kSoapTax} + "?wsdl");
    const HttpMessage stranger = gateway.platform().send(ask);
    CHECK(stranger.status == 403);
    HttpMessage unknown = gateway.platform().prepare_get("/soap/no-such-service?wsdl");
    CHECK(gateway.platform().send(unknown).body == stranger.body);
    CHECK(gateway.platform().send(gateway.platform().prepare_get(kSoapTax)).status == 405);
}

TEST_CASE("a message for another address is refused, whoever knows its key", "[journey][soap][security]") {
    struct Row {
        const char* why;
        void (*alter)(std::string& to);
        const char* code;
    };
    const auto row = GENERATE(values<Row>({
        {"another gateway", [](std::string& to) { to = "https://sandbox.example:8443/soap/tax-clearance"; },
         "bad_request"},
        {"another service", [](std::string& to) { to = replaced(to, "tax-clearance", "fund-loan"); }, "bad_request"},
        {"no path", [](std::string& to) { to.erase(to.find("/soap")); }, "bad_request"},
        {"no URL", [](std::string& to) { to = "tax-clearance"; }, "bad_request"},
        {"none at all", [](std::string& to) { to.clear(); }, "not_signed"},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway;
    const SoapPlatform caller = soap_platform(gateway);
    auto parts = caller.parts(kSoapTax, gateway.body(kTax));
    row.alter(parts.to);
    const Record problem = record_of(caller.post(kSoapTax, caller.sign(parts)).body);
    CHECK(problem.text_of("code") == row.code);
    CHECK_THAT(problem.text_of("detail"), ContainsSubstring("`to`"));
    CHECK(intents_of(gateway) == 0);
    check_next_call(gateway);
}

TEST_CASE("SignedInfo with words of the caller's in it is refused, though it is signed", "[journey][soap][security]") {
    GatewayUnderTest gateway;
    const SoapPlatform caller = soap_platform(gateway);
    const auto parts = caller.parts(kSoapTax, gateway.body(kTax));
    for (const auto& [what, with] : {std::pair{"<ds:Reference URI=\"#body\">", "a name<ds:Reference URI=\"#body\">"},
                                     std::pair{"</ds:SignedInfo>", "\xE5\xBC\xA0\xE4\xB8\x89</ds:SignedInfo>"}}) {
        CAPTURE(what);
        const Record problem = record_of(caller.post(kSoapTax, caller.sign_altered(parts, what, with)).body);
        CHECK(problem.text_of("code") == "not_signed");
        CHECK_THAT(problem.text_of("detail"), ContainsSubstring("SignedInfo"));
        CHECK_THAT(problem.text_of("todo_en"), ContainsSubstring("WS-Security"));
    }
    CHECK(caller.post(kSoapTax, caller.sign_altered(parts, "a", "a")).status == 200);  // the way there alters nothing
}
