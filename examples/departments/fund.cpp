#include <condition_variable>
#include <fstream>
#include <stdexcept>

#include <sqlite3.h>

#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

constexpr std::chrono::milliseconds kPause{20};  // between two holds of a slow loader

// 个人信息, 个人账户, 单位, 个人明细: columns of JGJ/T 320-2014, all text as such fronts hold them
constexpr const char* kSchema = R"(
CREATE TABLE GRXX (GRZH TEXT PRIMARY KEY, XINGMING BLOB, XMQP TEXT, ZJLX TEXT, ZJHM TEXT, CSNY TEXT, DWZH TEXT);
CREATE TABLE GRZHXX (GRZH TEXT PRIMARY KEY, GRZHZT TEXT, KHRQ TEXT, JZNY TEXT, GRJCJS TEXT, GRJCBL TEXT,
                     GRYJCE TEXT, DWYJCE TEXT, GRZHYE TEXT);
CREATE TABLE DWXX (DWZH TEXT PRIMARY KEY, DWMC TEXT, DWXYDM TEXT);
CREATE TABLE GRMX (GRZH TEXT, HBJNY TEXT, FSE TEXT, YWLX TEXT, JZRQ TEXT);
CREATE INDEX GRXX_ZJHM ON GRXX (ZJHM);
CREATE INDEX GRMX_GRZH ON GRMX (GRZH);
)";
constexpr const char* kDrop =
    "DROP TABLE IF EXISTS GRXX; DROP TABLE IF EXISTS GRZHXX; DROP TABLE IF EXISTS DWXX; DROP TABLE IF EXISTS GRMX;";

std::string dashed(const std::string& day) {
    return day.substr(0, 4) + '-' + day.substr(4, 2) + '-' + day.substr(6, 2) + " 00:00:00";
}

std::string month_before(const std::string& month, int back) {
    int count = std::stoi(month.substr(0, 4)) * 12 + std::stoi(month.substr(4, 2)) - 1 - back;
    return fixed_number(count / 12, 4) + fixed_number(count % 12 + 1, 2);
}

}  // namespace

struct FundTables::Database {
    explicit Database(const std::filesystem::path& file) {
        if (sqlite3_open(file.c_str(), &handle) != SQLITE_OK) {
            throw std::runtime_error{"fund database can't be opened"};
        }
        sqlite3_busy_timeout(handle, 5000);
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() { sqlite3_close(handle); }

    [[nodiscard]] bool done(const char* sql) const {
        return sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
    }

    void run(const char* sql) const {
        if (!done(sql)) {
            throw std::runtime_error{std::string{"fund database: "} + sqlite3_errmsg(handle)};
        }
    }

    /// Inserts one row; `blob` tells which column is bytes, `null` which is null (-1: none).
    void insert(const char* sql, const std::vector<std::string>& cells, int blob = -1, int null = -1) const {
        sqlite3_stmt* statement = nullptr;
        sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr);
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
        sqlite3_step(statement);
        sqlite3_finalize(statement);
    }

    void fill(const Town& town, Trouble trouble) const {
        for (const Company& company : town.companies) {
            insert("INSERT INTO DWXX VALUES (?,?,?)",
                   {company.uscc.substr(8, 8), to_gb18030(company.name), company.uscc});
        }
        for (std::size_t i = 0; i < town.accounts.size(); ++i) {
            fill_account(town, i, trouble);
        }
    }

    void fill_account(const Town& town, std::size_t index, Trouble trouble) const {
        const FundAccount& account = town.accounts[index];
        // the wrong person: ids stand one row off
        const std::size_t told =
            trouble == Trouble::wrong_person ? town.accounts[(index + 1) % kHouseholds].person : account.person;
        const Person& person = town.persons[told];
        const std::string name = trouble == Trouble::wrong_encoding ? person.name : to_gb18030(person.name);
        insert("INSERT INTO GRXX VALUES (?,?,?,?,?,?,?)",
               {account.number, name, "", "01", account.stored_id, person.birth.substr(0, 6),
                town.companies[account.employer].uscc.substr(8, 8)},
               1, trouble == Trouble::null_body ? 1 : -1);
        const std::int64_t each = account.base_fen * account.percent / 100;
        const std::string rate =
            index % 4 == 3 ? "0." + fixed_number(account.percent, 2) : std::to_string(account.percent);
        insert("INSERT INTO GRZHXX VALUES (?,?,?,?,?,?,?,?,?)",
               {account.number, account.state, dashed(account.opened), account.paid_through, yuan(account.base_fen),
                rate, yuan(each), yuan(each), trouble == Trouble::malformed ? "********" : yuan(account.balance_fen)});
        for (int back = 0; back < 14; ++back) {
            const std::string month = month_before(account.paid_through, back);
            insert("INSERT INTO GRMX VALUES (?,?,?,?,?)",
                   {account.number, month, yuan(2 * each), back == 6 ? "02" : "01", month + "15"});
        }
    }

    sqlite3* handle{};
};

FundTables::FundTables(const Town& town, Faults& faults, const std::filesystem::path& file)
    : town_{town}, faults_{faults}, file_{file} {
    std::filesystem::remove(file_);
    follow_switch();
    faults_.on_change(System::fund, [this] { follow_switch(); });
}

FundTables::~FundTables() = default;

void FundTables::follow_switch() {
    const std::lock_guard lock{mutex_};
    holder_ = {};  // ends a hold, and joins, before the tables are written
    const Setting setting = faults_.peek(System::fund);
    if (setting.trouble == Trouble::down) {
        if (database_ != nullptr) {
            take_away();
        }
        return;
    }
    if (database_ == nullptr) {
        database_ = std::make_unique<Database>(file_);
    }
    database_->run("BEGIN IMMEDIATE");
    database_->run(kDrop);
    database_->run(kSchema);
    database_->fill(town_, setting.trouble);
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
void FundTables::take_away() {
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

void FundTables::hold_tables(const std::stop_token& stop, Setting setting) {
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
