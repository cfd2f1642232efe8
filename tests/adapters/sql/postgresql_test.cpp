#include "adapters/sql/sql_adapter.h"
#include "core/base/text.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/postgres_server.h"
#include "tests/support/tcp_department.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::AdapterBench;
using support::PostgresServer;

namespace {

/// One server for all sections of a case: starting one takes over a second.
std::unique_ptr<PostgresServer>& server() {
    static std::unique_ptr<PostgresServer> one;
    if (!one) {
        one = std::make_unique<PostgresServer>();
    }
    return one;
}

/// A department whose records stand in PostgreSQL.
class PgDepartment final : public support::Department {
public:
    PgDepartment() {
        server()->run("DROP TABLE IF EXISTS t; CREATE TABLE t (id int, cell bytea); INSERT INTO t VALUES (1, 'x')");
    }
    ~PgDepartment() override {
        if (down_) {
            server()->start();
        }
    }

    adapter::Kind kind() const override { return adapters::sql::kind(); }
    std::string settings() const override {
        const std::string connection = garbage_ ? "host=" + not_postgres_ : server()->connection();
        return "driver: postgresql\nconnection: " + connection +
               "\nmax_answer: 8388608\noperations:\n"
               "  query: {sql: \"SELECT cell FROM t WHERE id = :ID\"}\n"
               "  sleeps: {sql: \"SELECT pg_sleep(30)\"}\n"
               "  wrong: {sql: \"SELECT nothing FROM nowhere\"}\n";
    }
    adapter::Ask question() const override {
        adapter::Ask ask;
        ask.operation = silent_ ? "sleeps" : garbage_ ? "wrong" : "query";
        ask.fields.put("ID", Record::integer(1));
        return ask;
    }
    void answer_with(std::string bytes) override {
        // a literal has a limit in psql's line buffer only beyond a gigabyte
        server()->run("UPDATE t SET cell = '\\x" + to_hex(bytes) + "'");
    }
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
    std::string not_postgres_ = "/nonexistent";
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

std::string settings(const std::string& operations, const std::string& more = {}) {
    return "driver: postgresql\nconnection: " + server()->connection() + "\n" + more + "operations:\n" + operations;
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

TEST_CASE("sql on PostgreSQL keeps the adapter's contract", "[adapters][sql][postgresql]") {
    support::check_adapter_contract([] { return std::make_unique<PgDepartment>(); });
}

TEST_CASE("sql on PostgreSQL gives rows exactly and binds what it is given", "[adapters][sql][postgresql]") {
    AdapterBench bench;
    SECTION("every type comes as its own text, and bytes as bytes") {
        server()->run(
            "DROP TABLE IF EXISTS every; CREATE TABLE every (xm varchar(20), je numeric(12,2), n bigint, "
            "d date, ts timestamp, f boolean, u uuid, b bytea, e text, z text, c char(4), arr int[], r real);"
            "INSERT INTO every VALUES ('\xD5\xC5\xC8\xFD', 100.10, 9007199254740993, '2026-03-01', "
            "'2026-03-01 09:00:00', true, '0198f000-0000-7000-8000-000000000001', '\\x00ff0041', '', NULL, "
            "'ab', '{1,2}', 0.1)");
        const auto made = bench.make(adapters::sql::kind(), settings("  q: {sql: SELECT * FROM every}\n"));
        const auto rows = ask(bench, *made, "q", {});
        const Record& row = first(rows);
        CHECK(row.members().size() == 13);
        CHECK(row.find("xm")->scalar() == "\xD5\xC5\xC8\xFD");
        CHECK(row.find("je")->scalar() == "100.10");
        CHECK(row.find("n")->scalar() == "9007199254740993");
        CHECK(row.find("d")->scalar() == "2026-03-01");
        CHECK(row.find("ts")->scalar() == "2026-03-01 09:00:00");
        CHECK(row.find("f")->scalar() == "t");
        CHECK(row.find("u")->scalar() == "0198f000-0000-7000-8000-000000000001");
        CHECK(row.find("b")->scalar() == std::string_view{"\x00\xFF\x00\x41", 4});
        CHECK(row.find("e")->is_bytes());
        CHECK(row.find("e")->scalar().empty());
        CHECK(row.find("z")->is_null());
        CHECK(row.find("c")->scalar() == "ab  ");
        CHECK(row.find("arr")->scalar() == "{1,2}");
        CHECK(row.find("r")->scalar() == "0.1");
        for (const record::Member& member : row.members()) {
            CHECK((member.value.is_bytes() || member.value.is_null()));
        }
    }
    SECTION("what a person types is bound and never part of the SQL") {
        server()->run("DROP TABLE IF EXISTS p; CREATE TABLE p (id text, name text); INSERT INTO p VALUES ('a', 'one')");
        const auto made =
            bench.make(adapters::sql::kind(), settings("  q: {sql: \"SELECT name FROM p WHERE id = :ID\"}\n"));
        for (const std::string attack : {"' OR '1'='1", "'; DROP TABLE p; --", "\\' OR 1=1 --", "a' --", "$1", ":ID",
                                         "\xBF\x27 OR 1=1 --", "x' UNION SELECT usename FROM pg_user --"}) {
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
    SECTION("one parameter stands in several places, and what is missing is NULL") {
        const auto made = bench.make(
            adapters::sql::kind(),
            settings("  q: {sql: \"SELECT :A::text IS NULL AS none, coalesce(:A, 'x') || coalesce(:B, 'y') AS v\"}\n"));
        CHECK(first(ask(bench, *made, "q", {})).find("v")->scalar() == "xy");
        CHECK(first(ask(bench, *made, "q", with("A", Record::text("1")))).find("v")->scalar() == "1y");
        CHECK(first(ask(bench, *made, "q", with("B", Record::text("")))).find("none")->scalar() == "t");
        CHECK(first(ask(bench, *made, "q", {})).find("v")->scalar() == "xy");
    }
    SECTION("text is bound in the database's charset, and column names are read from it") {
        server()->run(
            "DROP TABLE IF EXISTS g; CREATE TABLE g (\"\xD0\xD5\xC3\xFB\" text); "
            "INSERT INTO g VALUES ('\xD5\xC5\xC8\xFD')");
        const auto made = bench.make(
            adapters::sql::kind(),
            settings("  q: {sql: \"SELECT g.* FROM g WHERE g::text = '(' || :XM || ')'\"}\n", "charset: gb18030\n"));
        const auto rows = ask(bench, *made, "q", with("XM", Record::text("张三")));
        CHECK(first(rows).find("姓名")->scalar() == "\xD5\xC5\xC8\xFD");
    }
    SECTION("SQL with Chinese names reaches the database in its charset") {
        server()->run(
            "DROP TABLE IF EXISTS \"\xB1\xED\"; CREATE TABLE \"\xB1\xED\" (\"\xD0\xD5\xC3\xFB\" text); "
            "INSERT INTO \"\xB1\xED\" VALUES ('\xD5\xC5\xC8\xFD')");
        const auto made =
            bench.make(adapters::sql::kind(),
                       settings("  q: {sql: 'SELECT \"姓名\" FROM \"表\" WHERE \"姓名\" = :XM'}\n", "charset: gbk\n"));
        CHECK(first(ask(bench, *made, "q", with("XM", Record::text("张三")))).find("姓名")->scalar() ==
              "\xD5\xC5\xC8\xFD");
    }
    SECTION("more rows than allowed are no answer, and the source goes on working") {
        const auto made = bench.make(adapters::sql::kind(),
                                     settings("  q: {sql: \"SELECT generate_series(1, :N) AS i\", max_rows: 3}\n"));
        const auto three = ask(bench, *made, "q", with("N", Record::integer(3)));
        REQUIRE(three.has_value());
        CHECK(three->find("rows")->items().size() == 3);
        const auto over = ask(bench, *made, "q", with("N", Record::integer(4)));
        REQUIRE_FALSE(over.has_value());
        CHECK(over.error().fault() == Fault::department_invalid);
        CHECK(ask(bench, *made, "q", with("N", Record::integer(2))).has_value());
    }
    SECTION("several sets are one transaction") {
        const auto made = bench.make(adapters::sql::kind(),
                                     settings("  q: {sets: {a: {sql: \"SELECT pg_current_snapshot()::text AS s\"}, "
                                              "b: {sql: \"SELECT pg_current_snapshot()::text AS s\"}}}\n"));
        const auto rows = ask(bench, *made, "q", {});
        CHECK(first(rows, "a").find("s")->scalar() == first(rows, "b").find("s")->scalar());
        CHECK(ask(bench, *made, "q", {}).has_value());
    }
}

TEST_CASE("sql on PostgreSQL fails safely", "[adapters][sql][postgresql][security]") {
    AdapterBench bench;
    SECTION("a source that is only read can't be written, whatever its SQL") {
        server()->run("DROP TABLE IF EXISTS w; CREATE TABLE w (v text)");
        const std::string insert = "  q: {sql: \"INSERT INTO w VALUES (:V)\"}\n";
        const auto reader = bench.make(adapters::sql::kind(), settings(insert));
        const auto refused = ask(bench, *reader, "q", with("V", Record::text("x")));
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().fault() == Fault::department_refused);
        CHECK(refused.error().detail() == "PostgreSQL: SQLSTATE 25006");
        const auto writer = bench.make(adapters::sql::kind(), settings(insert, "write: true\n"));
        CHECK(first(ask(bench, *writer, "q", with("V", Record::text("x")))).find("affected")->scalar() == "1");
    }
    SECTION("errors quote no value") {
        server()->run(
            "DROP TABLE IF EXISTS k; CREATE TABLE k (id text PRIMARY KEY); "
            "INSERT INTO k VALUES ('999900198001011234')");
        const auto made = bench.make(adapters::sql::kind(), settings("  q: {sql: \"INSERT INTO k VALUES (:ID)\"}\n"
                                                                     "  n: {sql: \"SELECT :ID::int\"}\n",
                                                                     "write: true\n"));
        for (const char* operation : {"q", "n"}) {
            const auto refused = ask(bench, *made, operation, with("ID", Record::text("999900198001011234")));
            REQUIRE_FALSE(refused.has_value());
            CHECK(refused.error().fault() == Fault::department_refused);
            CHECK(refused.error().detail().find("9999") == std::string::npos);
        }
    }
    SECTION("SQL that the database does not know is named, for it holds no value") {
        const auto made = bench.make(adapters::sql::kind(), settings("  q: {sql: SELECT nothing FROM nowhere}\n"));
        const auto refused = ask(bench, *made, "q", {});
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().fault() == Fault::department_refused);
        CHECK_THAT(refused.error().detail(), ContainsSubstring("nowhere"));
    }
    SECTION("a statement that nobody waits for ends soon after") {
        const auto made = bench.make(adapters::sql::kind(),
                                     settings("  slow: {sql: SELECT pg_sleep(60)}\n"
                                              "  count: {sql: \"SELECT count(*) AS n FROM pg_stat_activity WHERE "
                                              "query LIKE '%pg_sleep%' AND state = 'active' AND pid <> "
                                              "pg_backend_pid()\"}\n"));
        CHECK(ask(bench, *made, "slow", {}, 300ms).error().fault() == Fault::department_timeout);
        bench.settle();  // returns only because the server stops the statement
        CHECK(first(ask(bench, *made, "count", {})).find("n")->scalar() == "0");
    }
    SECTION("a statement that fails, once it ran well, does no harm, and keeps its connection") {
        const auto made = bench.make(adapters::sql::kind(),
                                     settings("  q: {sql: \"SELECT :A::text::int AS i, pg_backend_pid() AS pid\"}\n"));
        const auto before = ask(bench, *made, "q", with("A", Record::text("1")));
        for (int i = 0; i < 3; ++i) {
            CHECK(ask(bench, *made, "q", with("A", Record::text("x"))).error().fault() == Fault::department_refused);
        }
        const auto after = ask(bench, *made, "q", with("A", Record::text("2")));
        CHECK(first(after).find("i")->scalar() == "2");
        CHECK(first(after).find("pid")->scalar() == first(before).find("pid")->scalar());
    }
    SECTION("a restart of the department's server costs a reader no call") {
        const auto made = bench.make(adapters::sql::kind(), settings("  q: {sql: SELECT 1 AS one}\n"));
        REQUIRE(ask(bench, *made, "q", {}).has_value());
        server()->stop();
        server()->start();
        CHECK(ask(bench, *made, "q", {}).has_value());
    }
    SECTION("a password never stands in an error") {
        const auto made =
            bench.make(adapters::sql::kind(), "driver: postgresql\nconnection: " + server()->connection() +
                                                  "x password='s3 cret'\noperations: {q: {sql: SELECT 1}}\n");
        const auto down = ask(bench, *made, "q", {});
        REQUIRE_FALSE(down.has_value());
        CHECK(down.error().fault() == Fault::department_down);
        CHECK(down.error().detail().find("cret") == std::string::npos);
    }
}

TEST_CASE("a server that only looks like PostgreSQL costs its deadline and no more",
          "[adapters][sql][postgresql][security]") {
    using Then = support::TcpDepartment::Then;
    struct Row {
        const char* why;
        support::TcpDepartment::Act act;
        Fault fault;
    };
    const auto row = GENERATE(values<Row>({
        {"hangs", {.octets = "", .then = Then::stay}, Fault::department_timeout},
        {"resets", {.octets = "", .then = Then::reset}, Fault::department_down},
        {"an HTML page", {.octets = "<html>502 Bad Gateway</html>"}, Fault::department_down},
        {"nothing", {.octets = ""}, Fault::department_down},
        {"drips",
         {.octets = std::string{"R\x00\x00\x00\x40", 5} + std::string(59, 'x'), .piece = 1, .between = 100ms},
         Fault::department_timeout},
    }));
    CAPTURE(row.why);
    AdapterBench bench;
    support::TcpDepartment department{[](std::string_view request) { return !request.empty(); }};
    department.act(row.act);
    const auto made = bench.make(adapters::sql::kind(),
                                 "driver: postgresql\nconnection: host=127.0.0.1 sslmode=disable port=" +
                                     std::to_string(department.port()) + "\noperations: {q: {sql: SELECT 1}}\n");
    const auto began = std::chrono::steady_clock::now();
    const auto asked = ask(bench, *made, "q", {}, 1s);
    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().fault() == row.fault);
    CHECK(std::chrono::steady_clock::now() - began < 4s);
    department.stop();
}

TEST_CASE("a probe tells a PostgreSQL that is not there from one that does not let us in",
          "[adapters][sql][postgresql]") {
    AdapterBench bench;
    const auto there = bench.make(adapters::sql::kind(), "driver: postgresql\nconnection: " + server()->connection() +
                                                             "x\noperations: {q: {sql: SELECT 1}}\n");
    CHECK(bench.probe(*there).error().fault() == Fault::department_refused);
    const auto nowhere = bench.make(
        adapters::sql::kind(), "driver: postgresql\nconnection: host=/nonexistent\noperations: {q: {sql: SELECT 1}}\n");
    CHECK(bench.probe(*nowhere).error().fault() == Fault::department_down);
}
