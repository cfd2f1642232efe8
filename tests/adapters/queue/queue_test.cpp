#include <latch>
#include <optional>

#include "adapters/queue/queue_adapter.h"
#include "tests/adapters/queue/worker.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/rabbit_server.h"
#include "tests/support/tcp_department.h"

using namespace datong;
using namespace datong::queue_test;
using namespace std::chrono_literals;
using record::Record;
using support::AdapterBench;
using support::RabbitServer;
using support::TcpDepartment;

namespace {

std::string settings_for(int port, const std::string& queue, const std::string& more = "",
                         const std::string& host = "127.0.0.1") {
    return "host: " + host + "\nport: " + std::to_string(port) +
           "\nuser: datong\npassword: secret\nmax_reply: 8388608\n" + more +
           "operations:\n  query: {routing_key: " + queue +
           ", content_type: text/xml, headers: {trace: \"{exchange}\"}}\n"
           "  headed: {routing_key: " +
           queue +
           ", headers: {zjhm: \"{ZJHM}\"}}\n"
           "  nowhere: {routing_key: no-such-queue}\n  no_exchange: {exchange: no-such-exchange, routing_key: x}\n";
}

adapter::Ask question(const std::string& operation = "query") {
    adapter::Ask ask;
    ask.operation = operation;
    ask.body = "<ask>\xD5\xC5</ask>";
    return ask;
}

std::vector<Sent> echo(const Seen& seen, const std::string& body) {
    return {{.to = seen.reply_to, .correlation = seen.correlation, .body = body}};
}

/// A department behind a real broker, which all of them share.
class QueueDepartment final : public support::Department {
public:
    QueueDepartment(RabbitServer& server, std::string queue) : server_{server}, queue_{std::move(queue)} {
        worker_.emplace(server_.port(), queue_, [this](const Seen& seen) {
            const std::scoped_lock lock{mutex_};
            return bytes_ ? echo(seen, *bytes_) : std::vector<Sent>{};
        });
    }
    ~QueueDepartment() override {
        worker_.reset();
        if (is_down_) {
            server_.start();
        }
    }
    adapter::Kind kind() const override { return adapters::queue::kind(); }
    std::string settings() const override { return settings_for(server_.port(), queue_); }
    adapter::Ask question() const override { return ::question(); }
    void answer_with(std::string bytes) override {
        const std::scoped_lock lock{mutex_};
        bytes_ = std::move(bytes);
    }
    void be_silent() override {}
    void go_down() override {
        server_.stop();
        is_down_ = true;
    }
    void talk_garbage() override { answer_with(std::string{"\x00\xFF no message", 14}); }
    bool takes_anything() const override { return true; }

private:
    RabbitServer& server_;
    std::string queue_;
    bool is_down_{};
    std::mutex mutex_;
    std::optional<std::string> bytes_;
    std::optional<Worker> worker_;
};

struct Fixture {
    AdapterBench bench;
    std::unique_ptr<adapter::Adapter> made;

    explicit Fixture(const std::string& settings) : made{bench.make(adapters::queue::kind(), settings)} {}
    Result<adapter::Reply> ask(const std::string& operation = "query", std::chrono::milliseconds limit = 10s) {
        return bench.ask(*made, question(operation), limit);
    }
    void check_down(const std::string& why, const std::string& operation = "query") {
        const auto reply = ask(operation);
        REQUIRE_FALSE(reply.has_value());
        CAPTURE(reply.error().detail());
        CHECK(reply.error().fault() == Fault::department_down);
        CHECK(reply.error().detail().find(why) != std::string::npos);
    }
};

void tells_the_department_what_it_needs(RabbitServer& server) {
    Fixture fixture{settings_for(server.port(), "told")};
    Worker worker{server.port(), "told", [](const Seen& seen) { return echo(seen, "<answer/>"); }};
    const auto reply = fixture.ask("query", 7s);
    REQUIRE(reply.has_value());
    CHECK(reply->body == "<answer/>");
    CHECK(reply->content_type == "application/xml");
    CHECK(reply->status == 0);
    REQUIRE(worker.seen().size() == 1);
    const Seen seen = worker.seen().front();
    CHECK(seen.body == "<ask>\xD5\xC5</ask>");
    CHECK(seen.content_type == "text/xml");
    CHECK(seen.message_id == "0198f000-0000-7000-8000-000000000001");
    CHECK(seen.headers == std::vector<std::pair<std::string, std::string>>{{"trace", seen.message_id}});
    CHECK(seen.reply_to.starts_with("amq.gen"));
    const int left = std::stoi(seen.expiration);  // ms
    CHECK(left > 1'000);
    CHECK(left <= 7'000);
}

/// @return whether the line was kept when the first call was given up, so that its late reply came to the second.
bool drops_a_late_reply(RabbitServer& server, const std::string& queue) {
    Fixture fixture{settings_for(server.port(), queue)};
    std::vector<Sent> kept;
    Worker worker{
        server.port(), queue, [&](const Seen& seen) {
            if (kept.empty()) {
                kept = echo(seen, "too late");
                return std::vector<Sent>{};  // the first call is given up
            }
            std::vector<Sent> answers = kept;  // then its answer comes, to the same queue
            answers.push_back({.to = seen.reply_to, .correlation = {}, .body = "nobody's"});
            answers.push_back({.to = seen.reply_to, .correlation = seen.correlation + "0", .body = "another's"});
            answers.push_back({.to = seen.reply_to, .correlation = seen.correlation, .body = "its own"});
            return answers;
        }};
    const auto first = fixture.ask("query", 300ms);
    REQUIRE_FALSE(first.has_value());
    CHECK(first.error().fault() == Fault::department_timeout);
    fixture.bench.settle();
    const auto second = fixture.ask();
    REQUIRE(second.has_value());
    CHECK(second->body == "its own");
    CHECK(worker.seen()[0].correlation != worker.seen()[1].correlation);
    return worker.seen()[0].reply_to == worker.seen()[1].reply_to;
}

/// On a busy machine a call that is given up may be cut before it ends by itself, and its line with it.
void drops_replies_that_are_not_its_own(RabbitServer& server) {
    bool was_kept = false;
    for (int i = 0; i < 10 && !was_kept; ++i) {
        was_kept = drops_a_late_reply(server, "late-" + std::to_string(i));
    }
    CHECK(was_kept);
}

/// A slow broker keeps all threads: calls are given up before they have one.
void keeps_its_line_when_a_call_has_no_thread_in_time(RabbitServer& server) {
    Fixture fixture{settings_for(server.port(), "threads")};
    Worker worker{server.port(), "threads", [](const Seen& seen) { return echo(seen, "x"); }};
    REQUIRE(fixture.ask().has_value());
    const auto busy = std::make_shared<std::latch>(1);
    const auto pool = fixture.bench.tools().blocking;
    for (int thread = 0; thread < 4; ++thread) {
        REQUIRE(pool->post([busy]() -> async::Pool::Delivery {
            busy->wait();
            return {};
        }));
    }
    CHECK_FALSE(fixture.ask("query", 50ms).has_value());
    busy->count_down();
    fixture.bench.settle();
    REQUIRE(fixture.ask().has_value());
    REQUIRE(worker.seen().size() == 2);
    CHECK(worker.seen()[0].reply_to == worker.seen()[1].reply_to);
}

/// A department that repeats itself must not make the next call read it all.
void leaves_a_flood_of_late_replies_behind(RabbitServer& server) {
    Fixture fixture{settings_for(server.port(), "flood")};
    Worker worker{server.port(), "flood", [flooded = false](const Seen& seen) mutable {
                      std::vector<Sent> answers = echo(seen, "its own");
                      if (!std::exchange(flooded, true)) {
                          answers.resize(5'000, {.to = seen.reply_to, .correlation = "late", .body = "late"});
                      }
                      return answers;
                  }};
    REQUIRE(fixture.ask().has_value());
    Fixture other{settings_for(server.port(), "flood")};
    REQUIRE(other.ask().has_value());  // the flood is out: the worker does one thing after the other
    const auto reply = fixture.ask();
    REQUIRE(reply.has_value());
    CHECK(reply->body == "its own");
    REQUIRE(worker.seen().size() == 3);
    CHECK(worker.seen()[2].reply_to != worker.seen()[0].reply_to);
}

void lets_no_question_outlive_its_call(RabbitServer& server) {
    Fixture fixture{settings_for(server.port(), "ttl")};
    declare(server.port(), "ttl");  // nobody reads it yet
    CHECK_FALSE(fixture.ask("query", 300ms).has_value());
    fixture.bench.settle();
    Worker worker{server.port(), "ttl", [](const Seen& seen) { return echo(seen, "x"); }};
    CHECK(fixture.ask().has_value());
    CHECK(worker.seen().size() == 1);  // the first question was gone when it came
}

void says_what_the_broker_says(RabbitServer& server) {
    Fixture fixture{settings_for(server.port(), "said")};
    fixture.check_down("no queue takes the message", "nowhere");
    fixture.check_down("AMQP code 404", "no_exchange");
    fixture.check_down("no queue takes the message", "nowhere");  // and the next call has a line again
}

void lets_nobody_in_unknown(RabbitServer& server) {
    std::string settings = settings_for(server.port(), "q");
    settings.replace(settings.find("secret"), 6, "guessed");
    Fixture fixture{settings};
    fixture.check_down("does not let us in");
    const auto probed = fixture.bench.probe(*fixture.made);
    REQUIRE_FALSE(probed.has_value());
    CHECK(probed.error().detail().find("guessed") == std::string::npos);
    Fixture other{settings_for(server.port(), "q", "vhost: /no-such\n")};
    other.check_down("does not let us in");
}

void survives_a_restart(RabbitServer& server) {
    Fixture fixture{settings_for(server.port(), "again")};
    {
        Worker worker{server.port(), "again", [](const Seen& seen) { return echo(seen, "before"); }};
        REQUIRE(fixture.ask().has_value());
    }
    server.stop();
    CHECK_FALSE(fixture.ask("query", 2s).has_value());
    server.start();
    Worker worker{server.port(), "again", [](const Seen& seen) { return echo(seen, "after"); }};
    const auto reply = fixture.ask();
    REQUIRE(reply.has_value());
    CHECK(reply->body == "after");
}

void gives_up_a_broker_that_hangs(RabbitServer& server) {
    Fixture fixture{settings_for(server.port(), "hang", "heartbeat_s: 2\n")};
    Worker worker{server.port(), "hang", [](const Seen& seen) { return echo(seen, "x"); }};
    REQUIRE(fixture.ask().has_value());
    server.freeze();
    const auto began = std::chrono::steady_clock::now();
    const auto reply = fixture.ask("query", 500ms);
    CHECK(std::chrono::steady_clock::now() - began < 10s);
    server.thaw();
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_timeout);
    fixture.bench.settle();
    CHECK(fixture.ask("query", 20s).has_value());
}

void checks_the_brokers_certificate(RabbitServer& server) {
    Worker worker{server.port(), "tls", [](const Seen& seen) { return echo(seen, "sealed"); }};
    const auto with = [&](const std::string& ca, const std::string& host) {
        return settings_for(server.tls_port(), "tls", "ca: " + server.file(ca) + "\n", host);
    };
    Fixture good{with("ca.pem", "localhost")};
    const auto reply = good.ask();
    REQUIRE(reply.has_value());
    CHECK(reply->body == "sealed");
    CHECK(good.made->warnings().empty());
    Fixture untrusted{with("other-ca.pem", "localhost")};
    untrusted.check_down("can't be reached");
    Fixture wrong_name{with("ca.pem", "127.0.0.1")};  // the certificate is for localhost
    wrong_name.check_down("can't be reached");
    Fixture mutual{settings_for(server.tls_port(), "tls",
                                "ca: " + server.file("ca.pem") + "\nclient_chain: " + server.file("client.pem") +
                                    "\nclient_key: " + server.file("client.key") + "\n",
                                "localhost")};
    CHECK(mutual.ask().has_value());
}

void sends_values_as_they_are(RabbitServer& server) {
    Fixture fixture{settings_for(server.port(), "values")};
    Worker worker{server.port(), "values", [](const Seen& seen) { return echo(seen, "x"); }};
    for (const std::string& value : {std::string{"a\r\nreply_to: evil"}, std::string{"x\0y", 3},
                                     std::string{"张三\"},{"}, std::string(70'000, 'x'), std::string{}}) {
        adapter::Ask ask = question("headed");
        ask.fields.put("ZJHM", Record::text(value));
        REQUIRE(fixture.bench.ask(*fixture.made, std::move(ask)).has_value());
        CHECK((worker.seen().back().headers.front().second == value));
        CHECK(worker.seen().back().reply_to.starts_with("amq.gen"));
    }
    const auto missing = fixture.ask("headed");
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().fault() == Fault::request_invalid);
}

}  // namespace

TEST_CASE("queue against a real broker", "[adapters][queue][slow]") {
    static RabbitServer server;  // one start for all
    static int number = 0;
    SECTION("it keeps the adapter's contract") {
        support::check_adapter_contract(
            [] { return std::make_unique<QueueDepartment>(server, "contract" + std::to_string(++number)); });
    }
    SECTION("the department sees who asks, where to, and how long") {
        tells_the_department_what_it_needs(server);
    }
    SECTION("late and foreign replies are dropped") {
        drops_replies_that_are_not_its_own(server);
    }
    SECTION("a flood of late replies is left behind with its line") {
        leaves_a_flood_of_late_replies_behind(server);
    }
    SECTION("a call that was given up before it had a thread costs no line") {
        keeps_its_line_when_a_call_has_no_thread_in_time(server);
    }
    SECTION("a question ends with its call") {
        lets_no_question_outlive_its_call(server);
    }
    SECTION("a key that leads nowhere is told at once") {
        says_what_the_broker_says(server);
    }
    SECTION("wrong password, wrong virtual host") {
        lets_nobody_in_unknown(server);
    }
    SECTION("a restart costs no later call") {
        survives_a_restart(server);
    }
    SECTION("a broker that hangs is given up") {
        gives_up_a_broker_that_hangs(server);
    }
    SECTION("TLS with the pinned authority and name") {
        checks_the_brokers_certificate(server);
    }
    SECTION("no value can mean more than itself") {
        sends_values_as_they_are(server);
    }
}

TEST_CASE("what speaks no AMQP is no broker", "[adapters][queue][security]") {
    struct Row {
        const char* why;
        TcpDepartment::Act act;
        std::chrono::milliseconds limit;
    };
    const std::string start{"\x01\x00\x00\x7F\xFF\xFF\xFF", 7};  // a frame of two gigabytes
    const auto row = GENERATE_COPY(values<Row>({
        {"a web page", {.octets = "HTTP/1.1 400 Bad Request\r\n\r\n<html></html>"}, 3s},
        {"another version", {.octets = std::string{"AMQP\0\1\0\0", 8}}, 3s},
        {"nothing", {.octets = {}}, 3s},
        {"reset", {.octets = {}, .then = TcpDepartment::Then::reset}, 3s},
        {"silence", {.octets = {}, .then = TcpDepartment::Then::stay}, 400ms},
        {"a frame of two gigabytes",
         {.octets = start + std::string(1U << 20U, 'x'), .then = TcpDepartment::Then::stay},
         800ms},
        {"one octet after the other", {.octets = std::string(200, '\1'), .piece = 1, .between = 50ms}, 400ms},
    }));
    CAPTURE(row.why);
    TcpDepartment broker{[](std::string_view so_far) { return so_far.size() >= 8; }};
    broker.act(row.act);
    Fixture fixture{settings_for(broker.port(), "q")};
    const auto reply = fixture.ask("query", row.limit);
    REQUIRE_FALSE(reply.has_value());
    const Fault fault = reply.error().fault();
    CAPTURE(reply.error().detail());
    CHECK(
        (fault == Fault::department_invalid || fault == Fault::department_down || fault == Fault::department_timeout));
    broker.stop();
}

TEST_CASE("mistakes in a queue source's settings are found when they are read", "[adapters][queue]") {
    const std::string head = "host: h\nuser: u\npassword: p\n";
    const std::string settings = GENERATE_COPY(
        as<std::string>{}, "host: h\nuser: u\noperations: {q: {routing_key: x}}\n", head + "operations: {q: {}}\n",
        head + "operations: {q: {routing_key: x, headers: {a: \"{b\"}}}\n",
        head + "operations: {q: {routing_key: " + std::string(256, 'x') + "}}\n",
        head + "ca: /nonexistent.pem\noperations: {q: {routing_key: x}}\n",
        head + "verify: off\noperations: {q: {routing_key: x}}\n");
    CAPTURE(settings);
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::queue::kind(), settings, mistakes) == nullptr);
    CHECK(mistakes.size() == 1);
}

TEST_CASE("a broker elsewhere without TLS is warned of", "[adapters][queue][security]") {
    Fixture fixture{settings_for(5672, "q", "", "bus.example")};
    CHECK(fixture.made->warnings().size() == 1);
}
