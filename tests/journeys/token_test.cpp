#include <chrono>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "core/app/commands.h"
#include "core/app/signature_tools.h"
#include "core/codec/json.h"
#include "core/crypto/key.h"
#include "core/keyring/making.h"
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

/// What a command prints while it lives.
class Printed {
public:
    Printed() : out_{std::cout.rdbuf(text_.rdbuf())}, err_{std::cerr.rdbuf(text_.rdbuf())} {}
    ~Printed() {
        std::cout.rdbuf(out_);
        std::cerr.rdbuf(err_);
    }
    Printed(const Printed&) = delete;
    Printed& operator=(const Printed&) = delete;
    [[nodiscard]] std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::streambuf* out_;
    std::streambuf* err_;
};

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
    {
        const Printed printed;
        (void)app::cert_check(gateway.folder() + "/config/gateway.yaml", 0);
        CHECK_THAT(printed.text(), ContainsSubstring("gateway key gateway-2026: 在令牌中") &&
                                       ContainsSubstring("land key land-2026: 在令牌中"));
    }
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 1);
}

TEST_CASE("commands show a key in a token, take it into a ring, and never print its PIN", "[journey][security]") {
    SoftToken& token = SoftToken::only();
    REQUIRE(token.is_ready());
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    write_text(token.path("ring.pem"), key->to_pem()->reveal());
    REQUIRE(token.import(token.path("ring.pem"), "ring", "21"));
    const std::string uri = token.uri("ring", token.pin_file());
    const Printed printed;
    CHECK(app::cert_list({uri}) == app::kGood);
    CHECK_THAT(printed.text(),
               ContainsSubstring("ecdsa-p256-sha256") && ContainsSubstring(key->verifying_key().thumbprint()));
    CHECK(app::cert_list({token.uri("nobody", token.pin_file())}) == app::kConfig);
    CHECK_THAT(printed.text(), ContainsSubstring("softhsm2-util --show-slots"));

    const auto disk = keyring::system_disk();
    auto folder = keyring::Folder::open(token.path("keys"), *disk);
    REQUIRE(folder.has_value());
    const keyring::InitAsk ask{.role = crypto::KeyUse::sign,
                               .name = "land",
                               .id = "land-2026",
                               .place = {.file = uri},
                               .self_signed_days = 30};
    const auto made = keyring::init(*folder, ask, std::chrono::system_clock::now());
    REQUIRE(made.has_value());
    CHECK(made->ring.keys.front().file == uri);
    CHECK(folder->open_key(made->ring.keys.front())->verifying_key().thumbprint() == key->verifying_key().thumbprint());
    CHECK_FALSE(folder->has("land-2026.key.pem"));
    CHECK(folder->has("land-2026.csr.pem"));
    keyring::InitAsk tls = ask;
    tls.role = crypto::KeyUse::tls;
    tls.name = "front";
    tls.id = "front-2026";
    CHECK(keyring::init(*folder, tls, std::chrono::system_clock::now())->ring.keys.front().file == uri);
    keyring::InitAsk box = ask;
    box.role = crypto::KeyUse::encrypt;
    box.name = "box";
    box.id = "box-2026";
    CHECK_FALSE(keyring::init(*folder, box, std::chrono::system_clock::now()).has_value());
    CHECK(printed.text().find(SoftToken::kPin) == std::string::npos);
}

TEST_CASE("the listener's ring is of a key that stays in a token, and one of another's certificate is refused",
          "[journey][security]") {
    if (!support::puts_handshakes_aside()) {
        return;
    }
    const bool is_own = GENERATE(true, false);
    const std::string label = is_own ? "front" : "stranger";
    const auto change = [&](const std::string& config) {
        SoftToken& token = SoftToken::only();
        const std::string keys = config + "/../keys";
        const auto key = is_own ? crypto::SigningKey::from_pem(read_file(keys + "/tls.key.pem"))
                                : crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
        write_text(token.path(label + ".pem"), key->to_pem()->reveal());
        REQUIRE(token.import(token.path(label + ".pem"), label, is_own ? "41" : "42"));
        std::string yaml = read_file(config + "/gateway.yaml");
        const auto begin = yaml.find("    chain: \"${DATONG_KEYS:-keys}/tls.chain.pem\"");
        const auto end = yaml.find("    client_ca:", begin);
        REQUIRE(end != std::string::npos);
        const std::string uri = token.uri(label, token.pin_file());
        if (is_own) {
            const auto disk = keyring::system_disk();
            auto folder = keyring::Folder::open(keys, *disk);
            const auto now = std::chrono::system_clock::now();
            REQUIRE(keyring::init(*folder,
                                  {.role = crypto::KeyUse::tls,
                                   .name = "front",
                                   .id = "front-2026",
                                   .place = {.file = uri},
                                   .names = {.common_name = "front"}},
                                  now)
                        .has_value());
            REQUIRE(keyring::import_x509(*folder,
                                         {.name = "front",
                                          .bytes = read_file(keys + "/tls.chain.pem"),
                                          .trust = {read_file(keys + "/ca.pem")}},
                                         now)
                        .has_value());
            yaml.replace(begin, end - begin, "    ring: \"${DATONG_KEYS}/front.keys.yaml\"\n");
        } else {
            yaml.replace(begin, end - begin, "    chain: \"${DATONG_KEYS}/tls.chain.pem\"\n    key: \"" + uri + "\"\n");
        }
        std::filesystem::remove(keys + "/tls.key.pem");
        write_text(config + "/gateway.yaml", yaml);
    };
    if (!is_own) {
        CHECK_THROWS_WITH((GatewayUnderTest{{.files = {}, .change = change}}), ContainsSubstring("C204"));
        return;
    }
    GatewayUnderTest gateway{{.files = {}, .change = change}};
    const Platform platform = gateway.platform();
    for (int i = 0; i < 3; ++i) {  // each over a connection of its own
        const auto request = platform.prepare(kTax, codec::write_json(gateway.body(kTax)));
        CHECK(platform.send(request).status == 200);
        REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
    }
    CHECK(gateway.log().find(SoftToken::kPin) == std::string::npos);
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
