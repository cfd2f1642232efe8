#include "core/policy/quotas.h"

#include "core/base/clock.h"

namespace datong::policy {

Status Quotas::take(const Grant& grant, std::chrono::system_clock::time_point now) {
    return count(grant, now, 1);
}

Status Quotas::look(const Grant& grant, std::chrono::system_clock::time_point now) {
    return count(grant, now, 0);
}

Status Quotas::take_guesses(const std::string& consumer, const std::string& about, std::uint64_t count,
                            std::uint64_t most, std::chrono::system_clock::time_point now) {
    constexpr std::int64_t kHour = 3'600;
    const std::int64_t hour = to_unix_seconds(now) / kHour;
    const std::lock_guard lock{mutex_};
    if (hour != guessing_hour_) {
        guessing_hour_ = hour;
        guesses_.clear();
    }
    const std::chrono::seconds rest{(hour + 1) * kHour - to_unix_seconds(now)};
    Guesses& theirs = guesses_[consumer];
    if (theirs.size() >= kMostAbout && !theirs.contains(about)) {
        return fail(
            Error{Fault::guesses_exceeded, "over " + std::to_string(kMostAbout) + " persons an hour"}.after(rest));
    }
    std::uint64_t& used = theirs[about];
    if (used + count > most) {
        return fail(Error{Fault::guesses_exceeded, "over " + std::to_string(most) + " predicates an hour"}.after(rest));
    }
    used += count;
    return {};
}

Status Quotas::count(const Grant& grant, std::chrono::system_clock::time_point now, std::uint64_t units) {
    if (!grant.quota) {
        return {};
    }
    const std::int64_t number = to_unix_seconds(now) / grant.quota->seconds;
    const std::lock_guard lock{mutex_};
    Window& window = windows_[grant.id];
    if (window.number != number) {
        window = {.number = number, .used = 0};
    }
    if (window.used >= grant.quota->calls) {
        return fail(Fault::quota_exceeded, "grant " + grant.id);
    }
    window.used += units;
    return {};
}

}  // namespace datong::policy
