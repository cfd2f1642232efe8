#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/exchange/fan_out.h"
#include "core/exchange/gateway.h"
#include "core/exchange/issue.h"
#include "core/record/date.h"
#include "core/telemetry/events.h"

// What of a matter comes after its answer: which materials are awaited, and until when.
namespace datong::exchange {
namespace {

namespace asio = boost::asio;
using catalogue::Necessity;
using std::chrono::system_clock;

/// Faults that say nothing about the record: asked again, the department may answer.
bool may_pass(Fault fault) {
    switch (fault) {
        case Fault::department_down:
        case Fault::department_timeout:
        case Fault::source_busy:
        case Fault::source_closed:
            return true;
        default:
            return false;
    }
}

bool is_slow(const Lacking& one) {
    return one.ticket->service->slow && !*one.result && may_pass(one.result->error().error.fault());
}

/// Whether the citizen may bring it later, and the gateway asks for it itself until then. What this consumer may not
/// ask for, or did not ask for whole, stays so.
bool follows(const catalogue::Matter& matter, const Lacking& one) {
    if (one.requirement->necessity != Necessity::may_follow || !matter.follow_up || one.ticket->withheld) {
        return false;
    }
    if (*one.result) {
        return (*one.result)->outcome == "not_found" || (*one.result)->outcome == "mismatch";
    }
    const Fault fault = one.result->error().error.fault();
    return fault != Fault::not_permitted && fault != Fault::consent_required && fault != Fault::consent_not_accepted &&
           fault != Fault::bad_request && fault != Fault::request_invalid && fault != Fault::answer_over_cap;
}

/// The end of the last day of a term that begins with the call, by +08:00.
system_clock::time_point last_moment(const Visit& visit, int working_days) {
    const record::Date today = record::to_civil(visit.at).date;
    const record::Date last = visit.snapshot->calendar.add_working_days(today, working_days);
    const std::int64_t days = record::days_since_epoch(record::add_days(last, 1));
    constexpr std::chrono::hours kOffset{8};
    return system_clock::time_point{std::chrono::hours{24 * days} - kOffset};
}

store::Awaited awaited_of(const Visit& visit, const catalogue::Matter& matter, const Lacking& one,
                          system_clock::time_point now) {
    const catalogue::Service& service = *one.ticket->service;
    const bool slow = is_slow(one);
    const bool follow = follows(matter, one);
    const std::chrono::seconds again = slow ? service.slow->ask_again : *matter.follow_up;
    // a question under way is heard until its own end, and asked again after it
    const auto usual = now + (slow ? service.slow->question + again : again);
    const auto until = follow ? last_moment(visit, one.requirement->follow_days) : visit.at + service.slow->within;
    return {.exchange = visit.exchange,
            .material = one.ticket->material,
            .requirement = one.requirement->id,
            .matter = matter.id,
            .consumer = visit.claim.key->consumer->id,
            .service = service.id,
            .case_number = visit.request.context.case_number,
            .why = follow ? "follows" : "slow",
            .sealed = visit.request.fingerprint_text,
            .created = to_unix_seconds(visit.at),
            .until = to_unix_seconds(until),
            .again = again.count(),
            .next = to_unix_seconds(std::min<system_clock::time_point>(usual, until))};
}

}  // namespace

asio::awaitable<void> keep_awaited(std::shared_ptr<const Visit> visit, const catalogue::Matter* matter,
                                   std::vector<Lacking> all, Means means) {
    std::vector<store::Awaited> awaited;
    std::vector<const Lacking*> pending;
    bool is_by_consent = false;
    if (visit->request.all_or_nothing) {
        co_return;  // no part of it comes later: it asks again as a whole
    }
    for (const Lacking& one : all) {
        const bool slow = is_slow(one);
        // a door that judges records itself would not be asked again: nothing follows there
        if (!means.afterwards.keep || visit->request.judge || matter->submits || (!slow && !follows(*matter, one))) {
            continue;
        }
        awaited.push_back(awaited_of(*visit, *matter, one, means.clock.now()));
        is_by_consent = is_by_consent || one.ticket->by_consent;
        if (slow) {
            pending.push_back(&one);
        }
    }
    if (awaited.empty()) {
        co_return;
    }
    std::vector<std::string> names;
    for (const store::Awaited& one : awaited) {
        names.push_back(one.material);
    }
    if (auto kept = co_await means.afterwards.keep(visit, std::move(awaited)); !kept) {
        emit(means.sink, telemetry::StoreFailed{.why = kept.error().detail()});
        co_return;  // said as it is: the departments did not answer
    }
    visit->late->awaited = std::move(names);
    visit->use->is_awaited = is_by_consent;
    for (const Lacking* one : pending) {
        *one->result = unsigned_word(*visit, *one->ticket, "pending", means.clock.now());
    }
}

}  // namespace datong::exchange
