#include <limits>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/evidence/frame.h"
#include "core/ledger/index.h"
#include "core/seals/record_reader.h"
#include "core/store/statement.h"

namespace datong::ledger {
namespace {

using record::Record;
using store::Statement;
using store::Transaction;

constexpr std::int64_t kOfOneTransaction = 2'000;

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text.append(text.empty() ? "" : "\n").append(line);
    }
    return text;
}

/// Of the kinds that the index holds nothing of: their payload need not be parsed.
bool is_of_exchanges(std::string_view payload) {
    const std::string_view kind = seals::kind_of(payload);
    return kind == "intent" || kind == "outcome" || kind == "closing" || kind == "refusal";
}

}  // namespace

Result<std::int64_t> Index::last() {
    const std::lock_guard lock{mutex_};
    return last_here();
}

Result<std::int64_t> Index::last_here() const {
    Statement select{database_.get(), "SELECT last FROM taken"};
    const std::int64_t last = select.next() ? select.number(0) : 0;
    auto good = select.status();
    return good ? Result<std::int64_t>{last} : fail(std::move(good.error()));
}

Result<std::int64_t> Index::feed(const std::string& evidence_folder, const std::optional<std::uint64_t>& until) {
    const std::lock_guard lock{mutex_};
    std::int64_t taken = 0;
    for (;;) {
        auto some = feed_some(evidence_folder, until.value_or(std::numeric_limits<std::uint64_t>::max()));
        if (!some || *some == 0) {
            return some ? Result<std::int64_t>{taken} : std::move(some);
        }
        taken += *some;
    }
}

Result<std::int64_t> Index::rebuild(const std::string& evidence_folder) {
    {
        const std::lock_guard lock{mutex_};
        const Status emptied = database_.execute(
            "BEGIN IMMEDIATE; DELETE FROM exchange; DELETE FROM person; DELETE FROM material; DELETE FROM taken; "
            "COMMIT");
        if (!emptied) {
            return fail(emptied.error());
        }
    }
    return feed(evidence_folder);
}

/// One transaction: what was taken, and that it was.
Result<std::int64_t> Index::feed_some(const std::string& evidence_folder, std::uint64_t until) {
    Transaction transaction{database_.get()};
    const auto last = transaction.begun().and_then([this] { return last_here(); });
    if (!last) {
        return fail(last.error());
    }
    seals::RecordReader reader{evidence_folder, static_cast<std::uint64_t>(*last) + 1};
    std::int64_t taken = 0;
    const codec::JsonLimits limits{.max_bytes = evidence::kMaxPayload, .max_depth = 32, .max_nodes = 4'000'000};
    while (taken < kOfOneTransaction && reader.number() <= until) {
        const auto payload = reader.next();
        if (!payload) {
            return fail(payload.error());
        }
        if (!*payload) {
            break;
        }
        ++taken;
        if (!is_of_exchanges(**payload)) {
            continue;
        }
        const auto entry = codec::read_json(**payload, limits);
        const Status kept = entry ? take(*entry) : fail(entry.error());
        if (!kept) {
            return fail(kept.error());
        }
    }
    if (taken == 0) {
        return 0;
    }
    Statement note{database_.get(),
                   "INSERT INTO taken VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET last = excluded.last"};
    auto kept = note.bind(*last + taken).run().and_then([&] { return transaction.commit(); });
    return kept ? Result<std::int64_t>{taken} : fail(std::move(kept.error()));
}

Status Index::take(const Record& entry) const {
    const std::string kind = entry.text_of("kind");
    return kind == "intent" || kind == "refusal" ? insert(read_entry(entry)) : conclude(entry);
}

Status Index::insert(const Entry& entry) const {
    Statement insert{database_.get(),
                     "INSERT OR IGNORE INTO exchange VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
    insert.bind(entry.number).bind(entry.exchange).bind(entry.last).bind(entry.at).bind(entry.consumer);
    insert.bind(entry.service).bind(entry.matter).bind(entry.case_number).bind(entry.material).bind(entry.purpose);
    insert.bind(entry.legal_basis).bind(entry.grant).bind(entry.operator_account).bind(entry.operator_division);
    insert.bind(entry.outcome).bind(entry.status).bind(std::int64_t{entry.submits}).bind(entry.of);
    if (auto done = insert.run(); !done) {
        return done;
    }
    for (const std::string& named : entry.persons) {
        const std::size_t colon = named.find(':');
        Statement one{database_.get(), "INSERT OR IGNORE INTO person VALUES (?, ?, ?)"};
        one.bind(colon == std::string::npos ? named : named.substr(colon + 1)).bind(entry.exchange);
        if (auto done = one.bind(named.substr(0, std::min(colon, named.size()))).run(); !done) {
            return done;
        }
    }
    return {};
}

/// An outcome, or the closing of what a crash left open.
Status Index::conclude(const Record& entry) const {
    const std::string exchange = entry.text_of("exchange");
    Statement update{database_.get(),
                     "UPDATE exchange SET last = ?, outcome = ?, status = ? WHERE exchange = ? AND last = 0"};
    update.bind(static_cast<std::int64_t>(to_whole_number(entry.text_of("n")).value_or(0)))
        .bind(entry.text_of("outcome"));
    update.bind(static_cast<std::int64_t>(to_whole_number(entry.text_of("status")).value_or(0))).bind(exchange);
    return update.run().and_then([&] { return add_materials(exchange, read_materials(entry)); });
}

Status Index::add_materials(const std::string& exchange,
                            const std::vector<evidence::MaterialAnswered>& materials) const {
    std::int64_t place = 0;
    for (const evidence::MaterialAnswered& one : materials) {
        Statement insert{database_.get(), "INSERT OR IGNORE INTO material VALUES (?, ?, ?, ?, ?, ?, ?)"};
        insert.bind(exchange).bind(place++).bind(one.material).bind(one.service).bind(one.source).bind(one.outcome);
        if (auto done = insert.bind(joined(one.fields)).run(); !done) {
            return done;
        }
    }
    return {};
}

}  // namespace datong::ledger
