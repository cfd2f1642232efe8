#include "core/policy/replay.h"

#include "core/base/clock.h"

namespace datong::policy {

ReplayGuard::ReplayGuard(Freshness freshness, std::chrono::system_clock::time_point started, std::size_t most)
    : freshness_{freshness}, started_{to_unix_seconds(started)}, most_{most} {
}

Status ReplayGuard::accept(std::int64_t created, std::int64_t expires, const std::string& once,
                           std::chrono::system_clock::time_point now) {
    const std::int64_t seconds = to_unix_seconds(now);
    if (created > seconds + freshness_.skew.count()) {
        return fail(Fault::signature_stale, "created lies in the future");
    }
    if (created < seconds - freshness_.window.count()) {
        return fail(Fault::signature_stale, "created lies before the window");
    }
    if (created < started_) {
        return fail(Fault::signature_stale, "created before this gateway started; sign anew");
    }
    if (expires != 0 && expires < seconds) {
        return fail(Fault::signature_stale, "expires has passed");
    }
    const std::lock_guard lock{mutex_};
    forget_before(seconds - freshness_.window.count());
    if (seen_.size() >= most_) {
        return fail(Fault::unavailable, "the memory of nonces is full");
    }
    const auto [kept, is_new] = seen_.insert(once);
    if (!is_new) {
        return fail(Fault::replayed, "seen before");
    }
    by_created_[created].push_back(&*kept);
    return {};
}

void ReplayGuard::forget_before(std::int64_t created) {
    while (!by_created_.empty() && by_created_.begin()->first < created) {
        for (const std::string* once : by_created_.begin()->second) {
            seen_.erase(seen_.find(*once));
        }
        by_created_.erase(by_created_.begin());
    }
}

}  // namespace datong::policy
