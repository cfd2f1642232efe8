#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>

#include "core/base/result.h"

namespace datong::adapter {

/// What a department allows and the gateway bears, per source.
struct Limits {
    std::size_t in_flight = 4;
    std::chrono::milliseconds call{5'000};
    int breaker_failures = 5;  ///< in a row; then the source rests
    std::chrono::milliseconds breaker_rest{10'000};
    int retries = 0;  ///< only on department_down, while time is left
    bool off{};       ///< the department's own switch
};

enum class Turn { none, opened, closed };

/// The state of one source that outlives a reload: bulkhead, breaker, last success. Shared by all loops.
class SourceState {
public:
    /// Takes a place in the bulkhead. @return source_busy, or department_down while the breaker rests.
    [[nodiscard]] Status enter(const Limits& limits, std::chrono::steady_clock::time_point now);
    /// note() and release() in one.
    void leave(bool good, const Limits& limits, std::chrono::steady_clock::time_point now);
    /// Counts how a call went. @return what it did to the breaker.
    Turn note(bool good, const Limits& limits, std::chrono::steady_clock::time_point now);
    /// Ends a call that nobody waited for: it says nothing about the department.
    void forget();
    /// Gives the place in the bulkhead back.
    void release();
    [[nodiscard]] bool resting(std::chrono::steady_clock::time_point now) const;
    [[nodiscard]] std::size_t in_flight() const;

private:
    mutable std::mutex mutex_;
    std::size_t in_flight_{};
    int failures_{};
    std::chrono::steady_clock::time_point rests_until_{};
    bool trying_{};
};

}  // namespace datong::adapter
