#include "core/later/later.h"

#include <atomic>
#include <mutex>
#include <set>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "core/async/wait.h"
#include "core/base/pause.h"
#include "core/codec/json_writer.h"
#include "core/crypto/cipher.h"
#include "core/exchange/problem.h"
#include "core/later/room.h"
#include "core/telemetry/events.h"

namespace datong::later {

namespace asio = boost::asio;
using exchange::Answer;
using exchange::Attempt;
using exchange::Certificate;
using exchange::Ticket;

namespace {

constexpr std::int64_t kMostAtOnce = 64;
constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kKept = 7 * 24 * kHour;  ///< how long what was told can still be looked at
constexpr int kAccepted = 202;

std::optional<Held> held_of(const store::Awaited& row, const exchange::Visit& visit) {
    const auto text = crypto::unseal(visit.snapshot->gateway.subject_key, kUse, told_place_of(row), row.body);
    return text ? read_held(*text) : std::nullopt;
}

/// @param void_consents  what was got by them is told no more, not even that it was found.
void write_row(codec::JsonWriter& json, const store::Awaited& row, const exchange::Visit& visit,
               const std::set<std::string>& void_consents) {
    const auto held = held_of(row, visit);
    json.open_object().member("requirement", row.requirement).member("material", row.material);
    json.member("why", row.why);
    if (row.state == store::Wait::waiting) {
        json.member("outcome", "pending").member("until", time_text(row.until)).close_object();
        return;
    }
    const bool holds = held && !void_consents.contains(held->consent);
    const bool is_told = holds && may_hear(*visit.snapshot, row, *held, visit.at);
    const Fault why = holds ? Fault::not_permitted : Fault::consent_not_accepted;
    const std::string_view outcome = is_told || !held ? std::string_view{row.outcome} : row_of(why).code;
    json.member("outcome", outcome).member("delivery", name_of(row.state));
    if (is_told) {
        json.name("told").written(held->body);
    }
    json.close_object();
}

}  // namespace

std::string book_of(const catalogue::Gateway& gateway) {
    return gateway.store_file + ".later";
}

/// Which rows are being worked on, so that none is twice, and whether any is to be.
struct Later::Busy {
    std::mutex mutex;
    std::set<std::string> names;
    Pause pause;  ///< of the book, after a write that it did not take
};

Later::Later(Parts parts) : parts_{std::move(parts)}, busy_{std::make_shared<Busy>()} {
}
Later::~Later() = default;

exchange::Afterwards Later::hooks() {
    return {.keep = [this](Visit visit, std::vector<Row> all) { return keep(std::move(visit), std::move(all)); },
            .drop = [this](Visit visit) { return drop(std::move(visit)); },
            .came =
                [this](Visit visit, Ticket ticket, Attempt<Certificate> result) {
                    return came(std::move(visit), std::move(ticket), std::move(result));
                },
            .told = [this](Visit visit) { return told(std::move(visit)); }};
}

asio::awaitable<Status> Later::keep(Visit visit, std::vector<Row> all) {
    for (Row& row : all) {
        row.sealed = crypto::seal(visit->snapshot->gateway.subject_key, kUse, place_of(row), row.sealed);
        if (row.sealed.empty()) {
            co_return fail(Fault::internal, "what is awaited could not be sealed");
        }
    }
    const auto count = all.size();
    const auto is_void = std::make_shared<std::atomic<bool>>();
    std::function<Status()> work = [book = parts_.book, exchange = visit->exchange, all = std::move(all), is_void] {
        auto kept = book->keep(all);
        if (kept && *is_void) {  // it took so long that its caller was told that nothing is awaited
            return book->drop(exchange);
        }
        return kept;
    };
    auto kept = co_await async::on_pool<void>(*parts_.pool, std::move(work), disk_deadline());
    if (kept) {
        parts_.sink.count("datong_later_awaited_total", {}, static_cast<double>(count));
    } else {
        *is_void = true;
        parts_.book->owe_drop(visit->exchange);  // it may have come to its end just now
    }
    co_return kept;
}

asio::awaitable<void> Later::drop(Visit visit) {
    const std::function<Status()> work = [book = parts_.book, exchange = visit->exchange] {
        return book->drop(exchange);
    };
    if (auto done = co_await async::on_pool<void>(*parts_.pool, work, disk_deadline()); !done) {
        parts_.book->owe_drop(visit->exchange);  // done when the disk takes it, at the next start at the latest
        note_trouble(done.error());
    }
}

asio::awaitable<void> Later::came(Visit visit, Ticket ticket, Attempt<Certificate> result) {
    const std::function<Result<std::vector<Row>>()> work = [book = parts_.book, exchange = visit->exchange,
                                                            material = ticket.material] {
        return book->waiting(exchange, material);
    };
    const std::uint64_t erasures = parts_.vault.shelf().body_erasures();
    auto rows = co_await async::on_pool<std::vector<Row>>(*parts_.pool, work, disk_deadline());
    // who comes after the end is not waited for: that has been said
    if (!rows || rows->empty() || rows->front().until <= to_unix_seconds(parts_.clock.now())) {
        co_return;
    }
    Row row = std::move(rows->front());
    row.erasures = erasures;
    const auto mine = take(row);
    if (!mine) {
        co_return;
    }
    const auto snapshot = parts_.current.get();
    row.outcome = result ? result->outcome : "failed";
    const std::string consent = snapshot && ticket.by_consent ? visit->consent->id : std::string{};
    const Held asked{.purpose = visit->request.context.purpose,
                     .division = visit->request.context.who.division,
                     .consent = consent,
                     .body = {},
                     .fields = result ? result->fields : std::vector<std::string>{},
                     .asked = fields_asked(ticket)};
    auto held = co_await exchange::still_holds(snapshot, consent, row.consumer, parts_.clock.now(), parts_.consents);
    if (!held && held.error().fault() == Fault::unavailable) {
        co_return;  // the row stays, and its department is asked again
    }
    if (!held) {  // it was revoked while the department was asked
        Word word = word_of(row, tl::unexpected<exchange::Trouble>{std::move(held.error())});
        co_await settle(std::move(row), nullptr, std::move(word));
    } else if (!snapshot ||
               !may_hear(*snapshot, row, asked, parts_.clock.now())) {  // it went while the department was asked
        Word word = word_of(row, tl::unexpected<exchange::Trouble>{Error{Fault::not_permitted, "the grant is gone"}});
        co_await settle(std::move(row), nullptr, std::move(word));
    } else {
        co_await judge(std::move(row), std::move(visit), std::move(ticket), std::move(result));
    }
}

std::shared_ptr<const void> Later::take(const Row& row) const {
    const std::string name = delivery_of(row);
    const std::lock_guard lock{busy_->mutex};
    if (!busy_->names.insert(name).second) {
        return nullptr;
    }
    return {busy_.get(), [busy = busy_, name](const void*) {
                const std::lock_guard inner{busy->mutex};
                busy->names.erase(name);
            }};
}

asio::awaitable<Answer> Later::told(Visit visit) {
    const std::function<Result<std::vector<Row>>()> work = [book = parts_.book, exchange = visit->request.name,
                                                            consumer = visit->claim.key->consumer->id] {
        return book->of(consumer, exchange);
    };
    auto rows = co_await async::on_pool<std::vector<Row>>(*parts_.pool, work, disk_deadline());
    if (!rows || rows->empty()) {
        const exchange::Trouble trouble{rows ? Error{Fault::no_such_resource, "nothing is awaited of this exchange"}
                                             : Error{Fault::unavailable, "the book of what is awaited"}};
        co_return exchange::problem_answer(trouble, visit->exchange);
    }
    std::set<std::string> consents;
    for (const Row& row : *rows) {
        const auto held = held_of(row, *visit);
        consents.insert(held ? held->consent : std::string{});
    }
    std::set<std::string> void_consents;
    for (const std::string& consent : consents) {
        auto holds = co_await exchange::still_holds(visit->snapshot, consent, visit->claim.key->consumer->id, visit->at,
                                                    parts_.consents);
        if (!holds && holds.error().fault() == Fault::unavailable) {
            co_return exchange::problem_answer(exchange::Trouble{std::move(holds.error())}, visit->exchange);
        }
        if (!holds) {
            void_consents.insert(consent);
        }
    }
    Answer answer;
    answer.outcome = "complete";
    for (const Row& row : *rows) {
        if (row.state == store::Wait::waiting) {
            answer.outcome = "pending";
            answer.status = kAccepted;
            answer.location = std::string{visit->http.path()};
        }
    }
    codec::JsonWriter json{answer.body};
    json.open_object().member("exchange", visit->request.name).member("outcome", answer.outcome);
    json.member("as_of", to_rfc3339(visit->at)).name("materials").open_list();
    for (const Row& row : *rows) {
        write_row(json, row, *visit, void_consents);
    }
    json.close_list().close_object();
    co_return answer;
}

void Later::look() {
    const std::int64_t now = to_unix_seconds(parts_.clock.now());
    // what can't be written down would be asked, recorded and told again at once
    if (stopped_ || is_paused() || !parts_.log.takes_calls()) {
        return;
    }
    if (now / kHour != forgot_) {
        forgot_ = now / kHour;
        if (auto done = parts_.book->forget(now - kKept); !done) {
            note_trouble(done.error());
        }
    }
    (void)parts_.book->drop_owed();  // that it failed was told the first time
    const std::uint64_t erasures = parts_.vault.shelf().body_erasures();
    auto due = parts_.book->due(now, kMostAtOnce);
    if (!due) {
        note_trouble(due.error());
        return;
    }
    for (Row& row : *due) {
        row.erasures = erasures;
        if (auto mine = take(row)) {
            auto& loop = parts_.loops.at(next_loop_++ % parts_.loops.size());
            asio::co_spawn(loop, work(std::move(row), std::move(mine)), asio::detached);
        }
    }
}

void Later::note_trouble(const Error& why) const {
    emit(parts_.sink, telemetry::StoreFailed{.why = why.detail()});
    const std::lock_guard lock{busy_->mutex};
    busy_->pause.begin(Deadline::clock::now());
}

bool Later::is_paused() const {
    const std::lock_guard lock{busy_->mutex};
    return busy_->pause.holds(Deadline::clock::now());
}

}  // namespace datong::later
