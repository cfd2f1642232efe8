#include "core/store/statement.h"

namespace datong::store {
namespace {

Status failure(int code) {
    return fail(Fault::unavailable, std::string{"store: "} + sqlite3_errstr(code));
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view sql) {
    sqlite3_stmt* made = nullptr;
    note(sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &made, nullptr));
    statement_.reset(made);
}

Statement& Statement::bind(std::string_view text) {
    const char* data = text.data() != nullptr ? text.data() : "";  // a null pointer would bind NULL
    note(sqlite3_bind_text64(statement_.get(), ++bound_, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind(std::int64_t number) {
    note(sqlite3_bind_int64(statement_.get(), ++bound_, number));
    return *this;
}

Statement& Statement::bind_octets(std::string_view octets) {
    const char* data = octets.data() != nullptr ? octets.data() : "";
    note(sqlite3_bind_blob64(statement_.get(), ++bound_, data, octets.size(), SQLITE_TRANSIENT));
    return *this;
}

bool Statement::next() {
    if (failed_ != SQLITE_OK) {
        return false;
    }
    const int code = sqlite3_step(statement_.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        note(code);
    }
    return code == SQLITE_ROW;
}

Status Statement::run() {
    while (next()) {
    }
    return status();
}

Statement& Statement::again() {
    sqlite3_reset(statement_.get());  // what it says is the last step's failure, which is noted
    sqlite3_clear_bindings(statement_.get());
    bound_ = 0;
    return *this;
}

Status Statement::status() const {
    return failed_ == SQLITE_OK ? Status{} : failure(failed_);
}

std::string Statement::text(int column) const {
    const void* octets = sqlite3_column_blob(statement_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return octets != nullptr ? std::string{static_cast<const char*>(octets), size} : std::string{};
}

std::int64_t Statement::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

void Statement::note(int code) {
    if (code != SQLITE_OK && failed_ == SQLITE_OK) {
        failed_ = code;
    }
}

Transaction::Transaction(sqlite3* database)
    : database_{database}, open_{sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK} {
}

Status Transaction::begun() const {
    return open_ ? Status{} : fail(Fault::unavailable, "store: can't be written now");
}

Transaction::~Transaction() {
    if (open_) {
        sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

Status Transaction::commit() {
    if (auto good = begun(); !good) {
        return good;
    }
    const int code = sqlite3_exec(database_, "COMMIT", nullptr, nullptr, nullptr);
    open_ = code != SQLITE_OK;  // a failed commit is rolled back when this goes
    return open_ ? failure(code) : Status{};
}

}  // namespace datong::store
