#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace datong::record {

/// A civil date of the proleptic Gregorian calendar, years 1 to 9999, without time zone.
struct Date {
    int year{};
    int month{};
    int day{};
    auto operator<=>(const Date&) const = default;
};
struct YearMonth {
    int year{};
    int month{};
    auto operator<=>(const YearMonth&) const = default;
};
/// A civil date and time at the fixed offset +08:00.
struct DateTime {
    Date date;
    int hour{};
    int minute{};
    int second{};
    int millisecond{};
    auto operator<=>(const DateTime&) const = default;
};

[[nodiscard]] bool is_valid(const Date& date);
[[nodiscard]] std::optional<Date> parse_iso_date(std::string_view text);  ///< "YYYY-MM-DD" only
[[nodiscard]] std::string to_text(const Date& date);                      ///< "YYYY-MM-DD"
[[nodiscard]] std::string to_text(const YearMonth& month);                ///< "YYYY-MM"
[[nodiscard]] std::string to_text(const DateTime& time);  ///< RFC 3339, "+08:00", ".SSS" only when not 0
[[nodiscard]] std::optional<DateTime> parse_rfc3339(std::string_view text);  ///< any offset, turned into +08:00
[[nodiscard]] DateTime to_civil(std::chrono::system_clock::time_point time);
[[nodiscard]] std::int64_t days_since_epoch(const Date& date);
[[nodiscard]] Date add_days(const Date& date, std::int64_t days);    ///< not is_valid() outside 1..9999
[[nodiscard]] Date add_months(const Date& date, int months);         ///< clamps to the month's end; as add_days
[[nodiscard]] int years_between(const Date& birth, const Date& at);  ///< full years: an age
[[nodiscard]] int months_between(const Date& from, const Date& to);  ///< full months, negative backwards

}  // namespace datong::record
