// What the line to a broker and what a department's program do wrong, and that the next call is none the worse for it.
#include "adapters/queue/queue_adapter.h"
#include "core/crypto/x509.h"
#include "core/mapping/mapping.h"
#include "tests/adapters/queue/chatter.h"
#include "tests/adapters/queue/proxy.h"
#include "tests/adapters/queue/worker.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/rabbit_server.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::queue_test;
using namespace std::chrono_literals;
using support::AdapterBench;

namespace {

const std::string kGood = "<R><ROW><XM>示例甲</XM></ROW></R>";

std::string settings_for(int port) {
    return "host: 127.0.0.1\nport: " + std::to_string(port) +
           "\nuser: datong\npassword: secret\nmax_reply: 1048576\nheartbeat_s: 600\n"
           "operations: {q: {routing_key: faults}}\n";
}

adapter::Ask question() {
    adapter::Ask ask;
    ask.operation = "q";
    ask.body = "<ask/>";
    return ask;
}

/// The mapping that departments of this kind have.
mapping::Compiled response_mapping() {
    return mapping::compile(
        "m.yaml",
        [](std::string_view path) -> std::optional<std::string> {
            if (path == "m.yaml") {
                return "datong: mapping/v1\nid: m\nversion: 1.0.0\nsource: {format: xml}\n"
                       "target: {format: json, schema: s.json}\nfields: [{to: name, from: ROW.XM, required: true}]\n";
            }
            return R"({"type":"object","x-class":"sensitive","properties":{"name":{"type":"string"}}})";
        },
        {.test_division = true});
}

/// The adapter's fault, or the mapping's outcome.
std::string verdict(const Result<adapter::Reply>& reply) {
    if (!reply) {
        return std::string{row_of(reply.error().fault()).code};
    }
    const mapping::Compiled compiled = response_mapping();
    for (const Mistake& mistake : compiled.mistakes) {
        FAIL_CHECK(to_line(mistake));
    }
    REQUIRE(compiled.mapping != nullptr);
    mapping::Input input{};
    input.bytes = reply->body;
    return std::string{name_of(compiled.mapping->run(input).outcome)};
}

/// A department's program behind a broker behind a line that goes wrong.
struct Line {
    explicit Line(support::RabbitServer& server)
        : worker{server.port(), "faults",
                 [this](const Seen& seen) {
                     const std::scoped_lock lock{mutex};
                     return std::vector<Sent>{{.to = seen.reply_to, .correlation = seen.correlation, .body = body}};
                 }},
          proxy{server.port()} {}

    std::string ask(std::chrono::milliseconds limit = 5s) { return verdict(bench.ask(*made, question(), limit)); }
    void say(const std::string& text) {
        const std::scoped_lock lock{mutex};
        body = text;
    }

    std::mutex mutex;
    std::string body = kGood;
    Worker worker;
    Proxy proxy;
    AdapterBench bench;
    std::unique_ptr<adapter::Adapter> made = bench.make(adapters::queue::kind(), settings_for(proxy.port()));
};

/// A call of a second ends by that fault, and soon after it holds nothing of its source any more.
void check_given_up(AdapterBench& bench, adapter::Adapter& adapter, Fault fault) {
    auto errand = AdapterBench::errand(1s);
    errand.place = std::make_shared<const int>();
    const std::weak_ptr<const void> place = errand.place;
    const auto began = std::chrono::steady_clock::now();
    const auto reply = bench.run(adapter.ask(question(), std::move(errand)));
    REQUIRE_FALSE(reply.has_value());
    CAPTURE(reply.error().detail());
    CHECK(reply.error().fault() == fault);
    while (!place.expired() && std::chrono::steady_clock::now() - began < 5s) {
        std::this_thread::yield();
    }
    CHECK(std::chrono::steady_clock::now() - began < 3s);
    CHECK(place.expired());
}

}  // namespace

TEST_CASE("a line to a broker that goes wrong is told in time, and the next call works",
          "[adapters][queue][faults][slow]") {
    static support::RabbitServer server;
    struct Row {
        const char* why;
        Proxy::Fault fault;
        const char* verdict;
    };
    const auto row = GENERATE(values<Row>({
        {"hangs", Proxy::Fault::hang, "department_timeout"},
        {"an octet a time", Proxy::Fault::drip, "department_timeout"},
        {"reset", Proxy::Fault::reset, "department_down"},
        {"cut in a frame", Proxy::Fault::cut, "department_down"},
        {"another mark at a frame's end", Proxy::Fault::altered, "department_invalid"},
        {"a frame of two gigabytes", Proxy::Fault::bloated, "department_invalid"},
    }));
    const bool is_first = GENERATE(true, false);  // already while signing in, or only when a reply should come
    CAPTURE(row.why, is_first);
    Line line{server};
    if (!is_first) {
        REQUIRE(line.ask() == "ok");
    }
    line.proxy.act(row.fault);
    const auto began = std::chrono::steady_clock::now();
    const std::string told = line.ask(1s);
    line.bench.settle();
    CHECK(std::chrono::steady_clock::now() - began < 5s);
    CHECK(told == row.verdict);
    line.proxy.act(Proxy::Fault::none);
    CHECK(line.ask() == "ok");
}

TEST_CASE("a broker that takes no more of a message is given up at the deadline, and keeps no thread",
          "[adapters][queue][faults][slow]") {
    static support::RabbitServer server;
    Line line{server};
    REQUIRE(line.ask() == "ok");
    line.proxy.act(Proxy::Fault::full);
    adapter::Ask large = question();
    large.body.assign(16U << 20U, 'x');  // more than sockets hold
    auto errand = AdapterBench::errand(500ms);
    errand.place = std::make_shared<const int>();
    const std::weak_ptr<const void> place = errand.place;
    const auto began = std::chrono::steady_clock::now();
    const auto reply = line.bench.run(line.made->ask(std::move(large), std::move(errand)));
    CHECK(std::chrono::steady_clock::now() - began < 5s);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_timeout);
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (!place.expired() && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    CHECK(place.expired());
    line.proxy.act(Proxy::Fault::none);
    CHECK(line.ask() == "ok");
}

TEST_CASE("what a department's program sends in place of a record is no record, and none of 'not found'",
          "[adapters][queue][faults][slow]") {
    static support::RabbitServer server;
    Line line{server};
    REQUIRE(line.ask() == "ok");
    struct Row {
        const char* why;
        std::string body;
        const char* verdict;
    };
    for (const Row& row : std::vector<Row>{
             {"nothing", "", "malformed"},
             {"blanks", " \r\n", "malformed"},
             {"an error page", "<!DOCTYPE html><html><br>502 Bad Gateway", "malformed"},
             {"an error page that is XML", "<html><body>502</body></html>", "malformed"},
             {"cut in the middle", kGood.substr(0, kGood.size() / 2), "malformed"},
             {"GBK that says nothing of it", "<R><ROW><XM>\xCA\xBE\xC0\xFD</XM></ROW></R>", "malformed"},
             {"the person twice", "<R><ROW><XM>示例甲</XM></ROW><ROW><XM>示例甲</XM></ROW></R>", "invalid"},
             {"over the limit", std::string((1U << 20U) + 1, 'x'), "department_invalid"},
         }) {
        CAPTURE(row.why);
        line.say(row.body);
        CHECK(line.ask() == row.verdict);
        line.say(kGood);
        CHECK(line.ask() == "ok");
    }
}

TEST_CASE("a broker that talks without end keeps no call past its deadline, and fills no memory",
          "[adapters][queue][faults][security]") {
    const auto many = [](const std::string& one, std::size_t octets) {
        std::string made;
        while (made.size() < octets) {
            made += one;
        }
        return made;
    };
    const std::string ack = method(1, 60, 80, number(999'999, 8) + number(0, 1));
    const auto delivery = [](std::uint64_t size) {  // up to its first piece
        return method(1, 60, 60,
                      short_text("tag") + number(1, 8) + number(0, 1) + short_text("") + short_text("amq.1")) +
               frame(2, 1, number(60, 2) + number(0, 2) + number(size, 8) + number(0, 2));
    };
    const std::string late = delivery(1) + frame(3, 1, "x");
    struct Row {
        const char* why;
        Chatter::Speech speech;
        Fault fault;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"signs of life while we sign in", {10, 11, "", many(frame(8, 0, ""), 400'000)}, Fault::department_invalid},
        {"confirmations in place of a queue", {50, 10, "", many(ack, 400'000)}, Fault::department_invalid},
        {"confirmations of another message", {60, 40, "", many(ack, 400'000)}, Fault::department_invalid},
        {"one of them at a time", {60, 40, "", ack, 2ms}, Fault::department_timeout},
        {"replies to others", {60, 40, "", many(late, 400'000)}, Fault::department_invalid},
        {"one of them at a time", {60, 40, "", late, 2ms}, Fault::department_timeout},
        {"a reply of empty pieces", {60, 40, delivery(10), many(frame(3, 1, ""), 400'000)}, Fault::department_invalid},
        {"one of them at a time", {60, 40, delivery(10), frame(3, 1, ""), 2ms}, Fault::department_timeout},
        {"signs of life", {60, 40, "", many(frame(8, 0, ""), 400'000)}, Fault::department_invalid},
        {"one of them at a time", {60, 40, "", frame(8, 0, ""), 2ms}, Fault::department_timeout},
    }));
    CAPTURE(row.why, row_of(row.fault).code);
    Chatter broker{row.speech};
    AdapterBench bench;
    const auto made = bench.make(adapters::queue::kind(), settings_for(broker.port()));
    check_given_up(bench, *made, row.fault);
    CHECK(broker.sent() < 64U << 20U);  // ours are 5 MiB at most, the rest are the system's
}

TEST_CASE("who spins out the handshake at a TLS broker's address keeps no call past its deadline",
          "[adapters][queue][faults][security]") {
    struct Row {
        const char* why;
        std::string again;
        std::chrono::milliseconds between;
        Fault fault;
    };
    // "hello" of the other side's, which OpenSSL skips before a certificate is seen
    const auto record = [](std::size_t octets) {
        return "\x16\x03\x03" + number(octets, 2) + std::string(octets, '\0');
    };
    std::string many;
    while (many.size() < 8U << 20U) {
        many += record(16'384);
    }
    const auto row = GENERATE_COPY(values<Row>({
        {"as fast as they go", many, 0ms, Fault::department_invalid},
        {"one at a time", record(4), 2ms, Fault::department_timeout},
    }));
    CAPTURE(row.why);
    support::ScratchFolder folder;
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    folder.write("ca.pem",
                 crypto::make_ca(key, "broker", {.not_before = std::chrono::system_clock::now(), .days = 1}).value());
    std::atomic<std::uint64_t> sent{};
    const support::LoopbackServer broker{[&](support::LoopbackServer::Socket& socket) {
        boost::system::error_code ec;
        while (!ec && sent < 1U << 30U) {
            sent += boost::asio::write(socket, boost::asio::buffer(row.again), ec);
            std::this_thread::sleep_for(row.between);
        }
    }};
    AdapterBench bench{folder.path()};
    const auto made = bench.make(adapters::queue::kind(), settings_for(broker.port()) + "ca: ca.pem\n");
    check_given_up(bench, *made, row.fault);
    CHECK(sent < 64U << 20U);
}
