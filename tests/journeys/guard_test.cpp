#include <fstream>
#include <thread>

#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;

namespace {

void replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_file(file);
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    std::ofstream{file, std::ios::binary} << text.replace(at, from.size(), to);
}

/// A counter of one source, as /metrics shows it; 0 while it is not there.
int counter(const GatewayUnderTest& gateway, const std::string& name, const std::string& source) {
    const std::string text = gateway.admin("GET", "/metrics").body;
    const std::string series = name + "{source=\"" + source + "\"} ";
    const auto at = text.find(series);
    return at == std::string::npos ? 0 : std::stoi(text.substr(at + series.size()));
}

}  // namespace

TEST_CASE("what a department does not take any more today is refused with the time to come again", "[journey]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        replace(config + "/departments/market.yaml", "retries: 0,", "retries: 0, daily: 1,");
    }}};
    const Platform platform = gateway.platform();
    REQUIRE(platform.call(kMarket, gateway.body(kMarket)).status == 200);
    const auto answer = platform.call(kMarket, gateway.body(kMarket));
    CHECK(answer.status == 503);
    CHECK(json_of(answer).text_of("code") == "source_closed");
    CHECK(json_of(answer).text_of("blame") == "department");
    const int seconds = std::stoi(std::string{answer.field("retry-after").value_or("0")});
    CHECK(seconds > 0);
    CHECK(seconds <= 24 * 3600);
    CHECK(json_of(answer).text_of("retry_after_s") == std::to_string(seconds));
    CHECK(platform.call(kFund, gateway.body(kFund)).status == 200);
}

TEST_CASE("while 64 calls hang at one department, no call to another waits for a place", "[journey]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        replace(config + "/departments/land.yaml", "call_ms: 3000", "wait_ms: 60000, call_ms: 10000");
        replace(config + "/services/realestate-certificate.yaml", "deadline_ms: 4000", "deadline_ms: 10000");
        replace(config + "/departments/cases.yaml", "in_flight: ", "in_flight: 1");  // 64 at once are its own matter
    }}};
    REQUIRE(gateway.city().faults().set(System::land, {.trouble = Trouble::hang}));
    std::vector<std::thread> callers;
    callers.reserve(64);
    for (int i = 0; i < 64; ++i) {
        callers.emplace_back([&gateway] { (void)gateway.platform().call(kLand, gateway.body(kLand)); });
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (counter(gateway, "datong_adapter_waits_total", "land/land-registry") < 60 &&
           std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    CHECK(counter(gateway, "datong_adapter_waits_total", "land/land-registry") == 60);
    const Platform platform = gateway.platform();
    for (const char* other : {kFund, kMarket, kTax, kFund, kMarket, kTax}) {
        CHECK(platform.call(other, gateway.body(other)).status == 200);
    }
    for (const char* other : {"fund/fund-front", "market/market-query", "tax/tax-front"}) {
        CAPTURE(other);
        CHECK(counter(gateway, "datong_adapter_waits_total", other) == 0);
        CHECK(counter(gateway, "datong_adapter_failures_total", other) == 0);
    }
    for (std::thread& caller : callers) {
        caller.join();
    }
}
