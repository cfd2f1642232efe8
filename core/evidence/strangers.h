#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/evidence/entry.h"

namespace datong::evidence {

/// How many refusals of strangers a minute are kept in full; the others are counted, so that strangers
/// can't fill the disk. May be used from many threads.
class Strangers {
public:
    explicit Strangers(int a_minute) : a_minute_{a_minute} {}

    using Time = std::chrono::system_clock::time_point;
    /// Whether one more may be kept in this minute.
    [[nodiscard]] bool may_keep(Time now);
    void count(const std::string& fault, Time now, std::size_t by = 1);
    /// The counts of minutes that are over; empty most of the time.
    [[nodiscard]] std::vector<RefusalsCounted> take_over(Time now);
    /// All counts, whether their minute is over or not.
    [[nodiscard]] std::vector<RefusalsCounted> take_all(Time now);

private:
    std::mutex mutex_;
    int a_minute_;
    std::int64_t minute_{};  ///< that kept_ counts
    int kept_{};
    std::map<std::string, std::size_t> counts_;  ///< by fault
    std::int64_t counted_since_{};               ///< minute of the oldest of them
};

}  // namespace datong::evidence
