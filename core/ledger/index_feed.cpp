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

/// Few: who looks something up waits for one, and who feeds gives way to calls (core/base/background.h).
constexpr std::int64_t kOfOneTransaction = 200;

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text.append(text.empty() ? "" : "\n").append(line);
    }
    return text;
}

/// The statements of one transaction, prepared once.
class Writing {
public:
    explicit Writing(sqlite3* database)
        : exchange_{database,
                    "INSERT OR IGNORE INTO exchange VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
          person_{database, "INSERT OR IGNORE INTO person VALUES (?, ?, ?)"},
          end_{database, "UPDATE exchange SET last = ?, outcome = ?, status = ? WHERE exchange = ? AND last = 0"},
          material_{database, "INSERT OR IGNORE INTO material VALUES (?, ?, ?, ?, ?, ?, ?)"},
          consent_{database, "INSERT OR IGNORE INTO consent VALUES (?, ?)"},
          later_{database,
                 "UPDATE material SET outcome = ?, fields = ? WHERE exchange = ? AND material = ? AND "
                 "substr(service, 1, instr(service || '@', '@') - 1) = ?"} {}

    [[nodiscard]] Status take(const Record& entry) {
        const std::string kind = entry.text_of("kind");
        if (kind == "follow_up") {
            return follow(entry);
        }
        return kind == "intent" || kind == "refusal" ? insert(read_entry(entry)) : conclude(entry);
    }

private:
    Status insert(const Entry& entry) {
        exchange_.again().bind(entry.number).bind(entry.exchange).bind(entry.last).bind(entry.at).bind(entry.consumer);
        exchange_.bind(entry.service).bind(entry.matter).bind(entry.case_number).bind(entry.material);
        exchange_.bind(entry.purpose).bind(entry.legal_basis).bind(entry.grant).bind(entry.operator_account);
        exchange_.bind(entry.operator_division).bind(entry.outcome).bind(entry.status);
        exchange_.bind(std::int64_t{entry.submits}).bind(entry.of);
        auto done = exchange_.run();
        for (const std::string& named : entry.persons) {
            const std::size_t colon = named.find(':');
            person_.again().bind(colon == std::string::npos ? named : named.substr(colon + 1)).bind(entry.exchange);
            done = done ? person_.bind(named.substr(0, std::min(colon, named.size()))).run() : std::move(done);
        }
        return done;
    }

    /// An outcome, or the closing of what a crash left open.
    Status conclude(const Record& entry) {
        const std::string exchange = entry.text_of("exchange");
        end_.again().bind(static_cast<std::int64_t>(to_whole_number(entry.text_of("n")).value_or(0)));
        end_.bind(entry.text_of("outcome"));
        end_.bind(static_cast<std::int64_t>(to_whole_number(entry.text_of("status")).value_or(0))).bind(exchange);
        auto done = end_.run();
        std::int64_t place = 0;
        for (const evidence::MaterialAnswered& one : read_materials(entry)) {
            material_.again().bind(exchange).bind(place++).bind(one.material).bind(one.service).bind(one.source);
            material_.bind(one.outcome).bind(joined(one.fields));
            done = done ? material_.run() : std::move(done);
        }
        if (const std::string consent = entry.text_of("consent"); done && !consent.empty()) {
            done = consent_.again().bind(exchange).bind(consent).run();
        }
        return done;
    }

    /// What a department said after the call was answered takes the place of what stood there.
    Status follow(const Record& entry) {
        const auto followed = read_followed(entry);
        if (!followed || followed->event != "answered") {
            return {};
        }
        const std::string& service = followed->material.service;  // its version may be another by now
        later_.again().bind(followed->material.outcome).bind(joined(followed->material.fields));
        later_.bind(followed->exchange).bind(followed->material.material);
        return later_.bind(service.substr(0, service.find('@'))).run();
    }

    Statement exchange_;
    Statement person_;
    Statement end_;
    Statement material_;
    Statement consent_;
    Statement later_;
};

/// Of the kinds that the index holds nothing of: their payload need not be parsed.
bool is_of_exchanges(std::string_view payload) {
    const std::string_view kind = seals::kind_of(payload);
    return kind == "intent" || kind == "outcome" || kind == "closing" || kind == "refusal" || kind == "follow_up";
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

Result<std::int64_t> Index::feed(const std::string& evidence_folder, const std::optional<std::uint64_t>& until,
                                 const std::stop_token& stop) {
    std::int64_t taken = 0;
    while (!stop.stop_requested()) {
        const std::lock_guard lock{mutex_};  // of one transaction: whoever looks something up comes in between
        auto some = feed_some(evidence_folder, until.value_or(std::numeric_limits<std::uint64_t>::max()));
        if (!some) {
            return unread(std::move(some.error()));
        }
        if (*some == 0) {
            return taken;
        }
        taken += *some;
    }
    return taken;
}

Result<std::int64_t> Index::rebuild(const std::string& evidence_folder) {
    {
        const std::lock_guard lock{mutex_};
        const Status emptied = database_.execute(
            "BEGIN IMMEDIATE; DELETE FROM exchange; DELETE FROM person; DELETE FROM material; DELETE FROM consent; "
            "DELETE FROM taken; "
            "COMMIT");
        if (!emptied) {
            return fail(emptied.error());
        }
    }
    return feed(evidence_folder);
}

/// Goes on where the last transaction ended. What was read ahead then may not be what stands there now.
seals::RecordReader Index::reader_at(const std::string& evidence_folder, std::uint64_t number) const {
    return reader_ && reader_->number() == number ? reader_->fork() : seals::RecordReader{evidence_folder, number};
}

/// One transaction: what was taken, and that it was.
Result<std::int64_t> Index::feed_some(const std::string& evidence_folder, std::uint64_t until) {
    Transaction transaction{database_.get()};
    const auto last = transaction.begun().and_then([this] { return last_here(); });
    if (!last) {
        return fail(last.error());
    }
    seals::RecordReader reader = reader_at(evidence_folder, static_cast<std::uint64_t>(*last) + 1);
    reader_.reset();
    Writing writing{database_.get()};
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
        const Status kept = entry ? writing.take(*entry) : fail(entry.error());
        if (!kept) {
            return fail(kept.error());
        }
    }
    if (taken == 0) {
        reader_.emplace(reader.fork());
        return 0;
    }
    Statement note{database_.get(),
                   "INSERT INTO taken VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET last = excluded.last"};
    auto kept = note.bind(*last + taken).run().and_then([&] { return transaction.commit(); });
    if (!kept) {
        return fail(std::move(kept.error()));
    }
    reader_.emplace(reader.fork());
    return taken;
}

}  // namespace datong::ledger
