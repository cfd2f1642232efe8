#include "core/adapter/source_state.h"

#include <algorithm>
#include <string>
#include <utility>

namespace datong::adapter {
namespace {

Error busy(std::string why) {
    return Error{Fault::source_busy, std::move(why)}.after(std::chrono::seconds{1});
}

}  // namespace

Status SourceState::enter(const Limits& limits, std::chrono::steady_clock::time_point now) {
    const std::scoped_lock lock{mutex_};
    set_most(limits);
    if (auto open = look_at_breaker(limits, now); !open) {
        return open;
    }
    if (in_flight_ >= most_) {
        trying_ = false;  // this call does not try it after all
        return fail(busy(std::to_string(in_flight_) + " calls in flight"));
    }
    ++in_flight_;
    return {};
}

Status SourceState::look_at_breaker(const Limits& limits, std::chrono::steady_clock::time_point now) {
    if (now < rests_until_) {
        return fail(Error{Fault::department_down, "breaker open"}.after(
            std::chrono::ceil<std::chrono::seconds>(rests_until_ - now)));
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
    set_most(limits);
    if (in_flight_ < most_) {
        ++in_flight_;
        waiter->has_place = true;
        waiter->wake();
        return {};
    }
    if (closed_ || line_.size() >= limits.waiting) {
        return fail(
            busy(std::to_string(in_flight_) + " calls in flight, " + std::to_string(line_.size()) + " waiting"));
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
    --in_flight_;
    give_places();
}

void SourceState::give_places() {
    while (!line_.empty() && in_flight_ < most_) {
        const std::shared_ptr<Waiter> next = std::move(line_.front());
        line_.pop_front();
        ++in_flight_;
        next->has_place = true;
        next->wake();  // under the lock: whoever leaves the line, or closes it, is not woken after that
    }
}

void SourceState::set_most(const Limits& limits) {
    most_ = static_cast<std::size_t>(std::min(bears_, static_cast<double>(limits.in_flight)));
}

void SourceState::adapt(Load load, const Limits& limits, std::chrono::steady_clock::time_point asked,
                        std::chrono::steady_clock::time_point now) {
    const std::scoped_lock lock{mutex_};
    const auto agreed = static_cast<double>(limits.in_flight);
    bears_ = std::min(bears_, agreed);
    if (load == Load::borne) {
        bears_ = std::min(agreed, bears_ + 1 / bears_);
    } else if (asked >= cut_) {
        bears_ = std::max(1.0, bears_ / 2);
        cut_ = now;
    }
    set_most(limits);
    give_places();
}

std::optional<Closed> SourceState::closed(const Limits& limits, WallTime now) const {
    const std::scoped_lock lock{mutex_};
    return limits.off ? std::optional{Closed{"switched off in the configuration", std::nullopt}}
                      : opening_.closed(limits.quiet, limits.daily, now);
}

std::optional<Closed> SourceState::count_call(const Limits& limits, WallTime now) {
    const std::scoped_lock lock{mutex_};
    auto why = opening_.closed(limits.quiet, limits.daily, now);
    if (!why) {
        opening_.count(now);
    }
    return why;
}

void SourceState::set_pause(std::optional<Pause> pause) {
    const std::scoped_lock lock{mutex_};
    opening_.set_pause(pause);
}

std::uint64_t SourceState::calls_today(WallTime now) const {
    const std::scoped_lock lock{mutex_};
    return opening_.counted(now);
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

std::size_t SourceState::allowed(const Limits& limits) const {
    const std::scoped_lock lock{mutex_};
    return static_cast<std::size_t>(std::min(bears_, static_cast<double>(limits.in_flight)));
}

std::size_t SourceState::waiting() const {
    const std::scoped_lock lock{mutex_};
    return line_.size();
}

}  // namespace datong::adapter
