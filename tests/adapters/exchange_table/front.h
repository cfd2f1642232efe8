#pragma once

#include <memory>
#include <string>

#include "adapters/exchange_table/exchange_table_adapter.h"
#include "core/database/drivers.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/mariadb_server.h"
#include "tests/support/postgres_server.h"
#include "tests/support/scratch_folder.h"

namespace datong::support {

/// A front-end exchange database of one kind, with the tables `req` (requests) and `ans` (answers), as the department
/// sees it.
class Front {
public:
    /// @param driver  sqlite, postgresql or mariadb; the servers are one for the whole program.
    explicit Front(const std::string& driver) : driver_{driver} {
        std::string serial = "serial primary key";
        std::string text = "varchar(200)";
        if (driver == "sqlite") {
            folder_.write("front.db", "");
            opening_ = {.dialect = database::Dialect::sqlite, .connection = Secret{folder_ / "front.db"}};
            serial = "INTEGER PRIMARY KEY AUTOINCREMENT";
        } else if (driver == "postgresql") {
            opening_ = {.dialect = database::Dialect::postgresql, .connection = Secret{postgres().connection()}};
        } else {
            opening_ = {.dialect = database::Dialect::mariadb, .connection = Secret{mariadb().connection()}};
            serial = "int auto_increment primary key";
            text = "varchar(200) CHARACTER SET utf8mb4";
        }
        opening_.write = true;
        opening_.max_answer = 1U << 20U;
        run("DROP TABLE IF EXISTS req");
        run("DROP TABLE IF EXISTS ans");
        run("CREATE TABLE req (lsh " + serial + ", dfsjzj varchar(64), xm " + text +
            ", je decimal(12,2), sync char(1), sjyxbs char(1), sjwxyy " + text + ", sbyy " + text + ")");
        run("CREATE TABLE ans (lsh " + serial + ", dfsjzj varchar(64), jg varchar(3000), sync char(1), sbyy " + text +
            ", sjgxsj varchar(19), cs int)");
    }

    [[nodiscard]] std::string settings(const std::string& operations, const std::string& more = {}) const {
        return "driver: " + driver_ + "\nconnection: " + opening_.connection.reveal() + "\nwrite: true\n" + more +
               "operations:\n" + operations;
    }
    [[nodiscard]] const database::Opening& opening() const { return opening_; }
    /// Rows of the first column, joined by commas; SQL of the test's own.
    [[nodiscard]] std::string read(const std::string& sql) const {
        const auto rows = execute(sql);
        std::string joined;
        for (const record::Record& row : rows.items()) {
            joined += (joined.empty() ? "" : ",") + std::string{row.members().front().value.scalar()};
        }
        return joined;
    }
    void run(const std::string& sql) const { static_cast<void>(execute(sql)); }

    static PostgresServer& postgres() {
        static PostgresServer one;
        return one;
    }
    static MariadbServer& mariadb() {
        static MariadbServer one;
        return one;
    }

private:
    record::Record execute(const std::string& sql) const {
        const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        async::Interrupt interrupt;
        auto connection = database::open(opening_, deadline, interrupt);
        if (!connection) {
            throw std::runtime_error{connection.error().detail()};
        }
        auto rows =
            (*connection)
                ->execute({.set = "test", .statement = {.text = sql, .names = {}}, .max_rows = 1'000}, {}, deadline);
        if (!rows) {
            throw std::runtime_error{rows.error().detail()};
        }
        return std::move(*rows);
    }

    std::string driver_;
    ScratchFolder folder_;
    database::Opening opening_;
};

inline Result<record::Record> ask(AdapterBench& bench, adapter::Adapter& made, const std::string& operation,
                                  const record::Record& fields, std::chrono::milliseconds limit = 10s) {
    adapter::Ask what;
    what.operation = operation;
    what.fields = fields;
    auto reply = bench.ask(made, std::move(what), limit);
    if (!reply) {
        return fail(std::move(reply.error()));
    }
    return std::move(reply->rows);
}

inline record::Record fields(std::initializer_list<std::pair<const char*, const char*>> texts) {
    record::Record made = record::Record::object();
    for (const auto& [name, value] : texts) {
        made.put(name, record::Record::text(value));
    }
    return made;
}

/// "1" when a row was written, "0" when it stood there already; else the fault's code.
inline std::string written(const Result<record::Record>& rows) {
    if (!rows) {
        return std::string{row_of(rows.error().fault()).code};
    }
    return std::string{rows->find("row")->items().front().find("written")->scalar()};
}

}  // namespace datong::support
