#include "core/store/consents.h"

#include <utility>

#include "core/store/statement.h"

namespace datong::store {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS consent (
    id TEXT PRIMARY KEY, issuer TEXT NOT NULL, consumer TEXT NOT NULL, mac BLOB NOT NULL, sealed BLOB NOT NULL,
    registered INTEGER NOT NULL, until INTEGER NOT NULL, noted INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS consent_until ON consent (until);
CREATE INDEX IF NOT EXISTS consent_unnoted ON consent (registered) WHERE noted = 0;
CREATE TABLE IF NOT EXISTS revoked (
    issuer TEXT NOT NULL, consent TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL,
    digest TEXT NOT NULL, noted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (issuer, consent)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS revoked_unnoted ON revoked (at) WHERE noted = 0;
CREATE TABLE IF NOT EXISTS used (
    consent TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL,
    calls INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (consent, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS used_at ON used (consent, at);
PRAGMA user_version = 1;
)";

constexpr std::string_view kSelect =
    "SELECT c.id, c.issuer, c.consumer, c.mac, c.sealed, c.registered, c.until, "
    "(SELECT COUNT(*) FROM used u WHERE u.consent = c.id), COALESCE(r.at, 0), COALESCE(r.reason, '') "
    "FROM consent c LEFT JOIN revoked r ON r.issuer = c.issuer AND r.consent = c.id ";

Consent read(const Statement& row) {
    return {.id = row.text(0),
            .issuer = row.text(1),
            .consumer = row.text(2),
            .mac = row.text(3),
            .sealed = row.text(4),
            .registered = row.number(5),
            .until = row.number(6),
            .uses = row.number(7),
            .revoked = row.number(8),
            .reason = row.text(9)};
}

/// What stands in the first column of the first row; 0 where there is none.
Result<std::int64_t> number_of(Statement& select) {
    const std::int64_t number = select.next() ? select.number(0) : 0;
    auto good = select.status();
    return good ? Result<std::int64_t>{number} : fail(std::move(good.error()));
}

Result<std::int64_t> count_since(sqlite3* database, const std::string& consent, std::int64_t since) {
    Statement count{database, "SELECT COUNT(*) FROM used WHERE consent = ? AND at >= ?"};
    count.bind(consent).bind(since);
    return number_of(count);
}

Result<bool> is_revoked(sqlite3* database, const std::string& consent) {
    Statement select{
        database, "SELECT 1 FROM consent c JOIN revoked r ON r.issuer = c.issuer AND r.consent = c.id WHERE c.id = ?"};
    const auto found = number_of(select.bind(consent));
    return found ? Result<bool>{*found != 0} : fail(found.error());
}

}  // namespace

Result<std::unique_ptr<Consents>> Consents::open(const std::string& file) {
    auto database = Database::open(file, {.synchronous = "FULL", .version = 1, .tables = kTables});
    if (!database) {
        return fail(std::move(database.error()));
    }
    return std::unique_ptr<Consents>{new Consents{std::move(*database)}};  // make_unique can't reach the constructor
}

Result<std::vector<Consent>> Consents::select(std::string_view where, const std::string& one, std::int64_t most) const {
    Statement select{database_.get(), std::string{kSelect}.append(where)};
    select.bind(one).bind(most);
    std::vector<Consent> rows;
    while (select.next()) {
        rows.push_back(read(select));
    }
    auto good = select.status();
    return good ? Result<std::vector<Consent>>{std::move(rows)} : fail(std::move(good.error()));
}

Result<Consents::Kept> Consents::keep(const Consent& consent) {
    const std::lock_guard lock{mutex_};
    Statement insert{database_.get(),
                     "INSERT OR IGNORE INTO consent (id, issuer, consumer, mac, sealed, registered, until) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?)"};
    insert.bind(consent.id).bind(consent.issuer).bind(consent.consumer).bind_octets(consent.mac);
    insert.bind_octets(consent.sealed).bind(consent.registered).bind(consent.until);
    if (auto done = insert.run(); !done) {
        return fail(std::move(done.error()));
    }
    const bool is_new = sqlite3_changes(database_.get()) == 1;
    auto there = select("WHERE c.id = ? LIMIT ?", consent.id, 1);
    if (!there || there->empty()) {
        return there ? fail(Fault::unavailable, "store: what was kept is not there") : fail(std::move(there.error()));
    }
    return Kept{.consent = std::move(there->front()), .is_new = is_new};
}

Result<std::optional<Consent>> Consents::find(const std::string& id) {
    const std::lock_guard lock{mutex_};
    auto there = select("WHERE c.id = ? LIMIT ?", id, 1);
    if (!there) {
        return fail(std::move(there.error()));
    }
    return there->empty() ? std::nullopt : std::optional{std::move(there->front())};
}

Result<std::vector<Consent>> Consents::all(std::int64_t most) {
    const std::lock_guard lock{mutex_};
    return select("WHERE c.id <> ? ORDER BY c.registered DESC, c.id LIMIT ?", {}, most);
}

Result<Consents::Taken> Consents::take(const Wish& wish) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    if (auto begun = transaction.begun(); !begun) {
        return fail(std::move(begun.error()));
    }
    if (const auto revoked = is_revoked(database_.get(), wish.consent); !revoked || *revoked) {
        return revoked ? Result<Taken>{Taken{.is_revoked = true}} : fail(revoked.error());
    }
    Statement same{database_.get(), "SELECT number FROM used WHERE consent = ? AND name = ? AND at >= ?"};
    same.bind(wish.consent).bind(wish.name).bind(wish.same_since);
    const auto known = number_of(same);
    const auto used = known ? count_since(database_.get(), wish.consent, wish.since) : fail(known.error());
    if (!used) {
        return fail(used.error());
    }
    if (*known == 0 && *used >= wish.most) {
        return Taken{};
    }
    Statement highest{database_.get(), "SELECT COALESCE(MAX(number), 0) FROM used WHERE consent = ?"};
    highest.bind(wish.consent);
    const auto last = number_of(highest);
    if (!last) {
        return fail(last.error());
    }
    const std::int64_t number = *known != 0 ? *known : *last + 1;
    Statement write{database_.get(), *known != 0 ? "UPDATE used SET calls = calls + 1 WHERE consent = ? AND number = ?"
                                                 : "INSERT INTO used (consent, number, name, at) VALUES (?, ?, ?, ?)"};
    write.bind(wish.consent).bind(number);
    if (*known == 0) {
        write.bind(wish.name).bind(wish.now);
    }
    auto done = write.run().and_then([&] { return transaction.commit(); });
    return done ? Result<Taken>{Taken{.number = number}} : fail(std::move(done.error()));
}

Status Consents::give_back(const std::string& consent, std::int64_t number) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    if (auto begun = transaction.begun(); !begun) {
        return begun;
    }
    for (const char* sql : {"UPDATE used SET calls = calls - 1 WHERE consent = ? AND number = ?",
                            "DELETE FROM used WHERE consent = ? AND number = ? AND calls < 1"}) {
        Statement write{database_.get(), sql};
        if (auto done = write.bind(consent).bind(number).run(); !done) {
            return done;
        }
    }
    return transaction.commit();
}

Result<std::int64_t> Consents::uses_since(const std::string& consent, std::int64_t since) {
    const std::lock_guard lock{mutex_};
    return count_since(database_.get(), consent, since);
}

Result<bool> Consents::revoke(const Revoked& revoked) {
    const std::lock_guard lock{mutex_};
    Statement insert{
        database_.get(),
        "INSERT OR IGNORE INTO revoked (issuer, consent, at, by, reason, digest) VALUES (?, ?, ?, ?, ?, ?)"};
    insert.bind(revoked.issuer).bind(revoked.consent).bind(revoked.at).bind(revoked.by).bind(revoked.reason);
    if (auto done = insert.bind(revoked.digest).run(); !done) {
        return fail(std::move(done.error()));
    }
    return sqlite3_changes(database_.get()) == 1;
}

Result<std::vector<ConsentNote>> Consents::unnoted(std::int64_t most) {
    const std::lock_guard lock{mutex_};
    auto registered = select("WHERE c.noted = 0 AND c.id <> ? ORDER BY c.registered LIMIT ?", {}, most);
    if (!registered) {
        return fail(std::move(registered.error()));
    }
    std::vector<ConsentNote> notes;
    for (Consent& one : *registered) {
        notes.push_back({.consent = std::move(one)});
    }
    Statement select_revoked{database_.get(),
                             "SELECT r.issuer, r.consent, r.at, r.by, r.reason, r.digest FROM revoked r "
                             "WHERE r.noted = 0 ORDER BY r.at LIMIT ?"};
    select_revoked.bind(most);
    std::vector<Revoked> revoked;
    while (select_revoked.next()) {
        revoked.push_back({.issuer = select_revoked.text(0),
                           .consent = select_revoked.text(1),
                           .at = select_revoked.number(2),
                           .by = select_revoked.text(3),
                           .reason = select_revoked.text(4),
                           .digest = select_revoked.text(5)});
    }
    if (auto good = select_revoked.status(); !good) {
        return fail(std::move(good.error()));
    }
    for (Revoked& one : revoked) {
        auto about = select("WHERE c.id = ? LIMIT ?", one.consent, 1);
        if (!about) {
            return fail(std::move(about.error()));
        }
        Consent consent{.id = one.consent, .issuer = one.issuer};
        if (!about->empty() && about->front().issuer == one.issuer) {
            consent = std::move(about->front());
        }
        notes.push_back({.consent = std::move(consent), .revoked = std::move(one)});
    }
    return notes;
}

Status Consents::note(const ConsentNote& heard) {
    const std::lock_guard lock{mutex_};
    Statement update{database_.get(), heard.revoked ? "UPDATE revoked SET noted = 1 WHERE consent = ? AND issuer = ?"
                                                    : "UPDATE consent SET noted = 1 WHERE id = ? AND issuer = ?"};
    return update.bind(heard.consent.id).bind(heard.consent.issuer).run();
}

Status Consents::forget(std::int64_t before) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    if (auto begun = transaction.begun(); !begun) {
        return begun;
    }
    for (const char* sql :
         {"DELETE FROM used WHERE consent IN (SELECT id FROM consent WHERE until < ?)",
          "DELETE FROM revoked WHERE (issuer, consent) IN (SELECT issuer, id FROM consent WHERE until < ?)",
          "DELETE FROM consent WHERE until < ?"}) {
        Statement erase{database_.get(), sql};
        if (auto done = erase.bind(before).run(); !done) {
            return done;
        }
    }
    return transaction.commit();
}

}  // namespace datong::store
