#include <string>
#include <thread>

#include "tests/core/http/gate.h"
#include "tests/core/http/wire.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::test::Gate;
using datong::test::status_of;
using datong::test::Wire;
using namespace std::chrono_literals;

namespace {

const std::string kWait = "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n";

}  // namespace

TEST_CASE("draining closes idle connections at once and lets an open request finish", "[http]") {
    Gate gate{{}, 2};
    Wire idle{gate.port()};
    Wire silent{gate.port()};
    Wire busy{gate.port()};
    idle.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(status_of(idle.read_answer()) == 200);
    busy.send(kWait);
    REQUIRE(Gate::eventually([&] { return gate.seen->waiting == 1; }));
    std::thread drainer{[&gate] { gate.server->drain(10s); }};
    CHECK(idle.read_to_end().empty());
    CHECK(silent.read_to_end().empty());
    gate.seen->may_go = true;
    const auto answer = busy.read_to_end();
    CHECK(status_of(answer) == 200);
    CHECK_THAT(answer, ContainsSubstring("\r\nConnection: close\r\n"));
    drainer.join();
    CHECK(gate.server->connections() == 0);
}

TEST_CASE("a drained server accepts nobody", "[http]") {
    Gate gate;
    const auto port = gate.port();
    gate.server->drain(1s);
    CHECK_THROWS(Wire{port});
}

TEST_CASE("draining ends after its grace whatever is open", "[http]") {
    Gate gate;
    Wire half{gate.port()};
    half.send("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
    CHECK_THAT(half.read_until("\r\n\r\n"), ContainsSubstring("100"));
    half.send("abc");
    const auto start = Deadline::clock::now();
    gate.server->drain(50ms);
    const auto took = Deadline::clock::now() - start;
    CHECK(took >= 50ms);
    CHECK(took < 5s);
    CHECK(gate.server->connections() == 0);
    CHECK(status_of(half.read_to_end()) == 0);
}

TEST_CASE("a server may go before its loops ever ran", "[http]") {
    async::Loops loops{2};
    http::Server server{{}, loops, {}, {}};
    CHECK(server.listen().has_value());
    CHECK(server.port() != 0);
}
