#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

#include "core/codec/json.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

constexpr const char* kPush = "/v1/services/case-push-land";

constexpr const char* kTable = R"yaml(  land-acceptance:
    adapter: sql
    settings:
      driver: sqlite
      connection: ../front.db
      write: true
      operations:
        push:
          safe: false
          sets:
            t: {sql: "INSERT INTO TS (LSH, BJBH, SXBM, XM, ZJLX, ZJHM, DQBM) VALUES (:lsh, :bjbh, :sxbm, :xm, :zjlx, :zjhm, :dqbm)"}
        find: {sets: {t: {sql: "SELECT BJBH, ZT, ZJHM FROM TS WHERE BJBH = :bjbh"}}}
        result: {sets: {t: {sql: "SELECT BJBH, ZT, ZJHM FROM TS WHERE BJBH = :bjbh"}}}
    limits: {in_flight: 4, call_ms: 3000}
)yaml";

constexpr const char* kWrittenSchema = R"(datong: source/v1
id: front.written
version: 1.0.0
title: 前置库写入结果
fields: [{path: t.affected, type: integer, label: 写入行数}]
)";

constexpr const char* kWritten = R"(datong: mapping/v1
id: front.written
version: 1.0.0
title: 前置库写入结果 → 回执
source: {system: front, format: rows, schema: schemas/front-written.source.yaml, sets: {t: {rows: one}}}
target: {format: json, schema: schemas/case-receipt.schema.json}
fields:
  - {to: caseNumber, from_ctx: case_number, required: true}
  - to: state
    required: true
    cases:
      - {when: "t.affected == 1", value: deferred}
      - {else: true, error: {rule: front.not_written, message: 没有写入}}
  - {to: applicantIdNo, from_ctx: subject.id_no, required: true}
)";

constexpr const char* kRowSchema = R"(datong: source/v1
id: front.row
version: 1.0.0
title: 前置库推送表
fields:
  - {path: t.BJBH, type: text, label: 办件编号}
  - {path: t.ZT, type: text, label: 状态, codes: ["0", "1", "2", "3", "4"]}
  - {path: t.ZJHM, type: text, label: 证件号码, class: sensitive}
)";

constexpr const char* kRow = R"(datong: mapping/v1
id: front.row
version: 1.0.0
title: 前置库推送表 → 回执
source: {system: front, format: rows, schema: schemas/front-row.source.yaml, sets: {t: {rows: one, empty: not_found}}}
target: {format: json, schema: schemas/case-receipt.schema.json}
tables: {state: tables/acceptance/state.csv}
fields:
  - {to: caseNumber, from: t.BJBH, required: true}
  - {to: state, from: t.ZT, steps: [{lookup: state}], required: true}
  - {to: applicantIdNo, from: t.ZJHM, required: true}
)";

void replace(std::string& text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    if (at == std::string::npos) {
        throw std::runtime_error{"no " + what};
    }
    text.replace(at, what.size(), with);
}

/// The department's front-end database, and land pushed to through it.
void use_table(const std::string& config) {
    const std::string mappings = config + "/../mappings";
    write_text(mappings + "/schemas/front-written.source.yaml", kWrittenSchema);
    write_text(mappings + "/schemas/front-row.source.yaml", kRowSchema);
    write_text(mappings + "/acceptance/front-written.yaml", kWritten);
    write_text(mappings + "/acceptance/front-row.yaml", kRow);
    std::string land = read_file(config + "/departments/land.yaml");
    land.resize(land.find("  land-acceptance:"));
    std::string table = kTable;
    replace(table, "../front.db", std::filesystem::canonical(config + "/..").string() + "/front.db");
    write_text(config + "/departments/land.yaml", land + table);
    std::string service = read_file(config + "/services/case-push-land.yaml");
    replace(service, "response: acceptance/receipt.yaml", "response: acceptance/front-written.yaml");
    replace(service, "response: acceptance/receipt.yaml", "response: acceptance/front-row.yaml");
    replace(service, "no_reply: unknown", "no_reply: deferred");
    write_text(config + "/services/case-push-land.yaml", service);
}

class Table {
public:
    explicit Table(const std::string& file) {
        sqlite3* opened = nullptr;
        if (sqlite3_open(file.c_str(), &opened) != SQLITE_OK) {
            throw std::runtime_error{"can't open the table"};
        }
        database_.reset(opened);
        sqlite3_busy_timeout(opened, 5'000);
    }
    void execute(const char* sql) {
        if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
            throw std::runtime_error{sqlite3_errmsg(database_.get())};
        }
    }
    [[nodiscard]] int count() {
        int rows = 0;
        const auto take = [](void* into, int, char** cells, char**) {
            *static_cast<int*>(into) = std::stoi(cells[0]);
            return 0;
        };
        sqlite3_exec(database_.get(), "SELECT count(*) FROM TS", take, &rows, nullptr);
        return rows;
    }

private:
    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close(database); }
    };
    std::unique_ptr<sqlite3, Close> database_;
};

Record body_of(const GatewayUnderTest& gateway, const std::string& key) {
    Record body = gateway.body(kPush);
    body.find("context")->put("idempotency_key", Record::text(key));
    return body;
}

}  // namespace

TEST_CASE("a front-end table keeps what is pushed: deferred, then what the department makes of it",
          "[journey][submit]") {
    GatewayUnderTest gateway{{.change = use_table}};
    Table table{gateway.folder() + "/front.db"};
    table.execute(
        "CREATE TABLE TS (LSH TEXT PRIMARY KEY, BJBH TEXT, SXBM TEXT, XM TEXT, ZJLX TEXT, ZJHM TEXT, DQBM "
        "TEXT, ZT TEXT NOT NULL DEFAULT '0')");
    const Platform platform = gateway.platform();
    const auto answer = platform.call(kPush, body_of(gateway, "case-1"));
    CAPTURE(answer.body);
    CHECK(answer.status == 202);
    CHECK(json_of(answer).text_of("outcome") == "deferred");
    CHECK(table.count() == 1);

    // the same again, and another key for the same case, write no second row
    CHECK(json_of(platform.call(kPush, body_of(gateway, "case-1"))).text_of("outcome") == "deferred");
    CHECK(json_of(platform.call(kPush, body_of(gateway, "case-2"))).find("already")->truth());
    CHECK(table.count() == 1);

    table.execute("UPDATE TS SET ZT = '1'");
    const auto accepted = platform.call(kPush, body_of(gateway, "case-1"));
    CHECK(accepted.status == 200);
    CHECK(json_of(accepted).text_of("outcome") == "accepted");
    table.execute("UPDATE TS SET ZT = '3'");
    const auto done = platform.send(platform.prepare_get(json_of(answer).text_of("status")));
    CHECK(json_of(done).text_of("outcome") == "done");
    CHECK(table.count() == 1);
}

TEST_CASE("a table that is locked until the deadline takes no row behind it, and is asked", "[journey][submit][slow]") {
    GatewayUnderTest gateway{{.change = use_table}};
    Table table{gateway.folder() + "/front.db"};
    table.execute(
        "CREATE TABLE TS (LSH TEXT PRIMARY KEY, BJBH TEXT, SXBM TEXT, XM TEXT, ZJLX TEXT, ZJHM TEXT, DQBM "
        "TEXT, ZT TEXT NOT NULL DEFAULT '0')");
    table.execute("BEGIN IMMEDIATE");  // readers go on, a writer waits
    const auto answer = gateway.platform().call(kPush, body_of(gateway, "case-1"));
    CAPTURE(answer.body);
    CHECK(answer.status == 202);
    table.execute("ROLLBACK");
    const auto again = gateway.platform().call(kPush, body_of(gateway, "case-1"));
    CAPTURE(again.body);
    CHECK(again.status == 202);  // it is not sent again under this key
    CHECK(table.count() == 0);
    const auto anew = gateway.platform().call(kPush, body_of(gateway, "case-2"));
    CHECK(json_of(anew).text_of("outcome") == "deferred");
    CHECK(table.count() == 1);
}
