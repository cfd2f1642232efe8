#include <map>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "core/vault/shelf.h"
#include "core/wsse/envelope.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

std::string hex_of(const std::string& octets) {
    return to_hex(crypto::sha256(octets));
}

/// The bodies of an exchange, by name.
std::map<std::string, vault::Body> bodies_of(const GatewayUnderTest& gateway, const std::string& exchange) {
    const auto shelf = vault::Shelf::open(vault::Shelf::file_of(gateway.folder() + "/evidence"));
    REQUIRE(shelf);
    const auto found = (*shelf)->find(exchange);
    REQUIRE(found);
    std::map<std::string, vault::Body> by_name;
    for (const vault::Body& body : *found) {
        by_name[body.name] = body;
    }
    return by_name;
}

}  // namespace

TEST_CASE("the proof of every exchange holds with bodies kept, sealed and not kept", "[journey][bodies]") {
    const std::string policy = GENERATE(as<std::string>{}, "none", "sealed", "kept");
    CAPTURE(policy);
    GatewayUnderTest gateway{with_evidence("  bodies: " + policy + "\n  auditor: auditor.pem\n")};
    make_calls(gateway);
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 4);

    const auto pem = read_file(gateway.folder() + "/config/auditor.pem");
    const auto key = crypto::SigningKey::from_pem(read_file(gateway.folder() + "/config/auditor.key.pem"));
    REQUIRE(key);
    const auto open = [&](const vault::Body& body) {
        if (policy == "kept") {
            return body.octets;
        }
        const auto plain = crypto::cms_open(body.octets, *key, pem);
        REQUIRE(plain);
        return *plain;
    };
    std::size_t replies = 0;
    for (const Record& outcome : records_of(gateway, "outcome")) {
        const auto bodies = bodies_of(gateway, outcome.text_of("exchange"));
        if (policy == "none") {
            CHECK(bodies.empty());
            continue;
        }
        REQUIRE(bodies.contains("request"));
        REQUIRE(bodies.contains("answer"));
        const std::string answer = open(bodies.at("answer"));
        const Record* seen = outcome.find("answer");
        REQUIRE(seen != nullptr);
        if (seen->text_of("form") == "soap") {
            const auto envelope = wsse::read_signed_envelope(answer);
            REQUIRE(envelope);
            CHECK(hex_of(envelope->body_octets) == outcome.text_of("answer_digest"));
        } else {
            CHECK(hex_of(answer) == outcome.text_of("answer_digest"));
        }
        for (const Record& reply : outcome.find("reply_digests")->items()) {
            const std::string text{reply.scalar()};
            const std::string name = text.substr(0, text.find('|'));  // behind it stands what was wrong with it
            CAPTURE(text);
            REQUIRE(bodies.contains("reply:" + name));
            CHECK(name.ends_with(':' + hex_of(open(bodies.at("reply:" + name)))));
            ++replies;
        }
    }
    CHECK((policy == "none" || replies >= 6));
}

TEST_CASE("a service's own policy holds for its messages, and the most sparing one for a matter's",
          "[journey][bodies]") {
    GatewayUnderTest gateway{with_evidence("  bodies: kept\n", [](const std::string& config) {
        const std::string file = config + "/services/fund-deposit-certificate.yaml";
        write_text(file, read_file(file) + "\nbodies: none\n");
    })};
    make_calls(gateway);
    gateway.stop();
    for (const Record& intent : records_of(gateway, "intent")) {
        const auto bodies = bodies_of(gateway, intent.text_of("exchange"));
        const std::string service = intent.text_of("service");
        CAPTURE(service);
        if (service.starts_with("fund-")) {
            CHECK(bodies.empty());
        } else if (service.starts_with("matter:")) {
            CHECK_FALSE(bodies.contains("request"));
            CHECK_FALSE(bodies.contains("answer"));
            CHECK(bodies.size() == 3);  // the replies of the three others
        } else {
            CHECK(bodies.contains("request"));
        }
    }
}

TEST_CASE("bodies are erased by case and by age while the gateway runs; that is in the chain, and every proof stands",
          "[journey][bodies][security]") {
    GatewayUnderTest gateway{with_evidence("  bodies: kept\n")};
    make_calls(gateway);
    const auto before = records_of(gateway, "outcome");
    REQUIRE(before.size() == 4);
    const std::string case_number = departments::demo_person().case_number;
    const auto erased = gateway.admin("POST", "/v1/evidence/erase",
                                      R"({"case_number": ")" + case_number + R"(", "basis": "示数〔2026〕12号"})");
    CAPTURE(erased.body);
    CHECK(erased.status == 200);
    CHECK(json_of(erased).text_of("exchanges") == "4");
    for (const Record& outcome : before) {
        CHECK(bodies_of(gateway, outcome.text_of("exchange")).empty());
    }
    CHECK(gateway.platform().call(kFund, gateway.body(kFund)).status == 200);
    const auto all =
        gateway.admin("POST", "/v1/evidence/erase",
                      R"({"before": ")" + to_rfc3339(std::chrono::system_clock::now() + std::chrono::hours{1}) +
                          R"(", "basis": "retention"})");
    CHECK(json_of(all).text_of("exchanges") == "1");
    for (const char* wrong :
         {R"({"basis": "x"})", R"({"case_number": "c"})", R"({"case_number": "c", "basis": ""})",
          R"({"case_number": "c", "basis": "999901199001010017"})", R"({"before": "yesterday", "basis": "x"})",
          R"({"exchanges": "e", "basis": "x"})", "x",
          R"({"before": "2026-12-01T00:00:00+08:00", "case_number": null, "basis": "x"})",
          R"({"before": "2026-12-01T00:00:00+08:00", "exchange": ["e"], "basis": "x"})",
          R"({"before": "2026-12-01T00:00:00+08:00", "case_number": "", "basis": "x"})",
          R"({"exchange": "xyz", "basis": "x"})", R"({"before": "1026-12-01T00:00:00+08:00", "basis": "x"})",
          R"({"before": "9999-12-01T00:00:00+08:00", "basis": "x"})"}) {
        CAPTURE(wrong);
        CHECK(gateway.admin("POST", "/v1/evidence/erase", wrong).status == 400);
    }
    gateway.restart();
    gateway.stop();
    CHECK(records_of(gateway, "erasure").size() == 2);
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 5);
}

TEST_CASE("without the subject key, replaced by another, every proof stands", "[journey][bodies]") {
    GatewayUnderTest gateway;
    make_calls(gateway);
    write_text(gateway.folder() + "/keys/subject.key", std::string(32, 'k'));
    gateway.restart();
    CHECK(gateway.platform().call(kFund, gateway.body(kFund)).status == 200);
    gateway.stop();
    const auto intents = records_of(gateway, "intent");
    REQUIRE(intents.size() == 5);
    CHECK_FALSE(*intents.front().find("persons") == *intents.back().find("persons"));  // the same person, unlinkable
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en);
    CHECK(verdict.valid);
}
