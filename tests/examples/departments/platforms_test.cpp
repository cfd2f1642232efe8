// The simulated platforms sign by code of their own, which meets the same published vectors as the gateway's.

#include "examples/departments/platforms.h"
#include "tests/support/catch.h"

using namespace datong::departments;

namespace {

constexpr const char* kAppkey = "0123456789abcdef0123456789abcdef";

Told echo(const Asked&, Trouble) {
    return {.body = "let through"};
}

}  // namespace

TEST_CASE("the platforms' signatures meet the vectors", "[departments][platforms]") {
    CHECK(tif_signature("1700000000", "DEMO-PAAS-TOKEN-0001", "18bcfe56800-3a7f2c") ==
          "4f694ad89e6701b9de0df1117040645ed96ef6a008e890930ac21e10d4e09115");
    CHECK(national_signature(kAppkey, "s_1200000900000_2108", "DEMO-RID-0001@demo-app", "1700000000000") ==
          "/zK/ulGbOjIcjJvX88DDkonbCIlDMfntDyHQ+d/M+B0=");
    CHECK(wrapped_secret(kAppkey, "5f1c0a9b7e3d42868c1f0e2d3b4a5968") ==
          "mnv901mLnAOW7jJlUOcCxZANHi4WUHDQ2y5S0lEkyUFUfuRMyoXTthzV/Enp8P/V");
}

TEST_CASE("the province's gateway lets through what is signed, fresh and new, and nothing else",
          "[departments][platforms]") {
    TifGate gate{echo, "datong"};
    const std::string now = std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    Asked good;
    good.headers = {{"x-tif-paasid", "datong"},
                    {"x-tif-timestamp", now},
                    {"x-tif-nonce", "n1"},
                    {"x-tif-signature", tif_signature(now, gate.token(), "n1")}};
    REQUIRE(gate.answer(good, Trouble::none).body == "let through");
    CHECK_THAT(gate.answer(good, Trouble::none).body, ContainsSubstring("401"));  // the nonce was used
    const auto refused = [&](const std::string& name, const std::string& value) {
        Asked asked = good;
        asked.headers["x-tif-nonce"] = "n2";
        asked.headers["x-tif-signature"] = tif_signature(now, gate.token(), "n2");
        asked.headers[name] = value;
        return gate.answer(asked, Trouble::none).body != "let through";
    };
    CHECK(refused("x-tif-paasid", "another"));
    CHECK(refused("x-tif-nonce", "n3"));
    CHECK(refused("x-tif-signature", tif_signature(now, "another token", "n2")));
    CHECK(refused("x-tif-timestamp", "1700000000"));
    CHECK_FALSE(refused("x-tif-paasid", "datong"));
}
