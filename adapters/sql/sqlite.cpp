// First, for Poco's own format() must be read before <chrono>, which brings std::format along in libstdc++ 13: its
// unqualified calls would be ambiguous (Poco 1.11 and 1.12).
#include "adapters/sql/poco_connection.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/SQLite/SessionImpl.h>
#include <Poco/Data/SQLite/Utility.h>
#include <sqlite3.h>

#include "adapters/sql/drivers.h"

namespace datong::adapters::sql {
namespace {

namespace lite = Poco::Data::SQLite;
using Now = std::chrono::steady_clock;

constexpr int kStepsBetweenLooks = 1'000;  // of SQLite's virtual machine: well under a millisecond

/// A URI, for only that can say mode=ro, and never makes a file that is not there.
std::string uri_of(const std::string& path, bool read_only) {
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
    return uri + (read_only ? "?mode=ro" : "?mode=rw");
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
        : PocoConnection{session, opening}, database_{lite::Utility::dbHandle(session)} {
        sqlite3_progress_handler(database_, kStepsBetweenLooks, is_over, this);
    }
    ~SqliteConnection() override { sqlite3_progress_handler(database_, 0, nullptr, nullptr); }

private:
    static int is_over(void* connection) noexcept {
        return Now::now() >= static_cast<const SqliteConnection*>(connection)->deadline_ ? 1 : 0;
    }

    void limit_to(Deadline deadline) override {
        deadline_ = deadline;
        const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Now::now()).count();
        sqlite3_busy_timeout(database_, static_cast<int>(std::clamp<std::int64_t>(rest, 1, 600'000)));
    }

    Error error_of(const Poco::Exception& exception) override {
        if (dynamic_cast<const lite::InterruptException*>(&exception) != nullptr) {
            return {Fault::department_timeout, "SQLite was stopped at the deadline"};
        }
        if (is_locked(exception)) {
            return {Fault::department_timeout, "SQLite's file stayed locked"};
        }
        if (is_broken(exception)) {
            return {Fault::department_down, std::string{"SQLite: "} + exception.name()};
        }
        return {Fault::department_refused, std::string{"SQLite: "} + exception.name()};
    }

    sqlite3* database_;
    Deadline deadline_{Deadline::max()};
};

}  // namespace

Result<std::unique_ptr<Connection>> open_sqlite(const Opening& opening) {
    try {
        const Poco::AutoPtr<Poco::Data::SessionImpl> session{
            new lite::SessionImpl{uri_of(opening.connection.reveal(), opening.read_only), 0}};  // AutoPtr owns
        return std::make_unique<SqliteConnection>(Poco::Data::Session{session}, opening);
    } catch (const Poco::Exception& exception) {
        return fail(Fault::department_down, std::string{"SQLite: "} + exception.name());
    }
}

}  // namespace datong::adapters::sql
