#include "core/crypto/key.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "core/base/text.h"
#include "tests/core/crypto/vectors.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::crypto;
using record::Record;
using tests::data;
using tests::hex_data;

namespace {

struct Vector {
    std::string why;
    Algorithm algorithm;
    std::string public_file;
    std::string private_file;
    std::string signature_file;
};

std::vector<Vector> vectors() {
    return {
        {"P-256", Algorithm::ecdsa_p256_sha256, "p256.pub.pem", "p256.key.pem", "p256.raw.sig.hex"},
        {"P-256 of a certificate", Algorithm::ecdsa_p256_sha256, "ca.pem", "p256.pkcs8.pem", "p256.raw.sig.hex"},
        {"Ed25519", Algorithm::ed25519, "ed25519.pub.pem", "ed25519.key.pem", "ed25519.sig.hex"},
        {"RSA-PSS", Algorithm::rsa_pss_sha512, "rsa2048.pub.pem", "rsa2048.key.pem", "rsa-pss-sha512.sig.hex"},
        {"RSA-PSS, SHA-256", Algorithm::rsa_pss_sha256, "rsa2048.pub.pem", "rsa2048.key.pem", "rsa-pss-sha256.sig.hex"},
        {"RSA PKCS #1", Algorithm::rsa_v1_5_sha256, "rsa2048.pkcs1.pem", "rsa2048.key.pem", "rsa-v1_5-sha256.sig.hex"},
    };
}

VerifyingKey verifying(const std::string& file) {
    return VerifyingKey::from_pem(data("crypto/" + file)).value();
}
SigningKey signing(const std::string& file) {
    return SigningKey::from_pem(data("crypto/" + file)).value();
}

Fault fault_of(const Status& status) {
    return status ? Fault::internal : status.error().fault();
}

}  // namespace

TEST_CASE("signatures of openssl verify, and no tampered one does", "[crypto][security]") {
    const auto row = GENERATE(from_range(vectors()));
    CAPTURE(row.why);
    const VerifyingKey key = verifying(row.public_file);
    const std::string message = data("crypto/message.txt");
    const std::string signature = hex_data("crypto/" + row.signature_file);

    CHECK(key.verify(row.algorithm, message, signature).has_value());
    CHECK(fault_of(key.verify(row.algorithm, message + " ", signature)) == Fault::signature_invalid);
    CHECK(fault_of(key.verify(row.algorithm, message, "")) == Fault::signature_invalid);
    CHECK(fault_of(key.verify(row.algorithm, message, signature.substr(1))) == Fault::signature_invalid);
    CHECK(fault_of(key.verify(row.algorithm, message, signature + '\0')) == Fault::signature_invalid);
    for (std::size_t at = 0; at < signature.size(); at += 7) {
        std::string other = signature;
        other[at] = static_cast<char>(other[at] ^ 1);
        CHECK(fault_of(key.verify(row.algorithm, message, other)) == Fault::signature_invalid);
    }
}

TEST_CASE("what is signed verifies with the public half alone", "[crypto]") {
    const auto row = GENERATE(from_range(vectors()));
    CAPTURE(row.why);
    const SigningKey key = signing(row.private_file);
    const auto signature = key.sign(row.algorithm, "message");
    REQUIRE(signature.has_value());
    CHECK(verifying(row.public_file).verify(row.algorithm, "message", *signature).has_value());
    CHECK(key.verifying_key().verify(row.algorithm, "message", *signature).has_value());
    CHECK(fault_of(key.verifying_key().verify(row.algorithm, "massage", *signature)) == Fault::signature_invalid);
    CHECK(SigningKey::from_pem(key.to_pem().value().reveal()).has_value());
    CHECK(VerifyingKey::from_pem(key.public_pem().value()).value().thumbprint() == key.verifying_key().thumbprint());
}

TEST_CASE("ECDSA signatures are r||s of 64 octets, never DER", "[crypto]") {
    const SigningKey key = signing("p256.key.pem");
    for (int i = 0; i < 300; ++i) {  // one in 128 has a short r or s, which must be padded
        const auto signature = key.sign(Algorithm::ecdsa_p256_sha256, std::to_string(i));
        REQUIRE(signature.has_value());
        REQUIRE(signature->size() == 64);
        REQUIRE(key.verifying_key().verify(Algorithm::ecdsa_p256_sha256, std::to_string(i), *signature).has_value());
    }
    CHECK_FALSE(key.verifying_key().verify(Algorithm::ecdsa_p256_sha256, "x", std::string(64, '\0')).has_value());
    CHECK_FALSE(key.verifying_key().verify(Algorithm::ecdsa_p256_sha256, "x", std::string(64, '\xff')).has_value());
}

TEST_CASE("a key decides which algorithms it serves", "[crypto][security]") {
    const std::string message = data("crypto/message.txt");
    const auto row = GENERATE(from_range(vectors()));
    CAPTURE(row.why);
    const VerifyingKey key = verifying(row.public_file);
    const std::string signature = hex_data("crypto/" + row.signature_file);
    for (const auto algorithm : {Algorithm::ecdsa_p256_sha256, Algorithm::ed25519, Algorithm::rsa_pss_sha512,
                                 Algorithm::rsa_pss_sha256, Algorithm::rsa_v1_5_sha256, Algorithm::hmac_sha256}) {
        CAPTURE(name_of(algorithm));
        CHECK(key.verify(algorithm, message, signature).has_value() == (algorithm == row.algorithm));
    }
    CHECK_FALSE(signing(row.private_file).sign(Algorithm::hmac_sha256, message).has_value());
}

TEST_CASE("RSA-PSS has a salt as long as its digest", "[crypto][security]") {
    CHECK_FALSE(
        verifying("rsa2048.pub.pem")
            .verify(Algorithm::rsa_pss_sha512, data("crypto/message.txt"), hex_data("crypto/rsa-pss-salt32.sig.hex"))
            .has_value());
}

TEST_CASE("a shared secret verifies HMAC and shows nothing", "[crypto][security]") {
    const std::string message = data("crypto/message.txt");
    const std::string mac = hex_data("crypto/hmac.sig.hex");
    const VerifyingKey key = VerifyingKey::from_secret(Secret{"0123456789abcdef0123456789abcdef"});
    CHECK(key.verify(Algorithm::hmac_sha256, message, mac).has_value());
    CHECK_FALSE(key.verify(Algorithm::hmac_sha256, message, mac.substr(0, 16)).has_value());
    CHECK_FALSE(key.verify(Algorithm::hmac_sha256, message + "x", mac).has_value());
    CHECK_FALSE(key.verify(Algorithm::ecdsa_p256_sha256, message, mac).has_value());
    CHECK(key.to_jwk().is_null());
    CHECK(key.thumbprint().empty());
    CHECK_FALSE(SigningKey::from_secret(Secret{"x"}).to_pem().has_value());
    CHECK(VerifyingKey::from_secret(Secret{})
              .verify(Algorithm::hmac_sha256, "", hex_data("crypto/hmac.sig.hex"))
              .has_value() == false);
}

TEST_CASE("keys that are too weak, of another kind or malformed are refused", "[crypto][security]") {
    SECTION("public") {
        const auto file = GENERATE(as<std::string>{}, "rsa1024.pub.pem", "p384.pub.pem", "p256-explicit.pub.pem",
                                   "p256.key.pem", "message.txt");
        CAPTURE(file);
        const auto key = VerifyingKey::from_pem(data("crypto/" + file));
        REQUIRE_FALSE(key.has_value());
        CHECK(key.error().fault() == Fault::bad_request);
    }
    SECTION("private") {
        const auto file = GENERATE(as<std::string>{}, "rsa1024.key.pem", "p384.key.pem", "p256.pub.pem",
                                   "p256.encrypted.pem", "ca.pem");
        CAPTURE(file);
        const auto key = SigningKey::from_pem(data("crypto/" + file));
        REQUIRE_FALSE(key.has_value());
        CHECK(key.error().fault() == Fault::bad_request);
    }
    SECTION("damaged") {
        std::string pem = data("crypto/p256.pub.pem");
        pem[60] = pem[60] == 'A' ? 'B' : 'A';
        CHECK_FALSE(VerifyingKey::from_pem(pem).has_value());
        CHECK_FALSE(VerifyingKey::from_pem("").has_value());
    }
}

TEST_CASE("keys go through JWK and back", "[crypto]") {
    const auto file = GENERATE(as<std::string>{}, "p256.pub.pem", "ed25519.pub.pem", "rsa2048.pub.pem");
    CAPTURE(file);
    const VerifyingKey key = verifying(file);
    const auto again = VerifyingKey::from_jwk(key.to_jwk());
    REQUIRE(again.has_value());
    CHECK(again->to_jwk() == key.to_jwk());
    CHECK(again->thumbprint() == key.thumbprint());
    CHECK(again->default_algorithm() == key.default_algorithm());
}

TEST_CASE("thumbprints agree with RFC 7638, 3.1 and RFC 8037, A.3", "[crypto]") {
    Record rsa = Record::object();
    rsa.put("kty", Record::text("RSA"));
    rsa.put("n",
            Record::text("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
                         "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
                         "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4"
                         "vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"));
    rsa.put("e", Record::text("AQAB"));
    rsa.put("alg", Record::text("RS256"));
    CHECK(VerifyingKey::from_jwk(rsa).value().thumbprint() == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    Record okp = Record::object();
    okp.put("kty", Record::text("OKP"));
    okp.put("crv", Record::text("Ed25519"));
    okp.put("x", Record::text("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
    CHECK(VerifyingKey::from_jwk(okp).value().thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST_CASE("a tampered JWK is refused", "[crypto][security]") {
    Record jwk = verifying("p256.pub.pem").to_jwk();
    REQUIRE(VerifyingKey::from_jwk(jwk).has_value());
    SECTION("a point that is not on the curve") {
        jwk.put("y", Record::text(jwk.text_of("x")));
    }
    SECTION("another curve") {
        jwk.put("crv", Record::text("P-384"));
    }
    SECTION("a short coordinate") {
        jwk.put("x", Record::text("AQAB"));
    }
    SECTION("padding") {
        jwk.put("x", Record::text(jwk.text_of("x") + "="));
    }
    SECTION("a private member") {
        jwk.put("d", Record::text("AQAB"));
    }
    SECTION("for encryption") {
        jwk.put("use", Record::text("enc"));
    }
    SECTION("for another algorithm") {
        jwk.put("alg", Record::text("RS256"));
    }
    SECTION("an unknown kind") {
        jwk.put("kty", Record::text("ec"));
    }
    SECTION("a short secret") {
        jwk = Record::object();
        jwk.put("kty", Record::text("oct"));
        jwk.put("k", Record::text("c2hvcnQ"));
    }
    const auto key = VerifyingKey::from_jwk(jwk);
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().fault() == Fault::bad_request);
}

TEST_CASE("generated keys sign, of each kind", "[crypto]") {
    const auto algorithm =
        GENERATE(Algorithm::ecdsa_p256_sha256, Algorithm::ed25519, Algorithm::rsa_pss_sha512, Algorithm::hmac_sha256);
    const auto key = SigningKey::generate(algorithm);
    REQUIRE(key.has_value());
    CHECK(key->default_algorithm() == algorithm);
    CHECK(key->verifying_key().verify(algorithm, "m", key->sign(algorithm, "m").value()).has_value());
}

TEST_CASE("names of algorithms are those of RFC 9421 and RFC 7518", "[crypto]") {
    CHECK(algorithm_by_name("rsa-v1_5-sha256") == Algorithm::rsa_v1_5_sha256);
    CHECK_FALSE(algorithm_by_name("RSA-V1_5-SHA256").has_value());
    CHECK_FALSE(algorithm_by_jws_name("none").has_value());
    for (const auto algorithm : {Algorithm::ecdsa_p256_sha256, Algorithm::ed25519, Algorithm::rsa_pss_sha512,
                                 Algorithm::rsa_pss_sha256, Algorithm::rsa_v1_5_sha256, Algorithm::hmac_sha256}) {
        CHECK(algorithm_by_name(name_of(algorithm)) == algorithm);
        CHECK(algorithm_by_jws_name(jws_name_of(algorithm)) == algorithm);
    }
}

TEST_CASE("one key serves many threads", "[crypto]") {
    const SigningKey key = signing("p256.key.pem");
    const VerifyingKey verifier = key.verifying_key();
    std::vector<int> good(4);
    std::vector<std::thread> threads;
    for (int& mine : good) {
        threads.emplace_back([&key, &verifier, &mine] {
            for (int i = 0; i < 100; ++i) {
                const auto signature = key.sign(Algorithm::ecdsa_p256_sha256, "m");
                mine += signature && verifier.verify(Algorithm::ecdsa_p256_sha256, "m", *signature) ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(good == std::vector<int>(4, 100));
}

TEST_CASE("a P-256 key serves many threads, and what does not hold leaves nothing to the next", "[crypto][security]") {
    const SigningKey key = SigningKey::generate(Algorithm::ecdsa_p256_sha256).value();
    const VerifyingKey verifying = key.verifying_key();
    const std::string other = key.sign(Algorithm::ecdsa_p256_sha256, "another message").value();
    constexpr int kThreads = 4;
    constexpr int kTimes = 200;
    std::atomic<int> held = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
            for (int time = 0; time < kTimes; ++time) {
                const std::string message = std::to_string(i) + "," + std::to_string(time);
                const auto signature = key.sign(Algorithm::ecdsa_p256_sha256, message);
                refused += verifying.verify(Algorithm::ecdsa_p256_sha256, message, other) ? 0 : 1;
                refused += verifying.verify(Algorithm::ecdsa_p256_sha256, message, std::string(64, '\0')) ? 0 : 1;
                held += signature && verifying.verify(Algorithm::ecdsa_p256_sha256, message, *signature) ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(held == kThreads * kTimes);
    CHECK(refused == 2 * kThreads * kTimes);
}
