#include <filesystem>

#include "core/codec/json.h"
#include "core/crypto/key.h"
#include "core/signing/jws.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/soft_token.h"

using namespace datong;
using namespace datong::journeys;
using support::SoftToken;

namespace {

/// Moves a key of the demo into the token: its file goes.
void move_to_token(const std::string& config, const std::string& name, const std::string& id, const std::string& where,
                   const std::string& pin_file, const std::string& in = "datong") {
    SoftToken& token = SoftToken::only();
    REQUIRE(token.is_ready());
    const std::string file = config + "/../keys/" + name + ".key.pem";
    const auto key = crypto::SigningKey::from_pem(read_file(file));
    write_text(token.path(name + ".pem"), key->to_pem()->reveal());
    REQUIRE(token.import(token.path(name + ".pem"), name, id, in));
    std::filesystem::remove(file);
    std::string yaml = read_file(config + where);
    const std::string before = "file: \"${DATONG_KEYS:-keys}/" + name + ".key.pem\"";
    REQUIRE(yaml.find(before) != std::string::npos);
    yaml.replace(yaml.find(before), before.size(), "file: \"" + token.uri(name, pin_file, in) + "\"");
    write_text(config + where, yaml);
}

}  // namespace

TEST_CASE("the issuer and the gateway sign with keys that stay in a token", "[journey][security]") {
    GatewayUnderTest gateway{{.files = {}, .change = [](const std::string& config) {
                                  const std::string pin = SoftToken::only().pin_file();
                                  move_to_token(config, "land", "11", "/departments/land.yaml", pin);
                                  move_to_token(config, "gateway", "12", "/gateway.yaml", pin);
                              }}};
    const Platform platform = gateway.platform();
    const auto request = platform.prepare(kLand, codec::write_json(gateway.body(kLand)));
    const auto answer = platform.send(request);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(platform.check_signature(answer, request).has_value());
    const auto issuer = crypto::VerifyingKey::from_pem(read_file(gateway.folder() + "/keys/land.pub.pem"));
    const auto certificate = signing::read_jws(json_of(answer).text_of("certificate"));
    REQUIRE(certificate.has_value());
    CHECK(signing::verify_jws(*certificate, *issuer).has_value());
    CHECK(gateway.log().find(SoftToken::kPin) == std::string::npos);
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 1);
}

TEST_CASE("a PIN that others can read is refused, and so is one that does not fit", "[journey][security]") {
    SoftToken& token = SoftToken::only();
    const bool is_open = GENERATE(true, false);
    const std::string pin = token.pin_file(is_open ? SoftToken::kPin : "000000");
    if (is_open) {
        std::filesystem::permissions(pin, std::filesystem::perms{0644});
    }
    const std::string says = is_open ? "chmod" : "PIN";
    const auto change = [&](const std::string& config) {
        move_to_token(config, "tax", is_open ? "13" : "14", "/departments/tax.yaml", pin, "guarded");
    };
    CHECK_THROWS_WITH((GatewayUnderTest{{.files = {}, .change = change}}), ContainsSubstring(says));
}
