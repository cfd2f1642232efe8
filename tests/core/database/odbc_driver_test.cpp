// What is asked of an ODBC driver, and told to it: seen between ours and the driver manager.

#include <dlfcn.h>
#include <sql.h>
#include <sqlext.h>
#include <sqlite3.h>

#include <optional>

#include "core/database/drivers.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using database::Dialect;
using database::Look;

namespace {

/// A parameter as a driver describes it, or as it is bound.
struct Described {
    SQLSMALLINT type{};
    SQLULEN size{};
    SQLSMALLINT digits{};
    bool operator==(const Described&) const = default;
};
std::optional<Described> described;  // what every parameter is said to be; nullopt: the driver doesn't know
std::optional<Described> bound;
std::size_t pieces{};  // of cells, fetched

template <class Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" SQLRETURN SQL_API SQLGetData(SQLHSTMT statement, SQLUSMALLINT column, SQLSMALLINT type, SQLPOINTER to,
                                        SQLLEN room, SQLLEN* size) {
    ++pieces;
    return real<decltype(SQLGetData)>("SQLGetData")(statement, column, type, to, room, size);
}

extern "C" SQLRETURN SQL_API SQLDescribeParam(SQLHSTMT /*statement*/, SQLUSMALLINT /*number*/, SQLSMALLINT* type,
                                              SQLULEN* size, SQLSMALLINT* digits, SQLSMALLINT* nullable) {
    if (!described) {
        return SQL_ERROR;
    }
    *type = described->type;
    *size = described->size;
    *digits = described->digits;
    *nullable = SQL_NULLABLE;
    return SQL_SUCCESS;
}

extern "C" SQLRETURN SQL_API SQLBindParameter(SQLHSTMT statement, SQLUSMALLINT number, SQLSMALLINT way, SQLSMALLINT c,
                                              SQLSMALLINT type, SQLULEN size, SQLSMALLINT digits, SQLPOINTER value,
                                              SQLLEN room, SQLLEN* length) {
    bound = Described{.type = type, .size = size, .digits = digits};
    return real<decltype(SQLBindParameter)>("SQLBindParameter")(statement, number, way, c, type, size, digits, value,
                                                                room, length);
}

namespace {

/// A SQLite file behind its ODBC driver.
struct Behind {
    explicit Behind(const std::string& sql, std::size_t max_answer = 1'024) {
        sqlite3* database = nullptr;
        REQUIRE(sqlite3_open((folder / "data.db").c_str(), &database) == SQLITE_OK);
        const int done = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
        sqlite3_close(database);
        REQUIRE(done == SQLITE_OK);
        auto opened = database::open_odbc(
            {.dialect = Dialect::odbc,
             .connection = Secret{"DRIVER={SQLite3};Database=" + (folder / "data.db") + ";Timeout=2000"},
             .max_answer = max_answer},
            Deadline::clock::now() + 20s);
        REQUIRE(opened.has_value());
        connection = std::move(*opened);
        REQUIRE(connection->settle(Deadline::clock::now() + 20s).has_value());
    }
    Result<record::Record> run(const std::string& sql, const database::Values& values = {}) {
        const Look look{.set = "rows", .statement = {.text = sql, .names = {}}, .max_rows = 10};
        return connection->execute(look, values, Deadline::clock::now() + 20s);
    }

    support::ScratchFolder folder;
    std::unique_ptr<database::Connection> connection;
};

}  // namespace

TEST_CASE("of a row that is too much no more is fetched through ODBC than there is room for",
          "[database][odbc][security]") {
    constexpr std::size_t kMost = 65'536;
    std::string columns;
    for (int i = 0; i < 40; ++i) {
        columns += (columns.empty() ? "" : ", ") + std::string{"hex(zeroblob(30000)) AS c"} + std::to_string(i);
    }
    Behind behind{"CREATE TABLE t AS SELECT " + columns, kMost};
    pieces = 0;
    const auto rows = behind.run("SELECT * FROM t");
    REQUIRE_FALSE(rows.has_value());
    CHECK(rows.error().fault() == Fault::department_invalid);
    CHECK(pieces > 15);
    CHECK(pieces <= kMost / 4'095 + 3);  // 4,095 octets and their ending at a time
}

TEST_CASE("what an ODBC driver says of a parameter is said to it when it is bound", "[database][odbc]") {
    struct Row {
        std::optional<Described> described;
        std::size_t octets;
        Described bound;
    };
    const auto row = GENERATE(values<Row>({
        {Described{SQL_DECIMAL, 12, 2}, 6, {SQL_DECIMAL, 12, 2}},
        {Described{SQL_TYPE_TIMESTAMP, 23, 3}, 23, {SQL_TYPE_TIMESTAMP, 23, 3}},
        {Described{SQL_VARCHAR, 20, 0}, 6, {SQL_VARCHAR, 20, 0}},
        {Described{SQL_VARCHAR, 20, 0}, 30, {SQL_VARCHAR, 30, 0}},
        {Described{SQL_LONGVARCHAR, 2'147'483'647, 0}, 6, {SQL_LONGVARCHAR, 6, 0}},
        {Described{SQL_VARCHAR, 0, 0}, 6, {SQL_VARCHAR, 6, 0}},
        {Described{SQL_UNKNOWN_TYPE, 9, 9}, 6, {SQL_VARCHAR, 6, 0}},
        {std::nullopt, 6, {SQL_VARCHAR, 6, 0}},
    }));
    CAPTURE(row.bound.type, row.bound.size, row.octets);
    Behind behind{"CREATE TABLE t (v)"};
    described = row.described;
    bound.reset();
    const std::string value = std::string{"123.45 2026-03-01 09:00:00.123456"}.substr(0, row.octets);
    REQUIRE(behind.run("SELECT v FROM t WHERE v = ?", {database::Value{.octets = value}}).has_value());
    CHECK(bound == row.bound);
    described.reset();
}
