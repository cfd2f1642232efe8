#include <algorithm>
#include <utility>

#include "core/accounts/desk.h"
#include "core/accounts/password.h"
#include "core/accounts/totp.h"

namespace datong::accounts {
namespace {

tl::unexpected<Problem> refused(const Error& why) {
    return tl::unexpected{problem_of(why)};
}

Outcome<void> done(const Status& status) {
    return status ? Outcome<void>{} : refused(status.error());
}

/// A change that was carried out, or that met another one.
Outcome<void> done(const Result<bool>& changed) {
    if (!changed) {
        return refused(changed.error());
    }
    return *changed ? Outcome<void>{} : refuse(Refused::account_changed);
}

Shelf::Before kept_by(Act& act) {
    return [&act] { return act.keep("done"); };
}

std::string territory_text(const std::vector<std::string>& territory) {
    std::string text;
    for (const std::string& one : territory) {
        text.append(text.empty() ? "" : ",").append(one);
    }
    return text.empty() ? "-" : text;
}

/// What changes, without anything personal.
std::string difference(const Account& before, const Account& after) {
    std::string text;
    const auto say = [&text](std::string_view name, const std::string& was, const std::string& is) {
        if (was != is) {
            text.append(text.empty() ? "" : "; ").append(name).append(": ").append(was.empty() ? "-" : was);
            text.append(" -> ").append(is.empty() ? "-" : is);
        }
    };
    say("roles", to_text(before.roles), to_text(after.roles));
    say("organisation", before.organisation, after.organisation);
    say("territory", territory_text(before.territory), territory_text(after.territory));
    say("state", before.disabled ? "disabled" : "active", after.disabled ? "disabled" : "active");
    say("certificate", before.x509, after.x509);
    if (before.display.reveal() != after.display.reveal()) {
        text.append(text.empty() ? "" : "; ").append("display");
    }
    return text.empty() ? "nothing" : text;
}

/// Who gave a factor, for the evidence.
std::string giver(const std::string& account) {
    return account.empty() ? "its owner" : account;
}

/// Takes roles and the rest over. @return what is not acceptable.
Outcome<Account> changed(Account account, const Changes& changes) {
    if (changes.roles) {
        auto roles = read_roles(*changes.roles);
        if (!roles) {
            return tl::unexpected{std::move(roles.error())};
        }
        account.roles = std::move(*roles);
    }
    account.organisation = changes.organisation.value_or(account.organisation);
    account.territory = changes.territory.value_or(account.territory);
    account.display = changes.display.value_or(account.display);
    account.disabled = changes.disabled.value_or(account.disabled);
    if (changes.x509 && account.x509.empty()) {
        return refuse(Refused::x509_unfit, "this account signs in by a password; add another for the certificate");
    }
    if (changes.x509 && changes.x509->empty()) {
        return refuse(Refused::x509_unfit, "this account signs in by nothing else");
    }
    account.x509 = changes.x509.value_or(account.x509);
    if (auto fit = check_account(account); !fit) {
        return tl::unexpected{std::move(fit.error())};
    }
    return account;
}

}  // namespace

Outcome<KeptAccount> Desk::kept(const std::string& name) {
    auto found = shelf_->find(name);
    if (!found) {
        return refused(found.error());
    }
    return *found ? Outcome<KeptAccount>{std::move(**found)} : refuse(Refused::account_unknown);
}

/// One card, one account: else one person would hold roles that restrain each other.
Outcome<void> Desk::check_x509(const Account& account) {
    const auto others = shelf_->has_x509(account.x509, account.name);
    if (!others) {
        return refused(others.error());
    }
    return *others ? refuse(Refused::x509_unfit, "another account is bound to this certificate") : Outcome<void>{};
}

/// Nobody decides about themselves.
Outcome<KeptAccount> Desk::others_account(const std::string& name, const Actor& actor) {
    return name == actor.account ? refuse(Refused::own_account) : kept(name);
}

/// A new second factor, sealed for its account. @return what an app reads.
Outcome<Secret> Desk::give_totp(KeptAccount& kept) const {
    const Secret key = new_totp_key();
    kept.totp = crypto::seal(key_, kSealUse, kept.account.name, key.reveal());
    if (kept.totp.empty()) {
        return refused(Error{Fault::internal, "the second factor can't be sealed"});
    }
    kept.totp_step = 0;
    return otpauth_uri(key, issuer_, kept.account.name);
}

/// A first password and a second factor, unless a certificate is both.
Outcome<Enrolled> Desk::enrol(KeptAccount& kept) const {
    Enrolled enrolled{.account = kept.account};
    if (!kept.account.x509.empty()) {
        return enrolled;
    }
    enrolled.password = new_password();
    auto password = keep_password(enrolled.password, limits_.cost);
    auto totp = password ? give_totp(kept) : refused(password.error());
    if (!totp) {
        return tl::unexpected{std::move(totp.error())};
    }
    kept.password = std::move(*password);
    kept.account.has_to_change_password = true;
    enrolled.account = kept.account;
    enrolled.totp_uri = std::move(*totp);
    return enrolled;
}

Outcome<Enrolled> Desk::add(Account account, const std::vector<std::string>& roles, Act& act) {
    KeptAccount kept;
    kept.account = std::move(account);
    kept.account.created = kept.account.changed = now();
    auto read = read_roles(roles);
    if (read) {
        kept.account.roles = std::move(*read);
    }
    auto fit = read ? check_account(kept.account) : tl::unexpected{std::move(read.error())};
    auto enrolled = fit ? enrol(kept) : tl::unexpected{std::move(fit.error())};
    if (!enrolled) {
        return enrolled;
    }
    kept.password_by = kept.totp_by = act.actor();
    act.be_about(kept.account.name);
    act.note(difference({.name = kept.account.name}, kept.account));
    if (auto own = check_x509(kept.account); !own) {
        return tl::unexpected{std::move(own.error())};
    }
    const auto added = shelf_->add(kept, kept_by(act));
    if (!added) {
        return refused(added.error());
    }
    return *added ? std::move(enrolled) : refuse(Refused::account_exists);
}

Outcome<Account> Desk::change(const std::string& name, const Changes& changes, const Actor& actor, Act& act) {
    auto kept = others_account(name, actor);
    auto next = kept ? changed(kept->account, changes) : tl::unexpected{std::move(kept.error())};
    if (!next) {
        return next;
    }
    if (auto own = check_x509(*next); !own) {
        return tl::unexpected{std::move(own.error())};
    }
    const Account before = kept->account;
    act.note(difference(before, *next));
    kept->account = *next;
    kept->account.changed = now();
    const bool ends_sessions = before.roles != next->roles || before.organisation != next->organisation ||
                               before.territory != next->territory || next->disabled || before.x509 != next->x509;
    auto done = accounts::done(shelf_->change(*kept, ends_sessions, kept_by(act)));
    return done ? Outcome<Account>{kept->account} : tl::unexpected{std::move(done.error())};
}

Outcome<void> Desk::unlock(const std::string& name, const Actor& actor, Act& act) {
    const auto kept = others_account(name, actor);
    return kept ? done(shelf_->forgive(mac_of(name), kept_by(act))) : tl::unexpected{kept.error()};
}

Outcome<Enrolled> Desk::renew_password(const std::string& name, const Actor& actor, Act& act) {
    auto kept = others_account(name, actor);
    if (!kept) {
        return tl::unexpected{std::move(kept.error())};
    }
    if (!kept->account.x509.empty()) {
        return refuse(Refused::x509_unfit, "this account signs in by its certificate");
    }
    if (kept->totp_by == actor.account) {
        return refuse(Refused::second_person_needed, "you gave the second factor that stands");
    }
    Enrolled enrolled{.account = kept->account, .password = new_password()};
    auto password = keep_password(enrolled.password, limits_.cost);
    if (!password) {
        return refused(password.error());
    }
    kept->password = std::move(*password);
    kept->password_by = actor.account;
    act.note("second factor by " + giver(kept->totp_by));
    kept->account.has_to_change_password = true;
    kept->account.changed = now();
    enrolled.account = kept->account;
    auto done = accounts::done(shelf_->change(*kept, true, kept_by(act)));
    return done ? Outcome<Enrolled>{std::move(enrolled)} : tl::unexpected{std::move(done.error())};
}

Outcome<void> Desk::check_own_password(const KeptAccount& kept, const Secret& password, Act& act) {
    if (auto open = check_lock(kept.account.name); !open) {
        return open;
    }
    if (is_password(password, kept.password, limits_.cost)) {
        return {};
    }
    Problem why = problem_of(Refused::sign_in_refused);
    why.recorded = "wrong_password";
    return note_failure(kept.account.name, std::move(why), act);
}

Outcome<void> Desk::change_password(const Actor& actor, const Secret& before, const Secret& after, Act& act) {
    auto kept = this->kept(actor.account);
    if (!kept) {
        return tl::unexpected{std::move(kept.error())};
    }
    if (auto own = check_own_password(*kept, before, act); !own) {
        return own;
    }
    if (auto fit = check_password(after, actor.account); !fit) {
        return fit;
    }
    if (before.reveal() == after.reveal()) {
        return refuse(Refused::password_unfit, "it must be another than before");
    }
    auto password = keep_password(after, limits_.cost);
    if (!password) {
        return refused(password.error());
    }
    kept->password = std::move(*password);
    kept->password_by.clear();
    kept->account.has_to_change_password = false;
    kept->account.changed = now();
    return done(shelf_->change(*kept, true, kept_by(act)));
}

Outcome<Enrolled> Desk::renew_totp(const std::string& name, const Actor& actor, const Secret& password, Act& act) {
    auto kept = this->kept(name);
    if (!kept) {
        return tl::unexpected{std::move(kept.error())};
    }
    if (!kept->account.x509.empty()) {
        return refuse(Refused::x509_unfit, "this account signs in by its certificate");
    }
    const bool is_own = name == actor.account;
    auto may = is_own ? check_own_password(*kept, password, act)
               : kept->password_by == actor.account
                   ? refuse(Refused::second_person_needed, "you gave the password that stands")
                   : Outcome<void>{};
    if (!may) {
        return tl::unexpected{std::move(may.error())};
    }
    auto totp = give_totp(*kept);
    if (!totp) {
        return tl::unexpected{std::move(totp.error())};
    }
    kept->totp_by = is_own ? std::string{} : actor.account;
    act.note("password by " + giver(kept->password_by));
    kept->account.changed = now();
    auto done = accounts::done(shelf_->change(*kept, true, kept_by(act)));
    return done ? Outcome<Enrolled>{Enrolled{.account = kept->account, .totp_uri = std::move(*totp)}}
                : tl::unexpected{std::move(done.error())};
}

Outcome<std::vector<Desk::Listed>> Desk::list() {
    const auto all = shelf_->all();
    if (!all) {
        return refused(all.error());
    }
    std::vector<Listed> listed;
    for (const KeptAccount& one : *all) {
        const auto failures = shelf_->failures_of(mac_of(one.account.name));
        const bool locked = failures && failures->locked_until > now();
        listed.push_back({.account = one.account, .locked_until = locked ? failures->locked_until : 0});
    }
    return listed;
}

Outcome<Desk::Listed> Desk::find(const std::string& name) {
    auto all = list();
    if (!all) {
        return tl::unexpected{std::move(all.error())};
    }
    const auto found = std::ranges::find_if(*all, [&name](const Listed& one) { return one.account.name == name; });
    return found == all->end() ? refuse(Refused::account_unknown) : Outcome<Listed>{*found};
}

Outcome<Enrolled> Desk::add_first(Account account,
                                  const std::function<Result<std::string>(evidence::Administration told)>& sign) {
    KeptAccount kept;
    kept.account = std::move(account);
    kept.account.roles = {Role::security};
    kept.account.created = kept.account.changed = now();
    auto fit = check_account(kept.account);
    auto enrolled = fit ? enrol(kept) : tl::unexpected{std::move(fit.error())};
    if (!enrolled) {
        return enrolled;
    }
    auto entry = sign({.at = to_rfc3339(clock_.now()),
                       .actor = local_actor().account,
                       .roles = {},
                       .from = {},
                       .act = "account.init",
                       .target = kept.account.name,
                       .reason = {},
                       .outcome = "done",
                       .detail = difference({.name = kept.account.name}, kept.account)});
    const auto added = entry ? shelf_->add_first(kept, *entry) : fail(std::move(entry.error()));
    if (!added) {
        return refused(added.error());
    }
    return *added ? std::move(enrolled) : refuse(Refused::account_exists);
}

Outcome<Enrolled> Desk::recover(const std::string& name, bool others_lost, Act& act) {
    auto kept = this->kept(name);
    const auto all = kept ? list() : tl::unexpected{std::move(kept.error())};
    if (!all) {
        return tl::unexpected{all.error()};
    }
    act.be_about(name);
    if (!kept->account.actor().has(Role::security)) {
        return refuse(Refused::account_unfit,
                      "only security administrators are recovered; they renew what others lost");
    }
    const bool has_others = std::ranges::any_of(*all, [&name](const Listed& one) {
        return one.account.name != name && !one.account.disabled && one.account.actor().has(Role::security);
    });
    if (has_others && kept->account.disabled) {
        return refuse(Refused::account_unfit, "it was disabled, and another security administrator is not");
    }
    if (has_others && !others_lost) {
        return refuse(Refused::others_can_help);
    }
    const Account before = kept->account;
    kept->account.disabled = false;
    kept->account.x509.clear();
    kept->account.changed = now();
    kept->password_by = kept->totp_by = act.actor();
    auto enrolled = enrol(*kept);
    if (!enrolled) {
        return enrolled;
    }
    act.note("both factors; others: " + std::string{has_others ? "lost theirs, too" : "none"} +
             "; changed: " + difference(before, kept->account));
    auto done = accounts::done(shelf_->change(*kept, true, kept_by(act)));
    if (done) {
        done = accounts::done(shelf_->forgive(mac_of(name), [] { return Status{}; }));
    }
    return done ? std::move(enrolled) : tl::unexpected{std::move(done.error())};
}

}  // namespace datong::accounts
