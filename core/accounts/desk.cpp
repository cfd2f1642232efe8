#include "core/accounts/desk.h"

#include <algorithm>
#include <utility>

#include "core/accounts/password.h"
#include "core/accounts/totp.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::accounts {
namespace {

constexpr std::size_t kToken = 32;
constexpr std::size_t kMostAddresses = 10'000;

tl::unexpected<Problem> refused(const Error& why) {
    return tl::unexpected{problem_of(why)};
}

Outcome<void> done(const Status& status) {
    return status ? Outcome<void>{} : refused(status.error());
}

/// There is nothing to guess: a lock would keep out the one who holds the card, and who tries without it gains nothing.
bool shows_own_x509(const Account& account, const Shown& shown) {
    return !account.x509.empty() && account.x509 == shown.x509;
}

/// Why an account lets nobody in by these means, whatever the password; empty: it may.
std::string_view bar_of(const Account& account, const Shown& shown) {
    if (account.name.empty()) {
        return "account_unknown";
    }
    if (account.disabled) {
        return "account_disabled";
    }
    return account.x509.empty() || shows_own_x509(account, shown) ? std::string_view{} : "wrong_certificate";
}

}  // namespace

/// Who was found to be who they say.
struct Desk::Judged {
    KeptAccount kept;
    std::string name_mac;
};

Desk::Desk(std::unique_ptr<Shelf> shelf, const Secret& key, std::string issuer, const Clock& clock, Limits limits)
    : shelf_{std::move(shelf)}, key_{key}, issuer_{std::move(issuer)}, clock_{clock}, limits_{limits} {
}

std::int64_t Desk::now() const {
    return to_unix_seconds(clock_.now());
}

std::string Desk::mac_of(const std::string& name) const {
    return crypto::hmac_sha256(key_.reveal(), "datong accounts name " + name);
}

/// Guessing many names from one place is slow, too.
Outcome<void> Desk::count_attempt(const std::string& address) {
    const std::lock_guard lock{mutex_};
    const std::int64_t minute = now() / 60;
    if (attempts_.size() >= kMostAddresses) {
        std::erase_if(attempts_, [minute](const auto& one) { return one.second.minute != minute; });
    }
    if (attempts_.size() >= kMostAddresses && !attempts_.contains(address)) {
        return refuse(Refused::too_many_attempts);
    }
    Attempts& attempts = attempts_[address];
    if (attempts.minute != minute) {
        attempts = {.minute = minute};
    }
    if (++attempts.count > limits_.attempts_a_minute) {
        Problem why = problem_of(Refused::too_many_attempts);
        why.retry_after = std::chrono::seconds{60 - now() % 60};
        return tl::unexpected{std::move(why)};
    }
    return {};
}

/// The password first, for it costs the time; the code's step is used up only behind a right one.
Outcome<void> Desk::judge_factors(const KeptAccount& kept, const Shown& shown) {
    if (const std::string_view bar = bar_of(kept.account, shown); !bar.empty()) {
        (void)is_password(shown.password, {}, limits_.cost);  // takes as long as where there is one
        return refuse(Refused::sign_in_refused, {}, bar);
    }
    if (!kept.account.x509.empty()) {
        return {};
    }
    if (!is_password(shown.password, kept.password, limits_.cost)) {
        return refuse(Refused::sign_in_refused, {}, "wrong_password");
    }
    auto key = crypto::unseal(key_, kSealUse, kept.account.name, kept.totp);
    if (!key) {
        return refused(Error{Fault::internal, "the second factor was sealed by another key"});
    }
    const auto step = find_step(Secret{std::move(*key)}, shown.code, now());
    if (!step) {
        return refuse(Refused::sign_in_refused, {}, "wrong_second_factor");
    }
    const auto used = shelf_->use_step(kept.account.name, *step);
    if (!used) {
        return refused(used.error());
    }
    return *used ? Outcome<void>{} : refuse(Refused::sign_in_refused, {}, "second_factor_used");
}

/// One more failure of that name; the last of them locks it.
tl::unexpected<Problem> Desk::note_failure(const std::string& account, Problem why, Act& act) {
    if (why.code != problem_of(Refused::sign_in_refused).code) {
        return tl::unexpected{std::move(why)};  // ours, not the caller's
    }
    const auto tell = [&] {  // a lock-out is never only counted
        act.note("locked until " + to_rfc3339(clock_.now() + limits_.locked));
        return act.keep(why.recorded);
    };
    const Failures lock{.count = limits_.failures, .locked_until = now() + limits_.locked.count()};
    if (const auto counted = shelf_->count_failure(mac_of(account), lock, now(), tell); !counted) {
        return refused(counted.error());
    }
    return tl::unexpected{std::move(why)};
}

Outcome<void> Desk::check_lock(const std::string& account) {
    const auto failures = shelf_->failures_of(mac_of(account));
    if (!failures) {
        return refused(failures.error());
    }
    if (failures->locked_until <= now()) {
        return {};
    }
    Problem why = problem_of(Refused::account_locked);
    why.retry_after = std::chrono::seconds{failures->locked_until - now()};
    return tl::unexpected{std::move(why)};
}

Outcome<Desk::Judged> Desk::judge(const Shown& shown, Act& act) {
    if (auto few = count_attempt(shown.address); !few) {
        return tl::unexpected{std::move(few.error())};
    }
    Judged judged{.kept = {}, .name_mac = mac_of(shown.account)};
    auto found = shelf_->find(shown.account);
    if (!found) {
        return refused(found.error());
    }
    if (*found) {  // else the name may be anything, a password too
        act.be_about(shown.account);
        judged.kept = std::move(**found);
    }
    if (auto open = check_lock(shown.account); !open && !shows_own_x509(judged.kept.account, shown)) {
        return tl::unexpected{std::move(open.error())};
    }
    if (auto good = judge_factors(judged.kept, shown); !good) {
        return note_failure(shown.account, std::move(good.error()), act);
    }
    return judged;
}

Outcome<Opened> Desk::sign_in(const Shown& shown, Act& act) {
    auto judged = judge(shown, act);
    if (!judged) {
        return tl::unexpected{std::move(judged.error())};
    }
    const Account& account = judged->kept.account;
    act.be_by(account.actor());
    Secret token{to_base64url(crypto::random_bytes(kToken))};
    const KeptSession session{.digest = crypto::sha256(token.reveal()),
                              .account = account.name,
                              .x509 = account.x509,
                              .opened = now(),
                              .used = now()};
    const auto forgiven = shelf_->forgive(judged->name_mac, [] { return Status{}; });
    const auto opened = forgiven.and_then([&] {
        return shelf_->open_session(session, judged->kept.revision, limits_.sessions,
                                    [&act] { return act.keep("done"); });
    });
    if (!opened) {
        return refused(opened.error());
    }
    if (!*opened) {  // a secret that was replaced while it was judged
        return refuse(Refused::sign_in_refused, {}, "account_changed");
    }
    return Opened{.token = std::move(token), .account = account, .until = session.opened + limits_.whole.count()};
}

Outcome<Actor> Desk::find_actor(const std::string& token, const std::string& x509) {
    if (token.empty()) {
        return refuse(Refused::not_signed_in);
    }
    const std::string digest = crypto::sha256(token);
    const auto session = shelf_->find_session(digest);
    if (!session) {
        return refused(session.error());
    }
    const std::int64_t at = now();
    if (!*session || (*session)->x509 != ((*session)->x509.empty() ? std::string{} : x509) ||
        at - (*session)->opened >= limits_.whole.count() || at - (*session)->used >= limits_.idle.count()) {
        return refuse(Refused::session_over);
    }
    const auto found = shelf_->find((*session)->account);
    if (!found) {
        return refused(found.error());
    }
    if (!*found || (*found)->account.disabled) {
        return refuse(Refused::session_over);
    }
    if (auto used = at == (*session)->used ? Status{} : shelf_->use_session(digest, at); !used) {
        return refused(used.error());
    }
    return (*found)->account.actor();
}

Outcome<void> Desk::sign_out(const std::string& token, Act& act) {
    auto ended = act.keep("done").and_then([&] { return shelf_->end_session(crypto::sha256(token)); });
    return done(ended);
}

Result<std::size_t> Desk::settle_owed(const std::function<Status(const std::string& entry)>& append) {
    const std::lock_guard lock{owed_};  // who comes meanwhile finds it settled
    const auto owed = shelf_->owed();
    if (!owed) {
        return fail(owed.error());
    }
    for (const Shelf::Owed& one : *owed) {
        if (auto settled = append(one.entry).and_then([&] { return shelf_->settle(one.number); }); !settled) {
            return fail(std::move(settled.error()));
        }
    }
    return owed->size();
}

Status Desk::forget() {
    return shelf_->forget(now() - limits_.whole.count(), now() - limits_.idle.count(), now());
}

}  // namespace datong::accounts
