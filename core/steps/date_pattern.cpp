#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/steps/dates.h"

namespace datong::steps {
namespace {

constexpr std::int64_t kMinutesPerDay = 1440;
constexpr int kOffsetMinutes = 8 * 60;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string digits_of(int value, std::size_t width) {
    std::string digits = std::to_string(value);
    return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
    std::size_t size = 0;
    int value = 0;
    while (size < most && size < text.size() && text[size] >= '0' && text[size] <= '9') {
        value = value * 10 + (text[size] - '0');
        ++size;
    }
    if (size < least) {
        return std::nullopt;
    }
    text.remove_prefix(size);
    return value;
}

/// Minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
    if (text.starts_with('Z')) {
        text.remove_prefix(1);
        return 0;
    }
    const bool west = text.starts_with('-');
    if (!west && !text.starts_with('+')) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    const auto hours = take_number(text, 2, 2);
    if (!hours || *hours > 23 || !text.starts_with(':')) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    const auto minutes = take_number(text, 2, 2);
    if (!minutes || *minutes > 59) {
        return std::nullopt;
    }
    return (*hours * 60 + *minutes) * (west ? -1 : 1);
}

/// A time at another offset as a time at +08:00.
record::DateTime shifted(record::DateTime time, int offset_minutes) {
    std::int64_t minute = time.hour * 60 + time.minute - offset_minutes + kOffsetMinutes;
    std::int64_t days = minute / kMinutesPerDay;
    minute %= kMinutesPerDay;
    if (minute < 0) {
        minute += kMinutesPerDay;
        --days;
    }
    time.date = record::add_days(time.date, days);
    time.hour = static_cast<int>(minute / 60);
    time.minute = static_cast<int>(minute % 60);
    return time;
}

bool is_valid(const record::DateTime& time) {
    return record::is_valid(time.date) && time.hour <= 23 && time.minute <= 59 && time.second <= 59;
}

constexpr std::u32string_view kNumerals = U"〇一二三四五六七八九";

std::optional<int> numeral(char32_t c) {
    if (c == U'零' || c == U'○') {
        return 0;
    }
    const auto at = kNumerals.find(c);
    return at != std::u32string_view::npos ? std::optional{static_cast<int>(at)} : std::nullopt;
}

/// 五, 十, 十八, 二十, 三十一: 1 to 99.
std::optional<int> small_number(std::u32string_view text) {
    const auto ten = text.find(U'十');
    if (ten == std::u32string_view::npos) {
        return text.size() == 1 ? numeral(text.front()) : std::nullopt;
    }
    const auto tens = ten == 0 ? std::optional{1} : ten == 1 ? numeral(text.front()) : std::nullopt;
    const std::u32string_view rest = text.substr(ten + 1);
    const auto ones = rest.empty() ? std::optional{0} : rest.size() == 1 ? numeral(rest.front()) : std::nullopt;
    if (!tens || *tens == 0 || !ones || (*ones == 0 && !rest.empty())) {
        return std::nullopt;
    }
    return *tens * 10 + *ones;
}

std::u32string small_text(int number) {
    std::u32string out;
    if (number >= 20) {
        out += kNumerals[static_cast<std::size_t>(number / 10)];
    }
    if (number >= 10) {
        out += U'十';
    }
    if (number % 10 != 0) {
        out += kNumerals[static_cast<std::size_t>(number % 10)];
    }
    return out;
}

}  // namespace

/// What was read so far, in the order of Field.
struct DatePattern::Reading {
    std::array<int, 9> numbers{0, 1, 1, 1, 0, 0, 0, 0, kOffsetMinutes};

    [[nodiscard]] int of(Field field) const { return numbers[static_cast<std::size_t>(field)]; }
};

tl::expected<DatePattern, std::string> DatePattern::compile(std::string_view text) {
    DatePattern pattern;
    bool quoted = false;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '\'') {
            quoted = !quoted;
            ++at;
            continue;
        }
        if (quoted || !is_letter(c) || c == 'T') {
            pattern.add_literal(c);
            ++at;
            continue;
        }
        const std::size_t count = std::min(text.find_first_not_of(c, at), text.size()) - at;
        if (auto why = pattern.add(c, count)) {
            return tl::unexpected<std::string>{std::move(*why)};
        }
        at += count;
    }
    auto why = quoted ? std::optional<std::string>{"a quote is not closed"} : pattern.mistake();
    if (why) {
        return tl::unexpected<std::string>{std::move(*why)};
    }
    return pattern;
}

void DatePattern::add_literal(char c) {
    if (parts_.empty() || parts_.back().field != Field::literal) {
        parts_.emplace_back();
    }
    parts_.back().literal += c;
}

std::optional<std::string> DatePattern::add(char letter, std::size_t count) {
    struct Known {
        char letter;
        std::size_t count;
        Part part;
    };
    static const std::array kKnown{
        Known{'y', 4, {Field::year, 4, 4, {}}},     Known{'M', 2, {Field::month, 2, 2, {}}},
        Known{'M', 1, {Field::month, 1, 2, {}}},    Known{'d', 2, {Field::day, 2, 2, {}}},
        Known{'d', 1, {Field::day, 1, 2, {}}},      Known{'H', 2, {Field::hour, 2, 2, {}}},
        Known{'H', 1, {Field::hour, 1, 2, {}}},     Known{'m', 2, {Field::minute, 2, 2, {}}},
        Known{'s', 2, {Field::second, 2, 2, {}}},   Known{'S', 1, {Field::fraction, 1, 1, {}}},
        Known{'S', 2, {Field::fraction, 2, 2, {}}}, Known{'S', 3, {Field::fraction, 3, 3, {}}},
        Known{'X', 3, {Field::offset, 0, 0, {}}},
    };
    const auto found = std::find_if(kKnown.begin(), kKnown.end(), [letter, count](const Known& one) {
        return one.letter == letter && one.count == count;
    });
    if (found == kKnown.end()) {
        return letter == 'y' ? "a year is written yyyy: two digits don't say the century"
                             : "'" + std::string(count, letter) + "' is no field of a date pattern";
    }
    if (has(found->part.field)) {
        return "'" + std::string(count, letter) + "' comes twice";
    }
    const bool after_open_end = !parts_.empty() && parts_.back().least != parts_.back().most;
    if (after_open_end && found->part.field != Field::offset) {
        return "a field of one or two digits can't stand directly before '" + std::string(count, letter) + "'";
    }
    parts_.push_back(found->part);
    return std::nullopt;
}

std::optional<std::string> DatePattern::mistake() const {
    const bool gap = (has(Field::day) && !has(Field::month)) || (has(Field::minute) && !has(Field::hour)) ||
                     (has(Field::second) && !has(Field::minute)) || (has(Field::fraction) && !has(Field::second)) ||
                     (has(Field::offset) && !has(Field::hour));
    if (!has(Field::year)) {
        return "a date pattern needs yyyy";
    }
    return gap ? std::optional<std::string>{"a field between the others is missing"} : std::nullopt;
}

bool DatePattern::has(Field field) const {
    return std::any_of(parts_.begin(), parts_.end(), [field](const Part& part) { return part.field == field; });
}

bool DatePattern::has_month() const {
    return has(Field::month);
}
bool DatePattern::has_day() const {
    return has(Field::day);
}
bool DatePattern::has_time() const {
    return has(Field::hour);
}

std::optional<record::DateTime> DatePattern::parse(std::string_view text) const {
    Reading reading;
    for (const Part& part : parts_) {
        if (part.field == Field::literal) {
            if (!text.starts_with(part.literal)) {
                return std::nullopt;
            }
            text.remove_prefix(part.literal.size());
            continue;
        }
        auto number = part.field == Field::offset ? take_offset(text) : take_number(text, part.least, part.most);
        if (!number) {
            return std::nullopt;
        }
        for (std::size_t places = part.most; part.field == Field::fraction && places < 3; ++places) {
            *number *= 10;
        }
        reading.numbers[static_cast<std::size_t>(part.field)] = *number;
    }
    const record::DateTime time{{reading.of(Field::year), reading.of(Field::month), reading.of(Field::day)},
                                reading.of(Field::hour),
                                reading.of(Field::minute),
                                reading.of(Field::second),
                                reading.of(Field::fraction)};
    if (!text.empty() || !is_valid(time)) {
        return std::nullopt;
    }
    if (reading.of(Field::offset) == kOffsetMinutes) {
        return time;
    }
    const record::DateTime out = shifted(time, reading.of(Field::offset));
    return is_valid(out) ? std::optional{out} : std::nullopt;
}

std::string DatePattern::format(const record::DateTime& time) const {
    const std::array<int, 9> numbers{
        0, time.date.year, time.date.month, time.date.day, time.hour, time.minute, time.second, time.millisecond, 0};
    std::string out;
    for (const Part& part : parts_) {
        if (part.field == Field::literal) {
            out += part.literal;
        } else if (part.field == Field::offset) {
            out += "+08:00";
        } else if (part.field == Field::fraction) {
            out += digits_of(time.millisecond, 3).substr(0, part.most);
        } else {
            out += digits_of(numbers[static_cast<std::size_t>(part.field)], part.least);
        }
    }
    return out;
}

std::optional<record::Date> parse_chinese_date(std::string_view text) {
    const std::u32string points = to_code_points(text);
    const auto year_end = points.find(U'年');
    const auto month_end = points.find(U'月');
    if (year_end != 4 || month_end == std::u32string::npos || month_end < year_end || points.back() != U'日') {
        return std::nullopt;
    }
    int year = 0;
    for (std::size_t at = 0; at < year_end; ++at) {
        const auto digit = numeral(points[at]);
        if (!digit) {
            return std::nullopt;
        }
        year = year * 10 + *digit;
    }
    const std::u32string_view view = points;
    const auto month = small_number(view.substr(year_end + 1, month_end - year_end - 1));
    const auto day = small_number(view.substr(month_end + 1, points.size() - month_end - 2));
    const record::Date date{year, month.value_or(0), day.value_or(0)};
    return record::is_valid(date) ? std::optional{date} : std::nullopt;
}

std::string to_chinese_text(const record::Date& date) {
    std::u32string out;
    for (const int unit : {1000, 100, 10, 1}) {
        out += kNumerals[static_cast<std::size_t>(date.year / unit % 10)];
    }
    return to_utf8(out + U'年' + small_text(date.month) + U'月' + small_text(date.day) + U'日');
}

}  // namespace datong::steps
