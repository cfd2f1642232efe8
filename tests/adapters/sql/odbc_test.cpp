#include <sqlite3.h>

#include "adapters/sql/sql_adapter.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/postgres_server.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::AdapterBench;

namespace {

/// A database behind an ODBC driver, and how to speak to it without ODBC.
class Behind {
public:
    Behind() = default;
    Behind(const Behind&) = delete;
    Behind& operator=(const Behind&) = delete;
    virtual ~Behind() = default;
    virtual void run(const std::string& sql) = 0;
    [[nodiscard]] virtual std::string connection() const = 0;
};

class Sqlite final : public Behind {
public:
    void run(const std::string& sql) override {
        sqlite3* database = nullptr;
        REQUIRE(sqlite3_open((folder_ / "data.db").c_str(), &database) == SQLITE_OK);
        const int done = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
        sqlite3_close(database);
        REQUIRE(done == SQLITE_OK);
    }
    std::string connection() const override {
        return "DRIVER={SQLite3};Database=" + (folder_ / "data.db") + ";Timeout=2000";
    }

private:
    support::ScratchFolder folder_;
};

class Postgres final : public Behind {
public:
    void run(const std::string& sql) override { server_.run(sql); }
    std::string connection() const override { return "DRIVER={PostgreSQL ANSI};" + place(); }
    [[nodiscard]] std::string place() const {
        const std::string key = "host=";
        const std::string text = server_.connection();
        return "Servername=" + text.substr(key.size(), text.find(' ') - key.size()) +
               ";Port=5432;Database=postgres;Username=datong;ConnSettings=SET client_encoding TO 'SQL_ASCII'";
    }
    support::PostgresServer& server() { return server_; }

private:
    support::PostgresServer server_;
};

std::unique_ptr<Behind> behind(const std::string& name) {
    if (name == "SQLite3") {
        return std::make_unique<Sqlite>();
    }
    return std::make_unique<Postgres>();
}

std::string settings(const Behind& database, const std::string& operations, const std::string& more = {}) {
    return "driver: odbc\nconnection: \"" + database.connection() + "\"\n" + more + "operations:\n" + operations;
}

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

Record with(const std::string& name, Record value) {
    Record fields = Record::object();
    fields.put(name, std::move(value));
    return fields;
}

const Record& first(const Result<Record>& rows) {
    if (!rows) {
        FAIL(rows.error().detail());
    }
    REQUIRE_FALSE(rows->find("rows")->items().empty());
    return rows->find("rows")->items().front();
}

}  // namespace

TEST_CASE("sql through ODBC gives rows exactly and binds what it is given", "[adapters][sql][odbc]") {
    const std::string driver = GENERATE(as<std::string>{}, "SQLite3", "PostgreSQL ANSI");
    CAPTURE(driver);
    const bool is_postgres = driver != "SQLite3";
    const auto database = behind(driver);
    AdapterBench bench;
    database->run(
        std::string{"CREATE TABLE p (id varchar(40), name text, je numeric(12,2), n bigint, z text, w text, b "} +
        (is_postgres ? "bytea" : "blob") + ")");
    database->run("INSERT INTO p VALUES ('a', '\xD5\xC5\xC8\xFD', 100.10, 9007199254740993, NULL, '" +
                  std::string(9000, 'w') + "', " + (is_postgres ? "'\\x00ff41'" : "x'00ff41'") + ")");
    const auto made = bench.make(adapters::sql::kind(), settings(*database,
                                                                 "  q: {sql: \"SELECT * FROM p WHERE id = :ID\"}\n"
                                                                 "  n: {sql: \"SELECT id FROM p WHERE n = :N\"}\n"
                                                                 "  t: {sql: \"SELECT id FROM p WHERE name = :XM\"}\n"
                                                                 "  two: {sets: {a: {sql: SELECT id FROM p}, b: {sql: "
                                                                 "SELECT name FROM p}}}\n",
                                                                 "charset: gb18030\n"));
    for (int again = 0; again < 3; ++again) {
        const auto rows = ask(bench, *made, "q", with("ID", Record::text("a")));
        const Record& row = first(rows);
        CHECK(row.find("name")->scalar() == "\xD5\xC5\xC8\xFD");
        CHECK(row.find("je")->scalar() == (is_postgres ? "100.10" : "100.1"));  // SQLite keeps no trailing zero
        CHECK(row.find("n")->scalar() == "9007199254740993");
        CHECK(row.find("z")->is_null());
        CHECK(row.find("w")->scalar() == std::string(9000, 'w'));
        CHECK(row.find("b")->scalar() == std::string_view{"\x00\xFF\x41", 3});
    }
    CHECK(first(ask(bench, *made, "n", with("N", Record::number("9007199254740993")))).find("id")->scalar() == "a");
    CHECK(first(ask(bench, *made, "t", with("XM", Record::text("张三")))).find("id")->scalar() == "a");
    const auto two = ask(bench, *made, "two", {});
    REQUIRE(two.has_value());
    CHECK(two->find("b")->items().size() == 1);
    for (const std::string attack :
         {"' OR '1'='1", "'; DROP TABLE p; --", "\\' OR 1=1 --", "?", "a' --", "{fn now()}", "乗' OR 1=1 --"}) {
        CAPTURE(attack);
        const auto none = ask(bench, *made, "q", with("ID", Record::text(attack)));
        REQUIRE(none.has_value());
        CHECK(none->find("rows")->items().empty());
    }
}

TEST_CASE("sql through ODBC fails safely", "[adapters][sql][odbc][security]") {
    const std::string driver = GENERATE(as<std::string>{}, "SQLite3", "PostgreSQL ANSI");
    CAPTURE(driver);
    const auto database = behind(driver);
    AdapterBench bench;
    database->run("CREATE TABLE w (v varchar(20) PRIMARY KEY)");
    const std::string operations =
        "  insert: {sql: \"INSERT INTO w VALUES (:V)\"}\n  count: {sql: SELECT count(*) AS n FROM w}\n"
        "  wrong: {sql: SELECT nothing FROM nowhere}\n  few: {sql: \"SELECT v FROM w\", max_rows: 1}\n";
    const auto reader = bench.make(adapters::sql::kind(), settings(*database, operations));
    const auto writer = bench.make(adapters::sql::kind(), settings(*database, operations, "write: true\n"));

    const auto refused = ask(bench, *reader, "insert", with("V", Record::text("x")));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().fault() == Fault::department_refused);
    CHECK(first(ask(bench, *reader, "count", {})).find("n")->scalar() == "0");

    CHECK(first(ask(bench, *writer, "insert", with("V", Record::text("999900198001011234"))))
              .find("affected")
              ->scalar() == "1");
    const auto twice = ask(bench, *writer, "insert", with("V", Record::text("999900198001011234")));
    REQUIRE_FALSE(twice.has_value());
    CHECK(twice.error().fault() == Fault::department_refused);
    CHECK(twice.error().detail().find("9999") == std::string::npos);
    CHECK(first(ask(bench, *reader, "count", {})).find("n")->scalar() == "1");

    CHECK(ask(bench, *reader, "wrong", {}).error().fault() == Fault::department_refused);
    CHECK(ask(bench, *reader, "few", {}).has_value());
    CHECK(ask(bench, *writer, "insert", with("V", Record::text("y"))).has_value());
    CHECK(ask(bench, *reader, "few", {}).error().fault() == Fault::department_invalid);
    CHECK(bench.probe(*reader).has_value());
}

TEST_CASE("a statement through ODBC that nobody waits for ends, and a restart costs a reader no call",
          "[adapters][sql][odbc]") {
    Postgres database;
    AdapterBench bench;
    const auto made = bench.make(
        adapters::sql::kind(), settings(database, "  slow: {sql: SELECT pg_sleep(30)}\n  q: {sql: SELECT 1 AS one}\n"));
    CHECK(ask(bench, *made, "slow", {}, 400ms).error().fault() == Fault::department_timeout);
    bench.settle();  // returns only because the driver has the server stop the statement
    REQUIRE(ask(bench, *made, "q", {}).has_value());
    database.server().stop();
    const auto down = ask(bench, *made, "q", {}, 3s);
    REQUIRE_FALSE(down.has_value());
    CHECK(down.error().fault() == Fault::department_down);
    database.server().start();
    CHECK(ask(bench, *made, "q", {}).has_value());
    database.server().stop();
    database.server().start();
    CHECK(ask(bench, *made, "q", {}).has_value());
}

TEST_CASE("a commit through ODBC that the database refuses leaves nothing open behind it", "[adapters][sql][odbc]") {
    Postgres database;
    AdapterBench bench;
    database.run("CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent VALUES (1)");
    database.run("CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");  // judged at COMMIT
    const std::string operations =
        "  two: {sets: {a: {sql: \"INSERT INTO child VALUES (:ID)\"}, b: {sql: SELECT pg_backend_pid() AS pid}}}\n"
        "  one: {sql: \"INSERT INTO child VALUES (:ID)\"}\n"
        "  pid: {sql: SELECT pg_backend_pid() AS pid}\n"
        "  count: {sql: SELECT count(*) AS n FROM child}\n";
    const auto writer = bench.make(adapters::sql::kind(), settings(database, operations, "write: true\n"));
    const auto reader = bench.make(adapters::sql::kind(), settings(database, operations));
    const auto before = ask(bench, *writer, "pid", {});
    const auto refused = ask(bench, *writer, "two", with("ID", Record::integer(2)));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().fault() == Fault::department_refused);
    CHECK_THAT(refused.error().detail(), ContainsSubstring("23503"));
    // on the same connection, which would still be in a transaction that nobody ends
    REQUIRE(ask(bench, *writer, "one", with("ID", Record::integer(1))).has_value());
    CHECK(first(ask(bench, *writer, "pid", {})).find("pid")->scalar() == first(before).find("pid")->scalar());
    CHECK(first(ask(bench, *reader, "count", {})).find("n")->scalar() == "1");
}

TEST_CASE("an ODBC driver that is not there is named", "[adapters][sql][odbc]") {
    AdapterBench bench;
    const auto made = bench.make(adapters::sql::kind(),
                                 "driver: odbc\nconnection: DRIVER={No Such Driver};PWD=s3cret\n"
                                 "operations: {q: {sql: SELECT 1}}\n");
    const auto asked = bench.probe(*made);
    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().fault() == Fault::department_down);
    CHECK_THAT(asked.error().detail(), ContainsSubstring("IM002") || ContainsSubstring("01000"));
    CHECK(asked.error().detail().find("s3cret") == std::string::npos);
}
