#include "core/crypto/digest.h"

#include <string>
#include <utility>

#include "core/base/text.h"
#include "tests/core/crypto/vectors.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::crypto;

TEST_CASE("digests agree with FIPS 180-4 and with openssl", "[crypto]") {
    CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const std::string message = tests::data("crypto/message.txt");
    CHECK(to_hex(sha256(message)) == "cfac5cd5e9ddb91c5e4afeff78e2824882f072ddb1c33ff0c396c5c24b3d9d84");
    CHECK(
        to_hex(sha512(message)) ==
        "fd9fef82e2ecafe65266088c5daae3770c42adef58efde95f666ce9c5013a34ad9935e23bf785cd848a1d2408d76bbd6821803de0d22a3"
        "308a052a4bee85278a");
}

TEST_CASE("HMAC agrees with RFC 4231 and takes an empty key", "[crypto]") {
    CHECK(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(to_hex(hmac_sha256("", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("a digest in steps is the digest of the whole, and starts anew", "[crypto]") {
    Sha256 steps;
    steps.add("ab");
    steps.add("c");
    CHECK(steps.finish() == sha256("abc"));
    CHECK(steps.finish() == sha256(""));
    steps.add("abc");
    Sha256 moved = std::move(steps);
    CHECK(moved.finish() == sha256("abc"));
}

TEST_CASE("random bytes have the length asked for and differ", "[crypto]") {
    CHECK(random_bytes(0).empty());
    CHECK(random_bytes(32).size() == 32);
    CHECK(random_bytes(32) != random_bytes(32));
}
