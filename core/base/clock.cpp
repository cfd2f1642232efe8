#include "core/base/clock.h"

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

}  // namespace

std::string to_rfc3339(std::chrono::system_clock::time_point time) {
    using namespace std::chrono;
    const auto local = time + hours{8};
    const auto day = floor<days>(local);
    const year_month_day date{day};
    const hh_mm_ss clock{floor<milliseconds>(local - day)};
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

std::int64_t to_unix_seconds(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace datong
