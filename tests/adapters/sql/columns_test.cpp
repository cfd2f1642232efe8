#include <sqlite3.h>

#include "adapters/sql/sql_adapter.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/mariadb_server.h"
#include "tests/support/postgres_server.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::AdapterBench;

namespace {

support::PostgresServer& postgres() {
    static support::PostgresServer one;
    return one;
}
support::MariadbServer& mariadb() {
    static support::MariadbServer one;
    return one;
}

/// A department that changes its tables while the gateway has a connection open.
class Department {
public:
    explicit Department(std::string driver) : driver_{std::move(driver)} { run("DROP TABLE IF EXISTS t"); }

    void run(const std::string& sql) const {
        if (driver_ == "mariadb") {
            mariadb().run(sql);
        } else if (driver_.ends_with("ostgreSQL") || driver_ == "postgresql") {
            postgres().run(sql);
        } else {
            sqlite3* database = nullptr;
            REQUIRE(sqlite3_open(file().c_str(), &database) == SQLITE_OK);
            const int done = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
            sqlite3_close(database);
            REQUIRE(done == SQLITE_OK);
        }
    }
    [[nodiscard]] std::string settings(const std::string& operations, const std::string& more = {}) const {
        const auto said = [&](const std::string& driver, const std::string& connection) {
            return "driver: " + driver + "\nconnection: \"" + connection + "\"\nconnections: 1\n" + more +
                   "operations:\n" + operations;
        };
        if (driver_ == "mariadb") {
            return said("mariadb", mariadb().connection());
        }
        if (driver_ == "postgresql") {
            return said("postgresql", postgres().connection());
        }
        if (driver_ == "sqlite") {
            return said("sqlite", file());
        }
        const std::string host = "host=";
        const std::string place = postgres().connection();
        if (driver_ == "odbc SQLite") {
            return said("odbc", "DRIVER={SQLite3};Database=" + file() + ";Timeout=2000");
        }
        return said("odbc", "DRIVER={PostgreSQL ANSI};Port=5432;Database=postgres;Username=datong;Servername=" +
                                place.substr(host.size(), place.find(' ') - host.size()));
    }

private:
    [[nodiscard]] std::string file() const { return folder_ / "data.db"; }

    std::string driver_;
    support::ScratchFolder folder_;
};

struct Desk {
    explicit Desk(const std::string& driver) : department{driver} {}

    Result<Record> ask(const std::string& operation) {
        if (!made) {
            made = bench.make(adapters::sql::kind(), department.settings("  q: {sql: SELECT * FROM t}\n"
                                                                         "  two: {sets: {rows: {sql: SELECT * FROM t}, "
                                                                         "one: {sql: SELECT 1 AS one}}}\n"));
        }
        adapter::Ask what;
        what.operation = operation;
        auto reply = bench.ask(*made, std::move(what));
        return reply ? Result<Record>{std::move(reply->rows)} : fail(std::move(reply.error()));
    }
    /// "a=A b=B", or the fault's code.
    std::string row(const std::string& operation) {
        const auto rows = ask(operation);
        if (!rows) {
            return std::string{row_of(rows.error().fault()).code} + ": " + rows.error().detail();
        }
        std::string told;
        for (const record::Member& cell : rows->find("rows")->items().at(0).members()) {
            told += (told.empty() ? "" : " ") + std::string{cell.name.view()} + "=" + std::string{cell.value.scalar()};
        }
        return told;
    }

    Department department;
    AdapterBench bench;
    std::unique_ptr<adapter::Adapter> made;
};

}  // namespace

TEST_CASE("a table that was made anew gives its values under its own names", "[adapters][sql]") {
    const std::string driver =
        GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb", "odbc SQLite", "odbc PostgreSQL");
    const std::string operation = GENERATE(as<std::string>{}, "q", "two");
    CAPTURE(driver, operation);
    Desk desk{driver};
    desk.department.run("CREATE TABLE t (a varchar(9), b varchar(9))");
    desk.department.run("INSERT INTO t VALUES ('A', 'B')");
    for (int again = 0; again < 2; ++again) {
        REQUIRE(desk.row(operation) == "a=A b=B");
    }
    SECTION("with its columns in another order") {
        desk.department.run("DROP TABLE t");
        desk.department.run("CREATE TABLE t (b varchar(9), a varchar(9))");
        desk.department.run("INSERT INTO t VALUES ('B', 'A')");
        for (int again = 0; again < 3; ++again) {
            CHECK(desk.row(operation) == "b=B a=A");
        }
    }
    SECTION("with one more") {
        desk.department.run("DROP TABLE t");
        desk.department.run("CREATE TABLE t (c varchar(9), a varchar(9), b varchar(9))");
        desk.department.run("INSERT INTO t VALUES ('C', 'A', 'B')");
        for (int again = 0; again < 3; ++again) {
            CHECK(desk.row(operation) == "c=C a=A b=B");
        }
    }
    SECTION("with one less, and of another type") {
        desk.department.run("DROP TABLE t");
        desk.department.run("CREATE TABLE t (b integer)");
        desk.department.run("INSERT INTO t VALUES (7)");
        for (int again = 0; again < 3; ++again) {
            CHECK(desk.row(operation) == "b=7");
        }
    }
}

TEST_CASE("a column whose name in GBK would be other letters in UTF-8 keeps its own", "[adapters][sql]") {
    const std::string driver =
        GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb", "odbc SQLite", "odbc PostgreSQL");
    CAPTURE(driver);
    const Department department{driver};
    AdapterBench bench;
    const auto run = [&](const std::string& sql) {
        const auto made = bench.make(adapters::sql::kind(),
                                     department.settings("  q: {sql: '" + sql + "'}\n", "charset: gbk\nwrite: true\n"));
        adapter::Ask what;
        what.operation = "q";
        auto reply = bench.ask(*made, std::move(what));
        REQUIRE(reply.has_value());
        return std::move(reply->rows);
    };
    // in GBK D7A1 D6B7 and D7B4 CCAC: a Hebrew letter with a point in UTF-8, and so on
    const std::string quote = driver == "mariadb" ? "`" : "\"";
    run("CREATE TABLE t (" + quote + "住址" + quote + " varchar(9), " + quote + "状态" + quote + " varchar(9))");
    run("INSERT INTO t VALUES (1, 2)");
    const Record rows = run("SELECT * FROM t");
    const auto& cells = rows.find("rows")->items().at(0).members();
    REQUIRE(cells.size() == 2);
    CHECK(cells[0].name.view() == "住址");
    CHECK(cells[1].name.view() == "状态");
}
