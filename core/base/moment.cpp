#include "core/base/moment.h"

#include <algorithm>

#include "core/base/clock.h"

namespace datong {
namespace {

/// A year's room on both sides, for whoever adds hours or days.
constexpr std::int64_t kFirst =
    std::chrono::seconds{std::chrono::sys_days{std::chrono::year{1679} / 1 / 1}.time_since_epoch()}.count();
constexpr std::int64_t kLast =
    std::chrono::seconds{std::chrono::sys_days{std::chrono::year{2261} / 1 / 1}.time_since_epoch()}.count();

}  // namespace

std::string seconds_to_rfc3339(std::int64_t unix_seconds) {
    constexpr std::int64_t kFirstTold = -62'135'596'800;  // 0001-01-01T00:00:00Z
    constexpr std::int64_t kLastTold = 253'402'271'999;   // 9999-12-31T23:59:59+08:00
    constexpr std::int64_t kCycle = 146'097LL * 86'400;   // the calendar repeats after 400 years
    std::int64_t seconds = std::clamp(unix_seconds, kFirstTold, kLastTold);
    int years = 0;
    for (; seconds > kLast; seconds -= kCycle) {
        years += 400;
    }
    for (; seconds < kFirst; seconds += kCycle) {
        years -= 400;
    }
    std::string text = to_rfc3339(nearest_moment(seconds));
    const std::string year = std::to_string(10'000 + std::stoi(text.substr(0, 4)) + years);
    return text.replace(0, 4, year.substr(1));
}

std::chrono::system_clock::time_point nearest_moment(std::int64_t unix_seconds) {
    return std::chrono::sys_seconds{std::chrono::seconds{std::clamp(unix_seconds, kFirst, kLast)}};
}

std::optional<std::chrono::system_clock::time_point> exact_moment(std::int64_t unix_seconds) {
    const bool is_told = unix_seconds >= kFirst && unix_seconds <= kLast;
    return is_told ? std::optional{nearest_moment(unix_seconds)} : std::nullopt;
}

}  // namespace datong
