#include <utility>

#include "core/accounts/shelf.h"
#include "core/store/statement.h"

namespace datong::accounts {
namespace {

using store::Statement;
using store::Transaction;

constexpr std::int64_t kDay = 86'400;

}  // namespace

Result<bool> Shelf::open_session(const KeptSession& session, std::int64_t revision, std::size_t most,
                                 const Before& before) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    Statement insert{database_.get(),
                     "INSERT INTO session SELECT ?, name, ?, ?, ? FROM account WHERE name = ? AND revision = ?"};
    insert.bind_octets(session.digest).bind(session.x509).bind(session.opened).bind(session.used);
    insert.bind(session.account).bind(revision);
    auto inserted = transaction.begun().and_then([&] { return insert.run(); });
    if (!inserted) {
        return fail(std::move(inserted.error()));
    }
    if (sqlite3_changes(database_.get()) != 1) {
        return false;
    }
    Statement end{
        database_.get(),
        "DELETE FROM session WHERE account = ? AND digest NOT IN (SELECT digest FROM session WHERE account = ? "
        "ORDER BY opened DESC, digest = ? DESC LIMIT ?)"};
    end.bind(session.account).bind(session.account).bind_octets(session.digest).bind(static_cast<std::int64_t>(most));
    auto done = end.run().and_then(before).and_then([&] { return transaction.commit(); });
    return done ? Result<bool>{true} : fail(std::move(done.error()));
}

Result<std::optional<KeptSession>> Shelf::find_session(const std::string& digest) {
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), "SELECT account, x509, opened, used FROM session WHERE digest = ?"};
    select.bind_octets(digest);
    if (!select.next()) {
        auto read = select.status();
        return read ? Result<std::optional<KeptSession>>{std::nullopt} : fail(std::move(read.error()));
    }
    return std::optional{KeptSession{.digest = digest,
                                     .account = select.text(0),
                                     .x509 = select.text(1),
                                     .opened = select.number(2),
                                     .used = select.number(3)}};
}

Status Shelf::use_session(const std::string& digest, std::int64_t now) {
    const std::lock_guard lock{mutex_};
    Statement update{database_.get(), "UPDATE session SET used = ? WHERE digest = ?"};
    return update.bind(now).bind_octets(digest).run();
}

Status Shelf::end_session(const std::string& digest) {
    const std::lock_guard lock{mutex_};
    Statement remove{database_.get(), "DELETE FROM session WHERE digest = ?"};
    return remove.bind_octets(digest).run();
}

Status Shelf::forget(std::int64_t opened, std::int64_t used, std::int64_t now) {
    const std::lock_guard lock{mutex_};
    Statement sessions{database_.get(), "DELETE FROM session WHERE opened < ? OR used < ?"};
    Statement failures{database_.get(), "DELETE FROM failure WHERE at < ? AND locked_until < ?"};
    sessions.bind(opened).bind(used);
    failures.bind(now - kDay).bind(now);
    return sessions.run().and_then([&] { return failures.run(); });
}

Result<std::vector<Shelf::Owed>> Shelf::owed() {
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), "SELECT number, entry FROM owed ORDER BY number"};
    std::vector<Owed> all;
    while (select.next()) {
        all.push_back({.number = select.number(0), .entry = select.text(1)});
    }
    auto read = select.status();
    return read ? Result<std::vector<Owed>>{std::move(all)} : fail(std::move(read.error()));
}

Status Shelf::settle(std::int64_t number) {
    const std::lock_guard lock{mutex_};
    Statement remove{database_.get(), "DELETE FROM owed WHERE number = ?"};
    return remove.bind(number).run();
}

}  // namespace datong::accounts
