#include "core/http/server.h"

#include <string>
#include <vector>

#include "tests/core/http/gate.h"
#include "tests/core/http/wire.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::test::Gate;
using datong::test::status_of;
using datong::test::Wire;
using namespace std::chrono_literals;

namespace {

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

std::string post(const std::string& path, const std::string& body, const std::string& more = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + more + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a request reaches the handler as plain data and its answer comes back", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    wire.send(
        "POST /v1/x?y=z HTTP/1.1\r\nHost: gateway.example:8443\r\nX-A:  b \t\r\nx-a: c\r\nContent-Length: "
        "3\r\n\r\nabc");
    const auto answer = wire.read_answer();
    CHECK_THAT(answer, ContainsSubstring("HTTP/1.1 200 OK\r\n"));
    CHECK_THAT(answer, ContainsSubstring("\r\nDate: "));
    CHECK_THAT(answer, ContainsSubstring("\r\nContent-Length: 3\r\n"));
    CHECK_THAT(answer, ContainsSubstring("\r\n\r\nabc"));
    const auto request = gate.last_request();
    CHECK(request.method == "POST");
    CHECK(request.scheme == "http");
    CHECK(request.authority == "gateway.example:8443");
    CHECK(request.target == "/v1/x?y=z");
    CHECK(request.body == "abc");
    CHECK(request.field("X-A") == "b, c");
    CHECK(gate.last_peer().address == "127.0.0.1");
    CHECK(gate.last_peer().x509_sha256.empty());
}

TEST_CASE("a connection carries many requests", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    for (int i = 0; i < 50; ++i) {
        wire.send(post("/a", std::to_string(i)));
        CHECK_THAT(wire.read_answer(), ContainsSubstring("\r\n\r\n" + std::to_string(i)));
    }
    CHECK(gate.calls() == 50);
    CHECK(gate.server->connections() == 1);
}

TEST_CASE("pipelined requests are answered in order", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    wire.send(post("/a", "first") + post("/big", "second") + post("/a", "third"));
    CHECK_THAT(wire.read_answer(), ContainsSubstring("\r\n\r\nfirst"));
    CHECK(wire.read_answer().size() > (1U << 20));
    CHECK_THAT(wire.read_answer(), ContainsSubstring("\r\n\r\nthird"));
}

TEST_CASE("what stands behind an answer's body is sent with it, and not in answer to a HEAD", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    const std::string whole = "head," + std::string(1U << 20, 'y') + ",end";
    wire.send("GET /tail HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto answer = wire.read_answer();
    CHECK_THAT(answer, ContainsSubstring("\r\nContent-Length: " + std::to_string(whole.size()) + "\r\n"));
    CHECK(answer.ends_with("\r\n\r\n" + whole));
    wire.send("HEAD /tail HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK_THAT(wire.read_until("\r\n\r\n"), ContainsSubstring("200 OK"));
    wire.send(post("/a", "next"));
    CHECK_THAT(wire.read_answer(), ContainsSubstring("\r\n\r\nnext"));
}

TEST_CASE("a request may come byte by byte", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    for (const char c : "\r\n" + post("/a", "abc")) {
        wire.send({&c, 1});
    }
    CHECK_THAT(wire.read_answer(), ContainsSubstring("\r\n\r\nabc"));
}

TEST_CASE("a chunked body is joined and its trailer dropped", "[http][security]") {
    Gate gate;
    Wire wire{gate.port()};
    wire.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n");
    wire.send("X-Forged: yes\r\nHost: other\r\n\r\n" + kGet);
    CHECK_THAT(wire.read_answer(), ContainsSubstring("\r\n\r\nabcdefg"));
    CHECK(status_of(wire.read_answer()) == 200);
    const std::lock_guard lock{gate.seen->mutex};
    REQUIRE(gate.seen->requests.size() == 2);
    CHECK_FALSE(gate.seen->requests.front().field("X-Forged").has_value());
    CHECK(gate.seen->requests.front().lines("host").size() == 1);
}

TEST_CASE("a connection closes when either side says so", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    SECTION("the client") {
        wire.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    }
    SECTION("HTTP/1.0") {
        wire.send("GET /a HTTP/1.0\r\nHost: h\r\n\r\n");
    }
    const auto answer = wire.read_to_end();
    CHECK(status_of(answer) == 200);
    CHECK_THAT(answer, ContainsSubstring("\r\nConnection: close\r\n"));
}

TEST_CASE("HTTP/1.0 keeps alive when it asks for it", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    wire.send("GET /a HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n");
    CHECK_THAT(wire.read_answer(), ContainsSubstring("\r\nConnection: keep-alive\r\n"));
    wire.send(kGet);
    CHECK(status_of(wire.read_answer()) == 200);
}

TEST_CASE("the answer to a HEAD has a length and no body", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    wire.send("HEAD /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const auto answer = wire.read_to_end();
    CHECK_THAT(answer, ContainsSubstring("\r\nContent-Length: 1048576\r\n"));
    CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("an answer without content has no length", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    wire.send(post("/status/204", "x"));
    CHECK_THAT(wire.read_answer(), !ContainsSubstring("Content-Length"));
    wire.send(kGet);
    CHECK(status_of(wire.read_answer()) == 200);
}

TEST_CASE("who waits for 100 Continue gets it, unless the body is refused anyway", "[http]") {
    Gate gate{{.max_body = 10}};
    Wire wire{gate.port()};
    const std::string expect = "Expect: 100-continue\r\n";
    wire.send("POST /a HTTP/1.1\r\nHost: h\r\n" + expect + "Content-Length: 3\r\n\r\n");
    CHECK(wire.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send("abc");
    CHECK_THAT(wire.read_answer(), ContainsSubstring("\r\n\r\nabc"));
    wire.send(post("/a", "abc", expect));  // did not wait
    CHECK(status_of(wire.read_answer()) == 200);
    wire.send("POST /a HTTP/1.1\r\nHost: h\r\n" + expect + "Content-Length: 11\r\n\r\n");
    CHECK(status_of(wire.read_to_end()) == 413);
}

TEST_CASE("an expectation that nobody knows is refused", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    wire.send(post("/a", "abc", "Expect: the-unexpected\r\n"));
    CHECK(status_of(wire.read_to_end()) == 400);
}

TEST_CASE("a handler that throws makes a 500 that tells nothing", "[http][security]") {
    Gate gate;
    Wire wire{gate.port()};
    wire.send("GET /throw HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto answer = wire.read_answer();
    CHECK(status_of(answer) == 500);
    CHECK_THAT(answer, !ContainsSubstring("person"));
    CHECK_THAT(gate.last_refusal(), ContainsSubstring("std::runtime_error"));
    CHECK_THAT(gate.sink->metrics(), ContainsSubstring("datong_http_handler_throws_total 1"));
    wire.send(kGet);
    CHECK(status_of(wire.read_answer()) == 200);
}

TEST_CASE("an answer that would break the message becomes a 500", "[http][security]") {
    Gate gate;
    Wire wire{gate.port()};
    const std::string path = GENERATE("/inject", "/status/42", "/status/101");
    wire.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto answer = wire.read_answer();
    CHECK(status_of(answer) == 500);
    CHECK_THAT(answer, !ContainsSubstring("X-Other"));
}

TEST_CASE("limits of header and body are kept to the byte", "[http][security]") {
    Gate gate{{.max_body = 100, .max_header = 500, .max_header_lines = 5}};
    Wire wire{gate.port()};
    SECTION("body at the limit") {
        wire.send(post("/a", std::string(100, 'x')));
        CHECK(status_of(wire.read_answer()) == 200);
    }
    SECTION("body over it") {
        wire.send(post("/a", std::string(101, 'x')));
        CHECK(status_of(wire.read_to_end()) == 413);
    }
    SECTION("chunked body over it") {
        wire.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 11; ++i) {
            wire.send("a\r\n0123456789\r\n");
        }
        CHECK(status_of(wire.read_to_end()) == 413);
    }
    SECTION("a length that no memory has") {
        wire.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551615\r\n\r\n");
        CHECK(status_of(wire.read_to_end()) / 100 == 4);
    }
    SECTION("header over it") {
        wire.send("GET /a HTTP/1.1\r\nHost: h\r\nX: " + std::string(500, 'x') + "\r\n\r\n");
        CHECK(status_of(wire.read_to_end()) == 431);
    }
    SECTION("header that never ends") {
        wire.send("GET /" + std::string(600, 'a'));
        CHECK(status_of(wire.read_to_end()) == 431);
    }
    SECTION("empty lines that never end") {
        std::string lines;
        for (int i = 0; i < 300; ++i) {
            lines += "\r\n";
        }
        wire.send(lines);
        CHECK(status_of(wire.read_to_end()) == 431);
    }
    SECTION("lines over it") {
        wire.send("GET /a HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n\r\n");
        CHECK(status_of(wire.read_to_end()) == 431);
    }
    SECTION("chunk header without end") {
        wire.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(2000, 'x'));
        CHECK(status_of(wire.read_to_end()) == 400);
    }
    SECTION("trailer without end") {
        wire.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(2000, 'x'));
        CHECK(status_of(wire.read_to_end()) / 100 == 4);
    }
    CHECK(gate.calls() <= 1);
}

TEST_CASE("a refusal is read even by who is still sending", "[http]") {
    Gate gate{{.max_body = 10}};
    Wire wire{gate.port()};
    wire.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
    CHECK(status_of(wire.read_to_end()) == 413);
}

TEST_CASE("what begins with no method is refused at once", "[http]") {
    Gate gate;
    Wire wire{gate.port()};
    wire.send("\x16\x03\x01\x02");  // a TLS client at a plain port
    CHECK(status_of(wire.read_to_end()) == 400);
}

TEST_CASE("slow requests are cut off", "[http][security]") {
    const auto start = Deadline::clock::now();
    SECTION("head") {
        Gate gate{{.head_timeout = 60ms}};
        Wire wire{gate.port()};
        wire.send("GET /a HTTP/1.1\r\n");
        CHECK(status_of(wire.read_to_end()) == 408);
    }
    SECTION("head that drips") {
        Gate gate{{.head_timeout = 60ms}};
        Wire wire{gate.port()};
        for (int i = 0; i < 200 && wire.send("X"); ++i) {
            test::pause_a_little();
        }
        CHECK(status_of(wire.read_to_end()) == 408);
    }
    SECTION("body") {
        Gate gate{{.body_timeout = 60ms}};
        Wire wire{gate.port()};
        wire.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
        CHECK(status_of(wire.read_to_end()) == 408);
    }
    SECTION("nothing at all") {
        Gate gate{{.head_timeout = 60ms}};
        Wire wire{gate.port()};
        CHECK(wire.read_to_end().empty());
    }
    SECTION("nothing after the first") {
        Gate gate{{.idle_timeout = 60ms}};
        Wire wire{gate.port()};
        wire.send(kGet);
        CHECK(status_of(wire.read_answer()) == 200);
        CHECK(wire.read_to_end().empty());
    }
    SECTION("who does not read") {
        Gate gate{{.write_timeout = 60ms}};
        Wire wire{gate.port()};
        wire.send(kGet);
        CHECK(status_of(wire.read_answer()) == 200);
        for (int i = 0; i < 400; ++i) {
            wire.send("GET /middle HTTP/1.1\r\nHost: h\r\n\r\n");
        }
        CHECK(Gate::eventually([&] { return gate.server->connections() == 0; }));
    }
    const auto took = Deadline::clock::now() - start;
    CHECK(took >= 60ms);
    CHECK(took < 8s);
}

TEST_CASE("a handler may take longer than the times of head and body", "[http]") {
    Gate gate{{.head_timeout = 30ms, .body_timeout = 30ms, .idle_timeout = 30ms, .write_timeout = 30ms}};
    Wire wire{gate.port()};
    wire.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(Gate::eventually([&] { return gate.seen->waiting == 1; }));
    const auto start = Deadline::clock::now();
    CHECK(Gate::eventually([&] { return Deadline::clock::now() - start > 90ms; }));
    gate.seen->may_go = true;
    CHECK(status_of(wire.read_answer()) == 200);
}

TEST_CASE("connections over the limit are closed and there is room again afterwards", "[http][security]") {
    Gate gate{{.max_connections = 2}};
    {
        Wire first{gate.port()};
        Wire second{gate.port()};
        first.send(kGet);
        CHECK(status_of(first.read_answer()) == 200);
        second.send(kGet);
        CHECK(status_of(second.read_answer()) == 200);
        Wire third{gate.port()};
        third.send(kGet);
        CHECK(third.read_to_end().empty());
        CHECK_THAT(gate.sink->metrics(), ContainsSubstring("datong_http_connections_refused_total{why=\"full\"} 1"));
        CHECK(gate.server->connections() == 2);
    }
    CHECK(Gate::eventually([&] { return gate.server->connections() == 0; }));
    Wire fourth{gate.port()};
    fourth.send(kGet);
    CHECK(status_of(fourth.read_answer()) == 200);
}

TEST_CASE("a peer that resets ends its connection only", "[http]") {
    Gate gate;
    Wire other{gate.port()};
    {
        Wire wire{gate.port()};
        wire.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
        CHECK(Gate::eventually([&] { return gate.server->connections() == 2; }));
        wire.reset();
    }
    CHECK(Gate::eventually([&] { return gate.server->connections() == 1; }));
    other.send(kGet);
    CHECK(status_of(other.read_answer()) == 200);
}

TEST_CASE("every loop accepts on the same port", "[http]") {
    Gate gate{{}, 3};
    std::vector<Wire> wires;
    for (int i = 0; i < 30; ++i) {
        wires.emplace_back(gate.port());
        wires.back().send(kGet);
    }
    for (auto& wire : wires) {
        CHECK(status_of(wire.read_answer()) == 200);
    }
    CHECK(gate.calls() == 30);
}
