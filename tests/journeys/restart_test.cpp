// What a gateway knows of signatures from before its start.
#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

#include "core/codec/json.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;

namespace {

std::string text_of(const GatewayUnderTest& gateway, const std::string& target) {
    return codec::write_json(gateway.body(target));
}

void check_next_call(const GatewayUnderTest& gateway) {
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
}

/// The system's clock, so far ahead.
class ShiftedClock final : public Clock {
public:
    explicit ShiftedClock(std::shared_ptr<std::atomic<int>> seconds) : seconds_{std::move(seconds)} {}
    [[nodiscard]] std::chrono::system_clock::time_point now() const override {
        return std::chrono::system_clock::now() + std::chrono::seconds{seconds_->load()};
    }

private:
    std::shared_ptr<std::atomic<int>> seconds_;
};

}  // namespace

TEST_CASE("what was signed before a restart is answered after it, once", "[journey][security]") {
    GatewayUnderTest gateway;
    const HttpMessage used = gateway.platform().prepare(kMarket, text_of(gateway, kMarket));
    const HttpMessage unused = gateway.platform().prepare(kMarket, text_of(gateway, kMarket));
    REQUIRE(gateway.platform().send(used).status == 200);
    gateway.restart();
    CHECK(json_of(gateway.platform().send(used)).text_of("code") == "replayed");
    CHECK(gateway.platform().send(unused).status == 200);
    CHECK(json_of(gateway.platform().send(unused)).text_of("code") == "replayed");
}

TEST_CASE("a gateway that starts with a clock that is ahead answers as soon as the clock is right", "[journey]") {
    GatewayUnderTest gateway;
    const HttpMessage used = gateway.platform().prepare(kMarket, text_of(gateway, kMarket));
    REQUIRE(gateway.platform().send(used).status == 200);
    const auto ahead = std::make_shared<std::atomic<int>>(8 * 3'600);  // a hardware clock at +08:00 read as UTC
    gateway.restart(std::make_unique<ShiftedClock>(ahead));
    CHECK(json_of(gateway.platform().call(kMarket, gateway.body(kMarket))).text_of("code") == "signature_stale");
    *ahead = 0;
    check_next_call(gateway);
    CHECK(json_of(gateway.platform().send(used)).text_of("code") == "replayed");
}
