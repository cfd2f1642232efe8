#include "core/crypto/weak.h"

#include "core/base/text.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::crypto;

TEST_CASE("the weak digests agree with RFC 1321 and FIPS 180-4", "[crypto]") {
    CHECK(to_hex(weak_md5("")) == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(to_hex(weak_md5("message digest")) == "f96b697d7cb7938d525a2f31aaf161d0");
    CHECK(to_hex(weak_sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST_CASE("HMAC-SHA-1 agrees with RFC 2202", "[crypto]") {
    CHECK(to_hex(weak_hmac_sha1(Secret{"Jefe"}, "what do ya want for nothing?")) ==
          "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    CHECK(to_hex(weak_hmac_sha1(Secret{std::string(80, '\xaa')},
                                "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

TEST_CASE("SHA1PRNG gives what OpenJDK 17 gives", "[crypto]") {
    // new SecureRandom "SHA1PRNG" of SUN, setSeed(seed), nextBytes(100)
    struct Row {
        const char* seed;
        const char* out;
    };
    const auto row = GENERATE(values<Row>({
        {"0123456789abcdef0123456789abcdef",
         "2d703e10a32f30251a2370355793e78659958b312e3999221d27765b6fb35fce1a0b2789325f35b03f425497862c7f684679756fe6709"
         "280"
         "1cb565a867649b6fea0e1f0359343b49c51bb120038a2f55472902d3044af0fde47786dbe607f9cd01c2b98c"},
        {"demo",
         "c142fb215b6e05b7c134b1a653ad4b455157fd79dff4f29f3ca00dd7872123ec5c55b42afc3c5db11abf4042ee12d25c3759a64db8a5b"
         "db5"
         "9ced6ee779d779f0046ae8bd54a282e11bfc1c4128b074edda27995dd1d6dde01304ff3dea0caf06b13a44fc"},
        {"x",
         "b69027d44f6e5edc07f1aead1477967b16f28227af4fff79ed0b192725fcde608fc89ea33fed1a3106e489062ce53ca93b54b055b6d32"
         "442"
         "581dd0ad67c2012eea328af71e2627caddc7774711d6868e0f0e4a1ad7aec675748238538da51afdda2d5f42"},
    }));
    CAPTURE(row.seed);
    CHECK(to_hex(weak_java_sha1prng(Secret{row.seed}, 100).reveal()) == row.out);
    CHECK(to_hex(weak_java_sha1prng(Secret{row.seed}, 16).reveal()) == std::string{row.out}.substr(0, 32));
}
