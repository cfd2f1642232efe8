// First, for Poco's own format() must be read before <chrono>, which brings std::format along in libstdc++ 13: its
// unqualified calls would be ambiguous (Poco 1.11 and 1.12).
#include "core/database/poco_connection.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/SQLite/SessionImpl.h>
#include <Poco/Data/SQLite/Utility.h>
#include <sqlite3.h>

#include "core/database/drivers.h"

namespace datong::database {
namespace {

namespace lite = Poco::Data::SQLite;
using Now = std::chrono::steady_clock;

constexpr int kStepsBetweenLooks = 1'000;  // of SQLite's virtual machine: well under a millisecond

/// A URI, for only that can say mode=ro, and never makes a file that is not there.
std::string uri_of(const std::string& path, bool write) {
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            constexpr std::string_view kDigits = "0123456789ABCDEF";
            const auto octet = static_cast<unsigned char>(c);
            uri += {'%', kDigits[octet >> 4U], kDigits[octet & 15U]};
        } else {
            uri += c;
        }
    }
    return uri + (write ? "?mode=rw" : "?mode=ro");
}

bool is_locked(const Poco::Exception& exception) {
    return dynamic_cast<const lite::DBLockedException*>(&exception) != nullptr ||
           dynamic_cast<const lite::TableLockedException*>(&exception) != nullptr;
}

bool is_broken(const Poco::Exception& exception) {
    return dynamic_cast<const lite::CantOpenDBFileException*>(&exception) != nullptr ||
           dynamic_cast<const lite::IOErrorException*>(&exception) != nullptr ||
           dynamic_cast<const lite::CorruptImageException*>(&exception) != nullptr ||
           dynamic_cast<const Poco::Data::ConnectionFailedException*>(&exception) != nullptr ||
           dynamic_cast<const Poco::Data::NotConnectedException*>(&exception) != nullptr;
}

class SqliteConnection final : public PocoConnection {
public:
    SqliteConnection(const Poco::Data::Session& session, const Opening& opening)
        : PocoConnection{session, opening},
          write_{opening.write},
          charset_{opening.charset},
          database_{lite::Utility::dbHandle(session)} {
        sqlite3_progress_handler(database_, kStepsBetweenLooks, is_over, this);
        sqlite3_commit_hook(database_, refuse_late, this);
    }
    ~SqliteConnection() override {
        sqlite3_progress_handler(database_, 0, nullptr, nullptr);
        sqlite3_commit_hook(database_, nullptr, nullptr);
    }

    /// Who writes locks the file at once: nobody can come between what was read and what is written.
    Status begin(Deadline deadline) override {
        limit_to(deadline);
        return command(write_ ? "BEGIN IMMEDIATE" : "BEGIN");
    }
    Status commit(Deadline deadline) override {
        limit_to(deadline);
        return command("COMMIT");
    }
    void rollback() override { sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr); }
    bool has_collided() const override { return collided_; }
    std::string quoted(std::string_view name) const override { return between("\"", name); }

protected:
    /// Of SQLite itself, which compiles a kept statement anew where its tables were changed. One runs at a time.
    std::vector<std::string> columns_now() override {
        sqlite3_stmt* running = sqlite3_next_stmt(database_, nullptr);
        while (running != nullptr && sqlite3_stmt_busy(running) == 0) {
            running = sqlite3_next_stmt(database_, running);
        }
        std::vector<std::string> names;
        for (int i = 0; i < sqlite3_column_count(running); ++i) {
            const char* name = sqlite3_column_name(running, i);
            names.push_back(column_name(name == nullptr ? "" : name, static_cast<std::size_t>(i), charset_));
        }
        return names;
    }

private:
    Status command(const char* sql) {
        const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
        if (code == SQLITE_OK) {
            return {};
        }
        if (late_) {
            return give_up(late());
        }
        const bool locked = code == SQLITE_BUSY || code == SQLITE_INTERRUPT;
        return give_up(locked ? Error{Fault::department_timeout, "SQLite's file stayed locked"}
                              : Error{Fault::department_down, std::string{"SQLite: "} + sqlite3_errstr(code)});
    }

    static int is_over(void* connection) noexcept {
        return Now::now() >= static_cast<const SqliteConnection*>(connection)->deadline_ ? 1 : 0;
    }

    /// Nothing is written behind the deadline, when who asked may have been told that it was not, and asks anew: SQLite
    /// counts its naps for a lock and not the clock, and one step of a statement may take long.
    /// @return not 0: the commit becomes a rollback.
    static int refuse_late(void* connection) noexcept {
        auto* self = static_cast<SqliteConnection*>(connection);
        self->late_ = is_over(connection) != 0;
        return self->late_ ? 1 : 0;
    }
    static Error late() { return {Fault::department_timeout, "SQLite was stopped at the deadline"}; }

    void limit_to(Deadline deadline) override {
        deadline_ = deadline;
        late_ = false;
        const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Now::now()).count();
        sqlite3_busy_timeout(database_, static_cast<int>(std::clamp<std::int64_t>(rest, 1, 600'000)));
    }

    Error error_of(const Poco::Exception& exception) override {
        collided_ = !late_ && dynamic_cast<const lite::ConstraintViolationException*>(&exception) != nullptr;
        if (late_ || dynamic_cast<const lite::InterruptException*>(&exception) != nullptr) {
            return late();
        }
        if (is_locked(exception)) {
            return {Fault::department_timeout, "SQLite's file stayed locked"};
        }
        if (dynamic_cast<const Poco::AssertionViolationException*>(&exception) != nullptr) {
            // Poco counts the columns when it prepares; a fresh connection sees the table as it is
            return {Fault::department_down, "SQLite: a table was made anew with other columns"};
        }
        if (is_broken(exception)) {
            return {Fault::department_down, std::string{"SQLite: "} + exception.name()};
        }
        return {Fault::department_refused, std::string{"SQLite: "} + exception.name()};
    }

    bool write_;
    charset::Charset charset_;
    sqlite3* database_;
    bool collided_{};
    bool late_{};  ///< the last commit was refused for the deadline
    Deadline deadline_{Deadline::max()};
};

}  // namespace

Result<std::unique_ptr<Connection>> open_sqlite(const Opening& opening) {
    try {
        const Poco::AutoPtr<Poco::Data::SessionImpl> session{
            new lite::SessionImpl{uri_of(opening.connection.reveal(), opening.write), 0}};  // AutoPtr owns
        return std::make_unique<SqliteConnection>(Poco::Data::Session{session}, opening);
    } catch (const Poco::Exception& exception) {
        return fail(Fault::department_down, std::string{"SQLite: "} + exception.name());
    }
}

}  // namespace datong::database
