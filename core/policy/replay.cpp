#include "core/policy/replay.h"

#include <algorithm>

#include "core/base/clock.h"

namespace datong::policy {

ReplayGuard::ReplayGuard(Freshness freshness, std::chrono::system_clock::time_point known_since,
                         std::size_t most_per_key)
    : freshness_{freshness}, known_since_{to_unix_seconds(known_since)}, most_{most_per_key} {
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
    if (created < known_since_) {
        return fail(Fault::signature_stale, "created before what this gateway knows since its start; sign anew");
    }
    if (expires != 0 && expires < seconds) {
        return fail(Fault::signature_stale, "expires has passed");
    }
    const std::lock_guard lock{mutex_};
    forget_before(seconds - freshness_.window.count());
    Memory& memory = memory_of(once);
    if (created <= memory.forgotten_to) {  // the clock was set back
        return fail(Fault::signature_stale, "created lies before what is remembered");
    }
    if (memory.seen.contains(once)) {
        return fail(Fault::replayed, "seen before");
    }
    if (memory.seen.size() >= most_) {
        return fail(Fault::nonces_full, std::to_string(most_) + " nonces of this key within the window");
    }
    (void)memory.add(created, once);
    return {};
}

void ReplayGuard::recall(std::int64_t created, const std::string& once) {
    const std::lock_guard lock{mutex_};
    (void)memory_of(once).add(created, once);
}

ReplayGuard::Memory& ReplayGuard::memory_of(std::string_view once) {
    const std::string_view key = once.substr(0, once.find('\n'));
    const auto found = memories_.find(key);
    return found != memories_.end() ? found->second : memories_[std::string{key}];
}

bool ReplayGuard::Memory::add(std::int64_t created, const std::string& once) {
    const auto [kept, is_new] = seen.insert(once);
    if (is_new) {
        by_created[created].push_back(&*kept);
    }
    return is_new;
}

/// Once a second, for all keys: also for one that never comes again. Each key's mark stays, one number, for the clock
/// may be set back at any time; it is no other key's: who came while the clock was ahead has nobody else refused for
/// it.
void ReplayGuard::forget_before(std::int64_t created) {
    if (created == forgot_at_) {
        return;
    }
    forgot_at_ = created;
    for (auto& [key, memory] : memories_) {
        memory.forget_before(created);
    }
}

void ReplayGuard::Memory::forget_before(std::int64_t created) {
    while (!by_created.empty() && by_created.begin()->first < created) {
        forgotten_to = std::max(forgotten_to, by_created.begin()->first);
        for (const std::string* once : by_created.begin()->second) {
            seen.erase(seen.find(*once));
        }
        by_created.erase(by_created.begin());
    }
}

}  // namespace datong::policy
