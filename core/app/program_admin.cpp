#include "core/app/program.h"

#include <algorithm>

#include "core/access/desk.h"
#include "core/admin/figures.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/app/recall.h"
#include "core/signing/jws.h"
#include "core/sources/order.h"
#include "core/sources/status.h"
#include "core/telemetry/events.h"

namespace datong::app {
namespace {

using accounts::Actor;
using accounts::Outcome;
using accounts::Problem;
using accounts::Role;
using admin::Answer;
using admin::Asked;
using admin::Route;
using record::Record;

tl::unexpected<Problem> refused(const Error& why) {
    return tl::unexpected{accounts::problem_of(why)};
}

/// Of what is listed by source, what an organisation's own people see: its own.
Record own_of(Record all, std::string_view list, const Actor& actor) {
    Record* listed = all.find(list);
    if (listed != nullptr && !actor.is_local && actor.has(Role::department)) {
        std::erase_if(listed->items_to_edit(), [prefix = actor.organisation + '/'](const Record& one) {
            return !one.text_of("source").starts_with(prefix);
        });
    }
    return all;
}

/// Whether a department's people may order this of a source: it is their department's, and all that its registers cover
/// lies in their territory.
Outcome<void> check_source(const Actor& actor, std::string_view source, const catalogue::Snapshot& snapshot) {
    const std::string owner{source.substr(0, source.find('/'))};
    auto own = accounts::check_reach(actor, owner, {});
    const auto department = snapshot.departments.find(owner);
    if (!own || department == snapshot.departments.end()) {
        return own;
    }
    for (const auto& [id, one] : department->second->registers) {
        for (const std::string& division : one.divisions) {
            if (auto within = accounts::check_reach(actor, owner, division); !within) {
                return within;
            }
        }
    }
    return {};
}

}  // namespace

/// The act as an entry, signed.
Result<std::string> Program::entry_of(evidence::Administration told) const {
    const auto snapshot = current_.get();
    const auto now = clock_->now();
    const catalogue::NamedKey& key = snapshot->gateway.key.at(now);
    told.at = to_rfc3339(now);
    auto said = evidence::sign_administration(told, key.id, *key.key);
    return said ? Result<std::string>{evidence::to_json(told)} : fail(std::move(said.error()));
}

Status Program::record_act(evidence::Administration told) {
    const auto entry = entry_of(std::move(told));
    auto kept = entry ? log_->append_now(*entry) : fail(entry.error());
    return kept ? Status{} : fail(std::move(kept.error()));
}

void Program::record_refusals(bool all) {
    for (const admin::Refusals::Counted& one : all ? refusals_.take_all() : refusals_.take_over(clock_->now())) {
        if (auto kept = record_act(one.told); !kept) {
            refusals_.count(one.told, clock_->now(), one.times);  // with the next ones
        }
    }
}

/// Takes away what can't follow what is in force.
void Program::judge(catalogue::Loaded& loaded) const {
    if (loaded.snapshot && loaded.snapshot->roll < access_->roll()) {
        const std::string roll = loaded.snapshot->gateway.access.folder + std::string{catalogue::kRollFile};
        loaded.snapshot = nullptr;
        loaded.mistakes = {{{roll, 0, 0},
                            "C223",
                            Severity::error,
                            "授权名册是旧的: 有人放回了此前的文件",
                            "this roll of approved grants is an earlier one that somebody put back",
                            "a restart writes what is approved anew"}};
    }
    const Status held = loaded.snapshot ? orders_->would_hold(*loaded.snapshot) : Status{};
    if (!held) {
        loaded.snapshot = nullptr;
        loaded.mistakes = {pause_without_force(gateway_file_, held.error(), Severity::error)};
    }
}

admin::Reloaded Program::reload_as(accounts::Act& act) {
    const auto note = [&act](const std::string& digest) {
        act.note("snapshot: " + digest);
        return act.keep("done");
    };
    admin::Reloaded reloaded = reload(note);
    if (!reloaded.taken) {  // how many only: what a configuration says wrongly may be a secret
        act.note("mistakes: " + std::to_string(reloaded.mistakes.size()) + "; kept snapshot: " + reloaded.digest);
    }
    return reloaded;
}

admin::Reloaded Program::reload_by_signal(const std::string& by) {
    const accounts::Act::Keep keep = [this](evidence::Administration told) { return record_act(std::move(told)); };
    accounts::Act act{{.account = "signal"}, "reload", "SIGHUP, " + by, keep};
    admin::Reloaded reloaded = reload_as(act);
    auto told = reloaded.taken ? std::nullopt : act.told("refused");
    auto entry = told ? entry_of(std::move(*told)) : fail(Fault::internal, "");
    if (entry) {
        log_->owe(std::move(*entry));  // nobody waits for it, and it may be the disk that kept it from being taken
    }
    return reloaded;
}

Outcome<Answer> Program::take_order(Asked& asked) {
    const auto snapshot = current_.get();
    const auto jws = signing::read_jws(asked.http.body);
    const auto meant = jws ? sources::read_order(*jws) : fail(jws.error());
    if (!meant) {
        return refused(meant.error());
    }
    if (snapshot->sources.contains(meant->source)) {  // else it may be any text
        asked.act.be_about(meant->source);
    }
    asked.act.note(std::string{sources::name_of(meant->what)});
    if (auto own = check_source(asked.actor, meant->source, *snapshot); !own) {
        return tl::unexpected{std::move(own.error())};
    }
    const auto note = [this, &asked](const sources::Order& order, std::string_view compact) -> Status {
        if (auto kept = asked.act.keep("done"); !kept) {
            return kept;
        }
        const evidence::SourceOrdered entry{
            .at = to_rfc3339(clock_->now()), .source = order.source, .order = std::string{compact}};
        auto kept = log_->append_now(evidence::to_json(entry));
        return kept ? Status{} : fail(std::move(kept.error()));
    };
    const auto order = orders_->take(asked.http.body, *snapshot, note);
    if (!order) {
        return refused(order.error());
    }
    const std::string until = order->until ? to_rfc3339(*order->until) : std::string{};
    emit(*sink_,
         telemetry::SourceOrdered{.source = order->source, .order = sources::name_of(order->what), .until = until});
    Record held = Record::object();
    held.put("source", Record::text(order->source));
    held.put("order", Record::text(std::string{sources::name_of(order->what)}));
    if (order->until) {
        held.put("until", Record::text(until));
    }
    return Answer{.body = std::move(held)};
}

/// By its age alone no account erases what is younger than the configuration keeps it.
Outcome<void> Program::check_age(const accounts::Actor& actor, const evidence::Erasure& wanted) const {
    if (actor.is_local || wanted.before.empty() || !wanted.exchange.empty() || !wanted.case_number.empty()) {
        return {};
    }
    const catalogue::EvidenceRules& rules = current_.get()->gateway.evidence;
    const vault::Kept kept = vault::kept_by_name(wanted.what).value_or(vault::Kept::all);
    const auto days = std::max(kept != vault::Kept::subjects ? rules.erase_after : std::chrono::days{},
                               kept != vault::Kept::bodies ? rules.forget_after : std::chrono::days{});
    const auto latest = age_clock_->now() - days;
    const auto before = moment(wanted.before);
    return days.count() == 0 || !before || *before <= latest
               ? Outcome<void>{}
               : accounts::refuse(accounts::Refused::role_missing,
                                  "before is " + to_rfc3339(latest) + " at the latest (evidence.retention)");
}

Outcome<Answer> Program::erase(Asked& asked) {
    const auto what = admin::object_in(asked.http);
    if (!what) {
        return tl::unexpected{what.error()};
    }
    const auto snapshot = current_.get();
    auto wanted = read_erasure(*what);
    if (auto old = wanted ? check_age(asked.actor, *wanted) : Outcome<void>{}; !old) {
        return tl::unexpected{std::move(old.error())};
    }
    auto erased = wanted ? erase_bodies({vault_->shelf(), *awaited_, *jobs_}, *log_, snapshot->gateway, *clock_,
                                        std::move(*wanted))
                         : fail(std::move(wanted.error()));
    if (!erased) {
        return refused(erased.error());
    }
    asked.act.note("basis: " + erased->basis);
    return Answer{.body = to_record(*erased)};
}

admin::Readiness Program::readiness() const {
    submissions_->sweep();
    const auto snapshot = current_.get();
    admin::Readiness readiness;
    readiness.snapshot = snapshot->digest;
    readiness.reason = draining_                                       ? "draining"
                       : !log_->healthy() || !vault_->healthy()        ? "evidence"
                       : log_->space() != evidence::Space::enough      ? "evidence_space"
                       : stamper_ != nullptr && stamper_->is_overdue() ? "time_stamps"
                                                                       : "";
    readiness.overdue = overdue();
    readiness.unstamped = stamper_ != nullptr ? stamper_->unstamped() : 0;
    readiness.ready = readiness.reason.empty();
    for (const auto& [name, source] : snapshot->sources) {
        if (source->resting()) {
            readiness.resting.push_back(name);
        }
        if (!source->disabled().empty()) {
            readiness.disabled.push_back(name);
        }
        if (source->closed()) {
            readiness.closed.push_back(name);
        }
    }
    return readiness;
}

admin::Hooks Program::admin_hooks() {
    admin::Hooks hooks{.readiness = [this] { return readiness(); },
                       .metrics =
                           [this] {
                               sources::show_gauges(*current_.get(), clock_->now(), *sink_);
                               sink_->gauge("datong_files_held_bytes", {}, static_cast<double>(kept_.octets()));
                               sink_->gauge("datong_files_waiting_files", {}, static_cast<double>(kept_.size()));
                               return sink_->metrics();
                           },
                       .keep = [this](evidence::Administration told) { return record_act(std::move(told)); },
                       .note_stranger =
                           [this](evidence::Administration told) {
                               const std::string outcome = told.outcome;
                               if (auto entry = entry_of(std::move(told))) {
                                   log_->note_stranger(std::move(*entry), outcome);
                               }
                           },
                       .count_refusal =
                           [this](const evidence::Administration& told, bool is_read) {
                               const auto now = clock_->now();
                               if (!is_read && refusals_.may_keep(told.actor, now)) {
                                   return false;
                               }
                               refusals_.count(told, now);
                               return true;
                           },
                       .strangers = *strangers_,
                       .reading = *reading_,
                       .long_work = *reloads_,
                       .desk = *desk_};
    if (accounts_) {
        hooks.find_actor = [this](const std::string& token, const http::Peer& peer) { return find_actor(token, peer); };
    }
    return hooks;
}

std::vector<Route> Program::admin_routes() {
    using enum Route::Kind;
    std::vector<Route> routes = access_routes();
    const std::vector<Role> watching{Role::system, Role::security, Role::audit, Role::department};
    const std::vector<Route> others{
        {.method = "GET",
         .path = "/v1/sources",
         .act = "source.list",
         .roles = watching,
         .work = [this](Asked& asked) -> Outcome<Answer> {
             return Answer{
                 .body = own_of(sources::status_of(*current_.get(), *orders_, clock_->now()), "sources", asked.actor)};
         }},
        {.method = "GET",
         .path = "/v1/drift",
         .act = "source.drift",
         .roles = watching,
         .work = [this](Asked& asked) -> Outcome<Answer> {
             return Answer{.body = own_of(drift_->report(), "operations", asked.actor)};
         }},
        {.method = "GET",
         .path = "/v1/shadows/*",
         .act = "mapping.shadow",
         .roles = {Role::system, Role::audit},
         .work = [this](Asked& asked) -> Outcome<Answer> {
             auto counts = shadows_.counts(asked.names.front());
             return counts ? Outcome<Answer>{Answer{.body = std::move(*counts)}}
                           : refused(Error{Fault::no_such_resource, "nothing was compared for this service"});
         }},
        {.method = "POST",
         .path = "/v1/reload",
         .act = "reload",
         .roles = {Role::system},
         .kind = acts,
         .takes_long = true,
         .work = [this](Asked& asked) -> Outcome<Answer> { return admin::answer_of(reload_as(asked.act)); }},
        {.method = "POST",
         .path = "/v1/orders",
         .act = "source.order",
         .roles = {Role::system, Role::department},
         .kind = acts,
         .takes_long = true,
         .work = [this](Asked& asked) { return take_order(asked); }},
        {.method = "POST",
         .path = "/v1/evidence/erase",
         .act = "evidence.erase",
         .roles = {Role::audit},
         .kind = acts,
         .takes_long = true,
         .work = [this](Asked& asked) { return erase(asked); }},
    };
    routes.insert(routes.end(), others.begin(), others.end());
    const std::vector<Route> consents = consent_routes();
    routes.insert(routes.end(), consents.begin(), consents.end());
    const std::vector<Route> figures = admin::figure_routes(
        {.current = [this] { return current_.get(); }, .gateway_file = gateway_file_, .clock = *clock_});
    routes.insert(routes.end(), figures.begin(), figures.end());
    add_account_routes(routes);
    return routes;
}

}  // namespace datong::app
