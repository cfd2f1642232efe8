#include <algorithm>
#include <filesystem>

#include "core/codec/json.h"
#include "core/sharing/result.h"
#include "core/store/results.h"
#include "tests/journeys/licence_caller.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

constexpr const char* kByHolder = "/zzgxpt/queryCertInfoByHolderCode";

/// A clock that stands, which the gateway owns and the test moves.
struct Standing {
    std::unique_ptr<support::FakeClock> clock = std::make_unique<support::FakeClock>(std::chrono::system_clock::now());
    support::FakeClock& time = *clock;
};

std::string evidence_of(const GatewayUnderTest& gateway) {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator{gateway.folder() + "/evidence"}) {
        all += entry.path().extension() == ".dlog" ? read_file(entry.path().string()) : "";
    }
    return all;
}

std::size_t count_in(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++count;
    }
    return count;
}

/// The code for the deed among what `auth` answered.
std::string code_for_deed(const PlatformClient& province, const std::string& token) {
    const HttpMessage answer =
        province.post("/license-app/v1/license/auth?access_token=" + token, matter_of_seller("R-1"));
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record said = json_of(answer);
    const Record::List& list = said.find("data")->items();
    const auto deed =
        std::ranges::find_if(list, [](const Record& one) { return one.text_of("license_item_code") == kLandType; });
    REQUIRE(deed != list.end());
    return deed->text_of("auth_code");
}

}  // namespace

TEST_CASE("an identifier that was told is no address, and no token is passed by with it", "[journey][security]") {
    GatewayUnderTest gateway{with_door(door_a(), kListedNetwork)};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const Record told = json_of(province.post(kByHolder, with_head(token, land())));
    const std::string identifier = told.find("data")->items().front().text_of("certIdentifier");
    REQUIRE_FALSE(identifier.empty());
    for (const std::string& guess : {"province%0A" + identifier, "province%0a" + identifier, identifier}) {
        CAPTURE(guess);
        const HttpMessage answer = province.get("/zzgxpt/download?id=" + guess);
        CHECK(answer.status == 401);
        CHECK(answer.body.find(departments::demo_person().person.name) == std::string::npos);
    }
    Record again = land();
    std::erase_if(again.members_to_edit(), [](const record::Member& one) {
        return one.name.view().starts_with("holder") || one.name.view() == "certTypeCode";
    });
    again.put("certIdentifier", Record::text(identifier));
    CHECK(status_of(province.post("/zzgxpt/queryCertInfo", with_head(token, again))) == "0");
}

TEST_CASE("an identifier is good for so long after the question for its holder", "[journey][security]") {
    Standing standing;
    auto options = with_door(door_a(), kListedNetwork);
    options.clock = std::move(standing.clock);
    GatewayUnderTest gateway{std::move(options)};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const Record told = json_of(province.post(kByHolder, with_head(token, land())));
    Record asked = land();
    std::erase_if(asked.members_to_edit(), [](const record::Member& one) {
        return one.name.view().starts_with("holder") || one.name.view() == "certTypeCode";
    });
    asked.put("certIdentifier", Record::text(told.find("data")->items().front().text_of("certIdentifier")));
    standing.time.advance(std::chrono::seconds{400});
    CHECK(status_of(province.post("/zzgxpt/queryCertInfo", with_head(token, asked))) == "0");
    standing.time.advance(std::chrono::seconds{201});
    CHECK(status_of(province.post("/zzgxpt/queryCertInfo", with_head(token, asked))) == "10");
}

TEST_CASE("a call of family A without a time is known again whatever the clock says, and bars no later one",
          "[journey][security]") {
    Standing standing;
    GatewayUnderTest::Options options = with_door(door_a(), kListedNetwork);
    options.clock = std::move(standing.clock);
    GatewayUnderTest gateway{std::move(options)};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const auto untimed = [&](const std::string& id) {
        Record body = with_head(token, land());
        Record head = object({{"accessId", kLicenceCaller}, {"accessToken", token}, {"requestId", id}});
        body.put("head", std::move(head));
        return body;
    };
    CHECK(status_of(province.post(kByHolder, untimed("r-1"))) == "0");
    CHECK(province.post(kByHolder, untimed("r-1")).status == 401);
    standing.time.advance(std::chrono::seconds{301});
    const HttpMessage copy = province.post(kByHolder, untimed("r-1"));
    CAPTURE(copy.body);
    CHECK(copy.status == 401);
    standing.time.advance(std::chrono::seconds{300});
    CHECK(status_of(province.post(kByHolder, untimed("r-2"))) == "0");
    standing.time.advance(-std::chrono::seconds{601});  // the clock was ahead, and is set right
    CHECK(status_of(province.post(kByHolder, untimed("r-3"))) == "0");
    CHECK(province.post(kByHolder, untimed("r-2")).status == 401);
    gateway.stop();
    CHECK(gateway.verify().valid);
    CHECK(gateway.verify().exchanges == 3);
    CHECK(count_in(evidence_of(gateway), R"(\"timed-by\": gateway)") == 6);
}

TEST_CASE("a code gives a licence once, under whichever path and however late", "[journey][security]") {
    Standing standing;
    auto options = with_door(door_b(), kListedNetwork);
    options.clock = std::move(standing.clock);
    GatewayUnderTest gateway{std::move(options)};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const std::string query = "?auth_code=" + code_for_deed(province, token) + "&access_token=" + token;
    CHECK(province.get("/license/get_license" + query).status == 200);
    CHECK(province.get("/license-app/v1/license/get_license" + query).status == 400);
    CHECK(province.get("/license/archive" + query).status == 200);  // once for each
    CHECK(province.get("/license-app/v1/license/archive" + query).status == 400);
    for (const int ahead : {301, -301}) {  // a clock that jumps has no copy of a call without a time of its own pass
        standing.time.advance(std::chrono::seconds{ahead});
        for (const char* path : {"/license/get_license", "/license-app/v1/license/get_license", "/license/archive"}) {
            CAPTURE(ahead, path);
            CHECK(json_of(province.get(path + query)).find("datong")->text_of("code") == "replayed");
        }
    }
    gateway.stop();
    const auto verdict = gateway.verify();
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 3);
}

TEST_CASE("who overheard a token fills no evidence from elsewhere, and is answered as a stranger",
          "[journey][security]") {
    constexpr std::size_t kCalls = 650;
    constexpr std::size_t kKeptAMinute = 600;
    Standing standing;
    auto options = with_door(door_a(), "certificates: [{file: ../keys/province.chain.pem}]\n");
    options.clock = std::move(standing.clock);
    GatewayUnderTest gateway{std::move(options)};
    PlatformClient province{gateway};
    province.show_certificate("province");
    const std::string token = province.token(kLicenceCaller);
    const PlatformClient bare{gateway};
    const HttpMessage stolen = bare.prepare("POST", kByHolder, codec::write_json(with_head(token, land())));
    std::size_t refused = 0;
    std::size_t is_signed = 0;
    for (std::size_t i = 0; i < kCalls; ++i) {
        const HttpMessage answer = bare.send(stolen);
        refused += answer.status == 403 ? 1 : 0;
        is_signed += answer.field("signature") ? 1 : 0;
    }
    CHECK(refused == kCalls);
    CHECK(is_signed == 0);
    CHECK(status_of(province.send(stolen)) == "0");  // it used nothing up
    gateway.stop();
    const std::string evidence = evidence_of(gateway);
    const std::string refusal = R"("wrong_certificate")";
    CHECK(count_in(evidence, refusal) <= kKeptAMinute + 1);
    CHECK(count_in(evidence, R"("refusals_counted")") >= 1);
    CHECK(count_in(evidence, R"("consumer":"province")") == 1);
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en, verdict.number);
    CHECK(verdict.valid);
}

TEST_CASE("of a licence that is not what it says the evidence keeps what was sent, and nothing of it is signed",
          "[journey][security]") {
    GatewayUnderTest gateway{with_change(with_door(door_a(), kListedNetwork), "licences.yaml",
                                         "identifier: /certificateIdentifier", "identifier: /certificateNumber")};
    const PlatformClient province{gateway};
    const HttpMessage answer = province.post(kByHolder, with_head(province.token(kLicenceCaller), land()));
    CAPTURE(answer.body);
    CHECK(status_of(answer) == "99");
    CHECK(json_of(answer).find("data")->text_of("code") == "department_invalid");
    CHECK(answer.body.find(departments::demo_person().person.name) == std::string::npos);
    gateway.stop();
    const std::string evidence = evidence_of(gateway);
    CHECK(count_in(evidence, "|department_invalid\"]") == 1);
    CHECK(count_in(evidence, R"("certificate_digests":[)") == 0);
    CHECK(count_in(evidence, R"("outcome":"found")") == 0);
    CHECK(gateway.verify().valid);
}

TEST_CASE("family B tells a licence that is not what it says as the department's fault", "[journey]") {
    GatewayUnderTest gateway{with_change(with_door(door_b(), kListedNetwork), "licences.yaml",
                                         "identifier: /certificateIdentifier", "identifier: /certificateNumber")};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const HttpMessage answer =
        province.post("/license-app/v1/license/auth?access_token=" + token, matter_of_seller("R-1"));
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record said = json_of(answer);
    for (const Record& one : said.find("data")->items()) {
        CHECK(one.text_of("license_item_code") != kLandType);
    }
    CHECK(said.find_path({"datong", "outcome"})->scalar() == "partial");
    std::size_t failed = 0;
    for (const Record& requirement : said.find_path({"datong", "requirements"})->items()) {
        for (const Record& material : requirement.find("materials")->items()) {
            const Record* fault = material.find("fault");
            const bool is_invalid = fault != nullptr && fault->text_of("code") == "department_invalid";
            failed +=
                is_invalid && material.text_of("outcome") == "failed" && requirement.text_of("outcome") == "unavailable"
                    ? 1
                    : 0;
        }
    }
    CHECK(failed == 1);
    const auto lists = [&](const char* list, std::string_view title) {
        const Record::List& all = said.find_path({"datong", "to_bring", list})->items();
        return std::ranges::any_of(all, [&](const Record& one) { return one.text_of("title") == title; });
    };
    CHECK(lists("needed", "不动产权证书"));  // what is no licence is still to be brought
    CHECK_FALSE(lists("not_needed", "不动产权证书"));
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("a holder and an identifier that do not belong together are none", "[journey][security]") {
    GatewayUnderTest gateway{with_door(door_a(), kListedNetwork)};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    const std::string own =
        json_of(province.post(kByHolder, with_head(token, land()))).find("data")->items().front().text_of("certNo");
    for (const char* operation : {"queryCertInfo", "queryCertInfoByHolderCode"}) {
        CAPTURE(operation);
        Record asked = land();
        asked.put("certIdentifier", Record::text("1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U."
                                                 "20240000001.001.R"));
        const HttpMessage answer = province.post(std::string{"/zzgxpt/"} + operation, with_head(token, asked));
        CAPTURE(answer.body);
        CHECK(status_of(answer) == "10");
        CHECK(answer.body.find(own) == std::string::npos);
        CHECK(answer.body.find(departments::demo_person().person.name) == std::string::npos);
    }
    gateway.stop();
    const std::string evidence = evidence_of(gateway);
    CHECK(count_in(evidence, R"("status":200,)") == 3);
    CHECK(count_in(evidence, R"("outcome":"not_found","status")") == 2);  // none of it was told
    CHECK(count_in(evidence, R"("outcome":"not_found"})") == 2);          // of its material neither
    CHECK(gateway.verify().valid);
}

TEST_CASE("what a grant holds back is not compared with, and no department is asked", "[journey][security]") {
    GatewayUnderTest gateway{with_change(with_door(door_a(), kListedNetwork),
                                         "grants/province-one-window-existing-home-transfer.yaml", "fields: [\"*\"]",
                                         "fields: [/status, /unitNo]")};
    const PlatformClient province{gateway};
    const std::string token = province.token(kLicenceCaller);
    Record asked = land();
    asked.put("certNo", Record::text("藏(2024)示例市不动产权第0000009号"));
    CHECK(status_of(province.post(kByHolder, with_head(token, asked))) == "100");
    asked.put("certNo", Record::integer(9));
    CHECK(status_of(province.post(kByHolder, with_head(token, asked))) == "100");
    CHECK(status_of(province.post(kByHolder, with_head(token, land()))) == "0");
    gateway.stop();
    const auto verdict = gateway.verify();
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 1);
}

TEST_CASE("a sharing result is forgotten thirty days after its code, though nobody checks any", "[journey][security]") {
    Standing standing;
    GatewayUnderTest::Options options;
    options.change = [](const std::string& config) {
        const std::string file = config + "/gateway.yaml";
        write_text(file, read_file(file) + "sharing: {valid_days: 30, code_days: 10}\n");
    };
    options.clock = std::move(standing.clock);
    GatewayUnderTest gateway{std::move(options)};
    standing.time.advance(std::chrono::system_clock::now() - standing.time.now());  // the call is signed by now
    const Record said = json_of(gateway.platform().call(kLand, gateway.body(kLand)));
    const std::string exchange = said.text_of("exchange");
    const auto snapshot = gateway.program().current().get();
    const std::string mac =
        sharing::code_mac(*snapshot, exchange, sharing::normal_code(said.find("sharing")->text_of("code")));
    const auto book = store::Results::open(snapshot->gateway.store_file + ".results");
    REQUIRE(book.has_value());
    constexpr std::chrono::hours kDay{24};
    standing.time.advance(39 * kDay);
    const auto over = (*book)->take(exchange, mac, to_unix_seconds(standing.time.now()));
    REQUIRE((over.has_value() && over->has_value()));
    CHECK((*over)->over);
    standing.time.advance(2 * kDay);
    CHECK(wait_until([&] {
        const auto left = (*book)->take(exchange, mac, to_unix_seconds(standing.time.now()));
        return left.has_value() && !left->has_value();
    }));
}
