#include <atomic>
#include <thread>

#include "adapters/exchange_table/outbox.h"
#include "tests/adapters/exchange_table/front.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::ask;
using support::fields;
using support::Front;
using support::written;

namespace {

constexpr const char* kCounted =
    "  query: {does: ask, table: req, key: dfsjzj, columns: {XM: xm}, flag: sync, answer_table: ans, answer_id: lsh, "
    "answer_flag: sync, answer_count: cs, max_rows: 5, poll_first: 10}\n";

const std::string kPut =
    "  push: {does: put, table: req, key: dfsjzj, columns: {XM: xm, JE: je}, flag: sync, valid: sjyxbs}\n";
const std::string kReplace =
    "  correct: {does: replace, table: req, key: dfsjzj, id: lsh, columns: {XM: xm, JE: je}, flag: sync, valid: "
    "sjyxbs, "
    "valid_reason: sjwxyy}\n";
const std::string kLook = "  look: {does: look, table: req, key: dfsjzj, id: lsh, max_rows: 5}\n";
const std::string kAsk =
    "  query: {does: ask, table: req, key: dfsjzj, columns: {XM: xm}, flag: sync, answer_table: ans, answer_flag: "
    "sync, "
    "answer_reason: sbyy, poll_first: 10, poll_most: 40}\n";

/// Does one thing as soon as the request stands in its table, on a thread of its own.
class Peer {
public:
    Peer(const Front& front, std::string sql)
        : thread_{[this, &front, sql = std::move(sql)] {
              while (!over_ && front.read("SELECT count(*) FROM req") == "0") {
                  std::this_thread::yield();
              }
              if (!over_) {
                  front.run(sql);
              }
          }} {}
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() {
        over_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> over_{};
    std::thread thread_;
};

std::string fault(const Result<Record>& rows) {
    return rows ? "none" : std::string{row_of(rows.error().fault()).code};
}

}  // namespace

TEST_CASE("the same key twice writes one row", "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    support::AdapterBench bench;
    const auto made = bench.make(adapters::exchange_table::kind(), front.settings(kPut + kLook));
    const char* name = "བ་𠐂·张三";
    CHECK(written(ask(bench, *made, "push", fields({{"key", "k1"}, {"XM", name}, {"JE", "100.10"}}))) == "1");
    CHECK(written(ask(bench, *made, "push", fields({{"key", "k1"}, {"XM", name}, {"JE", "100.10"}}))) == "0");
    CHECK(written(ask(bench, *made, "push", fields({{"key", "k1"}, {"XM", "李四"}, {"JE", "100.10"}}))) ==
          "request_invalid");
    CHECK(written(ask(bench, *made, "push", fields({{"key", "k1"}, {"XM", name}}))) == "request_invalid");
    CHECK(written(ask(bench, *made, "push", fields({{"key", "k2"}, {"JE", "1"}}))) == "1");  // what is missing is NULL
    CHECK(written(ask(bench, *made, "push", fields({{"key", "k2"}, {"JE", "1"}}))) == "0");
    CHECK(written(ask(bench, *made, "push", fields({{"XM", name}}))) == "request_invalid");  // no key
    CHECK(front.read("SELECT dfsjzj FROM req ORDER BY lsh") == "k1,k2");
    CHECK(front.read("SELECT sync FROM req") == "0,0");
    CHECK(front.read("SELECT sjyxbs FROM req") == "1,1");
    const auto rows = ask(bench, *made, "look", fields({{"key", "k1"}}));
    REQUIRE(rows.has_value());
    REQUIRE(rows->find("rows")->items().size() == 1);
    CHECK(rows->find("rows")->items().front().find("xm")->scalar() == name);
    CHECK(ask(bench, *made, "look", fields({{"key", "none"}}))->find("rows")->items().empty());
}

TEST_CASE("what a person types stays a value in every place of an exchange table",
          "[adapters][exchange_table][security]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    support::AdapterBench bench;
    const auto made = bench.make(adapters::exchange_table::kind(), front.settings(kPut + kReplace + kLook));
    int count = 0;
    for (const char* attack :
         {"' OR '1'='1", "'); DROP TABLE req; --", "\\' OR 1=1 -- ", "$1", "?1", ":p0", "a\\", "`\""}) {
        CAPTURE(attack);
        CHECK(written(ask(bench, *made, "push", fields({{"key", attack}, {"XM", attack}}))) == "1");
        CHECK(written(ask(bench, *made, "push", fields({{"key", attack}, {"XM", attack}}))) == "0");
        CHECK(written(ask(bench, *made, "correct", fields({{"key", attack}, {"XM", "x"}, {"reason", attack}}))) == "1");
        count += 3;
        CHECK(front.read("SELECT count(*) FROM req") == std::to_string(count));
        const auto rows = ask(bench, *made, "look", fields({{"key", attack}}));
        REQUIRE(rows.has_value());
        REQUIRE(rows->find("rows")->items().size() == 3);
        CHECK(rows->find("rows")->items().front().find("xm")->scalar() == attack);
        CHECK(rows->find("rows")->items().at(1).find("sjwxyy")->scalar() == attack);
    }
}

TEST_CASE("two gateways that put the same keys at once write each once", "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    constexpr int kKeys = 8;
    std::vector<int> wrote(2);
    std::vector<std::thread> gateways;
    for (std::size_t i = 0; i < wrote.size(); ++i) {
        gateways.emplace_back([&front, &count = wrote[i]] {
            support::AdapterBench bench;
            const auto made = bench.make(adapters::exchange_table::kind(), front.settings(kPut));
            for (int key = 0; key < kKeys; ++key) {
                const auto rows =
                    ask(bench, *made, "push", fields({{"key", std::to_string(key).c_str()}, {"XM", "x"}}), 20s);
                count += written(rows) == "1" ? 1 : 0;
                count += rows ? 0 : 100;
            }
        });
    }
    for (std::thread& gateway : gateways) {
        gateway.join();
    }
    CHECK(wrote[0] + wrote[1] == kKeys);
    CHECK(front.read("SELECT count(*) FROM req") == std::to_string(kKeys));
}

TEST_CASE("a row is never changed but said not to hold, and a new one follows", "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    support::AdapterBench bench;
    const auto made = bench.make(adapters::exchange_table::kind(), front.settings(kPut + kReplace));
    const Record after = fields({{"key", "k"}, {"XM", "after"}, {"JE", "2.50"}, {"reason", "typing error"}});
    CHECK(written(ask(bench, *made, "correct", after)) == "department_refused");
    REQUIRE(written(ask(bench, *made, "push", fields({{"key", "k"}, {"XM", "before"}, {"JE", "1.50"}}))) == "1");
    front.run("UPDATE req SET sync = '1'");
    CHECK(written(ask(bench, *made, "correct", after)) == "1");
    CHECK(written(ask(bench, *made, "correct", after)) == "0");  // asked again: it stands
    CHECK(front.read("SELECT xm FROM req ORDER BY lsh") == "before,before,after");
    CHECK(front.read("SELECT sjyxbs FROM req ORDER BY lsh") == "1,0,1");
    CHECK(front.read("SELECT sync FROM req ORDER BY lsh") == "1,0,0");
    CHECK(front.read("SELECT sjwxyy FROM req WHERE sjyxbs = '0'") == "typing error");
}

TEST_CASE("a question waits for its answer row", "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    support::AdapterBench bench;
    const auto made = bench.make(adapters::exchange_table::kind(), front.settings(kAsk));
    const Record question = fields({{"key", "q"}, {"XM", "x"}});
    const std::string answer = "INSERT INTO ans (dfsjzj, jg, sync) VALUES ('q', 'found', '0')";
    SECTION("late") {
        const Peer peer{front, answer};
        const auto rows = ask(bench, *made, "query", question);
        REQUIRE(rows.has_value());
        CHECK(rows->find("rows")->items().at(0).find("jg")->scalar() == "found");
        CHECK(front.read("SELECT sync FROM ans") == "1");
    }
    SECTION("never: the call ends at its deadline, and the same key finds what came too late") {
        const auto began = std::chrono::steady_clock::now();
        const auto none = ask(bench, *made, "query", question, 300ms);
        CHECK(fault(none) == "department_timeout");
        CHECK(std::chrono::steady_clock::now() - began < 3s);
        front.run(answer);
        CHECK(ask(bench, *made, "query", question).has_value());
        CHECK(front.read("SELECT count(*) FROM req") == "1");
    }
    SECTION("twice: no answer, and the rows are set aside with the reason") {
        const Peer peer{front, "INSERT INTO ans (dfsjzj, jg, sync) VALUES ('q', 'one', '0'), ('q', 'two', '0')"};
        CHECK(fault(ask(bench, *made, "query", question)) == "department_invalid");
        CHECK(front.read("SELECT sync FROM ans") == "9,9");
        CHECK(front.read("SELECT sbyy FROM ans") == "too many rows or octets,too many rows or octets");
    }
    SECTION("set aside: the department could not use the request") {
        const Peer peer{front, "UPDATE req SET sync = '9', sbyy = '身份证号有误'"};
        const auto refused = ask(bench, *made, "query", question);
        CHECK(fault(refused) == "department_refused");
        CHECK(refused.error().detail().find("身份证") == std::string::npos);  // the department's words may be personal
    }
    SECTION("rows that come in any order are given by their number") {
        const auto sorted = bench.make(
            adapters::exchange_table::kind(),
            front.settings("  query: {does: ask, table: req, key: dfsjzj, columns: {XM: xm}, flag: sync, answer_table: "
                           "ans, answer_id: jg, answer_flag: sync, max_rows: 5, poll_first: 10, poll_most: 40}\n"));
        const Peer peer{front,
                        "INSERT INTO ans (dfsjzj, jg, sync) VALUES ('q', '3', '0'), ('q', '1', '0'), ('q', '2', '0')"};
        const auto rows = ask(bench, *sorted, "query", question);
        REQUIRE(rows.has_value());
        std::string order;
        for (const Record& row : rows->find("rows")->items()) {
            order += row.find("jg")->scalar();
        }
        CHECK(order == "123");
    }
    SECTION("an answer that says how many rows it has is waited for until it has them") {
        const auto counting = bench.make(adapters::exchange_table::kind(), front.settings(kCounted));
        front.run("INSERT INTO ans (dfsjzj, jg, sync, cs) VALUES ('q', '1', '0', 3)");
        CHECK(fault(ask(bench, *counting, "query", question, 300ms)) == "department_timeout");
        front.run("INSERT INTO ans (dfsjzj, jg, sync, cs) VALUES ('q', '2', '0', 3)");
        CHECK(fault(ask(bench, *counting, "query", question, 300ms)) == "department_timeout");
        CHECK(front.read("SELECT sync FROM ans") == "0,0");
        front.run("INSERT INTO ans (dfsjzj, jg, sync, cs) VALUES ('q', '3', '0', 3)");
        const auto rows = ask(bench, *counting, "query", question);
        REQUIRE(rows.has_value());
        CHECK(rows->find("rows")->items().size() == 3);
        CHECK(front.read("SELECT sync FROM ans") == "1,1,1");
        front.run("INSERT INTO ans (dfsjzj, jg, sync, cs) VALUES ('q', '4', '0', 3)");
        CHECK(fault(ask(bench, *counting, "query", question)) == "department_invalid");
        front.run("DELETE FROM ans WHERE jg = '4'");
        front.run("UPDATE ans SET cs = 2 WHERE jg = '3'");
        CHECK(fault(ask(bench, *counting, "query", question)) == "department_invalid");
    }
    SECTION("an answer that begins, and whose request is then set aside, is refused at once") {
        const auto counting = bench.make(adapters::exchange_table::kind(), front.settings(kCounted));
        front.run("INSERT INTO ans (dfsjzj, jg, sync, cs) VALUES ('q', '1', '0', 3)");
        CHECK(fault(ask(bench, *counting, "query", question, 300ms)) == "department_timeout");
        front.run("UPDATE req SET sync = '9'");
        CHECK(fault(ask(bench, *counting, "query", question)) == "department_refused");
    }
    SECTION("an answer that is whole when its request is done is waited for until then") {
        const auto patient = bench.make(
            adapters::exchange_table::kind(),
            front.settings("  query: {does: ask, table: req, key: dfsjzj, columns: {XM: xm}, flag: sync, answer_table: "
                           "ans, answer_id: lsh, answer_after_done: true, max_rows: 5, poll_first: 10}\n"));
        front.run("INSERT INTO ans (dfsjzj, jg) VALUES ('q', '1'), ('q', '2')");
        CHECK(fault(ask(bench, *patient, "query", question, 300ms)) == "department_timeout");
        front.run("UPDATE req SET sync = '1'");
        const auto rows = ask(bench, *patient, "query", question);
        REQUIRE(rows.has_value());
        CHECK(rows->find("rows")->items().size() == 2);
    }
    SECTION("without a key, each exchange has one of its own") {
        const Peer peer{front, "INSERT INTO ans (dfsjzj, jg, sync) SELECT dfsjzj, 'own', '0' FROM req"};
        const auto rows = ask(bench, *made, "query", fields({{"XM", "x"}}));
        REQUIRE(rows.has_value());
        CHECK(rows->find("rows")->items().at(0).find("dfsjzj")->scalar() == "0198f000-0000-7000-8000-000000000001");
    }
}

TEST_CASE("an answer of several rows that says nothing of its end must stand the same twice",
          "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    async::Interrupt interrupt;
    const auto connection = database::open(front.opening(), Deadline::clock::now() + 20s, interrupt);
    REQUIRE(connection.has_value());
    adapters::exchange_table::Plan plan{.key = {"dfsjzj"}, .max_rows = 5};
    plan.answer = {.table = {"ans"}, .key = {"dfsjzj"}, .id = {"lsh"}, .id_as = "LSH"};
    adapters::exchange_table::Awaiting awaiting;
    const auto look = [&] {
        const auto rows = adapters::exchange_table::fetch_answer(plan, {.octets = "q"}, awaiting, **connection,
                                                                 front.opening().dialect, Deadline::clock::now() + 20s);
        REQUIRE(rows.has_value());
        return rows->find("rows")->items().size();
    };
    CHECK(look() == 0);
    front.run("INSERT INTO ans (dfsjzj, jg) VALUES ('q', '1')");
    CHECK(look() == 0);
    front.run("INSERT INTO ans (dfsjzj, jg) VALUES ('q', '2')");
    CHECK(look() == 0);
    front.run("UPDATE ans SET jg = '3' WHERE jg = '2'");
    CHECK(look() == 0);
    CHECK(look() == 2);
}

TEST_CASE("what comes while an answer is read is not marked as read", "[adapters][exchange_table]") {
    const Front front{"postgresql"};
    // reading the first row leaves a second one: later than what was read, earlier than what is marked
    front.run("DROP VIEW IF EXISTS seen");
    front.run(
        "CREATE OR REPLACE FUNCTION leave() RETURNS int LANGUAGE sql VOLATILE AS $$ INSERT INTO ans (dfsjzj, jg, sync, "
        "cs) SELECT 'q', 'late', '0', 1 WHERE (SELECT count(*) FROM ans) = 1; SELECT 1 $$");
    front.run("CREATE VIEW seen AS SELECT *, leave() AS left_one FROM ans");
    front.run("INSERT INTO ans (dfsjzj, jg, sync, cs) VALUES ('q', 'early', '0', 1)");
    support::AdapterBench bench;
    const std::string query =
        "  query: {does: ask, table: req, key: dfsjzj, columns: {XM: xm}, answer_table: seen, answer_flag: sync";
    const Record question = fields({{"key", "q"}, {"XM", "x"}});
    SECTION("row by row, where a row has an id") {
        const auto made = bench.make(adapters::exchange_table::kind(),
                                     front.settings(query + ", answer_id: lsh, answer_count: cs, max_rows: 5}\n"));
        const auto rows = ask(bench, *made, "query", question);
        REQUIRE(rows.has_value());
        CHECK(rows->find("rows")->items().size() == 1);
        CHECK(front.read("SELECT sync FROM ans ORDER BY lsh") == "1,0");
    }
    SECTION("and where it has none, two rows are no answer") {
        const auto made = bench.make(adapters::exchange_table::kind(), front.settings(query + "}\n"));
        CHECK(fault(ask(bench, *made, "query", question)) == "department_invalid");
        CHECK(front.read("SELECT sync FROM ans ORDER BY lsh") == "9,9");
    }
    front.run("DROP VIEW seen");
}

TEST_CASE("a question waits while the front-end database is being restarted", "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    support::AdapterBench bench;
    const auto made = bench.make(adapters::exchange_table::kind(), front.settings(kAsk + kPut));
    REQUIRE(written(ask(bench, *made, "push", fields({{"key", "q"}, {"XM", "x"}}))) == "1");
    Result<Record> rows = fail(Fault::internal, "not asked yet");
    std::thread asking{[&] { rows = ask(bench, *made, "query", fields({{"key", "q"}, {"XM", "x"}}), 30s); }};
    // on this thread: a server goes with the thread that started it
    if (driver == "mariadb") {
        Front::mariadb().stop();
        Front::mariadb().start();
    } else {
        Front::postgres().stop();
        Front::postgres().start();
    }
    front.run("INSERT INTO ans (dfsjzj, jg, sync) VALUES ('q', 'found', '0')");
    asking.join();
    if (!rows) {  // the first statement may have met the closed door: nothing was lost, and the same key goes on
        CHECK(rows.error().fault() == Fault::department_down);
        rows = ask(bench, *made, "query", fields({{"key", "q"}, {"XM", "x"}}), 30s);
    }
    REQUIRE(rows.has_value());
    CHECK(rows->find("rows")->items().at(0).find("jg")->scalar() == "found");
    CHECK(front.read("SELECT count(*) FROM req") == "1");
}
