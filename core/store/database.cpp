#include "core/store/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "core/store/statement.h"

namespace datong::store {
namespace {

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

/// SQLite's own methods on a file, but for one.
struct Methods {
    sqlite3_io_methods ours;  // first: a file points to it
    const sqlite3_io_methods* original;
};

/// What a signal interrupted is done again, as SQLite does with its reads and writes: it says nothing about the disk.
int sync_patiently(sqlite3_file* file, int flags) {
    const sqlite3_io_methods* original = reinterpret_cast<const Methods*>(file->pMethods)->original;
    int code = SQLITE_OK;
    int why = 0;
    do {
        code = original->xSync(file, flags);
        original->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &why);
    } while (code == SQLITE_IOERR_FSYNC && why == EINTR);
    return code;
}

/// One for each kind of file that SQLite has, kept to the end of the process.
const Methods& patient(const sqlite3_io_methods* original) {
    static std::mutex mutex;
    // never destroyed: a thread that was left at the end may still use it
    static auto* const all = new std::map<const sqlite3_io_methods*, Methods>;
    const std::lock_guard lock{mutex};
    const auto [made, is_new] = all->try_emplace(original, Methods{.ours = *original, .original = original});
    made->second.ours.xSync = sync_patiently;
    return made->second;
}

int open_patiently(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* given) {
    sqlite3_vfs* usual = sqlite3_vfs_find(nullptr);
    const int code = usual->xOpen(usual, name, file, flags, given);
    if (file->pMethods != nullptr) {
        file->pMethods = &patient(file->pMethods).ours;
    }
    return code;
}

constexpr const char* kVfs = "datong";

/// SQLite's usual files with syncs that are done again. Registered once.
const char* vfs() {
    // before anything else of it: a count of all its memory, which nobody asks for, takes a lock at each allocation
    static const int counts_no_memory = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(counts_no_memory);  // refused where it is in use already, and then it counts
    static sqlite3_vfs ours = [] {
        sqlite3_vfs made = *sqlite3_vfs_find(nullptr);
        made.zName = kVfs;
        made.pNext = nullptr;
        made.xOpen = open_patiently;
        return made;
    }();
    static const int registered = sqlite3_vfs_register(&ours, 0);
    return registered == SQLITE_OK ? kVfs : nullptr;
}

}  // namespace

bool is_damage(const Error& error) {
    const auto says = [&error](int code) { return error.detail().find(sqlite3_errstr(code)) != std::string::npos; };
    return says(SQLITE_CORRUPT) || says(SQLITE_NOTADB);
}

Status Database::execute(const std::string& sql) const {
    const int code = sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Status{} : fail(Fault::unavailable, std::string{"store: "} + sqlite3_errstr(code));
}

Status Database::settle() const {
    const int code = sqlite3_wal_checkpoint_v2(get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    return code == SQLITE_OK ? Status{} : fail(Fault::unavailable, std::string{"store: "} + sqlite3_errstr(code));
}

Status Database::settle_now() const {
    sqlite3_busy_timeout(get(), 0);
    auto done = settle();
    sqlite3_busy_timeout(get(), kBusyMs);
    return done;
}

Status Database::settle_between(const std::function<std::unique_lock<std::mutex>()>& hold,
                                const std::function<void(bool)>& settled) const {
    constexpr std::chrono::milliseconds kBetween{20};
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{kBusyMs};
    for (;;) {
        {
            const auto held = hold();
            auto done = settle_now();
            settled(done.has_value());
            if (done || std::chrono::steady_clock::now() >= until) {
                return done;
            }
        }
        std::this_thread::sleep_for(kBetween);  // another process may read there: nobody tells when it is done
    }
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
    const auto found = version();
    if (!found) {
        return fail(found.error());
    }
    if (*found > wanted.version) {
        return fail(Fault::unavailable, "store: written by a later version of datong");
    }
    auto made = execute(wanted.tables);
    // written once: who opens it again waits for no other writer
    return made && *found < wanted.version ? execute("PRAGMA user_version = " + std::to_string(wanted.version)) : made;
}

/// Has read to its end when it returns: SQLite doesn't wait for a writer where a statement under way reads already.
Result<std::int64_t> Database::version() const {
    Statement read{get(), "PRAGMA user_version"};
    const std::int64_t found = read.next() ? read.number(0) : 0;
    auto good = read.status();
    return good ? Result<std::int64_t>{found} : fail(std::move(good.error()));
}

Result<Database> Database::open(const std::string& file, const Wanted& wanted) {
    const std::string path = std::filesystem::path{file}.lexically_normal().string();
    if (auto made = make_file(path); !made) {
        return fail(std::move(made.error()));
    }
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, vfs());
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
