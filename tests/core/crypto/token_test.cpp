#include "core/crypto/token.h"

#include <fstream>

#include "core/base/text.h"
#include "core/crypto/x509.h"
#include "tests/support/catch.h"
#include "tests/support/soft_token.h"

using namespace datong;
using namespace datong::crypto;
using support::SoftToken;

namespace {

/// A key that was made here and put into the token under this label.
SigningKey imported(const std::string& label, const std::string& id, Algorithm algorithm) {
    SoftToken& token = SoftToken::only();
    REQUIRE(token.is_ready());
    auto key = SigningKey::generate(algorithm, 2048);
    const std::string file = token.path(label + ".pem");
    std::ofstream{file} << key->to_pem()->reveal();
    REQUIRE(token.import(file, label, id));
    return std::move(*key);
}

Result<SigningKey> open(const std::string& label, const std::string& pin = SoftToken::kPin) {
    const auto where = read_token_uri(SoftToken::only().uri(label, "nowhere"));
    REQUIRE(where.has_value());
    return open_token_key(*where, Secret{pin});
}

}  // namespace

TEST_CASE("the URI of a token's key says where it is, and never its PIN", "[crypto][security]") {
    const auto good = read_token_uri(
        "pkcs11:token=my%20hsm;object=land-2026;type=private?module-path=/usr/lib/x%2Dy.so&pin-source=file:///etc/pin");
    REQUIRE(good.has_value());
    CHECK(good->object == "pkcs11:token=my%20hsm;object=land-2026;type=private");
    CHECK(good->module == "/usr/lib/x-y.so");
    CHECK(good->pin_source == "/etc/pin");
    CHECK(read_token_uri("pkcs11:id=%01?module-path=/m.so&pin-source=keys/pin")->pin_source == "keys/pin");
    struct Row {
        const char* why;
        const char* uri;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"another scheme", "file:key.pem", "pkcs11:"},
        {"a PIN in the query", "pkcs11:object=a?module-path=/m.so&pin-value=1234", "pin-source"},
        {"a PIN in the path", "pkcs11:object=a;pin-value=1234?module-path=/m.so", "pin-source"},
        {"no object", "pkcs11:token=a?module-path=/m.so", "object"},
        {"no module", "pkcs11:object=a", "module-path"},
        {"a module of the working folder", "pkcs11:object=a?module-path=m.so", "module-path"},
        {"a slip in the path", "pkcs11:objekt=a?module-path=/m.so", "objekt"},
        {"a slip in the query", "pkcs11:object=a?modul-path=/m.so", "modul-path"},
    }));
    CAPTURE(row.why);
    const auto bad = read_token_uri(row.uri);
    REQUIRE_FALSE(bad.has_value());
    CHECK_THAT(bad.error().detail(), ContainsSubstring(row.says));
    CHECK(bad.error().detail().find("1234") == std::string::npos);
}

TEST_CASE("a key in a token signs what its public half verifies, and does not leave", "[crypto][security]") {
    const bool is_rsa = GENERATE(false, true);
    const Algorithm algorithm = is_rsa ? Algorithm::rsa_pss_sha512 : Algorithm::ecdsa_p256_sha256;
    const std::string label = is_rsa ? "rsa" : "p256";
    const SigningKey made = imported(label, is_rsa ? "02" : "01", algorithm);
    const auto key = open(label);
    REQUIRE(key.has_value());
    CHECK(is_in_token(*key));
    CHECK_FALSE(is_in_token(made));
    CHECK(key->default_algorithm() == algorithm);
    CHECK(key->verifying_key().thumbprint() == made.verifying_key().thumbprint());
    const auto signature = key->sign(algorithm, "a message");
    REQUIRE(signature.has_value());
    CHECK(made.verifying_key().verify(algorithm, "a message", *signature).has_value());
    CHECK_FALSE(made.verifying_key().verify(algorithm, "another", *signature).has_value());
    CHECK_FALSE(key->to_pem().has_value());
    CHECK(key->public_pem().value() == made.public_pem().value());
    const auto x509 = make_self_signed(*key, {.use = KeyUse::sign, .common_name = "land"}, {.days = 2});
    REQUIRE(x509.has_value());
    CHECK(VerifyingKey::from_pem(*x509)->thumbprint() == made.verifying_key().thumbprint());
    CHECK(make_request(*key, {.use = KeyUse::sign, .common_name = "land"}).has_value());
}

TEST_CASE("a token that is not there, a wrong label and a wrong PIN say what to do", "[crypto][security]") {
    imported("known", "03", Algorithm::ecdsa_p256_sha256);
    const auto unknown = open("unknown");
    REQUIRE_FALSE(unknown.has_value());
    CHECK_THAT(unknown.error().detail(), ContainsSubstring("softhsm2-util --show-slots"));
    auto where = read_token_uri(SoftToken::only().uri("known", "nowhere"));
    where->object = "pkcs11:token=elsewhere;object=known";
    CHECK_FALSE(open_token_key(*where, Secret{SoftToken::kPin}).has_value());
    where->module = "/usr/lib/another.so";
    const auto another = open_token_key(*where, Secret{SoftToken::kPin});
    REQUIRE_FALSE(another.has_value());
    CHECK_THAT(another.error().detail(), ContainsSubstring("one module"));
}
