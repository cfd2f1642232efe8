#include "core/database/pool.h"

#include <sqlite3.h>

#include "tests/support/catch.h"
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

}  // namespace

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
