#include "core/accounts/shelf.h"

#include <utility>

#include "core/base/text.h"
#include "core/store/statement.h"

namespace datong::accounts {
namespace {

using store::Statement;
using store::Transaction;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS account (
    name TEXT PRIMARY KEY, display TEXT NOT NULL, organisation TEXT NOT NULL, roles TEXT NOT NULL,
    territory TEXT NOT NULL, disabled INTEGER NOT NULL, has_to_change INTEGER NOT NULL, x509 TEXT NOT NULL,
    password TEXT NOT NULL, totp BLOB NOT NULL, totp_step INTEGER NOT NULL, created INTEGER NOT NULL,
    changed INTEGER NOT NULL, revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS account_x509 ON account (x509) WHERE x509 <> '';
CREATE TABLE IF NOT EXISTS session (
    digest BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE, x509 TEXT NOT NULL,
    opened INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_account ON session (account, opened);
CREATE TABLE IF NOT EXISTS failure (
    name_mac BLOB PRIMARY KEY, count INTEGER NOT NULL, locked_until INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS given (
    account TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE, password_by TEXT NOT NULL,
    totp_by TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owed (number INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
)";

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) {
        all.append(all.empty() ? "" : ",").append(text);
    }
    return all;
}

std::vector<std::string> parted(const std::string& text) {
    if (text.empty()) {
        return {};
    }
    const auto parts = split(text, ',');
    return {parts.begin(), parts.end()};
}

/// What was kept. Roles that nobody knows any more grant nothing.
KeptAccount account_in(const Statement& row) {
    KeptAccount kept;
    Account& account = kept.account;
    account.name = row.text(0);
    account.display = Personal{row.text(1)};
    account.organisation = row.text(2);
    account.roles = read_roles(parted(row.text(3))).value_or(std::vector<Role>{});
    account.territory = parted(row.text(4));
    account.disabled = row.number(5) != 0;
    account.has_to_change_password = row.number(6) != 0;
    account.x509 = row.text(7);
    kept.password = row.text(8);
    kept.totp = row.text(9);
    kept.totp_step = row.number(10);
    account.created = row.number(11);
    account.changed = row.number(12);
    kept.revision = row.number(13);
    kept.password_by = row.text(14);
    kept.totp_by = row.text(15);
    return kept;
}

}  // namespace

Result<std::unique_ptr<Shelf>> Shelf::open(const std::string& file) {
    auto database = store::Database::open(file, {.synchronous = "FULL", .version = 1, .tables = kTables});
    if (!database) {
        return fail(std::move(database.error()));
    }
    return std::unique_ptr<Shelf>{new Shelf{std::move(*database)}};  // make_unique can't reach the constructor
}

std::string Shelf::file_of(const std::string& store_file) {
    return store_file + ".accounts";
}

/// @param name  empty: all of them.
Result<std::vector<KeptAccount>> Shelf::select(const std::string& name) const {
    Statement select{database_.get(),
                     "SELECT name, display, organisation, roles, territory, disabled, has_to_change, x509, password, "
                     "totp, totp_step, created, changed, revision, COALESCE(password_by, ''), COALESCE(totp_by, '') "
                     "FROM account LEFT JOIN given ON given.account = name WHERE ? = '' OR name = ? ORDER BY name"};
    select.bind(name).bind(name);
    std::vector<KeptAccount> all;
    while (select.next()) {
        all.push_back(account_in(select));
    }
    auto read = select.status();
    return read ? Result<std::vector<KeptAccount>>{std::move(all)} : fail(std::move(read.error()));
}

Result<std::optional<KeptAccount>> Shelf::find(const std::string& name) {
    if (name.empty()) {
        return std::nullopt;
    }
    const std::lock_guard lock{mutex_};
    auto found = select(name);
    if (!found) {
        return fail(std::move(found.error()));
    }
    return found->empty() ? std::nullopt : std::optional{std::move(found->front())};
}

Result<std::vector<KeptAccount>> Shelf::all() {
    const std::lock_guard lock{mutex_};
    return select({});
}

Result<std::int64_t> Shelf::count() const {
    Statement select{database_.get(), "SELECT count(*) FROM account"};
    const std::int64_t count = select.next() ? select.number(0) : 0;
    auto read = select.status();
    return read ? Result<std::int64_t>{count} : fail(std::move(read.error()));
}

Status Shelf::insert(const KeptAccount& kept) const {
    const Account& account = kept.account;
    Statement insert{database_.get(), "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"};
    insert.bind(account.name).bind(account.display.reveal()).bind(account.organisation).bind(to_text(account.roles));
    insert.bind(joined(account.territory)).bind(std::int64_t{account.disabled});
    insert.bind(std::int64_t{account.has_to_change_password}).bind(account.x509).bind(kept.password);
    insert.bind_octets(kept.totp).bind(kept.totp_step).bind(account.created).bind(account.changed);
    return insert.run().and_then([&] { return note_givers(kept); });
}

/// Who gave what stands: apart from the account, for its table is older.
Status Shelf::note_givers(const KeptAccount& kept) const {
    Statement note{database_.get(), "INSERT OR REPLACE INTO given VALUES (?, ?, ?)"};
    return note.bind(kept.account.name).bind(kept.password_by).bind(kept.totp_by).run();
}

/// A step that was used meanwhile stays used, unless the second factor is another.
Result<bool> Shelf::update(const KeptAccount& kept) const {
    const Account& account = kept.account;
    Statement update{
        database_.get(),
        "UPDATE account SET display = ?, organisation = ?, roles = ?, territory = ?, disabled = ?, "
        "has_to_change = ?, x509 = ?, password = ?, totp_step = CASE WHEN totp = ? THEN totp_step ELSE 0 END, "
        "totp = ?, changed = ?, revision = revision + 1 WHERE name = ? AND revision = ?"};
    update.bind(account.display.reveal()).bind(account.organisation).bind(to_text(account.roles));
    update.bind(joined(account.territory)).bind(std::int64_t{account.disabled});
    update.bind(std::int64_t{account.has_to_change_password}).bind(account.x509).bind(kept.password);
    update.bind_octets(kept.totp).bind_octets(kept.totp).bind(account.changed).bind(account.name).bind(kept.revision);
    if (auto done = update.run(); !done) {
        return fail(std::move(done.error()));
    }
    const bool is_same = sqlite3_changes(database_.get()) == 1;
    auto noted = is_same ? note_givers(kept) : Status{};
    return noted ? Result<bool>{is_same} : fail(std::move(noted.error()));
}

Result<bool> Shelf::add(const KeptAccount& kept, const Before& before) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    const auto there = transaction.begun().and_then([&] { return select(kept.account.name); });
    if (!there) {
        return fail(there.error());
    }
    if (!there->empty()) {
        return false;
    }
    auto added = insert(kept).and_then(before).and_then([&] { return transaction.commit(); });
    return added ? Result<bool>{true} : fail(std::move(added.error()));
}

Result<bool> Shelf::add_first(const KeptAccount& kept, const std::string& owed_entry) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    const auto there = transaction.begun().and_then([&] { return count(); });
    if (!there) {
        return fail(there.error());
    }
    if (*there != 0) {
        return false;
    }
    Statement owe{database_.get(), "INSERT INTO owed (entry) VALUES (?)"};
    owe.bind(owed_entry);
    auto added = insert(kept).and_then([&] { return owe.run(); }).and_then([&] { return transaction.commit(); });
    return added ? Result<bool>{true} : fail(std::move(added.error()));
}

Result<bool> Shelf::change(const KeptAccount& kept, bool ends_sessions, const Before& before) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    const auto changed = transaction.begun().and_then([&] { return update(kept); });
    if (!changed || !*changed) {
        return changed;
    }
    Status ended;
    if (ends_sessions) {
        Statement end{database_.get(), "DELETE FROM session WHERE account = ?"};
        ended = end.bind(kept.account.name).run();
    }
    auto done = ended.and_then(before).and_then([&] { return transaction.commit(); });
    return done ? Result<bool>{true} : fail(std::move(done.error()));
}

Result<bool> Shelf::has_x509(const std::string& x509, const std::string& but_for) {
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), "SELECT count(*) FROM account WHERE x509 = ? AND x509 <> '' AND name <> ?"};
    select.bind(x509).bind(but_for);
    const bool has = select.next() && select.number(0) != 0;
    auto read = select.status();
    return read ? Result<bool>{has} : fail(std::move(read.error()));
}

Result<bool> Shelf::use_step(const std::string& name, std::int64_t step) {
    const std::lock_guard lock{mutex_};
    Statement update{database_.get(), "UPDATE account SET totp_step = ? WHERE name = ? AND totp_step < ?"};
    if (auto done = update.bind(step).bind(name).bind(step).run(); !done) {
        return fail(std::move(done.error()));
    }
    return sqlite3_changes(database_.get()) == 1;
}

Result<Failures> Shelf::read_failures(const std::string& name_mac) const {
    Statement select{database_.get(), "SELECT count, locked_until FROM failure WHERE name_mac = ?"};
    select.bind_octets(name_mac);
    Failures failures;
    if (select.next()) {
        failures = {.count = select.number(0), .locked_until = select.number(1)};
    }
    auto read = select.status();
    return read ? Result<Failures>{failures} : fail(std::move(read.error()));
}

Result<Failures> Shelf::failures_of(const std::string& name_mac) {
    const std::lock_guard lock{mutex_};
    return read_failures(name_mac);
}

Result<Failures> Shelf::count_failure(const std::string& name_mac, const Failures& lock, std::int64_t now,
                                      const Before& before) {
    const std::lock_guard alone{mutex_};
    Transaction transaction{database_.get()};
    auto begun = transaction.begun();
    const auto there = begun ? read_failures(name_mac) : fail(std::move(begun.error()));
    if (!there || there->locked_until > now) {
        return there;
    }
    Failures next{.count = there->locked_until == 0 ? there->count + 1 : 1, .locked_until = 0};
    next.locked_until = next.count >= lock.count ? lock.locked_until : 0;
    Statement insert{database_.get(),
                     "INSERT INTO failure VALUES (?, ?, ?, ?) ON CONFLICT (name_mac) DO UPDATE SET count = "
                     "excluded.count, locked_until = excluded.locked_until, at = excluded.at"};
    insert.bind_octets(name_mac).bind(next.count).bind(next.locked_until).bind(now);
    auto done = insert.run().and_then([&] { return next.locked_until == 0 ? Status{} : before(); }).and_then([&] {
        return transaction.commit();
    });
    return done ? Result<Failures>{next} : fail(std::move(done.error()));
}

Status Shelf::forgive(const std::string& name_mac, const Before& before) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    Statement remove{database_.get(), "DELETE FROM failure WHERE name_mac = ?"};
    remove.bind_octets(name_mac);
    return transaction.begun().and_then([&] { return remove.run(); }).and_then(before).and_then([&] {
        return transaction.commit();
    });
}

}  // namespace datong::accounts
