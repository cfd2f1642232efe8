#include "core/http/client.h"

#include <functional>
#include <string>
#include <thread>

#include "tests/core/http/caller.h"
#include "tests/core/http/gate.h"
#include "tests/core/http/wire.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace std::chrono_literals;
using datong::test::call;
using datong::test::Gate;
using datong::test::get;
using datong::test::Listener;
using datong::test::post;
using datong::test::Wire;

namespace {

std::unique_ptr<http::Client> client_of(http::ClientSettings settings) {
    auto made = http::Client::make(std::move(settings));
    CAPTURE(made.has_value() ? "" : made.error().detail());
    REQUIRE(made.has_value());
    return std::move(*made);
}

std::string url_of(const Listener& listener) {
    return "http://127.0.0.1:" + std::to_string(listener.port());
}

/// A department that does what a test says, on a thread of its own.
class Department {
public:
    explicit Department(std::function<void(Listener&)> act)
        : thread_{[this, act = std::move(act)] { act(listener_); }} {}
    Department(const Department&) = delete;
    Department& operator=(const Department&) = delete;
    ~Department() { thread_.join(); }

    [[nodiscard]] std::string url() const { return url_of(listener_); }

private:
    Listener listener_;
    std::thread thread_;
};

/// Answers one request with `bytes`, then closes.
std::function<void(Listener&)> once(std::string bytes) {
    return [bytes = std::move(bytes)](Listener& listener) {
        Wire wire = listener.accept();
        wire.read_until("\r\n\r\n");
        wire.send(bytes);
    };
}

Result<codec::HttpMessage> answer_to_get(const std::string& bytes, std::size_t max_answer = 1000) {
    async::Loops loops{1};
    loops.start();
    Department department{once(bytes)};
    const auto client = client_of({.url = department.url(), .max_answer = max_answer});
    return call(*client, loops, get("/"));
}

}  // namespace

TEST_CASE("a client sends and gets an answer over one kept connection", "[http]") {
    Gate gate;
    const auto client = client_of({.url = gate.url() + "/base"});
    for (int i = 0; i < 5; ++i) {
        auto request = post("/x?y=z", "body " + std::to_string(i));
        request.add("X-Exchange", "0190");
        const auto answer = call(*client, gate.loops, request);
        REQUIRE(answer.has_value());
        CHECK(answer->status == 200);
        CHECK(answer->body == "body " + std::to_string(i));
        CHECK(answer->field("content-type") == "text/plain");
    }
    const auto request = gate.last_request();
    CHECK(request.target == "/base/x?y=z");
    CHECK(request.authority == "127.0.0.1:" + std::to_string(gate.port()));
    CHECK(request.field("X-Exchange") == "0190");
    CHECK(request.lines("content-length").size() == 1);
    CHECK(gate.server->connections() == 1);
}

TEST_CASE("Host may be given", "[http]") {
    Gate gate;
    const auto client = client_of({.url = gate.url()});
    auto request = get("/");
    SECTION("as field") {
        request.add("Host", "land.example");
    }
    SECTION("as authority") {
        request.authority = "land.example";
    }
    REQUIRE(call(*client, gate.loops, request).has_value());
    CHECK(gate.last_request().lines("host").size() == 1);
    CHECK(gate.last_request().authority == "land.example");
}

TEST_CASE("large bodies go both ways", "[http]") {
    Gate gate{{.max_body = 4U << 20}};
    const auto client = client_of({.url = gate.url()});
    const std::string body(3U << 20, 'b');
    const auto answer = call(*client, gate.loops, post("/a", body));
    REQUIRE(answer.has_value());
    CHECK(answer->body == body);
}

TEST_CASE("the answer to HEAD has no body and the connection goes on", "[http]") {
    Gate gate;
    const auto client = client_of({.url = gate.url()});
    auto head = get("/big");
    head.method = "HEAD";
    const auto answer = call(*client, gate.loops, head);
    REQUIRE(answer.has_value());
    CHECK(answer->body.empty());
    CHECK(call(*client, gate.loops, post("/a", "next"))->body == "next");
    CHECK(gate.server->connections() == 1);
}

TEST_CASE("a redirect is an answer and is not followed", "[http][security]") {
    Gate gate;
    const auto client = client_of({.url = gate.url()});
    const auto answer = call(*client, gate.loops, get("/status/302"));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 302);
    CHECK(gate.calls() == 1);
}

TEST_CASE("many calls at once each have a connection and the pool keeps some", "[http]") {
    Gate gate{{}, 2};
    const auto client = client_of({.url = gate.url(), .idle_per_loop = 3});
    std::vector<std::future<Result<codec::HttpMessage>>> calls;
    for (std::size_t i = 0; i < 10; ++i) {
        const auto deadline = Deadline::clock::now() + 10s;
        calls.push_back(
            boost::asio::co_spawn(gate.loops.at(i % 2), client->send(get("/wait"), deadline), boost::asio::use_future));
    }
    CHECK(Gate::eventually([&] { return gate.seen->waiting == 10; }));
    gate.seen->may_go = true;
    for (auto& waiting : calls) {
        CHECK(waiting.get().has_value());
    }
    CHECK(Gate::eventually([&] { return gate.server->connections() == 6; }));
}

TEST_CASE("answers without length end with the connection", "[http]") {
    const auto answer = answer_to_get("HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n<a/>");
    REQUIRE(answer.has_value());
    CHECK(answer->body == "<a/>");
}

TEST_CASE("a chunked answer is joined, interim answers are passed over", "[http]") {
    const auto answer = answer_to_get(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nX-Late: y\r\n\r\n");
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    CHECK(answer->body == "abc");
    CHECK(answer->fields.size() == 1);
}

TEST_CASE("what is no answer is the department's fault", "[http][security]") {
    struct Row {
        const char* why;
        std::string bytes;
        Fault fault;
    };
    const auto row = GENERATE(values<Row>({
        {"nothing", "", Fault::department_down},
        {"no HTTP", "220 smtp.example ESMTP\r\n", Fault::department_down},
        {"half a head", "HTTP/1.1 200 OK\r\nContent-", Fault::department_down},
        {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", Fault::department_down},
        {"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", Fault::department_down},
        {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", Fault::department_down},
        {"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Fault::department_down},
        {"length over the limit", "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", Fault::department_invalid},
        {"body over the limit", "HTTP/1.0 200 OK\r\n\r\n" + std::string(1001, 'x'), Fault::department_invalid},
        {"head over the limit", "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), Fault::department_invalid},
    }));
    CAPTURE(row.why);
    const auto answer = answer_to_get(row.bytes);
    REQUIRE_FALSE(answer.has_value());
    CAPTURE(answer.error().detail());
    CHECK(answer.error().fault() == row.fault);
}

TEST_CASE("an answer at the limit is taken", "[http]") {
    const auto answer = answer_to_get("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
    REQUIRE(answer.has_value());
    CHECK(answer->body.size() == 1000);
}

TEST_CASE("a reset and a closed port are a department that is down", "[http]") {
    async::Loops loops{1};
    loops.start();
    SECTION("reset") {
        Department department{[](Listener& listener) {
            Wire wire = listener.accept();
            wire.read_until("\r\n\r\n");
            wire.reset();
        }};
        const auto client = client_of({.url = department.url()});
        CHECK(call(*client, loops, get("/")).error().fault() == Fault::department_down);
    }
    SECTION("nobody listens") {
        std::string url;
        {
            const Listener closed;
            url = url_of(closed);
        }
        const auto client = client_of({.url = url});
        CHECK(call(*client, loops, get("/")).error().fault() == Fault::department_down);
    }
    SECTION("a name that nobody has") {
        const auto client = client_of({.url = "http://department.invalid"});
        CHECK(call(*client, loops, get("/")).error().fault() == Fault::department_down);
    }
}

TEST_CASE("a department that hangs is left at the deadline", "[http]") {
    Gate gate;
    const auto client = client_of({.url = gate.url()});
    const auto start = Deadline::clock::now();
    const auto answer = call(*client, gate.loops, get("/wait"), 60ms);
    CHECK(Deadline::clock::now() - start < 5s);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().fault() == Fault::department_timeout);
    CHECK(call(*client, gate.loops, post("/a", "x"))->body == "x");
}

TEST_CASE("an answer that drips is left at the deadline", "[http][security]") {
    async::Loops loops{1};
    loops.start();
    Department department{[](Listener& listener) {
        Wire wire = listener.accept();
        wire.send("HTTP/1.1 200 OK\r\nX: ");
        for (int i = 0; i < 500 && wire.send("x"); ++i) {
            test::pause_a_little();
        }
    }};
    const auto client = client_of({.url = department.url()});
    CHECK(call(*client, loops, get("/"), 60ms).error().fault() == Fault::department_timeout);
}

TEST_CASE("a kept connection that was closed is seen before it is used, even for POST", "[http]") {
    Gate gate{{.idle_timeout = 20ms}};
    const auto client = client_of({.url = gate.url()});
    CHECK(call(*client, gate.loops, post("/a", "first"))->body == "first");
    CHECK(Gate::eventually([&] { return gate.server->connections() == 0; }));
    const auto answer = call(*client, gate.loops, post("/a", "second"));
    REQUIRE(answer.has_value());
    CHECK(answer->body == "second");
    CHECK(gate.calls() == 2);
}

TEST_CASE("a connection that dies under a reused request is replaced once for GET, and never for POST or a submission",
          "[http][security]") {
    async::Loops loops{1};
    loops.start();
    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    const auto [method, once] = GENERATE(table<std::string, bool>({{"GET", false}, {"GET", true}, {"POST", false}}));
    const bool may_repeat = method == "GET" && !once;
    Department department{[ok, may_repeat](Listener& listener) {
        Wire first = listener.accept();
        first.read_until("\r\n\r\n");
        first.send(ok);
        first.read_until("\r\n\r\n");
        first.reset();
        if (may_repeat) {
            Wire second = listener.accept();
            second.read_until("\r\n\r\n");
            second.send(ok);
        }
    }};
    const auto client = client_of({.url = department.url()});
    REQUIRE(call(*client, loops, get("/")).has_value());
    auto request = get("/again");
    request.method = method;
    const auto answer = call(*client, loops, std::move(request), 10s, 0, {.once = once});
    CHECK(answer.has_value() == may_repeat);
    CHECK((may_repeat || !answer.error().is_unsent()));
}

TEST_CASE("bytes behind an answer end the connection", "[http][security]") {
    async::Loops loops{1};
    loops.start();
    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    Department department{[ok](Listener& listener) {
        {
            Wire first = listener.accept();
            first.read_until("\r\n\r\n");
            first.send(ok + "okHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
            first.read_until("\r\n\r\n");  // ends: the client goes
        }
        Wire second = listener.accept();
        second.read_until("\r\n\r\n");
        second.send(ok + "ok");
    }};
    const auto client = client_of({.url = department.url()});
    CHECK(call(*client, loops, get("/"))->body == "ok");
    CHECK(call(*client, loops, get("/"))->body == "ok");
}

TEST_CASE("a refusal that comes before the body was sent is read", "[http]") {
    Gate gate{{.max_body = 10}};
    const auto client = client_of({.url = gate.url()});
    const auto answer = call(*client, gate.loops, post("/a", std::string(100'000, 'x')));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 413);
}

TEST_CASE("a request that would break the message is not sent", "[http][security]") {
    Gate gate;
    const auto client = client_of({.url = gate.url()});
    auto request = get("/");
    SECTION("field") {
        request.add("X", "a\r\nY: b");
    }
    SECTION("target") {
        request.target = "/a HTTP/1.1\r\nX: y";
    }
    SECTION("method") {
        request.method = "GET /x";
    }
    SECTION("authority") {
        request.authority = "a\r\nb";
    }
    const auto answer = call(*client, gate.loops, request);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().fault() == Fault::internal);
    CHECK(gate.calls() == 0);
}

TEST_CASE("a client may outlive the loops its connections were on", "[http]") {
    std::unique_ptr<http::Client> client;
    {
        Gate gate;
        client = client_of({.url = gate.url()});
        REQUIRE(call(*client, gate.loops, get("/")).has_value());
    }
    client.reset();
    SUCCEED();
}

TEST_CASE("a file over the limit of its own request is refused as such", "[http][security]") {
    async::Loops loops{1};
    loops.start();
    const bool says_length = GENERATE(true, false);
    const std::string head = says_length ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n";
    Department department{once(head + "123456789")};
    const auto client = client_of({.url = department.url(), .max_answer = 4});
    const std::size_t most = GENERATE(std::size_t{8}, std::size_t{9});
    const auto answer = call(*client, loops, get("/"), 10s, 0, {.most = most});
    REQUIRE(answer.has_value() == (most == 9));
    if (answer) {
        CHECK(answer->body == "123456789");
    } else {
        CHECK(answer.error().fault() == Fault::body_too_large);
    }
}
