#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "core/http/budget.h"
#include "core/http/session.h"
#include "tests/core/http/gate.h"
#include "tests/core/http/wire.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::test::Gate;
using datong::test::status_of;
using datong::test::Wire;
using namespace std::chrono_literals;

namespace {

std::string head(const std::string& path, std::size_t length, const std::string& more = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: gateway.example\r\n" + more +
           "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

std::string post(const std::string& path, std::size_t length) {
    return head(path, length) + std::string(length, 'x');
}

Status judge(const codec::HttpMessage& message) {
    const bool good = message.scheme == "http" && message.authority == "gateway.example" && message.body.empty() &&
                      message.field("X-Key") == "known";
    return good ? Status{} : fail(Fault::not_signed, "the head says nothing of a key");
}

}  // namespace

TEST_CASE("a request is judged by its head before any of its body is read", "[http][security]") {
    Gate gate{{.judge_head = judge}};
    Wire good{gate.port()};
    good.send(head("/a", 3, "X-Key: known\r\n") + "abc");
    CHECK_THAT(good.read_answer(), ContainsSubstring("\r\n\r\nabc"));
    Wire bad{gate.port()};
    SECTION("who waits for 100 Continue never gets it") {
        bad.send(head("/a", 100'000, "Expect: 100-continue\r\n"));
    }
    SECTION("who does not wait is answered before the body is there") {
        bad.send(head("/a", 100'000));
    }
    SECTION("who has no body is judged too") {
        bad.send("GET /a HTTP/1.1\r\nHost: gateway.example\r\n\r\n");
    }
    const auto answer = bad.read_to_end();
    CHECK(status_of(answer) == 401);
    CHECK_THAT(answer, ContainsSubstring("\r\nConnection: close\r\n"));
    CHECK(gate.last_refusal() == "the head says nothing of a key");
    CHECK(gate.calls() == 1);
    CHECK_THAT(gate.sink->metrics(), ContainsSubstring("datong_http_refusals_total{fault=\"not_signed\"} 1"));
}

TEST_CASE("bodies in flight hold no more than the server's budget", "[http][security]") {
    Gate gate{{.max_connections_per_address = 0, .max_body_bytes_in_flight = 100'000}};
    Wire waiting{gate.port()};
    waiting.send(post("/wait", 60'000));
    REQUIRE(Gate::eventually([&] { return gate.seen->waiting == 1; }));
    SECTION("a length that is only promised holds little") {
        std::vector<Wire> promises;
        for (int i = 0; i < 2; ++i) {
            promises.emplace_back(gate.port());
            promises.back().send(head("/a", 1U << 20, "Expect: 100-continue\r\n"));
            CHECK_THAT(promises.back().read_until("\r\n\r\n"), ContainsSubstring("100 Continue"));
        }
        Wire third{gate.port()};
        third.send(head("/a", 1U << 20, "Expect: 100-continue\r\n"));
        CHECK(status_of(third.read_to_end()) == 503);
    }
    SECTION("a body that does not fit is refused") {
        Wire over{gate.port()};
        over.send(post("/a", 40'001));
        CHECK(status_of(over.read_to_end()) == 503);
        CHECK_THAT(gate.sink->metrics(), ContainsSubstring("datong_http_refusals_total{fault=\"unavailable\"} 1"));
    }
    SECTION("a chunked one too") {
        Wire over{gate.port()};
        over.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 5; ++i) {
            over.send("2000\r\n" + std::string(0x2000, 'x') + "\r\n");
        }
        CHECK(status_of(over.read_to_end()) == 503);
    }
    SECTION("one that fits, many times") {
        Wire fits{gate.port()};
        for (int i = 0; i < 20; ++i) {
            fits.send(post("/a", 40'000));
            CHECK(status_of(fits.read_answer()) == 200);
        }
    }
    SECTION("one that is cut short gives back what it held") {
        {
            Wire half{gate.port()};
            half.send(head("/a", 40'000) + std::string(30'000, 'x'));
            CHECK(Gate::eventually([&] { return gate.server->connections() == 2; }));
            half.reset();
        }
        CHECK(Gate::eventually([&] { return gate.server->connections() == 1; }));
        Wire fits{gate.port()};
        fits.send(post("/a", 40'000));
        CHECK(status_of(fits.read_answer()) == 200);
    }
    gate.seen->may_go = true;
    CHECK(status_of(waiting.read_answer()) == 200);
    CHECK(Gate::eventually([&] {  // all is given back, once the last of them has gone
        Wire whole{gate.port()};
        whole.send(post("/a", 100'000));
        return status_of(whole.read_answer()) == 200;
    }));
}

TEST_CASE("one address may not have all room for bodies", "[http][security]") {
    Gate gate{{.max_body_bytes_in_flight = 400'000}};
    std::vector<Wire> held;
    for (int i = 0; i < 2; ++i) {
        held.emplace_back(gate.port());
        held.back().send(post("/wait", 100'000));
    }
    REQUIRE(Gate::eventually([&] { return gate.seen->waiting == 2; }));
    Wire third{gate.port()};  // it would leave less than it has
    third.send(head("/a", 100'000));
    CHECK(status_of(third.read_to_end()) == 503);
    Wire elsewhere{gate.port(), "127.0.0.2"};
    elsewhere.send(post("/a", 100'000));
    CHECK(status_of(elsewhere.read_answer()) == 200);
    gate.seen->may_go = true;
    for (Wire& one : held) {
        CHECK(status_of(one.read_answer()) == 200);
    }
    CHECK(Gate::eventually([&] {  // what it held is its own again
        Wire half{gate.port()};
        half.send(post("/a", 200'000));
        return status_of(half.read_answer()) == 200;
    }));
}

TEST_CASE("a body of which nothing comes any more gives up its room, one that comes slowly does not",
          "[http][security]") {
    Gate gate{{.body_pause = 2s}};
    Wire wire{gate.port()};
    wire.send(head("/a", 12));
    SECTION("it stops") {
        wire.send("abcd");
        CHECK(status_of(wire.read_to_end()) == 408);
        CHECK(gate.calls() == 0);
    }
    SECTION("it takes longer than one pause in all") {
        const auto begun = std::chrono::steady_clock::now();
        for (const char letter : std::string{"abcdefghijkl"}) {
            std::this_thread::sleep_for(200ms);
            wire.send(std::string(1, letter));
        }
        CHECK(std::chrono::steady_clock::now() - begun > 2s);
        CHECK_THAT(wire.read_answer(), ContainsSubstring("\r\n\r\nabcdefghijkl"));
    }
}

TEST_CASE("an answer that is slow to be read holds nothing of the budget", "[http][security]") {
    Gate gate{{.max_connections_per_address = 0, .max_body_bytes_in_flight = 1'000}};
    Wire slow{gate.port()};
    for (int i = 0; i < 40; ++i) {  // far more than the system takes for one who does not read
        slow.send(post("/big", 1'000));
    }
    CHECK(Gate::eventually([&] {
        Wire other{gate.port()};
        other.send(post("/a", 1'000));
        return gate.calls() > 1 && status_of(other.read_answer()) == 200;
    }));
    CHECK(gate.server->connections() >= 1);
}

TEST_CASE("what shares hold comes back to the budget", "[http]") {
    http::Budget budget{100};
    http::Share first{budget};
    CHECK(first.grow_to(60));
    CHECK(first.grow_to(50));  // no less than before
    {
        http::Share second{budget};
        CHECK_FALSE(second.grow_to(41));
        CHECK(second.grow_to(40));
        http::Share moved{std::move(second)};
        CHECK_FALSE(budget.take(1));
    }
    CHECK(budget.take(40));
    budget.give_back(40);
    first = http::Share{budget};
    CHECK(budget.take(100));
    CHECK_FALSE(budget.take(1));
}

TEST_CASE("an address holds as much of the budget as it leaves for others", "[http][security]") {
    http::Budget budget{800};
    http::Budget::Held one{};
    http::Budget::Held two{};
    CHECK_FALSE(budget.take(401, &one));
    CHECK(budget.take(400, &one));
    CHECK_FALSE(budget.take(1, &one));
    CHECK_FALSE(budget.take(201, &two));
    CHECK(budget.take(200, &two));
    CHECK(budget.take(100));  // nobody asks whose it is: 100 are left
    http::Budget::Held three{};
    CHECK_FALSE(budget.take(51, &three));
    CHECK(budget.take(50, &three));
    budget.give_back(400, &one);
    CHECK(one == 0);
    CHECK_FALSE(budget.take(226, &one));
    CHECK(budget.take(225, &one));
    {
        http::Share share{budget, &three};
        CHECK_FALSE(share.grow_to(88));
        CHECK(three == 50);
        CHECK(share.grow_to(87));
        CHECK(three == 137);
    }
    CHECK(three == 50);
}

TEST_CASE("addresses that take all they can leave some of the budget for the next", "[http][security]") {
    http::Budget budget{800};
    std::array<http::Budget::Held, 5> greedy{};
    for (http::Budget::Held& one : greedy) {
        while (budget.take(1, &one)) {
        }
    }
    CHECK(greedy[0] == 400);
    CHECK(greedy[1] == 200);
    CHECK(greedy[2] == 100);
    CHECK(greedy[3] == 50);
    CHECK(greedy[4] == 25);
    http::Budget::Held next{};
    CHECK(budget.take(12, &next));
    CHECK_FALSE(budget.take(1, &next));
}

TEST_CASE("an IPv6 address is counted by its first 64 bits", "[http][security]") {
    CHECK(http::counted_as("2001:db8:1:2::1") == "2001:db8:1:2::");
    CHECK(http::counted_as("2001:db8:1:2:ffff:ffff:ffff:ffff") == "2001:db8:1:2::");
    CHECK(http::counted_as("2001:db8:1:3::1") == "2001:db8:1:3::");
    CHECK(http::counted_as("192.0.2.1") == "192.0.2.1");
    CHECK(http::counted_as("").empty());
}

TEST_CASE("one address may not have all connections", "[http][security]") {
    Gate gate{{.max_connections_per_address = 2}};
    {
        Wire first{gate.port()};
        Wire second{gate.port()};
        REQUIRE(Gate::eventually([&] { return gate.server->connections() == 2; }));
        Wire third{gate.port()};
        third.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        CHECK(third.read_to_end().empty());
        CHECK_THAT(gate.sink->metrics(), ContainsSubstring("datong_http_connections_refused_total{why=\"address\"} 1"));
        Wire elsewhere{gate.port(), "127.0.0.2"};
        elsewhere.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        CHECK(status_of(elsewhere.read_answer()) == 200);
    }
    CHECK(Gate::eventually([&] { return gate.server->connections() == 0; }));
    Wire again{gate.port()};
    again.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(status_of(again.read_answer()) == 200);
}

TEST_CASE("without a limit one address may have many connections", "[http]") {
    Gate gate{{.max_connections_per_address = 0}};
    std::vector<Wire> wires;
    for (int i = 0; i < 20; ++i) {
        wires.emplace_back(gate.port());
        wires.back().send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        CHECK(status_of(wires.back().read_answer()) == 200);
    }
}
