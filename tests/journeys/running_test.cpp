#include <atomic>
#include <chrono>
#include <thread>

#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;

TEST_CASE("the admin listener tells health, readiness and metrics", "[journey]") {
    GatewayUnderTest gateway;
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK(gateway.admin("GET", "/healthz").body == "ok\n");
    const auto ready = gateway.admin("GET", "/readyz");
    CHECK(ready.status == 200);
    CHECK(json_of(ready).find("ready")->truth());
    const auto metrics = gateway.admin("GET", "/metrics");
    CHECK(metrics.status == 200);
    CHECK_THAT(metrics.body, ContainsSubstring("business-licence"));
    CHECK(gateway.admin("GET", "/nothing").status == 404);
}

TEST_CASE("an open call is finished while the gateway drains", "[journey]") {
    GatewayUnderTest gateway;
    REQUIRE(gateway.city().faults().set(System::market,
                                        {.trouble = Trouble::slow, .time = std::chrono::milliseconds{700}}));
    const Platform platform = gateway.platform();
    const auto body = gateway.body(kMarket);
    std::atomic<int> status{0};
    std::thread caller{[&] { status = platform.call(kMarket, body).status; }};
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (gateway.city().faults().peek(System::market).trouble == Trouble::slow &&
           gateway.admin("GET", "/metrics").body.find("datong") == std::string::npos &&
           std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    // the intent is in the evidence once the department is being asked
    while (read_file(gateway.folder() + "/evidence/000000000001.dlog").find("\"intent\"") == std::string::npos &&
           std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    gateway.program().drain();
    caller.join();
    CHECK(status == 200);
    gateway.stop();
    CHECK(gateway.verify().valid);
}
