#include <sqlite3.h>

#include <thread>

#include "adapters/sql/sql_adapter.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::AdapterBench;
using support::ScratchFolder;

namespace {

struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using Database = std::unique_ptr<sqlite3, Close>;

Database open(const std::string& file) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
    return Database{database};
}

void run(const Database& database, const std::string& sql) {
    REQUIRE(sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

std::string literal(std::string_view bytes) {
    std::string quoted = "'";
    for (const char c : bytes) {
        quoted += c == '\'' ? std::string{"''"} : std::string{c};
    }
    return quoted + '\'';
}

/// A department whose records stand in a SQLite file.
class LiteDepartment final : public support::Department {
public:
    LiteDepartment() : database_{open(file())} {
        run(database_, "CREATE TABLE t (id INTEGER, cell TEXT); INSERT INTO t VALUES (1, 'x')");
    }

    adapter::Kind kind() const override { return adapters::sql::kind(); }
    std::string folder() const override { return folder_.path(); }
    std::string settings() const override {
        return "driver: sqlite\nconnection: data.db\nmax_answer: 8388608\noperations:\n"
               "  query: {sql: \"SELECT cell FROM t WHERE id = :ID\"}\n"
               "  endless: {sql: \"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM "
               "n\"}\n";
    }
    adapter::Ask question() const override {
        adapter::Ask ask;
        ask.operation = silent_ ? "endless" : "query";
        ask.fields.put("ID", Record::integer(1));
        return ask;
    }
    void answer_with(std::string bytes) override { run(database_, "UPDATE t SET cell = " + literal(bytes)); }
    void be_silent() override { silent_ = true; }
    void go_down() override {
        database_.reset();
        std::filesystem::remove(file());
    }
    void talk_garbage() override {
        database_.reset();
        folder_.write("data.db", std::string(4096, 'g'));
    }
    std::string bytes_of(const adapter::Reply& reply) const override {
        const Record* rows = reply.rows.find("rows");
        REQUIRE(rows != nullptr);
        REQUIRE(rows->items().size() == 1);
        REQUIRE(rows->items().front().find("cell")->is_bytes());
        return std::string{rows->items().front().find("cell")->scalar()};
    }

private:
    std::string file() const { return folder_ / "data.db"; }

    ScratchFolder folder_;
    Database database_;
    bool silent_{};
};

struct Fixture {
    ScratchFolder folder;
    Database database = open(folder / "data.db");
    AdapterBench bench{folder.path()};

    Result<Record> ask(const std::string& operations, const Record& fields, const std::string& more = {}) {
        const auto made = bench.make(adapters::sql::kind(),
                                     "driver: sqlite\nconnection: data.db\n" + more + "operations:\n" + operations);
        adapter::Ask what;
        what.operation = "query";
        what.fields = fields;
        auto reply = bench.ask(*made, std::move(what));
        if (!reply) {
            return fail(std::move(reply.error()));
        }
        return std::move(reply->rows);
    }
};

Record with(const std::string& name, Record value) {
    Record fields = Record::object();
    fields.put(name, std::move(value));
    return fields;
}

}  // namespace

TEST_CASE("sql on SQLite keeps the adapter's contract", "[adapters][sql]") {
    support::check_adapter_contract([] { return std::make_unique<LiteDepartment>(); });
}

TEST_CASE("SQLite's cells come as the octets that it holds", "[adapters][sql]") {
    Fixture fixture;
    run(fixture.database,
        "CREATE TABLE t (\"姓名\" TEXT, je NUMERIC, n INTEGER, r REAL, b BLOB, e TEXT, z);"
        "INSERT INTO t VALUES (" +
            literal("\xD5\xC5\xC8\xFD") + ", '100.10', 9007199254740993, 0.5, x'00FF0041', '', NULL)");
    const auto rows = fixture.ask("  query: {sql: \"SELECT * FROM t\"}\n", {});
    REQUIRE(rows.has_value());
    const Record& row = rows->find("rows")->items().at(0);
    CHECK(row.members().size() == 7);
    CHECK(row.find("姓名")->scalar() == "\xD5\xC5\xC8\xFD");
    CHECK(row.find("n")->scalar() == "9007199254740993");
    CHECK(row.find("r")->scalar() == "0.5");
    CHECK(row.find("b")->scalar() == std::string_view{"\x00\xFF\x00\x41", 4});
    CHECK(row.find("e")->is_bytes());
    CHECK(row.find("e")->scalar().empty());
    CHECK(row.find("z")->is_null());
}

TEST_CASE("what a person types is bound and never part of the SQL", "[adapters][sql][security]") {
    const std::string attack =
        GENERATE(as<std::string>{}, "' OR '1'='1", "'; DROP TABLE t; --", "\\' OR 1=1 --", "1 OR 1=1", ":ID", "?1",
                 "x' UNION SELECT sql FROM sqlite_master --", "\xBF\x27 OR 1=1 --", "%", "*");
    CAPTURE(attack);
    Fixture fixture;
    run(fixture.database, "CREATE TABLE t (id TEXT, name TEXT); INSERT INTO t VALUES ('a', 'one'), ('b', 'two')");
    const auto rows =
        fixture.ask("  query: {sql: \"SELECT name FROM t WHERE id = :ID\"}\n", with("ID", Record::text(attack)));
    REQUIRE(rows.has_value());
    CHECK(rows->find("rows")->items().empty());
    run(fixture.database, "INSERT INTO t VALUES (" + literal(attack) + ", 'exact')");
    const auto exact =
        fixture.ask("  query: {sql: \"SELECT name FROM t WHERE id = :ID\"}\n", with("ID", Record::text(attack)));
    REQUIRE(exact.has_value());
    REQUIRE(exact->find("rows")->items().size() == 1);
    CHECK(exact->find("rows")->items().at(0).find("name")->scalar() == "exact");
}

TEST_CASE("a field is bound as what it is, and one that is missing as NULL", "[adapters][sql]") {
    Fixture fixture;
    const std::string query = "  query: {sql: \"SELECT :A IS NULL AS none, :A AS value\"}\n";
    const auto value = [&](const Record& fields) {
        const auto rows = fixture.ask(query, fields);
        REQUIRE(rows.has_value());
        const Record& row = rows->find("rows")->items().at(0);
        return std::string{row.find("none")->scalar()} + ":" + std::string{row.find("value")->scalar()};
    };
    CHECK(value({}) == "1:");
    CHECK(value(with("A", {})) == "1:");
    CHECK(value(with("B", Record::text("x"))) == "1:");
    CHECK(value(with("A", Record::text(""))) == "0:");
    CHECK(value(with("A", Record::number("100.10"))) == "0:100.10");
    CHECK(value(with("A", Record::bytes("\xD5\xC5"))) == "0:\xD5\xC5");
    CHECK(value(with("A", Record::boolean(true))) == "0:true");
}

TEST_CASE("a field that can't be bound exactly is refused, without its value", "[adapters][sql][security]") {
    Fixture fixture;
    const std::string query = "  query: {sql: \"SELECT :A\"}\n";
    const auto refused = [&](const Record& fields, const std::string& more = {}) {
        const auto rows = fixture.ask(query, fields, more);
        REQUIRE_FALSE(rows.has_value());
        CHECK(rows.error().fault() == Fault::request_invalid);
        CHECK_THAT(rows.error().detail(), ContainsSubstring("parameter A"));
    };
    refused(with("A", Record::list()));
    refused(with("A", Record::object()));
    refused(with("A", Record::text(std::string{"a\0b", 3})));
    refused(with("A", Record::text("😀")), "charset: gbk\n");
}

TEST_CASE("text is bound in the database's charset", "[adapters][sql]") {
    Fixture fixture;
    run(fixture.database, "CREATE TABLE t (name TEXT); INSERT INTO t VALUES (" + literal("\xD5\xC5\xC8\xFD") + ")");
    const auto rows = fixture.ask("  query: {sql: \"SELECT count(*) AS n FROM t WHERE name = :XM\"}\n",
                                  with("XM", Record::text("张三")), "charset: gb18030\n");
    REQUIRE(rows.has_value());
    CHECK(rows->find("rows")->items().at(0).find("n")->scalar() == "1");
}

TEST_CASE("several sets are read together and named", "[adapters][sql]") {
    Fixture fixture;
    run(fixture.database, "CREATE TABLE t (id, v); INSERT INTO t VALUES (1,'a'), (1,'b'), (2,'c')");
    const auto rows = fixture.ask(
        "  query:\n    sets:\n      acct: {sql: \"SELECT :ID AS id\", max_rows: 1}\n"
        "      dtl: {sql: \"SELECT v FROM t WHERE id = :ID ORDER BY v\"}\n",
        with("ID", Record::integer(1)));
    REQUIRE(rows.has_value());
    CHECK(rows->find("acct")->items().size() == 1);
    REQUIRE(rows->find("dtl")->items().size() == 2);
    CHECK(rows->find("dtl")->items().at(1).find("v")->scalar() == "b");
}

TEST_CASE("more rows than allowed are no answer, and exactly as many are", "[adapters][sql]") {
    Fixture fixture;
    run(fixture.database, "CREATE TABLE t (v); INSERT INTO t VALUES (1), (2), (3)");
    const auto three = fixture.ask("  query: {sql: SELECT v FROM t, max_rows: 3}\n", {});
    REQUIRE(three.has_value());
    CHECK(three->find("rows")->items().size() == 3);
    const auto over = fixture.ask("  query: {sql: SELECT v FROM t, max_rows: 2}\n", {});
    REQUIRE_FALSE(over.has_value());
    CHECK(over.error().fault() == Fault::department_invalid);
    CHECK(over.error().is_over_limit());
}

TEST_CASE("a source that is only read can't be written, whatever its SQL", "[adapters][sql][security]") {
    Fixture fixture;
    run(fixture.database, "CREATE TABLE t (v)");
    const std::string insert = "  query: {sql: \"INSERT INTO t VALUES (:V)\"}\n";
    const auto refused = fixture.ask(insert, with("V", Record::text("x")));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().fault() == Fault::department_refused);
    const auto written = fixture.ask(insert, with("V", Record::text("x")), "write: true\n");
    REQUIRE(written.has_value());
    CHECK(written->find("rows")->items().at(0).find("affected")->scalar() == "1");
}

TEST_CASE("a locked file is waited for until the deadline, and an answer comes after", "[adapters][sql]") {
    Fixture fixture;
    run(fixture.database, "CREATE TABLE t (v); INSERT INTO t VALUES (1)");
    const auto made = fixture.bench.make(
        adapters::sql::kind(), "driver: sqlite\nconnection: data.db\noperations: {query: {sql: SELECT v FROM t}}\n");
    adapter::Ask what;
    what.operation = "query";
    run(fixture.database, "BEGIN EXCLUSIVE");
    const auto locked = fixture.bench.ask(*made, what, 300ms);
    REQUIRE_FALSE(locked.has_value());
    CHECK(locked.error().fault() == Fault::department_timeout);
    run(fixture.database, "COMMIT");
    fixture.bench.settle();
    CHECK(fixture.bench.ask(*made, what).has_value());
}

TEST_CASE("what comes to its end behind the deadline writes nothing", "[adapters][sql]") {
    Fixture fixture;
    run(fixture.database, "CREATE TABLE t (v INTEGER)");
    // one step of SQLite's machine that takes longer than the call has: nothing in between looks at the clock
    const std::string slow = "INSERT INTO t VALUES (length(randomblob(40000000)))";
    const bool in_transaction = GENERATE(false, true);
    CAPTURE(in_transaction);
    const auto made = fixture.bench.make(
        adapters::sql::kind(),
        "driver: sqlite\nconnection: data.db\nwrite: true\nconnections: 1\noperations:\n  add: " +
            (in_transaction ? "{sets: {a: {sql: \"" + slow + "\"}, b: {sql: SELECT 1}}}" : "{sql: \"" + slow + "\"}") +
            "\n  count: {sql: SELECT count(*) AS n FROM t}\n");
    adapter::Ask what;
    what.operation = "add";
    const auto late = fixture.bench.ask(*made, what, 20ms);
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().fault() == Fault::department_timeout);
    what.operation = "count";  // gets the connection when the other has let it go
    const auto counted = fixture.bench.ask(*made, what);
    REQUIRE(counted.has_value());
    CHECK(counted->rows.find("rows")->items().at(0).find("n")->scalar() == "0");
    what.operation = "add";
    CHECK(fixture.bench.ask(*made, what).has_value());  // in time it is written
    what.operation = "count";
    CHECK(fixture.bench.ask(*made, what)->rows.find("rows")->items().at(0).find("n")->scalar() == "1");
}

TEST_CASE("errors of SQLite quote no value", "[adapters][sql][security]") {
    Fixture fixture;
    run(fixture.database, "CREATE TABLE t (id TEXT PRIMARY KEY); INSERT INTO t VALUES ('999900198001011234')");
    const auto twice = fixture.ask("  query: {sql: \"INSERT INTO t VALUES (:ID)\"}\n",
                                   with("ID", Record::text("999900198001011234")), "write: true\n");
    REQUIRE_FALSE(twice.has_value());
    CHECK(twice.error().fault() == Fault::department_refused);
    CHECK(twice.error().detail().find("9999") == std::string::npos);
}

TEST_CASE("mistakes in a sql source's settings are found when they are read", "[adapters][sql]") {
    struct Row {
        const char* why;
        const char* settings;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"no such driver", "driver: access\nconnection: x\noperations: {q: {sql: SELECT 1}}\n", "driver"},
        {"neither sql nor sets", "driver: sqlite\nconnection: x\noperations: {q: {max_rows: 1}}\n", "either"},
        {"both", "driver: sqlite\nconnection: x\noperations: {q: {sql: SELECT 1, sets: {a: {sql: SELECT 1}}}}\n",
         "either"},
        {"broken sql", "driver: sqlite\nconnection: x\noperations: {q: {sql: \"SELECT '\"}}\n", "quote"},
        {"broken sql in a set",
         "driver: sqlite\nconnection: x\noperations: {q: {sets: {a: {sql: \"SELECT 1; SELECT 2\"}}}}\n",
         "one statement"},
        {"no charset", "driver: sqlite\nconnection: x\ncharset: ebcdic\noperations: {q: {sql: SELECT 1}}\n", "charset"},
        {"no connection string",
         "driver: postgresql\nconnection: \"host=h password='s3cret\"\noperations: {q: {sql: SELECT 1}}\n", "libpq"},
        {"unknown key in it",
         "driver: postgresql\nconnection: host=h passwd=s3cret\noperations: {q: {sql: SELECT 1}}\n", "libpq"},
    }));
    CAPTURE(row.why);
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::sql::kind(), row.settings, mistakes) == nullptr);
    REQUIRE_FALSE(mistakes.empty());
    CHECK_THAT(to_line(mistakes.front()), ContainsSubstring(row.says));
    CHECK(to_line(mistakes.front()).find("s3cret") == std::string::npos);
}
