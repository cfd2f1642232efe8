#include <filesystem>
#include <fstream>

#include "core/codec/json.h"
#include "core/sources/order.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;
using sources::Order;

namespace {

constexpr const char* kSource = "market/market-query";

std::string order_of(const GatewayUnderTest& gateway, Order::What what, const std::string& key = "market") {
    const auto pem = read_file(gateway.folder() + "/keys/" + key + ".key.pem");
    const Order order{.what = what,
                      .gateway = "shili",
                      .source = kSource,
                      .at = std::chrono::system_clock::now(),
                      .until = std::nullopt};
    return sources::sign_order(order, "market-2026", crypto::SigningKey::from_pem(pem).value()).value();
}

/// The state of one source, as /v1/sources has it.
std::string state_of(const GatewayUnderTest& gateway, const std::string& source = kSource) {
    const Record all = json_of(gateway.admin("GET", "/v1/sources"));
    for (const Record& one : all.find("sources")->items()) {
        if (one.text_of("source") == source) {
            return one.text_of("state");
        }
    }
    return "not there";
}

bool has_looked_at(const GatewayUnderTest& gateway, int replies) {
    return wait_until([&] {
        const Record drift = json_of(gateway.admin("GET", "/v1/drift"));
        for (const Record& one : drift.find("operations")->items()) {
            if (one.text_of("source") == kSource && std::stoi(one.text_of("replies")) >= replies) {
                return true;
            }
        }
        return false;
    });
}

void replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_file(file);
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    std::ofstream{file, std::ios::binary} << text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a department pauses its source: refused at once, seen everywhere, kept over a restart and in the evidence",
          "[journey][security]") {
    GatewayUnderTest gateway;
    const std::string pause = order_of(gateway, Order::What::pause);
    REQUIRE(gateway.admin("POST", "/v1/orders", pause).status == 200);

    const auto refused = gateway.platform().call(kMarket, gateway.body(kMarket));
    CHECK(refused.status == 503);
    CHECK(json_of(refused).text_of("code") == "source_closed");
    CHECK(gateway.platform().call(kFund, gateway.body(kFund)).status == 200);
    CHECK(state_of(gateway) == "closed");
    CHECK_THAT(gateway.admin("GET", "/readyz").body, ContainsSubstring(R"("closed_sources":["market/market-query"])"));
    CHECK_THAT(gateway.admin("GET", "/metrics").body,
               ContainsSubstring(R"(datong_adapter_closed_flag{source="market/market-query"} 1)"));
    gateway.restart();
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 503);
    const auto replayed = gateway.admin("POST", "/v1/orders", pause);
    CHECK(replayed.status == 401);
    CHECK_THAT(replayed.body, ContainsSubstring("replayed"));
    REQUIRE(gateway.admin("POST", "/v1/orders", order_of(gateway, Order::What::resume)).status == 200);
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK(state_of(gateway) == "open");
    gateway.stop();
    const auto verdict = gateway.verify();
    CHECK(verdict.valid);
    int orders = 0;
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", [&orders](const Record& entry) {
        orders += entry.text_of("kind") == "source_order" ? 1 : 0;
        return true;
    }));
    CHECK(orders == 2);
}

TEST_CASE("nobody but the department itself pauses its source", "[journey][security]") {
    const char* key = GENERATE("gateway", "land", "one-window");
    CAPTURE(key);
    GatewayUnderTest gateway;
    const auto refused = gateway.admin("POST", "/v1/orders", order_of(gateway, Order::What::pause, key));
    CHECK(refused.status == 401);
    CHECK_THAT(refused.body, ContainsSubstring("signature_invalid"));
    CHECK(state_of(gateway) == "open");
    CHECK(gateway.admin("POST", "/v1/orders", "").status == 400);
    CHECK(gateway.admin("GET", "/v1/orders").status == 404);
}

TEST_CASE("a field that no schema has is told once the answer is on its way, and kept over a restart", "[journey]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        // as if the department had begun to send INDUSTRYPHY yesterday
        const std::string mappings = config + "/../mappings/";
        replace(mappings + "schemas/market-qyxxcx.source.yaml", "INDUSTRYPHY", "INDUSTRYOLD");
        replace(mappings + "market/business-licence.yaml", ", INDUSTRYPHY]", "]");
    }}};
    REQUIRE(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    REQUIRE(has_looked_at(gateway, 1));
    const std::string told = gateway.admin("GET", "/v1/drift").body;
    CHECK_THAT(told, ContainsSubstring(R"("kind":"new_field","path":"*")"));  // its name may be a person's
    CHECK_THAT(gateway.admin("GET", "/metrics").body,
               ContainsSubstring(R"(datong_sources_drift_total{kind="new_field",source="market/market-query"} 1)"));
    gateway.restart();
    CHECK_THAT(gateway.admin("GET", "/v1/drift").body, ContainsSubstring(R"("kind":"new_field","path":"*")"));
    gateway.stop();

    const departments::Demo demo = departments::demo_person();
    const std::string kept = read_file(gateway.folder() + "/evidence/sources/drift.json");
    REQUIRE_THAT(kept, ContainsSubstring(R"("kind":"new_field","path":"*")"));
    for (const std::string& personal : {demo.agency.name, demo.agency.uscc, demo.person.name, demo.person.id}) {
        CHECK(kept.find(personal) == std::string::npos);
        CHECK(told.find(personal) == std::string::npos);
        CHECK(gateway.log().find(personal) == std::string::npos);
    }
}

TEST_CASE("replies of every kind of source are no drift while they are as their schemas say", "[journey]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    for (const char* target : {kLand, kTax, kFund, kMarket}) {
        REQUIRE(platform.call(target, gateway.body(target)).status == 200);
    }
    REQUIRE(wait_until([&] {
        return json_of(gateway.admin("GET", "/v1/drift")).find("operations")->items().size() == 4 &&
               gateway.admin("GET", "/v1/drift").body.find(R"("replies":0)") == std::string::npos;
    }));
    CHECK_THAT(gateway.admin("GET", "/v1/drift").body, !ContainsSubstring(R"("kind")"));
}

TEST_CASE("a drift state that can't be read begins anew and says so; the gateway starts", "[journey]") {
    GatewayUnderTest gateway;
    gateway.stop();
    std::filesystem::create_directories(gateway.folder() + "/evidence/sources");
    std::ofstream{gateway.folder() + "/evidence/sources/drift.json"} << "{";
    gateway.restart();
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK_THAT(gateway.admin("GET", "/metrics").body, ContainsSubstring("datong_app_states_lost_total 1"));
}
