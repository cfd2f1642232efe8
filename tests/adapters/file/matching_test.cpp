#include <sys/resource.h>
#include <csignal>

#include "tests/adapters/file/matching.h"

using namespace datong;
using namespace datong::drop;
using record::Record;
using support::AdapterBench;
using support::ScratchFolder;

namespace {

adapter::Ask named(const std::string& id) {
    adapter::Ask ask = question("named");
    ask.fields.put("ID", Record::text(id));
    return ask;
}

std::string archive(const std::string& name) {
    std::ifstream file{std::string{DATONG_TEST_DATA} + "/zip/" + name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("a reply whose name says nothing is known by what it holds", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make(kByValue);
    fixture.side.lay("REP_0.xml", holding("somebody-else"));
    fixture.side.lay("other.xml", holding(kExchange));  // of another name: not ours to look at
    Clerk clerk{fixture.scratch, [&](const std::string& request) {
                    fixture.side.reply(request, holding(id_of(request)), "REP_77.xml");
                }};
    for (int again = 0; again < 3; ++again) {
        const auto reply = fixture.bench.ask(*made, question());
        REQUIRE(reply.has_value());
        CHECK(reply->body == holding(kExchange));
    }
    CHECK(fixture.scratch.has("in/REP_0.xml"));  // nobody's stays where it is
    CHECK(fixture.scratch.has("in/other.xml"));
    CHECK(fixture.side.names("done").size() == 3);
}

TEST_CASE("many calls at once each get the reply that holds their own id", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make(kByValue);
    std::atomic<int> number{};
    Clerk clerk{fixture.scratch, [&](const std::string& request) {
                    fixture.side.reply(request, holding(id_of(request)), "REP_" + std::to_string(++number) + ".xml");
                }};
    boost::asio::io_context loop{1};
    int good = 0;
    for (int i = 0; i < 30; ++i) {
        auto errand = AdapterBench::errand(20s);
        errand.exchange += "-m" + std::to_string(100 + i);
        boost::asio::co_spawn(loop, made->ask(question(), errand),
                              [&good, errand](const std::exception_ptr&, const Result<adapter::Reply>& reply) {
                                  good += reply && reply->body == holding(errand.exchange) ? 1 : 0;
                              });
    }
    loop.run_for(30s);
    CHECK(good == 30);
}

TEST_CASE("a late reply by value, and one that answers two, is nobody's", "[adapters][file][security]") {
    Fixture fixture;
    const auto made = fixture.make(kByValue);
    {
        Clerk clerk{fixture.scratch,
                    [&](const std::string& request) { fs::remove(fixture.scratch / ("out/" + request)); }};
        CHECK_FALSE(fixture.bench.ask(*made, question(), 150ms).has_value());
    }
    fixture.bench.settle();
    SECTION("late") {
        fixture.side.lay("REP_1.xml", holding(kExchange));
        CHECK(fixture.bench.probe(*made).has_value());
        CHECK(fixture.side.names("in").empty());
        CHECK(fixture.side.names("late") == std::vector<std::string>{"REP_1.xml"});
    }
    SECTION("late and for the next call in one") {
        auto errand = AdapterBench::errand(400ms);
        errand.exchange += "-m2";
        fixture.side.lay("REP_2.xml", holding(kExchange) + holding(errand.exchange));
        const auto reply = fixture.bench.run(made->ask(question(), errand));
        REQUIRE_FALSE(reply.has_value());
        CHECK(reply.error().fault() == Fault::department_timeout);
        CHECK(fixture.side.names("late") == std::vector<std::string>{"REP_2.xml"});
    }
}

TEST_CASE("a reply over the limit that holds our id ends the call as what it is", "[adapters][file][security]") {
    Fixture fixture;
    const auto made = fixture.make(kByValue);
    Clerk clerk{fixture.scratch, [&](const std::string& request) {
                    fixture.side.reply(request, holding(id_of(request)) + std::string(9U << 20U, ' '), "REP_3.xml");
                }};
    const auto reply = fixture.bench.ask(*made, question());
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_invalid);
    CHECK(reply.error().is_over_limit());
}

TEST_CASE("a folder with ten thousand files keeps no call from its reply", "[adapters][file]") {
    Fixture fixture;
    for (int i = 0; i < 10'000; ++i) {
        fixture.scratch.write("in/REP_old" + std::to_string(i) + ".xml", holding("old" + std::to_string(i)));
    }
    const std::string settings = GENERATE(kByName, kByValue);
    const auto made = fixture.make(settings);
    Clerk clerk{fixture.scratch,
                [&](const std::string& request) { fixture.side.reply(request, holding(id_of(request))); }};
    const auto reply = fixture.bench.ask(*made, question(), 20s);
    REQUIRE(reply.has_value());
    CHECK(reply->body == holding(kExchange));
    CHECK(fixture.side.names("in").size() == 10'000);
}

TEST_CASE("a reply counts once its flag lies beside it, and a request gets one", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make("reply_flag: .ok\nrequest_flag: .flag\n" + kByName);
    std::atomic<bool> flagged{};
    std::string seen;
    Clerk clerk{fixture.scratch, [&](const std::string& request) {
                    if (!request.ends_with(".flag")) {
                        return;  // a careful department waits for it
                    }
                    const std::string name = request.substr(0, request.size() - 5);
                    seen = fixture.scratch.read("out/" + name);
                    fs::remove(fixture.scratch / ("out/" + request));
                    fs::remove(fixture.scratch / ("out/" + name));
                    fixture.scratch.write("in/" + reply_name(name), "<half");
                    std::this_thread::sleep_for(std::chrono::milliseconds{150});
                    fixture.scratch.write("in/" + reply_name(name), "<whole/>");
                    flagged = true;
                    fixture.scratch.write("in/" + reply_name(name) + ".ok", "");
                }};
    const auto reply = fixture.bench.ask(*made, question());
    REQUIRE(reply.has_value());
    CHECK(flagged);
    CHECK(reply->body == "<whole/>");
    CHECK(seen == "<ask/>");
    CHECK(fixture.side.names("in").empty());
}

TEST_CASE("a given-up call's flag is withdrawn with its request", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make("request_flag: .flag\n" + kByName);
    CHECK_FALSE(fixture.bench.ask(*made, question(), 100ms).has_value());
    fixture.bench.settle();
    CHECK(fixture.side.names("out").empty());
}

TEST_CASE("while a given-up reply may still come, no other call of that name is made", "[adapters][file][security]") {
    Fixture fixture;
    const auto made = fixture.make("late_ms: 400\n" + kByName);
    {
        Clerk clerk{fixture.scratch,
                    [&](const std::string& request) { fs::remove(fixture.scratch / ("out/" + request)); }};
        CHECK_FALSE(fixture.bench.ask(*made, named("42"), 100ms).has_value());
        fixture.bench.settle();
        const auto refused = fixture.bench.ask(*made, named("42"), 100ms);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().fault() == Fault::source_busy);
    }
    Clerk clerk{fixture.scratch, [&](const std::string& request) { fixture.side.reply(request, "the answer"); }};
    CHECK(fixture.bench.ask(*made, named("43"), 5s).has_value());  // others are not kept waiting
    const auto until = std::chrono::steady_clock::now() + 10s;
    auto reply = fixture.bench.ask(*made, named("42"), 5s);
    while (!reply && reply.error().fault() == Fault::source_busy && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(20ms);
        reply = fixture.bench.ask(*made, named("42"), 5s);
    }
    REQUIRE(reply.has_value());
    CHECK(reply->body == "the answer");
}

TEST_CASE("another call's sweep takes no reply away that is waited for", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make("late_ms: 0\n" + kByName);
    {
        Clerk clerk{fixture.scratch,
                    [&](const std::string& request) { fs::remove(fixture.scratch / ("out/" + request)); }};
        CHECK_FALSE(fixture.bench.ask(*made, named("42"), 100ms).has_value());
    }
    fixture.bench.settle();
    // the same is asked again; its reply lies there when the source is looked at
    boost::asio::io_context loop{1};
    std::optional<Result<adapter::Reply>> second;
    boost::asio::co_spawn(loop, made->ask(named("42"), AdapterBench::errand(10s)),
                          [&](const std::exception_ptr&, Result<adapter::Reply> got) { second = std::move(got); });
    while (!fixture.scratch.has("out/REQ_42.xml")) {
        loop.run_for(5ms);
    }
    fs::remove(fixture.scratch / "out/REQ_42.xml");
    fixture.side.lay("REP_42.xml", "for the second");
    CHECK(fixture.bench.probe(*made).has_value());
    loop.run_for(10s);
    REQUIRE(second.has_value());
    REQUIRE(second->has_value());
    CHECK((*second)->body == "for the second");
}

TEST_CASE("own requests that nobody fetched for a day are removed, and nothing else", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make(kByName);
    const auto put = [&](const std::string& name, std::chrono::hours age) {
        fixture.scratch.write("out/" + name, "x");
        fs::last_write_time(fixture.scratch / ("out/" + name), fs::file_time_type::clock::now() - age);
    };
    put("REQ_crashed.xml", std::chrono::hours{25});
    put("REQ_crashed2.xml.tmp", std::chrono::hours{25});
    put("REQ_young.xml", std::chrono::hours{1});
    put("another-system.xml", std::chrono::hours{500});
    CHECK(fixture.bench.probe(*made).has_value());
    auto names = fixture.side.names("out");
    std::ranges::sort(names);
    CHECK(names == std::vector<std::string>{"REQ_young.xml", "another-system.xml"});
}

TEST_CASE("a packed reply is unpacked", "[adapters][file]") {
    const std::string name = GENERATE("reply.zip", "stored.zip");
    Fixture fixture;
    const auto made = fixture.make(kByName);
    Clerk clerk{fixture.scratch, [&](const std::string& request) { fixture.side.reply(request, archive(name)); }};
    const auto reply = fixture.bench.ask(*made, question("packed"));
    REQUIRE(reply.has_value());
    CHECK(reply->body ==
          "<?xml version=\"1.0\" encoding=\"GB18030\"?><\xB4\xF0\xB8\xB4>\xCA\xBE\xC0\xFD\xBC\xD7</\xB4\xF0\xB8\xB4>");
}

TEST_CASE("an archive that is none, or a trap, is refused", "[adapters][file][security]") {
    struct Row {
        const char* why;
        std::function<std::string()> archive;
    };
    const auto changed = [](const std::string& name, std::size_t from_end, char octet) {
        std::string bytes = archive(name);
        bytes[bytes.size() - from_end] = octet;
        return bytes;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"empty", [] { return std::string{}; }},
        {"a web page", [] { return std::string{"<html>error</html>"}; }},
        {"cut off", [] { return archive("reply.zip").substr(0, 300); }},
        {"its begin is missing", [] { return archive("reply.zip").substr(10); }},
        {"a bomb", [] { return archive("bomb.zip"); }},
        {"encrypted", [] { return archive("encrypted.zip"); }},
        {"two of the wanted name", [] { return archive("twice.zip"); }},
        {"another count", [&] { return changed("reply.zip", 22 - 10, '\x03'); }},
        {"65535 files",
         [] {
             auto b = archive("reply.zip");
             b.replace(b.size() - 14, 4, "\xFF\xFF\xFF\xFF");
             return b;
         }},
        {"a directory elsewhere", [&] { return changed("reply.zip", 22 - 16, '\x01'); }},
        {"another disk", [&] { return changed("reply.zip", 22 - 4, '\x01'); }},
        {"one octet of the data",
         [] {
             auto b = archive("stored.zip");
             b[90] = static_cast<char>(b[90] + 1);
             return b;
         }},
        {"a local head of another name",
         [] {
             auto b = archive("stored.zip");
             b[30] = 'x';
             return b;
         }},
        {"packed by another method",
         [] {
             auto b = archive("stored.zip");
             b[b.find("PK\1\2") + 10] = '\x0C';
             return b;
         }},
        {"a size that is not true",
         [] {
             auto b = archive("stored.zip");
             b[b.find("PK\1\2") + 24] = '\x7F';
             return b;
         }},
        {"a place outside",
         [] {
             auto b = archive("stored.zip");
             b.replace(b.find("PK\1\2") + 42, 4, "\xFF\xFF\xFF\x7F");
             return b;
         }},
    }));
    CAPTURE(row.why);
    Fixture fixture;
    const auto made = fixture.make(kByName);
    Clerk clerk{fixture.scratch, [&](const std::string& request) { fixture.side.reply(request, row.archive()); }};
    const auto reply = fixture.bench.ask(*made, question("packed"));
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_invalid);
}

TEST_CASE("no file that an archive names is written anywhere", "[adapters][file][security]") {
    std::string bytes = archive("stored.zip");
    for (auto at = bytes.find("reply.xml"); at != std::string::npos; at = bytes.find("reply.xml", at + 1)) {
        bytes.replace(at, 9, "../ly.xml");
    }
    Fixture fixture;
    const auto made = fixture.make(kByName);
    Clerk clerk{fixture.scratch, [&](const std::string& request) { fixture.side.reply(request, bytes); }};
    REQUIRE(fixture.bench.ask(*made, question("packed")).has_value());
    CHECK_FALSE(fixture.scratch.has("ly.xml"));
    CHECK_FALSE(fixture.scratch.has("done/ly.xml"));
}

TEST_CASE("a full disk is told and leaves no half request behind", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make(kByName);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto old = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 1'000, .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto reply = fixture.bench.ask(*made, question("query", std::string(100'000, 'x')), 2s);
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_down);
    fixture.bench.settle();
    CHECK(fixture.side.names("out").empty());
    Clerk clerk{fixture.scratch, [&](const std::string& request) { fixture.side.reply(request, "x"); }};
    CHECK(fixture.bench.ask(*made, question()).has_value());
}

TEST_CASE("what holds and the flags say is checked when it is read", "[adapters][file]") {
    struct Row {
        const char* why;
        std::string settings;
    };
    const std::string plain = "operations:\n  q: {request: \"R_{exchange}\", reply: \"A_{exchange}\"}\n";
    const auto row = GENERATE_COPY(values<Row>({
        {"a '*' and nothing to know it by",
         "operations:\n  q: {request: \"R_{exchange}\", reply: \"A_*_{exchange}\"}\n"},
        {"holds that others have too",
         "operations:\n  q: {request: \"R_{exchange}\", reply: \"*\", holds: \"{ID}\"}\n"},
        {"holds inside an archive",
         "operations:\n  q: {request: \"R_{exchange}\", reply: \"*\", holds: \"{exchange}\", archive: zip}\n"},
        {"a flag that is a path", "reply_flag: /ok\n" + plain},
        {"a flag that means unfinished", "request_flag: .tmp\n" + plain},
        {"no server's key", "host: h\nuser: u\npassword: p\n" + plain},
        {"any server's key", "host: h\nuser: u\npassword: p\nhost_key: \"*\"\n" + plain},
        {"no user", "host: h\npassword: p\nhost_key: SHA256:" + std::string(43, 'x') + "\n" + plain},
        {"nothing to sign in with", "host: h\nuser: u\nhost_key: SHA256:" + std::string(43, 'x') + "\n" + plain},
        {"a user of no server", "user: u\n" + plain},
    }));
    CAPTURE(row.why);
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::file::kind(), "out: o\nin: i\n" + row.settings, mistakes) == nullptr);
    CHECK(mistakes.size() == 1);
}
