#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>

#include <sys/socket.h>

#include "adapters/rest/rest_adapter.h"
#include "core/mapping/mapping.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/http_handler.h"

// What a department's server does wrong, and that the next call is none the worse for it.

using namespace datong;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using support::AdapterBench;

namespace {

const std::string kNone = R"({"code":"2001","msg":"查无此企业","data":[]})";

void put(tcp::socket& socket, const std::string& bytes) {
    boost::system::error_code ignored;
    boost::asio::write(socket, boost::asio::buffer(bytes), ignored);
}

std::string answer_of(const std::string& body, const std::string& type = "application/json") {
    return "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

void reset(tcp::socket& socket) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    socket.close();
}

/// Writes as often as `pause` says, until the peer has had enough.
void keep_writing(tcp::socket& socket, const std::string& part, std::chrono::milliseconds pause) {
    boost::system::error_code ec;
    while (!ec) {
        boost::asio::write(socket, boost::asio::buffer(part), ec);
        std::this_thread::sleep_for(pause);
    }
}

/// A server that does what a test says after it has read a request. True: the connection goes on.
class FaultyServer {
public:
    using Act = std::function<bool(tcp::socket& socket)>;

    void act(Act act) {
        const std::scoped_lock lock{mutex_};
        act_ = std::move(act);
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    void stop() { server_.stop(); }

private:
    void talk(tcp::socket& socket) {
        std::string buffer;
        support::HandledRequest request;
        while (!server_.stopped() && support::read_request(socket, buffer, request)) {
            Act act;
            {
                const std::scoped_lock lock{mutex_};
                act = act_;
            }
            if (!act(socket)) {
                boost::system::error_code ignored;
                socket.close(ignored);
                return;
            }
        }
    }

    std::mutex mutex_;
    Act act_ = [](tcp::socket& socket) {
        put(socket, answer_of(kNone));
        return true;
    };
    support::LoopbackServer server_{[this](tcp::socket& socket) { talk(socket); }};
};

FaultyServer::Act answering(const std::string& body, const std::string& type = "application/json") {
    return [=](tcp::socket& socket) {
        put(socket, answer_of(body, type));
        return true;
    };
}

struct Bench {
    FaultyServer server;
    AdapterBench bench;
    std::unique_ptr<adapter::Adapter> adapter =
        bench.make(adapters::rest::kind(), "url: " + server.url() +
                                               "\nmax_answer: 100000\noperations: {q: {path: /q, content_type: "
                                               "application/json}}\n");

    Result<adapter::Reply> ask(std::chrono::milliseconds limit = 5s) {
        adapter::Ask what;
        what.operation = "q";
        what.body = "{}";
        return bench.ask(*adapter, std::move(what), limit);
    }
    /// The same adapter, now that the server behaves.
    void check_recovery() {
        server.act(answering(kNone));
        for (int i = 0; i < 3; ++i) {
            const auto reply = ask();
            REQUIRE(reply.has_value());
            CHECK(reply->body == kNone);
        }
    }
};

/// What the shipped mapping makes of an answer.
mapping::Outcome outcome_of(const std::string& body) {
    static const mapping::Compiled compiled = mapping::compile(
        "market/business-licence.yaml",
        [](std::string_view path) -> std::optional<std::string> {
            std::ifstream file{std::string{DATONG_SOURCE_DIR "/mappings/"} + std::string{path}, std::ios::binary};
            return file ? std::optional{std::string{std::istreambuf_iterator<char>{file}, {}}} : std::nullopt;
        },
        {.test_division = true});
    REQUIRE(compiled.mapping != nullptr);
    mapping::Input input;
    input.bytes = body;
    input.now = std::chrono::system_clock::now();
    return compiled.mapping->run(input).outcome;
}

}  // namespace

TEST_CASE("a server that fails is a fault of the department, in time, and the next call works",
          "[adapters][rest][faults]") {
    struct Row {
        const char* why;
        FaultyServer::Act act;
        Fault fault;
    };
    const auto head = [](const std::string& rest) { return "HTTP/1.1 200 OK\r\n" + rest; };
    const std::vector<Row> rows{
        {"reset before an answer",
         [](tcp::socket& socket) {
             reset(socket);
             return false;
         },
         Fault::department_down},
        {"closed before an answer", [](tcp::socket&) { return false; }, Fault::department_down},
        {"reset in the body",
         [=](tcp::socket& socket) {
             put(socket, head("Content-Length: 100\r\n\r\n{\"code\""));
             reset(socket);
             return false;
         },
         Fault::department_down},
        {"a length longer than the body",
         [=](tcp::socket& socket) {
             put(socket, head("Content-Length: 100\r\n\r\n" + kNone));
             return false;
         },
         Fault::department_down},
        {"chunks that break off",
         [=](tcp::socket& socket) {
             put(socket, head("Transfer-Encoding: chunked\r\n\r\n5\r\n{\"cod\r\n"));
             return false;
         },
         Fault::department_down},
        {"two lengths",
         [=](tcp::socket& socket) {
             put(socket, head("Content-Length: 2\r\nContent-Length: 100\r\n\r\n{}"));
             return true;
         },
         Fault::department_down},
        {"no HTTP",
         [](tcp::socket& socket) {
             put(socket, "220 ftp ready\r\n\r\n");
             return true;
         },
         Fault::department_down},
        {"a body without end",
         [=](tcp::socket& socket) {
             put(socket, head("\r\n"));
             keep_writing(socket, std::string(8'192, 'x'), 0ms);
             return false;
         },
         Fault::department_invalid},
        {"chunks without end",
         [=](tcp::socket& socket) {
             put(socket, head("Transfer-Encoding: chunked\r\n\r\n"));
             keep_writing(socket, "1000\r\n" + std::string(4'096, 'x') + "\r\n", 0ms);
             return false;
         },
         Fault::department_invalid},
        {"a length over the limit",
         [=](tcp::socket& socket) {
             put(socket, head("Content-Length: 100001\r\n\r\n"));
             return true;
         },
         Fault::department_invalid},
        {"headers without end",
         [](tcp::socket& socket) {
             put(socket, "HTTP/1.1 200 OK\r\n");
             keep_writing(socket, "X-Filler: " + std::string(1'000, 'x') + "\r\n", 0ms);
             return false;
         },
         Fault::department_invalid},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.why) {
            Bench bench;
            bench.server.act(row.act);
            const auto reply = bench.ask();
            REQUIRE_FALSE(reply.has_value());
            CHECK(reply.error().fault() == row.fault);
            bench.check_recovery();
        }
    }
}

TEST_CASE("a refused connection is the department's fault", "[adapters][rest][faults]") {
    Bench bench;
    bench.server.stop();
    const auto reply = bench.ask();
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_down);
}

TEST_CASE("neither silence nor a byte a second outlasts the deadline", "[adapters][rest][faults]") {
    struct Row {
        const char* why;
        FaultyServer::Act act;
    };
    const std::vector<Row> rows{
        {"silence",
         [](tcp::socket& socket) {
             boost::system::error_code ec;
             char byte{};
             boost::asio::read(socket, boost::asio::buffer(&byte, 1), ec);  // until the other side goes
             return false;
         }},
        {"a byte of the body a second",
         [](tcp::socket& socket) {
             put(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
             keep_writing(socket, "x", 1s);
             return false;
         }},
        {"a byte of the header a second",
         [](tcp::socket& socket) {
             put(socket, "HTTP/1.1 200 OK\r\nX-Slow: ");
             keep_writing(socket, "x", 1s);
             return false;
         }},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.why) {
            Bench bench;
            bench.server.act(row.act);
            const auto began = std::chrono::steady_clock::now();
            const auto reply = bench.ask(1'500ms);
            const auto took = std::chrono::steady_clock::now() - began;
            REQUIRE_FALSE(reply.has_value());
            CHECK(reply.error().fault() == Fault::department_timeout);
            CHECK(took >= 1'400ms);
            CHECK(took < 10s);
            bench.check_recovery();
        }
    }
}

TEST_CASE("a length shorter than the body leaves nothing for the next call", "[adapters][rest][faults][security]") {
    Bench bench;
    const std::string smuggled = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"code\":\"2000\"}";
    bench.server.act([&](tcp::socket& socket) {
        put(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"co\"" + smuggled);
        return true;
    });
    const auto reply = bench.ask();
    REQUIRE(reply.has_value());
    CHECK(reply->body == "{\"co\"");
    CHECK(outcome_of(reply->body) == mapping::Outcome::malformed);
    bench.check_recovery();
}

TEST_CASE("what is no record is never 'no record'", "[adapters][rest][faults]") {
    struct Row {
        const char* why;
        std::string body;
        std::string type;
    };
    const auto row = GENERATE(values<Row>({
        {"HTML with 200", "<html><head><title>系统维护</title></head><body>系统正在维护</body></html>", "text/html"},
        {"HTML called JSON", "<!DOCTYPE html><html><body>502</body></html>", "application/json"},
        {"nothing", "", "application/json"},
        {"blanks", "  \r\n", "application/json"},
        {"null", "null", "application/json"},
        {"an empty object", "{}", "application/json"},
        {"an empty list", "[]", "application/json"},
        {"GBK called UTF-8", "{\"code\":\"2001\",\"msg\":\"\xB2\xE9\xCE\xDE\"}", "application/json; charset=utf-8"},
        {"cut in the middle", R"({"code":"2001","msg":"查)", "application/json"},
        {"two answers", kNone + kNone, "application/json"},
    }));
    CAPTURE(row.why);
    CHECK(outcome_of(kNone) == mapping::Outcome::not_found);
    Bench bench;
    bench.server.act(answering(row.body, row.type));
    const auto reply = bench.ask();
    REQUIRE(reply.has_value());
    CHECK(reply->body == row.body);
    const auto outcome = outcome_of(reply->body);
    CHECK(outcome != mapping::Outcome::not_found);
    CHECK(outcome != mapping::Outcome::ok);
    bench.check_recovery();
}

TEST_CASE("an HTTP/1.0 server without length is read until it closes", "[adapters][rest][faults]") {
    Bench bench;
    bench.server.act([](tcp::socket& socket) {
        put(socket, "HTTP/1.0 200 OK\r\nServer: old\r\n\r\n" + kNone.substr(0, 10));
        put(socket, kNone.substr(10));
        return false;
    });
    for (int i = 0; i < 3; ++i) {
        const auto reply = bench.ask();
        REQUIRE(reply.has_value());
        CHECK(reply->body == kNone);
    }
    bench.server.act([](tcp::socket& socket) {
        put(socket, "HTTP/1.0 200 OK\r\n\r\n" + kNone.substr(0, 10));
        reset(socket);
        return false;
    });
    CHECK_FALSE(bench.ask().has_value());  // a reset is no end
    bench.check_recovery();
}
