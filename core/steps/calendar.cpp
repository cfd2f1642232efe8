#include <algorithm>

#include "core/steps/family.h"

namespace datong::steps {
namespace {

using record::Date;
using record::DateTime;
using record::YearMonth;

/// The day of a serial number as spreadsheets count them; nullopt for a day that they don't have.
std::optional<Date> spreadsheet_day(std::int64_t serial, bool from_1904) {
    constexpr std::int64_t kLast1900 = 2'958'465;  // 9999-12-31
    constexpr std::int64_t kNoSuchDay = 60;        // the 29th of February that 1900 did not have
    if (from_1904) {
        const Date day = record::add_days({1904, 1, 1}, std::min(serial, kLast1900));
        return record::is_valid(day) ? std::optional{day} : std::nullopt;
    }
    if (serial < 1 || serial > kLast1900 || serial == kNoSuchDay) {
        return std::nullopt;
    }
    return record::add_days({1899, 12, serial < kNoSuchDay ? 31 : 30}, serial);
}

StepPtr make_parse_excel_date(Arguments& arguments, const Surroundings&) {
    return text_step([from_1904 = arguments.choice("system") == "1904"](const std::string& text) -> Stepped {
        constexpr std::size_t kMostDigits = 7;
        const auto number = record::Decimal::parse(text);
        const std::string whole = text.substr(0, text.find('.'));
        const bool plain = number && !whole.empty() && whole.size() <= kMostDigits &&
                           whole.find_first_not_of("0123456789") == std::string::npos;
        const auto day = plain ? spreadsheet_day(std::stoll(whole), from_1904) : std::nullopt;
        if (!day) {
            return refuse("parse_excel_date", "不是 Excel 日期序号", "not a spreadsheet's serial number of a day");
        }
        return Value{*day};
    });
}

/// What date_add was told, months and years together.
struct Shift {
    std::int64_t days;
    int months;

    [[nodiscard]] Date of(const Date& date) const {
        const Date moved = record::add_months(date, months);
        return record::is_valid(moved) ? record::add_days(moved, days) : moved;
    }
};

Stepped shifted(const Value& value, const Shift& shift) {
    Date day;
    Value out;
    if (const auto* date = std::get_if<Date>(&value.held)) {
        day = shift.of(*date);
        out = Value{day};
    } else if (const auto* time = std::get_if<DateTime>(&value.held)) {
        DateTime moved = *time;
        moved.date = day = shift.of(time->date);
        out = Value{moved};
    } else if (const auto* month = std::get_if<YearMonth>(&value.held); month != nullptr && shift.days == 0) {
        day = shift.of({month->year, month->month, 1});
        out = Value{YearMonth{day.year, day.month}};
    } else {
        return refuse_type(value);
    }
    if (!record::is_valid(day)) {
        return refuse("date.range", "日期超出公元1至9999年", "the date lies outside the years 1 to 9999");
    }
    return out;
}

StepPtr make_date_add(Arguments& arguments, const Surroundings&) {
    constexpr std::int64_t kMostYears = 9999;
    constexpr std::int64_t kMostMonths = kMostYears * 12;
    constexpr std::int64_t kMostDays = kMostYears * 366;
    const std::int64_t days = arguments.whole("days", -kMostDays, kMostDays);
    const std::int64_t months = arguments.whole("months", -kMostMonths, kMostMonths);
    const std::int64_t years = arguments.whole("years", -kMostYears, kMostYears);
    if (!arguments.has("days") && !arguments.has("months") && !arguments.has("years")) {
        arguments.mistake("days", "要写 days、months 或 years", "days, months or years are needed");
    }
    const Shift shift{days, static_cast<int>(months + years * 12)};
    return value_step([shift](const Value& value, const Moment&, Warnings&) { return shifted(value, shift); });
}

/// A date of a value; of a month the first day.
std::optional<Date> day_of(const Value& value) {
    if (const auto* date = std::get_if<Date>(&value.held)) {
        return *date;
    }
    const auto* time = std::get_if<DateTime>(&value.held);
    return time != nullptr ? std::optional{time->date} : std::nullopt;
}

StepPtr make_age_at(Arguments& arguments, const Surroundings&) {
    const bool today = arguments.text("at") == "today";
    const auto fixed = today ? std::nullopt : arguments.date("at");
    return value_step([fixed](const Value& value, const Moment& moment, Warnings&) -> Stepped {
        const auto birth = day_of(value);
        if (!birth) {
            return refuse_type(value);
        }
        const Date at = fixed.value_or(moment.at.date);
        if (*birth > at) {
            return refuse("age.negative", "出生日期晚于计算日期", "the birth lies after the day of the age");
        }
        return Value{std::int64_t{record::years_between(*birth, at)}};
    });
}

/// Bounds of check_date_range, both allowed.
struct Span {
    std::optional<Date> first;
    std::optional<Date> last;

    [[nodiscard]] bool has(const Date& day) const { return (!first || *first <= day) && (!last || day <= *last); }
    [[nodiscard]] bool has(const YearMonth& month) const {
        const auto month_of = [](const Date& day) { return YearMonth{day.year, day.month}; };
        return (!first || month_of(*first) <= month) && (!last || month <= month_of(*last));
    }
};

StepPtr make_check_date_range(Arguments& arguments, const Surroundings&) {
    const Span span{arguments.date("min"), arguments.date("max")};
    if (!arguments.has("min") && !arguments.has("max")) {
        arguments.mistake("min", "要写 min 或 max", "min or max is needed");
    }
    if (span.first && span.last && *span.last < *span.first) {
        arguments.mistake("max", "max 早于 min", "max lies before min");
    }
    return value_step([span](Value&& value, const Moment&, Warnings&) -> Stepped {
        const auto* month = std::get_if<YearMonth>(&value.held);
        const auto day = day_of(value);
        if (month == nullptr && !day) {
            return refuse_type(value);
        }
        if (month != nullptr ? !span.has(*month) : !span.has(*day)) {
            return refuse("check.date_range", "日期不在允许范围内", "the date is out of the allowed range");
        }
        return value;
    });
}

Parameter count_parameter(std::string name) {
    return {.name = std::move(name),
            .kind = "whole",
            .otherwise = "0",
            .help_en = "how many, negative for backwards",
            .help_zh = "数量，负数为往前"};
}

Entry parse_excel_date_entry() {
    return with_maker(Entry{.name = "parse_excel_date",
                            .in = Type::text,
                            .out = Type::date,
                            .rules = {"parse_excel_date"},
                            .parameters = {{.name = "system",
                                            .kind = "choice",
                                            .otherwise = "1900",
                                            .help_en = "which day the workbook counts from",
                                            .help_zh = "工作簿的起算年份",
                                            .alone = true,
                                            .choices = {"1900", "1904"}}},
                            .help_en = "The serial number of a day in a spreadsheet; a time of day is left out.",
                            .help_zh = "Excel 日期序号转日期，时刻部分略去",
                            .examples = {{"'45064'", "", "2023-05-18"},
                                         {"'45064.75'", "", "2023-05-18"},
                                         {"'59'", "", "1900-02-28"},
                                         {"'61'", "", "1900-03-01"},
                                         {"'43602'", "'1904'", "2023-05-18"},
                                         {"'60'", "", "!parse_excel_date"},
                                         {"2023-05-18", "", "!parse_excel_date"}}},
                      make_parse_excel_date);
}

Entry date_add_entry() {
    return with_maker(
        Entry{.name = "date_add",
              .rules = {"date.range"},
              .parameters = {count_parameter("days"), count_parameter("months"), count_parameter("years")},
              .help_en = "A date so much later: first years and months, where the month's end clamps, then days.",
              .help_zh = "日期加减：先年月（月末取末日），后日",
              .examples = {{"2024-01-31", "{months: 1}", "2024-02-29", Type::date},
                           {"2024-02-29", "{years: 1, days: -1}", "2025-02-27", Type::date},
                           {"2024-11", "{months: 2}", "2025-01", Type::yearmonth},
                           {"'2024-05-01T09:30:00+08:00'", "{days: -1}", "2024-04-30T09:30:00+08:00", Type::datetime},
                           {"9999-12-31", "{days: 1}", "!date.range", Type::date}}},
        make_date_add);
}

Entry age_at_entry() {
    return with_maker(Entry{.name = "age_at",
                            .in = Type::date,
                            .out = Type::integer,
                            .rules = {"age.negative"},
                            .parameters = {{.name = "at",
                                            .kind = "date",
                                            .otherwise = "today",
                                            .help_en = "today (the mapping's moment), or a day",
                                            .help_zh = "today（映射时刻）或某日",
                                            .alone = true}},
                            .help_en = "Full years from a date of birth on.",
                            .help_zh = "按出生日期计算周岁",
                            .examples = {{"1990-05-01", "", "34", Type::date},
                                         {"1990-05-02", "", "33", Type::date},
                                         {"1990-05-02", "2008-05-02", "18", Type::date},
                                         {"2024-05-02", "", "!age.negative", Type::date}}},
                      make_age_at);
}

Entry check_date_range_entry() {
    return with_maker(
        Entry{.name = "check_date_range",
              .rules = {"check.date_range"},
              .parameters = {{.name = "min", .kind = "date", .help_en = "first day allowed", .help_zh = "允许的首日"},
                             {.name = "max", .kind = "date", .help_en = "last day allowed", .help_zh = "允许的末日"}},
              .inverse = "identity",
              .help_en = "A date, time or month within bounds, both allowed.",
              .help_zh = "日期在范围内，含两端",
              .examples = {{"1949-10-01", "{min: 1949-10-01, max: 2024-12-31}", "1949-10-01", Type::date},
                           {"2025-01-01", "{max: 2024-12-31}", "!check.date_range", Type::date},
                           {"2024-12", "{max: 2024-12-01}", "2024-12", Type::yearmonth}}},
        make_check_date_range);
}

}  // namespace

std::vector<Entry> calendar_entries() {
    return {parse_excel_date_entry(), date_add_entry(), age_at_entry(), check_date_range_entry()};
}

}  // namespace datong::steps
