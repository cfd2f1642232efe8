#include <cctype>
#include <string>

#include "core/base/text.h"
#include "core/codec/form.h"
#include "core/codec/json.h"
#include "tests/journeys/platform_client.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

constexpr const char* kForm = "application/x-www-form-urlencoded";

GatewayUnderTest::Options with_sharing() {
    return {.files = {}, .change = [](const std::string& config) {
                const std::string file = config + "/gateway.yaml";
                write_text(file, read_file(file) + "sharing: {valid_days: 30, code_days: 10}\n");
            }};
}

HttpMessage check(const GatewayUnderTest& gateway, const std::string& exchange, const std::string& code) {
    const PlatformClient anybody{gateway};
    const std::string form = codec::write_form(std::vector<codec::FormField>{{"exchange", exchange}, {"code", code}});
    return anybody.send(anybody.prepare("POST", "/check", form, kForm));
}

}  // namespace

TEST_CASE("an answer brings a code, with which anybody checks its sharing result once", "[journey]") {
    GatewayUnderTest gateway{with_sharing()};
    const HttpMessage answer = gateway.platform().call(kLand, gateway.body(kLand));
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record said = json_of(answer);
    const Record* sharing = said.find("sharing");
    REQUIRE(sharing != nullptr);
    CHECK(sharing->text_of("check") == "/check");
    const std::string code = sharing->text_of("code");
    // the issuer signed until when it may be used
    const std::string jws = said.text_of("certificate");
    const auto payload = from_base64url(jws.substr(jws.find('.') + 1, jws.rfind('.') - jws.find('.') - 1));
    CHECK(codec::read_json(*payload)->text_of("valid_until") == sharing->text_of("valid_until"));

    const HttpMessage form = PlatformClient{gateway}.get("/check");
    CHECK(form.status == 200);
    CHECK_THAT(form.field("content-security-policy").value_or(""), ContainsSubstring("default-src 'none'"));
    CHECK(form.body.find("<script") == std::string::npos);
    CHECK(form.body.find("http://") == std::string::npos);
    CHECK(form.body.find("https://") == std::string::npos);

    const std::string exchange = said.text_of("exchange");
    std::string small = code;
    for (char& c : small) {
        c = c == '0' ? 'o' : c == '1' ? 'l' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    const HttpMessage good = check(gateway, exchange, small);  // as somebody reads it off a screen
    CAPTURE(good.body);
    CHECK(good.status == 200);
    const departments::Demo demo = departments::demo_person();
    for (const std::string& shown : {std::string{"真实有效：查有记录"}, std::string{"示例市自然资源局"},
                                     std::string{"不动产登记簿"}, demo.case_number, std::string{"存量房转移登记"},
                                     std::string{"综合窗口受理平台"}, sharing->text_of("valid_until")}) {
        CHECK_THAT(good.body, ContainsSubstring(shown));
    }
    CHECK(good.body.find(demo.person.id) == std::string::npos);
    CHECK(good.body.find(demo.person.name) == std::string::npos);

    const HttpMessage again = check(gateway, exchange, code);
    CHECK(again.status == 410);
    CHECK_THAT(again.body, ContainsSubstring("使用过"));
    CHECK(again.body.find("示例市自然资源局") == std::string::npos);
    gateway.restart();
    CHECK(check(gateway, exchange, code).status == 410);
}

TEST_CASE("a wrong code, another's number and too many tries tell nothing", "[journey][security]") {
    GatewayUnderTest gateway{with_sharing()};
    const Record land = json_of(gateway.platform().call(kLand, gateway.body(kLand)));
    const Record tax = json_of(gateway.platform().call(kTax, gateway.body(kTax)));
    const std::string code = land.find("sharing")->text_of("code");
    std::string wrong = code;
    wrong[0] = wrong[0] == '7' ? '8' : '7';
    const std::string unknown = "01a200c9-f381-7000-8000-000000000000";
    const HttpMessage by_code = check(gateway, land.text_of("exchange"), wrong);
    CHECK(by_code.status == 404);
    CHECK(check(gateway, tax.text_of("exchange"), code).body == by_code.body);
    CHECK(check(gateway, unknown, code).body == by_code.body);
    CHECK(check(gateway, "<script>alert(1)</script>", code).body == by_code.body);
    CHECK(check(gateway, land.text_of("exchange"), "").body == by_code.body);
    const PlatformClient anybody{gateway};
    CHECK(anybody.get("/check?code=" + code).status == 400);
    CHECK(check(gateway, land.text_of("exchange"), code).status == 200);  // what failed used nothing up
    int last = 0;
    for (int i = 0; i < 21 && last != 429; ++i) {
        last = check(gateway, unknown, code).status;
    }
    CHECK(last == 429);
    // that one was asked for too often keeps nobody from another
    CHECK(check(gateway, tax.text_of("exchange"), tax.find("sharing")->text_of("code")).status == 200);
    CHECK(gateway.log().find(code) == std::string::npos);
}

TEST_CASE("every material of a matter has a code of its own, and a gateway without sharing none", "[journey]") {
    GatewayUnderTest gateway{with_sharing()};
    const Record matter = json_of(gateway.platform().call(kMatter, gateway.matter_body()));
    std::size_t checked = 0;
    for (const Record& requirement : matter.find("requirements")->items()) {
        for (const Record& material : requirement.find("materials")->items()) {
            const Record* code = material.find_path({"answer", "sharing", "code"});
            REQUIRE(code != nullptr);
            checked += check(gateway, matter.text_of("exchange"), std::string{code->scalar()}).status == 200 ? 1 : 0;
        }
    }
    CHECK(checked == 5);
    GatewayUnderTest plain;
    CHECK(json_of(plain.platform().call(kLand, plain.body(kLand))).find("sharing") == nullptr);
    CHECK(PlatformClient{plain}.get("/check").status == 404);
}
