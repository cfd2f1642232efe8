#include "core/base/text.h"
#include "core/profiles/gateway_sig.h"
#include "core/profiles/sha1_appkey.h"
#include "core/profiles/tif.h"
#include "core/profiles/wrapped_secret.h"
#include "core/profiles/zj_md5.h"
#include "tests/core/profiles/signing_vectors.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::profiles;
using namespace std::chrono_literals;
using record::Record;
using tests::tampered;
using tests::vectors_of;

TEST_CASE("both forms of TIF agree with their vectors and verify in either case", "[profiles][security]") {
    const Record all = vectors_of("tif");
    const TifCall call{.timestamp = all.text_of("timestamp"), .nonce = all.text_of("nonce")};
    const Secret token{all.text_of("token")};
    const TifUser user{.uid = all.text_of("uid"), .uinfo = all.text_of("uinfo"), .ext = all.text_of("ext")};
    const std::string plain = all.text_of("signature_without_user");
    const std::string with_user = all.text_of("signature_with_user");
    CHECK(tif_sign(call, token) == plain);
    CHECK(tif_sign(call, token, user) == with_user);
    const auto now = std::chrono::system_clock::from_time_t(1'700'000'100);
    CHECK(tif_verify(call, token, {}, plain, now, 180s));
    CHECK(tif_verify(call, token, user, ascii_lower(with_user), now, 180s));
    CHECK_FALSE(tif_verify(call, token, user, plain, now, 180s));
    CHECK_FALSE(tif_verify(call, token, {}, with_user, now, 180s));
    CHECK_FALSE(tif_verify(call, Secret{"other"}, {}, plain, now, 180s));
    CHECK_FALSE(tif_verify(call, token, {}, tampered(plain, 0), now, 180s));
    CHECK_FALSE(tif_verify({call.timestamp, call.nonce + "0"}, token, {}, plain, now, 180s));
    TifUser other = user;
    other.uid = "u10002";
    CHECK_FALSE(tif_verify(call, token, other, with_user, now, 180s));
    for (const auto apart : {-180s, 180s}) {
        const auto at = std::chrono::system_clock::from_time_t(1'700'000'000) + apart;
        CHECK(tif_verify(call, token, {}, plain, at, 180s));
        const auto late = tif_verify(call, token, {}, plain, at + apart / 180, 180s);
        REQUIRE_FALSE(late.has_value());
        CHECK(late.error().fault() == Fault::signature_stale);
    }
    const TifCall odd{.timestamp = "17000000000", .nonce = "n"};
    CHECK_FALSE(tif_verify(odd, token, {}, tif_sign(odd, token), now, 180s));
}

TEST_CASE("TIF's headers carry its prefix, and its nonces differ", "[profiles]") {
    const TifCall call{.timestamp = "1700000000", .nonce = "n"};
    const auto headers = tif_headers("x-rio-", "paas", "", call, Secret{"t"});
    REQUIRE(headers.size() == 4);
    CHECK(headers[0].name == "x-rio-paasid");
    CHECK(headers[3].value == tif_sign(call, Secret{"t"}));
    CHECK(tif_headers("x-tif-", "paas", "s1", call, Secret{"t"}).back().name == "x-tif-serviceId");
    const auto now = std::chrono::system_clock::time_point{1'700'000'000'000ms};
    CHECK(tif_nonce(now).starts_with("18bcfe56800-"));
    CHECK(tif_nonce(now) != tif_nonce(now));
}

TEST_CASE("zj-md5 agrees with its vectors and reads both secrets", "[profiles][security]") {
    const Record all = vectors_of("zj-md5");
    const std::string key = all.text_of("appKey");
    const std::string time = all.text_of("requestTime");
    int count = 0;
    for (const record::Member& vector : all.find("by_secret")->members()) {
        CAPTURE(vector.name);
        CHECK(zj_sign(key, Secret{vector.name}, time) == vector.value.scalar());
        CHECK(zj_sign(key, Secret{vector.name + "x"}, time) != vector.value.scalar());
        ++count;
    }
    CHECK(count == 3);
    const auto fields = zj_fields(key, Secret{"demoRequestSecret"}, time);
    REQUIRE(fields.size() == 3);
    CHECK(fields[1].value == "b1eef29f39326ba75d7be96d1bfec60b");
    const auto secrets = read_zj_secrets(
        R"({"code":"00","msg":"成功","datas":{"refreshSecret":"a","refreshSecretEndTime":"1700172800000",)"
        R"("requestSecret":"b","requestSecretEndTime":"1700000900000"}})");
    REQUIRE(secrets.has_value());
    CHECK(secrets->request.reveal() == "b");
    CHECK(secrets->refresh.reveal() == "a");
    CHECK(std::chrono::system_clock::to_time_t(*secrets->request_ends) == 1'700'000'900);
    CHECK(read_zj_secrets(R"({"code":"14"})").error().fault() == Fault::department_refused);
    CHECK(read_zj_secrets(R"({"code":"00"})").error().fault() == Fault::department_invalid);
    CHECK(read_zj_secrets(R"({"code":"00","datas":{"requestSecret":"b"}})").error().fault() ==
          Fault::department_invalid);
    CHECK(read_zj_secrets("<html/>").error().fault() == Fault::department_invalid);
}

TEST_CASE("gateway-sig agrees with its vectors; the second signature keeps the first one's time",
          "[profiles][security]") {
    const Record all = vectors_of("gateway-sig");
    const GatewayCall call{.appid = all.text_of("appid"), .rtime = all.text_of("rtime")};
    const Secret key{all.text_of("appKey")};
    CHECK(gateway_sign(call, key) == all.text_of("sig1"));
    const std::string token = all.text_of("access_token");
    const auto secret = read_gateway_token(R"({"body":{"access_token":")" + token + R"("}})", key);
    REQUIRE(secret.has_value());
    CHECK(secret->reveal() == all.text_of("secret"));
    CHECK(wrap_secret(Wrapping::cbc, key, *secret) == token);
    CHECK(gateway_sign(call, *secret) == all.text_of("sig2"));
    CHECK(gateway_verify(call, *secret, all.text_of("sig2")));
    CHECK_FALSE(gateway_verify(call, key, all.text_of("sig2")));
    CHECK_FALSE(gateway_verify({call.appid, "1700000000001"}, *secret, all.text_of("sig2")));
    CHECK_FALSE(gateway_verify(call, *secret, tampered(all.text_of("sig2"), 9)));
    CHECK_FALSE(read_gateway_token(R"({"body":{"access_token":")" + token.substr(4) + R"("}})", key).has_value());
    CHECK_FALSE(read_gateway_token(R"({"body":{}})", key).has_value());
    CHECK_FALSE(read_gateway_token("", key).has_value());
    CHECK(gateway_headers(call, *secret)[2].value == all.text_of("sig2"));
}

TEST_CASE("sha1-appkey reproduces the published example", "[profiles]") {
    const Record all = vectors_of("sha1-appkey");
    const Secret secret{all.text_of("appSecret")};
    CHECK(sha1_appkey_sign(all.text_of("appKey"), secret, all.text_of("timestamp")) == all.text_of("signature"));
    CHECK(sha1_appkey_sign(all.text_of("appKey"), secret, "1635478320001") != all.text_of("signature"));
    const auto headers = sha1_appkey_headers(all.text_of("appKey"), secret, all.text_of("timestamp"));
    REQUIRE(headers.size() == 3);
    CHECK(headers[0].name == "appKey");
    CHECK(headers[2].value == all.text_of("signature"));
}
