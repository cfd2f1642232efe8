#include "core/store/applications.h"

#include <utility>

#include "core/store/statement.h"

namespace datong::store {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS dossier (id TEXT NOT NULL PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
)";

constexpr const char* kRoll = "roll";

}  // namespace

Result<std::unique_ptr<Applications>> Applications::open(const std::string& file) {
    auto database = Database::open(file, {.synchronous = "FULL", .version = 1, .tables = kTables});
    if (!database) {
        return fail(std::move(database.error()));
    }
    return std::unique_ptr<Applications>{new Applications{std::move(*database)}};  // make_unique can't reach it
}

Result<std::int64_t> Applications::value_of(const std::string& counter) {
    Statement select{database_.get(), "SELECT value FROM counter WHERE name = ?"};
    select.bind(counter);
    const std::int64_t value = select.next() ? select.number(0) : 0;
    auto read = select.status();
    return read ? Result<std::int64_t>{value} : fail(std::move(read.error()));
}

Result<std::int64_t> Applications::raise(const std::string& counter) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    if (auto begun = transaction.begun(); !begun) {
        return fail(std::move(begun.error()));
    }
    Statement upsert{
        database_.get(),
        "INSERT INTO counter (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"};
    if (auto done = upsert.bind(counter).run(); !done) {
        return fail(std::move(done.error()));
    }
    auto value = value_of(counter);
    if (!value) {
        return value;
    }
    auto committed = transaction.commit();
    return committed ? value : fail(std::move(committed.error()));
}

Result<std::int64_t> Applications::next_number(int year) {
    return raise("year-" + std::to_string(year));
}

Result<std::int64_t> Applications::next_roll() {
    return raise(kRoll);
}

Result<std::int64_t> Applications::last_roll() {
    const std::lock_guard lock{mutex_};
    return value_of(kRoll);
}

Status Applications::keep(const Kept& application) {
    const std::lock_guard lock{mutex_};
    Statement upsert{
        database_.get(),
        "INSERT INTO dossier (id, sealed) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed"};
    return upsert.bind(application.id).bind_octets(application.sealed).run();
}

Result<std::optional<Applications::Kept>> Applications::find(const std::string& id) {
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), "SELECT id, sealed FROM dossier WHERE id = ?"};
    select.bind(id);
    std::optional<Kept> found;
    if (select.next()) {
        found = Kept{.id = select.text(0), .sealed = select.text(1)};
    }
    auto read = select.status();
    return read ? Result<std::optional<Kept>>{std::move(found)} : fail(std::move(read.error()));
}

Result<std::vector<Applications::Kept>> Applications::all() {
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), "SELECT id, sealed FROM dossier ORDER BY id"};
    std::vector<Kept> all;
    while (select.next()) {
        all.push_back({.id = select.text(0), .sealed = select.text(1)});
    }
    auto read = select.status();
    return read ? Result<std::vector<Kept>>{std::move(all)} : fail(std::move(read.error()));
}

}  // namespace datong::store
