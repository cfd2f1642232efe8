#include <algorithm>
#include <set>
#include <thread>

#include "tests/adapters/exchange_table/front.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::ask;
using support::fields;
using support::Front;
using support::written;

namespace {

std::string operations(const std::string& more = "max_rows: 3") {
    const std::string table = "table: ans, key: dfsjzj, id: lsh, flag: sync";
    return "  take: {does: claim, " + table + ", columns: {JG: jg}, reason: sbyy, " + more + "}\n" +
           "  done: {does: settle, " + table + "}\n  poison: {does: set_aside, " + table + ", reason: sbyy}\n";
}

void leave(const Front& front, int count) {
    for (int i = 1; i <= count; ++i) {
        front.run("INSERT INTO ans (dfsjzj, jg, sync) VALUES ('k" + std::to_string(i) + "', 'v', '0')");
    }
}

std::vector<std::string> keys(const Result<Record>& rows) {
    std::vector<std::string> found;
    if (!rows) {
        FAIL(rows.error().detail());
    }
    for (const Record& row : rows->find("rows")->items()) {
        found.emplace_back(row.find("dfsjzj")->scalar());
    }
    return found;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("two gateways never claim the same row, and together claim all", "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    constexpr int kRows = 24;
    leave(front, kRows);
    std::vector<Keys> claimed(2);
    std::vector<std::thread> gateways;
    for (Keys& own : claimed) {
        gateways.emplace_back([&front, &own] {
            support::AdapterBench bench;
            const auto made = bench.make(adapters::exchange_table::kind(), front.settings(operations("max_rows: 2")));
            while (true) {
                const auto rows = ask(bench, *made, "take", {}, 20s);
                if (!rows || rows->find("rows")->items().empty()) {
                    break;
                }
                for (const Record& row : rows->find("rows")->items()) {
                    own.emplace_back(row.find("dfsjzj")->scalar());
                }
            }
        });
    }
    for (std::thread& gateway : gateways) {
        gateway.join();
    }
    std::set<std::string> all{claimed[0].begin(), claimed[0].end()};
    all.insert(claimed[1].begin(), claimed[1].end());
    CHECK(claimed[0].size() + claimed[1].size() == kRows);
    CHECK(all.size() == kRows);
    CHECK(front.read("SELECT count(*) FROM ans WHERE sync = '2'") == std::to_string(kRows));
}

TEST_CASE("a claimed row is settled or set aside, once", "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    support::AdapterBench bench;
    const auto made = bench.make(adapters::exchange_table::kind(), front.settings(operations()));
    CHECK(keys(ask(bench, *made, "take", {})).empty());
    leave(front, 4);
    CHECK(written(ask(bench, *made, "done", fields({{"id", "1"}}))) == "department_refused");  // nobody claimed it
    CHECK(keys(ask(bench, *made, "take", {})) == Keys{"k1", "k2", "k3"});
    CHECK(written(ask(bench, *made, "done", fields({{"id", "1"}}))) == "1");
    CHECK(written(ask(bench, *made, "done", fields({{"id", "1"}}))) == "0");
    CHECK(written(ask(bench, *made, "poison", fields({{"id", "2"}, {"reason", "'; DROP TABLE ans; --"}}))) == "1");
    CHECK(written(ask(bench, *made, "done", fields({{"id", "2"}}))) == "department_refused");
    CHECK(written(ask(bench, *made, "done", {})) == "request_invalid");
    CHECK(front.read("SELECT sync FROM ans ORDER BY lsh") == "1,9,2,0");
    CHECK(front.read("SELECT sbyy FROM ans WHERE sync = '9'") == "'; DROP TABLE ans; --");
    CHECK(keys(ask(bench, *made, "take", {})) == Keys{"k4"});
}

TEST_CASE("a row that nobody can use is set aside with its reason and stops no other", "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    support::AdapterBench bench;
    const auto made = bench.make(adapters::exchange_table::kind(), front.settings(operations(), "max_answer: 1024\n"));
    front.run("INSERT INTO ans (dfsjzj, jg, sync) VALUES ('big', '" + std::string(2'000, 'b') + "', '0')");
    front.run("INSERT INTO ans (dfsjzj, jg, sync) VALUES ('good', 'v', '0')");
    if (driver == "mariadb") {
        front.run("INSERT INTO ans (dfsjzj, jg, sync) VALUES ('gbk', x'D5C5C8', '0')");
    } else {
        front.run("INSERT INTO ans (dfsjzj, jg, sync) VALUES ('gbk', '\xD5\xC5\xC8', '0')");
    }
    front.run("INSERT INTO ans (dfsjzj, jg, sync) VALUES ('best', 'v', '0')");
    CHECK(keys(ask(bench, *made, "take", {})) == Keys{"good", "best"});
    CHECK(front.read("SELECT sync FROM ans ORDER BY lsh") == "9,2,9,2");
    CHECK(front.read("SELECT sbyy FROM ans WHERE sync = '9' ORDER BY lsh") ==
          "too many octets,not in the agreed charset: jg");
    CHECK(keys(ask(bench, *made, "take", {})).empty());  // never tried again
}

TEST_CASE("a claimed row whose column has a name in GBK that is UTF-8 of other letters is no poison",
          "[adapters][exchange_table]") {
    const Front front{"mariadb"};
    support::AdapterBench bench;
    front.run("ALTER TABLE ans ADD COLUMN `住址` varchar(9)");
    leave(front, 1);
    const auto made = bench.make(
        adapters::exchange_table::kind(),
        front.settings("  take: {does: claim, table: ans, key: dfsjzj, id: lsh, flag: sync, reason: sbyy, columns: "
                       "{ZZ: 住址}}\n",
                       "charset: gbk\n"));
    CHECK(keys(ask(bench, *made, "take", {})) == Keys{"k1"});
    CHECK(front.read("SELECT sync FROM ans") == "2");
}

TEST_CASE("rows that were claimed before something failed are given", "[adapters][exchange_table]") {
    support::AdapterBench bench;
    SECTION("where the next can't be claimed") {
        const Front front{"sqlite"};
        leave(front, 4);
        front.run(
            "CREATE TRIGGER third BEFORE UPDATE ON ans WHEN OLD.lsh = 3 AND NEW.sync = '2' BEGIN SELECT RAISE(ABORT, "
            "'full'); END");
        const auto made = bench.make(adapters::exchange_table::kind(), front.settings(operations("max_rows: 4")));
        CHECK(keys(ask(bench, *made, "take", {})) == Keys{"k1", "k2"});
        CHECK(front.read("SELECT sync FROM ans ORDER BY lsh") == "2,2,0,0");
        CHECK_FALSE(ask(bench, *made, "take", {}).has_value());  // nothing was claimed: that is a failure
        CHECK(front.read("SELECT sync FROM ans ORDER BY lsh") == "2,2,0,0");
        front.run("DROP TRIGGER third");
        CHECK(keys(ask(bench, *made, "take", {})) == Keys{"k3", "k4"});
    }
    SECTION("where the next can't be read, which is set aside and stops no other") {
        const Front front{"postgresql"};
        leave(front, 4);
        front.run("CREATE TABLE broken (lsh int)");
        front.run("INSERT INTO broken VALUES (3)");
        front.run(
            "CREATE VIEW seen AS SELECT *, 1 / (SELECT 1 - count(*)::int FROM broken WHERE broken.lsh = ans.lsh) AS "
            "one "
            "FROM ans");
        const auto made = bench.make(
            adapters::exchange_table::kind(),
            front.settings("  take: {does: claim, table: seen, key: dfsjzj, id: lsh, flag: sync, max_rows: 4}\n"));
        CHECK(keys(ask(bench, *made, "take", {})) == Keys{"k1", "k2", "k4"});
        CHECK(front.read("SELECT sync FROM ans ORDER BY lsh") == "2,2,9,2");
        front.run("DROP VIEW seen");
        front.run("DROP TABLE broken");
    }
    SECTION("where the connection breaks, which the row waits for again") {
        const bool has_lease = GENERATE(false, true);
        CAPTURE(has_lease);
        const Front front{"postgresql"};
        leave(front, 4);
        front.run("CREATE TABLE broken (lsh int)");
        front.run("INSERT INTO broken VALUES (3)");
        front.run(
            "CREATE FUNCTION cut() RETURNS bool LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM "
            "pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); RETURN true; END $$");
        front.run(
            "CREATE VIEW seen AS SELECT *, (SELECT bool_and(cut()) FROM broken WHERE broken.lsh = ans.lsh) AS one FROM "
            "ans");
        const auto made =
            bench.make(adapters::exchange_table::kind(),
                       front.settings("  take: {does: claim, table: seen, key: dfsjzj, id: lsh, flag: "
                                      "sync, max_rows: 4" +
                                      std::string{has_lease ? ", claimed_at: sjgxsj, lease: 60000" : ""} + "}\n"));
        CHECK(keys(ask(bench, *made, "take", {})) == Keys{"k1", "k2"});
        CHECK(front.read("SELECT sync FROM ans ORDER BY lsh") == (has_lease ? "2,2,2,0" : "2,2,0,0"));
        front.run("DELETE FROM broken");
        CHECK(keys(ask(bench, *made, "take", {})) == (has_lease ? Keys{"k4"} : Keys{"k3", "k4"}));
        front.run("DROP VIEW seen");
        front.run("DROP FUNCTION cut");
        front.run("DROP TABLE broken");
    }
}

TEST_CASE("a claim that nobody settles is given back, and in the end set aside", "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    support::AdapterBench bench;
    const auto made =
        bench.make(adapters::exchange_table::kind(),
                   front.settings(operations("claimed_at: sjgxsj, attempts: cs, lease: 60000, max_attempts: 2")));
    leave(front, 1);
    const auto let_lapse = [&] { front.run("UPDATE ans SET sjgxsj = '2026-01-01 00:00:00'"); };
    CHECK(keys(ask(bench, *made, "take", {})) == Keys{"k1"});
    CHECK(keys(ask(bench, *made, "take", {})).empty());  // it holds
    let_lapse();
    CHECK(keys(ask(bench, *made, "take", {})) == Keys{"k1"});
    let_lapse();
    CHECK(keys(ask(bench, *made, "take", {})).empty());
    CHECK(front.read("SELECT sync FROM ans") == "9");
    CHECK(front.read("SELECT sbyy FROM ans") == "claimed and never settled");
    CHECK(front.read("SELECT cs FROM ans") == "2");
}
