#include <algorithm>
#include <set>
#include <vector>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/signing/field_digest.h"
#include "tests/journeys/licence_caller.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

const Record* field_of(const Record& data, std::string_view column) {
    const Record* fields = data.find("fields");
    REQUIRE(fields != nullptr);
    const auto found = std::ranges::find_if(
        fields->items(), [column](const Record& field) { return field.text_of("columnName") == column; });
    return found == fields->items().end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("family A asks by holder, then by the identifier that it was told, and the answers prove", "[journey]") {
    GatewayUnderTest gateway{with_door(door_a(), kListedNetwork)};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const HttpMessage request =
        province.prepare("POST", "/zzgxpt/queryCertInfoByHolderCode", codec::write_json(with_head(token, land())));
    const HttpMessage answer = province.send(request);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(status_of(answer) == "0");
    CHECK(is_signed_for(gateway, answer, request));
    const Record said = json_of(answer);
    REQUIRE(said.find("data")->items().size() == 1);
    const Record& data = said.find("data")->items().front();
    const std::string identifier = data.text_of("certIdentifier");
    CHECK(identifier.starts_with("1.2.156.3005.2."));
    CHECK(data.text_of("certificateName") == "不动产权证书");
    const Record* number = field_of(data, "certificateNumber");
    REQUIRE(number != nullptr);
    CHECK(number->text_of("name") == "不动产权证号");
    CHECK(number->text_of("value") == data.text_of("certNo"));
    CHECK(data.find("datong")->text_of("certificate").starts_with("eyJ"));

    const std::string code = "https://licences.example/q?id=" + identifier + "&v=1";
    for (const auto& [operation, by] :
         {std::pair{"queryCertInfo", object({{"certIdentifier", identifier}, {"useCause", "存量房转移登记"}})},
          std::pair{"queryCertInfoByQRcode", object({{"qrcode", code}, {"useCause", "存量房转移登记"}})}}) {
        CAPTURE(operation);
        Record asked = by;
        for (const char* name : {"itemCode", "projectNo", "divisionCode", "operator"}) {
            asked.put(name, Record{*land().find(name)});
        }
        const HttpMessage again = province.post(std::string{"/zzgxpt/"} + operation, with_head(token, asked));
        CAPTURE(again.body);
        CHECK(status_of(again) == "0");
        CHECK(json_of(again).find("data")->text_of("certIdentifier") == identifier);
    }
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 3);
    CHECK(verdict.attested == 3);
}

TEST_CASE("a sealed file passes octet by octet, as Base64 and by an address that is good once", "[journey]") {
    GatewayUnderTest gateway{with_uses(with_door(door_a(), kListedNetwork))};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    Record asked = receipt();
    asked.put("fileType", Record::text("pdf"));
    const HttpMessage answer = province.post("/zzgxpt/downloadFile", with_head(token, asked));
    CAPTURE(answer.body.substr(0, 400));
    REQUIRE(status_of(answer) == "0");
    const Record data = std::move(*json_of(answer).find("data"));
    const std::string content = data.text_of("content");
    const auto octets = from_base64(content);
    REQUIRE(octets.has_value());
    CHECK(octets->starts_with("%PDF-"));
    CHECK(octets->find("%%EOF") != std::string::npos);
    // what is returned is what the department's certificate has the digest of
    const Record& provenance = *data.find_path({"datong", "provenance"});
    const auto leaf = std::ranges::find_if(provenance.items(),
                                           [](const Record& one) { return one.text_of("path") == "/document/pdf"; });
    REQUIRE(leaf != provenance.items().end());
    CHECK(leaf->text_of("digest") ==
          signing::field_digest(leaf->text_of("salt"), "/document/pdf", codec::write_json(Record::text(content))));

    const HttpMessage told = province.post("/zzgxpt/downloadUrlsByHolderCode", with_head(token, receipt()));
    REQUIRE(status_of(told) == "0");
    const std::string address = json_of(told).find("data")->text_of("content");
    const std::string target = address.substr(address.find("/zzgxpt/"));
    const HttpMessage file = province.get(target);
    CHECK(file.status == 200);
    CHECK(file.field("content-type") == "application/pdf");
    CHECK(to_hex(crypto::sha256(file.body)) == to_hex(crypto::sha256(*octets)));
    CHECK(province.get(target).status == 401);
    CHECK(province.get("/zzgxpt/download?id=AAAA").status == 401);

    asked.put("fileType", Record::text("ofd"));
    CHECK(status_of(province.post("/zzgxpt/downloadFile", with_head(token, asked))) == "2");
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("a file is verified octet by octet against the department's own", "[journey][security]") {
    // a body of over 64 KiB would have to be signed, so not the receipt's scan
    GatewayUnderTest gateway{with_change(
        with_uses(with_door(door_a(), kListedNetwork)), "licences.yaml",
        "service: deed-tax-receipt\n    holders: [\"111\"]\n    number: /receiptNo\n    file: /document/pdf\n    "
        "file_type: pdf\n    state: {field: /status, inactive: [unpaid]}\n    columns: {certNo: /receiptNo, "
        "contractNo: /contractNo}",
        "service: discharge-permit\n    holders: [\"001\"]\n    number: /permitNo\n    file: /document/file\n    "
        "file_type: ofd")};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const auto questions = departments::questions_found();
    const auto permit = std::ranges::find(questions, "discharge-permit", &departments::Question::service);
    Record asked = receipt();
    asked.put("holder", Record::text(permit->about.name));
    asked.put("holderCode", Record::text(permit->about.id_no));
    asked.put("holderTypeCode", Record::text("001"));
    const HttpMessage told = province.post("/zzgxpt/downloadFile", with_head(token, asked));
    const std::string own = json_of(told).find("data")->text_of("content");
    REQUIRE_FALSE(own.empty());
    const auto verdict_on = [&](const std::string& octets) {
        Record data = asked;
        data.put("contentType", Record::text("base64"));
        data.put("content", Record::text(to_base64(octets)));
        return province.post("/zzgxpt/verifyFile", with_head(token, std::move(data)));
    };
    std::string octets = from_base64(own).value();
    const HttpMessage same = verdict_on(octets);
    CAPTURE(same.body.substr(0, 400));
    CHECK(status_of(same) == "0");
    CHECK(json_of(same).find_path({"data", "result"})->scalar() == "0");
    CHECK(same.body.find(own) == std::string::npos);
    octets.back() = static_cast<char>(octets.back() ^ 1);
    CHECK(json_of(verdict_on(octets)).find_path({"data", "result"})->scalar() == "2");
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("which members a type of licences shows is told, and no department is asked", "[journey]") {
    GatewayUnderTest gateway{with_door(door_a(), kListedNetwork)};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const auto ask = [&](const char* member, const std::string& value) {
        return province.post("/zzgxpt/getCertRemarkInfo", with_head(token, object({{member, value}})));
    };
    const HttpMessage answer = ask("certTypeCode", kLandType);
    CAPTURE(answer.body);
    CHECK(status_of(answer) == "0");
    const Record data = std::move(*json_of(answer).find("data"));
    CHECK(data.text_of("certName") == "不动产权证书");
    const auto& fields = data.find("fields")->items();
    const auto number = std::ranges::find_if(
        fields, [](const Record& one) { return one.text_of("columnName") == "certificateNumber"; });
    REQUIRE(number != fields.end());
    CHECK(number->text_of("name") == "不动产权证号");
    CHECK(std::ranges::any_of(fields, [](const Record& one) { return one.text_of("columnName") == "holders/*/name"; }));
    CHECK(json_of(ask("certName", "不动产权证书")).find("data")->text_of("certTypeCode") == kLandType);
    CHECK(status_of(ask("certName", "不是证照")) == "13");
    CHECK(status_of(ask("certName", "")) == "12");
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("what is shown is verified without being seen, with the interface's own results", "[journey]") {
    GatewayUnderTest gateway{with_door(door_a(), kListedNetwork)};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const HttpMessage first = province.post("/zzgxpt/queryCertInfoByHolderCode", with_head(token, land()));
    const std::string number = json_of(first).find("data")->items().front().text_of("certNo");
    REQUIRE_FALSE(number.empty());

    const auto verify = [&](const std::string& shown, const std::string& holder) {
        Record data = land();
        Record cert = object({{"certNo", shown}});
        data.put("certData", std::move(cert));
        data.put("holderCode", Record::text(holder));
        return province.post("/zzgxpt/verifyCertInfo", with_head(token, std::move(data)));
    };
    const departments::Demo demo = departments::demo_person();
    const HttpMessage good = verify(number, demo.person.id);
    CAPTURE(good.body);
    CHECK(status_of(good) == "0");
    const Record said = json_of(good);
    CHECK(said.find_path({"data", "result"})->scalar() == "0");
    CHECK(said.find_path({"data", "datong", "outcome"})->scalar() == "match");
    CHECK(good.body.find(number) == std::string::npos);
    const Record differs = json_of(verify("藏(2024)示例市不动产权第0000009号", demo.person.id));
    CHECK(differs.find_path({"data", "result"})->scalar() == "6");

    Record empty = land();
    empty.put("certData", Record::object());
    CHECK(status_of(province.post("/zzgxpt/verifyCertInfo", with_head(token, std::move(empty)))) == "109");
}

TEST_CASE("family A says in its own codes what was wrong, and no department is asked", "[journey][security]") {
    struct Row {
        const char* why;
        const char* operation;
        void (*spoil)(Record& body);
        const char* status;
    };
    static constexpr const char* kByHolder = "queryCertInfoByHolderCode";
    const auto row = GENERATE(values<Row>({
        {"no holder", kByHolder, [](Record& b) { b.find("data")->put("holder", Record::text("")); }, "111"},
        {"no holder's code", kByHolder, [](Record& b) { b.find("data")->put("holderCode", Record::text("")); }, "110"},
        {"no use", kByHolder, [](Record& b) { b.find("data")->put("useCause", Record::text("")); }, "12"},
        {"a use that no table has", kByHolder,
         [](Record& b) { b.find("data")->put("useCause", Record::text("随便看看")); }, "102"},
        {"an unknown type", kByHolder,
         [](Record& b) { b.find("data")->put("certTypeCode", Record::text("11100000MB0327169999X")); }, "13"},
        {"no code of a type", kByHolder, [](Record& b) { b.find("data")->put("certTypeCode", Record::text("abc")); },
         "113"},
        {"the wrong kind of holder", kByHolder,
         [](Record& b) { b.find("data")->put("holderTypeCode", Record::text("414")); }, "103"},
        {"a mistyped identifier", "queryCertInfo",
         [](Record& b) {
             b.put("data", object({{"certIdentifier",
                                    "1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U."
                                    "20240000001.001.S"},
                                   {"useCause", "存量房转移登记"}}));
         },
         "102"},
        {"an identifier that nobody told", "queryCertInfo",
         [](Record& b) {
             b.put("data", object({{"certIdentifier",
                                    "1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U."
                                    "20240000001.001.R"},
                                   {"useCause", "存量房转移登记"}}));
         },
         "10"},
        {"a file of a type that has none", "verifyFile",
         [](Record& b) { b.find("data")->put("content", Record::text("AAAA")); }, "2"},
        {"no file to verify", "verifyFile", [](Record&) {}, "12"},
        {"a file that is no Base64", "verifyFile",
         [](Record& b) { b.find("data")->put("content", Record::text("%PDF")); }, "102"},
        {"the definition of no type", "getCertRemarkInfo",
         [](Record& b) { b.find("data")->put("certTypeCode", Record::text("11100000MB0327169999X")); }, "13"},
        {"another's token", kByHolder,
         [](Record& b) { b.find("head")->put("accessToken", Record::text("REVNTw.00000000000000000000000000000000")); },
         "11"},
        {"another's id", kByHolder, [](Record& b) { b.find("head")->put("accessId", Record::text("OTHER")); }, "11"},
        {"no token", kByHolder, [](Record& b) { b.find("head")->put("accessToken", Record::text("")); }, "11"},
        {"a stale time", kByHolder, [](Record& b) { b.find("head")->put("timestamp", Record::text("1700000000000")); },
         "11"},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway{with_door(door_a(), kListedNetwork)};
    const PlatformClient province{gateway};
    Record body = with_head(province.token(kLicenceCaller), land());
    row.spoil(body);
    const HttpMessage answer = province.post(std::string{"/zzgxpt/"} + row.operation, body);
    CAPTURE(answer.body);
    CHECK(status_of(answer) == row.status);
    CHECK(answer.body.find(departments::demo_person().person.id) == std::string::npos);
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 0);
}

TEST_CASE("a holder without that licence is answered as none, and one without a grant is refused", "[journey]") {
    GatewayUnderTest gateway{with_uses(with_door(door_a(), kListedNetwork))};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const auto questions = departments::questions_not_found(departments::make_town());
    const auto stranger = std::ranges::find(questions, "deed-tax-receipt", &departments::Question::service);
    Record nobody = receipt();
    nobody.put("holder", Record::text(stranger->about.name));
    nobody.put("holderCode", Record::text(stranger->about.id_no));
    const HttpMessage none = province.post("/zzgxpt/queryCertInfoByHolderCode", with_head(token, nobody));
    CAPTURE(none.body);
    CHECK(none.status == 200);
    CHECK(status_of(none) == "10");
    CHECK(json_of(none).find_path({"data", "datong", "outcome"})->scalar() == "not_found");

    Record other = land();
    other.put("useCause", Record::text("免提交"));  // a purpose that no grant of theirs has for this service
    CHECK(status_of(province.post("/zzgxpt/queryCertInfoByHolderCode", with_head(token, other))) == "100");
    CHECK(status_of(province.post("/zzgxpt/queryCertInfoByHolderCode", with_head(token, land()))) == "0");
}

TEST_CASE("family B lists the licences of a matter, and gives each by its code once", "[journey]") {
    GatewayUnderTest gateway{with_door(door_b(), kListedNetwork)};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const Record asked = matter_of_seller("R-1");
    const std::string auth = "/license-app/v1/license/auth?access_token=" + token;
    const HttpMessage request = province.prepare("POST", auth, codec::write_json(asked));
    const HttpMessage answer = province.send(request);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(is_signed_for(gateway, answer, request));
    const Record said = json_of(answer);
    CHECK(said.find_path({"status", "code"})->scalar() == "200");
    const Record::List& codes = said.find("auth_codes")->items();
    const Record::List& list = said.find("data")->items();
    REQUIRE(codes.size() == list.size());
    const auto deed =
        std::ranges::find_if(list, [](const Record& one) { return one.text_of("license_item_code") == kLandType; });
    REQUIRE(deed != list.end());
    CHECK(deed->text_of("auth_code") == codes[static_cast<std::size_t>(deed - list.begin())].scalar());
    CHECK(deed->find("data_fields") == nullptr);
    CHECK(said.find_path({"datong", "requirements"})->items().size() == 4);

    const std::string get = "/license/get_license?auth_code=" + deed->text_of("auth_code") + "&access_token=" + token;
    const HttpMessage licence = province.get(get);
    CAPTURE(licence.body);
    REQUIRE(licence.status == 200);
    const Record told = json_of(licence);
    const auto fields = codec::read_json(told.find("data")->text_of("data_fields"));
    REQUIRE(fields.has_value());
    CHECK(fields->text_of("certificateNumber") == deed->text_of("id_code"));
    CHECK(told.find("datong")->text_of("certificate").starts_with("eyJ"));

    CHECK(json_of(province.get(get)).find("datong")->text_of("code") == "replayed");
    CHECK(province.get("/license/get_license?auth_code=AAAA&access_token=" + token).status == 400);
    CHECK(province.get("/license/get_license?auth_code=AAAA&access_token=AAAA").status == 401);
    CHECK(province.get(get + "&identity_number=1").status == 400);
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 2);
    CHECK(gateway.log().find(token) == std::string::npos);
}

TEST_CASE("the same call of family A is refused again, also after a restart", "[journey][security]") {
    GatewayUnderTest gateway{with_door(door_a(), kListedNetwork)};
    const PlatformClient province{gateway};
    const Record body = with_head(province.token(kLicenceCaller), land());
    REQUIRE(status_of(province.post("/zzgxpt/queryCertInfoByHolderCode", body)) == "0");
    const auto refused = [&body](const PlatformClient& client) {
        const Record said = json_of(client.post("/zzgxpt/queryCertInfoByHolderCode", body));
        return said.find("data")->text_of("code");
    };
    CHECK(refused(province) == "replayed");
    gateway.restart();
    CHECK(refused(PlatformClient{gateway}) == "replayed");
}

TEST_CASE("no token is lent to a wrong key or over another's connection, and none works there", "[journey][security]") {
    const std::string certificates = "certificates: [{file: ../keys/province.chain.pem}]\n";
    GatewayUnderTest gateway{with_door(door_a(), certificates)};
    PlatformClient province{gateway};
    CHECK(province.ask_token(kLicenceCaller).status == 401);
    province.show_certificate("province");
    CHECK(json_of(province.ask_token(kLicenceCaller, "0123456789abcdef0123456789abcdee")).text_of("error") ==
          "invalid_client");
    CHECK(json_of(province.ask_token("NOBODY")).text_of("error") == "invalid_client");
    const HttpMessage wrong = province.send(
        province.prepare("POST", "/oauth/token", "grant_type=password", "application/x-www-form-urlencoded"));
    CHECK(json_of(wrong).text_of("error") == "unsupported_grant_type");
    const std::string token = province.token(kLicenceCaller);
    CHECK(status_of(province.post("/zzgxpt/queryCertInfoByHolderCode", with_head(token, land()))) == "0");
    const PlatformClient bare{gateway};
    const HttpMessage stolen = bare.post("/zzgxpt/queryCertInfoByHolderCode", with_head(token, land()));
    CHECK(json_of(stolen).find("data")->text_of("code") == "wrong_certificate");
}
