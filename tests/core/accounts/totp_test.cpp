#include "core/accounts/totp.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::accounts;

namespace {

const Secret kKey{"12345678901234567890"};  // RFC 6238, appendix B: the seed for HMAC-SHA-1

}  // namespace

TEST_CASE("codes are those of RFC 6238, appendix B", "[accounts]") {
    struct Row {
        std::int64_t time;
        const char* code;
    };
    const auto row = GENERATE(values<Row>({{59, "94287082"},
                                           {1'111'111'109, "07081804"},
                                           {1'111'111'111, "14050471"},
                                           {1'234'567'890, "89005924"},
                                           {2'000'000'000, "69279037"},
                                           {20'000'000'000, "65353130"}}));
    CAPTURE(row.time);
    CHECK(code_of(kKey, step_of(row.time), 8) == row.code);
    CHECK(code_of(kKey, step_of(row.time)) == std::string{row.code}.substr(2));
}

TEST_CASE("a code holds for its step and the two beside it", "[accounts][security]") {
    const std::int64_t now = 1'772'323'205;
    const std::int64_t step = step_of(now);
    for (const std::int64_t by : {-1, 0, 1}) {
        CHECK(find_step(kKey, code_of(kKey, step + by), now) == step + by);
    }
    for (const std::int64_t by : {-2, 2, 100}) {
        CHECK_FALSE(find_step(kKey, code_of(kKey, step + by), now));
    }
    CHECK_FALSE(find_step(kKey, "", now));
    CHECK_FALSE(find_step(kKey, code_of(kKey, step, 8), now));
    CHECK_FALSE(find_step(Secret{"another key, of no use"}, code_of(kKey, step), now));
}

TEST_CASE("base32 is that of RFC 4648, 10", "[accounts]") {
    struct Row {
        const char* octets;
        const char* text;
    };
    const auto row = GENERATE(values<Row>({{"", ""},
                                           {"f", "MY"},
                                           {"fo", "MZXQ"},
                                           {"foo", "MZXW6"},
                                           {"foob", "MZXW6YQ"},
                                           {"fooba", "MZXW6YTB"},
                                           {"foobar", "MZXW6YTBOI"}}));
    CHECK(to_base32(row.octets) == row.text);
    CHECK(from_base32(row.text) == row.octets);
    for (const char* wrong : {"my", "M", "MZ=", "M1", "MZ"}) {
        CAPTURE(wrong);
        CHECK_FALSE(from_base32(wrong));
    }
}

TEST_CASE("an enrolment is an address that apps read", "[accounts]") {
    CHECK(otpauth_uri(kKey, "示例", "wang").reveal() ==
          "otpauth://totp/%E7%A4%BA%E4%BE%8B:wang?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
          "&issuer=%E7%A4%BA%E4%BE%8B&algorithm=SHA1&digits=6&period=30");
    CHECK(new_totp_key().reveal().size() == 20);
    CHECK(new_totp_key().reveal() != new_totp_key().reveal());
}
