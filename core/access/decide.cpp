#include <algorithm>

#include "core/access/dossier.h"
#include "core/base/clock.h"

namespace datong::access {
namespace {

using accounts::Refused;
using accounts::Role;

constexpr std::size_t kMostSteps = 200;
constexpr std::string_view kSecurity = "security";
constexpr std::string_view kDepartment = "department";

bool lies_within(const std::vector<std::string>& inner, const std::vector<std::string>& outer) {
    return std::ranges::all_of(inner, [&outer](const std::string& one) { return policy::lies_in(one, outer); });
}

/// Whether the actor may speak for the organisation that applies.
Outcome<void> check_applicant(const Actor& actor, const Application& application) {
    const bool applies = actor.has(Role::consumer) || actor.has(Role::department);
    if (!applies || actor.organisation != application.organisation) {
        return accounts::refuse(Refused::other_organisation,
                                "only an account of the organisation that applies may do this");
    }
    if (application.asked.consumer != application.organisation) {
        return accounts::refuse(Refused::other_organisation,
                                "an organisation applies for the consumer that it is: " + application.organisation);
    }
    if (!lies_within(application.asked.territory, actor.territory)) {
        return accounts::refuse(Refused::outside_territory, "the application reaches beyond the account's territory");
    }
    return {};
}

/// In which capacity the actor decides about this application.
Outcome<std::string> capacity_of(const Actor& actor, const Terms& terms) {
    if (actor.has(Role::security)) {
        return std::string{kSecurity};
    }
    if (!actor.has(Role::department) || !terms.owners.contains(actor.organisation)) {
        return refuse(Rule::not_an_approver);
    }
    if (!lies_within(terms.application.asked.territory, actor.territory)) {
        return accounts::refuse(Refused::outside_territory,
                                "the application reaches beyond the department account's territory");
    }
    return std::string{kDepartment} + ':' + actor.organisation;
}

Outcome<void> need_reason(const Deed& deed) {
    return deed.reason.empty() ? Outcome<void>{accounts::refuse(Refused::reason_missing)} : Outcome<void>{};
}

Outcome<void> need_state(const Dossier& dossier, bool fits) {
    if (fits) {
        return {};
    }
    return refuse(Rule::wrong_state, "the application is " + std::string{name_of(dossier.state)} +
                                         (dossier.stage.empty() ? "" : ", stage " + dossier.stage));
}

void open_anew(Dossier& dossier, State state, const Terms& terms, WallTime now) {
    dossier.state = state;
    dossier.approvers.clear();
    dossier.stage.clear();
    dossier.approved_by.clear();
    dossier.approved_at.clear();
    dossier.due = terms.calendar.add_working_days(record::to_civil(now).date, terms.decide_days);
}

Outcome<void> take_application(Dossier& dossier, const Deed& deed, const Actor& actor, const Terms& terms,
                               WallTime now) {
    if (auto good = check_applicant(actor, terms.application); !good) {
        return good;
    }
    if (deed.act == Act::amend) {
        if (dossier.organisation != terms.application.organisation) {
            return accounts::refuse(Refused::other_organisation,
                                    "an application stays with the organisation that made it");
        }
        if (auto good = need_state(dossier, dossier.is_open() || dossier.state == State::changes_requested); !good) {
            return good;
        }
        dossier.text = deed.text;
    }
    dossier.applicant = actor.account;
    dossier.organisation = terms.application.organisation;
    open_anew(dossier, State::submitted, terms, now);
    return {};
}

/// Whether an account had a hand in what is applied for: who handed it in, or changed it.
bool has_applied(const Dossier& dossier, const std::string& account) {
    return account == dossier.applicant || std::ranges::any_of(dossier.history, [&account](const Step& one) {
               return one.account == account && (one.act == Act::submit || one.act == Act::amend);
           });
}

/// One more approval; the last that is needed puts the stage in force.
Outcome<void> take_approval(Dossier& dossier, const Actor& actor, const Terms& terms, std::string_view stage,
                            WallTime now) {
    if (has_applied(dossier, actor.account)) {
        return refuse(Rule::applicant_approves);
    }
    if (std::ranges::find(dossier.approvers, actor.account, &Approver::account) != dossier.approvers.end()) {
        return refuse(Rule::approved_twice);
    }
    auto capacity = capacity_of(actor, terms);
    if (!capacity) {
        return tl::unexpected{std::move(capacity.error())};
    }
    if (std::ranges::find(dossier.approvers, *capacity, &Approver::capacity) != dossier.approvers.end()) {
        return refuse(Rule::capacity_filled, *capacity);
    }
    if (record::to_civil(now).date > terms.application.asked.valid_to) {
        return refuse(Rule::validity_over);
    }
    dossier.approvers.push_back({.account = actor.account, .capacity = std::move(*capacity)});
    if (missing_approvals(dossier, terms.owners).empty()) {
        dossier.state = State::approved;
        dossier.stage = stage;
        dossier.approved_by.clear();
        std::ranges::transform(dossier.approvers, std::back_inserter(dossier.approved_by), &Approver::account);
        dossier.approved_at = to_rfc3339(now);
        dossier.approvers.clear();
    }
    return {};
}

Outcome<void> end(Dossier& dossier, State state, const Deed& deed, const Actor& actor, const Terms& terms, bool fits) {
    if (auto good = need_state(dossier, fits); !good) {
        return good;
    }
    if (auto good = need_reason(deed); !good) {
        return good;
    }
    if (auto capacity = capacity_of(actor, terms); !capacity) {
        return tl::unexpected{std::move(capacity.error())};
    }
    dossier.state = state;
    dossier.approvers.clear();
    return {};
}

Outcome<void> expire(Dossier& dossier, const Terms& terms, WallTime now) {
    if (auto good = need_state(dossier, dossier.state == State::approved); !good) {
        return good;
    }
    if (record::to_civil(now).date <= terms.application.asked.valid_to) {
        return refuse(Rule::wrong_state, "its validity is not over yet");
    }
    dossier.state = State::expired;
    dossier.approvers.clear();
    return {};
}

/// What was refused or revoked is reopened by those who decide; what is only over by the applicant, too.
Outcome<void> reopen(Dossier& dossier, const Deed& deed, const Actor& actor, const Terms& terms, WallTime now) {
    const bool is_over = dossier.state == State::expired;
    if (auto good = need_state(dossier, is_over || dossier.state == State::refused || dossier.state == State::revoked);
        !good) {
        return good;
    }
    if (auto good = need_reason(deed); !good) {
        return good;
    }
    auto capacity = capacity_of(actor, terms);
    if (!capacity && !(is_over && check_applicant(actor, terms.application))) {
        return tl::unexpected{std::move(capacity.error())};
    }
    open_anew(dossier, State::reopened, terms, now);
    return {};
}

/// An application that goes back and forth without an end is made anew; it can always be ended.
Outcome<void> check_steps(const Dossier& dossier, Act act) {
    const bool ends = act == Act::refuse || act == Act::revoke || act == Act::expire;
    if (!ends && dossier.history.size() >= kMostSteps) {
        return refuse(Rule::too_many, "after " + std::to_string(kMostSteps) + " steps a new application is made");
    }
    return {};
}

/// What is decided about is what was read. The digest of now is not told here: it stands where the text does.
Outcome<void> check_digest(const Dossier& dossier, const Deed& deed) {
    if (deed.of.empty()) {
        return needs_digest(deed.act) ? refuse(Rule::digest_missing) : Outcome<void>{};
    }
    return deed.of == digest_of(dossier) ? Outcome<void>{}
                                         : refuse(Rule::changed_meanwhile, "datong access show " + dossier.id);
}

Outcome<void> apply(Dossier& dossier, const Deed& deed, const Actor& actor, const Terms& terms, WallTime now) {
    const bool is_trial = dossier.state == State::approved && dossier.stage == "sandbox";
    switch (deed.act) {
        case Act::submit:
        case Act::amend:
            return take_application(dossier, deed, actor, terms, now);
        case Act::approve:
            return need_state(dossier, dossier.is_open()).and_then([&] {
                return take_approval(dossier, actor, terms, "sandbox", now);
            });
        case Act::promote:
            return need_state(dossier, is_trial).and_then([&] {
                return take_approval(dossier, actor, terms, "production", now);
            });
        case Act::request_changes:
            return end(dossier, State::changes_requested, deed, actor, terms, dossier.is_open());
        case Act::refuse:
            return end(dossier, State::refused, deed, actor, terms, dossier.is_open());
        case Act::revoke:
            return end(dossier, State::revoked, deed, actor, terms, dossier.state == State::approved);
        case Act::expire:
            return expire(dossier, terms, now);
        case Act::reopen:
            return reopen(dossier, deed, actor, terms, now);
    }
    return refuse(Rule::wrong_state);
}

}  // namespace

std::vector<std::string> missing_approvals(const Dossier& dossier, const std::set<std::string>& owners) {
    std::vector<std::string> missing;
    const auto need = [&](std::string capacity) {
        if (std::ranges::find(dossier.approvers, capacity, &Approver::capacity) == dossier.approvers.end()) {
            missing.push_back(std::move(capacity));
        }
    };
    for (const std::string& owner : owners) {
        need(std::string{kDepartment} + ':' + owner);
    }
    need(std::string{kSecurity});
    return missing;
}

bool may_see(const Actor& actor, const Dossier& dossier, const std::set<std::string>& owners) {
    return actor.has_any({Role::security, Role::audit}) || actor.organisation == dossier.organisation ||
           (actor.has(Role::department) && owners.contains(actor.organisation));
}

Outcome<Dossier> decide(Dossier dossier, const Deed& deed, const Actor& actor, const Terms& terms, WallTime now) {
    if (actor.is_local && deed.act != Act::expire) {
        return refuse(Rule::accounts_off);
    }
    if (auto read = check_digest(dossier, deed); !read) {
        return tl::unexpected{std::move(read.error())};
    }
    if (auto room = check_steps(dossier, deed.act); !room) {
        return tl::unexpected{std::move(room.error())};
    }
    if (auto done = apply(dossier, deed, actor, terms, now); !done) {
        return tl::unexpected{std::move(done.error())};
    }
    dossier.history.push_back({.at = to_rfc3339(now),
                               .account = actor.account,
                               .act = deed.act,
                               .reason = deed.reason,
                               .state = dossier.state});
    return dossier;
}

policy::Grant to_grant(const Dossier& dossier, const Application& application) {
    policy::Grant grant = application.asked;
    grant.id = dossier.id;
    grant.approval = {.application = dossier.id,
                      .stage = dossier.stage,
                      .approved_by = dossier.approved_by,
                      .at = dossier.approved_at};
    return grant;
}

}  // namespace datong::access
