#include "examples/departments/front_tables.h"

#include <condition_variable>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <sqlite3.h>

namespace datong::departments {
namespace {

constexpr std::chrono::milliseconds kPause{20};      // between two holds of a slow loader
constexpr std::chrono::milliseconds kPatience{200};  // of a visitor, for whom the switch waits

}  // namespace

TableFile::TableFile(const std::filesystem::path& file, std::chrono::milliseconds patience) {
    if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) {
        throw std::runtime_error{"database can't be opened: " + file.string()};
    }
    sqlite3_busy_timeout(handle_, static_cast<int>(patience.count()));
}

TableFile::~TableFile() {
    sqlite3_close(handle_);
}

bool TableFile::done(const char* sql) const {
    return sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

void TableFile::run(const char* sql) const {
    if (!done(sql)) {
        throw std::runtime_error{std::string{"front-end database: "} + sqlite3_errmsg(handle_)};
    }
}

void TableFile::insert(const char* sql, const std::vector<std::string>& cells, int blob, int null) const {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr) != SQLITE_OK) {
        throw std::runtime_error{std::string{"front-end database: "} + sqlite3_errmsg(handle_)};
    }
    for (int i = 0; i < static_cast<int>(cells.size()); ++i) {
        const std::string& cell = cells[static_cast<std::size_t>(i)];
        const int size = static_cast<int>(cell.size());
        if (i == null) {
            sqlite3_bind_null(statement, i + 1);
        } else if (i == blob) {
            sqlite3_bind_blob(statement, i + 1, cell.data(), size, SQLITE_TRANSIENT);
        } else {
            sqlite3_bind_text(statement, i + 1, cell.data(), size, SQLITE_TRANSIENT);
        }
    }
    const bool inserted = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    if (!inserted) {
        throw std::runtime_error{std::string{"front-end database: "} + sqlite3_errmsg(handle_)};
    }
}

std::vector<std::vector<std::string>> TableFile::rows(const char* sql, const std::vector<std::string>& values) const {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr) != SQLITE_OK) {
        throw std::runtime_error{std::string{"front-end database: "} + sqlite3_errmsg(handle_)};
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        sqlite3_bind_text(statement, static_cast<int>(i) + 1, values[i].data(), static_cast<int>(values[i].size()),
                          SQLITE_TRANSIENT);
    }
    std::vector<std::vector<std::string>> found;
    int step = sqlite3_step(statement);
    for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
        std::vector<std::string>& row = found.emplace_back();
        for (int i = 0; i < sqlite3_column_count(statement); ++i) {
            const unsigned char* text = sqlite3_column_text(statement, i);
            row.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
        }
    }
    sqlite3_finalize(statement);
    if (step != SQLITE_DONE) {
        throw std::runtime_error{std::string{"front-end database: "} + sqlite3_errmsg(handle_)};
    }
    return found;
}

void TableFile::clear() const {
    std::string drops;
    const auto add = [](void* into, int, char** cells, char**) {
        *static_cast<std::string*>(into) += std::string{"DROP TABLE \""} + cells[0] + "\";";
        return 0;
    };
    sqlite3_exec(handle_, "SELECT name FROM sqlite_master WHERE type = 'table'", add, &drops, nullptr);
    run(drops.c_str());
}

FrontTables::FrontTables(const Town& town, Faults& faults, System system, std::filesystem::path file, Fill fill)
    : town_{town}, faults_{faults}, system_{system}, file_{std::move(file)}, fill_{std::move(fill)} {
    std::filesystem::remove(file_);
    follow_switch();
    faults_.on_change(system_, [this] { follow_switch(); });
}

FrontTables::~FrontTables() = default;

void FrontTables::visit(const std::function<void(const TableFile&)>& work) {
    const std::lock_guard lock{mutex_};
    if (database_ != nullptr) {
        const TableFile own{file_, kPatience};
        work(own);
    }
}

void FrontTables::follow_switch() {
    const std::lock_guard lock{mutex_};
    holder_ = {};  // ends a hold, and joins, before the tables are written
    const Setting setting = faults_.peek(system_);
    if (setting.trouble == Trouble::down) {
        if (database_ != nullptr) {
            take_away();
        }
        return;
    }
    if (database_ == nullptr) {
        database_ = std::make_unique<TableFile>(file_);
    }
    database_->run("BEGIN IMMEDIATE");
    database_->clear();
    fill_(*database_, town_, setting.trouble);
    database_->run("COMMIT");
    if (setting.trouble == Trouble::hang) {
        database_->run("BEGIN EXCLUSIVE");  // held when set() comes back
    }
    if (setting.trouble == Trouble::hang || setting.trouble == Trouble::slow) {
        holder_ = std::jthread{[this, setting](const std::stop_token& stop) { hold_tables(stop, setting); }};
    }
}

/// New connections find no file; those that are open find that it changed (the counter at 24), and
/// pages that are none.
void FrontTables::take_away() {
    constexpr std::streamoff kChangeCounter = 24;
    constexpr std::streamoff kHeaderEnd = 100;
    database_.reset();
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file_));
    std::fstream out{file_, std::ios::binary | std::ios::in | std::ios::out};
    out.seekp(kChangeCounter).write("\xFF\xFF\xFF\xFF", 4);
    out.seekp(kHeaderEnd)
        .write(std::string(static_cast<std::size_t>(size - kHeaderEnd), '\0').data(), size - kHeaderEnd);
    out.close();
    std::filesystem::remove(file_);
}

void FrontTables::hold_tables(const std::stop_token& stop, Setting setting) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock waiting{mutex};
    const auto rest = [&](std::chrono::milliseconds time) { wake.wait_for(waiting, stop, time, [] { return false; }); };
    if (setting.trouble == Trouble::hang) {
        wake.wait(waiting, stop, [] { return false; });
        (void)database_->done("COMMIT");
        return;
    }
    while (!stop.stop_requested()) {
        if (database_->done("BEGIN EXCLUSIVE")) {  // else readers were faster for five seconds
            rest(setting.time);
            (void)database_->done("COMMIT");
        }
        rest(kPause);
    }
}

}  // namespace datong::departments
