#include "examples/clients/cpp/trust.h"

#include <string>

#include "tests/examples/client_cpp/fake_gateway.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::client;
using record::Record;

TEST_CASE("a key is trusted for its owner only", "[client][security]") {
    const tests::FakeGateway gateway;
    const Trust trust = gateway.trust();
    CHECK(trust.entries().size() == 3);
    CHECK(trust.gateway_key("gateway-2026") != nullptr);
    CHECK(trust.gateway_key("land-2026") == nullptr);
    CHECK(trust.gateway_key("none") == nullptr);
    CHECK(trust.issuer_key({"11999901MB0000019U", "land", ""}, "land-2026").has_value());
    CHECK_FALSE(trust.issuer_key({"11999901MB0000019U", "tax", ""}, "land-2026").has_value());
    CHECK_FALSE(trust.issuer_key({"11999901MB0000019U", "land", ""}, "gateway-2026").has_value());
    CHECK_FALSE(trust.issuer_key({"11999901MB0000019U", "land", ""}, "one-window-2026").has_value());
}

TEST_CASE("a key with a social credit code signs for no other", "[client][security]") {
    const tests::FakeGateway gateway;
    Record jwks = gateway.jwks();
    jwks.find("keys")->items_to_edit()[1].put("iss", Record::text("11999901MB0000019U"));
    const Trust trust = Trust::from_jwks(jwks).value();
    CHECK(trust.issuer_key({"11999901MB0000019U", "land", ""}, "land-2026").has_value());
    CHECK_FALSE(trust.issuer_key({"11999901MB0000027N", "land", ""}, "land-2026").has_value());
}

TEST_CASE("a JWKS without owners is its keeper's word", "[client]") {
    const tests::FakeGateway gateway;
    Record jwks = gateway.jwks();
    for (Record& jwk : jwks.find("keys")->items_to_edit()) {
        std::erase_if(jwk.members_to_edit(), [](const auto& member) { return member.name == "datong_owner"; });
    }
    const Trust trust = Trust::from_jwks(jwks).value();
    CHECK(trust.gateway_key("gateway-2026") != nullptr);
    CHECK(trust.issuer_key({"", "land", ""}, "land-2026").has_value());
}

TEST_CASE("a retired key vouches for no new answer", "[client][security]") {
    const tests::FakeGateway gateway;
    Record jwks = gateway.jwks();
    for (Record& jwk : jwks.find("keys")->items_to_edit()) {
        jwk.put("datong_to", Record::text("2099-12-31"));
    }
    const Trust trust = Trust::from_jwks(jwks).value();
    CHECK(trust.gateway_key("gateway-2026") == nullptr);
    CHECK_FALSE(trust.issuer_key({"", "land", ""}, "land-2026").has_value());
}

TEST_CASE("keys of kinds that are not ours are passed over, broken and doubled ones refused", "[client][security]") {
    const tests::FakeGateway gateway;
    Record jwks = gateway.jwks();
    Record& keys = *jwks.find("keys");
    SECTION("another curve and a secret") {
        Record other = keys.items().front();
        other.put("crv", Record::text("P-521"));
        keys.add(other);
        other.put("kty", Record::text("oct"));
        keys.add(other);
        CHECK(Trust::from_jwks(jwks)->entries().size() == 3);
    }
    SECTION("broken") {
        keys.items_to_edit()[0].put("x", Record::text("AAAA"));
        CHECK_FALSE(Trust::from_jwks(jwks).has_value());
    }
    SECTION("doubled") {
        keys.add(Record{keys.items().front()});
        CHECK_FALSE(Trust::from_jwks(jwks).has_value());
    }
    SECTION("no list") {
        CHECK_FALSE(Trust::from_jwks(Record::object()).has_value());
    }
}
