#include "core/signing/jws.h"

#include <string>

#include "tests/core/signing/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::signing;
using crypto::SigningKey;
using crypto::VerifyingKey;
using record::Record;

namespace {

/// The public half of a JWK of the corpus, which prints private ones.
VerifyingKey key_of(const Record& jwk) {
    Record public_half = Record::object();
    for (const std::string name : {"kty", "crv", "x", "y", "n", "e", "k"}) {
        if (const Record* member = jwk.find(name)) {
            public_half.put(name, *member);
        }
    }
    return VerifyingKey::from_jwk(public_half).value();
}

std::string compact(const std::string& header, const std::string& payload, const std::string& signature) {
    return to_base64url(header) + "." + to_base64url(payload) + "." + signature;
}

SigningKey p256() {
    return SigningKey::from_pem(tests::data("rfc9421/keys/test-key-ecc-p256.key.pem")).value();
}

}  // namespace

TEST_CASE("compact JWS of RFC 7520 and RFC 8037 verify where their algorithm is ours", "[signing]") {
    int verified = 0;
    for (const std::string file :
         {"jws/4_1.rsa_v15_signature", "jws/4_4.hmac-sha2_integrity_protection", "curve25519/jws"}) {
        CAPTURE(file);
        const Record one = tests::json_data("jose/" + file + ".json");
        const auto jws = read_jws(one.find_path({"output", "compact"})->scalar());
        REQUIRE(jws.has_value());
        CHECK(jws->payload == one.find_path({"input", "payload"})->scalar());
        CHECK(jws->signing_input == one.find_path({"signing", "sig-input"})->scalar());
        const VerifyingKey key = key_of(*one.find_path({"input", "key"}));
        CHECK(verify_jws(*jws, key).has_value());
        ++verified;
        auto altered = *jws;
        altered.signing_input.back() = altered.signing_input.back() == 'A' ? 'B' : 'A';
        CHECK_FALSE(verify_jws(altered, key).has_value());
        CHECK_FALSE(verify_jws(*jws, p256().verifying_key()).has_value());
    }
    CHECK(verified == 3);
}

TEST_CASE("JWS by algorithms and options that are not ours are refused", "[signing][security]") {
    // PS384 and ES512 of RFC 7520; b64=false of RFC 7797
    for (const std::string file : {"jws/4_2.rsa-pss_signature", "jws/4_3.ecdsa_signature"}) {
        CAPTURE(file);
        CHECK_FALSE(read_jws(tests::json_data("jose/" + file + ".json").find_path({"output", "compact"})->scalar())
                        .has_value());
    }
    for (const std::string file : {"4.2.hmac-sha2_b64_false", "hmac-sha2_b64_false"}) {
        CAPTURE(file);
        const Record signing = *tests::json_data("jose/rfc7797/" + file + ".json").find("signing");
        CHECK_FALSE(read_jws(signing.text_of("protected_b64u") + ".JC4wMg." + signing.text_of("sig")).has_value());
    }
    // a detached payload is an empty one here, and does not verify
    const Record one = tests::json_data("jose/jws/4_5.signature_with_detached_content.json");
    const auto detached = read_jws(one.find_path({"output", "compact"})->scalar());
    REQUIRE(detached.has_value());
    CHECK_FALSE(verify_jws(*detached, key_of(*one.find_path({"input", "key"}))).has_value());
}

TEST_CASE("the signature of RFC 8037, A.4 is reproduced", "[signing]") {
    // the seed of RFC 8032's first key, in PKCS #8
    const std::string pem =
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
        "-----END PRIVATE KEY-----\n";
    const auto made =
        sign_jws("Example of Ed25519 signing", "", "", crypto::Algorithm::ed25519, SigningKey::from_pem(pem).value());
    CHECK(made.value() == tests::json_data("jose/curve25519/jws.json").find_path({"output", "compact"})->scalar());
}

TEST_CASE("what we sign is read back and verifies", "[signing]") {
    const auto made = sign_jws(R"({"iss":"land"})", "land-2026", "datong-certificate+jws",
                               crypto::Algorithm::ecdsa_p256_sha256, p256());
    REQUIRE(made.has_value());
    const auto jws = read_jws(*made);
    REQUIRE(jws.has_value());
    CHECK(jws->keyid() == "land-2026");
    CHECK(jws->header.text_of("alg") == "ES256");
    CHECK(jws->header.text_of("typ") == "datong-certificate+jws");
    CHECK(jws->payload == R"({"iss":"land"})");
    CHECK(jws->signature.size() == 64);
    CHECK(verify_jws(*jws, p256().verifying_key()).has_value());
    CHECK_FALSE(
        verify_jws(*jws, SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256)->verifying_key()).has_value());
}

TEST_CASE("a key decides, never the header", "[signing][security]") {
    const std::string secret = p256().public_pem().value();
    const auto forged =
        sign_jws("{}", "land-2026", "", crypto::Algorithm::hmac_sha256, SigningKey::from_secret(Secret{secret}));
    CHECK_FALSE(verify_jws(read_jws(forged.value()).value(), p256().verifying_key()).has_value());
}

TEST_CASE("a compact form that is not strict is refused", "[signing][security]") {
    const std::string good = compact(R"({"alg":"ES256"})", "{}", "AAAA");
    REQUIRE(read_jws(good).has_value());
    const auto text = GENERATE_COPY(values<std::string>({
        "",
        "..",
        "a.b",
        good + ".",
        good + ".AAAA",
        good + "=",
        " " + good,
        good + "\n",
        compact(R"({"alg":"none"})", "{}", ""),
        compact(R"({"alg":"es256"})", "{}", "AAAA"),
        compact(R"({"alg":"HS512"})", "{}", "AAAA"),
        compact(R"({})", "{}", "AAAA"),
        compact(R"(["ES256"])", "{}", "AAAA"),
        compact(R"({"alg":["ES256"]})", "{}", "AAAA"),
        compact(R"({"alg":"ES256","alg":"HS256"})", "{}", "AAAA"),
        compact(R"({"alg":"ES256","crit":["b64"]})", "{}", "AAAA"),
        compact(R"({"alg":"ES256","b64":false})", "{}", "AAAA"),
        compact(R"({"alg":"ES256","b64":true})", "{}", "AAAA"),
        compact(R"({"alg":"ES256","kid":1})", "{}", "AAAA"),
        compact(R"({"alg":"ES256"} x)", "{}", "AAAA"),
        compact("\xEF\xBB\xBF{\"alg\":\"ES256\"}", "{}", "AAAA"),
        compact(R"({"alg":"ES256"})", "{}", "AAA="),
        compact(R"({"alg":"ES256"})", "{}", "AAB"),
        compact(R"({"alg":"ES256"})", "{}", "AA+/"),
    }));
    CAPTURE(text);
    const auto jws = read_jws(text);
    REQUIRE_FALSE(jws.has_value());
    CHECK(jws.error().fault() == Fault::bad_request);
}
