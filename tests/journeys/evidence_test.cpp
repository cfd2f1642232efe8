#include <filesystem>
#include <fstream>

#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/faulty_files.h"

using namespace datong;
using namespace datong::journeys;

namespace {

std::string only_segment(const std::string& folder) {
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().extension() == ".dlog") {
            return entry.path().string();
        }
    }
    return {};
}

}  // namespace

TEST_CASE("every exchange, refused ones too, is in the evidence and verifies from files and public keys", "[journey]") {
    GatewayUnderTest gateway;
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK(gateway.platform().call(kMatter, gateway.matter_body()).status == 200);
    CHECK(gateway.platform("portal").call(kLand, gateway.body(kLand)).status == 403);
    auto unsigned_one = gateway.platform().prepare(kMarket, "{}");
    std::erase_if(unsigned_one.fields, [](const auto& f) { return f.name.starts_with("Signature"); });
    CHECK(gateway.platform().send(std::move(unsigned_one)).status == 401);
    gateway.stop();

    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 2);
    CHECK(verdict.refusals == 2);
    CHECK(verdict.open == 0);
    CHECK(verdict.signatures >= 6);
}

TEST_CASE("one altered octet in the evidence is found and its record named", "[journey][security]") {
    GatewayUnderTest gateway;
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    gateway.stop();
    REQUIRE(gateway.verify().valid);
    const std::string file = only_segment(gateway.folder() + "/evidence");
    std::string text = read_file(file);
    const auto at = text.find("\"outcome\":\"found\"");
    REQUIRE(at != std::string::npos);
    text.replace(at, 17, "\"outcome\":\"fOund\"");
    std::ofstream{file, std::ios::binary} << text;
    const auto verdict = gateway.verify();
    CHECK_FALSE(verdict.valid);
    CHECK(verdict.number > 1);
    CHECK_FALSE(verdict.reason.empty());
}

TEST_CASE("nothing of a person stands in log or evidence of a whole run", "[journey][security]") {
    GatewayUnderTest gateway;
    for (const char* target : {kLand, kTax, kFund, kMarket}) {
        CHECK(gateway.platform().call(target, gateway.body(target)).status == 200);
    }
    CHECK(gateway.platform().call(kMatter, gateway.matter_body()).status == 200);
    using departments::System;
    using departments::Trouble;
    for (const auto& [system, target] : {std::pair{System::land, kLand}, std::pair{System::market, kMarket},
                                         std::pair{System::tax, kTax}, std::pair{System::fund, kFund}}) {
        gateway.city().faults().set(system, {.trouble = Trouble::wrong_person});
        CHECK(gateway.platform().call(target, gateway.body(target)).status == 502);
        gateway.city().faults().clear_all();
    }
    auto bad = gateway.body(kLand);
    bad.find("context")->find("subject")->put("id_no", record::Record::text("999901199001010011"));
    bad.find("context")->put("case_number", record::Record::text("x"));
    CHECK(gateway.platform().call(kLand, bad).status >= 400);
    const auto secrets = departments::every_name_and_number(gateway.city().town());
    gateway.stop();

    const std::string log = gateway.log();
    const std::string evidence = read_file(only_segment(gateway.folder() + "/evidence"));
    REQUIRE(log.find("call_answered") != std::string::npos);
    REQUIRE(secrets.size() > 600);
    for (const std::string& secret : secrets) {
        INFO("entry of length " << secret.size());
        REQUIRE(log.find(secret) == std::string::npos);
        REQUIRE(evidence.find(secret) == std::string::npos);
    }
}

TEST_CASE("an outcome that can't be kept is not answered, and its exchange is closed while the gateway runs",
          "[journey][security]") {
    const auto faults = std::make_shared<support::Faults>();
    GatewayUnderTest gateway{{.files = std::make_unique<support::FaultyFiles>(faults)}};
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    faults->fail_append = faults->appends + 2;  // behind the intent
    const auto lost = gateway.platform().call(kMarket, gateway.body(kMarket));
    CHECK(lost.status == 503);
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 2);
    CHECK(verdict.closed == 1);
    CHECK(verdict.open == 0);
}

TEST_CASE("what can't be recorded is not answered, no department is asked, and service resumes by itself",
          "[journey][security]") {
    const auto faults = std::make_shared<support::Faults>();
    GatewayUnderTest gateway{{.files = std::make_unique<support::FaultyFiles>(faults)}};
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    faults->disk_full = true;
    const auto answer = gateway.platform().call(kMarket, gateway.body(kMarket));
    CHECK(answer.status == 503);
    CHECK(json_of(answer).text_of("code") == "evidence_unavailable");
    CHECK(answer.body.find("content") == std::string::npos);
    CHECK(gateway.admin("GET", "/readyz").status == 503);
    CHECK_THAT(gateway.admin("GET", "/readyz").body, ContainsSubstring("evidence"));

    faults->disk_full = false;
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK(gateway.admin("GET", "/readyz").status == 200);
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 2);
}
