#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "adapters/plugin/plugin_adapter.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/dbf_writer.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::AdapterBench;
using support::ScratchFolder;
namespace fs = std::filesystem;

namespace {

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

const std::string kAsked = "999901199001010010";

/// The example plug-in on a folder of tables.
struct Tables {
    ScratchFolder folder;
    std::string plugin = folder / "dbf.so";
    adapter::PluginPin pin;
    AdapterBench bench;
    adapter::Kind host = adapters::plugin::host();

    Tables() {
        fs::copy_file(DATONG_DBF, plugin);
        fs::permissions(plugin, fs::perms::owner_read);
        pin = {
            .kind = "dbf", .file = plugin, .sha256 = to_hex(crypto::sha256(read_file(plugin))), .max_answer = 1 << 20};
        put(read_file(DATONG_TEST_DATA "/dbf/HOUSE.DBF"));
    }
    void put(const std::string& bytes) const { folder.write("HOUSE.DBF", bytes); }

    std::unique_ptr<adapter::Adapter> make(const std::string& more = "", const std::string& where = "{ZJHM: [ZJHM]}",
                                           int max_rows = 20) {
        const auto node = yaml::parse("folder: " + folder.path() + "\n" + more +
                                          "operations: {query: {sets: {house: " + "{file: HOUSE.DBF, where: " + where +
                                          ", max_rows: " + std::to_string(max_rows) + "}}}}\n",
                                      "settings.yaml");
        REQUIRE(node.has_value());
        adapter::Tools tools = bench.tools();
        tools.pin = &pin;
        Mistakes mistakes;
        auto made = host.make(*node, tools, mistakes);
        for (const Mistake& mistake : mistakes) {
            FAIL_CHECK(to_line(mistake));
        }
        REQUIRE(made != nullptr);
        return made;
    }
    Result<adapter::Reply> ask(adapter::Adapter& made, const std::string& number = kAsked) {
        adapter::Ask what;
        what.operation = "query";
        what.fields.put("ZJHM", Record::text(number));
        return bench.ask(made, std::move(what));
    }
};

std::string cell(const Record& row, const char* column) {
    return std::string{row.find(column)->scalar()};
}

}  // namespace

TEST_CASE("dbf gives the rows of a person as raw bytes, without the deleted ones", "[examples][dbf]") {
    Tables tables;
    const auto made = tables.make();
    const auto reply = tables.ask(*made);
    REQUIRE(reply.has_value());
    const auto& rows = reply->rows.find("house")->items();
    REQUIRE(rows.size() == 2);  // the third of this person's records is deleted
    CHECK(cell(rows[0], "ZJHM") == kAsked);
    CHECK(*rows[0].find("XM") == Record::bytes("\xCA\xBE\xC0\xFD\xBC\xD7"));
    CHECK(*rows[0].find("MJ") == Record::bytes("89.55"));
    CHECK(*rows[0].find("DJRQ") == Record::bytes("20180518"));
    CHECK(*rows[0].find("DYBZ") == Record::bytes("T"));
    CHECK(rows[0].find("BZ") == nullptr);  // a memo stands in another file
    CHECK(rows[1].find("DJRQ")->is_null());
    CHECK(rows[1].find("DYBZ")->is_null());
    CHECK(tables.bench.probe(*made).has_value());
}

TEST_CASE("dbf says that it has no row, which is no statement yet", "[examples][dbf]") {
    Tables tables;
    const auto made = tables.make();
    const auto reply = tables.ask(*made, "999901198001010007");
    REQUIRE(reply.has_value());
    CHECK(reply->rows.find("house")->items().empty());
}

TEST_CASE("an empty table that was closed, and one with more behind its end, are whole", "[examples][dbf]") {
    Tables tables;
    const std::string whole = read_file(DATONG_TEST_DATA "/dbf/HOUSE.DBF");
    const auto made = tables.make();
    std::string empty = whole.substr(0, 257) + '\x1A';
    empty[4] = '\0';
    tables.put(empty);
    const auto none = tables.ask(*made);
    REQUIRE(none.has_value());
    CHECK(none->rows.find("house")->items().empty());
    for (const std::string& table : {whole + std::string(512, '\x1A'), whole.substr(0, whole.size() - 1)}) {
        tables.put(table);
        const auto reply = tables.ask(*made);
        REQUIRE(reply.has_value());
        CHECK(reply->rows.find("house")->items().size() == 2);
    }
}

TEST_CASE("a value can mean nothing but itself", "[examples][dbf][security]") {
    const std::string value =
        GENERATE(as<std::string>{}, "", " ", "*", "%", "9999%", "' OR '1'='1", "999901199001010010 ",
                 "99990119900101001", "999901199001010010\n", "\xF0\x9F\x98\x80", std::string(70'000, 'x'));
    CAPTURE(value.substr(0, 40));
    Tables tables;
    const auto made = tables.make();
    const auto reply = tables.ask(*made, value);
    REQUIRE(reply.has_value());
    CHECK(reply->rows.find("house")->items().empty());
}

TEST_CASE("dbf finds by Chinese names, in the charset of the table", "[examples][dbf]") {
    Tables tables;
    const auto made = tables.make("charset: gb18030\n", "{XM: [ZJHM]}");
    const auto reply = tables.ask(*made, "示例乙");
    REQUIRE(reply.has_value());
    REQUIRE(reply->rows.find("house")->items().size() == 1);
    CHECK(reply->rows.find("house")->items()[0].find("DYBZ")->is_null());
}

TEST_CASE("a table that is not whole is no table", "[examples][dbf][security]") {
    struct Row {
        const char* why;
        std::function<void(std::string&)> spoil;
    };
    const auto row = GENERATE(values<Row>({
        {"empty", [](std::string& t) { t.clear(); }},
        {"a web page", [](std::string& t) { t = "<html>" + std::string(400, ' ') + "</html>"; }},
        {"header cut off", [](std::string& t) { t.resize(20); }},
        {"columns cut off", [](std::string& t) { t.resize(100); }},
        {"records cut off", [](std::string& t) { t.resize(t.size() - 40); }},
        {"more records than there are", [](std::string& t) { t[4] = '\x7F'; }},
        {"four thousand million records", [](std::string& t) { t.replace(4, 4, "\xFF\xFF\xFF\xFF"); }},
        {"a header beyond the file", [](std::string& t) { t.replace(8, 2, "\xFF\xFF"); }},
        {"a header without columns", [](std::string& t) { t.replace(8, 2, std::string{"\x20\x00", 2}); }},
        {"records of no size", [](std::string& t) { t.replace(10, 2, std::string{"\x00\x00", 2}); }},
        {"records of another size", [](std::string& t) { t[10] = '\x7F'; }},
        {"columns without an end", [](std::string& t) { t[256] = ' '; }},
        {"a column of no size", [](std::string& t) { t[32 + 16] = '\0'; }},
        {"a column of 65535", [](std::string& t) { t.replace(32 + 16, 2, "\xFF\xFF"); }},
        {"a column without a name", [](std::string& t) { t[32] = '\0'; }},
        {"a name without an end", [](std::string& t) { t.replace(32, 11, "ABCDEFGHIJK"); }},
        {"a name twice", [](std::string& t) { t.replace(64, 5, std::string{"ZJHM\0", 5}); }},
        {"a name in no charset", [](std::string& t) { t.replace(64, 2, "\xFF\xFF"); }},
        {"another version", [](std::string& t) { t[0] = '\x30'; }},
        {"encrypted", [](std::string& t) { t[15] = '\x01'; }},
        {"a record that begins otherwise", [](std::string& t) { t[257] = 'X'; }},
    }));
    CAPTURE(row.why);
    Tables tables;
    std::string table = read_file(DATONG_TEST_DATA "/dbf/HOUSE.DBF");
    row.spoil(table);
    tables.put(table);
    const auto made = tables.make();
    const auto reply = tables.ask(*made);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_invalid);
    tables.put(read_file(DATONG_TEST_DATA "/dbf/HOUSE.DBF"));
    CHECK(tables.ask(*made).has_value());  // and the next export is read
}

TEST_CASE("a table that can't be read now is a department that is down", "[examples][dbf]") {
    Tables tables;
    const auto made = tables.make();
    SECTION("it is not there") {
        fs::remove(tables.folder / "HOUSE.DBF");
    }
    SECTION("it is in a transaction") {
        std::string table = read_file(DATONG_TEST_DATA "/dbf/HOUSE.DBF");
        table[14] = '\x01';
        tables.put(table);
    }
    SECTION("it is being written") {
        std::string table = read_file(DATONG_TEST_DATA "/dbf/HOUSE.DBF");
        SECTION("and nothing is counted yet") {
            table[4] = '\0';
        }
        SECTION("and the last record is not counted yet") {
            table[4] = '\3';
        }
        SECTION("and the record behind those that count has only begun") {
            table[4] = '\3';
            table.resize(table.size() - 40);
        }
        SECTION("and nothing but its header is there") {
            table[4] = '\0';
            table.resize(257);
        }
        tables.put(table);
    }
    SECTION("it is a link to somewhere else") {
        fs::rename(tables.folder / "HOUSE.DBF", tables.folder / "elsewhere");
        fs::create_symlink(tables.folder / "elsewhere", tables.folder / "HOUSE.DBF");
    }
    const auto reply = tables.ask(*made);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_down);
    CHECK_FALSE(tables.bench.probe(*made).has_value());
}

TEST_CASE("a pipe or a folder under a table's name keeps nobody waiting", "[examples][dbf][security]") {
    Tables tables;
    const auto made = tables.make();
    fs::remove(tables.folder / "HOUSE.DBF");
    const bool is_pipe = GENERATE(true, false);
    REQUIRE((is_pipe ? ::mkfifo((tables.folder / "HOUSE.DBF").c_str(), 0600)
                     : ::mkdir((tables.folder / "HOUSE.DBF").c_str(), 0700)) == 0);
    const auto reply = tables.ask(*made);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_invalid);
}

TEST_CASE("dbf keeps to its limits", "[examples][dbf][security]") {
    Tables tables;
    const auto many = tables.make("", "{ZJHM: [ZJHM]}", 1);
    const auto over = tables.ask(*many);
    REQUIRE_FALSE(over.has_value());
    CHECK(over.error().fault() == Fault::department_invalid);
    const auto small = tables.make("max_file: 100\n");
    const auto big = tables.ask(*small);
    REQUIRE_FALSE(big.has_value());
    CHECK(big.error().fault() == Fault::department_invalid);
}

TEST_CASE("a question that the settings don't fit is a mistake of the settings", "[examples][dbf]") {
    Tables tables;
    const std::string where = GENERATE("{NOCOLUMN: [ZJHM]}", "{ZJHM: [NOFIELD]}");
    const auto made = tables.make("", where);
    const auto reply = tables.ask(*made);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::internal);
}

TEST_CASE("a hundred thousand records are looked through, and given up at the deadline", "[examples][dbf]") {
    Tables tables;
    std::vector<std::vector<std::string>> rows(100'000, {"999901198001010007", "x"});
    rows.back() = {kAsked, "last"};
    tables.put(support::dbf_table({{"ZJHM", 18}, {"XM", 200}}, rows));
    const auto made = tables.make();
    const auto reply = tables.ask(*made);
    REQUIRE(reply.has_value());
    REQUIRE(reply->rows.find("house")->items().size() == 1);
    CHECK(cell(reply->rows.find("house")->items()[0], "XM") == "last");
    adapter::Ask what;
    what.operation = "query";
    what.fields.put("ZJHM", Record::text(kAsked));
    const auto late = tables.bench.ask(*made, std::move(what), 1ms);
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().fault() == Fault::department_timeout);
    tables.bench.settle();
}

TEST_CASE("one instance answers many threads at once", "[examples][dbf]") {
    Tables tables;
    const auto made = tables.make();
    std::atomic<int> good{};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            boost::asio::io_context loop{1};
            for (int call = 0; call < 20; ++call) {
                adapter::Ask what;
                what.operation = "query";
                what.fields.put("ZJHM", Record::text(kAsked));
                boost::asio::co_spawn(loop, made->ask(std::move(what), AdapterBench::errand(30s)),
                                      [&](const std::exception_ptr&, const Result<adapter::Reply>& reply) {
                                          good += reply && reply->rows.find("house")->items().size() == 2 ? 1 : 0;
                                      });
            }
            loop.run_for(30s);
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(good == 80);
}
