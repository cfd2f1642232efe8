#include "core/crypto/sm2.h"

#include "core/crypto/x509.h"
#include "tests/core/crypto/vectors.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::crypto;

namespace {

const SigningKey& own() {
    static const SigningKey key = SigningKey::generate(Algorithm::sm2_sm3).value();
    return key;
}

const SigningKey& p256() {
    static const SigningKey key = SigningKey::generate(Algorithm::ecdsa_p256_sha256).value();
    return key;
}

}  // namespace

TEST_CASE("an SM2 signature verifies for its message, key and identity alone", "[crypto][security]") {
    const auto plain = own().sign(Algorithm::sm2_sm3, "message");
    REQUIRE(plain.has_value());
    CHECK(plain->size() == 64);
    const VerifyingKey key = own().verifying_key();
    CHECK(key.verify(Algorithm::sm2_sm3, "message", *plain));
    CHECK(sm2_verify(key, kSm2Identity, "message", *plain));
    CHECK_FALSE(sm2_verify(key, "ALICE123@YAHOO.COM", "message", *plain));
    CHECK_FALSE(key.verify(Algorithm::sm2_sm3, "massage", *plain));
    CHECK_FALSE(key.verify(Algorithm::ecdsa_p256_sha256, "message", *plain));
    CHECK_FALSE(p256().verifying_key().verify(Algorithm::sm2_sm3, "message", *plain));
    for (const std::size_t at : {0U, 31U, 32U, 63U}) {
        std::string other = *plain;
        other[at] = static_cast<char>(other[at] ^ 1);
        CHECK_FALSE(key.verify(Algorithm::sm2_sm3, "message", other));
    }
    CHECK_FALSE(key.verify(Algorithm::sm2_sm3, "message", plain->substr(0, 63)));
    const auto named = sm2_sign(own(), "ALICE123@YAHOO.COM", "message");
    REQUIRE(named.has_value());
    CHECK(sm2_verify(key, "ALICE123@YAHOO.COM", "message", *named));
    CHECK_FALSE(key.verify(Algorithm::sm2_sm3, "message", *named));
}

TEST_CASE("SM2 keys go through PEM, JWK, point and number and back", "[crypto]") {
    const auto pem = own().to_pem();
    REQUIRE(pem.has_value());
    const auto again = SigningKey::from_pem(pem->reveal());
    REQUIRE(again.has_value());
    const auto signature = again->sign(Algorithm::sm2_sm3, "m").value();
    const auto read = VerifyingKey::from_jwk(own().verifying_key().to_jwk());
    REQUIRE(read.has_value());
    CHECK(read->to_jwk().text_of("crv") == "SM2");
    CHECK(read->verify(Algorithm::sm2_sm3, "m", signature));
    CHECK(VerifyingKey::from_pem(own().public_pem().value())->verify(Algorithm::sm2_sm3, "m", signature));
    const auto point = sm2_point_of(own().verifying_key());
    REQUIRE(point.has_value());
    REQUIRE(point->size() == 65);
    CHECK(sm2_key_of_point(*point)->verify(Algorithm::sm2_sm3, "m", signature));
    CHECK(sm2_key_of_point(point->substr(1))->verify(Algorithm::sm2_sm3, "m", signature));
    CHECK_FALSE(sm2_key_of_point(point->substr(0, 64)).has_value());
    std::string off = *point;
    off.back() = static_cast<char>(off.back() ^ 1);
    CHECK_FALSE(sm2_key_of_point(off).has_value());
    CHECK_FALSE(sm2_point_of(p256().verifying_key()).has_value());
    CHECK(read->thumbprint() == own().verifying_key().thumbprint());
    CHECK(read->thumbprint() != p256().verifying_key().thumbprint());
}

TEST_CASE("a private number of SM2 lies from 1 to n-2", "[crypto][security]") {
    const std::string n_2 = from_hex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121").value();
    const std::string n_1 = from_hex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54122").value();
    CHECK(sm2_key_of_number(Secret{n_2}).has_value());
    CHECK_FALSE(sm2_key_of_number(Secret{n_1}).has_value());
    CHECK_FALSE(sm2_key_of_number(Secret{std::string(32, '\0')}).has_value());
    CHECK(sm2_key_of_number(Secret{std::string(31, '\0') + '\1'}).has_value());
    CHECK_FALSE(sm2_key_of_number(Secret{"short"}).has_value());
}

TEST_CASE("what SM2 encrypts only its key decrypts, unaltered", "[crypto][security]") {
    const std::string text = GENERATE(as<std::string>{}, "x", "张三", std::string(1000, 'k'));
    const auto der = sm2_encrypt(own().verifying_key(), text);
    REQUIRE(der.has_value());
    CHECK(*der != *sm2_encrypt(own().verifying_key(), text));
    CHECK(sm2_decrypt(own(), *der) == text);
    CHECK_FALSE(sm2_decrypt(SigningKey::generate(Algorithm::sm2_sm3).value(), *der).has_value());
    CHECK_FALSE(sm2_decrypt(own(), *der + "x").has_value());
    CHECK_FALSE(sm2_decrypt(own(), der->substr(0, der->size() - 1)).has_value());
    for (std::size_t at = 0; at < der->size(); at += 7) {
        std::string other = *der;
        other[at] = static_cast<char>(other[at] ^ 1);
        CHECK_FALSE(sm2_decrypt(own(), other).has_value());
    }
    CHECK_FALSE(sm2_encrypt(p256().verifying_key(), text).has_value());
    CHECK_FALSE(sm2_decrypt(p256(), *der).has_value());
    CHECK_FALSE(sm2_encrypt(own().verifying_key(), "").has_value());
}

TEST_CASE("an SM2 ciphertext goes from DER into both orders and back", "[crypto]") {
    // coordinates that begin with 00, or 80 and more, change the length of the DER: enough tries meet them
    for (int i = 0; i < 300; ++i) {
        const auto der = sm2_encrypt(own().verifying_key(), "hello").value();
        const auto c1c3c2 = sm2_cipher_from_der(der, Sm2Order::c1c3c2).value();
        const auto c1c2c3 = sm2_cipher_from_der(der, Sm2Order::c1c2c3).value();
        REQUIRE(c1c3c2.size() == 65 + 32 + 5);
        REQUIRE(c1c3c2.substr(65, 32) == c1c2c3.substr(70));
        REQUIRE(sm2_cipher_to_der(c1c3c2, Sm2Order::c1c3c2) == der);
        REQUIRE(sm2_cipher_to_der(c1c2c3, Sm2Order::c1c2c3) == der);
        REQUIRE(sm2_cipher_to_der(c1c3c2.substr(1), Sm2Order::c1c3c2) == der);
    }
    const auto der = sm2_encrypt(own().verifying_key(), "hello").value();
    const auto wrong = sm2_cipher_to_der(sm2_cipher_from_der(der, Sm2Order::c1c3c2).value(), Sm2Order::c1c2c3);
    REQUIRE(wrong.has_value());
    CHECK_FALSE(sm2_decrypt(own(), *wrong).has_value());
    CHECK_FALSE(sm2_cipher_to_der(std::string(96, 'x'), Sm2Order::c1c3c2).has_value());
    CHECK_FALSE(sm2_cipher_from_der("", Sm2Order::c1c3c2).has_value());
}

TEST_CASE("a signature goes from r||s into DER and back, and has one DER", "[crypto][security]") {
    for (int i = 0; i < 300; ++i) {
        const auto raw = own().sign(Algorithm::sm2_sm3, "m").value();
        const auto der = signature_to_der(raw);
        REQUIRE(der.has_value());
        REQUIRE(signature_from_der(*der) == raw);
        REQUIRE_FALSE(signature_from_der(*der + "x").has_value());
    }
    const auto small = signature_to_der(std::string(31, '\0') + '\1' + std::string(31, '\0') + '\2');
    CHECK(small == from_hex("3006020101020102").value());
    CHECK_FALSE(signature_from_der(from_hex("300702020001020102").value()).has_value());      // 00 too many
    CHECK_FALSE(signature_from_der(from_hex("3006020181020102").value()).has_value());        // negative
    CHECK_FALSE(signature_from_der(from_hex("308106020101020102").value()).has_value());      // a longer length
    CHECK_FALSE(signature_from_der(from_hex("3009020101020102020103").value()).has_value());  // a third number
    CHECK_FALSE(signature_to_der(std::string(63, 'x')).has_value());
}

TEST_CASE("an SM2 authority certifies an SM2 key", "[crypto]") {
    const auto now = std::chrono::system_clock::now();
    const auto ca = make_ca(own(), "国密示例根", {.not_before = now, .days = 2});
    REQUIRE(ca.has_value());
    const auto key = SigningKey::generate(Algorithm::sm2_sm3).value();
    X509Ask ask;
    ask.common_name = "department";
    ask.dns_names = {"land.example"};
    ask.validity = {.not_before = now, .days = 1};
    const auto leaf = make_x509({.pem = *ca, .key = own()}, key, ask);
    REQUIRE(leaf.has_value());
    CHECK(is_issued_by(*ca, *ca));
    CHECK(is_issued_by(*leaf, *ca));
    CHECK_FALSE(is_issued_by(*leaf, *leaf));
    CHECK_FALSE(is_issued_by(*leaf, make_ca(key, "国密示例根", {.not_before = now, .days = 2}).value()));
    CHECK(VerifyingKey::from_pem(*leaf)->default_algorithm() == Algorithm::sm2_sm3);
}
