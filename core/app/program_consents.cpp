#include <algorithm>
#include <functional>

#include "core/app/program.h"
#include "core/app/recall.h"
#include "core/base/moment.h"
#include "core/telemetry/events.h"

namespace datong::app {
namespace {

using accounts::Actor;
using accounts::Outcome;
using accounts::Role;
using admin::Answer;
using admin::Asked;
using admin::Route;
using consent::Standing;
using record::Record;

/// Who sees a consent: those who administer all of it, its consumer's people, a department whose data it is about.
bool may_see(const Actor& actor, const Standing& standing, const catalogue::Snapshot& snapshot) {
    if (actor.has_any({Role::security, Role::audit}) ||
        (actor.has(Role::consumer) && actor.organisation == standing.said.consumer)) {
        return true;
    }
    const auto is_own = [&](const std::string& id) {
        const catalogue::Service* service = snapshot.service(id);
        return service != nullptr && service->department != nullptr && service->department->id == actor.organisation;
    };
    const auto& services = standing.said.services;
    return actor.has(Role::department) && std::any_of(services.begin(), services.end(), is_own);
}

tl::unexpected<accounts::Problem> unknown() {
    return tl::unexpected{accounts::problem_of(Error{Fault::no_such_resource, "no consent of that id"})};
}

std::string time_text(std::int64_t seconds) {
    return seconds == 0 ? std::string{} : seconds_to_rfc3339(seconds);
}

/// @param now  when it is recorded, which may be long after it began to hold.
evidence::ConsentEvent event_of(const store::ConsentNote& note, std::chrono::system_clock::time_point now) {
    return {.at = to_rfc3339(now),
            .event = note.revoked ? "revoked" : "registered",
            .consent = note.consent.id,
            .issuer = note.consent.issuer,
            .consumer = note.consent.consumer,
            .digest = note.revoked ? note.revoked->digest : note.consent.digest,
            .by = note.revoked ? note.revoked->by : std::string{},
            .reason = note.revoked ? note.revoked->reason : std::string{},
            .since = time_text(note.revoked ? note.revoked->at : note.consent.registered),
            .said_at = time_text(note.revoked ? note.revoked->said : 0)};
}

/// One event: a consent that was signed anew is registered again, with another digest.
std::string name_of(const evidence::ConsentEvent& event) {
    return event.event + ' ' + event.issuer + ' ' + event.consent + ' ' + event.digest;
}

/// Those that somebody may see, as the book is asked for them; may_see() says the same of one.
store::Consents::Which seen_by(const Actor& actor, const catalogue::Snapshot& snapshot) {
    store::Consents::Which which{.is_any = actor.has_any({Role::security, Role::audit})};
    which.consumer = actor.has(Role::consumer) ? actor.organisation : std::string{};
    for (const auto& [id, service] : snapshot.services) {
        if (actor.has(Role::department) && service->department != nullptr &&
            service->department->id == actor.organisation) {
            which.services.push_back(id);
        }
    }
    return which;
}

}  // namespace

Status Program::open_consents() {
    auto store = store::Consents::open(consent::file_of(current_.get()->gateway));
    if (!store) {
        return fail(std::move(store.error()));
    }
    consents_ = std::make_unique<consent::Book>(std::move(*store), pools_.make({.threads = 1, .waiting = 4'096}));
    return {};
}

/// Once in the life of the process, however often it is tried to go on.
Status Program::record_consent(const store::ConsentNote& note) {
    const auto now = clock_->now();
    evidence::ConsentEvent event = event_of(note, now);
    if (recorded_consents_.contains(name_of(event))) {
        return {};
    }
    const auto snapshot = current_.get();
    const catalogue::NamedKey& key = snapshot->gateway.key.at(now);
    if (auto made = evidence::sign_consent_event(event, key.id, *key.key); !made) {
        return made;
    }
    if (auto kept = log_->append_now(evidence::to_json(event)); !kept) {
        return fail(std::move(kept.error()));
    }
    recorded_consents_.insert(name_of(event));
    sink_->count("datong_consent_events_total", {{"event", event.event}});
    return {};
}

void Program::settle_consents() {
    constexpr std::size_t kMostFailures = 2;  // of one store: each may have waited for its file
    const std::lock_guard lock{settling_consents_};
    if (consents_pause_.holds(Deadline::clock::now())) {
        return;
    }
    const auto note_trouble = [this](const Error& why) {
        emit(*sink_, telemetry::StoreFailed{.why = "consents: " + why.detail()});
        consents_pause_.begin(Deadline::clock::now());
    };
    const auto is_done = [&note_trouble](std::size_t& failures, const std::function<Status()>& work) {
        auto done = failures < kMostFailures ? work() : fail(Fault::unavailable, "");
        if (!done && failures < kMostFailures) {
            ++failures;
            note_trouble(done.error());
        }
        return done.has_value();
    };
    const auto notes = consents_->unnoted();
    if (!notes) {
        return note_trouble(notes.error());
    }
    std::size_t untold = 0;
    std::size_t unnoted = 0;
    for (const store::ConsentNote& note : *notes) {
        if (!log_->takes_calls()) {  // what room is left is for the outcomes of calls
            return;
        }
        if (auto recorded = record_consent(note); !recorded) {
            return note_trouble(recorded.error());  // so would the next one be
        }
        // what fails holds all the same, is tried again, and holds up none of the others
        const bool is_told = !note.revoked || is_done(untold, [&] { return later_->announce(note); });
        if (is_told && is_done(unnoted, [&] { return consents_->note(note); })) {
            recorded_consents_.erase(name_of(event_of(note, clock_->now())));
        }
    }
}

Result<bool> Program::may_have_answer(const ledger::Entry& entry, const catalogue::Snapshot& snapshot) const {
    const bool is_granted = is_still_granted(entry, snapshot, clock_->now());
    if (!is_granted || entry.consent.empty()) {
        return is_granted;
    }
    const std::chrono::system_clock::time_point told{std::chrono::seconds{consent::seconds_of(entry.at).value_or(0)}};
    const auto may = consents_->may_have_again(snapshot, entry.consent, entry.consumer, told, clock_->now());
    if (!may && may.error().fault() != Fault::consent_not_accepted) {
        return fail(Fault::unavailable, "the book of consents: " + may.error().detail());
    }
    return may.has_value();
}

Record Program::consent_told(const Standing& one, const catalogue::Snapshot& snapshot) const {
    Record told = consent::to_record(one, consent::now_of(clock_->now(), snapshot.gateway));
    if (const auto issuer = snapshot.consent_issuers.find(one.said.issuer); issuer != snapshot.consent_issuers.end()) {
        told.put("issuer_title", Record::text(issuer->second.title));
    }
    return told;
}

Outcome<Answer> Program::list_consents(const Asked& asked) {
    const auto snapshot = current_.get();
    const auto now = clock_->now();
    const auto all = consents_->all(*snapshot, seen_by(asked.actor, *snapshot), now);
    if (!all) {
        return tl::unexpected{accounts::problem_of(all.error())};
    }
    Record list = Record::list();
    for (const Standing& one : all->consents) {
        if (may_see(asked.actor, one, *snapshot)) {
            list.add(consent_told(one, *snapshot));
        }
    }
    Record answer = Record::object();
    answer.put("consents", std::move(list));
    answer.put("is_cut", Record::boolean(all->is_cut));
    return Answer{.body = std::move(answer)};
}

Outcome<Answer> Program::show_consent(const Asked& asked) {
    const auto snapshot = current_.get();
    const auto now = clock_->now();
    const auto found = consents_->look(*snapshot, asked.names.front(), now);
    if (!found) {
        return found.error().fault() == Fault::consent_not_accepted
                   ? unknown()
                   : tl::unexpected{accounts::problem_of(found.error())};
    }
    if (!may_see(asked.actor, *found, *snapshot)) {
        return unknown();  // not even that there is one
    }
    return Answer{.body = consent_told(*found, *snapshot)};
}

Outcome<Answer> Program::revoke_consent(Asked& asked) {
    const std::string& id = asked.names.front();
    if (auto there = show_consent(asked); !there) {
        return there;
    }
    asked.act.be_about(id);
    if (auto kept = asked.act.keep("done"); !kept) {
        return tl::unexpected{accounts::problem_of(kept.error())};
    }
    const auto done = consents_->revoke(id, asked.actor.account, "administrator", clock_->now());
    if (!done) {
        return tl::unexpected{accounts::problem_of(done.error())};
    }
    settle_consents();
    return show_consent(asked);
}

std::vector<Route> Program::consent_routes() {
    const std::vector<Role> seeing{Role::security, Role::audit, Role::department, Role::consumer};
    return {{.method = "GET",
             .path = "/v1/consents",
             .act = "consent.list",
             .roles = seeing,
             .work = [this](Asked& asked) { return list_consents(asked); }},
            {.method = "GET",
             .path = "/v1/consents/*",
             .act = "consent.show",
             .roles = seeing,
             .work = [this](Asked& asked) { return show_consent(asked); }},
            {.method = "POST",
             .path = "/v1/consents/*/revoke",
             .act = "consent.revoke",
             .roles = {Role::security, Role::department},
             .kind = Route::Kind::acts,
             .takes_long = true,
             .work = [this](Asked& asked) { return revoke_consent(asked); }}};
}

}  // namespace datong::app
