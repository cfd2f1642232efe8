#include "core/store/consents.h"

#include <algorithm>
#include <utility>

#include "core/store/statement.h"

namespace datong::store {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS consent (
    id TEXT PRIMARY KEY, issuer TEXT NOT NULL, consumer TEXT NOT NULL, mac BLOB NOT NULL, digest TEXT NOT NULL,
    sealed BLOB NOT NULL, services TEXT NOT NULL, registered INTEGER NOT NULL, until INTEGER NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0, numbered INTEGER NOT NULL DEFAULT 0, period INTEGER NOT NULL DEFAULT 0,
    in_period INTEGER NOT NULL DEFAULT 0, noted INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS consent_until ON consent (until);
CREATE INDEX IF NOT EXISTS consent_of ON consent (consumer, until);
CREATE INDEX IF NOT EXISTS consent_newest ON consent (registered);
CREATE INDEX IF NOT EXISTS consent_unnoted ON consent (registered) WHERE noted = 0;
CREATE TABLE IF NOT EXISTS revoked (
    issuer TEXT NOT NULL, consent TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL,
    digest TEXT NOT NULL, said INTEGER NOT NULL, noted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (issuer, consent)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS revoked_unnoted ON revoked (at) WHERE noted = 0;
CREATE INDEX IF NOT EXISTS revoked_at ON revoked (at);
CREATE TABLE IF NOT EXISTS revocation (
    issuer TEXT NOT NULL, consent TEXT NOT NULL, statement TEXT NOT NULL, PRIMARY KEY (issuer, consent),
    FOREIGN KEY (issuer, consent) REFERENCES revoked (issuer, consent) ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used (
    consent TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, period INTEGER NOT NULL,
    calls INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (consent, name)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS used_at ON used (consent, at);
)";

constexpr std::string_view kSelect =
    "SELECT c.id, c.issuer, c.consumer, c.mac, c.digest, c.sealed, c.services, c.registered, c.until, c.uses, "
    "c.period, c.in_period, COALESCE(r.at, 0), COALESCE(r.reason, ''), "
    "COALESCE(w.statement, '') FROM consent c LEFT JOIN revoked r ON r.issuer = c.issuer AND r.consent = c.id "
    "LEFT JOIN revocation w ON w.issuer = c.issuer AND w.consent = c.id ";

Consent read(const Statement& row) {
    return {.id = row.text(0),
            .issuer = row.text(1),
            .consumer = row.text(2),
            .mac = row.text(3),
            .digest = row.text(4),
            .sealed = row.text(5),
            .services = row.text(6),
            .registered = row.number(7),
            .until = row.number(8),
            .uses = row.number(9),
            .period = row.number(10),
            .in_period = row.number(11),
            .revoked = row.number(12),
            .reason = row.text(13),
            .revocation = row.text(14)};
}

Result<std::vector<Consent>> rows_of(Statement& select) {
    std::vector<Consent> rows;
    while (select.next()) {
        rows.push_back(read(select));
    }
    auto good = select.status();
    return good ? Result<std::vector<Consent>>{std::move(rows)} : fail(std::move(good.error()));
}

/// What stands in the first column of the first row; 0 where there is none.
Result<std::int64_t> number_of(Statement& select) {
    const std::int64_t number = select.next() ? select.number(0) : 0;
    auto good = select.status();
    return good ? Result<std::int64_t>{number} : fail(std::move(good.error()));
}

Result<std::int64_t> revoked_at(sqlite3* database, const std::string& issuer, const std::string& consent) {
    Statement select{database, "SELECT at FROM revoked WHERE issuer = ? AND consent = ?"};
    return number_of(select.bind(issuer).bind(consent));
}

/// How many of a consumer's are not over.
Result<std::int64_t> count_in_force(sqlite3* database, const std::string& consumer, std::int64_t now) {
    Statement count{database, "SELECT COUNT(*) FROM consent WHERE consumer = ? AND until > ?"};
    return number_of(count.bind(consumer).bind(now));
}

/// The use that a call of this name took; 0: none.
Result<std::int64_t> use_of(sqlite3* database, const std::string& consent, const std::string& name) {
    Statement select{database, "SELECT number FROM used WHERE consent = ? AND name = ?"};
    return number_of(select.bind(consent).bind(name));
}

/// One use more, under the name of its call.
Status count_use(sqlite3* database, const Consents::Wish& wish, const Consent& consent, std::int64_t number) {
    const std::int64_t period = std::max(consent.period, wish.since);
    const std::int64_t before = consent.period >= wish.since ? consent.in_period : 0;
    Statement count{database,
                    "UPDATE consent SET uses = uses + 1, numbered = ?, period = ?, in_period = ? WHERE id = ?"};
    count.bind(number).bind(period).bind(before + 1);
    Statement write{database, "INSERT INTO used (consent, name, number, at, period) VALUES (?, ?, ?, ?, ?)"};
    write.bind(wish.consent).bind(wish.name).bind(number).bind(wish.now).bind(period);
    return count.bind(wish.consent).run().and_then([&] { return write.run(); });
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
    return rows_of(select.bind(one).bind(most));
}

Status Consents::insert(const Consent& consent) const {
    Statement insert{database_.get(),
                     "INSERT INTO consent (id, issuer, consumer, mac, digest, sealed, services, registered, until) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
    insert.bind(consent.id).bind(consent.issuer).bind(consent.consumer).bind_octets(consent.mac).bind(consent.digest);
    insert.bind_octets(consent.sealed).bind(consent.services).bind(consent.registered).bind(consent.until);
    return insert.run();
}

Result<Consents::Kept> Consents::keep(const Consent& consent, std::int64_t most) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    if (auto begun = transaction.begun(); !begun) {
        return fail(std::move(begun.error()));
    }
    auto there = select("WHERE c.id = ? LIMIT ?", consent.id, 1);
    if (!there || !there->empty()) {
        return there ? Result<Kept>{Kept{.consent = std::move(there->front())}} : fail(std::move(there.error()));
    }
    const auto revoked = revoked_at(database_.get(), consent.issuer, consent.id);
    if (!revoked || *revoked != 0) {
        Kept kept{.consent = consent};
        kept.consent.revoked = revoked.value_or(0);
        return revoked ? Result<Kept>{std::move(kept)} : fail(revoked.error());
    }
    const auto in_force = count_in_force(database_.get(), consent.consumer, consent.registered);
    if (!in_force || *in_force >= most) {
        return in_force ? Result<Kept>{Kept{.consent = consent, .is_full = true}} : fail(in_force.error());
    }
    auto done = insert(consent).and_then([&] { return transaction.commit(); });
    return done ? Result<Kept>{Kept{.consent = consent, .is_new = true}} : fail(std::move(done.error()));
}

Status Consents::renew(const Consent& consent) {
    const std::lock_guard lock{mutex_};
    Statement update{database_.get(),
                     "UPDATE consent SET sealed = ?, digest = ?, noted = 0 WHERE id = ? AND issuer = ? AND mac = ?"};
    update.bind_octets(consent.sealed).bind(consent.digest).bind(consent.id).bind(consent.issuer);
    return update.bind_octets(consent.mac).run();
}

Result<std::optional<Consent>> Consents::find(const std::string& id) {
    const std::lock_guard lock{mutex_};
    auto there = select("WHERE c.id = ? LIMIT ?", id, 1);
    if (!there) {
        return fail(std::move(there.error()));
    }
    return there->empty() ? std::nullopt : std::optional{std::move(there->front())};
}

Result<std::vector<Consent>> Consents::all(const Which& which, std::int64_t most) {
    std::string where = which.is_any ? "WHERE 1" : "WHERE c.consumer = ?";
    for (std::size_t i = 0; !which.is_any && i < which.services.size(); ++i) {
        where += " OR instr(c.services, ?) > 0";
    }
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), std::string{kSelect} + where + " ORDER BY c.registered DESC, c.id LIMIT ?"};
    if (!which.is_any) {
        select.bind(which.consumer);
        for (const std::string& service : which.services) {
            select.bind(',' + service + ',');
        }
    }
    return rows_of(select.bind(most));
}

Result<Consents::Taken> Consents::take(const Wish& wish) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    if (auto begun = transaction.begun(); !begun) {
        return fail(std::move(begun.error()));
    }
    auto there = select("WHERE c.id = ? LIMIT ?", wish.consent, 1);
    if (!there || there->empty() || there->front().revoked != 0) {
        return !there           ? fail(std::move(there.error()))
               : there->empty() ? Result<Taken>{Taken{}}
                                : Result<Taken>{Taken{.is_revoked = true}};
    }
    const Consent& consent = there->front();
    Statement thin{database_.get(), "DELETE FROM used WHERE consent = ? AND at < ?"};
    const auto known = thin.bind(wish.consent).bind(wish.same_since).run().and_then([&] {
        return use_of(database_.get(), wish.consent, wish.name);
    });
    if (!known) {
        return fail(known.error());
    }
    const std::int64_t used = consent.period >= wish.since ? consent.in_period : 0;
    if (*known == 0 && used >= wish.most) {
        return Taken{};
    }
    if (*known != 0) {
        Statement again{database_.get(), "UPDATE used SET calls = calls + 1 WHERE consent = ? AND name = ?"};
        auto done = again.bind(wish.consent).bind(wish.name).run().and_then([&] { return transaction.commit(); });
        return done ? Result<Taken>{Taken{.number = *known}} : fail(std::move(done.error()));
    }
    Statement last{database_.get(), "SELECT numbered FROM consent WHERE id = ?"};
    const auto numbered = number_of(last.bind(wish.consent));
    if (!numbered) {
        return fail(numbered.error());
    }
    auto done = count_use(database_.get(), wish, consent, *numbered + 1).and_then([&] { return transaction.commit(); });
    return done ? Result<Taken>{Taken{.number = *numbered + 1}} : fail(std::move(done.error()));
}

Status Consents::give_back(const std::string& consent, const std::string& name) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    if (auto begun = transaction.begun(); !begun) {
        return begun;
    }
    // of a period that is over only the sum is less by one
    for (const char* sql :
         {"UPDATE used SET calls = calls - 1 WHERE consent = ? AND name = ?",
          "UPDATE consent SET uses = uses - 1, in_period = in_period - (consent.period = u.period) FROM used u "
          "WHERE consent.id = ? AND u.consent = consent.id AND u.name = ? AND u.calls < 1",
          "DELETE FROM used WHERE consent = ? AND name = ? AND calls < 1"}) {
        Statement write{database_.get(), sql};
        if (auto done = write.bind(consent).bind(name).run(); !done) {
            return done;
        }
    }
    return transaction.commit();
}

Result<bool> Consents::revoke(const Revoked& revoked) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    if (auto begun = transaction.begun(); !begun) {
        return fail(std::move(begun.error()));
    }
    Statement insert{
        database_.get(),
        "INSERT OR IGNORE INTO revoked (issuer, consent, at, by, reason, digest, said) VALUES (?, ?, ?, ?, ?, ?, ?)"};
    insert.bind(revoked.issuer).bind(revoked.consent).bind(revoked.at).bind(revoked.by).bind(revoked.reason);
    if (auto done = insert.bind(revoked.digest).bind(revoked.said).run(); !done) {
        return fail(std::move(done.error()));
    }
    if (sqlite3_changes(database_.get()) != 1) {
        return false;
    }
    Statement keep{database_.get(), "INSERT INTO revocation (issuer, consent, statement) VALUES (?, ?, ?)"};
    keep.bind(revoked.issuer).bind(revoked.consent).bind(revoked.statement);
    auto done = (revoked.statement.empty() ? Status{} : keep.run()).and_then([&] { return transaction.commit(); });
    return done ? Result<bool>{true} : fail(std::move(done.error()));
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
                             "SELECT r.issuer, r.consent, r.at, r.by, r.reason, r.digest, r.said FROM revoked r "
                             "WHERE r.noted = 0 ORDER BY r.at LIMIT ?"};
    select_revoked.bind(most);
    std::vector<Revoked> revoked;
    while (select_revoked.next()) {
        revoked.push_back({.issuer = select_revoked.text(0),
                           .consent = select_revoked.text(1),
                           .at = select_revoked.number(2),
                           .by = select_revoked.text(3),
                           .reason = select_revoked.text(4),
                           .digest = select_revoked.text(5),
                           .said = select_revoked.number(6)});
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

Status Consents::forget(std::int64_t before, std::int64_t orphans) {
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
    Statement erase{database_.get(),
                    "DELETE FROM revoked WHERE at < ? AND noted = 1 AND NOT EXISTS "
                    "(SELECT 1 FROM consent c WHERE c.issuer = revoked.issuer AND c.id = revoked.consent)"};
    if (auto done = erase.bind(orphans).run(); !done) {
        return done;
    }
    return transaction.commit();
}

}  // namespace datong::store
