#include <string>
#include <vector>

#include "core/codec/json.h"
#include "tests/journeys/platform_client.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;

namespace {

const std::string kId = "DEMO-ACCESS-0001";

std::vector<std::string> bodies(const std::string& token) {
    const std::string head = R"({"head":{"accessId":")" + kId + R"(","accessToken":")" + token + R"("},"data":)";
    std::vector<std::string> all{"",
                                 "{",
                                 "null",
                                 "[]",
                                 "{}",
                                 R"({"head":null,"data":null})",
                                 R"({"head":[],"data":{}})",
                                 R"({"head":{"accessToken":7,"accessId":[]},"data":{}})",
                                 R"({"head":{"accessToken":"..","accessId":".."},"data":{}})",
                                 "\xFF\xFE{}",
                                 std::string(60'000, '['),
                                 head + "null}",
                                 head + "[]}",
                                 head + "7}",
                                 head + "{}}",
                                 head + R"({"certTypeCode":{},"holderCode":[],"certData":7}})",
                                 head + R"({"certTypeCode":"11100000MB03271699001","certData":{"certNo":{"a":[]}}}})",
                                 head + R"({"certIdentifier":"1.2.156.3005.2.","qrcode":"1.2.156.3005.2.."}})",
                                 head + R"({"useCause":")" + std::string(5'000, 'x') + R"("}})"};
    return all;
}

}  // namespace

TEST_CASE("what is no call of these protocols is refused, and the next call works", "[journey][security]") {
    GatewayUnderTest gateway{
        with_door("door:\n  protocol: licence-a\n  access_id: " + kId + "\n  inbound: doors/licence-a.inbound.yaml\n",
                  kListedNetwork)};
    const PlatformClient client{gateway};
    const std::string token = client.token(kId);
    REQUIRE_FALSE(token.empty());
    int sent = 0;
    for (const char* path :
         {"/zzgxpt/queryCertInfoByHolderCode", "/zzgxpt/queryCertInfo", "/zzgxpt/queryCertInfoByQRcode",
          "/zzgxpt/downloadFile", "/zzgxpt/downloadUrl", "/zzgxpt/verifyCertInfo", "/gateway/access",
          "/gateway/envelope", "/gateway/httpproxy", "/license-app/v1/license/auth?access_token=x"}) {
        for (const std::string& body : bodies(token)) {
            const HttpMessage answer = client.send(client.prepare("POST", path, body));
            CAPTURE(path, body.substr(0, 80), answer.body);
            CHECK((answer.status >= 400 && answer.status < 500));
            ++sent;
        }
    }
    for (const char* form : {"", "%ZZ", "access_key=a&access_key=b", "a=b",
                             "grant_type=client_credentials&client_id=%FF", "exchange=1&code=2&code=3"}) {
        for (const char* path : {"/oauth/token", "/gateway/httpproxy"}) {
            const HttpMessage answer =
                client.send(client.prepare("POST", path, form, "application/x-www-form-urlencoded"));
            CAPTURE(path, form, answer.body);
            CHECK((answer.status >= 400 && answer.status < 500));
            ++sent;
        }
    }
    for (const char* path : {"/zzgxpt/download?id=%ZZ", "/zzgxpt/download?id=a&id=b", "/zzgxpt/download", "/zzgxpt/",
                             "/license/get_license?auth_code=%ZZ&access_token=x", "/license/archive"}) {
        const HttpMessage answer = client.get(path);
        CAPTURE(path, answer.body);
        CHECK((answer.status >= 400 && answer.status < 500));
        ++sent;
    }
    CHECK(sent == 208);
    const departments::Demo demo = departments::demo_person();
    const auto good = codec::read_json(
        R"({"head":{"accessId":")" + kId + R"(","accessToken":")" + token +
        R"("},"data":{"certTypeCode":"11100000MB03271699001","useCause":"存量房转移登记","itemCode":"existing-home-transfer","projectNo":")" +
        demo.case_number + R"(","divisionCode":")" + demo.flat.division + R"(","holder":")" + demo.person.name +
        R"(","holderCode":")" + demo.person.id + R"("}})");
    REQUIRE(good.has_value());
    CHECK(client.post("/zzgxpt/queryCertInfoByHolderCode", *good).status == 200);
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 1);
}
