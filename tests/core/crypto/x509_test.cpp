#include "core/crypto/x509.h"

#include <chrono>
#include <string>

#include "tests/core/crypto/vectors.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::crypto;
using tests::data;

namespace {

const std::chrono::system_clock::time_point kStart{std::chrono::seconds{1'767'225'600}};  // 2026-01-01T00:00:00Z

SigningKey p256() {
    return SigningKey::generate(Algorithm::ecdsa_p256_sha256).value();
}

}  // namespace

TEST_CASE("a certificate of openssl is read as openssl shows it", "[crypto]") {
    const auto facts = read_x509(data("crypto/leaf.pem"));
    REQUIRE(facts.has_value());
    CHECK(facts->subject == "CN=one-window");
    CHECK(facts->issuer == "CN=示例根,O=示例市,C=CN");
    CHECK(facts->serial == "0102030405060708");
    CHECK(facts->sha256 == "c873b2a30395a88571371fd522030f089d437a049b13cabb7736f490144bebbd");
    CHECK(facts->not_before.time_since_epoch() == std::chrono::seconds{1795303276});
    CHECK(facts->not_after.time_since_epoch() == std::chrono::seconds{4948903276});
    CHECK(facts->public_key_pem == data("crypto/ed25519.pub.pem"));
    CHECK_FALSE(facts->is_authority);
    CHECK(read_x509(data("crypto/ca.pem")).value().is_authority);
    CHECK(is_issued_by(data("crypto/leaf.pem"), data("crypto/ca.pem")));
}

TEST_CASE("what is no certificate is refused", "[crypto][security]") {
    CHECK_FALSE(read_x509("").has_value());
    CHECK_FALSE(read_x509(data("crypto/p256.pub.pem")).has_value());
    std::string damaged = data("crypto/leaf.pem");
    damaged[200] = damaged[200] == 'A' ? 'B' : 'A';
    CHECK_FALSE(is_issued_by(damaged, data("crypto/ca.pem")));
    CHECK_FALSE(is_issued_by(data("crypto/ca.pem"), data("crypto/leaf.pem")));
    CHECK_FALSE(is_issued_by("", data("crypto/ca.pem")));
}

TEST_CASE("an authority certifies a server and a client", "[crypto]") {
    const SigningKey ca_key = p256();
    const auto ca = make_ca(ca_key, "示例根", {kStart, 3650});
    REQUIRE(ca.has_value());
    const SigningKey key = p256();
    X509Ask ask{.common_name = "gateway",
                .dns_names = {"localhost"},
                .addresses = {"127.0.0.1", "::1"},
                .validity = {kStart, 30}};
    const auto server = make_x509({*ca, ca_key}, key, ask);
    REQUIRE(server.has_value());
    const auto facts = read_x509(*server);
    REQUIRE(facts.has_value());
    CHECK(facts->subject == "CN=gateway");
    CHECK(facts->issuer == "CN=示例根");
    CHECK(facts->not_before == kStart);
    CHECK(facts->not_after == kStart + std::chrono::hours{24 * 30});
    CHECK(facts->public_key_pem == key.public_pem().value());
    CHECK(facts->serial.size() == 32);
    CHECK_FALSE(facts->is_authority);
    CHECK(read_x509(*ca).value().is_authority);
    CHECK(is_issued_by(*server, *ca));
    CHECK_FALSE(is_issued_by(*server, make_ca(p256(), "示例根", {kStart, 30}).value()));

    ask.for_client = true;
    const auto client = make_x509({*ca, ca_key}, key, ask);
    REQUIRE(client.has_value());
    CHECK(read_x509(*client).value().serial != facts->serial);
}

TEST_CASE("a certificate that never ends does not end in another century", "[crypto]") {
    const auto ca = make_ca(p256(), "示例根", {kStart, 2'900'000});  // 9966
    REQUIRE(ca.has_value());
    const auto facts = read_x509(*ca);
    REQUIRE(facts.has_value());
    CHECK(facts->not_before == kStart);
    CHECK(facts->not_after > kStart + std::chrono::hours{24 * 365 * 200});
}

TEST_CASE("names that would add extensions, and keys that don't belong, are refused", "[crypto][security]") {
    const SigningKey ca_key = p256();
    const std::string ca = make_ca(ca_key, "ca", {kStart, 30}).value();
    const SigningKey key = p256();
    CHECK_FALSE(make_x509({ca, ca_key}, key, {.common_name = "a", .dns_names = {"a,DNS:b"}, .validity = {kStart, 1}})
                    .has_value());
    CHECK_FALSE(make_x509({ca, key}, key, {.common_name = "a", .validity = {kStart, 1}}).has_value());
    CHECK_FALSE(make_x509({ca, ca_key}, key, {.common_name = "", .validity = {kStart, 1}}).has_value());
    CHECK_FALSE(make_x509({ca, ca_key}, key, {.common_name = "a", .validity = {kStart, 0}}).has_value());
    CHECK_FALSE(make_ca(SigningKey::from_secret(Secret{"s"}), "ca", {kStart, 30}).has_value());
}
