#include <condition_variable>
#include <mutex>

#include "adapters/file/sftp_session.h"
#include "tests/adapters/file/drop.h"
#include "tests/support/loopback_server.h"
#include "tests/support/sftp_server.h"
#include "tests/support/tcp_department.h"

using namespace datong;
using namespace datong::drop;
using support::AdapterBench;
using support::ScratchFolder;
using support::SftpServer;
using support::TcpDepartment;

namespace {

std::string user() {
    return ::geteuid() == 0 ? "root" : std::getenv("USER");
}

std::string settings_for(const SftpServer& server, const std::string& more = "", const std::string& key = "user",
                         const std::string& host_key = "host") {
    std::string settings = "host: 127.0.0.1\nport: " + std::to_string(server.port()) + "\nuser: " + user() +
                           "\nkey: " + server.key(key) + "\nhost_key: " + server.fingerprint(host_key) + "\n";
    for (const char* folder : {"out", "in", "done", "late"}) {
        settings += std::string{folder} + ": " + (server.folder() / folder) + "\n";
    }
    return settings + "poll_ms: 10\nsettle_ms: 0\nmax_reply: 8388608\n" + more +
           "operations:\n  query: {request: \"REQ_{exchange}.xml\", reply: \"REP_{exchange}.xml\"}\n"
           "  valued: {request: \"REQ_{exchange}.xml\", reply: \"REP_*.xml\", holds: \"<id>{exchange}</id>\"}\n";
}

/// A department that works by files on an SFTP server.
class SftpDepartment final : public support::Department {
public:
    adapter::Kind kind() const override { return adapters::file::kind(); }
    std::string settings() const override { return settings_for(server_); }
    adapter::Ask question() const override { return drop::question(); }
    void answer_with(std::string bytes) override {
        const std::scoped_lock lock{mutex_};
        bytes_ = std::move(bytes);
        silent_ = false;
    }
    void be_silent() override { silent_ = true; }
    void go_down() override { server_.stop(); }
    void talk_garbage() override { answer_with(std::string{"\x00\xFF no message", 14}); }
    bool takes_anything() const override { return true; }

private:
    void answer(const std::string& request) {
        if (!silent_) {
            const std::scoped_lock lock{mutex_};
            side_.reply(request, bytes_);
        }
    }

    SftpServer server_;
    Side side_{server_.folder()};
    std::mutex mutex_;
    std::string bytes_;
    std::atomic<bool> silent_{true};
    Clerk clerk_{server_.folder(), [this](const std::string& request) { answer(request); }};
};

struct Fixture {
    SftpServer server;
    Side side{server.folder()};
    AdapterBench bench;

    std::unique_ptr<adapter::Adapter> make(const std::string& more = "") {
        return bench.make(adapters::file::kind(), settings_for(server, more));
    }
    void check_down(adapter::Adapter& made, const std::string& why) {
        const auto reply = bench.ask(made, question(), 5s);
        REQUIRE_FALSE(reply.has_value());
        CAPTURE(reply.error().detail());
        CHECK(reply.error().fault() == Fault::department_down);
        CHECK(reply.error().detail().find(why) != std::string::npos);
        CHECK_FALSE(bench.probe(made, 5s).has_value());
        CHECK(side.names("out").empty());
    }
};

}  // namespace

TEST_CASE("file over SFTP keeps the adapter's contract", "[adapters][file][sftp]") {
    support::check_adapter_contract([] { return std::make_unique<SftpDepartment>(); });
}

TEST_CASE("over SFTP a request appears whole, and its reply goes to done", "[adapters][file][sftp]") {
    Fixture fixture;
    const auto made = fixture.make("name_charset: gb18030\nrequest_flag: .ok\n");
    std::string seen;
    Clerk clerk{fixture.server.folder(), [&](const std::string& request) {
                    if (!request.ends_with(".ok")) {
                        seen = fixture.server.folder().read("out/" + request);
                        fixture.side.reply(request, "<answer/>");
                    }
                }};
    const auto reply = fixture.bench.ask(*made, question("query", "<ask>\xD5\xC5</ask>"));
    REQUIRE(reply.has_value());
    CHECK(reply->body == "<answer/>");
    CHECK(seen == "<ask>\xD5\xC5</ask>");
    CHECK(fixture.side.names("in").empty());
    CHECK(fixture.side.names("done").size() == 1);
    CHECK(fixture.bench.probe(*made).value() == adapter::Contact::authenticated);
}

TEST_CASE("file names go to an SFTP server in its charset", "[adapters][file][sftp]") {
    Fixture fixture;
    std::string settings = settings_for(fixture.server, "name_charset: gbk\n");
    settings.replace(settings.find("REQ_{exchange}"), 14, "REQ_张三_{exchange}");
    const auto made = fixture.bench.make(adapters::file::kind(), settings);
    std::string seen;
    Clerk clerk{fixture.server.folder(), [&](const std::string& request) {
                    seen = request;
                    fixture.side.reply(request, "x", "REP_0198f000-0000-7000-8000-000000000001.xml");
                }};
    REQUIRE(fixture.bench.ask(*made, question()).has_value());
    CHECK(seen == "REQ_\xD5\xC5\xC8\xFD_0198f000-0000-7000-8000-000000000001.xml");
}

TEST_CASE("a server that shows another key is told nothing", "[adapters][file][sftp][security]") {
    Fixture fixture;
    SECTION("from the first call on") {
        const auto made =
            fixture.bench.make(adapters::file::kind(), settings_for(fixture.server, "", "user", "stranger"));
        fixture.check_down(*made, "another host key than the pinned one: " + fixture.server.fingerprint());
    }
    SECTION("when it changes") {
        const auto made = fixture.make();
        CHECK(fixture.bench.probe(*made).has_value());
        fixture.server.change_host_key();
        fixture.check_down(*made, "another host key");
    }
}

TEST_CASE("a key that the server does not know lets nobody in", "[adapters][file][sftp][security]") {
    Fixture fixture;
    const auto made = fixture.bench.make(adapters::file::kind(), settings_for(fixture.server, "", "stranger"));
    fixture.check_down(*made, "does not let us in");
}

namespace {

std::mutex resolver_mutex;
std::condition_variable resolver_answers;
bool is_resolver_free = false;
bool has_resolver_ended = false;

/// A name server that says nothing until it is let.
int silent_resolver(const char*, const char*, const addrinfo*, addrinfo**) {
    std::unique_lock lock{resolver_mutex};
    resolver_answers.wait(lock, [] { return is_resolver_free; });
    has_resolver_ended = true;
    resolver_answers.notify_all();
    return EAI_AGAIN;
}

}  // namespace

TEST_CASE("a name server that says nothing costs a call its deadline and no more", "[adapters][file][sftp]") {
    using adapters::file::look_up;
    const auto began = std::chrono::steady_clock::now();
    const auto late = look_up("sftp.example", "22", began + 200ms, silent_resolver);
    CHECK(std::chrono::steady_clock::now() - began < 5s);
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().fault() == Fault::department_timeout);
    {
        std::unique_lock lock{resolver_mutex};
        is_resolver_free = true;
        resolver_answers.notify_all();
        REQUIRE(resolver_answers.wait_for(lock, 20s, [] { return has_resolver_ended; }));  // it harms nobody
    }
    const auto known = look_up("localhost", "22", std::chrono::steady_clock::now() + 10s);
    REQUIRE(known.has_value());
    CHECK(known->get() != nullptr);
    const auto none = look_up("no such host", "22", std::chrono::steady_clock::now() + 10s);
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().fault() == Fault::department_down);
}

TEST_CASE("what speaks no SSH is no server", "[adapters][file][sftp][security]") {
    Fixture fixture;
    TcpDepartment other{[](std::string_view so_far) { return so_far.find('\n') != std::string_view::npos; }};
    std::string settings = settings_for(fixture.server);
    const std::string port = "port: " + std::to_string(fixture.server.port());
    settings.replace(settings.find(port), port.size(), "port: " + std::to_string(other.port()));
    const auto made = fixture.bench.make(adapters::file::kind(), settings);
    SECTION("a web page") {
        other.act({.octets = "HTTP/1.1 400 Bad Request\r\n\r\n<html></html>"});
        fixture.check_down(*made, "no SSH server");
    }
    SECTION("a connection that breaks") {
        other.act({.octets = {}, .then = TcpDepartment::Then::reset});
        fixture.check_down(*made, "no SSH server");
    }
    SECTION("octets without end") {
        other.act({.octets = std::string(4U << 20U, 'x'), .then = TcpDepartment::Then::stay});
        const auto reply = fixture.bench.ask(*made, question(), 2s);
        CHECK_FALSE(reply.has_value());
    }
    SECTION("one octet after the other") {
        other.act({.octets = "SSH-2.0-Slow\r\n" + std::string(4'000, 'x'), .piece = 1, .between = 50ms});
        const auto reply = fixture.bench.ask(*made, question(), 600ms);
        REQUIRE_FALSE(reply.has_value());
        CHECK(reply.error().fault() == Fault::department_timeout);
    }
    other.stop();
}

TEST_CASE("an address that answers without end fills no memory, and keeps no call past its deadline",
          "[adapters][file][sftp][security]") {
    const auto packet = [](char kind) {  // in the clear, as before any key is agreed on: length, padding, content
        const std::string content = kind + std::string(1'002, 'x');
        return std::string{"\0\0\3\xF4\x08", 5} + content + std::string(8, '\0');
    };
    const auto [why, piece] = GENERATE_COPY(table<const char*, std::string>({
        {"packets of no kind", packet('\xC8')},
        {"packets that mean nothing", packet('\2')},
        {"lines in front of its version", "welcome\r\n"},
    }));
    CAPTURE(why);
    std::string many = *why == 'p' ? "SSH-2.0-Endless\r\n" : "";
    const std::size_t head = many.size();
    while (many.size() < 400'000) {
        many += piece;
    }
    std::atomic<std::uint64_t> sent{};
    std::atomic<bool> over{};
    support::LoopbackServer endless{[&](support::LoopbackServer::Socket& socket) {
        boost::system::error_code ec;
        socket.set_option(boost::asio::socket_base::send_buffer_size{65'536}, ec);
        for (std::size_t from = 0; !ec && !over; from = head) {
            sent += boost::asio::write(socket, boost::asio::buffer(std::string_view{many}.substr(from)), ec);
        }
    }};
    Fixture fixture;
    std::string settings = settings_for(fixture.server);
    const std::string port = "port: " + std::to_string(fixture.server.port());
    settings.replace(settings.find(port), port.size(), "port: " + std::to_string(endless.port()));
    const auto made = fixture.bench.make(adapters::file::kind(), settings);
    auto errand = AdapterBench::errand(1s);
    errand.place = std::make_shared<const int>();
    const std::weak_ptr<const void> place = errand.place;
    const auto began = std::chrono::steady_clock::now();
    const auto reply = fixture.bench.run(made->probe(std::move(errand)));
    REQUIRE_FALSE(reply.has_value());
    while (!place.expired() && std::chrono::steady_clock::now() - began < 5s) {
        std::this_thread::yield();
    }
    CHECK(place.expired());
    CHECK(std::chrono::steady_clock::now() - began < 3s);
    CHECK(sent < 16U << 20U);  // ours is 1 MiB at most, the rest is the system's
    over = true;
    endless.stop();
}

TEST_CASE("a server that hangs is given up at the deadline, and serves again", "[adapters][file][sftp]") {
    Fixture fixture;
    const auto made = fixture.make();
    CHECK(fixture.bench.probe(*made).has_value());
    fixture.server.freeze();
    const auto began = std::chrono::steady_clock::now();
    const auto reply = fixture.bench.ask(*made, question(), 500ms);
    CHECK(std::chrono::steady_clock::now() - began < 10s);
    fixture.server.thaw();
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_timeout);
    fixture.bench.settle();
    Clerk clerk{fixture.server.folder(), [&](const std::string& request) { fixture.side.reply(request, "again"); }};
    auto errand = AdapterBench::errand(20s);
    errand.exchange += "-again";
    const auto again = fixture.bench.run(made->ask(question(), errand));
    REQUIRE(again.has_value());
    CHECK(again->body == "again");
}

TEST_CASE("a server's restart costs no call that comes after it, and none that waits", "[adapters][file][sftp]") {
    Fixture fixture;
    const auto made = fixture.make();
    CHECK(fixture.bench.probe(*made).has_value());
    SECTION("between two calls") {
        fixture.server.stop();
        fixture.server.start();
        Clerk clerk{fixture.server.folder(), [&](const std::string& request) { fixture.side.reply(request, "x"); }};
        CHECK(fixture.bench.ask(*made, question(), 20s).has_value());
    }
    SECTION("while the reply is waited for") {
        std::atomic<bool> fetched{};
        std::atomic<bool> answered{};
        std::thread restart{[&] {
            while (!fetched) {
                std::this_thread::sleep_for(2ms);
            }
            fixture.server.stop();
            std::this_thread::sleep_for(300ms);  // a restart takes its time: many looks at the folder find nobody
            fixture.server.start();
            fixture.side.lay("REP_0198f000-0000-7000-8000-000000000001.xml", "after the restart");
            while (!answered) {  // the server ends with the thread that started it
                std::this_thread::sleep_for(2ms);
            }
        }};
        Clerk clerk{fixture.server.folder(), [&](const std::string& request) {
                        fs::remove(fixture.server.folder() / ("out/" + request));
                        fetched = true;
                    }};
        const auto reply = fixture.bench.ask(*made, question(), 30s);
        answered = true;
        restart.join();
        CAPTURE(reply ? std::string{} : reply.error().detail());
        REQUIRE(reply.has_value());
        CHECK(reply->body == "after the restart");
    }
}

TEST_CASE("a late reply on an SFTP server is put aside", "[adapters][file][sftp]") {
    Fixture fixture;
    const auto made = fixture.make();
    {
        Clerk clerk{fixture.server.folder(),
                    [&](const std::string& request) { fs::remove(fixture.server.folder() / ("out/" + request)); }};
        CHECK_FALSE(fixture.bench.ask(*made, question(), 500ms).has_value());
    }
    fixture.bench.settle();
    fixture.side.lay("REP_0198f000-0000-7000-8000-000000000001.xml", "too late");
    CHECK(fixture.bench.probe(*made).has_value());
    CHECK(fixture.side.names("in").empty());
    CHECK(fixture.side.names("late").size() == 1);
}

TEST_CASE("on an SFTP server too a link is no reply and a request is written over nothing",
          "[adapters][file][sftp][security]") {
    Fixture fixture;
    const auto made = fixture.make();
    SECTION("a link") {
        fixture.server.folder().write("secret", "not for you");
        Clerk clerk{fixture.server.folder(), [&](const std::string& request) {
                        fs::remove(fixture.server.folder() / ("out/" + request));
                        fs::create_symlink(fixture.server.folder() / "secret",
                                           fixture.server.folder() / ("in/" + reply_name(request)));
                    }};
        const auto reply = fixture.bench.ask(*made, question(), 5s);
        REQUIRE_FALSE(reply.has_value());
        CHECK(reply.error().fault() == Fault::department_invalid);
    }
    SECTION("another's request") {
        const std::string name = "out/REQ_0198f000-0000-7000-8000-000000000001.xml";
        fixture.server.folder().write(name, "another's");
        const auto reply = fixture.bench.ask(*made, question(), 5s);
        REQUIRE_FALSE(reply.has_value());
        CHECK(reply.error().fault() == Fault::source_busy);
        fixture.bench.settle();
        CHECK(fixture.server.folder().read(name) == "another's");
        CHECK(fixture.side.names("out").size() == 1);
    }
}

TEST_CASE("ten thousand files on an SFTP server keep no call from its reply", "[adapters][file][sftp]") {
    Fixture fixture;
    for (int i = 0; i < 10'000; ++i) {
        fixture.server.folder().write("in/old_" + std::to_string(i) + ".xml", "old");
    }
    const auto made = fixture.make();
    Clerk clerk{fixture.server.folder(), [&](const std::string& request) {
                    fixture.side.reply(request, "<id>" + request.substr(4, request.size() - 8) + "</id>");
                }};
    CHECK(fixture.bench.ask(*made, question("query"), 20s).has_value());
    CHECK(fixture.bench.ask(*made, question("valued"), 20s).has_value());
}

TEST_CASE("a session that has brought much serves no further call", "[adapters][file][sftp]") {
    Fixture fixture;
    const adapters::file::SftpServer server{.host = "127.0.0.1",
                                            .port = std::to_string(fixture.server.port()),
                                            .user = user(),
                                            .key_file = fixture.server.key("user"),
                                            .host_keys = {fixture.server.fingerprint("host")}};
    fixture.server.folder().write("in/large", std::string(40U << 20U, 'x'));
    const auto until = std::chrono::steady_clock::now() + 60s;
    const auto place = adapters::file::open_sftp_place(server, until);
    REQUIRE(place.has_value());
    for (const bool is_sound : {true, false}) {
        const auto read = (*place)->read(fixture.server.folder() / "in/large", 64U << 20U, until);
        REQUIRE((read.has_value() && read->has_value()));  // what was begun is finished
        CHECK((*read)->size() == 40U << 20U);
        CHECK((*place)->is_sound() == is_sound);
    }
}

TEST_CASE("a folder that is not on the server, or not ours, is said by its name", "[adapters][file][sftp]") {
    Fixture fixture;
    const auto made = fixture.make();
    fs::remove_all(fixture.server.folder() / "in");
    const auto probed = fixture.bench.probe(*made);
    REQUIRE_FALSE(probed.has_value());
    CHECK(probed.error().detail().starts_with("in: "));
}
