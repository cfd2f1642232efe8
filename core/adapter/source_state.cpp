#include "core/adapter/source_state.h"

#include <algorithm>
#include <string>
#include <utility>

namespace datong::adapter {

Status SourceState::enter(const Limits& limits, std::chrono::steady_clock::time_point now) {
    const std::scoped_lock lock{mutex_};
    most_ = limits.in_flight;
    if (auto open = look_at_breaker(limits, now); !open) {
        return open;
    }
    if (in_flight_ >= most_) {
        trying_ = false;  // this call does not try it after all
        return fail(Fault::source_busy, std::to_string(in_flight_) + " calls in flight");
    }
    ++in_flight_;
    return {};
}

Status SourceState::look_at_breaker(const Limits& limits, std::chrono::steady_clock::time_point now) {
    if (now < rests_until_) {
        return fail(Fault::department_down, "breaker open");
    }
    const bool tries_again = failures_ >= std::max(limits.breaker_failures, 1);
    if (tries_again && trying_) {
        return fail(Fault::department_down, "breaker half open, one call is trying");
    }
    trying_ = tries_again;
    return {};
}

Status SourceState::check_breaker(const Limits& limits, std::chrono::steady_clock::time_point now) {
    const std::scoped_lock lock{mutex_};
    return look_at_breaker(limits, now);
}

Status SourceState::stand_in_line(const std::shared_ptr<Waiter>& waiter, const Limits& limits) {
    const std::scoped_lock lock{mutex_};
    if (in_flight_ < limits.in_flight) {
        ++in_flight_;
        waiter->has_place = true;
        waiter->wake();
        return {};
    }
    if (closed_ || line_.size() >= limits.waiting) {
        return fail(Fault::source_busy,
                    std::to_string(in_flight_) + " calls in flight, " + std::to_string(line_.size()) + " waiting");
    }
    line_.push_back(waiter);
    return {};
}

bool SourceState::leave_line(const std::shared_ptr<Waiter>& waiter) {
    const std::scoped_lock lock{mutex_};
    line_.remove(waiter);
    return waiter->has_place;
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
    if (line_.empty() || in_flight_ > most_) {
        --in_flight_;
        return;
    }
    const std::shared_ptr<Waiter> next = std::move(line_.front());
    line_.pop_front();
    next->has_place = true;
    next->wake();  // under the lock: whoever leaves the line, or closes it, is not woken after that
}

void SourceState::close() {
    const std::scoped_lock lock{mutex_};
    closed_ = true;
    line_.clear();
}

bool SourceState::resting(std::chrono::steady_clock::time_point now) const {
    const std::scoped_lock lock{mutex_};
    return now < rests_until_;
}

std::size_t SourceState::in_flight() const {
    const std::scoped_lock lock{mutex_};
    return in_flight_;
}

std::size_t SourceState::waiting() const {
    const std::scoped_lock lock{mutex_};
    return line_.size();
}

}  // namespace datong::adapter
