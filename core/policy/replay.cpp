#include "core/policy/replay.h"

#include <algorithm>
#include <utility>

#include "core/base/clock.h"

namespace datong::policy {

ReplayGuard::ReplayGuard(Freshness freshness, std::chrono::system_clock::time_point known_since,
                         std::size_t most_per_key, std::function<Steady()> steady)
    : freshness_{freshness},
      known_since_{to_unix_seconds(known_since)},
      most_{most_per_key},
      steady_{std::move(steady)} {
}

Status ReplayGuard::accept(std::int64_t created, std::int64_t expires, const std::string& once,
                           std::chrono::system_clock::time_point now, TimedBy by) {
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
    if (by == TimedBy::caller && created <= memory.forgotten_to) {  // the clock was set back
        return fail(Fault::signature_stale, "created lies before what is remembered");
    }
    if (memory.seen.contains(once)) {
        return fail(Fault::replayed, "seen before");
    }
    if (memory.seen.size() >= most_) {
        return fail(Fault::nonces_full, std::to_string(most_) + " nonces of this key within the window");
    }
    remember(memory, created, once, by);
    return {};
}

void ReplayGuard::recall(std::int64_t created, const std::string& once, TimedBy by) {
    const std::lock_guard lock{mutex_};
    remember(memory_of(once), created, once, by);
}

void ReplayGuard::refuse_before(std::int64_t created) {
    known_since_ = std::max(known_since_, created);
}

void ReplayGuard::remember(Memory& memory, std::int64_t created, const std::string& once, TimedBy by) const {
    if (by == TimedBy::gateway) {
        memory.add_arrived(steady_(), once);
    } else {
        memory.add(created, once);
    }
}

ReplayGuard::Memory& ReplayGuard::memory_of(std::string_view once) {
    const std::string_view key = once.substr(0, once.find('\n'));
    const auto found = memories_.find(key);
    return found != memories_.end() ? found->second : memories_[std::string{key}];
}

void ReplayGuard::Memory::add(std::int64_t created, const std::string& once) {
    if (const auto [kept, is_new] = seen.insert(once); is_new) {
        by_created[created].push_back(&*kept);
    }
}

void ReplayGuard::Memory::add_arrived(Steady at, const std::string& once) {
    if (const auto [kept, is_new] = seen.insert(once); is_new) {
        by_arrival.emplace_back(at, &*kept);
    }
}

/// Once a second, for all keys: also for one that never comes again. Each key's mark stays, one number, for the clock
/// may be set back at any time; it is no other key's: who came while the clock was ahead has nobody else refused for
/// it.
void ReplayGuard::forget_before(std::int64_t created) {
    if (created == forgot_at_) {
        return;
    }
    forgot_at_ = created;
    const Steady arrived = steady_() - freshness_.window;
    for (auto& [key, memory] : memories_) {
        memory.forget_before(created, arrived);
    }
}

void ReplayGuard::Memory::forget_before(std::int64_t created, Steady arrived) {
    while (!by_arrival.empty() && by_arrival.front().first < arrived) {
        seen.erase(seen.find(*by_arrival.front().second));
        by_arrival.pop_front();
    }
    while (!by_created.empty() && by_created.begin()->first < created) {
        forgotten_to = std::max(forgotten_to, by_created.begin()->first);
        for (const std::string* once : by_created.begin()->second) {
            seen.erase(seen.find(*once));
        }
        by_created.erase(by_created.begin());
    }
}

}  // namespace datong::policy
