#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "examples/departments/faults.h"
#include "examples/departments/people.h"

struct sqlite3;

namespace datong::departments {

/// One open SQLite file while it is being filled.
class TableFile {
public:
    /// Throws std::exception when it can't be opened.
    /// @param patience  how long a statement waits for a file that others hold
    explicit TableFile(const std::filesystem::path& file, std::chrono::milliseconds patience = std::chrono::seconds{5});
    ~TableFile();
    TableFile(const TableFile&) = delete;
    TableFile& operator=(const TableFile&) = delete;

    [[nodiscard]] bool done(const char* sql) const;
    void run(const char* sql) const;  ///< throws std::exception when it fails
    /// Inserts one row of text; `blob` tells which column is bytes, `null` which is null (-1: none).
    void insert(const char* sql, const std::vector<std::string>& cells, int blob = -1, int null = -1) const;
    /// @return the rows as text, null as empty. Throws std::exception when it fails.
    [[nodiscard]] std::vector<std::vector<std::string>> rows(const char* sql,
                                                             const std::vector<std::string>& values = {}) const;
    /// Every table that is there goes.
    void clear() const;

private:
    sqlite3* handle_{};
};

/// A front-end exchange database (前置库) of a department: one SQLite file, built anew at start and at every
/// change of its switch.
class FrontTables {
public:
    using Fill = std::function<void(const TableFile&, const Town&, Trouble)>;

    /// @param fill  creates the tables and their rows; plays every trouble but slow, down and hang
    FrontTables(const Town& town, Faults& faults, System system, std::filesystem::path file, Fill fill);
    ~FrontTables();
    FrontTables(const FrontTables&) = delete;
    FrontTables& operator=(const FrontTables&) = delete;

    /// Runs `work` on a connection of its own, unless the database is down; the switch waits meanwhile. What `work`
    /// throws passes: a database that hangs is one that others hold.
    void visit(const std::function<void(const TableFile&)>& work);

private:
    void follow_switch();
    void take_away();
    void hold_tables(const std::stop_token& stop, Setting setting);

    const Town& town_;
    Faults& faults_;
    System system_;
    std::filesystem::path file_;
    Fill fill_;
    std::unique_ptr<TableFile> database_;  ///< none while it is down
    std::mutex mutex_;                     ///< one switch at a time
    std::jthread holder_;                  ///< while it runs the database is its own
};

}  // namespace datong::departments
