#include "core/vault/shelf.h"

#include <utility>

#include "core/store/statement.h"

namespace datong::vault {
namespace {

using store::Statement;
using store::Transaction;

constexpr store::Database::Wanted kTables{.version = 1, .tables = R"(
CREATE TABLE IF NOT EXISTS body (
    exchange TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, case_number TEXT NOT NULL, policy TEXT NOT NULL,
    octets BLOB NOT NULL, PRIMARY KEY (exchange, name)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS body_at ON body (at);
CREATE INDEX IF NOT EXISTS body_case ON body (case_number) WHERE case_number <> '';
CREATE TABLE IF NOT EXISTS probe (one INTEGER PRIMARY KEY CHECK (one = 1), tries INTEGER NOT NULL);
PRAGMA user_version = 1;
)"};

/// What is not set matches everything; what nobody asks for is nothing (see Selection).
constexpr std::string_view kMeant =
    " FROM body WHERE (?1 = '' OR exchange = ?1) AND (?2 = '' OR case_number = ?2) AND at < ?3";

constexpr std::int64_t kEver = INT64_MAX;

Error as_evidence(const Error& why) {
    return {Fault::evidence_unavailable, "bodies: " + why.detail()};
}

void bind(Statement& statement, const Selection& what) {
    statement.bind(what.exchange).bind(what.case_number).bind(what.before.value_or(kEver));
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

}  // namespace

Result<std::unique_ptr<Shelf>> Shelf::open(const std::string& file) {
    auto database = store::Database::open(file, kTables);
    if (!database) {
        return fail(as_evidence(database.error()));
    }
    return std::unique_ptr<Shelf>{new Shelf{std::move(*database)}};  // make_unique can't reach the constructor
}

std::string Shelf::file_of(const std::string& evidence_folder) {
    return evidence_folder + "/bodies/bodies.db";
}

Status Shelf::put(std::span<const Bodies> many) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    Status done = transaction.begun();
    for (std::size_t i = 0; done && i < many.size(); ++i) {
        done = insert(database_.get(), many[i]);
    }
    if (done) {
        done = transaction.commit();
    }
    return done ? Status{} : fail(as_evidence(done.error()));
}

Result<std::vector<Body>> Shelf::find(const std::string& exchange) {
    const std::lock_guard lock{mutex_};
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

Result<std::int64_t> Shelf::count(const Selection& what) {
    if (what.empty()) {
        return 0;
    }
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), std::string{"SELECT count(DISTINCT exchange)"}.append(kMeant)};
    bind(select, what);
    const std::int64_t count = select.next() ? select.number(0) : 0;
    auto read = select.status();
    return read ? Result<std::int64_t>{count} : fail(as_evidence(read.error()));
}

Status Shelf::erase(const Selection& what) {
    if (what.empty()) {
        return {};
    }
    const std::lock_guard lock{mutex_};
    Statement remove{database_.get(), std::string{"DELETE"}.append(kMeant)};
    bind(remove, what);
    auto done = remove.run().and_then([this] { return database_.settle(); });
    return done ? Status{} : fail(as_evidence(done.error()));
}

Status Shelf::probe() {
    const std::lock_guard lock{mutex_};
    auto done = database_.execute("INSERT INTO probe VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET tries = tries + 1");
    return done ? Status{} : fail(as_evidence(done.error()));
}

}  // namespace datong::vault
