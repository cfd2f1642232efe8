#include <sys/stat.h>
#include <unistd.h>

#include "adapters/plugin/plugin_adapter.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::AdapterBench;
using support::ScratchFolder;
namespace fs = std::filesystem;

namespace {

const std::string kSettings = "port: 8080\n";

/// A plug-in's file, copied to where a test may spoil it, with its pin.
struct Installed {
    ScratchFolder folder;
    std::string file;
    adapter::PluginPin pin;
    AdapterBench bench;
    adapter::Kind host = adapters::plugin::host();
    Mistakes mistakes;

    explicit Installed(const std::string& name) {
        fs::create_directory(folder / "plugins");
        file = folder / ("plugins/" + name + ".so");
        fs::copy_file(std::string{DATONG_PLUGINS} + '/' + name + ".so", file);
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
        pin = {.kind = "hostile", .file = file, .sha256 = digest(), .max_answer = 1U << 20};
    }
    [[nodiscard]] std::string digest() const {
        return to_hex(crypto::sha256(folder.read(fs::path{file}.lexically_relative(folder.path()).string())));
    }
    /// By the settings of one source.
    std::unique_ptr<adapter::Adapter> make(const std::string& settings = kSettings) {
        adapter::Tools tools = bench.tools();
        tools.pin = &pin;
        const auto node = yaml::parse(settings, "settings.yaml");
        REQUIRE(node.has_value());
        mistakes.clear();
        return host.make(*node, tools, mistakes);
    }
    Result<adapter::Reply> ask(const std::string& operation, std::chrono::milliseconds limit = 10s) {
        const auto made = make();
        REQUIRE(made != nullptr);
        adapter::Ask what;
        what.operation = operation;
        what.body = "the question";
        auto reply = bench.ask(*made, std::move(what), limit);
        bench.settle();
        return reply;
    }
};

void check_refused(Installed& installed, const std::string& why) {
    const auto made = installed.make();
    REQUIRE(made != nullptr);
    CHECK_FALSE(has_errors(installed.mistakes));  // it stops nothing but its own sources
    REQUIRE(installed.mistakes.size() == 1);
    CHECK(installed.mistakes.front().code == "C230");
    CHECK(installed.mistakes.front().severity == Severity::warning);
    CAPTURE(made->disabled());
    CHECK(made->disabled().find(why) != std::string::npos);
    const auto reply = installed.bench.ask(*made, {});
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::unavailable);
    const auto probed = installed.bench.probe(*made);
    REQUIRE_FALSE(probed.has_value());
    CHECK(probed.error().fault() == Fault::unavailable);
}

}  // namespace

TEST_CASE("a plug-in of another making than this gateway's is refused and runs no call",
          "[adapters][plugin][security]") {
    struct Row {
        const char* file;
        const char* why;
    };
    const auto row = GENERATE(values<Row>({{"other_abi", "was built for adapter ABI 2"},
                                           {"small_table", "has a table of 88 bytes"},
                                           {"no_symbol", "exports no datong_adapter_entry"},
                                           {"other_kind", "calls its kind otherwise"},
                                           {"no_function", "lacks a function"},
                                           {"no_schema", "is no JSON"},
                                           {"strange_schema", "'pattern' is not understood"}}));
    CAPTURE(row.file);
    Installed installed{row.file};
    check_refused(installed, row.why);
    check_refused(installed, row.why);  // a reload finds what the start found
}

TEST_CASE("a file that is not the pinned one, or that others could change, is never loaded",
          "[adapters][plugin][security]") {
    Installed installed{"hostile"};
    SECTION("one octet is another") {
        installed.pin.sha256.front() = installed.pin.sha256.front() == '0' ? '1' : '0';
        check_refused(installed, "its SHA-256 is " + installed.digest());
    }
    SECTION("there is none") {
        fs::remove(installed.file);
        check_refused(installed, "can't be found");
    }
    SECTION("its name is relative") {
        installed.pin.file = "hostile.so";
        check_refused(installed, "is no absolute path");
    }
    SECTION("it is a folder") {
        installed.pin.file = installed.folder / "plugins";
        check_refused(installed, "is no regular file");
    }
    SECTION("it is no shared object") {
        installed.folder.write("plugins/hostile.so", "#!/bin/sh\n");
        installed.pin.sha256 = installed.digest();
        check_refused(installed, "can't be loaded");
    }
    SECTION("its group can write it") {
        REQUIRE(::chmod(installed.file.c_str(), 0620) == 0);
        check_refused(installed, "can be written by its group or by others");
    }
    SECTION("everybody can write its folder") {
        REQUIRE(::chmod((installed.folder / "plugins").c_str(), 0777) == 0);
        check_refused(installed, "can be written by its group or by others");
    }
    if (::geteuid() == 0) {  // nobody else can give a file away
        SECTION("it belongs to somebody else") {
            REQUIRE(::chown(installed.file.c_str(), 12345, 12345) == 0);
            check_refused(installed, "belongs to neither root nor the gateway's user");
        }
        SECTION("its folder belongs to somebody else") {
            REQUIRE(::chown((installed.folder / "plugins").c_str(), 12345, 12345) == 0);
            check_refused(installed, "belongs to neither root nor the gateway's user");
        }
    }
}

TEST_CASE("what lies behind a link is looked at, not the link", "[adapters][plugin][security]") {
    Installed installed{"hostile"};
    fs::create_symlink(installed.file, installed.folder / "link.so");
    installed.pin.file = installed.folder / "link.so";
    CHECK(installed.ask("no rows").has_value());
    REQUIRE(::chmod(installed.file.c_str(), 0666) == 0);
    Installed again{"hostile"};
    again.pin.file = installed.pin.file;
    check_refused(again, "can be written");
}

TEST_CASE("two plug-ins in one process are not taken for each other", "[adapters][plugin]") {
    Installed one{"other_kind"};
    one.pin.kind = "friendly";
    Installed two{"hostile"};
    REQUIRE(one.make()->disabled().empty());
    REQUIRE(two.make()->disabled().empty());  // its table says another kind: the linker did not mix them up
    REQUIRE(one.make()->disabled().empty());
}

TEST_CASE("a plug-in's settings are checked by its own schema and typed by it", "[adapters][plugin]") {
    Installed installed{"hostile"};
    const auto made = installed.make("port: 8080\ncode: 007\nmode: b\nfast: true\npassword: \"12\"\ntables: [a, 1]\n");
    REQUIRE(made != nullptr);
    CHECK(installed.mistakes.empty());
    adapter::Ask what;
    what.operation = "settings";
    const auto reply = installed.bench.ask(*made, what);
    REQUIRE(reply.has_value());
    CHECK(reply->body == R"({"port":8080,"code":"007","mode":"b","fast":true,"password":"12","tables":["a","1"]})");
}

TEST_CASE("a mistake in a plug-in's settings stops the start like any other", "[adapters][plugin]") {
    struct Row {
        const char* settings;
        const char* code;
        int line;
    };
    const auto row = GENERATE(values<Row>({{"prt: 8080\nport: 1\n", "C101", 1},
                                           {"code: abc\n", "C102", 1},
                                           {"port: many\n", "C103", 1},
                                           {"port: 1.5\n", "C103", 1},
                                           {"port: \"80\"\n", "C103", 1},
                                           {"port: {}\n", "C103", 1},
                                           {"port: 70000\n", "C104", 1},
                                           {"port: 80\ncode: abcde\n", "C104", 2},
                                           {"port: 80\nmode: c\n", "C105", 2},
                                           {"port: 80\nfast: yes\n", "C103", 2},
                                           {"port: 80\ntables: []\n", "C104", 2},
                                           {"port: 80\ntables: [{}]\n", "C103", 2},
                                           {"just text\n", "C103", 1}}));
    CAPTURE(row.settings);
    Installed installed{"hostile"};
    CHECK(installed.make(row.settings) == nullptr);
    REQUIRE(installed.mistakes.size() == 1);
    CHECK(installed.mistakes.front().code == row.code);
    CHECK(installed.mistakes.front().where.line == row.line);
    CHECK(has_errors(installed.mistakes));
}

TEST_CASE("a plug-in that can't be opened is refused, and what it says is made harmless", "[adapters][plugin]") {
    Installed installed{"hostile"};
    const auto made = installed.make("port: 666\n");
    REQUIRE(made != nullptr);
    CHECK(made->disabled().find("can't be opened: no such port??? here") != std::string::npos);
}

TEST_CASE("fields go to a plug-in and rows come back with their kinds", "[adapters][plugin]") {
    Installed installed{"hostile"};
    const auto made = installed.make();
    REQUIRE(made != nullptr);
    adapter::Ask what;
    what.operation = "fields";
    what.fields.put("XM", Record::bytes("\xD5\xC5\xC8\xFD"));
    what.fields.put("ZJHM", Record::text("张三"));
    what.fields.put("JE", Record::number("100.10"));
    what.fields.put("BZ", Record{});
    what.fields.put("YX", Record::boolean(true));
    const auto reply = installed.bench.ask(*made, what);
    REQUIRE(reply.has_value());
    const auto& rows = reply->rows.find("rows")->items();
    REQUIRE(rows.size() == 5);
    CHECK(*rows[0].find("XM") == Record::bytes("\xD5\xC5\xC8\xFD"));
    CHECK(*rows[1].find("ZJHM") == Record::text("张三"));
    CHECK(*rows[2].find("JE") == Record::number("100.10"));
    CHECK(rows[3].find("BZ")->is_null());
    CHECK(*rows[4].find("YX") == Record::text("true"));

    what.fields.put("list", Record::list());
    const auto nested = installed.bench.ask(*made, what);
    REQUIRE_FALSE(nested.has_value());
    CHECK(nested.error().fault() == Fault::request_invalid);
}

TEST_CASE("a set without rows is told from one that did not come", "[adapters][plugin]") {
    Installed installed{"hostile"};
    const auto reply = installed.ask("no rows");
    REQUIRE(reply.has_value());
    REQUIRE(reply->rows.find("rows") != nullptr);
    CHECK(reply->rows.find("rows")->is_list());
    CHECK(reply->rows.find("rows")->items().empty());
}

TEST_CASE("a plug-in is told the time that is left, and is given up at its end", "[adapters][plugin]") {
    Installed installed{"hostile"};
    const auto reply = installed.ask("time left");
    REQUIRE(reply.has_value());
    CHECK(reply->status == 200);
    CHECK(reply->body == "the question");
    const auto late = installed.ask("sleep", 100ms);
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().fault() == Fault::department_timeout);
}

TEST_CASE("rubbish from a plug-in is no answer and no crash", "[adapters][plugin][security]") {
    const std::string what =
        GENERATE(as<std::string>{}, "nothing", "two bodies", "rows and a body", "null with a size", "no such kind",
                 "text that is none", "number that is none", "name that is none", "no name", "twice",
                 "fields from nowhere", "too many fields", "a size beyond all memory", "rows without end");
    CAPTURE(what);
    Installed installed{"hostile"};
    const auto reply = installed.ask(what);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_invalid);
    CHECK(reply.error().is_over_limit() == (what == "rows without end" || what == "a size beyond all memory"));
    CHECK(installed.ask("no rows").has_value());  // and the next call is a call like any other
}

TEST_CASE("a plug-in's outcome becomes a fault, with its words where it has some", "[adapters][plugin]") {
    Installed installed{"hostile"};
    CHECK(installed.ask("no such outcome").error().fault() == Fault::internal);
    CHECK(installed.ask("no such operation").error().fault() == Fault::internal);
    const auto down = installed.ask("no reason");
    CHECK(down.error().fault() == Fault::department_down);
    const auto refused = installed.ask("a reason");
    CHECK(refused.error().fault() == Fault::department_refused);
    CHECK(refused.error().detail() == "first?line?");
    const auto made = installed.make();
    const auto probed = installed.bench.probe(*made);
    REQUIRE_FALSE(probed.has_value());
    CHECK(probed.error().fault() == Fault::department_down);
    CHECK(probed.error().detail() == "the line is cut");
}

TEST_CASE("an exception out of a plug-in ends its call only", "[adapters][plugin][security]") {
    Installed installed{"throwing"};
    const auto reply = installed.ask("query");
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::internal);
}
