#include "core/admin/refusals.h"

#include <utility>

#include "core/base/clock.h"

namespace datong::admin {
namespace {

constexpr int kKeptAMinute = 30;          ///< refused acts of one account
constexpr std::size_t kMostCounts = 256;  ///< different ones in a minute; the others are one

std::int64_t minute_of(Refusals::Time time) {
    return to_unix_seconds(time) / 60;
}

}  // namespace

bool Refusals::may_keep(const std::string& account, Time now) {
    const std::lock_guard lock{mutex_};
    if (const auto minute = minute_of(now); minute != minute_) {
        minute_ = minute;
        kept_.clear();
    }
    int& kept = kept_[account];
    if (kept >= kKeptAMinute) {
        return false;
    }
    ++kept;
    return true;
}

void Refusals::count(const evidence::Administration& told, Time now, std::uint64_t by) {
    const std::lock_guard lock{mutex_};
    if (counts_.empty()) {
        counted_since_ = minute_of(now);
    }
    auto key = std::tuple{told.actor, told.act, told.outcome};
    if (counts_.size() >= kMostCounts && !counts_.contains(key)) {
        key = {};
    }
    const bool is_new = !counts_.contains(key);
    Count& count = counts_[key];
    if (is_new) {
        count.since = now;
        count.told = std::get<1>(key).empty() ? evidence::Administration{.act = "others", .outcome = "refused"} : told;
        count.told.target.clear();  // each its own
        count.told.detail.clear();
        count.told.reason.clear();
    } else if (count.told.from != told.from) {
        count.told.from.clear();
    }
    count.times += by;
}

std::vector<Refusals::Counted> Refusals::take_over(Time now) {
    const std::lock_guard lock{mutex_};
    return counts_.empty() || counted_since_ == minute_of(now) ? std::vector<Counted>{} : take();
}

std::vector<Refusals::Counted> Refusals::take_all() {
    const std::lock_guard lock{mutex_};
    return take();
}

std::vector<Refusals::Counted> Refusals::take() {
    std::vector<Counted> taken;
    taken.reserve(counts_.size());
    for (auto& [key, count] : counts_) {
        count.told.detail = "times: " + std::to_string(count.times) + "; since: " + to_rfc3339(count.since);
        taken.push_back({.told = std::move(count.told), .times = count.times});
    }
    counts_.clear();
    return taken;
}

}  // namespace datong::admin
