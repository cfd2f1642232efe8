#include <sqlite3.h>

#include "tests/adapters/exchange_table/front.h"
#include "tests/support/tcp_department.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::ask;
using support::fields;
using support::Front;

namespace {

/// A department whose exchange table stands in a SQLite file.
class LiteFront final : public support::Department {
public:
    LiteFront() {
        REQUIRE(sqlite3_open((folder_ / "data.db").c_str(), &database_) == SQLITE_OK);
        run("CREATE TABLE t (k TEXT, cell TEXT); INSERT INTO t VALUES ('1', 'x')");
    }
    ~LiteFront() override { sqlite3_close(database_); }

    adapter::Kind kind() const override { return adapters::exchange_table::kind(); }
    std::string folder() const override { return folder_.path(); }
    std::string settings() const override {
        return "driver: sqlite\nconnection: data.db\nmax_answer: 8388608\n"
               "operations: {query: {does: look, table: t, key: k}}\n";
    }
    adapter::Ask question() const override {
        adapter::Ask what;
        what.operation = "query";
        what.fields = fields({{"key", "1"}});
        return what;
    }
    void answer_with(std::string bytes) override {
        sqlite3_stmt* update = nullptr;
        REQUIRE(sqlite3_prepare_v2(database_, "UPDATE t SET cell = ?", -1, &update, nullptr) == SQLITE_OK);
        sqlite3_bind_text(update, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
        CHECK(sqlite3_step(update) == SQLITE_DONE);
        sqlite3_finalize(update);
    }
    void be_silent() override { run("BEGIN EXCLUSIVE"); }
    void go_down() override { std::filesystem::remove(folder_ / "data.db"); }
    void talk_garbage() override { folder_.write("data.db", std::string(4096, 'g')); }
    std::string bytes_of(const adapter::Reply& reply) const override {
        return std::string{reply.rows.find("rows")->items().at(0).find("cell")->scalar()};
    }

private:
    void run(const char* sql) { REQUIRE(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK); }

    support::ScratchFolder folder_;
    sqlite3* database_{};
};

}  // namespace

TEST_CASE("exchange_table keeps the adapter's contract", "[adapters][exchange_table]") {
    support::check_adapter_contract([] { return std::make_unique<LiteFront>(); });
}

TEST_CASE("mistakes in an exchange table's settings are found when they are read",
          "[adapters][exchange_table][security]") {
    struct Row {
        const char* why;
        const char* operation;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"a table that is more than a name", "{does: look, table: 't; DROP TABLE t', key: k}", "table"},
        {"a column with a quote", "{does: look, table: t, key: 'k\"'}", "key"},
        {"a column with a back tick", "{does: put, table: t, key: k, columns: {A: 'a`'}}", "columns"},
        {"a name that begins with a digit", "{does: look, table: 1t, key: k}", "table"},
        {"too many parts", "{does: look, table: a.b.c.d, key: k}", "table"},
        {"an empty part", "{does: look, table: a..b, key: k}", "table"},
        {"a column with a dot", "{does: look, table: t, key: a.b}", "key"},
        {"a column twice", "{does: put, table: t, key: k, columns: {A: a, B: a}}", "twice"},
        {"the key among the columns", "{does: put, table: t, key: k, columns: {A: k}}", "twice"},
        {"nothing to write", "{does: put, table: t, key: k}", "columns"},
        {"no place for answers", "{does: ask, table: t, key: k, columns: {A: a}}", "answer_table"},
        {"answer rows in no order", "{does: ask, table: t, key: k, columns: {A: a}, answer_table: u, max_rows: 2}",
         "answer_id"},
        {"no state", "{does: claim, table: t, key: k}", "flag"},
        {"a lease without a time", "{does: claim, table: t, key: k, flag: f, lease: 5}", "claimed_at"},
        {"replace by the key alone", "{does: replace, table: t, key: k, columns: {A: a}, valid: v}", "id"},
        {"no such word", "{does: drop, table: t, key: k}", "does"},
    }));
    CAPTURE(row.why);
    support::AdapterBench bench;
    Mistakes mistakes;
    const std::string head = "driver: sqlite\nconnection: x.db\nwrite: true\noperations: {q: ";
    CHECK(bench.try_make(adapters::exchange_table::kind(), head + row.operation + "}\n", mistakes) == nullptr);
    REQUIRE_FALSE(mistakes.empty());
    CHECK_THAT(to_line(mistakes.front()), ContainsSubstring(row.says));
}

TEST_CASE("an exchange table is not written unless its source says so", "[adapters][exchange_table][security]") {
    support::AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(
              adapters::exchange_table::kind(),
              "driver: sqlite\nconnection: x.db\noperations: {q: {does: put, table: t, key: k, columns: {A: a}}}\n",
              mistakes) == nullptr);
    REQUIRE_FALSE(mistakes.empty());
    CHECK_THAT(to_line(mistakes.front()), ContainsSubstring("write: true"));
}

TEST_CASE("a probe says whether the tables of an exchange are there", "[adapters][exchange_table]") {
    const std::string driver = GENERATE(as<std::string>{}, "sqlite", "postgresql", "mariadb");
    CAPTURE(driver);
    const Front front{driver};
    support::AdapterBench bench;
    const auto good =
        bench.make(adapters::exchange_table::kind(), front.settings("  q: {does: look, table: req, key: dfsjzj}\n"));
    const auto found = bench.probe(*good);
    REQUIRE(found.has_value());
    CHECK(*found == adapter::Contact::authenticated);
    const auto wrong = bench.make(adapters::exchange_table::kind(),
                                  front.settings("  q: {does: look, table: nowhere, key: dfsjzj}\n"));
    CHECK(bench.probe(*wrong).error().fault() == Fault::department_refused);
}

namespace {

/// Packets of the largest size, each with the next one announced: a greeting that goes on and on.
std::string endless_greeting() {
    std::string all;
    for (char number = 0; number < 4; ++number) {
        all += std::string{"\xFF\xFF\xFF", 3} + number + std::string(0xFF'FFFF, 'x');
    }
    return all;
}

}  // namespace

TEST_CASE("a front-end database that hangs, resets or talks something else costs a call its deadline at most",
          "[adapters][exchange_table][security]") {
    using Then = support::TcpDepartment::Then;
    struct Row {
        const char* why;
        support::TcpDepartment::Act act;
        Fault fault;
    };
    const auto row = GENERATE(values<Row>({
        {"hangs", {.octets = "", .then = Then::stay}, Fault::department_timeout},
        {"resets", {.octets = "", .then = Then::reset}, Fault::department_down},
        {"drips a greeting without end",
         {.octets = std::string{"\x00\x07\x00\x00\x0A", 5} + std::string(1'787, 'x'), .piece = 1, .between = 100ms},
         Fault::department_timeout},
        {"a greeting longer than what comes",
         {.octets = std::string{"\x00\x07\x00\x00\x0A", 5} + "11.4", .then = Then::stay},
         Fault::department_timeout},
        {"half a greeting", {.octets = std::string{"\x00\x07\x00\x00\x0A", 5} + "11.4"}, Fault::department_down},
        {"a greeting without end", {.octets = endless_greeting(), .then = Then::stay}, Fault::department_down},
        {"an HTML page", {.octets = "<html>502 Bad Gateway</html>"}, Fault::department_down},
        {"nothing", {.octets = ""}, Fault::department_down},
    }));
    CAPTURE(row.why);
    support::AdapterBench bench;
    support::TcpDepartment department{[](std::string_view) { return true; }};
    department.act(row.act);
    const auto made =
        bench.make(adapters::exchange_table::kind(),
                   "driver: mariadb\nconnection: host=127.0.0.1 user=u port=" + std::to_string(department.port()) +
                       "\noperations: {q: {does: look, table: t, key: k}}\n");
    const auto began = std::chrono::steady_clock::now();
    const auto asked = ask(bench, *made, "q", fields({{"key", "1"}}), 1s);
    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().fault() == row.fault);
    CHECK(std::chrono::steady_clock::now() - began < 4s);
    department.stop();
}

TEST_CASE("an exchange table far away without TLS is warned of", "[adapters][exchange_table][security]") {
    support::AdapterBench bench;
    const std::string operations = "\noperations: {query: {does: look, table: t, key: k}}\n";
    const auto open_text = bench.make(adapters::exchange_table::kind(),
                                      "driver: mariadb\nconnection: host=10.20.30.40 user=u" + operations);
    CHECK(open_text->warnings().size() == 1);
    const auto verified =
        bench.make(adapters::exchange_table::kind(),
                   "driver: mariadb\nconnection: host=10.20.30.40 user=u ssl_ca=/ca.pem" + operations);
    CHECK(verified->warnings().empty());
}
