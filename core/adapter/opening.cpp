#include "core/adapter/opening.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::adapter {
namespace {

constexpr std::chrono::hours kOffset{8};  // +08:00, which has no summer time
constexpr int kMinutesADay = 24 * 60;

std::chrono::minutes local_minutes(WallTime now) {
    return std::chrono::floor<std::chrono::minutes>(now.time_since_epoch() + kOffset);
}

int minute_of_day(WallTime now) {
    return static_cast<int>(local_minutes(now).count() % kMinutesADay);
}

std::int64_t day_of(WallTime now) {
    return local_minutes(now).count() / kMinutesADay;
}

/// The start of a minute so many days and minutes after 1970-01-01 by +08:00.
WallTime at_minute(std::int64_t day, int minute) {
    return WallTime{} + std::chrono::minutes{day * kMinutesADay + minute} - kOffset;
}

std::optional<int> read_minute(std::string_view text) {
    constexpr std::size_t kSize = 5;  // hh:mm
    if (text.size() != kSize || text[2] != ':') {
        return std::nullopt;
    }
    const auto hour = to_whole_number(text.substr(0, 2));
    const auto minute = to_whole_number(text.substr(3));
    if (!hour || !minute || *hour > 23 || *minute > 59) {
        return std::nullopt;
    }
    return static_cast<int>(*hour * 60 + *minute);
}

}  // namespace

std::optional<QuietHours> QuietHours::parse(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto from = read_minute(text.substr(0, dash));
    const auto to = dash == std::string_view::npos ? std::nullopt : read_minute(text.substr(dash + 1));
    if (!from || !to || *from == *to) {
        return std::nullopt;
    }
    return QuietHours{.from = *from, .to = *to};
}

bool QuietHours::cover(WallTime now) const {
    const int minute = minute_of_day(now);
    return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

WallTime QuietHours::end(WallTime now) const {
    const bool is_today = minute_of_day(now) < to;
    return at_minute(day_of(now) + (is_today ? 0 : 1), to);
}

std::optional<Closed> Opening::closed(const std::vector<QuietHours>& quiet, std::uint64_t daily, WallTime now) const {
    if (pause_ && (!pause_->until || now < *pause_->until)) {
        return Closed{"paused by the department", pause_->until};
    }
    const auto hours = std::ranges::find_if(quiet, [now](const QuietHours& one) { return one.cover(now); });
    if (hours != quiet.end()) {
        return Closed{"the department's quiet hours", hours->end(now)};
    }
    if (daily > 0 && counted(now) >= daily) {
        return Closed{"the department's daily number of calls is used up", at_minute(day_of(now) + 1, 0)};
    }
    return std::nullopt;
}

void Opening::count(WallTime now) {
    calls_ = counted(now) + 1;
    day_ = day_of(now);
}

std::uint64_t Opening::counted(WallTime now) const {
    return day_of(now) == day_ ? calls_ : 0;
}

}  // namespace datong::adapter
