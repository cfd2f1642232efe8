#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace datong::policy {

/// How long a signature is good.
struct Freshness {
    std::chrono::seconds window{300};
    std::chrono::seconds skew{30};
};

/// Whose clock a call's time is by.
enum class TimedBy {
    caller,   ///< it says itself when it was made
    gateway,  ///< it has no time of its own: `created` is when it came
};

/// Refuses a signature outside its window and one that was seen before. Nonces live in memory, each key's apart, so
/// that none can fill another's. What was used before a restart comes back by recall(). Refused is what was created
/// before the oldest of it, or before the newest of the same key that was forgotten since: where clocks step, that may
/// be within the window. A call without a time of its own is known for a window by the steady clock, which nobody sets.
/// May be used from many threads.
class ReplayGuard {
public:
    /// @param known_since  every signature that was created from then on and used before is told by recall().
    /// @param most_per_key  nonces of one key within a window; over that, its signatures are refused.
    /// @param steady  the clock that nobody sets.
    ReplayGuard(Freshness freshness, std::chrono::system_clock::time_point known_since,
                std::size_t most_per_key = 500'000,
                std::function<std::chrono::steady_clock::time_point()> steady = std::chrono::steady_clock::now);

    /// @param created  unix seconds; @param expires  unix seconds, 0 for none.
    /// @param once     what makes the signature unique: "KEYID\nNONCE".
    /// @return Fault::signature_stale, replayed, or nonces_full when the key's memory of a window is full.
    [[nodiscard]] Status accept(std::int64_t created, std::int64_t expires, const std::string& once,
                                std::chrono::system_clock::time_point now, TimedBy by = TimedBy::caller);
    /// Knows again what was accepted before a restart.
    void recall(std::int64_t created, const std::string& once, TimedBy by = TimedBy::caller);
    /// What was created earlier is refused: recall() did not tell all of it. Before the first call.
    void refuse_before(std::int64_t created);

private:
    using Steady = std::chrono::steady_clock::time_point;
    /// The nonces of one key.
    struct Memory {
        std::unordered_set<std::string> seen;
        std::map<std::int64_t, std::vector<const std::string*>> by_created;  ///< into seen, whose nodes stay put
        std::deque<std::pair<Steady, const std::string*>> by_arrival;        ///< those without a time of their own

        void add(std::int64_t created, const std::string& once);
        void add_arrived(Steady at, const std::string& once);
        void forget_before(std::int64_t created, Steady arrived);

        std::int64_t forgotten_to{};  ///< the newest `created` of those that were forgotten; 0: none
    };

    void forget_before(std::int64_t created);
    void remember(Memory& memory, std::int64_t created, const std::string& once, TimedBy by) const;
    [[nodiscard]] Memory& memory_of(std::string_view once);

    Freshness freshness_;
    std::int64_t known_since_;
    std::size_t most_;
    std::function<Steady()> steady_;
    std::mutex mutex_;                                     ///< of what follows
    std::map<std::string, Memory, std::less<>> memories_;  ///< by key id
    std::int64_t forgot_at_{};                             ///< up to where it was looked last
};

}  // namespace datong::policy
