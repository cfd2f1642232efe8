#include "core/database/pool.h"

#include <sqlite3.h>

#include "tests/support/catch.h"
#include "tests/support/mariadb_server.h"
#include "tests/support/postgres_server.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using database::Connection;
using database::Dialect;
using record::Record;

namespace {

/// A SQLite file with one row, behind a driver that has no read-only mode of its own.
struct BehindOdbc {
    BehindOdbc() {
        sqlite3* database = nullptr;
        REQUIRE(sqlite3_open((folder / "data.db").c_str(), &database) == SQLITE_OK);
        const int done = sqlite3_exec(database, "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('as it was')", nullptr,
                                      nullptr, nullptr);
        sqlite3_close(database);
        REQUIRE(done == SQLITE_OK);
    }

    /// Runs one statement on the pool's only connection. @return its first cell.
    Result<std::string> run(const std::string& sql, async::Interrupt& interrupt) {
        const database::Look look{.set = "rows", .statement = {.text = sql, .names = {}}, .max_rows = 10};
        const auto rows =
            pool.use([look](Connection& on, Deadline until) { return on.run({look}, {database::Values{}}, until); },
                     Deadline::clock::now() + 20s, true, interrupt);
        if (!rows) {
            return fail(rows.error());
        }
        return std::string{rows->find("rows")->items().at(0).members().at(0).value.scalar()};
    }

    support::ScratchFolder folder;
    database::Pool pool{{.dialect = Dialect::odbc,
                         .connection = Secret{"DRIVER={SQLite3};Database=" + (folder / "data.db") + ";Timeout=2000"},
                         .max_answer = 1'024},
                        1};
};

/// Runs that many different statements on a connection. @return what the last one, which is another, gives.
std::string run_many(const database::Opening& opening, int many, const std::string& last) {
    const Deadline until = Deadline::clock::now() + 60s;
    async::Interrupt interrupt;
    const auto connection = database::open(opening, until, interrupt);
    REQUIRE(connection.has_value());
    for (int i = 0; i <= many; ++i) {
        const std::string sql = i == many ? last : "SELECT " + std::to_string(i);
        const database::Look look{.set = "rows", .statement = {.text = sql, .names = {}}, .max_rows = 10};
        const auto rows = (*connection)->execute(look, {}, until);
        REQUIRE(rows.has_value());
        const std::string cell{rows->items().at(0).members().back().value.scalar()};
        if (i == many) {
            return cell;
        }
        CHECK(cell == std::to_string(i));
    }
    return {};
}

}  // namespace

TEST_CASE("a connection keeps so many prepared statements and no more", "[database]") {
    constexpr int kMany = 600;
    SECTION("PostgreSQL") {
        support::PostgresServer server;
        const std::string kept =
            run_many({.dialect = Dialect::postgresql, .connection = Secret{server.connection()}, .max_answer = 1'024},
                     kMany, "SELECT count(*) FROM pg_prepared_statements");
        CHECK(std::stoi(kept) == kMany + 1 - 2 * 256);
    }
    SECTION("MariaDB") {
        support::MariadbServer server;
        const std::string kept =
            run_many({.dialect = Dialect::mariadb, .connection = Secret{server.connection()}, .max_answer = 1'024},
                     kMany, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'");
        CHECK(std::stoi(kept) == kMany + 1 - 2 * 256);
    }
    SECTION("SQLite") {
        const support::ScratchFolder folder;
        folder.write("data.db", "");
        CHECK(run_many({.dialect = Dialect::sqlite, .connection = Secret{folder / "data.db"}, .max_answer = 1'024},
                       kMany, "SELECT 'there'") == "there");
    }
}

TEST_CASE("a connection that was opened for a call given up meanwhile serves no other", "[database][security]") {
    BehindOdbc department;
    async::Interrupt given_up;
    const bool is_given_up = GENERATE(true, false);
    CAPTURE(is_given_up);
    if (is_given_up) {
        given_up.fire();
        CHECK(department.run("SELECT a FROM t", given_up).error().fault() == Fault::department_timeout);
    }
    async::Interrupt interrupt;
    const auto changed = department.run("UPDATE t SET a = 'written'", interrupt);
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error().fault() == Fault::department_refused);
    CHECK(department.run("SELECT a FROM t", interrupt) == "as it was");
}
