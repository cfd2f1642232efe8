#include "core/access/desk.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/access/kept.h"
#include "core/access/wider.h"
#include "core/catalogue/granting.h"

namespace datong::access {
namespace {

/// "a-2026-0001"
std::string id_of(int year, std::int64_t number) {
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "a-%04d-%04lld", year, static_cast<long long>(number));
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string lines_of(const Mistakes& mistakes) {
    std::string lines;
    for (const Mistake& one : mistakes) {
        lines += (lines.empty() ? "" : "\n") + to_line(one);
    }
    return lines;
}

/// What the disk refuses is not done.
tl::unexpected<accounts::Problem> unavailable(const Error& why) {
    return tl::unexpected{accounts::problem_of(Error{Fault::evidence_unavailable, why.detail()})};
}

constexpr std::ptrdiff_t kMostOpen = 100;  ///< applications of one organisation

const Actor kClock{.account = "clock", .roles = {}};

}  // namespace

Desk::Desk(std::unique_ptr<store::Applications> store, Around around)
    : store_{std::move(store)}, around_{std::move(around)} {
}

Terms Desk::terms_of(Application application, const catalogue::Snapshot& snapshot) const {
    std::set<std::string> owners;
    for (const std::string& name : application.asked.services) {
        const catalogue::Service* service = snapshot.service(name);
        if (service != nullptr && service->department != nullptr) {
            owners.insert(service->department->id);
        }
    }
    return {.application = std::move(application),
            .owners = std::move(owners),
            .calendar = snapshot.calendar,
            .decide_days = snapshot.gateway.access.decide_days};
}

Status Desk::keep(const Dossier& dossier) {
    const auto kept = to_kept(dossier, around_.current()->gateway.subject_key);
    return kept ? store_->keep(*kept) : fail(kept.error());
}

Outcome<Dossier> Desk::commit_end(Dossier dossier, const Note& note) {
    dossier.is_unrecorded = true;
    if (auto kept = keep(dossier); !kept) {
        return unavailable(kept.error());
    }
    withdraw(dossier.id);
    if (auto noted = note(dossier); !noted) {
        return unavailable(noted.error());
    }
    dossier.is_unrecorded = false;
    if (auto kept = keep(dossier); !kept) {
        return unavailable(kept.error());
    }
    return dossier;
}

Outcome<Dossier> Desk::commit(Dossier dossier, const Deed& deed, const Actor& actor, const Terms& terms,
                              const Note& note) {
    auto decided = decide(std::move(dossier), deed, actor, terms, around_.clock.now());
    if (!decided) {
        return decided;
    }
    if (decided->state == State::revoked || decided->state == State::refused || decided->state == State::expired) {
        return commit_end(std::move(*decided), note);
    }
    if (auto noted = note(*decided); !noted) {
        return unavailable(noted.error());
    }
    if (auto kept = keep(*decided); !kept) {
        return unavailable(kept.error());
    }
    return decided;
}

Outcome<Desk::Done> Desk::submit(const Actor& actor, const std::string& text, const Note& note) {
    const std::lock_guard lock{mutex_};
    const auto snapshot = around_.current();
    const record::Date today = record::to_civil(around_.clock.now()).date;
    Mistakes mistakes;
    auto application = read_application(text, "application.yaml", mistakes);
    if (!application) {
        return refuse(Rule::application_invalid, lines_of(mistakes));
    }
    const Terms terms = terms_of(std::move(*application), *snapshot);
    Dossier dossier{.id = "new", .text = text};
    // who may not apply uses up no number, and no time
    if (auto allowed = decide(dossier, {.act = Act::submit}, actor, terms, around_.clock.now()); !allowed) {
        return tl::unexpected{std::move(allowed.error())};
    }
    mistakes = check_application(text, "application.yaml", *snapshot, today);
    if (has_errors(mistakes)) {
        return refuse(Rule::application_invalid, lines_of(mistakes));
    }
    const auto dossiers = all();
    if (!dossiers) {
        return tl::unexpected{dossiers.error()};
    }
    if (std::ranges::count_if(*dossiers, [&terms](const Dossier& one) {
            return one.is_open() && one.organisation == terms.application.organisation;
        }) >= kMostOpen) {
        return refuse(Rule::too_many, "this organisation has " + std::to_string(kMostOpen) + " open applications");
    }
    const auto number = store_->next_number(today.year);
    if (!number) {
        return unavailable(number.error());
    }
    dossier.id = id_of(today.year, *number);
    auto committed = commit(std::move(dossier), {.act = Act::submit}, actor, terms, note);
    if (!committed) {
        return tl::unexpected{std::move(committed.error())};
    }
    return put_in_force(std::move(*committed), terms);
}

Outcome<Desk::Done> Desk::act(const Actor& actor, const std::string& id, const Deed& deed, const Note& note) {
    const std::lock_guard lock{mutex_};
    auto dossier = find(id);
    if (!dossier) {
        return tl::unexpected{std::move(dossier.error())};
    }
    if (!may_see(actor, *dossier, owners_of(*dossier))) {
        return refuse(Rule::application_unknown, id);  // not even that there is one
    }
    const auto snapshot = around_.current();
    const std::string& text = deed.act == Act::amend ? deed.text : dossier->text;
    const bool takes_effect = deed.act == Act::amend || deed.act == Act::approve || deed.act == Act::promote;
    Mistakes mistakes;
    auto application = read_application(text, id + ".yaml", mistakes);
    if (application && takes_effect) {  // what there is to grant may have changed since it was handed in
        mistakes = check_application(text, id + ".yaml", *snapshot, record::to_civil(around_.clock.now()).date);
    }
    if (!application || has_errors(mistakes)) {
        return refuse(Rule::application_invalid, lines_of(mistakes));
    }
    const Terms terms = terms_of(std::move(*application), *snapshot);
    auto committed = commit(std::move(*dossier), deed, actor, terms, note);
    if (!committed) {
        return tl::unexpected{std::move(committed.error())};
    }
    return put_in_force(std::move(*committed), terms);
}

void Desk::withdraw(const std::string& id) {
    const std::lock_guard lock{force_};
    for (const policy::Grant& grant : around_.current()->grants) {
        if (grant.approval.application == id) {
            *grant.approval.withdrawn = true;
        }
    }
}

bool Desk::is_approved(const policy::Grant& grant, const Secret& key) {
    const auto dossier = find(grant.approval.application, key);
    if (!dossier || dossier->state != State::approved) {
        return false;
    }
    Mistakes mistakes;
    const auto application = read_application(dossier->text, dossier->id, mistakes);
    return application && catalogue::to_yaml(to_grant(*dossier, *application)) == catalogue::to_yaml(grant);
}

Mistakes Desk::take(const catalogue::Snapshot& next, const std::function<void()>& put) {
    const std::lock_guard lock{force_};  // who withdraws between the look and the put waits, and finds the new one
    Mistakes mistakes;
    const auto before = around_.current();
    for (const policy::Grant& grant : next.grants) {
        if (grant.approval.application.empty()) {
            continue;
        }
        if (is_approved(grant, next.gateway.subject_key)) {
            tell_wider(*before, next, grant, mistakes);
            continue;
        }
        *grant.approval.withdrawn = true;
        mistakes.push_back({{next.gateway.access.folder + grant.id + ".yaml", 0, 0},
                            "C245",
                            Severity::warning,
                            "此授权未生效: 其申请现在不是如此批准的",
                            "this grant is void: its application is not approved like this now",
                            "datong access show " + grant.approval.application});
    }
    put();
    return mistakes;
}

Desk::Done Desk::put_in_force(Dossier dossier, const Terms& terms) {
    Done done{.dossier = std::move(dossier)};
    const Dossier& now = done.dossier;
    const bool is_decided = now.state == State::approved && now.approvers.empty();
    if (now.state != State::approved) {
        withdraw(now.id);
    }
    if (now.is_open() || (now.state == State::approved && !now.approvers.empty())) {
        done.missing = missing_approvals(now, terms.owners);
    }
    const bool was_in_force = now.state == State::revoked || now.state == State::expired;
    if (!is_decided && !was_in_force) {
        return done;
    }
    const auto published = publish();
    if (!published) {
        done.mistakes.push_back({{around_.current()->gateway.access.folder, 0, 0},
                                 "C244",
                                 Severity::error,
                                 "无法写出授权文件",
                                 published.error().detail,
                                 ""});
    } else if (*published) {
        done.mistakes = around_.reload();
    }
    return done;
}

Outcome<Desk::Shelf> Desk::read_all() {
    const auto kept = store_->all();
    if (!kept) {
        return unavailable(kept.error());
    }
    Shelf shelf;
    const auto snapshot = around_.current();
    for (const auto& one : *kept) {
        auto dossier = read_kept(one, snapshot->gateway.subject_key);
        if (dossier) {
            shelf.dossiers.push_back(std::move(*dossier));
        } else if (shelf.unreadable.empty()) {
            shelf.unreadable = dossier.error().detail();
        }
    }
    return shelf;
}

Outcome<std::vector<Dossier>> Desk::all() {
    auto shelf = read_all();
    return shelf ? Outcome<std::vector<Dossier>>{std::move(shelf->dossiers)} : tl::unexpected{std::move(shelf.error())};
}

Outcome<Dossier> Desk::find(const std::string& id) {
    return find(id, around_.current()->gateway.subject_key);
}

Outcome<Dossier> Desk::find(const std::string& id, const Secret& key) {
    const auto kept = store_->find(id);
    if (!kept) {
        return unavailable(kept.error());
    }
    if (!*kept) {
        return refuse(Rule::application_unknown, id);
    }
    auto dossier = read_kept(**kept, key);
    return dossier ? Outcome<Dossier>{std::move(*dossier)} : tl::unexpected{accounts::problem_of(dossier.error())};
}

std::set<std::string> Desk::owners_of(const Dossier& dossier) const {
    Mistakes mistakes;
    auto application = read_application(dossier.text, dossier.id, mistakes);
    return application ? terms_of(std::move(*application), *around_.current()).owners : std::set<std::string>{};
}

Result<std::string> Desk::sign(const std::set<std::pair<std::string, std::string>>& grants) {
    const auto number = store_->next_roll();
    if (!number) {
        return fail(number.error());
    }
    const auto snapshot = around_.current();
    const auto now = around_.clock.now();
    const catalogue::NamedKey& key = snapshot->gateway.key.at(now);
    const catalogue::Roll roll{.gateway = snapshot->gateway.name,
                               .number = static_cast<std::uint64_t>(*number),
                               .at = to_rfc3339(now),
                               .grants = grants};
    return catalogue::sign_roll(roll, key.id, *key.key);
}

Outcome<bool> Desk::publish() {
    const auto snapshot = around_.current();
    const auto dossiers = all();
    if (!dossiers) {
        return tl::unexpected{dossiers.error()};
    }
    GrantFiles files;
    for (const Dossier& dossier : *dossiers) {
        Mistakes mistakes;
        const auto application =
            dossier.state == State::approved ? read_application(dossier.text, dossier.id, mistakes) : std::nullopt;
        if (application && catalogue::reads_back(application->asked)) {
            files[dossier.id + ".yaml"] = catalogue::to_yaml(to_grant(dossier, *application));
        }
    }
    const auto last = store_->last_roll();
    if (!last) {
        return unavailable(last.error());
    }
    const record::Date today = record::to_civil(around_.clock.now()).date;
    auto published = access::publish(
        snapshot->gateway.access.folder, files,
        {.find_key = [&](const std::string& keyid) { return catalogue::roll_key(*snapshot, keyid, today); },
         .last = static_cast<std::uint64_t>(*last),
         .keyid = snapshot->gateway.key.at(around_.clock.now()).id,
         .sign = [this](const auto& grants) { return sign(grants); }});
    const auto signed_last = published ? store_->last_roll() : fail(published.error());
    if (signed_last) {
        roll_ = static_cast<std::uint64_t>(*signed_last);
    }
    return published ? Outcome<bool>{*published} : tl::unexpected{accounts::problem_of(published.error())};
}

Outcome<bool> Desk::settle(const Note& note) {
    const std::lock_guard lock{mutex_};
    const auto snapshot = around_.current();
    const auto shelf = read_all();
    if (!shelf) {
        return tl::unexpected{shelf.error()};
    }
    const record::Date today = record::to_civil(around_.clock.now()).date;
    Outcome<void> done = shelf->unreadable.empty()
                             ? Outcome<void>{}
                             : tl::unexpected{accounts::problem_of(Error{Fault::internal, shelf->unreadable})};
    for (const Dossier& dossier : shelf->dossiers) {
        Mistakes mistakes;
        if (dossier.is_unrecorded) {
            if (auto ended = commit_end(dossier, note); !ended) {
                done = tl::unexpected{std::move(ended.error())};
            }
        }
        auto application =
            dossier.state == State::approved ? read_application(dossier.text, dossier.id, mistakes) : std::nullopt;
        if (!application || today <= application->asked.valid_to) {
            continue;
        }
        const Terms terms = terms_of(std::move(*application), *snapshot);
        if (auto ended = commit(dossier, {.act = Act::expire}, kClock, terms, note); !ended) {
            done =
                tl::unexpected{std::move(ended.error())};  // said below: the others' files are put right all the same
        }
    }
    auto published = publish();
    return done || !published ? published : tl::unexpected{std::move(done.error())};
}

Outcome<std::size_t> Desk::overdue() {
    const auto dossiers = all();
    if (!dossiers) {
        return tl::unexpected{dossiers.error()};
    }
    const record::Date today = record::to_civil(around_.clock.now()).date;
    return static_cast<std::size_t>(
        std::ranges::count_if(*dossiers, [&today](const Dossier& one) { return one.is_open() && one.due < today; }));
}

}  // namespace datong::access
