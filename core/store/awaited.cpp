#include "core/store/awaited.h"

#include <array>

#include "core/store/meant.h"
#include "core/store/statement.h"

namespace datong::store {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS awaited (
    exchange TEXT NOT NULL, material TEXT NOT NULL, requirement TEXT NOT NULL, matter TEXT NOT NULL,
    consumer TEXT NOT NULL, service TEXT NOT NULL, case_number TEXT NOT NULL, why TEXT NOT NULL, sealed BLOB NOT NULL,
    created INTEGER NOT NULL, until INTEGER NOT NULL, again INTEGER NOT NULL, next INTEGER NOT NULL,
    state TEXT NOT NULL, outcome TEXT NOT NULL DEFAULT '', promise TEXT NOT NULL DEFAULT '',
    body BLOB NOT NULL DEFAULT x'', attempts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (exchange, material)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS awaited_next ON awaited (next) WHERE state IN ('waiting', 'due');
CREATE INDEX IF NOT EXISTS awaited_case ON awaited (case_number) WHERE case_number <> '';
CREATE INDEX IF NOT EXISTS awaited_created ON awaited (created);
)";

constexpr std::string_view kSelect =
    "SELECT exchange, material, requirement, matter, consumer, service, case_number, why, sealed, created, until, "
    "again, next, state, outcome, promise, body, attempts FROM awaited ";

/// That are told to one consumer, or asked of one service, at a time: a row keeps its place until it is put off or
/// over, so whoever hangs holds up no others.
constexpr std::int64_t kMostOfOne = 8;

constexpr std::array<std::string_view, 4> kStates{"waiting", "due", "told", "undelivered"};

Wait state_by_name(std::string_view name) {
    for (std::size_t i = 0; i < kStates.size(); ++i) {
        if (kStates[i] == name) {
            return static_cast<Wait>(i);
        }
    }
    return Wait::undelivered;  // nothing is done for what can't be read
}

Awaited read(const Statement& row) {
    return {.exchange = row.text(0),
            .material = row.text(1),
            .requirement = row.text(2),
            .matter = row.text(3),
            .consumer = row.text(4),
            .service = row.text(5),
            .case_number = row.text(6),
            .why = row.text(7),
            .sealed = row.text(8),
            .created = row.number(9),
            .until = row.number(10),
            .again = row.number(11),
            .next = row.number(12),
            .state = state_by_name(row.text(13)),
            .outcome = row.text(14),
            .promise = row.text(15),
            .body = row.text(16),
            .attempts = row.number(17)};
}

Result<std::vector<Awaited>> rows_of(Statement& select) {
    std::vector<Awaited> rows;
    while (select.next()) {
        rows.push_back(read(select));
    }
    auto good = select.status();
    return good ? Result<std::vector<Awaited>>{std::move(rows)} : fail(std::move(good.error()));
}

}  // namespace

std::string_view name_of(Wait state) {
    return kStates[static_cast<std::size_t>(state)];
}

Result<std::unique_ptr<AwaitedBook>> AwaitedBook::open(const std::string& file) {
    auto database = Database::open(file, {.synchronous = "FULL", .version = 1, .tables = kTables});
    if (!database) {
        return fail(std::move(database.error()));
    }
    return std::unique_ptr<AwaitedBook>{new AwaitedBook{std::move(*database)}};  // make_unique can't reach it
}

Status AwaitedBook::keep(const std::vector<Awaited>& all) {
    return insert("INSERT", all);
}

Status AwaitedBook::announce(const std::vector<Awaited>& all) {
    return insert("INSERT OR IGNORE", all);
}

Status AwaitedBook::insert(std::string_view how, const std::vector<Awaited>& all) {
    const std::lock_guard lock{mutex_};
    Transaction transaction{database_.get()};
    if (auto begun = transaction.begun(); !begun) {
        return begun;
    }
    for (const Awaited& one : all) {
        Statement insert{database_.get(),
                         std::string{how} +
                             " INTO awaited (exchange, material, requirement, matter, consumer, service, case_number, "
                             "why, sealed, created, until, again, next, state, outcome, body) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
        insert.bind(one.exchange).bind(one.material).bind(one.requirement).bind(one.matter).bind(one.consumer);
        insert.bind(one.service).bind(one.case_number).bind(one.why).bind_octets(one.sealed).bind(one.created);
        insert.bind(one.until).bind(one.again).bind(one.next).bind(name_of(one.state)).bind(one.outcome);
        if (auto done = insert.bind_octets(one.body).run(); !done) {
            return done;
        }
    }
    return transaction.commit();
}

Result<std::vector<Awaited>> AwaitedBook::due(std::int64_t now, std::int64_t most) {
    const std::lock_guard lock{mutex_};
    Statement select{
        database_.get(),
        std::string{kSelect} +
            "WHERE (exchange, material) IN (SELECT exchange, material FROM (SELECT exchange, material, ROW_NUMBER() "
            "OVER (PARTITION BY state, CASE state WHEN 'due' THEN consumer ELSE service END ORDER BY next, exchange, "
            "material) AS place FROM awaited WHERE state IN ('waiting', 'due') AND next <= ? AND (state = 'due' OR "
            "exchange NOT IN (SELECT value FROM json_each(?)))) WHERE place <= ?) ORDER BY next LIMIT ?"};
    select.bind(now).bind(held_as_json()).bind(kMostOfOne).bind(most);
    return rows_of(select);
}

Result<std::vector<Awaited>> AwaitedBook::select(std::string_view where, std::string_view one,
                                                 std::string_view other) const {
    Statement select{database_.get(), std::string{kSelect}.append(where)};
    select.bind(one).bind(other);
    return rows_of(select);
}

Result<std::vector<Awaited>> AwaitedBook::of(const std::string& consumer, const std::string& exchange) {
    const std::lock_guard lock{mutex_};
    return select("WHERE consumer = ? AND exchange = ? ORDER BY material", consumer, exchange);
}

Result<std::vector<Awaited>> AwaitedBook::waiting(const std::string& exchange, const std::string& material) {
    const std::lock_guard lock{mutex_};
    return select("WHERE exchange = ? AND material = ? AND state = 'waiting'", exchange, material);
}

Result<std::vector<Awaited>> AwaitedBook::open_ones(std::int64_t most) {
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), std::string{kSelect} + "WHERE state <> 'told' ORDER BY created LIMIT ?"};
    select.bind(most);
    return rows_of(select);
}

Status AwaitedBook::put_off(const Awaited& one, std::int64_t next, std::int64_t attempts) {
    const std::lock_guard lock{mutex_};
    Statement update{database_.get(),
                     "UPDATE awaited SET next = ?, attempts = ? WHERE exchange = ? AND material = ? AND state = ?"};
    return update.bind(next).bind(attempts).bind(one.exchange).bind(one.material).bind(name_of(one.state)).run();
}

Result<bool> AwaitedBook::settle(const Awaited& one) {
    const std::lock_guard lock{mutex_};
    Statement update{database_.get(),
                     "UPDATE awaited SET state = ?, outcome = ?, promise = ?, body = ?, next = ?, until = ?, "
                     "sealed = x'', attempts = 0 WHERE exchange = ? AND material = ? AND state = 'waiting'"};
    update.bind(name_of(one.state)).bind(one.outcome).bind(one.promise).bind_octets(one.body).bind(one.next);
    update.bind(one.until).bind(one.exchange).bind(one.material);
    if (auto done = update.run(); !done) {
        return fail(std::move(done.error()));
    }
    return sqlite3_changes(database_.get()) == 1;
}

Status AwaitedBook::conclude(const Awaited& one, Wait state) {
    const std::lock_guard lock{mutex_};
    Statement update{database_.get(),
                     "UPDATE awaited SET state = ?, attempts = ?, outcome = ?, body = ? "
                     "WHERE exchange = ? AND material = ? AND state = 'due'"};
    update.bind(name_of(state)).bind(one.attempts).bind(one.outcome).bind_octets(one.body);
    return update.bind(one.exchange).bind(one.material).run();
}

Status AwaitedBook::forget(std::int64_t before) {
    const std::lock_guard lock{mutex_};
    Statement erase{database_.get(), "DELETE FROM awaited WHERE state IN ('told', 'undelivered') AND next < ?"};
    return erase.bind(before).run();
}

Result<std::vector<std::string>> AwaitedBook::calls_waiting() {
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), "SELECT DISTINCT exchange FROM awaited WHERE state = 'waiting'"};
    std::vector<std::string> calls;
    while (select.next()) {
        calls.push_back(select.text(0));
    }
    auto good = select.status();
    return good ? Result<std::vector<std::string>>{std::move(calls)} : fail(std::move(good.error()));
}

Status AwaitedBook::drop(const std::string& exchange) {
    Status done;
    {
        const std::lock_guard lock{mutex_};
        Statement drop{database_.get(), "DELETE FROM awaited WHERE exchange = ? AND state = 'waiting'"};
        done = drop.bind(exchange).run();
    }
    if (done) {
        const std::lock_guard lock{marking_};
        held_.erase(exchange);
        owed_.erase(exchange);
    } else {
        owe_drop(exchange);
    }
    return done;
}

void AwaitedBook::owe_drop(const std::string& exchange) {
    const std::lock_guard lock{marking_};
    held_.insert(exchange);
    owed_.insert(exchange);
}

Status AwaitedBook::drop_owed() {
    std::set<std::string> all;
    {
        const std::lock_guard lock{marking_};
        all = owed_;
    }
    for (const std::string& exchange : all) {
        if (auto done = drop(exchange); !done) {
            return done;
        }
    }
    return {};
}

void AwaitedBook::hold(const std::vector<std::string>& calls) {
    const std::lock_guard lock{marking_};
    held_.insert(calls.begin(), calls.end());
}

void AwaitedBook::release(const std::string& call) {
    const std::lock_guard lock{marking_};
    if (!owed_.contains(call)) {
        held_.erase(call);
    }
}

/// JSON, for the one question that asks of all of them; ids have no character that JSON escapes.
std::string AwaitedBook::held_as_json() {
    const std::lock_guard lock{marking_};
    std::string text = "[";
    for (const std::string& call : held_) {
        text.append(text.size() > 1 ? ",\"" : "\"").append(call).append("\"");
    }
    return text + ']';
}

Status AwaitedBook::erase(const std::string& exchange, const std::string& case_number,
                          const std::optional<std::int64_t>& before) {
    const Meant meant{exchange, case_number, before};
    if (meant.empty()) {
        return {};
    }
    {
        const std::lock_guard lock{mutex_};
        Statement erase{database_.get(), "DELETE FROM awaited WHERE " + meant.condition("exchange")};
        meant.bind(erase);
        is_unsettled_ = true;
        if (auto done = erase.run(); !done) {
            return done;
        }
    }
    return settle();
}

Result<bool> AwaitedBook::holds(const std::string& exchange, const std::string& case_number,
                                const std::optional<std::int64_t>& before) {
    const Meant meant{exchange, case_number, before};
    if (meant.empty()) {
        return false;
    }
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), "SELECT 1 FROM awaited WHERE " + meant.condition("exchange") + " LIMIT 1"};
    meant.bind(select);
    const bool is_there = select.next();
    auto good = select.status();
    return good ? Result<bool>{is_there} : fail(std::move(good.error()));
}

Status AwaitedBook::settle() {
    {
        const std::lock_guard lock{mutex_};
        if (!is_unsettled_) {
            return {};
        }
    }
    return database_.settle_between([this] { return std::unique_lock{mutex_}; },
                                    [this](bool is_done) { is_unsettled_ = !is_done; });
}

}  // namespace datong::store
