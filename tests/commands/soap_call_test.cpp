// The client speaks signed SOAP to a gateway that runs, and judges what comes back as it judges native answers.
#include <fstream>

#include "core/codec/json.h"
#include "core/crypto/key.h"
#include "tests/commands/serving.h"
#include "tests/support/catch.h"

using namespace datong::commands;
using datong::record::Record;

namespace {

void write(const std::string& path, const std::string& text) {
    std::ofstream{path, std::ios::binary} << text;
}

Record json(const std::string& text) {
    return datong::codec::read_json(text).value();
}

/// The unified record, but for when it was made.
std::string content_of(const Ran& ran) {
    Record content = *json(ran.out).find("content");
    REQUIRE_FALSE(content.text_of("issuedAt").empty());
    content.put("issuedAt", Record::text(""));
    return datong::codec::write_json(content);
}

/// The housing fund's call by SOAP, with another key or other keys to trust.
Ran call_as(const Installation& installation, const Serving& serving, const std::string& key,
            const std::string& trust) {
    return run({DATONG_CALL, "--url", serving.url(), "--ca", installation.path("keys/ca.pem"), "--trust",
                installation.path(trust), "--key", installation.path(key), "--keyid", "one-window-2026", "--soap",
                "service", "fund-deposit-certificate", "--body", installation.path("body.json")});
}

}  // namespace

TEST_CASE("a first version is called by SOAP as its refusal says", "[commands][soap]") {
    const Installation installation;
    installation.replace("config/services/fund-deposit-certificate.yaml", "version: 1.0.0", "version: 0.1.0");
    const Serving serving{installation};
    REQUIRE(serving.call().code == 0);  // writes the body, too
    std::vector<std::string> words{"--soap", "service", "fund-deposit-certificate", "--body",
                                   installation.path("body.json")};
    const Ran refused = serving.call_with(words);
    CHECK(refused.code == 1);
    CHECK_THAT(refused.out, ContainsSubstring("400 bad_request") && ContainsSubstring("--major 0\n"));
    words.insert(words.end(), {"--major", "0"});
    const Ran good = serving.call_with(words);
    CHECK(good.code == 0);
    CHECK_THAT(good.out, ContainsSubstring("certificate: valid (issuer fund") && !ContainsSubstring("--major"));
}

TEST_CASE("datong-call --soap gets the same certificate by signed SOAP, and verifies it", "[commands][soap]") {
    const Installation installation;
    const Serving serving{installation};
    REQUIRE(serving.call().code == 0);  // writes the body, too
    const std::vector<std::string> call{"service", "fund-deposit-certificate", "--body", installation.path("body.json"),
                                        "--json"};
    const Ran native = serving.call_with(call);
    std::vector<std::string> words = call;
    words.emplace_back("--soap");
    const Ran soap = serving.call_with(words);
    INFO(soap.out << soap.err);
    REQUIRE(soap.code == 0);
    CHECK_THAT(soap.err, ContainsSubstring("signature: valid (key gateway-2026)"));
    CHECK_THAT(soap.err, ContainsSubstring("certificate: valid (issuer fund"));
    CHECK(content_of(soap) == content_of(native));

    const Ran unknown =
        serving.call_with({"--soap", "service", "no-such-service", "--body", installation.path("body.json")});
    CHECK(unknown.code == 1);
    CHECK_THAT(unknown.out, ContainsSubstring("signature: valid"));  // a fault to somebody known is signed, too
    CHECK_THAT(unknown.out, ContainsSubstring("403 not_permitted"));
    const Ran status = serving.call_with({"--soap", "status", "01a200c9-f381-7000-8000-000000000000"});
    CHECK(status.code == 1);
    CHECK_THAT(status.out, ContainsSubstring("signature: valid"));
    const Ran other = serving.call_with(
        {"--soap", "--major", "2", "service", "fund-deposit-certificate", "--body", installation.path("body.json")});
    CHECK(other.code == 1);
    CHECK_THAT(other.out, ContainsSubstring("urn:datong:service:fund-deposit-certificate:1"));
}

TEST_CASE("datong-call --soap relies on no answer of a gateway that it does not trust", "[commands][soap][security]") {
    const Installation installation;
    const Serving serving{installation};
    REQUIRE(serving.call().code == 0);
    Record others = Record::list();
    for (const Record& jwk : json(installation.read("keys/trust.jwks")).find("keys")->items()) {
        if (jwk.text_of("kid") != "gateway-2026") {
            others.add(jwk);
        }
    }
    Record jwks = Record::object();
    jwks.put("keys", std::move(others));
    write(installation.path("others.jwks"), datong::codec::write_json(jwks));
    const Ran untrusted = call_as(installation, serving, "keys/one-window.key.pem", "others.jwks");
    CHECK(untrusted.code == 1);
    CHECK_THAT(untrusted.out, ContainsSubstring("signature: INVALID"));
    CHECK_THAT(untrusted.out, ContainsSubstring("not trusted for a gateway"));

    const auto stranger = datong::crypto::SigningKey::generate(datong::crypto::Algorithm::ecdsa_p256_sha256).value();
    write(installation.path("stranger.pem"), stranger.to_pem()->reveal());
    const Ran refused = call_as(installation, serving, "stranger.pem", "keys/trust.jwks");
    CHECK(refused.code == 1);
    CHECK_THAT(refused.out, ContainsSubstring("signature: INVALID"));  // nothing is signed to strangers
    CHECK_THAT(refused.out, ContainsSubstring("401 signature_invalid"));
}
