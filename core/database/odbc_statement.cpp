#include "core/database/odbc_statement.h"

#include <algorithm>
#include <array>
#include <utility>

namespace datong::database {
namespace {

using record::Record;

constexpr std::size_t kPiece = 4'096;  // octets of a long cell at a time
constexpr std::size_t kNameOctets = 1'024;

bool is_good(SQLRETURN code) {
    return code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO;
}

/// ODBC takes no const, and only reads.
SQLCHAR* octets_of(const std::string& text) {
    const void* data = text.data();
    return static_cast<SQLCHAR*>(const_cast<void*>(data));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

/// ODBC takes numbers of attributes as pointers.
SQLPOINTER as_pointer(std::size_t number) {
    return reinterpret_cast<SQLPOINTER>(number);  // NOLINT(performance-no-int-to-ptr)
}

struct Diagnosis {
    std::string state;
    std::string message;
};

Diagnosis diagnose(SQLSMALLINT kind, SQLHANDLE handle) {
    std::array<SQLCHAR, 6> state{};
    std::array<SQLCHAR, SQL_MAX_MESSAGE_LENGTH> message{};
    SQLINTEGER native{};
    SQLSMALLINT size{};
    if (!is_good(SQLGetDiagRec(kind, handle, 1, state.data(), &native, message.data(),
                               static_cast<SQLSMALLINT>(message.size()), &size))) {
        return {};
    }
    const void* state_text = state.data();
    const void* message_text = message.data();
    return {.state = static_cast<const char*>(state_text),
            .message = first_line(static_cast<const char*>(message_text))};
}

}  // namespace

std::string odbc_state(SQLSMALLINT kind, SQLHANDLE handle) {
    return diagnose(kind, handle).state;
}

std::string odbc_message(SQLSMALLINT kind, SQLHANDLE handle) {
    return diagnose(kind, handle).message;
}

bool OdbcStatement::prepare(std::string sql) {
    if (!is_good(SQLPrepare(handle_.get(), octets_of(sql), static_cast<SQLINTEGER>(sql.size())))) {
        return false;
    }
    SQLSMALLINT count{};
    if (!is_good(SQLNumParams(handle_.get(), &count))) {
        return false;
    }
    for (SQLUSMALLINT i = 1; i <= count; ++i) {
        SQLSMALLINT type{};
        SQLULEN size{};
        SQLSMALLINT digits{};
        SQLSMALLINT nullable{};
        const bool is_told = is_good(SQLDescribeParam(handle_.get(), i, &type, &size, &digits, &nullable));
        parameters_.push_back(is_told && type != SQL_UNKNOWN_TYPE
                                  ? Parameter{.type = type, .size = size, .digits = digits}
                                  : Parameter{});
    }
    return true;
}

std::optional<Result<Record>> OdbcStatement::run(const Look& look, const Values& values, std::size_t max_bytes,
                                                 std::size_t seconds) {
    SQLSetStmtAttr(handle_.get(), SQL_ATTR_QUERY_TIMEOUT, as_pointer(seconds), 0);  // not every driver has it
    if (!bind(values)) {
        return std::nullopt;
    }
    const SQLRETURN executed = SQLExecute(handle_.get());
    if (!is_good(executed) && executed != SQL_NO_DATA) {  // NO_DATA: an UPDATE that touched nothing
        return std::nullopt;
    }
    SQLSMALLINT columns{};
    if (executed != SQL_NO_DATA && !is_good(SQLNumResultCols(handle_.get(), &columns))) {
        return std::nullopt;
    }
    if (columns == 0) {
        SQLLEN count{};
        SQLRowCount(handle_.get(), &count);
        return affected_rows(std::to_string(std::max<SQLLEN>(count, 0)));
    }
    auto rows = learn_columns(static_cast<std::size_t>(columns)) ? take_rows(look, max_bytes) : std::nullopt;
    if (rows) {
        SQLFreeStmt(handle_.get(), SQL_CLOSE);
    }
    return rows;
}

/// What the column has; a text may be longer, which is the database's to judge.
SQLULEN OdbcStatement::size_of(const Parameter& parameter, SQLULEN octets) {
    const bool is_text = parameter.type == SQL_CHAR || parameter.type == SQL_VARCHAR || parameter.type == SQL_WCHAR ||
                         parameter.type == SQL_WVARCHAR;
    const bool is_long =
        parameter.type == SQL_LONGVARCHAR || parameter.type == SQL_WLONGVARCHAR || parameter.type == SQL_LONGVARBINARY;
    if (parameter.size == 0 || is_long) {
        return octets;
    }
    return is_text ? std::max(parameter.size, octets) : parameter.size;
}

bool OdbcStatement::bind(const Values& values) {
    if (values.size() != parameters_.size()) {
        return false;
    }
    sizes_.assign(values.size(), SQL_NULL_DATA);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto& octets = values[i].octets;
        if (octets) {
            sizes_[i] = static_cast<SQLLEN>(octets->size());
        }
        const SQLULEN size = std::max<SQLULEN>(octets ? octets->size() : 0, 1);
        const Parameter& parameter = parameters_[i];
        if (!is_good(SQLBindParameter(handle_.get(), static_cast<SQLUSMALLINT>(i + 1), SQL_PARAM_INPUT, SQL_C_CHAR,
                                      parameter.type, size_of(parameter, size), parameter.digits,
                                      octets ? octets_of(*octets) : nullptr, static_cast<SQLLEN>(size), &sizes_[i]))) {
            return false;
        }
    }
    return true;
}

bool OdbcStatement::learn_columns(std::size_t count) {
    columns_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        std::array<SQLCHAR, kNameOctets> name{};
        SQLSMALLINT size{};
        SQLSMALLINT type{};
        SQLULEN width{};
        SQLSMALLINT digits{};
        SQLSMALLINT nullable{};
        if (!is_good(SQLDescribeCol(handle_.get(), static_cast<SQLUSMALLINT>(i + 1), name.data(),
                                    static_cast<SQLSMALLINT>(name.size()), &size, &type, &width, &digits, &nullable))) {
            return false;
        }
        const bool is_binary = type == SQL_BINARY || type == SQL_VARBINARY || type == SQL_LONGVARBINARY;
        const void* text = name.data();
        columns_.push_back({.name = column_name(static_cast<const char*>(text), i, charset_),
                            .as = static_cast<SQLSMALLINT>(is_binary ? SQL_C_BINARY : SQL_C_CHAR)});
    }
    return true;
}

std::optional<Result<Record>> OdbcStatement::take_rows(const Look& look, std::size_t max_bytes) {
    Gathering gathering{look, max_bytes};
    while (true) {
        const SQLRETURN got = gathering.has_enough() ? SQL_NO_DATA : SQLFetch(handle_.get());
        if (got == SQL_NO_DATA) {
            return gathering.take();
        }
        if (!is_good(got)) {
            return std::nullopt;
        }
        Record::Object row;
        row.reserve(columns_.size());
        std::size_t room = gathering.room();  // of the cells of this row together, too
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            auto value = cell(i, room);
            if (!value) {
                return std::nullopt;
            }
            if (value->scalar().size() > room) {
                return fail(gathering.too_many_bytes());
            }
            room -= value->scalar().size();
            row.push_back({columns_[i].name, std::move(*value)});
        }
        if (auto added = gathering.add(std::move(row)); !added) {
            return fail(std::move(added.error()));
        }
    }
}

std::optional<Record> OdbcStatement::cell(std::size_t column, std::size_t most) {
    const SQLSMALLINT as = columns_[column].as;
    const std::size_t ending = as == SQL_C_CHAR ? 1 : 0;  // a zero octet behind every piece of text
    std::string octets;
    std::array<char, kPiece> piece{};
    while (octets.size() <= most) {
        SQLLEN rest{};
        const SQLRETURN got =
            SQLGetData(handle_.get(), static_cast<SQLUSMALLINT>(column + 1), as, piece.data(), piece.size(), &rest);
        if (got == SQL_NO_DATA) {
            return Record::bytes(std::move(octets));
        }
        if (!is_good(got)) {
            return std::nullopt;
        }
        if (rest == SQL_NULL_DATA) {
            return Record{};
        }
        const std::size_t full = piece.size() - ending;
        const bool is_last = rest != SQL_NO_TOTAL && static_cast<std::size_t>(rest) <= full;
        octets.append(piece.data(), is_last ? static_cast<std::size_t>(rest) : full);
        if (is_last) {
            return Record::bytes(std::move(octets));
        }
    }
    return Record::bytes(std::move(octets));
}

}  // namespace datong::database
