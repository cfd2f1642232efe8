#include "core/catalogue/calendar.h"

namespace datong::catalogue {
namespace {

constexpr int kDaysAWeek = 7;
constexpr int kSaturday = 5;  ///< counted from Monday

/// 0 for Monday. The first day of the epoch was a Thursday.
int weekday_of(const record::Date& day) {
    constexpr std::int64_t kThursday = 3;
    const auto since = (record::days_since_epoch(day) + kThursday) % kDaysAWeek;
    return static_cast<int>((since + kDaysAWeek) % kDaysAWeek);
}

}  // namespace

bool Calendar::is_working_day(const record::Date& day) const {
    return workdays.contains(day) || (weekday_of(day) < kSaturday && !holidays.contains(day));
}

record::Date Calendar::add_working_days(const record::Date& day, int working_days) const {
    record::Date at = day;
    while (working_days > 0) {
        at = record::add_days(at, 1);
        working_days -= is_working_day(at) ? 1 : 0;
    }
    return at;
}

}  // namespace datong::catalogue
