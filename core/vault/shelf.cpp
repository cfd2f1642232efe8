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

/// Rows that are deleted in one go: calls that keep bodies wait for one such batch, never for a whole erasure.
constexpr std::string_view kBatch = "256";

Error as_evidence(const Error& why) {
    return {Fault::evidence_unavailable, "bodies: " + why.detail()};
}

void bind(Statement& statement, const Selection& what) {
    if (!what.exchange.empty()) {
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

}  // namespace

std::string condition_of(const Selection& what) {
    std::string all;
    const auto add = [&all](bool is_set, std::string_view condition) {
        if (is_set) {
            all.append(all.empty() ? "" : " AND ").append(condition);
        }
    };
    add(!what.exchange.empty(), "exchange = ?");
    add(!what.case_number.empty(), "case_number = ? AND case_number <> ''");  // the index is of such only
    add(what.before.has_value(), "at < ?");
    return all.empty() ? "FALSE" : all;
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

Status Shelf::put(std::span<const Bodies> many) {
    const auto held = hold();
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

Result<std::int64_t> Shelf::count(const Selection& what) {
    if (what.empty()) {
        return 0;
    }
    auto own = store::Database::open(file_, kTables);  // whoever counts for long holds up nobody
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
    Result<bool> more = true;
    while (more && *more) {
        more = erase_some(what);
    }
    if (!more) {
        return fail(as_evidence(more.error()));
    }
    const auto held = hold();
    auto done = database_.settle();
    return done ? Status{} : fail(as_evidence(done.error()));
}

/// One batch, durable. @return whether there may be more.
Result<bool> Shelf::erase_some(const Selection& what) {
    const auto held = hold();
    Statement remove{database_.get(),
                     "DELETE FROM body WHERE (exchange, name) IN (SELECT exchange, name FROM body WHERE " +
                         condition_of(what) + " LIMIT " + std::string{kBatch} + ')'};
    bind(remove, what);
    auto done = remove.run();
    return done ? Result<bool>{sqlite3_changes(database_.get()) > 0} : fail(std::move(done.error()));
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
