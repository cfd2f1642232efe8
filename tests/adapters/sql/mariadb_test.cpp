#include "tests/support/mariadb_server.h"

#include "adapters/sql/sql_adapter.h"
#include "core/base/text.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/tcp_department.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::AdapterBench;
using support::MariadbServer;

namespace {

/// One server for all sections of a case: starting one takes about two seconds.
std::unique_ptr<MariadbServer>& server() {
    static std::unique_ptr<MariadbServer> one;
    if (!one) {
        one = std::make_unique<MariadbServer>();
    }
    return one;
}

/// A department whose records stand in MariaDB.
class MariaDepartment final : public support::Department {
public:
    MariaDepartment() {
        server()->run("DROP TABLE IF EXISTS c; CREATE TABLE c (id int, cell longblob); INSERT INTO c VALUES (1, 'x')");
        server()->run("SET GLOBAL max_allowed_packet = 67108864");
    }
    ~MariaDepartment() override {
        if (down_) {
            server()->start();
        }
    }

    adapter::Kind kind() const override { return adapters::sql::kind(); }
    std::string settings() const override {
        return "driver: mariadb\nconnection: " + server()->connection() +
               "\nmax_answer: 8388608\noperations:\n"
               "  query: {sql: \"SELECT cell FROM c WHERE id = :ID\"}\n"
               "  sleeps: {sql: \"SELECT sleep(30)\"}\n"
               "  wrong: {sql: \"SELECT nothing FROM nowhere\"}\n";
    }
    adapter::Ask question() const override {
        adapter::Ask ask;
        ask.operation = silent_ ? "sleeps" : garbage_ ? "wrong" : "query";
        ask.fields.put("ID", Record::integer(1));
        return ask;
    }
    void answer_with(std::string bytes) override { server()->run("UPDATE c SET cell = x'" + to_hex(bytes) + "'"); }
    void be_silent() override { silent_ = true; }
    void go_down() override {
        server()->stop();
        down_ = true;
    }
    void talk_garbage() override { garbage_ = true; }
    std::string bytes_of(const adapter::Reply& reply) const override {
        const Record* rows = reply.rows.find("rows");
        REQUIRE(rows != nullptr);
        REQUIRE(rows->items().size() == 1);
        return std::string{rows->items().front().find("cell")->scalar()};
    }

private:
    bool silent_{};
    bool garbage_{};
    bool down_{};
};

Result<Record> ask(AdapterBench& bench, adapter::Adapter& made, const std::string& operation, const Record& fields,
                   std::chrono::milliseconds limit = 10s) {
    adapter::Ask what;
    what.operation = operation;
    what.fields = fields;
    auto reply = bench.ask(made, std::move(what), limit);
    if (!reply) {
        return fail(std::move(reply.error()));
    }
    return std::move(reply->rows);
}

std::string settings(const std::string& operations, const std::string& more = {}, const std::string& names = {}) {
    return "driver: mariadb\nconnection: " + server()->connection() + names + "\n" + more + "operations:\n" +
           operations;
}

Record with(const std::string& name, Record value) {
    Record fields = Record::object();
    fields.put(name, std::move(value));
    return fields;
}

const Record& first(const Result<Record>& rows, const std::string& set = "rows") {
    REQUIRE(rows.has_value());
    REQUIRE(rows->find(set) != nullptr);
    REQUIRE_FALSE(rows->find(set)->items().empty());
    return rows->find(set)->items().front();
}

}  // namespace

TEST_CASE("sql on MariaDB keeps the adapter's contract", "[adapters][sql][mariadb]") {
    support::check_adapter_contract([] { return std::make_unique<MariaDepartment>(); });
}

TEST_CASE("sql on MariaDB gives rows exactly and binds what it is given", "[adapters][sql][mariadb]") {
    AdapterBench bench;
    SECTION("every type comes as its own text, and bytes as bytes") {
        server()->run(
            "DROP TABLE IF EXISTS every; CREATE TABLE every (xm varchar(20), je decimal(12,2), n bigint, d date, ts "
            "datetime, b blob, e text, z text, r float, u bigint unsigned, g double, w varchar(9000));"
            "INSERT INTO every VALUES ('\xD5\xC5\xC8\xFD', 100.10, -9007199254740993, '2026-03-01', "
            "'2026-03-01 09:00:00', x'00ff0041', '', NULL, 0.1, 18446744073709551615, 0.5, repeat('w', 9000))");
        const auto made = bench.make(adapters::sql::kind(), settings("  q: {sql: SELECT * FROM every}\n"));
        for (int again = 0; again < 2; ++again) {
            const auto rows = ask(bench, *made, "q", {});
            const Record& row = first(rows);
            CHECK(row.members().size() == 12);
            CHECK(row.find("xm")->scalar() == "\xD5\xC5\xC8\xFD");
            CHECK(row.find("je")->scalar() == "100.10");
            CHECK(row.find("n")->scalar() == "-9007199254740993");
            CHECK(row.find("d")->scalar() == "2026-03-01");
            CHECK(row.find("ts")->scalar() == "2026-03-01 09:00:00");
            CHECK(row.find("b")->scalar() == std::string_view{"\x00\xFF\x00\x41", 4});
            CHECK(row.find("e")->is_bytes());
            CHECK(row.find("z")->is_null());
            CHECK(row.find("r")->scalar() == "0.1");
            CHECK(row.find("u")->scalar() == "18446744073709551615");
            CHECK(row.find("g")->scalar() == "0.5");
            CHECK(row.find("w")->scalar() == std::string(9000, 'w'));
        }
    }
    SECTION("what a person types is bound and never part of the SQL") {
        server()->run(
            "DROP TABLE IF EXISTS p; CREATE TABLE p (id varchar(80) CHARACTER SET utf8mb4, name text); INSERT INTO p "
            "VALUES ('a', 'one')");
        const auto made =
            bench.make(adapters::sql::kind(), settings("  q: {sql: \"SELECT name FROM p WHERE id = :ID\"}\n"));
        for (const std::string attack : {"' OR '1'='1", "'; DROP TABLE p; --", "\\' OR 1=1 --", "a' -- ", "?", ":ID",
                                         "0", "\xE7\xB8\x97' OR 1=1 #", "x' UNION SELECT user() -- ", "a\\", "%"}) {
            CAPTURE(attack);
            const auto rows = ask(bench, *made, "q", with("ID", Record::text(attack)));
            REQUIRE(rows.has_value());
            CHECK(rows->find("rows")->items().empty());
        }
        CHECK(first(ask(bench, *made, "q", with("ID", Record::text("a")))).find("name")->scalar() == "one");
        const auto nul = ask(bench, *made, "q", with("ID", Record::text(std::string{"a\0b", 3})));
        REQUIRE_FALSE(nul.has_value());
        CHECK(nul.error().fault() == Fault::request_invalid);
    }
    SECTION("a number asked of a column of text does not match another text") {
        server()->run(
            "DROP TABLE IF EXISTS n; CREATE TABLE n (id varchar(20), v int); INSERT INTO n VALUES ('1x', 1), ('1', 2)");
        const auto made =
            bench.make(adapters::sql::kind(), settings("  q: {sql: \"SELECT v FROM n WHERE id = :A\"}\n"
                                                       "  i: {sql: \"SELECT id FROM n WHERE v = :A\"}\n"));
        const auto rows = ask(bench, *made, "q", with("A", Record::integer(1)));
        CHECK(rows->find("rows")->items().size() == 1);
        CHECK(first(rows).find("v")->scalar() == "2");
        CHECK(first(ask(bench, *made, "i", with("A", Record::integer(1)))).find("id")->scalar() == "1x");
    }
    SECTION("one parameter stands in several places, and what is missing is NULL") {
        const auto made = bench.make(
            adapters::sql::kind(),
            settings("  q: {sql: \"SELECT :A IS NULL AS none, concat(coalesce(:A, 'x'), coalesce(:B, 'y')) AS v\"}\n"));
        CHECK(first(ask(bench, *made, "q", {})).find("v")->scalar() == "xy");
        CHECK(first(ask(bench, *made, "q", with("A", Record::text("1")))).find("v")->scalar() == "1y");
        CHECK(first(ask(bench, *made, "q", with("B", Record::text("")))).find("none")->scalar() == "1");
    }
    SECTION("GBK columns, GBK octets in latin1 columns, and UTF-8 with Tibetan and characters of plane 2") {
        server()->run(
            "DROP TABLE IF EXISTS g; CREATE TABLE g (k varchar(20) CHARACTER SET gbk, l varchar(20) CHARACTER SET "
            "latin1, u varchar(40) CHARACTER SET utf8mb4, INDEX (k)); INSERT INTO g VALUES (x'D5C5C8FD', x'D5C5C8FD', "
            "x'E0BD96E0BC8BF0A09082')");
        const std::string all = "SELECT k, l, u AS 名 FROM g WHERE ";
        const auto gbk =
            bench.make(adapters::sql::kind(), settings("  q: {sql: \"" + all + "k = :XM\"}\n", "charset: gbk\n"));
        const auto rows = ask(bench, *gbk, "q", with("XM", Record::text("张三")));
        CHECK(first(rows).find("k")->scalar() == "\xD5\xC5\xC8\xFD");
        CHECK(first(rows).find("l")->scalar() == "\xD5\xC5\xC8\xFD");
        CHECK(first(rows).find("名")->scalar() == "\xE0\xBD\x96\xE0\xBC\x8B\xF0\xA0\x90\x82");
        const auto latin = bench.make(adapters::sql::kind(), settings("  q: {sql: \"SELECT l FROM g WHERE l = :XM\"}\n",
                                                                      "charset: gb18030\n", " names=latin1"));
        CHECK(first(ask(bench, *latin, "q", with("XM", Record::text("张三")))).find("l")->scalar() ==
              "\xD5\xC5\xC8\xFD");
        const auto utf8 =
            bench.make(adapters::sql::kind(), settings("  q: {sql: \"SELECT u FROM g WHERE u = :XM\"}\n"));
        CHECK(ask(bench, *utf8, "q", with("XM", Record::text("བ་𠐂")))->find("rows")->items().size() == 1);
    }
    SECTION("more rows than allowed are no answer, and the source goes on working") {
        server()->run("DROP TABLE IF EXISTS m; CREATE TABLE m (i int); INSERT INTO m VALUES (1), (2), (3)");
        const auto made =
            bench.make(adapters::sql::kind(), settings("  q: {sql: \"SELECT i FROM m WHERE i <= :N\", max_rows: 2}\n"));
        CHECK(ask(bench, *made, "q", with("N", Record::integer(2)))->find("rows")->items().size() == 2);
        const auto over = ask(bench, *made, "q", with("N", Record::integer(3)));
        REQUIRE_FALSE(over.has_value());
        CHECK(over.error().fault() == Fault::department_invalid);
        CHECK(ask(bench, *made, "q", with("N", Record::integer(1))).has_value());
    }
}

TEST_CASE("sql on MariaDB fails safely", "[adapters][sql][mariadb][security]") {
    AdapterBench bench;
    SECTION("a source that is only read can't be written, whatever its SQL") {
        server()->run("DROP TABLE IF EXISTS w; CREATE TABLE w (v varchar(3))");
        const std::string insert = "  q: {sql: \"INSERT INTO w VALUES (:V)\"}\n";
        const auto reader = bench.make(adapters::sql::kind(), settings(insert));
        const auto refused = ask(bench, *reader, "q", with("V", Record::text("x")));
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().fault() == Fault::department_refused);
        CHECK_THAT(refused.error().detail(), ContainsSubstring("1792"));
        const auto writer = bench.make(adapters::sql::kind(), settings(insert, "write: true\n"));
        CHECK(first(ask(bench, *writer, "q", with("V", Record::text("x")))).find("affected")->scalar() == "1");
        const auto cut = ask(bench, *writer, "q", with("V", Record::text("four")));  // never a value cut to fit
        REQUIRE_FALSE(cut.has_value());
        CHECK(cut.error().fault() == Fault::department_refused);
    }
    SECTION("errors quote no value") {
        server()->run(
            "DROP TABLE IF EXISTS k; CREATE TABLE k (id varchar(18) PRIMARY KEY); INSERT INTO k VALUES "
            "('999900198001011234')");
        const auto made = bench.make(adapters::sql::kind(),
                                     settings("  q: {sql: \"INSERT INTO k VALUES (:ID)\"}\n", "write: true\n"));
        const auto refused = ask(bench, *made, "q", with("ID", Record::text("999900198001011234")));
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().fault() == Fault::department_refused);
        CHECK(refused.error().detail() == "MariaDB: error 1062");
    }
    SECTION("SQL that the database does not know is named, for it holds no value") {
        const auto made = bench.make(adapters::sql::kind(), settings("  q: {sql: SELECT nothing FROM nowhere}\n"));
        const auto refused = ask(bench, *made, "q", {});
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().fault() == Fault::department_refused);
        CHECK_THAT(refused.error().detail(), ContainsSubstring("nowhere"));
    }
    SECTION("a statement that nobody waits for ends soon after, and its connection is used again") {
        const auto made =
            bench.make(adapters::sql::kind(),
                       settings("  slow: {sql: SELECT sleep(30)}\n  id: {sql: SELECT connection_id() AS id}\n"
                                "  count: {sql: \"SELECT count(*) AS n FROM information_schema.processlist WHERE info "
                                "LIKE 'SELECT sleep%'\"}\n"));
        const auto before = ask(bench, *made, "id", {});
        CHECK(ask(bench, *made, "slow", {}, 300ms).error().fault() == Fault::department_timeout);
        bench.settle();  // returns only because the server stops the statement
        CHECK(first(ask(bench, *made, "count", {})).find("n")->scalar() == "0");
        CHECK(first(ask(bench, *made, "id", {})).find("id")->scalar() == first(before).find("id")->scalar());
    }
    SECTION("a restart of the department's server costs a reader no call") {
        const auto made = bench.make(adapters::sql::kind(), settings("  q: {sql: SELECT 1 AS one}\n"));
        REQUIRE(ask(bench, *made, "q", {}).has_value());
        server()->stop();
        server()->start();
        CHECK(ask(bench, *made, "q", {}).has_value());
    }
    SECTION("a sign-in that is refused says so to who probes, and without the password") {
        const auto made =
            bench.make(adapters::sql::kind(), settings("  q: {sql: SELECT 1}\n", {}, " password='s3 cret'"));
        const auto down = ask(bench, *made, "q", {});
        REQUIRE_FALSE(down.has_value());
        CHECK(down.error().fault() == Fault::department_down);
        const auto probed = bench.probe(*made);
        REQUIRE_FALSE(probed.has_value());
        CHECK(probed.error().fault() == Fault::department_refused);
        CHECK_THAT(probed.error().detail(), ContainsSubstring("does not let us in"));
        CHECK(probed.error().detail().find("cret") == std::string::npos);
    }
}

TEST_CASE("a server that only looks like MariaDB costs its deadline and no more",
          "[adapters][sql][mariadb][security]") {
    AdapterBench bench;
    support::TcpDepartment department{[](std::string_view) { return true; }};  // speaks first, as MariaDB does
    const auto made = bench.make(adapters::sql::kind(), "driver: mariadb\nconnection: host=127.0.0.1 user=u port=" +
                                                            std::to_string(department.port()) +
                                                            "\noperations: {q: {sql: SELECT 1}}\n");
    const auto fault = [&] {
        const auto asked = ask(bench, *made, "q", {}, 1s);
        REQUIRE_FALSE(asked.has_value());
        return asked.error().fault();
    };
    SECTION("it hangs") {
        department.act({.octets = "", .then = support::TcpDepartment::Then::stay});
        CHECK(fault() == Fault::department_timeout);
        department.stop();
    }
    SECTION("it resets") {
        department.act({.octets = "", .then = support::TcpDepartment::Then::reset});
        CHECK(fault() == Fault::department_down);
    }
    SECTION("it sends an HTML page") {
        department.act({.octets = "<html>502 Bad Gateway</html>"});
        CHECK(fault() == Fault::department_down);
    }
    SECTION("it drips") {
        const std::string head{"\x3C\x00\x00\x00\x0A", 5};  // a greeting of 60 octets
        department.act({.octets = head + std::string(59, 'x'), .piece = 1, .between = 100ms});
        CHECK(fault() == Fault::department_timeout);
        department.stop();
    }
}
