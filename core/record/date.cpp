#include "core/record/date.h"

#include <algorithm>
#include <array>

namespace datong::record {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr int kFirstYear = 1;
constexpr int kLastYear = 9999;
constexpr std::int64_t kOffsetSeconds = 8 * 3600;  // +08:00 at all times: civil dates know no zone history
constexpr std::int64_t kSecondsPerDay = 86400;

year_month_day to_chrono(const Date& date) {
    return year_month_day{std::chrono::year{date.year}, std::chrono::month{static_cast<unsigned>(date.month)},
                          std::chrono::day{static_cast<unsigned>(date.day)}};
}

Date from_chrono(const year_month_day& date) {
    return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day()))};
}

Date date_of(std::int64_t days_after_epoch) {
    return from_chrono(year_month_day{sys_days{days{days_after_epoch}}});
}

DateTime time_of(std::int64_t seconds_after_epoch_at_offset, int millisecond) {
    std::int64_t day = seconds_after_epoch_at_offset / kSecondsPerDay;
    std::int64_t second = seconds_after_epoch_at_offset % kSecondsPerDay;
    if (second < 0) {
        second += kSecondsPerDay;
        --day;
    }
    return {date_of(day), static_cast<int>(second / 3600), static_cast<int>(second / 60 % 60),
            static_cast<int>(second % 60), millisecond};
}

int last_day_of(int year, int month) {
    constexpr std::array<int, 12> kLast{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = month == 2 && std::chrono::year{year}.is_leap();
    return kLast[static_cast<std::size_t>(month - 1)] + (leap ? 1 : 0);
}

/// Writes a number of a valid date or time with leading zeros.
void append_padded(std::string& out, int value, std::size_t width) {
    const std::size_t begin = out.size();
    out.append(width, '0');
    for (std::size_t at = out.size(); at > begin; --at, value /= 10) {
        out[at - 1] = static_cast<char>('0' + value % 10);
    }
}

void append_month(std::string& out, int year, int month) {
    append_padded(out, year, 4);
    out += '-';
    append_padded(out, month, 2);
}

/// Takes exactly `count` digits off the front; nullopt leaves `text` as it was.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) {
        return std::nullopt;
    }
    int value = 0;
    for (const char c : text.substr(0, count)) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::optional<Date> take_date(std::string_view& text) {
    const auto year = take_digits(text, 4);
    if (!year || !take(text, "-")) {
        return std::nullopt;
    }
    const auto month = take_digits(text, 2);
    if (!month || !take(text, "-")) {
        return std::nullopt;
    }
    const auto day = take_digits(text, 2);
    const Date date{*year, *month, day.value_or(0)};
    return is_valid(date) ? std::optional{date} : std::nullopt;
}

/// "HH:MM:SS" with an optional fraction, of which three digits are kept.
bool take_time(std::string_view& text, DateTime& time) {
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take(text, ":")) {
        return false;
    }
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59 || !take(text, ":")) {
        return false;
    }
    const auto second = take_digits(text, 2);
    if (!second || *second > 59) {
        return false;
    }
    time.hour = *hour;
    time.minute = *minute;
    time.second = *second;
    if (!take(text, ".")) {
        return true;
    }
    int places = 0;
    for (auto digit = take_digits(text, 1); digit; digit = take_digits(text, 1), ++places) {
        time.millisecond = places < 3 ? time.millisecond * 10 + *digit : time.millisecond;
    }
    for (int place = places; place < 3; ++place) {
        time.millisecond *= 10;
    }
    return places > 0;
}

/// Seconds east of UTC; "Z" is 0.
std::optional<std::int64_t> take_offset(std::string_view& text) {
    if (take(text, "Zz")) {
        return 0;
    }
    const bool west = text.starts_with('-');
    if (!take(text, "+-")) {
        return std::nullopt;
    }
    const auto hours = take_digits(text, 2);
    if (!hours || *hours > 23 || !take(text, ":")) {
        return std::nullopt;
    }
    const auto minutes = take_digits(text, 2);
    if (!minutes || *minutes > 59) {
        return std::nullopt;
    }
    const std::int64_t seconds = *hours * 3600 + *minutes * 60;
    return west ? -seconds : seconds;
}

}  // namespace

bool is_valid(const Date& date) {
    return date.year >= kFirstYear && date.year <= kLastYear && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= last_day_of(date.year, date.month);
}

std::optional<Date> parse_iso_date(std::string_view text) {
    const auto date = take_date(text);
    return text.empty() ? date : std::nullopt;
}

std::string to_text(const Date& date) {
    std::string out;
    append_month(out, date.year, date.month);
    out += '-';
    append_padded(out, date.day, 2);
    return out;
}

std::string to_text(const YearMonth& month) {
    std::string out;
    append_month(out, month.year, month.month);
    return out;
}

std::string to_text(const DateTime& time) {
    std::string out = to_text(time.date);
    for (const auto& [sign, number] : {std::pair{'T', time.hour}, {':', time.minute}, {':', time.second}}) {
        out += sign;
        append_padded(out, number, 2);
    }
    if (time.millisecond != 0) {
        out += '.';
        append_padded(out, time.millisecond, 3);
    }
    return out += "+08:00";
}

std::optional<DateTime> parse_rfc3339(std::string_view text) {
    const auto date = take_date(text);
    DateTime local;
    if (!date || !take(text, "Tt") || !take_time(text, local)) {
        return std::nullopt;
    }
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) {
        return std::nullopt;
    }
    const std::int64_t seconds = days_since_epoch(*date) * kSecondsPerDay + local.hour * 3600 + local.minute * 60 +
                                 local.second - *offset + kOffsetSeconds;
    const DateTime time = time_of(seconds, local.millisecond);
    return is_valid(time.date) ? std::optional{time} : std::nullopt;
}

DateTime to_civil(std::chrono::system_clock::time_point time) {
    const auto whole = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
    std::int64_t seconds = whole / 1000;
    std::int64_t rest = whole % 1000;
    if (rest < 0) {
        rest += 1000;
        --seconds;
    }
    return time_of(seconds + kOffsetSeconds, static_cast<int>(rest));
}

std::int64_t days_since_epoch(const Date& date) {
    return sys_days{to_chrono(date)}.time_since_epoch().count();
}

Date add_days(const Date& date, std::int64_t count) {
    constexpr std::int64_t kMost = 4'000'000;  // more days than the calendar has: the sum can't overflow
    return date_of(days_since_epoch(date) + std::clamp(count, -kMost, kMost));
}

Date add_months(const Date& date, int months) {
    constexpr int kMost = 120'000;
    const int total = date.year * 12 + date.month - 1 + std::clamp(months, -kMost, kMost);
    const int year = total >= 0 ? total / 12 : (total - 11) / 12;
    const int month = total - year * 12 + 1;
    return {year, month, std::min(date.day, last_day_of(year, month))};
}

int years_between(const Date& birth, const Date& at) {
    const bool before_birthday = at.month < birth.month || (at.month == birth.month && at.day < birth.day);
    return at.year - birth.year - (before_birthday ? 1 : 0);
}

int months_between(const Date& from, const Date& to) {
    if (to < from) {
        return -months_between(to, from);
    }
    return (to.year - from.year) * 12 + to.month - from.month - (to.day < from.day ? 1 : 0);
}

}  // namespace datong::record
