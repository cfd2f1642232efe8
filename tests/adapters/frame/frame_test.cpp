#include "adapters/frame/frame_adapter.h"

#include "core/adapter/guard.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/silent_resolver.h"
#include "tests/support/tcp_department.h"

using namespace datong;
using namespace std::chrono_literals;
using support::AdapterBench;
using support::TcpDepartment;
using Then = TcpDepartment::Then;

namespace {

const std::string kParts = "{length: {kind: length, size: 4, form: big_endian}, body: {kind: body}}";

std::string number(std::size_t value) {
    std::string octets;
    for (int shift = 24; shift >= 0; shift -= 8) {
        octets += static_cast<char>(value >> shift & 0xFFU);
    }
    return octets;
}

std::string framed(const std::string& body) {
    return number(body.size()) + body;
}

bool is_whole(std::string_view so_far) {
    return so_far.size() >= 4 && so_far.size() - 4 >= static_cast<std::size_t>(static_cast<unsigned char>(so_far[3]));
}

std::string settings_for(const TcpDepartment& department) {
    return "host: 127.0.0.1\nport: " + std::to_string(department.port()) + "\nmax_reply: 8388608\nrequest: " + kParts +
           "\noperations: {query: {content_type: text/plain}}\n";
}

adapter::Ask question() {
    adapter::Ask ask;
    ask.operation = "query";
    ask.body = "<ask/>";
    return ask;
}

class FrameDepartment final : public support::Department {
public:
    adapter::Kind kind() const override { return adapters::frame::kind(); }
    std::string settings() const override { return settings_for(server_); }
    adapter::Ask question() const override { return ::question(); }
    void answer_with(std::string bytes) override { server_.act({.octets = framed(bytes)}); }
    void be_silent() override { server_.act({.octets = {}, .then = Then::stay}); }
    void go_down() override { server_.stop(); }
    void talk_garbage() override { server_.act({.octets = "HTTP/1.1 400 Bad Request\r\n\r\n"}); }

private:
    TcpDepartment server_{is_whole};
};

}  // namespace

TEST_CASE("frame keeps the adapter's contract", "[adapters][frame]") {
    support::check_adapter_contract([] { return std::make_unique<FrameDepartment>(); });
}

TEST_CASE("a frame that breaks off, is torn or lies is no answer, and the next call works",
          "[adapters][frame][security]") {
    struct Row {
        const char* why;
        TcpDepartment::Act act;
        Fault fault;
    };
    const std::string good = framed("<ok/>");
    const Row row = GENERATE_COPY(values<Row>({
        {"closed without an octet", {.octets = ""}, Fault::department_down},
        {"reset", {.octets = "", .then = Then::reset}, Fault::department_down},
        {"closed in the head", {.octets = good.substr(0, 3)}, Fault::department_invalid},
        {"closed in the body", {.octets = good.substr(0, 7)}, Fault::department_invalid},
        {"reset in the body", {.octets = good.substr(0, 7), .then = Then::reset}, Fault::department_invalid},
        {"a length under what comes", {.octets = number(2) + "<ok/>"}, Fault::department_invalid},
        {"a length of four gigabytes", {.octets = "\xff\xff\xff\xff" + good}, Fault::department_invalid},
        {"a length over what comes", {.octets = number(9) + "<ok/>", .then = Then::stay}, Fault::department_timeout},
        {"an octet a time", {.octets = good, .piece = 1, .between = 300ms}, Fault::department_timeout},
        {"an error page", {.octets = "<html>502 Bad Gateway</html>"}, Fault::department_invalid},
    }));
    CAPTURE(row.why);
    TcpDepartment department{is_whole};
    AdapterBench bench;
    const auto adapter = bench.make(adapters::frame::kind(), settings_for(department));
    department.act(row.act);
    const auto reply = bench.ask(*adapter, question(), 800ms);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == row.fault);
    department.act({.octets = good});
    const auto next = bench.ask(*adapter, question());
    REQUIRE(next.has_value());
    CHECK(next->body == "<ok/>");
}

TEST_CASE("a frame that comes in small pieces is put together", "[adapters][frame]") {
    TcpDepartment department{is_whole};
    AdapterBench bench;
    const auto adapter = bench.make(adapters::frame::kind(), settings_for(department));
    department.act({.octets = framed("<ok>\xD5\xC5</ok>"), .piece = 3, .between = 1ms});
    const auto reply = bench.ask(*adapter, question());
    REQUIRE(reply.has_value());
    CHECK(reply->body == "<ok>\xD5\xC5</ok>");
    CHECK(reply->content_type == "text/plain");
    CHECK(department.last() == framed("<ask/>"));
}

TEST_CASE("without a length the reply ends where the department closes", "[adapters][frame]") {
    TcpDepartment department{is_whole};
    AdapterBench bench;
    const auto adapter =
        bench.make(adapters::frame::kind(), settings_for(department) +
                                                "reply: {mark: {kind: constant, hex: \"02\"}, body: {kind: body},"
                                                " end: {kind: constant, hex: \"03\"}}\n");
    department.act({.octets = "\x02<ok/>\x03"});
    const auto reply = bench.ask(*adapter, question());
    REQUIRE(reply.has_value());
    CHECK(reply->body == "<ok/>");

    department.act({.octets = "\x02<ok/>"});
    const auto torn = bench.ask(*adapter, question());
    REQUIRE_FALSE(torn.has_value());
    CHECK(torn.error().fault() == Fault::department_invalid);
}

TEST_CASE("a reply without length and without end is given up at its limit", "[adapters][frame][security]") {
    TcpDepartment department{is_whole};
    AdapterBench bench;
    std::string settings = settings_for(department);
    settings.replace(settings.find("8388608"), 7, "100000");
    const auto adapter = bench.make(adapters::frame::kind(), settings + "reply: {body: {kind: body}}\n");
    department.act({.octets = std::string(16U << 20U, 'x'), .then = Then::stay});
    const auto reply = bench.ask(*adapter, question(), 5s);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_invalid);
    department.act({.octets = "<ok/>"});
    CHECK(bench.ask(*adapter, question()).has_value());
}

TEST_CASE("a field of the request can't leave its place", "[adapters][frame][security]") {
    TcpDepartment department{is_whole};
    AdapterBench bench;
    const std::string parts =
        "{length: {kind: length, size: 4, form: big_endian}, code: {kind: field, size: 6}, body: {kind: body}}";
    const auto adapter = bench.make(
        adapters::frame::kind(), "host: 127.0.0.1\nport: " + std::to_string(department.port()) + "\nrequest: " + parts +
                                     "\nreply: " + kParts + "\noperations: {query: {}}\n");
    department.act({.octets = framed("ok")});
    struct Row {
        const char* why;
        const char* name;
        const char* value;
        bool good;
    };
    const auto row = GENERATE(values<Row>({
        {"fits", "code", "8994", true},
        {"empty", "code", "", true},
        {"too long", "code", "8994001", false},
        {"a line end", "code", "89\r\n", false},
        {"no ASCII", "code", "张", false},
        {"no such part", "kode", "8994", false},
        {"not a field", "length", "1", false},
    }));
    CAPTURE(row.why);
    adapter::Ask ask = question();
    ask.fields = record::Record::object();
    ask.fields.put(row.name, record::Record::text(row.value));
    const auto reply = bench.ask(*adapter, std::move(ask));
    REQUIRE(reply.has_value() == row.good);
    if (!row.good) {
        CHECK(reply.error().fault() == Fault::request_invalid);
        CHECK(department.last().empty());
    }
}

TEST_CASE("mistakes in a frame's settings are found when they are read", "[adapters][frame]") {
    struct Row {
        const char* why;
        const char* settings;
        const char* says;
    };
    const std::string head = "host: h\nport: 1\noperations: {q: {}}\nrequest: ";
    const auto row = GENERATE(values<Row>({
        {"no body", "{a: {kind: constant, text: x}}", "one part of kind body"},
        {"two bodies", "{a: {kind: body}, b: {kind: body}}", "one part of kind body"},
        {"a length behind the body", "{b: {kind: body}, n: {kind: length, size: 4}}", "before the body"},
        {"two lengths", "{n: {kind: length, size: 4}, m: {kind: length, size: 4}, b: {kind: body}}", "at most one"},
        {"a length that counts only itself", "{n: {kind: length, size: 4, covers: [n]}, b: {kind: body}}",
         "must count the body"},
        {"a length of 9 octets", "{n: {kind: length, size: 9, form: big_endian}, b: {kind: body}}", "at most 8"},
        {"a length without size", "{n: {kind: length}, b: {kind: body}}", "needs a size"},
        {"a constant of nothing", "{c: {kind: constant}, b: {kind: body}}", "needs text or hex"},
        {"a constant that is no hex", "{c: {kind: constant, hex: 0g}, b: {kind: body}}", "hexadecimal"},
        {"a mac without a key", "{b: {kind: body}, m: {kind: mac}}", "mac_key"},
        {"a mac over itself", "{b: {kind: body}, m: {kind: mac, covers: all}}\nmac_key: k", "check value"},
        {"a name that is no part", "{b: {kind: body}, m: {kind: mac, covers: [bod]}}\nmac_key: k", "no such part"},
        {"a kind that is none", "{b: {kind: bodi}}", "body"},
        {"a reply of no octets", "{b: {kind: body}}\nmax_reply: 0", "max_reply"},
    }));
    CAPTURE(row.why);
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::frame::kind(), head + row.settings + "\n", mistakes) == nullptr);
    std::string all;
    for (const Mistake& mistake : mistakes) {
        CHECK(mistake.where.line > 0);
        all += to_line(mistake) + '\n';
    }
    CHECK_THAT(all, ContainsSubstring(row.says));
}

TEST_CASE("an operation's value for a part that is none is told with the nearest name", "[adapters][frame]") {
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::frame::kind(),
                         "host: h\nport: 1\nrequest: {msg_no: {kind: field, size: 4}, b: {kind: body}}\n"
                         "operations: {q: {values: {msgno: 1}}}\n",
                         mistakes) == nullptr);
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes.front().hint == "msg_no");
}

TEST_CASE("whoever takes no connection in connect_ms is down, and was told nothing", "[adapters][frame]") {
    namespace asio = boost::asio;
    support::SilentResolver silent;
    asio::io_context loop{1};
    asio::ip::tcp::acceptor full{loop};  // as of a machine that drops what comes: nobody takes from its queue
    full.open(asio::ip::tcp::v4());
    full.bind({asio::ip::address_v4::loopback(), 0});
    full.listen(0);
    std::vector<asio::ip::tcp::socket> waiting;
    for (int count = 0; count < 4; ++count) {
        waiting.emplace_back(loop, asio::ip::tcp::v4());
        waiting.back().async_connect(full.local_endpoint(), [](boost::system::error_code) {});
    }
    const bool has_address = GENERATE(true, false);
    CAPTURE(has_address);
    AdapterBench bench;
    bench.look_up = silent.look_up();
    const auto made = bench.make(adapters::frame::kind(),
                                 std::string{"host: "} + (has_address ? "127.0.0.1" : "finance.example") +
                                     "\nport: " + std::to_string(full.local_endpoint().port()) +
                                     "\nconnect_ms: 100\nrequest: " + kParts + "\noperations: {query: {}}\n");
    const auto began = std::chrono::steady_clock::now();
    const auto reply = bench.ask(*made, question(), 5s);
    CHECK(std::chrono::steady_clock::now() - began < 3s);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_down);
    CHECK(reply.error().is_unsent());
    const auto late = bench.ask(*made, question(), 50ms);  // the call's own time
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().fault() == Fault::department_timeout);
    CHECK(late.error().is_unsent());
    silent.speak();
}

TEST_CASE("a name server that is silent is left at the deadline, and holds no place", "[adapters][frame]") {
    support::SilentResolver silent;
    TcpDepartment department{is_whole};
    department.act({.octets = framed("<ok/>")});
    AdapterBench bench;
    bench.look_up = silent.look_up();
    std::string settings = settings_for(department);
    settings.replace(settings.find("127.0.0.1"), 9, "finance.example");
    const auto state = std::make_shared<adapter::SourceState>();
    adapter::Guard guard{"finance", bench.make(adapters::frame::kind(), settings), {}, state, bench.tools()};
    const auto began = std::chrono::steady_clock::now();
    const auto late = bench.run(guard.ask(question(), AdapterBench::errand(300ms)));
    const auto took = std::chrono::steady_clock::now() - began;
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().fault() == Fault::department_timeout);
    CHECK(late.error().is_unsent());
    CHECK(took >= 250ms);
    CHECK(took < 5s);
    CHECK(state->in_flight() == 0);
    const auto probed = bench.run(guard.probe(AdapterBench::errand(300ms)));
    REQUIRE_FALSE(probed.has_value());
    CHECK(probed.error().fault() == Fault::department_timeout);
    silent.speak();
    const auto reply = bench.run(guard.ask(question(), AdapterBench::errand(10s)));
    REQUIRE(reply.has_value());
    CHECK(reply->body == "<ok/>");
    department.stop();
    const auto down = bench.run(guard.ask(question(), AdapterBench::errand(10s)));
    REQUIRE_FALSE(down.has_value());
    CHECK(down.error().fault() == Fault::department_down);
    CHECK(down.error().is_unsent());
}
