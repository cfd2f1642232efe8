#include <algorithm>
#include <utility>

#include "core/async/wait.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"
#include "core/exchange/case_check.h"
#include "core/exchange/entries.h"
#include "core/exchange/fan_out.h"
#include "core/later/delivery.h"
#include "core/later/later.h"
#include "core/later/room.h"
#include "core/telemetry/events.h"

// One awaited material, step by step: its department is asked again, what it says is judged and recorded, and its
// consumer is told.
namespace datong::later {

namespace asio = boost::asio;
using exchange::Attempt;
using exchange::Certificate;
using exchange::Ticket;
using store::Wait;

namespace {

constexpr std::chrono::seconds kAfterOwnTrouble{10};  ///< a disk of ours that was full, a quota that was used up

/// Faults that say nothing about the record.
bool may_pass(Fault fault) {
    switch (fault) {
        case Fault::department_down:
        case Fault::department_timeout:
        case Fault::source_busy:
        case Fault::source_closed:
        case Fault::quota_exceeded:
        case Fault::unavailable:
        case Fault::internal:
            return true;
        default:
            return false;
    }
}

/// Faults after which a material that follows is not asked for any more: neither its citizen nor its department is in
/// breach by them.
bool ends_waiting(Fault fault) {
    return fault == Fault::case_not_accepted || fault == Fault::answer_over_cap;
}

/// A material that follows is there when its department says yes; until then its citizen has time to bring it about.
bool is_there(const Attempt<Certificate>& result) {
    return result && (result->outcome == "found" || result->outcome == "match");
}

std::string matter_name(const catalogue::Snapshot& snapshot, const std::string& id) {
    const catalogue::Matter* matter = snapshot.matter(id);
    return matter != nullptr ? matter->name() : id;
}

std::string service_name(const catalogue::Snapshot& snapshot, const std::string& id) {
    const catalogue::Service* service = snapshot.service(id);
    return service != nullptr ? service->name() : id;
}

/// @param consumer  or "issuer:ID".
const catalogue::Callback* callback_of(const catalogue::Snapshot& snapshot, const std::string& consumer) {
    if (consumer.starts_with(kIssuer)) {
        const auto issuer = snapshot.consent_issuers.find(std::string_view{consumer}.substr(kIssuer.size()));
        const bool is_there = issuer != snapshot.consent_issuers.end() && issuer->second.callback;
        return is_there ? &*issuer->second.callback : nullptr;
    }
    const auto found = snapshot.consumers.find(consumer);
    return found != snapshot.consumers.end() && found->second->callback ? &*found->second->callback : nullptr;
}

const catalogue::ConsumerKey* key_of(const catalogue::Snapshot& snapshot, const std::string& consumer) {
    for (const auto& [id, key] : snapshot.consumer_keys) {
        if (key.consumer->id == consumer) {
            return &key;
        }
    }
    return nullptr;
}

}  // namespace

exchange::Means Later::means() const {
    return {.clock = parts_.clock,
            .sink = parts_.sink,
            .submissions = parts_.submissions,
            .threads = parts_.threads,
            .lookups = parts_.lookups,
            .afterwards = none_,
            .files = parts_.files,
            .consents = parts_.consents};
}

asio::awaitable<void> Later::work(Row row, std::shared_ptr<const void> mine) {
    const auto held = std::move(mine);
    const auto snapshot = parts_.current.get();
    if (!snapshot || stopped_) {
        co_return;
    }
    try {
        if (row.state == Wait::due) {
            co_await tell(std::move(row));
        } else if (row.until <= to_unix_seconds(parts_.clock.now())) {
            Word word = ended(row);
            co_await settle(std::move(row), nullptr, std::move(word));
        } else {
            co_await ask(std::move(row));
        }
    } catch (const std::exception&) {
        emit(parts_.sink, telemetry::HandlerThrew{.exception = "std::exception", .method = "later"});
    }
}

/// The call once more, as far as it was kept: within it the material is asked for anew.
Result<std::shared_ptr<exchange::Visit>> Later::visit_for(const Row& row) const {
    const auto visit = std::make_shared<exchange::Visit>();
    visit->at = parts_.clock.now();
    visit->exchange = new_id(visit->at);
    visit->first = row.exchange;
    visit->arrived = Deadline::clock::now();
    visit->snapshot = parts_.current.get();
    if (!visit->snapshot) {
        return fail(Fault::unavailable, "the gateway ends");
    }
    visit->claim.key = key_of(*visit->snapshot, row.consumer);
    if (visit->claim.key == nullptr) {
        return fail(Fault::not_permitted, "the consumer is gone");
    }
    const auto plain = crypto::unseal(visit->snapshot->gateway.subject_key, kUse, place_of(row), row.sealed);
    auto body =
        plain ? codec::read_json(*plain) : fail(Fault::not_permitted, "what was kept of the call can't be read");
    auto request = body ? exchange::read_request(exchange::Request::Kind::matter, row.matter, std::move(*body))
                        : fail(std::move(body.error()));
    if (!request) {
        return fail(std::move(request.error()));
    }
    visit->request = std::move(*request);
    return visit;
}

asio::awaitable<void> Later::ask(Row row) {
    auto made = visit_for(row);
    auto admitted =
        made ? exchange::admit_again(**made, row.material, row.service, parts_.quotas) : fail(std::move(made.error()));
    if (admitted) {
        auto checked = co_await exchange::check_consent(*made, &*admitted, parts_.consents);
        if (checked && admitted->tickets.front().withheld) {
            checked = fail(*admitted->tickets.front().withheld);
        }
        if (!checked) {
            admitted = fail(std::move(checked.error()));
        }
    }
    if (!admitted && may_pass(admitted.error().fault())) {
        co_return co_await put_off(std::move(row), kAfterOwnTrouble, 0);
    }
    if (!admitted) {
        Word word = word_of(row, tl::unexpected<exchange::Trouble>{std::move(admitted.error())});
        co_return co_await settle(std::move(row), nullptr, std::move(word));
    }
    const std::shared_ptr<exchange::Visit> visit = std::move(*made);
    visit->bodies = exchange::bodies_policy(*visit, *admitted);
    const Ticket ticket = admitted->tickets.front();
    auto entry = entry_of(row, "asked");
    entry.question = visit->exchange;
    entry.grant = admitted->grants;
    entry.consent = ticket.by_consent ? visit->consent->id : std::string{};
    entry.material.service = ticket.service->name();
    entry.material.source = ticket.service->source->source();
    if (auto kept = parts_.log.takes_calls(); !kept || !co_await note(std::move(entry))) {
        co_return co_await put_off(std::move(row), kAfterOwnTrouble, 0);
    }
    const auto limit =
        ticket.service->slow ? std::chrono::milliseconds{ticket.service->slow->question} : ticket.service->deadline;
    const Deadline deadline = Deadline::clock::now() + limit;
    if (admitted->case_required) {
        if (auto checked = co_await exchange::check_case(visit, means(), deadline); !checked) {
            co_return co_await judge(std::move(row), visit, ticket,
                                     tl::unexpected<exchange::Trouble>{std::move(checked.error())});
        }
    }
    auto results = co_await exchange::fetch_all(visit, std::move(admitted->tickets), means(), deadline);
    co_await judge(std::move(row), visit, ticket, std::move(results.front()));
}

asio::awaitable<void> Later::judge(Row row, Visit visit, Ticket ticket, Attempt<Certificate> result) {
    const bool follows = row.why == "follows";
    const bool over = !result && ends_waiting(result.error().error.fault());
    const bool goes_on = follows ? !is_there(result) && !over : !result && may_pass(result.error().error.fault());
    if (goes_on) {
        const std::chrono::seconds pause{row.again};
        co_return co_await put_off(std::move(row), pause, 0);
    }
    Word word = word_of(row, result);
    word.consent = result && ticket.by_consent ? visit->consent->id : std::string{};
    word.asked = fields_asked(ticket);
    if (follows && result) {
        word.promise = promise_of(*visit, ticket, *result);
    }
    co_await settle(std::move(row), std::move(visit), std::move(word));
}

/// The last word: kept where bodies are, durable in the evidence, then in the book, then told.
/// @param visit  nullptr where no department was asked.
asio::awaitable<void> Later::settle(Row row, Visit visit, Word word) {
    const auto snapshot = visit ? visit->snapshot : parts_.current.get();
    if (!snapshot) {
        co_return;
    }
    const auto now = parts_.clock.now();
    const std::string body =
        later::told(row, word, matter_name(*snapshot, row.matter), service_name(*snapshot, row.service), now);
    auto entry = entry_of(row, word.event);
    entry.question = visit ? (visit->first.empty() ? new_id(now) : visit->exchange) : std::string{};
    entry.material.outcome = word.outcome == "failed" ? std::string{row_of(word.fault).code} : word.outcome;
    entry.material.fields = word.fields;
    entry.promise = word.promise;
    entry.consent = word.consent;
    entry.reply_digests = word.replies;
    if (!word.certificate.empty()) {
        entry.certificate_digests = {to_hex(crypto::sha256(word.certificate))};
    }
    entry.answer_digest = to_hex(crypto::sha256(body));
    if (visit) {
        vault::Bodies bodies = exchange::bodies_of(*visit, body);
        bodies.exchange = entry.question;
        bodies.later = vault::Later{.exchange = row.exchange, .at = row.created, .erasures = row.erasures};
        std::erase_if(bodies.bodies, [](const vault::Body& one) { return one.octets.empty(); });
        if (!co_await parts_.vault.keep(std::move(bodies), snapshot->gateway.auditor_pem)) {
            co_return co_await put_off(std::move(row), kAfterOwnTrouble, 0);
        }
        co_await parts_.sharing.keep(std::exchange(*visit->results, {}));
    }
    if (!co_await note(std::move(entry))) {
        co_return co_await put_off(std::move(row), kAfterOwnTrouble, 0);
    }
    const catalogue::Callback* callback = callback_of(*snapshot, row.consumer);
    row.state = callback != nullptr ? Wait::due : Wait::told;
    row.outcome = word.outcome;
    row.promise = word.promise;
    const Held kept{.purpose = visit ? visit->request.context.purpose : std::string{},
                    .division = visit ? visit->request.context.who.division : std::string{},
                    .consent = word.consent,
                    .body = body,
                    .fields = word.fields,
                    .asked = word.asked};
    row.body = crypto::seal(snapshot->gateway.subject_key, kUse, told_place_of(row), to_text(kept));
    row.next = to_unix_seconds(now);
    row.until = to_unix_seconds(now) + (callback != nullptr ? std::chrono::seconds{callback->ends}.count() : 0);
    const std::function<Result<bool>()> work = [book = parts_.book, row] { return book->settle(row); };
    auto settled = co_await async::on_pool<bool>(*parts_.pool, work, disk_deadline());
    if (!settled) {
        note_trouble(settled.error());  // it is asked again, and recorded again
        co_return;
    }
    parts_.sink.count("datong_later_words_total", {{"outcome", row.outcome}});
    if (*settled && row.state == Wait::due) {
        co_await tell(std::move(row));
    }
}

asio::awaitable<void> Later::tell(Row row) {
    const auto snapshot = parts_.current.get();
    if (!snapshot || !parts_.log.takes_calls()) {  // what room is left is for outcomes; look() comes back to it
        co_return;
    }
    const catalogue::Callback* callback = callback_of(*snapshot, row.consumer);
    if (callback == nullptr) {                        // it looks itself from now on
        const bool is_revoked = row.why == kRevoked;  // nobody took the word: the evidence says so
        co_return co_await conclude(std::move(row), is_revoked ? Wait::undelivered : Wait::told,
                                    is_revoked ? "undelivered" : "", 0);
    }
    const auto now = parts_.clock.now();
    const auto text = crypto::unseal(snapshot->gateway.subject_key, kUse, told_place_of(row), row.body);
    const auto held = text ? read_held(*text) : std::nullopt;
    auto by_consent = co_await exchange::still_holds(snapshot, held ? held->consent : std::string{}, row.consumer, now,
                                                     parts_.consents);
    if (!by_consent && may_pass(by_consent.error().fault())) {
        co_return co_await put_off(std::move(row), kAfterOwnTrouble, row.attempts);
    }
    // the grant went, or the consent, after the department's answer
    if (held && (!by_consent || !may_hear(*snapshot, row, *held, now))) {
        row.body.clear();
        row.outcome = row_of(by_consent ? Fault::not_permitted : by_consent.error().fault()).code;
        co_return co_await conclude(std::move(row), Wait::undelivered, "undelivered", 0);
    }
    if (!held || row.until <= to_unix_seconds(now)) {
        co_return co_await conclude(std::move(row), Wait::undelivered, "undelivered", 0);
    }
    const catalogue::Callback to = *callback;
    auto status = co_await deliver(snapshot, to, {.key = delivery_of(row), .body = held->body}, now, parts_.threads);
    constexpr int kGone = 410;  // RFC 9110, 15.5.11: it says itself that it wants no more
    const bool taken = status && *status / 100 == 2;
    parts_.sink.count("datong_later_deliveries_total",
                      {{"consumer", row.consumer}, {"result", taken ? "taken" : "not_taken"}});
    if (taken || (status && *status == kGone)) {
        co_return co_await conclude(std::move(row), taken ? Wait::told : Wait::undelivered,
                                    taken ? "delivered" : "undelivered", *status);
    }
    const std::int64_t attempts = row.attempts + 1;
    co_await put_off(std::move(row), pause_after(to, attempts), attempts);
}

/// @param event  of the evidence; empty: none.
asio::awaitable<void> Later::conclude(Row row, Wait state, std::string event, int status) {
    if (!event.empty() && !co_await note_end(row, std::move(event), status)) {
        co_return co_await put_off(std::move(row), kAfterOwnTrouble, row.attempts);  // told again, by the same key
    }
    const std::function<Status()> work = [book = parts_.book, row, state] { return book->conclude(row, state); };
    if (auto done = co_await async::on_pool<void>(*parts_.pool, work, disk_deadline()); !done) {
        note_trouble(done.error());
    }
}

asio::awaitable<void> Later::put_off(Row row, std::chrono::seconds pause, std::int64_t attempts) {
    const std::int64_t now = to_unix_seconds(parts_.clock.now());
    const std::int64_t next = std::min(now + pause.count(), std::max(row.until, now + 1));
    const std::function<Status()> work = [book = parts_.book, row, next, attempts] {
        return book->put_off(row, next, attempts);
    };
    if (auto done = co_await async::on_pool<void>(*parts_.pool, work, disk_deadline()); !done) {
        note_trouble(done.error());
    }
}

evidence::FollowUp Later::entry_of(const Row& row, std::string event) const {
    const auto snapshot = parts_.current.get();
    evidence::FollowUp entry{
        .at = to_rfc3339(parts_.clock.now()),
        .exchange = row.exchange,
        .event = std::move(event),
        .question = {},
        .consumer = row.consumer,
        .matter = row.matter,
        .case_number = row.case_number,
        .grant = {},
        .material = {.material = row.material, .service = row.service, .source = {}, .outcome = {}},
        .promise = {},
        .reply_digests = {},
        .certificate_digests = {},
        .answer_digest = {},
        .snapshot = {}};
    if (snapshot) {
        entry.matter = matter_name(*snapshot, row.matter);
        entry.material.service = service_name(*snapshot, row.service);
        const catalogue::Service* service = snapshot->service(row.service);
        entry.material.source = service != nullptr && service->source ? service->source->source() : std::string{};
        entry.snapshot = snapshot->digest;
    }
    return entry;
}

asio::awaitable<Status> Later::note(evidence::FollowUp entry) {
    const auto snapshot = parts_.current.get();
    if (!snapshot) {
        co_return fail(Fault::unavailable, "the gateway ends");
    }
    const catalogue::NamedKey& key = snapshot->gateway.key.at(parts_.clock.now());
    if (auto made = evidence::sign_follow_up(entry, key.id, *key.key); !made) {
        co_return made;
    }
    co_return co_await append(evidence::to_json(entry));
}

asio::awaitable<Status> Later::append(std::string entry) {
    auto kept = co_await parts_.log.append(std::move(entry));
    if (!kept) {
        emit(parts_.sink, telemetry::EvidenceFailed{.why = kept.error().detail()});
        co_return fail(std::move(kept.error()));
    }
    co_return Status{};
}

}  // namespace datong::later
