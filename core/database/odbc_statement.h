#pragma once

#include <sql.h>
#include <sqlext.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/database/connection.h"

namespace datong::database {

/// An ODBC handle of one kind, freed with it.
template <SQLSMALLINT kind>
class OdbcHandle {
public:
    OdbcHandle() = default;
    explicit OdbcHandle(SQLHANDLE parent) { SQLAllocHandle(kind, parent, &handle_); }
    OdbcHandle(OdbcHandle&& other) noexcept : handle_{std::exchange(other.handle_, nullptr)} {}
    OdbcHandle& operator=(OdbcHandle&&) = delete;
    OdbcHandle(const OdbcHandle&) = delete;
    OdbcHandle& operator=(const OdbcHandle&) = delete;
    ~OdbcHandle() {
        if (handle_ != nullptr) {
            SQLFreeHandle(kind, handle_);
        }
    }
    [[nodiscard]] SQLHANDLE get() const noexcept { return handle_; }

private:
    SQLHANDLE handle_{};
};

/// Five characters, or "" when there is none. Source: ODBC 3.8, Appendix A, ODBC Error Codes.
[[nodiscard]] std::string odbc_state(SQLSMALLINT kind, SQLHANDLE handle);
/// The first message of the driver: of a connection or a statement's text, which hold no value.
[[nodiscard]] std::string odbc_message(SQLSMALLINT kind, SQLHANDLE handle);

/// A prepared statement through ODBC. Every cell comes as the driver writes it as text, binary columns as octets.
class OdbcStatement {
public:
    OdbcStatement(SQLHANDLE connection, charset::Charset charset) : handle_{connection}, charset_{charset} {}

    [[nodiscard]] bool prepare(std::string sql);
    /// @param seconds  the driver's time-out; 0: none.
    /// @return nullopt when the driver failed, state() says why; over a limit, department_invalid.
    [[nodiscard]] std::optional<Result<record::Record>> run(const Look& look, const Values& values,
                                                            std::size_t max_bytes, std::size_t seconds);
    /// From any thread, while another runs it. The driver may ask the server, and wait.
    void cancel() noexcept { SQLCancel(handle_.get()); }
    [[nodiscard]] std::string state() const { return odbc_state(SQL_HANDLE_STMT, handle_.get()); }
    [[nodiscard]] std::string message() const { return odbc_message(SQL_HANDLE_STMT, handle_.get()); }

private:
    /// As the driver describes it: of how many digits, and how many behind the point, or of a second.
    struct Parameter {
        SQLSMALLINT type = SQL_VARCHAR;
        SQLULEN size{};
        SQLSMALLINT digits{};
    };
    struct Column {
        std::string name;
        SQLSMALLINT as{};  ///< SQL_C_BINARY or SQL_C_CHAR
    };
    [[nodiscard]] bool bind(const Values& values);
    [[nodiscard]] static SQLULEN size_of(const Parameter& parameter, SQLULEN octets);
    [[nodiscard]] bool learn_columns(std::size_t count);
    [[nodiscard]] std::optional<Result<record::Record>> take_rows(const Look& look, std::size_t max_bytes);
    /// @return nullopt when it could not be fetched; more than `most` octets: one more than that of them.
    [[nodiscard]] std::optional<record::Record> cell(std::size_t column, std::size_t most);

    OdbcHandle<SQL_HANDLE_STMT> handle_;
    charset::Charset charset_;
    std::vector<SQLLEN> sizes_;  ///< of what is bound
    std::vector<Parameter> parameters_;
    std::vector<Column> columns_;
};

}  // namespace datong::database
