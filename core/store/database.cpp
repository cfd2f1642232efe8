#include "core/store/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "core/store/statement.h"

namespace datong::store {
namespace {

constexpr int kBusyMs = 5'000;

/// SQLite makes its files with the process's umask: this one is made before, for us alone; -wal and -shm follow it.
Status make_file(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), error);
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        return fail(Fault::unavailable, "store: can't write " + path);
    }
    ::close(file);
    return {};
}

}  // namespace

Status Database::execute(const std::string& sql) const {
    const int code = sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Status{} : fail(Fault::unavailable, std::string{"store: "} + sqlite3_errstr(code));
}

Status Database::settle() const {
    const int code = sqlite3_wal_checkpoint_v2(get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    return code == SQLITE_OK ? Status{} : fail(Fault::unavailable, std::string{"store: "} + sqlite3_errstr(code));
}

Status Database::prepare(const Wanted& wanted) const {
    sqlite3_busy_timeout(get(), kBusyMs);
    sqlite3_extended_result_codes(get(), 1);
    for (const std::string pragma :
         {"journal_mode = WAL", "foreign_keys = ON", "secure_delete = ON", "trusted_schema = OFF"}) {
        if (auto set = execute("PRAGMA " + pragma); !set) {
            return set;
        }
    }
    if (auto set = execute(std::string{"PRAGMA synchronous = "} + wanted.synchronous); !set) {
        return set;
    }
    Statement version{get(), "PRAGMA user_version"};
    if (version.next() && version.number(0) > wanted.version) {
        return fail(Fault::unavailable, "store: written by a later version of datong");
    }
    return execute(wanted.tables);
}

Result<Database> Database::open(const std::string& file, const Wanted& wanted) {
    const std::string path = std::filesystem::path{file}.lexically_normal().string();
    if (auto made = make_file(path); !made) {
        return fail(std::move(made.error()));
    }
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
    Database database;
    database.handle_.reset(opened);
    if (code != SQLITE_OK) {
        return fail(Fault::unavailable, "store: can't open " + path + ": " + sqlite3_errstr(code));
    }
    if (auto ready = database.prepare(wanted); !ready) {
        return fail(std::move(ready.error()).within(path));
    }
    return database;
}

}  // namespace datong::store
