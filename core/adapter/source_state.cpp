#include "core/adapter/source_state.h"

#include <algorithm>
#include <string>
#include <utility>

namespace datong::adapter {

Status SourceState::enter(const Limits& limits, std::chrono::steady_clock::time_point now) {
    const std::scoped_lock lock{mutex_};
    if (now < rests_until_) {
        return fail(Fault::department_down, "breaker open");
    }
    const bool tries_again = failures_ >= std::max(limits.breaker_failures, 1);
    if (tries_again && trying_) {
        return fail(Fault::department_down, "breaker half open, one call is trying");
    }
    if (in_flight_ >= limits.in_flight) {
        return fail(Fault::source_busy, std::to_string(in_flight_) + " calls in flight");
    }
    trying_ = tries_again;
    ++in_flight_;
    return {};
}

void SourceState::leave(bool good, const Limits& limits, std::chrono::steady_clock::time_point now) {
    note(good, limits, now);
    release();
}

Turn SourceState::note(bool good, const Limits& limits, std::chrono::steady_clock::time_point now) {
    const std::scoped_lock lock{mutex_};
    trying_ = false;
    const int least = std::max(limits.breaker_failures, 1);
    if (good) {
        const bool was_open = std::exchange(failures_, 0) >= least;
        rests_until_ = {};
        return was_open ? Turn::closed : Turn::none;
    }
    failures_ = std::min(failures_ + 1, least);  // a reload may raise the limit: count on from here
    if (failures_ < least || now < rests_until_) {
        return Turn::none;
    }
    rests_until_ = now + limits.breaker_rest;
    return Turn::opened;
}

void SourceState::forget() {
    const std::scoped_lock lock{mutex_};
    trying_ = false;
}

void SourceState::release() {
    const std::scoped_lock lock{mutex_};
    --in_flight_;
}

bool SourceState::resting(std::chrono::steady_clock::time_point now) const {
    const std::scoped_lock lock{mutex_};
    return now < rests_until_;
}

std::size_t SourceState::in_flight() const {
    const std::scoped_lock lock{mutex_};
    return in_flight_;
}

}  // namespace datong::adapter
