#include <fstream>

#include "core/codec/json.h"
#include "core/crypto/x509.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;

namespace {

void write(const std::string& path, const std::string& text) {
    std::ofstream{path, std::ios::binary} << text;
}

crypto::SigningKey new_key() {
    auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    REQUIRE(key.has_value());
    return std::move(*key);
}

/// An authority for clients, and a certificate of its own for each consumer.
void make_certificates(const std::string& keys) {
    const crypto::SigningKey authority = new_key();
    const crypto::Validity validity{.not_before = std::chrono::system_clock::now() - std::chrono::hours{1}, .days = 2};
    const auto ca = crypto::make_ca(authority, "clients of the test", validity);
    REQUIRE(ca.has_value());
    write(keys + "/client-ca.pem", *ca);
    for (const std::string name : {"one-window", "portal"}) {
        const crypto::SigningKey key = new_key();
        const auto chain = crypto::make_x509({.pem = *ca, .key = authority}, key,
                                             {.common_name = name, .for_client = true, .validity = validity});
        REQUIRE(chain.has_value());
        write(keys + "/client-" + name + ".chain.pem", *chain);
        write(keys + "/client-" + name + ".key.pem", key.to_pem()->reveal());
    }
}

void replace_in(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    write(file, text.replace(at, what.size(), with));
}

/// One consumer known by its certificate's file, the other by its subject.
void name_certificates(const std::string& config, const std::string& client) {
    make_certificates(config + "/../keys");
    replace_in(config + "/gateway.yaml", "/ca.pem\"", "/client-ca.pem\"");
    replace_in(config + "/gateway.yaml", "client: optional", "client: " + client);
    replace_in(config + "/consumers/one-window.yaml",
               "keys:", "certificates: [{file: \"${DATONG_KEYS}/client-one-window.chain.pem\"}]\nkeys:");
    replace_in(config + "/consumers/portal.yaml", "keys:", "certificates: [{subject: CN=portal}]\nkeys:");
}

record::Record enquiry(const GatewayUnderTest& gateway) {
    record::Record body = gateway.body(kMarket);
    body.find("context")->put("purpose", record::Record::text("enterprise-enquiry"));
    return body;
}

}  // namespace

TEST_CASE("what a consumer signed passes over a connection of its own only", "[journey][security]") {
    const std::string client = GENERATE("required", "optional");
    CAPTURE(client);
    GatewayUnderTest gateway{{.change = [&](const std::string& config) { name_certificates(config, client); }}};
    Platform window = gateway.platform();
    Platform portal = gateway.platform("portal");

    window.show_certificate("client-one-window");
    portal.show_certificate("client-portal");
    CHECK(window.call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK(portal.call(kMarket, enquiry(gateway)).status == 200);

    // what is sent over another's connection uses nothing up: the same message is good over its own
    const auto overheard = window.prepare(kMarket, codec::write_json(gateway.body(kMarket)));
    CHECK(json_of(portal.send(overheard)).text_of("code") == "wrong_certificate");
    CHECK(window.send(overheard).status == 200);

    window.show_certificate("client-portal");
    portal.show_certificate("client-one-window");
    for (const auto& answer : {window.call(kMarket, gateway.body(kMarket)), portal.call(kMarket, enquiry(gateway))}) {
        CAPTURE(answer.body);
        CHECK(answer.status == 403);
        CHECK(json_of(answer).text_of("code") == "wrong_certificate");
    }
    const auto bare = gateway.platform().call(kMarket, gateway.body(kMarket));
    CHECK(json_of(bare).text_of("code") == (client == "optional" ? "wrong_certificate" : ""));
    gateway.stop();
    const auto verdict = gateway.verify();
    CHECK(verdict.valid);
    CHECK(verdict.refusals == (client == "optional" ? 4 : 3));
}

TEST_CASE("a WSDL and an XSD are given to a connection of a consumer with a grant, and to no other",
          "[journey][soap][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) { name_certificates(config, "optional"); }}};
    Platform window = gateway.platform();
    Platform portal = gateway.platform("portal");
    window.show_certificate("client-one-window");
    portal.show_certificate("client-portal");
    const auto get = [](const Platform& who, const std::string& target) { return who.send(who.prepare_get(target)); };
    const auto wsdl = get(window, "/soap/tax-clearance?wsdl");
    CHECK(wsdl.status == 200);
    CHECK(wsdl.body.find("<wsdl:service name=\"tax-clearance\">") != std::string::npos);
    CHECK(wsdl.body.find(":" + std::to_string(gateway.program().port()) + "/soap/tax-clearance\"") !=
          std::string::npos);
    CHECK(get(window, "/soap/tax-clearance?xsd").body.starts_with("<xs:schema "));
    CHECK(get(portal, "/soap/tax-clearance?wsdl").status == 403);
    CHECK(get(gateway.platform(), "/soap/tax-clearance?wsdl").status == 403);
    CHECK(get(window, "/soap/no-such-service?wsdl").body == get(portal, "/soap/tax-clearance?wsdl").body);
}

TEST_CASE("a WSDL is not given to an address that is not the consumer's, whatever certificate it shows",
          "[journey][soap][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        name_certificates(config, "optional");
        write_text(config + "/consumers/one-window.yaml",
                   read_file(config + "/consumers/one-window.yaml") + "networks: [192.0.2.0/24]\n");
    }}};
    Platform window = gateway.platform();
    window.show_certificate("client-one-window");
    const auto refused = window.send(window.prepare_get("/soap/tax-clearance?wsdl"));
    CHECK(refused.status == 403);
    CHECK(refused.body.find("wsdl:definitions") == std::string::npos);
    Platform stranger = gateway.platform();
    CHECK(stranger.send(stranger.prepare_get("/soap/tax-clearance?wsdl")).body == refused.body);
}

TEST_CASE("a large call is taken over SOAP as over REST, as far as limits.body lets it", "[journey][soap]") {
    constexpr std::size_t kText = 900'000;
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        name_certificates(config, "required");
        replace_in(config + "/gateway.yaml", "limits: {body: 1048576", "limits: {body: 16777216");
    }}};
    record::Record body = gateway.body(kTax);
    record::Record facts = record::Record::object();
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}) {
        facts.put(name, record::Record::text(std::string(kText, name[0])));
    }
    body.find("context")->put("facts", std::move(facts));
    Platform window = gateway.platform();
    window.show_certificate("client-one-window");
    CHECK(window.call(kTax, body).status == 200);
    const SoapPlatform soap{window, gateway.folder() + "/keys", "one-window", "1.2"};
    const std::string path = "/soap/tax-clearance";
    const std::string message = soap.sign(soap.parts(path, body));
    CHECK(message.size() > (8U << 20));
    const auto answer = soap.post(path, message);
    CHECK(answer.status == 200);
    CHECK(record_of(answer.body).text_of("outcome") == "found");
    CHECK(soap.check(answer, message).has_value());
}
