#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/codec/json.h"
#include "core/workbench/shadow.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

void write_file(const std::string& path, const std::string& text) {
    std::ofstream{path, std::ios::binary} << text;
}

void replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_file(file);
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    write_file(file, text);
}

/// Puts a candidate of the licence's mapping beside the one in force: its address ends in a mark.
void add_candidate(const std::string& config) {
    const std::string live = config + "/../mappings/market/business-licence.yaml";
    const std::string candidate = config + "/../mappings/market/business-licence-next.yaml";
    const std::string text = read_file(live);
    write_file(candidate, text.substr(0, text.find("\ntests:") + 1));
    replace(candidate, "\nversion: 1.", "\nversion: 2.");
    replace(candidate, "{to: address, from: DOM, steps: [collapse_space], required: true}",
            "{to: address, from: DOM, steps: [collapse_space, {template: \"{0}!\"}], required: true}");
    replace(config + "/services/business-licence.yaml", "response: market/business-licence.yaml",
            "response: market/business-licence.yaml\ncandidate: {response: market/business-licence-next.yaml}");
}

/// The counts once they hold so many records; what is there after ten seconds otherwise.
codec::HttpMessage counts_of(const GatewayUnderTest& gateway, std::uint64_t records) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (true) {
        codec::HttpMessage answer = gateway.admin("GET", "/v1/shadows/business-licence");
        const auto read = codec::read_json(answer.body).and_then(workbench::Shadow::from_record);
        if ((read && read->records() >= records) || std::chrono::steady_clock::now() > until) {
            return answer;
        }
        std::this_thread::yield();
    }
}

}  // namespace

TEST_CASE("a candidate mapping is tried beside the one in force, and only counts are kept", "[journey]") {
    GatewayUnderTest gateway{{.change = add_candidate}};
    const Platform platform = gateway.platform();
    CHECK(gateway.admin("GET", "/v1/shadows/business-licence").status == 404);
    constexpr std::uint64_t kCalls = 3;
    std::string address;
    for (std::uint64_t i = 0; i < kCalls; ++i) {
        const auto answer = platform.call(kMarket, gateway.body(kMarket));
        REQUIRE(answer.status == 200);
        address = json_of(answer).find_path({"content", "address"})->scalar();
        CHECK_FALSE(address.ends_with("!"));
    }

    const auto answer = counts_of(gateway, kCalls);

    const auto counts = codec::read_json(answer.body).and_then(workbench::Shadow::from_record);
    REQUIRE(counts);
    CHECK(counts->records() == kCalls);
    CHECK(counts->unlike() == kCalls);
    CHECK(counts->live().starts_with("market.business-licence@1."));
    CHECK(counts->candidate().starts_with("market.business-licence@2."));
    CHECK(counts->fields().at("/address") == workbench::FieldTally{.differing = kCalls});
    CHECK(counts->fields().at("/uscc") == workbench::FieldTally{.same = kCalls});
    CHECK(answer.body.find(address) == std::string::npos);
    CHECK(gateway.admin("GET", "/v1/shadows/tax-clearance").status == 404);
}

TEST_CASE("a reply that only the candidate can read is answered by the mapping in force, and counted", "[journey]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        add_candidate(config);
        replace(config + "/../mappings/market/business-licence.yaml", "{to: name, from: ENTNAME, steps: [",
                "{to: name, from: ENTNAME, steps: [{check_length: {max: 1}}, ");
        const std::string live = config + "/../mappings/market/business-licence.yaml";
        const std::string text = read_file(live);
        write_file(live, text.substr(0, text.find("\ntests:") + 1));
        // its tests would fail, and a mapping whose tests fail is not put in force
        std::filesystem::remove(config + "/../mappings/market/business-licence.test.yaml");
    }}};

    const auto answer = gateway.platform().call(kMarket, gateway.body(kMarket));

    CHECK(answer.status == 502);
    const auto counts = codec::read_json(counts_of(gateway, 1).body).and_then(workbench::Shadow::from_record);
    REQUIRE(counts);
    CHECK(counts->outcomes().at("invalid -> ok") == 1);
}
