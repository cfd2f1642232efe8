#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include <sqlite3.h>

#include "core/base/result.h"

namespace datong::store {

/// One SQLite file of ours, opened: WAL, foreign keys, what is deleted is overwritten. One thread at a time.
class Database {
public:
    static constexpr int kBusyMs = 5'000;  ///< for which one waits for another connection, unless set otherwise

    struct Wanted {
        const char* synchronous = "FULL";  ///< FULL: what is committed outlives the machine; NORMAL: the process
        std::int64_t version{};            ///< of the tables; set where they are made
        const char* tables{};              ///< SQL that makes them where they are missing
    };
    /// Makes folder and file where they are missing, readable by this user only.
    /// @return Fault::unavailable when it can't be used, or was written by a later version.
    [[nodiscard]] static Result<Database> open(const std::string& file, const Wanted& wanted);

    [[nodiscard]] sqlite3* get() const { return handle_.get(); }
    /// Statements without values.
    [[nodiscard]] Status execute(const std::string& sql) const;
    /// Brings what the write-ahead log holds into the file and cuts the log off: what was deleted stands nowhere then.
    /// @return Fault::unavailable while somebody still reads an older state.
    [[nodiscard]] Status settle() const;
    /// The same, tried again for as long as one waits for another connection: each try waits for nobody, and whoever
    /// else uses this one comes in between.
    /// @param hold  takes the turn to use it; `settled` is called while it is held, with whether it is done.
    [[nodiscard]] Status settle_between(const std::function<std::unique_lock<std::mutex>()>& hold,
                                        const std::function<void(bool)>& settled) const;
    /// Tries once, and waits for nobody.
    [[nodiscard]] Status settle_now() const;

private:
    [[nodiscard]] Status prepare(const Wanted& wanted) const;
    [[nodiscard]] Result<std::int64_t> version() const;

    struct Close {
        void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
    };
    std::unique_ptr<sqlite3, Close> handle_;
};

/// Whether something failed because the file is not, or no longer, a whole database.
[[nodiscard]] bool is_damage(const Error& error);

}  // namespace datong::store
