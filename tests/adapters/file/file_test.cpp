#include <sys/stat.h>

#include <mutex>

#include "tests/adapters/file/drop.h"

using namespace datong;
using namespace std::chrono_literals;
using namespace datong::drop;
using record::Record;
using support::AdapterBench;
using support::ScratchFolder;

namespace {

struct Folders {
    ScratchFolder scratch;
    Side side{scratch};

    void reply(const std::string& request, const std::string& bytes) const { side.reply(request, bytes); }
    std::vector<std::string> names(const std::string& folder) const { return side.names(folder); }
};

const std::string kSettings =
    "out: out\nin: in\ndone: done\nlate: late\npoll_ms: 10\nsettle_ms: 0\nmax_reply: 8388608\noperations:\n"
    "  query: {request: \"REQ_{exchange}.xml\", reply: \"REP_{exchange}.xml\", content_type: text/xml}\n"
    "  named: {request: \"REQ_{ID}.xml\", reply: \"REP_{ID}.xml\"}\n";

/// A department that works by files.
class FileDepartment final : public support::Department {
public:
    adapter::Kind kind() const override { return adapters::file::kind(); }
    std::string folder() const override { return folders_.scratch.path(); }
    std::string settings() const override { return kSettings; }
    adapter::Ask question() const override { return drop::question(); }
    void answer_with(std::string bytes) override {
        const std::scoped_lock lock{mutex_};
        bytes_ = std::move(bytes);
        silent_ = false;
    }
    void be_silent() override { silent_ = true; }
    void go_down() override {
        silent_ = true;
        fs::remove_all(folders_.scratch / "out");
    }
    void talk_garbage() override { answer_with(std::string{"\x00\xFF no message", 14}); }
    bool takes_anything() const override { return true; }

private:
    void answer(const std::string& request) {
        if (!silent_) {
            const std::scoped_lock lock{mutex_};
            folders_.reply(request, bytes_);
        }
    }

    Folders folders_;
    std::mutex mutex_;
    std::string bytes_;
    std::atomic<bool> silent_{true};
    Clerk clerk_{folders_.scratch, [this](const std::string& request) { answer(request); }};
};

struct Fixture {
    Folders folders;
    AdapterBench bench{folders.scratch.path()};

    std::unique_ptr<adapter::Adapter> make(const std::string& settings = kSettings) {
        return bench.make(adapters::file::kind(), settings);
    }
};

}  // namespace

TEST_CASE("file keeps the adapter's contract", "[adapters][file]") {
    support::check_adapter_contract([] { return std::make_unique<FileDepartment>(); });
}

TEST_CASE("a request is laid down whole, and its reply is moved away", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make();
    std::string seen;
    Clerk clerk{fixture.folders.scratch, [&](const std::string& request) {
                    seen = fixture.folders.scratch.read("out/" + request);
                    fixture.folders.reply(request, "<answer/>");
                }};
    const auto reply = fixture.bench.ask(*made, question("query", "<ask>\xD5\xC5</ask>"));
    REQUIRE(reply.has_value());
    CHECK(reply->body == "<answer/>");
    CHECK(reply->content_type == "text/xml");
    CHECK(reply->status == 0);
    CHECK(seen == "<ask>\xD5\xC5</ask>");
    CHECK(fixture.folders.names("out").empty());
    CHECK(fixture.folders.names("in").empty());
    CHECK(fixture.folders.names("done") == std::vector<std::string>{"REP_0198f000-0000-7000-8000-000000000001.xml"});
}

TEST_CASE("without a folder for done, a read reply is removed", "[adapters][file]") {
    Fixture fixture;
    std::string settings = kSettings;
    settings.erase(settings.find("done: done\n"), 11);
    const auto made = fixture.make(settings);
    Clerk clerk{fixture.folders.scratch, [&](const std::string& request) { fixture.folders.reply(request, "x"); }};
    REQUIRE(fixture.bench.ask(*made, question()).has_value());
    CHECK(fixture.folders.names("in").empty());
    CHECK(fixture.folders.names("done").empty());
}

TEST_CASE("a part of a file is no reply", "[adapters][file]") {
    Fixture fixture;
    SECTION("as long as its name ends in .tmp") {
        const auto made = fixture.make();
        Clerk clerk{fixture.folders.scratch, [&](const std::string& request) {
                        fs::remove(fixture.folders.scratch / ("out/" + request));
                        fixture.folders.scratch.write("in/" + reply_name(request) + ".tmp", "<part");
                    }};
        const auto reply = fixture.bench.ask(*made, question(), 300ms);
        REQUIRE_FALSE(reply.has_value());
        CHECK(reply.error().fault() == Fault::department_timeout);
    }
    SECTION("as long as it grows") {
        std::string settings = kSettings;
        settings.replace(settings.find("settle_ms: 0"), 12, "settle_ms: 400");
        const auto made = fixture.make(settings);
        std::atomic<int> parts{};
        std::string name;
        Clerk clerk{fixture.folders.scratch, [&](const std::string& request) {
                        name = request;
                        fs::remove(fixture.folders.scratch / ("out/" + request));
                        for (int i = 0; i < 5; ++i) {
                            std::ofstream file{fixture.folders.scratch / ("in/" + reply_name(request)), std::ios::app};
                            file << "part" << i << ' ';
                            file.close();
                            ++parts;
                            std::this_thread::sleep_for(std::chrono::milliseconds{60});
                        }
                    }};
        const auto reply = fixture.bench.ask(*made, question());
        REQUIRE(reply.has_value());
        CHECK(parts == 5);
        CHECK(reply->body == "part0 part1 part2 part3 part4 ");
    }
}

TEST_CASE("a call that is given up withdraws a request that nobody fetched", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make();
    CHECK_FALSE(fixture.bench.ask(*made, question(), 100ms).has_value());
    fixture.bench.settle();
    CHECK(fixture.folders.names("out").empty());
}

TEST_CASE("a reply that comes too late is put aside and never taken for another's", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make();
    adapter::Ask ask = question();
    ask.operation = "named";
    ask.fields.put("ID", Record::text("42"));
    {
        Clerk clerk{fixture.folders.scratch,
                    [&](const std::string& request) { fs::remove(fixture.folders.scratch / ("out/" + request)); }};
        CHECK_FALSE(fixture.bench.ask(*made, ask, 150ms).has_value());
    }
    fixture.bench.settle();
    fixture.folders.scratch.write("in/REP_42.xml", "the first call's");

    SECTION("when the source is looked at") {
        CHECK(fixture.bench.probe(*made).has_value());
        CHECK(fixture.folders.names("in").empty());
        CHECK(fixture.folders.names("late") == std::vector<std::string>{"REP_42.xml"});
    }
    SECTION("when the same is asked again") {
        Clerk clerk{fixture.folders.scratch,
                    [&](const std::string& request) { fixture.folders.reply(request, "the second call's"); }};
        const auto reply = fixture.bench.ask(*made, ask);
        REQUIRE(reply.has_value());
        CHECK(reply->body == "the second call's");
        CHECK(fixture.folders.scratch.read("late/REP_42.xml") == "the first call's");
    }
}

TEST_CASE("two calls of one reply name are not mixed up: the second is refused", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make();
    boost::asio::io_context loop{1};
    std::vector<Fault> faults;
    for (int i = 0; i < 2; ++i) {
        boost::asio::co_spawn(loop, made->ask(question(), AdapterBench::errand(200ms)),
                              [&](const std::exception_ptr&, const Result<adapter::Reply>& reply) {
                                  faults.push_back(reply ? Fault::internal : reply.error().fault());
                              });
    }
    loop.run_for(30s);
    CHECK(faults == std::vector<Fault>{Fault::source_busy, Fault::department_timeout});
}

TEST_CASE("a request of that name that lies there still is not written over", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make();
    adapter::Ask ask = question();
    ask.operation = "named";
    ask.fields.put("ID", Record::text("42"));
    fixture.folders.scratch.write("out/REQ_42.xml", "another's");
    const auto reply = fixture.bench.ask(*made, ask, 2s);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::source_busy);
    fixture.bench.settle();
    CHECK(fixture.folders.scratch.read("out/REQ_42.xml") == "another's");
    CHECK(fixture.folders.names("out").size() == 1);
}

TEST_CASE("a field can't leave its place in a file name", "[adapters][file][security]") {
    const std::string value =
        GENERATE(as<std::string>{}, "", "../../etc/passwd", "a/b", "/etc/passwd", "..", "x..y", "a\\b",
                 std::string{"a\0b", 3}, "a\nb", "\x7F", "C:", "*", "a|b", "\xD5\xC5", std::string(300, 'x'));
    CAPTURE(value);
    Fixture fixture;
    const auto made = fixture.make();
    adapter::Ask ask = question();
    ask.operation = "named";
    ask.fields.put("ID", Record::text(value));
    const auto reply = fixture.bench.ask(*made, ask, 2s);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::request_invalid);
    CHECK(fixture.folders.names("out").empty());
}

TEST_CASE("a reply that is a link, a folder or a pipe is none", "[adapters][file][security]") {
    const std::string what = GENERATE("link", "folder", "pipe");
    CAPTURE(what);
    Fixture fixture;
    fixture.folders.scratch.write("secret", "not for you");
    const auto made = fixture.make();
    Clerk clerk{fixture.folders.scratch, [&](const std::string& request) {
                    const std::string reply = fixture.folders.scratch / ("in/" + reply_name(request));
                    fs::remove(fixture.folders.scratch / ("out/" + request));
                    if (what == "link") {
                        fs::create_symlink(fixture.folders.scratch / "secret", reply);
                    } else if (what == "folder") {
                        fs::create_directory(reply);
                    } else {
                        ::mkfifo(reply.c_str(), 0600);
                    }
                }};
    const auto reply = fixture.bench.ask(*made, question());
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_invalid);
}

TEST_CASE("file names are written in the folder's charset", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make(
        "out: out\nin: in\nname_charset: gb18030\npoll_ms: 10\nsettle_ms: 0\noperations:\n"
        "  query: {request: \"REQ_张三_{exchange}.xml\", reply: \"REP_张三_{exchange}.xml\"}\n");
    std::string seen;
    Clerk clerk{fixture.folders.scratch, [&](const std::string& request) {
                    seen = request;
                    fixture.folders.reply(request, "x");
                }};
    REQUIRE(fixture.bench.ask(*made, question()).has_value());
    CHECK(seen == "REQ_\xD5\xC5\xC8\xFD_0198f000-0000-7000-8000-000000000001.xml");
}

TEST_CASE("mistakes in a file source's settings are found when they are read", "[adapters][file]") {
    struct Row {
        const char* why;
        const char* operation;
    };
    const auto row = GENERATE(values<Row>({
        {"a name for all calls", "{request: REQ.xml, reply: \"REP_{exchange}.xml\"}"},
        {"a reply for all calls", "{request: \"REQ_{exchange}.xml\", reply: REP.xml}"},
        {"a folder in the name", "{request: \"x/REQ_{exchange}.xml\", reply: \"REP_{exchange}.xml\"}"},
        {"an open place", "{request: \"REQ_{exchange.xml\", reply: \"REP_{exchange}.xml\"}"},
        {"no reply", "{request: \"REQ_{exchange}.xml\"}"},
    }));
    CAPTURE(row.why);
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::file::kind(),
                         std::string{"out: o\nin: i\noperations:\n  q: "} + row.operation + "\n", mistakes) == nullptr);
    CHECK(mistakes.size() == 1);
}
