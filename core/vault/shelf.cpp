#include "core/vault/shelf.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "core/store/statement.h"

namespace datong::vault {
namespace {

using store::Statement;
using store::Transaction;

constexpr store::Database::Wanted kTables{.version = 2, .tables = R"(
CREATE TABLE IF NOT EXISTS body (
    exchange TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, case_number TEXT NOT NULL, policy TEXT NOT NULL,
    octets BLOB NOT NULL, PRIMARY KEY (exchange, name)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS body_at ON body (at);
CREATE INDEX IF NOT EXISTS body_case ON body (case_number) WHERE case_number <> '';
CREATE TABLE IF NOT EXISTS probe (one INTEGER PRIMARY KEY CHECK (one = 1), tries INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS subject_key (
    id TEXT PRIMARY KEY, case_number TEXT NOT NULL, until INTEGER NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS subject_key_until ON subject_key (until);
CREATE INDEX IF NOT EXISTS subject_key_case ON subject_key (case_number) WHERE case_number <> '';
CREATE TABLE IF NOT EXISTS subject_place (
    locator TEXT NOT NULL, key TEXT NOT NULL REFERENCES subject_key (id) ON DELETE CASCADE,
    PRIMARY KEY (locator, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS subject_place_key ON subject_place (key);
)"};

/// Rows that are deleted in one go: calls that keep bodies wait for one such batch, never for a whole erasure.
constexpr std::string_view kBatch = "256";

/// Erasures that are known by what they meant. A key waits for seconds; one that waited for more of them is not
/// written.
constexpr std::size_t kRecent = 4'096;

Error as_evidence(const Error& why) {
    return {Fault::evidence_unavailable, "bodies: " + why.detail()};
}

void bind(Statement& statement, const Selection& what, bool of_keys = false) {
    if (!what.exchange.empty() && !of_keys) {
        statement.bind(what.exchange);
    }
    if (!what.case_number.empty()) {
        statement.bind(what.case_number);
    }
    if (what.before) {
        statement.bind(*what.before);
    }
}

Status insert(sqlite3* database, const Bodies& of) {
    for (const Body& body : of.bodies) {
        Statement insert{database, "INSERT OR IGNORE INTO body VALUES (?, ?, ?, ?, ?, ?)"};
        insert.bind(of.exchange).bind(body.name).bind(of.at).bind(of.case_number).bind(name_of(body.policy));
        if (auto done = insert.bind_octets(body.octets).run(); !done) {
            return done;
        }
    }
    return {};
}

Status insert(sqlite3* database, const SubjectKey& key) {
    Statement insert{database, "INSERT OR IGNORE INTO subject_key VALUES (?, ?, ?, ?)"};
    auto done = insert.bind(key.id).bind(key.case_number).bind(key.until).bind_octets(key.sealed).run();
    for (std::size_t i = 0; done && i < key.locators.size(); ++i) {
        Statement place{database, "INSERT OR IGNORE INTO subject_place VALUES (?, ?)"};
        done = place.bind(key.locators[i]).bind(key.id).run();
    }
    return done;
}

/// Those that are set, joined.
std::string joined(std::initializer_list<std::pair<bool, std::string_view>> conditions) {
    std::string all;
    for (const auto& [is_set, condition] : conditions) {
        if (is_set) {
            all.append(all.empty() ? "" : " AND ").append(condition);
        }
    }
    return all.empty() ? "FALSE" : all;
}

constexpr std::string_view kOfCase = "case_number = ? AND case_number <> ''";  // the indexes are of such only

}  // namespace

std::string condition_of(const Selection& what) {
    return joined({{!what.exchange.empty(), "exchange = ?"},
                   {!what.case_number.empty(), kOfCase},
                   {what.before.has_value(), "at < ?"}});
}

std::string condition_of_keys(const Selection& what) {
    if (!what.exchange.empty()) {
        return "FALSE";
    }
    return joined({{!what.case_number.empty(), kOfCase}, {what.before.has_value(), "until <= ?"}});
}

Result<std::unique_ptr<Shelf>> Shelf::open(const std::string& file) {
    auto database = store::Database::open(file, kTables);
    if (!database) {
        return fail(as_evidence(database.error()));
    }
    return std::unique_ptr<Shelf>{new Shelf{file, std::move(*database)}};  // make_unique can't reach the constructor
}

std::string Shelf::file_of(const std::string& evidence_folder) {
    return evidence_folder + "/bodies/bodies.db";
}

Status Shelf::put(std::span<const Bodies> many, std::span<SubjectKey> keys) {
    const auto held = hold();
    Status done;
    for (SubjectKey& key : keys) {
        key.is_erased = is_erased(key);
    }
    {
        Transaction transaction{database_.get()};
        done = transaction.begun();
        for (std::size_t i = 0; done && i < many.size(); ++i) {
            done = is_erased(many[i]) ? Status{} : insert(database_.get(), many[i]);
        }
        for (std::size_t i = 0; done && i < keys.size(); ++i) {
            done = keys[i].is_erased ? Status{} : insert(database_.get(), keys[i]);
        }
        if (done) {
            done = transaction.commit();
        }
    }
    if (done && is_unsettled_) {  // at once or not at all: calls wait
        is_unsettled_ = !database_.settle_now();
    }
    return done ? Status{} : fail(as_evidence(done.error()));
}

Result<std::vector<Body>> Shelf::find(const std::string& exchange) {
    const auto held = hold();
    Statement select{database_.get(), "SELECT name, policy, octets FROM body WHERE exchange = ? ORDER BY name"};
    select.bind(exchange);
    std::vector<Body> found;
    while (select.next()) {
        found.push_back({.name = select.text(0),
                         .policy = policy_by_name(select.text(1)).value_or(Policy::sealed),
                         .octets = select.text(2)});
    }
    auto read = select.status();
    return read ? Result<std::vector<Body>>{std::move(found)} : fail(as_evidence(read.error()));
}

Result<std::vector<std::string>> Shelf::names_of(const std::string& person, const Secret& gateway) {
    std::vector<std::string> names{person};
    const auto held = hold();
    Statement select{database_.get(),
                     "SELECT id, case_number, until, sealed FROM subject_place JOIN subject_key ON key = id "
                     "WHERE locator = ?"};
    select.bind(locator_of(person));
    while (select.next()) {
        const Secret key = open_subject_key(
            {.id = select.text(0), .case_number = select.text(1), .until = select.number(2), .sealed = select.text(3)},
            gateway);
        if (!key.empty()) {
            names.push_back(name_under(key, person));
        }
    }
    auto read = select.status();
    return read ? Result<std::vector<std::string>>{std::move(names)} : fail(as_evidence(read.error()));
}

Result<std::int64_t> Shelf::count_keys(const Selection& what) {
    if (what.empty() || what.kept == Kept::bodies || !what.exchange.empty()) {
        return 0;
    }
    auto own = store::Database::open(file_, kTables);  // whoever counts for long holds up nobody
    if (!own) {
        return fail(as_evidence(own.error()));
    }
    Statement select{own->get(), "SELECT count(*) FROM subject_key WHERE " + condition_of_keys(what)};
    bind(select, what, true);
    const std::int64_t count = select.next() ? select.number(0) : 0;
    auto read = select.status();
    return read ? Result<std::int64_t>{count} : fail(as_evidence(read.error()));
}

Result<std::int64_t> Shelf::count(const Selection& what) {
    if (what.empty() || what.kept == Kept::subjects) {
        return 0;
    }
    auto own = store::Database::open(file_, kTables);  // likewise
    if (!own) {
        return fail(as_evidence(own.error()));
    }
    Statement select{own->get(), "SELECT count(DISTINCT exchange) FROM body WHERE " + condition_of(what)};
    bind(select, what);
    const std::int64_t count = select.next() ? select.number(0) : 0;
    auto read = select.status();
    return read ? Result<std::int64_t>{count} : fail(as_evidence(read.error()));
}

Status Shelf::erase(const Selection& what) {
    if (what.empty()) {
        return {};
    }
    Status done;
    if (what.kept != Kept::subjects) {
        {
            const auto held = hold();
            recent_bodies_.push_back(what);
            if (recent_bodies_.size() > kRecent) {
                recent_bodies_.pop_front();
            }
            ++body_erasures_;
        }
        done = erase_all(what, false);
    }
    if (done && what.kept != Kept::bodies && what.exchange.empty()) {
        const auto tell = [this] { return erased_ ? erased_() : void(); };
        tell();
        done = erase_all(what, true);
    }
    return done ? settle() : done;
}

Status Shelf::erase_all(const Selection& what, bool of_keys) {
    Result<bool> more = true;
    while (more && *more) {
        more = erase_some(what, of_keys);
    }
    return more ? Status{} : fail(as_evidence(more.error()));
}

/// One batch, durable. @return whether there may be more.
Result<bool> Shelf::erase_some(const Selection& what, bool of_keys) {
    const auto held = hold();
    is_unsettled_ = true;
    if (of_keys) {
        return erase_keys(what);
    }
    Statement remove{database_.get(),
                     "DELETE FROM body WHERE (exchange, name) IN (SELECT exchange, name FROM body WHERE " +
                         condition_of(what) + " LIMIT " + std::string{kBatch} + ')'};
    bind(remove, what);
    auto done = remove.run();
    return done ? Result<bool>{sqlite3_changes(database_.get()) > 0} : fail(std::move(done.error()));
}

/// The key of a day may have a hundred thousand persons: they go first, batch by batch, and a key when it has none.
Result<bool> Shelf::erase_keys(const Selection& what) {
    const std::string batch =
        "SELECT id FROM subject_key WHERE " + condition_of_keys(what) + " LIMIT " + std::string{kBatch};
    Statement persons{database_.get(),
                      "DELETE FROM subject_place WHERE (locator, key) IN (SELECT locator, key FROM subject_place WHERE "
                      "key IN (" +
                          batch + ") LIMIT " + std::string{kBatch} + ')'};
    bind(persons, what, true);
    if (auto done = persons.run(); !done || sqlite3_changes(database_.get()) > 0) {
        return done ? Result<bool>{true} : fail(std::move(done.error()));
    }
    Statement keys{database_.get(), "DELETE FROM subject_key WHERE id IN (" + batch + ')'};
    bind(keys, what, true);
    auto done = keys.run();
    const bool is_any = sqlite3_changes(database_.get()) > 0;
    note_erased(what);  // failed or not: it may have been done
    return done ? Result<bool>{is_any} : fail(std::move(done.error()));
}

/// Whoever takes a key from memory after the new number is there finds none that this erasure meant; whoever took one
/// before is known by the old number.
void Shelf::note_erased(const Selection& what) {
    if (erased_) {
        erased_();
    }
    recent_.push_back(what);
    if (recent_.size() > kRecent) {
        recent_.pop_front();
    }
    ++erasures_;
}

bool Shelf::is_erased(const SubjectKey& key) const {
    const std::uint64_t since = erasures_ - key.erasures;
    const auto meant = [&](const Selection& what) {
        return (what.case_number.empty() || what.case_number == key.case_number) &&
               (!what.before || key.until <= *what.before);
    };
    return since > recent_.size() ||
           std::any_of(recent_.end() - static_cast<std::ptrdiff_t>(since), recent_.end(), meant);
}

bool Shelf::is_erased(const Bodies& of) const {
    if (!of.later) {
        return false;
    }
    const std::uint64_t since = body_erasures_ - of.later->erasures;
    const auto meant = [&](const Selection& what) {
        return (what.exchange.empty() || what.exchange == of.later->exchange) &&
               (what.case_number.empty() || what.case_number == of.case_number) &&
               (!what.before || of.later->at < *what.before);
    };
    return since > recent_bodies_.size() ||
           std::any_of(recent_bodies_.end() - static_cast<std::ptrdiff_t>(since), recent_bodies_.end(), meant);
}

Status Shelf::settle() {
    auto done = database_.settle_between([this] { return hold(); }, [this](bool is_done) { is_unsettled_ = !is_done; });
    return done ? Status{} : fail(as_evidence(done.error()));
}

/// In the order of asking, near enough: who holds it and wants it again stands behind whoever waits.
std::unique_lock<std::mutex> Shelf::hold() {
    const std::lock_guard turn{turn_};
    return std::unique_lock{mutex_};
}

Status Shelf::probe() {
    const auto held = hold();
    auto done = database_.execute("INSERT INTO probe VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET tries = tries + 1");
    return done ? Status{} : fail(as_evidence(done.error()));
}

}  // namespace datong::vault
