#include "core/store/results.h"

#include "core/store/statement.h"

namespace datong::store {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS result (
    exchange TEXT NOT NULL, code_mac BLOB NOT NULL, shown TEXT NOT NULL, until INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (exchange, code_mac)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS result_until ON result (until);
)";

}  // namespace

Result<std::unique_ptr<Results>> Results::open(const std::string& file) {
    auto database = Database::open(file, {.synchronous = "NORMAL", .version = 1, .tables = kTables});
    if (!database) {
        return fail(std::move(database.error()));
    }
    return std::unique_ptr<Results>{new Results{std::move(*database)}};  // make_unique can't reach the constructor
}

Status Results::keep(const std::vector<SharingResult>& results) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    if (auto begun = transaction.begun(); !begun) {
        return begun;
    }
    for (const SharingResult& one : results) {
        Statement insert{database_.get(), "INSERT INTO result (exchange, code_mac, shown, until) VALUES (?, ?, ?, ?)"};
        if (auto done = insert.bind(one.exchange).bind_octets(one.code_mac).bind(one.shown).bind(one.until).run();
            !done) {
            return done;
        }
    }
    return transaction.commit();
}

Result<std::optional<Results::Taken>> Results::take(const std::string& exchange, const std::string& code_mac,
                                                    std::int64_t now) {
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), "SELECT shown, until, used FROM result WHERE exchange = ? AND code_mac = ?"};
    select.bind(exchange).bind_octets(code_mac);
    if (!select.next()) {
        auto read = select.status();
        return read ? Result<std::optional<Taken>>{std::nullopt} : fail(std::move(read.error()));
    }
    Taken taken{.shown = select.text(0), .used = select.number(2), .over = select.number(1) < now};
    if (taken.used != 0 || taken.over) {
        return taken;
    }
    // a power failure must not give back what was used up
    if (auto full = database_.execute("PRAGMA synchronous = FULL"); !full) {
        return fail(std::move(full.error()));
    }
    Statement update{database_.get(), "UPDATE result SET used = ? WHERE exchange = ? AND code_mac = ?"};
    auto done = update.bind(now).bind(exchange).bind_octets(code_mac).run().and_then(
        [&] { return database_.execute("PRAGMA synchronous = NORMAL"); });
    return done ? Result<std::optional<Taken>>{std::move(taken)} : fail(std::move(done.error()));
}

Status Results::forget(std::int64_t before) {
    const std::lock_guard lock{mutex_};
    Statement erase{database_.get(), "DELETE FROM result WHERE until < ?"};
    return erase.bind(before).run();
}

}  // namespace datong::store
