#include <string>

#include "tests/core/http/gate.h"
#include "tests/core/http/wire.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::test::Gate;
using datong::test::status_of;
using datong::test::Wire;

namespace {

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

}  // namespace

TEST_CASE("an address that another server listens on is not shared with it", "[http][security]") {
    Gate gate{{}, 2};
    async::Loops loops{2};
    http::Server second{{.port = gate.port()}, loops, {}, {}};
    const auto listening = second.listen();
    REQUIRE_FALSE(listening.has_value());
    CHECK_THAT(listening.error().detail(),
               ContainsSubstring("another process listens on 127.0.0.1:" + std::to_string(gate.port())));
    for (int i = 0; i < 10; ++i) {
        Wire wire{gate.port()};
        wire.send(kGet);
        CHECK(status_of(wire.read_answer()) == 200);
    }
    CHECK(gate.calls() == 10);
}

TEST_CASE("an address is free as soon as its server has drained, though connections of it linger", "[http]") {
    const std::uint16_t port = [] {
        Gate gate{{}, 2};
        Wire wire{gate.port()};
        wire.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        CHECK(status_of(wire.read_to_end()) == 200);  // it closed first: its side waits
        return gate.port();
    }();
    Gate next{{.port = port}, 2};
    Wire wire{port};
    wire.send(kGet);
    CHECK(status_of(wire.read_answer()) == 200);
}

TEST_CASE("an address that can't be listened on is an error", "[http]") {
    async::Loops loops{1};
    http::ServerSettings settings;
    SECTION("no address") {
        settings.address = "not an address";
    }
    SECTION("not ours") {
        settings.address = "192.0.2.1";
    }
    http::Server server{std::move(settings), loops, {}, {}};
    const auto listening = server.listen();
    REQUIRE_FALSE(listening.has_value());
    CHECK_THAT(listening.error().detail(), ContainsSubstring("listen"));
}
