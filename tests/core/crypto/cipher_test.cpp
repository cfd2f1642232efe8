#include "core/crypto/cipher.h"

#include "core/base/text.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::crypto;

namespace {

std::string hex(const std::string& digits) {
    return from_hex(digits).value();
}

}  // namespace

TEST_CASE("AES agrees with NIST SP 800-38A", "[crypto]") {
    struct Row {
        const char* why;
        Cipher cipher;
        const char* key;
        const char* iv;
        const char* text;
    };
    const std::string plain = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    const auto row = GENERATE(values<Row>({
        {"F.1.1", Cipher::aes_128_ecb, "2b7e151628aed2a6abf7158809cf4f3c", "",
         "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"},
        {"F.1.5", Cipher::aes_256_ecb, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "",
         "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"},
        {"F.2.1", Cipher::aes_128_cbc, "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f",
         "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
        {"F.2.5", Cipher::aes_256_cbc, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
         "000102030405060708090a0b0c0d0e0f", "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
    }));
    CAPTURE(row.why);
    const Secret key{hex(row.key)};
    CHECK(encrypt(row.cipher, key, hex(row.iv), plain, Padding::none) == hex(row.text));
    CHECK(decrypt(row.cipher, key, hex(row.iv), hex(row.text), Padding::none) == plain);
}

TEST_CASE("keys are made of passwords as RFC 7914, 12 says", "[crypto]") {
    const auto made = [](const char* password, const char* salt, const ScryptCost& cost) {
        const auto key = scrypt(Secret{password}, salt, cost, 64);
        return key ? to_hex(key->reveal()) : std::string{};
    };
    CHECK(made("", "", {.n = 16, .r = 1, .p = 1}) ==
          "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
          "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
    CHECK(made("password", "NaCl", {.n = 1024, .r = 8, .p = 16}) ==
          "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
          "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
    CHECK_FALSE(scrypt(Secret{"p"}, "salt", {.n = 1000, .r = 8, .p = 1}, 32));      // no power of two
    CHECK_FALSE(scrypt(Secret{"p"}, "salt", {.n = 1U << 24, .r = 8, .p = 1}, 32));  // 16 GiB
}

TEST_CASE("every cipher gives back what it took, of every length", "[crypto]") {
    const Cipher cipher = GENERATE(Cipher::sm4_ecb, Cipher::sm4_cbc, Cipher::sm4_ctr, Cipher::aes_128_ecb,
                                   Cipher::aes_128_cbc, Cipher::aes_256_ecb, Cipher::aes_256_cbc);
    const bool has_iv = cipher != Cipher::sm4_ecb && cipher != Cipher::aes_128_ecb && cipher != Cipher::aes_256_ecb;
    const Secret key{std::string(key_size(cipher), 'k')};
    const std::string iv(has_iv ? kCipherBlock : 0, 'i');
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 4096U}) {
        const std::string plain(size, 'p');
        const auto text = encrypt(cipher, key, iv, plain);
        REQUIRE(text.has_value());
        CHECK(decrypt(cipher, key, iv, *text) == plain);
    }
    CHECK(encrypt(cipher, Secret{"short"}, iv, "p").error().fault() == Fault::internal);
    CHECK(encrypt(cipher, key, iv + "x", "p").error().fault() == Fault::internal);
}

TEST_CASE("what was not encrypted with the key is refused or comes out different", "[crypto][security]") {
    const Secret key{std::string(16, 'k')};
    const std::string iv(16, 'i');
    const auto text = encrypt(Cipher::sm4_cbc, key, iv, "a text of more than one block").value();
    const auto cut = decrypt(Cipher::sm4_cbc, key, iv, text.substr(0, text.size() - 1));
    REQUIRE_FALSE(cut.has_value());
    CHECK(cut.error().fault() == Fault::bad_request);
    CHECK(decrypt(Cipher::sm4_cbc, Secret{std::string(16, 'x')}, iv, text) != "a text of more than one block");
    CHECK_FALSE(decrypt(Cipher::sm4_cbc, key, iv, "").has_value());
    CHECK(encrypt(Cipher::sm4_ecb, key, "", "no whole block", Padding::none).error().fault() == Fault::internal);
}
