#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "core/base/result.h"

namespace datong::store {

/// One SQL statement on its way through SQLite. Values are bound, never pasted. One thread.
class Statement {
public:
    Statement(sqlite3* database, std::string_view sql);

    Statement& bind(std::string_view text);
    Statement& bind(std::int64_t number);
    Statement& bind_octets(std::string_view octets);
    /// The next row. @return false at the end, and after a failure: ask status() then.
    [[nodiscard]] bool next();
    /// Runs a statement that gives no rows.
    [[nodiscard]] Status run();
    /// Makes it ready for other values, without preparing it anew; a failure stays.
    Statement& again();
    /// @return Fault::unavailable with SQLite's words, which never hold a value.
    [[nodiscard]] Status status() const;

    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::int64_t number(int column) const;

private:
    void note(int code);

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    int bound_{};
    int failed_{SQLITE_OK};
};

/// What is done between begin and commit stands whole or not at all: leaving without commit undoes it.
class Transaction {
public:
    explicit Transaction(sqlite3* database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    /// @return Fault::unavailable when it could not begin: nothing may be done then.
    [[nodiscard]] Status begun() const;
    /// Durable when it returns good.
    [[nodiscard]] Status commit();

private:
    sqlite3* database_;
    bool open_;
};

}  // namespace datong::store
