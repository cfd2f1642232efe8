#include <algorithm>
#include <fstream>

#include "core/codec/json.h"
#include "core/evidence/entry.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/faulty_files.h"

using namespace datong;
using namespace datong::journeys;
using evidence::Administration;

namespace {

std::vector<Administration> acts_of(const GatewayUnderTest& gateway) {
    std::vector<Administration> acts;
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", [&acts](const record::Record& entry) {
        if (entry.text_of("kind") == "administration") {
            acts.push_back(evidence::read_administration(entry).value());
        }
        return true;
    }));
    return acts;
}

codec::HttpMessage with_reason(const std::string& target, const std::string& reason, const std::string& body = {}) {
    codec::HttpMessage request;
    request.method = "POST";
    request.target = target;
    request.body = body;
    request.add("Datong-Reason", codec::percent_encode(reason));
    return request;
}

}  // namespace

TEST_CASE("what is done by the admin listener without accounts is recorded as local, with its reason",
          "[journey][accounts]") {
    GatewayUnderTest gateway;
    REQUIRE(gateway.admin(with_reason("/v1/reload", "按 2026-15 号工单")).status == 200);
    CHECK(gateway.admin("GET", "/v1/sources").status == 200);  // who only reads leaves nothing
    CHECK(gateway.admin("POST", "/v1/evidence/erase", R"({"case_number": "c-1", "basis": "retention"})").status == 200);
    CHECK(gateway.admin("POST", "/v1/orders", "no order").status == 400);
    const auto unfit = gateway.admin(with_reason("/v1/reload", "for 110101199001011234"));
    CHECK(unfit.status == 422);
    CHECK_THAT(unfit.body, ContainsSubstring("reason_unfit"));
    gateway.stop();

    const auto acts = acts_of(gateway);
    REQUIRE(acts.size() == 4);
    CHECK(acts[0].act == "reload");
    CHECK(acts[0].actor == "local");
    CHECK(acts[0].from == "127.0.0.1");
    CHECK(acts[0].reason == "按 2026-15 号工单");
    CHECK(acts[0].outcome == "done");
    CHECK_THAT(acts[0].detail, ContainsSubstring("snapshot: "));
    CHECK(acts[1].act == "evidence.erase");
    CHECK(acts[1].detail == "basis: retention");
    CHECK(acts[2].act == "source.order");
    CHECK(acts[2].outcome == "bad_request");
    CHECK(acts[3].outcome == "reason_unfit");
    CHECK(acts[3].reason.empty());
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en);
    CHECK(verdict.valid);
}

TEST_CASE("a reload that was refused is recorded so", "[journey][accounts]") {
    GatewayUnderTest gateway;
    std::ofstream{gateway.folder() + "/config/gateway.yaml"} << "datong: gateway/v1\n";
    CHECK(gateway.admin("POST", "/v1/reload").status == 422);
    gateway.stop();
    const auto acts = acts_of(gateway);
    REQUIRE(acts.size() == 1);
    CHECK(acts.front().outcome == "refused");
}

TEST_CASE("a reload that can't be recorded is not carried out, whoever asks for it", "[journey][accounts][security]") {
    const auto faults = std::make_shared<support::Faults>();
    GatewayUnderTest gateway{{.files = std::make_unique<support::FaultyFiles>(faults)}};
    const std::string before = gateway.program().current().get()->digest;
    const std::string file = gateway.folder() + "/config/services/tax-clearance.yaml";
    std::ofstream{file, std::ios::app} << "# another digest\n";
    faults->disk_full = true;
    SECTION("by a signal") {
        CHECK_FALSE(gateway.program().reload_by_signal("uid 0").taken);
    }
    SECTION("over the admin listener") {
        CHECK(gateway.admin("POST", "/v1/reload").status == 503);
    }
    CHECK(gateway.program().current().get()->digest == before);
    faults->disk_full = false;
    REQUIRE(gateway.program().reload_by_signal("uid 0").taken);
    CHECK(gateway.program().current().get()->digest != before);
    gateway.stop();
    const auto acts = acts_of(gateway);
    const auto done = std::ranges::find(acts, "done", &Administration::outcome);
    REQUIRE(done != acts.end());
    CHECK(done->actor == "signal");
    CHECK(std::ranges::count(acts, "done", &Administration::outcome) == 1);
    CHECK(gateway.verify().valid);
}

TEST_CASE("a page in a browser on this machine administers nothing", "[journey][accounts][security]") {
    GatewayUnderTest gateway;
    for (const auto& [name, value] :
         {std::pair{"Origin", "http://evil.example"}, std::pair{"Origin", "null"},
          std::pair{"Sec-Fetch-Site", "cross-site"}, std::pair{"Host", "evil.example:9443"}}) {
        CAPTURE(name, value);
        codec::HttpMessage erase = with_reason("/v1/evidence/erase", {}, R"({"case_number": "c-1", "basis": "b"})");
        erase.set(name, value);
        CHECK(gateway.admin(erase).status == 403);
        codec::HttpMessage sources;
        sources.method = "GET";
        sources.target = "/v1/sources";
        sources.set(name, value);
        CHECK(gateway.admin(sources).status == 403);
    }
    CHECK(gateway.admin("GET", "/v1/sources").status == 200);
    gateway.stop();
    CHECK(acts_of(gateway).empty());
}
