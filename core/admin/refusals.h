#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "core/accounts/act.h"

namespace datong::admin {

/// What people who have signed in were refused, counted by account, route and code and written once a minute, so that
/// who may sign in can't fill the disk. May be used from many threads.
class Refusals {
public:
    using Time = std::chrono::system_clock::time_point;

    /// Whether one more refused act of that account may be kept in full in this minute; reading is never.
    [[nodiscard]] bool may_keep(const std::string& account, Time now);
    void count(const evidence::Administration& told, Time now, std::uint64_t by = 1);

    struct Counted {
        evidence::Administration told;  ///< how many, and since when, stands in its detail
        std::uint64_t times{};
    };
    /// Those of minutes that are over; empty most of the time.
    [[nodiscard]] std::vector<Counted> take_over(Time now);
    /// All of them, whether their minute is over or not.
    [[nodiscard]] std::vector<Counted> take_all();

private:
    struct Count {
        evidence::Administration told;
        std::uint64_t times{};
        Time since{};
    };
    [[nodiscard]] std::vector<Counted> take();

    std::mutex mutex_;
    std::int64_t minute_{};                                                      ///< that kept_ counts
    std::map<std::string, int, std::less<>> kept_;                               ///< by account
    std::map<std::tuple<std::string, std::string, std::string>, Count> counts_;  ///< by account, act and outcome
    std::int64_t counted_since_{};                                               ///< minute of the oldest of them
};

}  // namespace datong::admin
