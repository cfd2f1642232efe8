#include "core/base/clock.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace datong {

std::chrono::system_clock::time_point SystemClock::now() const {
    return std::chrono::system_clock::now();
}

namespace {

/// Writes a number of a fixed count of digits into a text that has room for them.
void put_digits(std::string& text, std::size_t at, std::size_t count, unsigned value) {
    for (std::size_t i = count; i > 0; --i, value /= 10) {
        text[at + i - 1] = static_cast<char>('0' + value % 10);
    }
}

/// A year's room on both sides, for whoever adds hours or days.
constexpr std::int64_t kFirstMoment =
    std::chrono::seconds{std::chrono::sys_days{std::chrono::year{1679} / 1 / 1}.time_since_epoch()}.count();
constexpr std::int64_t kLastMoment =
    std::chrono::seconds{std::chrono::sys_days{std::chrono::year{2261} / 1 / 1}.time_since_epoch()}.count();

std::string text_of(std::chrono::sys_time<std::chrono::milliseconds> time) {
    using namespace std::chrono;
    const auto local = time + hours{8};
    const auto day = floor<days>(local);
    const year_month_day date{day};
    const hh_mm_ss clock{local - day};
    std::string text = "0000-00-00T00:00:00.000+08:00";
    put_digits(text, 0, 4, static_cast<unsigned>(static_cast<int>(date.year())));
    put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
    put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
    put_digits(text, 11, 2, static_cast<unsigned>(clock.hours().count()));
    put_digits(text, 14, 2, static_cast<unsigned>(clock.minutes().count()));
    put_digits(text, 17, 2, static_cast<unsigned>(clock.seconds().count()));
    put_digits(text, 20, 3, static_cast<unsigned>(clock.subseconds().count()));
    return text;
}

}  // namespace

std::string to_rfc3339(std::chrono::system_clock::time_point time) {
    return text_of(std::chrono::floor<std::chrono::milliseconds>(time));
}

std::string seconds_to_rfc3339(std::int64_t unix_seconds) {
    constexpr std::int64_t kFirst = -62'135'596'800;  // 0001-01-01T00:00:00Z
    constexpr std::int64_t kLast = 253'402'271'999;   // 9999-12-31T23:59:59+08:00
    return text_of(std::chrono::sys_seconds{std::chrono::seconds{std::clamp(unix_seconds, kFirst, kLast)}});
}

std::chrono::system_clock::time_point nearest_moment(std::int64_t unix_seconds) {
    return std::chrono::sys_seconds{std::chrono::seconds{std::clamp(unix_seconds, kFirstMoment, kLastMoment)}};
}

std::optional<std::chrono::system_clock::time_point> exact_moment(std::int64_t unix_seconds) {
    const bool is_told = unix_seconds >= kFirstMoment && unix_seconds <= kLastMoment;
    return is_told ? std::optional{nearest_moment(unix_seconds)} : std::nullopt;
}

std::int64_t to_unix_seconds(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace datong
