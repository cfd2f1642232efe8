#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/adapter/opening.h"
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
    int retries = 0;                              ///< only on department_down, of a safe operation, while time is left
    std::set<std::string, std::less<>> unsafe{};  ///< operations that say `safe: false`: asked once
    bool off{};                                   ///< nobody asks it
    std::vector<QuietHours> quiet;                ///< when the department takes no calls
    std::uint64_t daily{};                        ///< most calls a day; 0: no cap. Counted anew after a restart
};

enum class Turn { none, opened, closed };

/// What a call says about how much the department's system bears.
enum class Load { borne, too_much };

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
    /// Fewer calls at once where the department is silent or resets (half as many, one at least), one more for each
    /// round that it bears, never over `limits.in_flight`. Calls that were under way at the last cut say nothing new:
    /// one hiccup met by four calls cuts once.
    /// @param asked  when the call began.
    void adapt(Load load, const Limits& limits, std::chrono::steady_clock::time_point asked,
               std::chrono::steady_clock::time_point now);
    /// Whether the department takes calls at all now. @return why not.
    [[nodiscard]] std::optional<Closed> closed(const Limits& limits, WallTime now) const;
    /// As closed(), and one call more today where it is open.
    [[nodiscard]] std::optional<Closed> count_call(const Limits& limits, WallTime now);
    /// @param pause  nullopt: the department takes calls again.
    void set_pause(std::optional<Pause> pause);
    [[nodiscard]] std::uint64_t calls_today(WallTime now) const;
    /// Gives the place in the bulkhead back: to who waits longest, if anybody does.
    void release();
    /// Wakes nobody any more: the loops of those who wait are about to go.
    void close();
    [[nodiscard]] bool resting(std::chrono::steady_clock::time_point now) const;
    [[nodiscard]] std::size_t in_flight() const;
    [[nodiscard]] std::size_t allowed(const Limits& limits) const;  ///< at once, now
    [[nodiscard]] std::size_t waiting() const;

private:
    [[nodiscard]] Status look_at_breaker(const Limits& limits, std::chrono::steady_clock::time_point now);
    void set_most(const Limits& limits);
    /// To who waits longest, while there are places.
    void give_places();

    mutable std::mutex mutex_;
    std::size_t in_flight_{};
    double bears_{1e9};                            ///< calls at once that the department bears, as far as we know
    std::chrono::steady_clock::time_point cut_{};  ///< when bears_ was cut last
    std::size_t most_{};                           ///< in flight now: what it bears and the limits seen last allow
    Opening opening_;
    std::list<std::shared_ptr<Waiter>> line_;
    bool closed_{};
    int failures_{};
    std::chrono::steady_clock::time_point rests_until_{};
    bool trying_{};
};

}  // namespace datong::adapter
