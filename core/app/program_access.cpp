#include <algorithm>

#include "core/access/desk.h"
#include "core/app/program.h"
#include "core/codec/json.h"
#include "core/telemetry/events.h"

namespace datong::app {
namespace {

using access::Act;
using access::Application;
using access::Deed;
using access::Dossier;
using accounts::Actor;
using accounts::Outcome;
using accounts::Role;
using admin::Answer;
using admin::Asked;
using admin::Route;
using record::Record;

Record texts(const auto& all) {
    Record list = Record::list();
    for (const std::string& one : all) {
        list.add(Record::text(one));
    }
    return list;
}

/// What lists show of an application.
Record line_of(const Dossier& dossier, const std::set<std::string>& owners, const record::Date& today) {
    Mistakes mistakes;
    const auto application = access::read_application(dossier.text, dossier.id, mistakes);
    Record line = Record::object();
    line.put("id", Record::text(dossier.id));
    line.put("state", Record::text(std::string{name_of(dossier.state)}));
    line.put("title", Record::text(std::string{title_of(dossier.state)}));
    line.put("stage", Record::text(dossier.stage));
    line.put("organisation", Record::text(dossier.organisation));
    if (application) {
        line.put("consumer", Record::text(application->asked.consumer));
        line.put("services", texts(application->asked.services));
        line.put("valid_to", Record::text(record::to_text(application->asked.valid_to)));
    }
    const bool waits = dossier.is_open() || !dossier.approvers.empty();
    line.put("missing", waits ? texts(access::missing_approvals(dossier, owners)) : Record::list());
    line.put("due", Record::text(record::to_text(dossier.due)));
    line.put("overdue", Record::boolean(dossier.is_open() && dossier.due < today));
    return line;
}

/// What a request asks for: its body is the application, or of a decision the digest of the text that was read.
Deed deed_of(Act act, const Asked& asked) {
    const bool decides = access::needs_digest(act);
    return {.act = act,
            .reason = asked.act.reason(),
            .text = decides ? std::string{} : asked.http.body,
            .of = decides ? asked.http.body : std::string{}};
}

/// What the evidence says of an application: which text, and how far it is.
std::string detail_of(const Dossier& dossier) {
    return "text: sha256 " + access::digest_of(dossier) + ", " + std::string{name_of(dossier.state)} +
           (dossier.stage.empty() ? "" : ", " + dossier.stage);
}

Record done_record(const access::Desk::Done& done, const std::set<std::string>& owners, const record::Date& today) {
    Record answer = line_of(done.dossier, owners, today);
    answer.put("missing", texts(done.missing));
    Record mistakes = Record::list();
    for (const Mistake& one : done.mistakes) {
        mistakes.add(Record::text(to_line(one)));
    }
    answer.put("mistakes", std::move(mistakes));
    return answer;
}

}  // namespace

Status Program::open_access() {
    auto store = store::Applications::open(current_.get()->gateway.store_file + ".access");
    if (!store) {
        return fail(std::move(store.error()));
    }
    const auto take = [this] {
        admin::Reloaded reloaded = reload();
        return reloaded.taken ? Mistakes{} : std::move(reloaded.mistakes);
    };
    access_ = std::make_unique<access::Desk>(
        std::move(*store),
        access::Desk::Around{.clock = *clock_, .current = [this] { return current_.get(); }, .reload = take});
    for (const Mistake& one : access_->take(*current_.get(), [] {})) {  // nobody calls yet
        sink_->line(telemetry::Level::error, "grant_void", {{"file", one.where.file}});
    }
    return {};
}

void Program::settle_access() {
    const auto note = [this](const Dossier& now) {
        const access::Step& step = now.history.back();  // of a crash, it may be somebody's
        return record_act({.actor = step.account,
                           .act = "access." + std::string{name_of(step.act)},
                           .target = now.id,
                           .reason = step.reason,
                           .outcome = "done",
                           .detail = detail_of(now)});
    };
    const auto settled = access_->settle(note);
    is_access_settled_ = settled.has_value();
    if (!settled) {
        emit(*sink_, telemetry::StoreFailed{.why = "access: " + settled.error().detail});
    } else if (*settled) {
        (void)reload();  // its event says why, where it is not taken
    }
    show_overdue();
}

void Program::show_overdue() {
    if (const auto overdue = access_->overdue()) {
        sink_->gauge("datong_access_overdue_applications", {}, static_cast<double>(*overdue));
    }
}

Outcome<Answer> Program::act_on_access(Asked& asked, const Deed& deed) {
    const auto note = [&asked](const Dossier& now) {
        asked.act.be_about(now.id);
        asked.act.note(detail_of(now));
        return asked.act.keep("done");
    };
    const auto done = deed.act == Act::submit ? access_->submit(asked.actor, deed.text, note)
                                              : access_->act(asked.actor, asked.names.front(), deed, note);
    if (!done) {
        // it may have ended all the same, and the evidence has to hear of it
        is_access_settled_ = is_access_settled_ && done.error().code != "evidence_unavailable";
        return tl::unexpected{done.error()};
    }
    show_overdue();
    const record::Date today = record::to_civil(clock_->now()).date;
    return Answer{.body = done_record(*done, access_->owners_of(done->dossier), today)};
}

Outcome<Answer> Program::list_access(const Asked& asked) {
    const auto dossiers = access_->all();
    if (!dossiers) {
        return tl::unexpected{dossiers.error()};
    }
    const record::Date today = record::to_civil(clock_->now()).date;
    Record list = Record::list();
    for (const Dossier& dossier : *dossiers) {
        const auto owners = access_->owners_of(dossier);
        if (may_see(asked.actor, dossier, owners)) {
            list.add(line_of(dossier, owners, today));
        }
    }
    Record answer = Record::object();
    answer.put("applications", std::move(list));
    return Answer{.body = std::move(answer)};
}

Outcome<Answer> Program::show_access(const Asked& asked) {
    const auto dossier = access_->find(asked.names.front());
    if (!dossier) {
        return tl::unexpected{dossier.error()};
    }
    const auto owners = access_->owners_of(*dossier);
    if (!may_see(asked.actor, *dossier, owners)) {
        return access::refuse(access::Rule::application_unknown, dossier->id);  // not even that there is one
    }
    Record shown = line_of(*dossier, owners, record::to_civil(clock_->now()).date);
    shown.put("sha256", Record::text(access::digest_of(*dossier)));
    const Record whole = access::to_record(*dossier);
    for (const char* name : {"applicant", "approvers", "approved_by", "approved_at", "history", "text"}) {
        shown.put(name, *whole.find(name));
    }
    return Answer{.body = std::move(shown)};
}

std::vector<Route> Program::access_routes() {
    using enum Route::Kind;
    const std::vector<Role> everybody{Role::security, Role::audit, Role::department, Role::consumer};
    std::vector<Route> routes{{.method = "GET",
                               .path = "/v1/access",
                               .act = "access.list",
                               .roles = everybody,
                               .work = [this](Asked& asked) { return list_access(asked); }},
                              {.method = "GET",
                               .path = "/v1/access/*",
                               .act = "access.show",
                               .roles = everybody,
                               .work = [this](Asked& asked) { return show_access(asked); }}};
    const auto add = [&](Act act, std::string path, std::vector<Role> roles) {
        routes.push_back({.method = "POST",
                          .path = std::move(path),
                          .act = "access." + std::string{name_of(act)},
                          .roles = std::move(roles),
                          .kind = acts,
                          .takes_long = true,
                          .work = [this, act](Asked& asked) { return act_on_access(asked, deed_of(act, asked)); }});
    };
    const std::vector<Role> applying{Role::consumer, Role::department};
    const std::vector<Role> deciding{Role::security, Role::department};
    add(Act::submit, "/v1/access", applying);
    add(Act::amend, "/v1/access/*/amend", applying);
    add(Act::approve, "/v1/access/*/approve", deciding);
    add(Act::promote, "/v1/access/*/promote", deciding);
    add(Act::request_changes, "/v1/access/*/request-changes", deciding);
    add(Act::refuse, "/v1/access/*/refuse", deciding);
    add(Act::revoke, "/v1/access/*/revoke", deciding);
    add(Act::reopen, "/v1/access/*/reopen", {Role::security, Role::department, Role::consumer});
    return routes;
}

}  // namespace datong::app
