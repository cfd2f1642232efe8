// A submission that is answered while the store takes nothing of it, and one that a clock would have forgotten.

#include <string>

#include "core/codec/json.h"
#include "core/store/jobs.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/refusing_store.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

TEST_CASE("what a submission was answered stands under its key though the store did not take it", "[journey][submit]") {
    constexpr const char* kPush = "/v1/services/case-push-land";
    GatewayUnderTest gateway;
    auto& desk = gateway.city().acceptance();
    Record body = gateway.body(kPush);
    body.find("context")->put("idempotency_key", Record::text("case-1"));
    const auto push = [&] { return json_of(gateway.platform().call(kPush, body)); };
    const std::string file = gateway.folder() + "/state/datong.db";
    std::string certificate;
    {
        const support::RefusingStore store{file, "UPDATE OF outcome ON part"};
        const Record first = push();
        REQUIRE(first.text_of("outcome") == "accepted");
        certificate = first.text_of("certificate");
        CHECK(gateway.log().find("store_failed") != std::string::npos);
        desk.move("land", "2");  // whoever is asked by now says that it was returned
        const Record again = push();
        CHECK(again.text_of("outcome") == "accepted");
        CHECK(again.text_of("certificate") == certificate);
        CHECK(store::Jobs::open(file).value()->unsettled(10).value().size() == 1);
    }
    const auto asked = desk.asked("land");
    REQUIRE(wait_until([&] {  // by itself: whoever looks whether it is ready has it written
        (void)gateway.admin("GET", "/readyz");
        return store::Jobs::open(file).value()->unsettled(10).value().empty();
    }));
    gateway.restart();
    const Record later = push();
    CHECK(later.text_of("outcome") == "accepted");
    CHECK(later.text_of("certificate") == certificate);
    CHECK(desk.written("land") == 1);
    CHECK(desk.asked("land") == asked);
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("starts with a clock that is ten years ahead forget no submission", "[journey][submit]") {
    constexpr const char* kPush = "/v1/services/case-push-land";
    GatewayUnderTest gateway;
    Record body = gateway.body(kPush);
    body.find("context")->put("idempotency_key", Record::text("case-1"));
    const std::string answer = gateway.platform().call(kPush, body).body;
    REQUIRE(gateway.city().acceptance().written("land") == 1);
    for (int start = 0; start < 2; ++start) {
        gateway.restart(
            std::make_unique<support::FakeClock>(std::chrono::system_clock::now() + std::chrono::days{3'650}));
    }
    gateway.restart();
    CHECK_THAT(gateway.log(), ContainsSubstring("clock_doubted"));
    CHECK(gateway.platform().call(kPush, body).body == answer);
    CHECK(gateway.city().acceptance().written("land") == 1);
    gateway.stop();
    CHECK(gateway.verify().valid);
}
