#include "core/ledger/index.h"

#include <filesystem>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/store/statement.h"

namespace datong::ledger {
namespace {

using evidence::MaterialAnswered;
using store::Statement;

constexpr store::Database::Wanted kTables{.synchronous = "NORMAL", .version = 1, .tables = R"(
CREATE TABLE IF NOT EXISTS exchange (
    number INTEGER PRIMARY KEY, exchange TEXT NOT NULL UNIQUE, last INTEGER NOT NULL, at TEXT NOT NULL,
    consumer TEXT NOT NULL, service TEXT NOT NULL, matter TEXT NOT NULL, case_number TEXT NOT NULL,
    material TEXT NOT NULL, purpose TEXT NOT NULL, legal_basis TEXT NOT NULL, "grant" TEXT NOT NULL,
    operator_account TEXT NOT NULL, operator_division TEXT NOT NULL, outcome TEXT NOT NULL, status INTEGER NOT NULL,
    submits INTEGER NOT NULL, "of" TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS person (
    person TEXT NOT NULL, exchange TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (person, exchange, role)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS material (
    exchange TEXT NOT NULL, place INTEGER NOT NULL, material TEXT NOT NULL, service TEXT NOT NULL, source TEXT NOT NULL,
    outcome TEXT NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (exchange, place)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consent (exchange TEXT PRIMARY KEY, consent TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS taken (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS exchange_case ON exchange (case_number, number) WHERE case_number <> '';
CREATE INDEX IF NOT EXISTS exchange_at ON exchange (at);
CREATE INDEX IF NOT EXISTS exchange_consumer ON exchange (consumer, number);
CREATE INDEX IF NOT EXISTS exchange_service ON exchange (service, number);
CREATE INDEX IF NOT EXISTS exchange_matter ON exchange (matter, number);
CREATE INDEX IF NOT EXISTS person_exchange ON person (exchange);
CREATE INDEX IF NOT EXISTS material_name ON material (material, exchange);
)"};

constexpr std::string_view kSelect =
    "SELECT number, exchange, last, at, consumer, service, matter, case_number, material, purpose, legal_basis, "
    "\"grant\", operator_account, operator_division, outcome, status, submits, \"of\", "
    "COALESCE((SELECT consent FROM consent WHERE consent.exchange = exchange.exchange), '') FROM exchange ";

Entry read(const Statement& row) {
    return {.exchange = row.text(1),
            .number = row.number(0),
            .last = row.number(2),
            .at = row.text(3),
            .consumer = row.text(4),
            .service = row.text(5),
            .matter = row.text(6),
            .case_number = row.text(7),
            .material = row.text(8),
            .purpose = row.text(9),
            .legal_basis = row.text(10),
            .grant = row.text(11),
            .operator_account = row.text(12),
            .operator_division = row.text(13),
            .outcome = row.text(14),
            .status = row.number(15),
            .submits = row.number(16) != 0,
            .of = row.text(17),
            .consent = row.text(18),
            .persons = {},
            .materials = {}};
}

/// One condition and the texts that it compares with, bound where it says "?".
struct Condition {
    std::string_view sql;
    std::vector<std::string> values;
};

std::string as_json(const std::vector<std::string>& texts) {
    record::Record list = record::Record::list();
    for (const std::string& one : texts) {
        list.add(record::Record::text(one));
    }
    return codec::write_json(list);
}

std::vector<Condition> conditions_of(const Wanted& wanted) {
    std::vector<Condition> used;
    const auto add = [&used](const std::string& text, std::string_view sql) {
        if (!text.empty()) {
            used.push_back({.sql = sql, .values = {text}});
        }
    };
    add(wanted.case_number, "case_number = ?");
    add(wanted.matter, "matter = ?");
    add(wanted.material, "exchange IN (SELECT exchange FROM material WHERE material.material = ?)");
    add(wanted.consumer, "consumer = ?");
    add(wanted.service, wanted.service.find('@') == std::string::npos
                            ? "substr(service, 1, instr(service || '@', '@') - 1) = ?"
                            : "service = ?");
    add(wanted.outcome, "outcome = ?");
    add(wanted.from, "at >= ?");
    add(wanted.until, "at < ?");
    if (!wanted.persons.empty()) {
        used.push_back(
            {.sql = "exchange IN (SELECT exchange FROM person WHERE person IN (SELECT value FROM json_each(?)))",
             .values = {as_json(wanted.persons)}});
    }
    if (wanted.is_ended) {
        used.push_back({.sql = "outcome <> ''", .values = {}});
    }
    for (const NotYet& one : wanted.withheld) {
        used.push_back({.sql = "NOT (at >= ? AND purpose IN (SELECT value FROM json_each(?)))",
                        .values = {one.since, as_json(one.purposes)}});
    }
    return used;
}

}  // namespace

Result<std::unique_ptr<Index>> Index::open(const std::string& file) {
    auto database = store::Database::open(file, kTables);
    if (!database) {
        return fail(std::move(database.error()).within("index"));
    }
    return std::unique_ptr<Index>{new Index{file, std::move(*database)}};  // make_unique can't reach the constructor
}

Status Index::put_aside(const std::string& file) {
    std::error_code error;
    std::filesystem::rename(file, file + ".damaged", error);
    if (error && error != std::errc::no_such_file_or_directory) {
        return fail(Fault::unavailable, "index: " + file + ": " + error.message());
    }
    for (const char* beside : {"-wal", "-shm"}) {  // of the one that is gone: they would be read into the new one
        std::filesystem::remove(file + beside, error);
        if (error) {
            return fail(Fault::unavailable, "index: " + file + beside + ": " + error.message());
        }
    }
    return {};
}

Status Index::remake() {
    const std::lock_guard lock{mutex_};
    is_damaged_ = true;  // until it is done: on a full disk it is tried again
    reader_.reset();
    database_ = store::Database{};  // closed first: at its end it would take away what stands beside the new one
    if (auto gone = put_aside(file_); !gone) {
        return gone;
    }
    auto database = store::Database::open(file_, kTables);
    if (!database) {
        return fail(std::move(database.error()).within("index"));
    }
    database_ = std::move(*database);
    is_damaged_ = false;
    return {};
}

tl::unexpected<Error> Index::unread(Error why) {
    if (!store::is_damage(why)) {
        return fail(std::move(why));
    }
    is_damaged_ = true;
    return fail(std::move(why).within("index: a running gateway, or `datong evidence reindex`, makes it anew"));
}

std::string Index::file_of(const std::string& evidence_folder) {
    return evidence_folder + "/index/index.db";
}

Result<Page> Index::list(const Wanted& wanted) {
    const std::lock_guard lock{mutex_};
    const auto after = wanted.after.empty() ? std::optional<std::uint64_t>{0} : to_whole_number(wanted.after);
    if (!after || wanted.most < 1) {
        return fail(Fault::bad_request, "no such page");
    }
    const auto conditions = conditions_of(wanted);
    std::string sql = std::string{kSelect} + "WHERE number > ?";
    for (const Condition& one : conditions) {
        sql.append(" AND ").append(one.sql);
    }
    Statement select{database_.get(), sql + " ORDER BY number LIMIT ?"};
    select.bind(static_cast<std::int64_t>(*after));
    for (const Condition& one : conditions) {
        for (const std::string& value : one.values) {
            select.bind(value);
        }
    }
    select.bind(wanted.most + 1);
    Page page;
    while (select.next()) {
        page.entries.push_back(read(select));
    }
    if (auto good = select.status(); !good) {
        return unread(std::move(good.error()));
    }
    if (std::cmp_greater(page.entries.size(), wanted.most)) {
        page.entries.pop_back();
        page.next = std::to_string(page.entries.back().number);
    }
    if (auto whole = complete(page.entries); !whole) {
        return unread(std::move(whole.error()));
    }
    return page;
}

Result<std::optional<Entry>> Index::find(const std::string& exchange) {
    const std::lock_guard lock{mutex_};
    Statement select{database_.get(), std::string{kSelect} + "WHERE exchange = ?"};
    select.bind(exchange);
    std::vector<Entry> found;
    if (select.next()) {
        found.push_back(read(select));
    }
    if (auto good = select.status().and_then([&] { return complete(found); }); !good) {
        return unread(std::move(good.error()));
    }
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

/// Persons and materials of entries.
Status Index::complete(std::vector<Entry>& entries) const {
    for (Entry& entry : entries) {
        Statement persons{database_.get(),
                          "SELECT role || ':' || person FROM person WHERE exchange = ? ORDER BY role DESC"};
        persons.bind(entry.exchange);
        while (persons.next()) {
            entry.persons.push_back(persons.text(0));
        }
        Statement materials{
            database_.get(),
            "SELECT material, service, source, outcome, fields FROM material WHERE exchange = ? ORDER BY place"};
        materials.bind(entry.exchange);
        while (materials.next()) {
            MaterialAnswered one{.material = materials.text(0),
                                 .service = materials.text(1),
                                 .source = materials.text(2),
                                 .outcome = materials.text(3)};
            const std::string fields = materials.text(4);
            for (const std::string_view field :
                 fields.empty() ? std::vector<std::string_view>{} : split(fields, '\n')) {
                one.fields.emplace_back(field);
            }
            entry.materials.push_back(std::move(one));
        }
        if (auto good = persons.status().and_then([&] { return materials.status(); }); !good) {
            return good;
        }
    }
    return {};
}

}  // namespace datong::ledger
