#include "core/app/program.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/telemetry/events.h"

namespace datong::app {
namespace {

using accounts::Account;
using accounts::Changes;
using accounts::Desk;
using accounts::Enrolled;
using accounts::Outcome;
using accounts::Refused;
using accounts::Role;
using admin::Answer;
using admin::Asked;
using admin::Route;
using record::Record;

constexpr std::string_view kBearer = "Bearer ";

template <class Kept>
tl::unexpected<accounts::Problem> same(const Outcome<Kept>& refused) {
    return tl::unexpected{refused.error()};
}

std::string token_in(const codec::HttpMessage& http) {
    const std::string shown = http.field("Authorization").value_or("");
    return shown.starts_with(kBearer) ? shown.substr(kBearer.size()) : std::string{};
}

/// What a member of an account must be; empty: it is that.
std::string_view misfit_of(std::string_view name, const Record& value) {
    if (name == "disabled") {
        return value.is_boolean() ? "" : "must be true or false";
    }
    if (name == "roles" || name == "territory") {
        const bool fits = value.is_list() && std::ranges::all_of(value.items(), &Record::is_text);
        return fits ? "" : "must be a list of texts";
    }
    return value.is_text() ? "" : "must be a text";
}

/// A member of that name that an account does not have, or of another type, is a mistake, not something to pass over.
Outcome<void> check_members(const Record& body, std::initializer_list<std::string_view> known) {
    for (const record::Member& member : body.members()) {
        const std::string name{member.name.view()};
        if (std::ranges::find(known, name) == known.end()) {
            return refuse(Refused::account_unfit, "a member that is not known here: " + name);
        }
        if (const std::string_view misfit = misfit_of(name, member.value); !misfit.empty()) {
            return refuse(Refused::account_unfit, name + ' ' + std::string{misfit});
        }
    }
    return {};
}

std::vector<std::string> texts_of(const Record& body, std::string_view name) {
    std::vector<std::string> texts;
    if (const Record* list = body.find(name); list != nullptr) {
        for (const Record& one : list->items()) {
            texts.emplace_back(one.scalar());
        }
    }
    return texts;
}

/// Of a certificate that is shown as a file. @return x509_unfit for none.
Outcome<std::string> bound_to(const Record& body) {
    const std::string pem = body.text_of("x509");
    std::string identity = pem.empty() ? std::string{} : identity_of(pem);
    return pem.empty() || !identity.empty() ? Outcome<std::string>{std::move(identity)}
                                            : refuse(Refused::x509_unfit, "x509 is a certificate in PEM");
}

/// An organisation of the configuration in force: people of one that is not there could decide about nothing.
Outcome<void> check_organisation(const std::vector<std::string>& roles, const std::string& organisation,
                                 const catalogue::Snapshot& snapshot) {
    const auto has = [&roles](std::string_view name) { return std::ranges::find(roles, name) != roles.end(); };
    if (has("department") && !organisation.empty() && !snapshot.departments.contains(organisation)) {
        return refuse(Refused::account_unfit, "organisation: no department of that id");
    }
    if (has("consumer") && !organisation.empty() && !snapshot.consumers.contains(organisation)) {
        return refuse(Refused::account_unfit, "organisation: no consumer of that id");
    }
    return {};
}

/// What is told once.
Record to_record(const Enrolled& enrolled) {
    Record made = accounts::to_record(enrolled.account);
    if (!enrolled.password.empty()) {
        made.put("password", Record::text(enrolled.password.reveal()));
    }
    if (!enrolled.totp_uri.empty()) {
        made.put("totp", Record::text(enrolled.totp_uri.reveal()));
    }
    return made;
}

Outcome<Answer> answer_of(Outcome<Enrolled> enrolled, int status = 200) {
    return enrolled ? Outcome<Answer>{Answer{.body = to_record(*enrolled), .status = status}} : same(enrolled);
}

Answer done() {
    Record body = Record::object();
    body.put("done", Record::boolean(true));
    return {.body = std::move(body)};
}

/// @param x509  which certificate the connection shows.
Outcome<Answer> sign_in(Desk& desk, Asked& asked, std::string x509) {
    const auto body = admin::object_in(asked.http);
    if (!body) {
        return same(body);
    }
    const auto opened = desk.sign_in({.account = body->text_of("account"),
                                      .password = Secret{body->text_of("password")},
                                      .code = body->text_of("code"),
                                      .x509 = std::move(x509),
                                      .address = asked.peer.address},
                                     asked.act);
    if (!opened) {
        return same(opened);
    }
    Record made = accounts::to_record(opened->account);
    made.put("token", Record::text(opened->token.reveal()));
    made.put("until",
             Record::text(to_rfc3339(std::chrono::system_clock::time_point{std::chrono::seconds{opened->until}})));
    made.put("idle_s", Record::integer(desk.limits().idle.count()));
    return Answer{.body = std::move(made), .status = 201};
}

Outcome<Answer> add(Desk& desk, Asked& asked, const catalogue::Snapshot& snapshot) {
    const auto body = admin::object_in(asked.http);
    const auto known =
        body ? check_members(*body, {"account", "display", "organisation", "roles", "territory", "x509"}) : same(body);
    auto x509 = known ? bound_to(*body) : same(known);
    if (!x509) {
        return same(x509);
    }
    const auto roles = texts_of(*body, "roles");
    const Account account{.name = body->text_of("account"),
                          .display = Personal{body->text_of("display")},
                          .organisation = body->text_of("organisation"),
                          .territory = texts_of(*body, "territory"),
                          .x509 = std::move(*x509)};
    const auto there = check_organisation(roles, account.organisation, snapshot);
    return there ? answer_of(desk.add(account, roles, asked.act), 201) : same(there);
}

Outcome<Changes> changes_in(const Record& body) {
    Changes changes;
    auto x509 = bound_to(body);
    if (!x509) {
        return same(x509);
    }
    if (body.find("x509") != nullptr) {
        changes.x509 = std::move(*x509);
    }
    if (body.find("roles") != nullptr) {
        changes.roles = texts_of(body, "roles");
    }
    if (body.find("organisation") != nullptr) {
        changes.organisation = body.text_of("organisation");
    }
    if (body.find("territory") != nullptr) {
        changes.territory = texts_of(body, "territory");
    }
    if (body.find("display") != nullptr) {
        changes.display = Personal{body.text_of("display")};
    }
    if (const Record* disabled = body.find("disabled"); disabled != nullptr) {
        changes.disabled = disabled->truth();
    }
    return changes;
}

Outcome<Answer> change(Desk& desk, Asked& asked, const catalogue::Snapshot& snapshot) {
    const auto body = admin::object_in(asked.http);
    const auto known =
        body ? check_members(*body, {"display", "organisation", "roles", "territory", "disabled", "x509"}) : same(body);
    const auto changes = known ? changes_in(*body) : same(known);
    if (!changes) {
        return same(changes);
    }
    const std::string& name = asked.names.front();
    const auto before = desk.find(name);
    if (!before) {
        return same(before);
    }
    std::vector<std::string> roles = changes->roles.value_or(std::vector<std::string>{});
    for (const Role role : changes->roles ? std::vector<Role>{} : before->account.roles) {
        roles.emplace_back(name_of(role));
    }
    if (auto there = check_organisation(roles, changes->organisation.value_or(before->account.organisation), snapshot);
        !there) {
        return same(there);
    }
    const auto changed = desk.change(name, *changes, asked.actor, asked.act);
    return changed ? Outcome<Answer>{Answer{.body = accounts::to_record(*changed)}} : same(changed);
}

Outcome<Answer> list(Desk& desk) {
    const auto all = desk.list();
    if (!all) {
        return same(all);
    }
    Record accounts = Record::list();
    for (const Desk::Listed& one : *all) {
        accounts.add(accounts::to_record(one.account, one.locked_until));
    }
    Record body = Record::object();
    body.put("accounts", std::move(accounts));
    return Answer{.body = std::move(body)};
}

/// Somebody's own, or anybody's for those who look after accounts.
Outcome<Answer> show(Desk& desk, const Asked& asked, const std::string& name) {
    if (name != asked.actor.account && !asked.actor.has_any({Role::security, Role::audit})) {
        return refuse(Refused::role_missing, "it takes security,audit");
    }
    const auto found = desk.find(name);
    return found ? Outcome<Answer>{Answer{.body = accounts::to_record(found->account, found->locked_until)}}
                 : same(found);
}

/// One's own with the one before; somebody else's, by security, is a first one again.
Outcome<Answer> set_password(Desk& desk, Asked& asked) {
    const std::string& name = asked.names.front();
    if (name == asked.actor.account) {
        const auto body = admin::object_in(asked.http);
        const auto changed = body ? desk.change_password(asked.actor, Secret{body->text_of("before")},
                                                         Secret{body->text_of("after")}, asked.act)
                                  : same(body);
        return changed ? Outcome<Answer>{done()} : same(changed);
    }
    if (!asked.actor.has(Role::security) || asked.actor.has_to_change_password) {
        return refuse(Refused::role_missing, "it takes security");
    }
    return asked.act.reason().empty() ? refuse(Refused::reason_missing)
                                      : answer_of(desk.renew_password(name, asked.actor, asked.act));
}

Outcome<Answer> set_totp(Desk& desk, Asked& asked) {
    const std::string& name = asked.names.front();
    if (name != asked.actor.account) {
        if (!asked.actor.has(Role::security) || asked.actor.has_to_change_password) {
            return refuse(Refused::role_missing, "it takes security");
        }
        if (asked.act.reason().empty()) {
            return refuse(Refused::reason_missing);
        }
    }
    const auto body = name == asked.actor.account ? admin::object_in(asked.http) : Outcome<Record>{Record::object()};
    return body ? answer_of(desk.renew_totp(name, asked.actor, Secret{body->text_of("password")}, asked.act))
                : same(body);
}

}  // namespace

Status Program::open_accounts() {
    const auto snapshot = current_.get();
    const catalogue::Gateway& gateway = snapshot->gateway;
    auto administration = catalogue::load_administration(gateway_file_, files_);
    if (!administration) {
        return fail(Fault::internal, to_line(administration.error().front()));
    }
    administration_ = *administration;
    if (!administration_.has_accounts) {
        return {};
    }
    auto shelf = accounts::Shelf::open(accounts::Shelf::file_of(gateway.store_file));
    if (!shelf) {
        return fail(std::move(shelf.error()));
    }
    accounts_ = std::make_unique<Desk>(std::move(*shelf), gateway.subject_key, "datong " + gateway.name, *clock_,
                                       administration_.limits);
    return settle_accounts();
}

Status Program::settle_accounts() {
    if (!accounts_) {
        return {};
    }
    return settle_owed().and_then([this] { return accounts_->forget(); });
}

Status Program::settle_owed() {
    auto settled = accounts_->settle_owed([this](const std::string& entry) -> Status {
        auto kept = log_->append_now(entry);
        return kept ? Status{} : fail(std::move(kept.error()));
    });
    return settled ? Status{} : fail(std::move(settled.error()));
}

void Program::note_accounts_changed(Mistakes& mistakes) const {
    const auto now = catalogue::load_administration(gateway_file_, files_);
    if (now && *now != administration_) {
        mistakes.push_back({{gateway_file_, 0, 0},
                            "C221",
                            Severity::warning,
                            "admin 账号设置的改动重启后才生效",
                            "the change of admin.accounts, lock or sessions takes effect after a restart",
                            ""});
    }
}

Outcome<accounts::Actor> Program::find_actor(const std::string& token, const http::Peer& peer) {
    if (auto settled = settle_owed(); !settled) {
        return tl::unexpected{accounts::problem_of(settled.error())};
    }
    const auto x509 = identity_shown(peer);
    return x509 ? accounts_->find_actor(token, *x509) : same(x509);
}

void Program::add_account_routes(std::vector<Route>& routes) {
    using enum Route::Kind;
    if (!accounts_) {
        return;
    }
    const std::vector<Role> security{Role::security};
    const auto add_route = [&routes](Route route) { routes.push_back(std::move(route)); };
    add_route({.method = "POST",
               .path = "/v1/session",
               .act = "session.open",
               .kind = open,
               .work = [this](Asked& asked) -> Outcome<Answer> {
                   if (auto settled = settle_owed(); !settled) {  // what was done beside the gateway came first
                       return tl::unexpected{accounts::problem_of(settled.error())};
                   }
                   auto x509 = identity_shown(asked.peer);
                   return x509 ? sign_in(*accounts_, asked, std::move(*x509)) : same(x509);
               }});
    add_route({.method = "DELETE",
               .path = "/v1/session",
               .act = "session.close",
               .kind = own,
               .work = [this](Asked& asked) -> Outcome<Answer> {
                   const auto ended = accounts_->sign_out(token_in(asked.http), asked.act);
                   return ended ? Outcome<Answer>{done()} : same(ended);
               }});
    add_route({.method = "GET", .path = "/v1/session", .act = "session.show", .work = [this](Asked& asked) {
                   return show(*accounts_, asked, asked.actor.account);
               }});
    add_route({.method = "GET",
               .path = "/v1/accounts",
               .act = "account.list",
               .roles = {Role::security, Role::audit},
               .work = [this](Asked&) { return list(*accounts_); }});
    add_route({.method = "GET", .path = "/v1/accounts/*", .act = "account.show", .work = [this](Asked& asked) {
                   return show(*accounts_, asked, asked.names.front());
               }});
    add_route({.method = "POST",
               .path = "/v1/accounts",
               .act = "account.add",
               .roles = security,
               .kind = acts,
               .work = [this](Asked& asked) { return add(*accounts_, asked, *current_.get()); }});
    add_route({.method = "PATCH",
               .path = "/v1/accounts/*",
               .act = "account.change",
               .roles = security,
               .kind = acts,
               .work = [this](Asked& asked) { return change(*accounts_, asked, *current_.get()); }});
    add_route({.method = "POST",
               .path = "/v1/accounts/*/unlock",
               .act = "account.unlock",
               .roles = security,
               .kind = acts,
               .work = [this](Asked& asked) -> Outcome<Answer> {
                   const auto unlocked = accounts_->unlock(asked.names.front(), asked.actor, asked.act);
                   return unlocked ? Outcome<Answer>{done()} : same(unlocked);
               }});
    add_route({.method = "POST",
               .path = "/v1/accounts/*/password",
               .act = "account.password",
               .kind = own,
               .work = [this](Asked& asked) { return set_password(*accounts_, asked); }});
    add_route({.method = "POST",
               .path = "/v1/accounts/*/totp",
               .act = "account.totp",
               .kind = own,
               .work = [this](Asked& asked) { return set_totp(*accounts_, asked); }});
}

}  // namespace datong::app
