#include "core/evidence/strangers.h"

#include "core/base/clock.h"

namespace datong::evidence {
namespace {

constexpr std::size_t kMostFaults = 64;

std::int64_t minute_of(Strangers::Time time) {
    return to_unix_seconds(time) / 60;
}

}  // namespace

bool Strangers::may_keep(Time now) {
    const std::lock_guard lock{mutex_};
    if (const auto minute = minute_of(now); minute != minute_) {
        minute_ = minute;
        kept_ = 0;
    }
    if (kept_ >= a_minute_) {
        return false;
    }
    ++kept_;
    return true;
}

void Strangers::count(const std::string& fault, Time now, std::size_t by) {
    const std::lock_guard lock{mutex_};
    if (counts_.empty()) {
        counted_since_ = minute_of(now);
    }
    const bool has_room = counts_.size() < kMostFaults || counts_.contains(fault);
    counts_[has_room ? fault : "others"] += by;
}

std::vector<RefusalsCounted> Strangers::take_over(Time now) {
    {
        const std::lock_guard lock{mutex_};
        if (counts_.empty() || counted_since_ == minute_of(now)) {
            return {};
        }
    }
    return take_all(now);
}

std::vector<RefusalsCounted> Strangers::take_all(Time now) {
    const std::lock_guard lock{mutex_};
    std::vector<RefusalsCounted> taken;
    taken.reserve(counts_.size());
    for (const auto& [fault, count] : counts_) {
        taken.push_back({.at = to_rfc3339(now), .fault = fault, .count = count});
    }
    counts_.clear();
    return taken;
}

}  // namespace datong::evidence
