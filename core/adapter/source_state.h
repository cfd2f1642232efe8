#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "core/base/result.h"

namespace datong::adapter {

/// What a department allows and the gateway bears, per source.
struct Limits {
    std::size_t in_flight = 4;
    std::chrono::milliseconds wait{500};  ///< at most for a place among them; never past the call's deadline
    std::size_t waiting = 64;             ///< calls that may wait for one; 0: a full source is busy at once
    std::chrono::milliseconds call{5'000};
    std::chrono::milliseconds fair{1'000};  ///< silence cut off by our own deadline counts only after so long
    int breaker_failures = 5;               ///< in a row; then the source rests
    std::chrono::milliseconds breaker_rest{10'000};
    int retries = 0;  ///< only on department_down, while time is left
    bool off{};       ///< the department's own switch
};

enum class Turn { none, opened, closed };

/// A call that waits for a place in a bulkhead. Belongs to the state's lock.
struct Waiter {
    std::function<void()> wake;  ///< called once, from any thread, when it was given a place; quick
    bool has_place{};
};

/// The state of one source that outlives a reload: bulkhead, breaker, last success. Shared by all loops.
class SourceState {
public:
    /// Takes a place in the bulkhead. @return source_busy, or department_down while the breaker rests.
    [[nodiscard]] Status enter(const Limits& limits, std::chrono::steady_clock::time_point now);
    /// Stands in line for a place, first come first served, where enter() said source_busy; end it by leave_line(). A
    /// place that came free meanwhile is given at once.
    /// @return source_busy when the line is full.
    [[nodiscard]] Status stand_in_line(const std::shared_ptr<Waiter>& waiter, const Limits& limits);
    /// Ends the waiting, also where the call is dropped in the middle. @return whether it has a place now.
    bool leave_line(const std::shared_ptr<Waiter>& waiter);
    /// enter()'s look at the breaker, for a call that was given its place in the line.
    [[nodiscard]] Status check_breaker(const Limits& limits, std::chrono::steady_clock::time_point now);
    /// note() and release() in one.
    void leave(bool good, const Limits& limits, std::chrono::steady_clock::time_point now);
    /// Counts how a call went. @return what it did to the breaker.
    Turn note(bool good, const Limits& limits, std::chrono::steady_clock::time_point now);
    /// Ends a call that says nothing about the department.
    void forget();
    /// Gives the place in the bulkhead back: to who waits longest, if anybody does.
    void release();
    /// Wakes nobody any more: the loops of those who wait are about to go.
    void close();
    [[nodiscard]] bool resting(std::chrono::steady_clock::time_point now) const;
    [[nodiscard]] std::size_t in_flight() const;
    [[nodiscard]] std::size_t waiting() const;

private:
    [[nodiscard]] Status look_at_breaker(const Limits& limits, std::chrono::steady_clock::time_point now);

    mutable std::mutex mutex_;
    std::size_t in_flight_{};
    std::size_t most_{};  ///< in flight, by the limits seen last: a reload may lower it while calls wait
    std::list<std::shared_ptr<Waiter>> line_;
    bool closed_{};
    int failures_{};
    std::chrono::steady_clock::time_point rests_until_{};
    bool trying_{};
};

}  // namespace datong::adapter
