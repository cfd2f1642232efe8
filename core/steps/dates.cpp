#include "core/steps/dates.h"

#include "core/steps/family.h"

namespace datong::steps {
namespace {

using record::Date;
using record::DateTime;
using record::YearMonth;

/// What a pattern has to have.
enum class Need { month, day };

std::vector<DatePattern> patterns_of(Arguments& arguments, Need need) {
    std::vector<DatePattern> out;
    for (const std::string& text : arguments.texts("pattern")) {
        auto pattern = DatePattern::compile(text);
        if (!pattern) {
            arguments.mistake("pattern", "日期格式 '" + text + "' 无效",
                              "the date pattern '" + text + "': " + pattern.error(),
                              "yyyy MM M dd d HH H mm ss SSS XXX");
            continue;
        }
        if (!pattern->has_month() || (need == Need::day && !pattern->has_day())) {
            arguments.mistake("pattern", "日期格式 '" + text + "' 缺少年、月或日",
                              "the date pattern '" + text + "' lacks year, month or day");
        }
        out.push_back(std::move(*pattern));
    }
    return out;
}

std::optional<DateTime> parse_by(const std::vector<DatePattern>& patterns, std::string_view text) {
    for (const DatePattern& pattern : patterns) {
        if (const auto time = pattern.parse(text)) {
            return time;
        }
    }
    return std::nullopt;
}

StepPtr make_parse_date(Arguments& arguments, const Surroundings&) {
    return text_step([patterns = patterns_of(arguments, Need::day)](const std::string& text) -> Stepped {
        const auto time = parse_by(patterns, text);
        if (!time) {
            return refuse("parse_date", "不是约定格式的日期", "not a date of the agreed form");
        }
        return Value{time->date};
    });
}

StepPtr make_parse_datetime(Arguments& arguments, const Surroundings&) {
    return text_step([patterns = patterns_of(arguments, Need::day)](const std::string& text) -> Stepped {
        const auto time = parse_by(patterns, text);
        if (!time) {
            return refuse("parse_datetime", "不是约定格式的日期时间", "not a date and time of the agreed form");
        }
        return Value{*time};
    });
}

StepPtr make_parse_yearmonth(Arguments& arguments, const Surroundings&) {
    return text_step([patterns = patterns_of(arguments, Need::month)](const std::string& text) -> Stepped {
        const auto time = parse_by(patterns, text);
        if (!time) {
            return refuse("parse_yearmonth", "不是约定格式的年月", "not a year and month of the agreed form");
        }
        return Value{YearMonth{time->date.year, time->date.month}};
    });
}

/// Milliseconds since 1970-01-01T00:00:00Z at +08:00; the system clock's nanoseconds end in 2262.
DateTime civil_time(std::int64_t milliseconds) {
    constexpr std::int64_t kDay = 86'400'000;
    constexpr std::int64_t kOffset = 28'800'000;
    const std::int64_t local = milliseconds + kOffset;
    const std::int64_t day = local >= 0 ? local / kDay : (local - kDay + 1) / kDay;
    const auto rest = static_cast<int>(local - day * kDay);
    return {record::add_days({1970, 1, 1}, day), rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60, rest % 1000};
}

StepPtr make_parse_epoch(Arguments& arguments, const Surroundings&) {
    return text_step([milliseconds = arguments.choice("unit") == "ms"](const std::string& text) -> Stepped {
        const auto number = record::Decimal::parse(text);
        const auto count = number && number->scale() == 0 ? number->to_integer() : std::nullopt;
        constexpr std::int64_t kMostSeconds = 253'402'300'799;  // the end of 9999
        const std::int64_t most = milliseconds ? kMostSeconds * 1000 : kMostSeconds;
        if (!count || *count > most || *count < -most) {
            return refuse("parse_epoch", "不是时间戳", "not a count of seconds or milliseconds since 1970");
        }
        const DateTime time = civil_time(milliseconds ? *count : *count * 1000);
        if (!record::is_valid(time.date)) {
            return refuse("parse_epoch", "时间戳超出范围", "the time lies outside the years 1 to 9999");
        }
        return Value{time};
    });
}

StepPtr make_parse_chinese_date(Arguments&, const Surroundings&) {
    return text_step([](const std::string& text) -> Stepped {
        const auto date = parse_chinese_date(text);
        if (!date) {
            return refuse("parse_chinese_date", "不是中文数字日期", "not a date in Chinese numerals");
        }
        return Value{*date};
    });
}

StepPtr make_date_chinese(Arguments&, const Surroundings&) {
    return value_step([](const Value& value, const Moment&, Warnings&) -> Stepped {
        const auto* date = std::get_if<Date>(&value.held);
        return date != nullptr ? Stepped{Value{to_chinese_text(*date)}} : refuse_type(value);
    });
}

/// A date of any type with what it lacks filled up; nullopt for other types.
std::optional<DateTime> full_time(const Value& value) {
    if (const auto* date = std::get_if<Date>(&value.held)) {
        return DateTime{*date, 0, 0, 0, 0};
    }
    if (const auto* month = std::get_if<YearMonth>(&value.held)) {
        return DateTime{{month->year, month->month, 1}, 0, 0, 0, 0};
    }
    const auto* time = std::get_if<DateTime>(&value.held);
    return time != nullptr ? std::optional{*time} : std::nullopt;
}

StepPtr make_format_date(Arguments& arguments, const Surroundings&) {
    const auto patterns = patterns_of(arguments, Need::month);
    if (!arguments.good()) {
        return nullptr;
    }
    return value_step([pattern = patterns.front()](const Value& value, const Moment&, Warnings&) -> Stepped {
        const auto time = full_time(value);
        const bool lacks_day = value.type() == Type::yearmonth && pattern.has_day();
        return time && !lacks_day ? Stepped{Value{pattern.format(*time)}} : refuse_type(value);
    });
}

StepPtr make_check_not_future(Arguments&, const Surroundings&) {
    return value_step([](Value&& value, const Moment& moment, Warnings&) -> Stepped {
        const auto time = full_time(value);
        if (!time) {
            return refuse_type(value);
        }
        const bool future = value.type() == Type::datetime ? *time > moment.at : time->date > moment.at.date;
        if (future) {
            return refuse("check.not_future", "日期在将来", "the date lies in the future");
        }
        return value;
    });
}

StepPtr make_check_not_before(Arguments& arguments, const Surroundings&) {
    const auto first = arguments.date("date");
    if (!first) {
        return nullptr;
    }
    return value_step([first = *first](Value&& value, const Moment&, Warnings&) -> Stepped {
        const auto time = full_time(value);
        if (!time) {
            return refuse_type(value);
        }
        const bool before = value.type() == Type::yearmonth
                                ? YearMonth{time->date.year, time->date.month} < YearMonth{first.year, first.month}
                                : time->date < first;
        if (before) {
            return refuse("check.not_before", "日期过早", "the date lies before the first allowed");
        }
        return value;
    });
}

Parameter pattern_parameter() {
    return {.name = "pattern",
            .kind = "list",
            .required = true,
            .help_en = "one pattern or several, tried in order",
            .help_zh = "一个或多个格式，依次尝试",
            .alone = true};
}

Entry parse_date_entry() {
    return with_maker(
        Entry{.name = "parse_date",
              .in = Type::text,
              .out = Type::date,
              .rules = {"parse_date"},
              .parameters = {pattern_parameter()},
              .inverse = "format_date",
              .help_en = "A date by patterns, strictly of the calendar; a time in it is read and left out.",
              .help_zh = "按格式解析日期，历法严格，两位年份不收",
              .examples = {{"'20230518'", "yyyyMMdd", "2023-05-18"},
                           {"2023年5月18日", "[yyyy-MM-dd, yyyy年M月d日]", "2023-05-18"},
                           {"2009-07-01 00:00:00.0", "'yyyy-MM-dd HH:mm:ss.S'", "2009-07-01"},
                           {"'20230229'", "yyyyMMdd", "!parse_date"},
                           {"2023-5-18", "yyyy-MM-dd", "!parse_date"}}},
        make_parse_date);
}

Entry parse_datetime_entry() {
    return with_maker(
        Entry{.name = "parse_datetime",
              .in = Type::text,
              .out = Type::datetime,
              .rules = {"parse_datetime"},
              .parameters = {pattern_parameter()},
              .inverse = "format_date",
              .help_en = "A date and time; without an offset in the pattern it is +08:00.",
              .help_zh = "按格式解析日期时间，无时区时按 +08:00",
              .examples = {{"'20230518093000'", "yyyyMMddHHmmss", "2023-05-18T09:30:00+08:00"},
                           {"2023-05-18T01:30:00.250Z", "yyyy-MM-ddTHH:mm:ss.SSSXXX", "2023-05-18T09:30:00.250+08:00"},
                           {"2023-05-18 24:00", "yyyy-MM-dd HH:mm", "!parse_datetime"}}},
        make_parse_datetime);
}

Entry parse_yearmonth_entry() {
    return with_maker(
        Entry{.name = "parse_yearmonth",
              .in = Type::text,
              .out = Type::yearmonth,
              .rules = {"parse_yearmonth"},
              .parameters = {pattern_parameter()},
              .inverse = "format_date",
              .help_en = "A year and month by patterns.",
              .help_zh = "按格式解析年月",
              .examples = {{"'202309'", "yyyyMM", "2023-09"}, {"'202313'", "yyyyMM", "!parse_yearmonth"}}},
        make_parse_yearmonth);
}

Entry parse_epoch_entry() {
    return with_maker(Entry{.name = "parse_epoch",
                            .in = Type::text,
                            .out = Type::datetime,
                            .rules = {"parse_epoch"},
                            .parameters = {{.name = "unit",
                                            .kind = "choice",
                                            .required = true,
                                            .help_en = "s or ms since 1970-01-01T00:00:00Z",
                                            .help_zh = "自 1970-01-01T00:00:00Z 起的秒（s）或毫秒（ms）",
                                            .alone = true,
                                            .choices = {"s", "ms"}}},
                            .help_en = "A time stamp.",
                            .help_zh = "解析时间戳（秒或毫秒）",
                            .examples = {{"'1700000000'", "s", "2023-11-15T06:13:20+08:00"},
                                         {"'1700000000123'", "ms", "2023-11-15T06:13:20.123+08:00"},
                                         {"'1700000000.5'", "s", "!parse_epoch"},
                                         {"'999999999999'", "s", "!parse_epoch"}}},
                      make_parse_epoch);
}

Entry parse_chinese_date_entry() {
    return with_maker(Entry{.name = "parse_chinese_date",
                            .in = Type::text,
                            .out = Type::date,
                            .rules = {"parse_chinese_date"},
                            .inverse = "date_chinese",
                            .help_en = "A date in Chinese numerals.",
                            .help_zh = "解析中文数字日期",
                            .examples = {{"二〇二三年五月十八日", "", "2023-05-18"},
                                         {"二○○零年十月三十一日", "", "2000-10-31"},
                                         {"二〇二三年二月三十日", "", "!parse_chinese_date"},
                                         {"二三年五月一日", "", "!parse_chinese_date"}}},
                      make_parse_chinese_date);
}

std::vector<Entry> reading_entries() {
    return {
        parse_date_entry(),  parse_datetime_entry(),     parse_yearmonth_entry(),
        parse_epoch_entry(), parse_chinese_date_entry(),
    };
}

std::vector<Entry> writing_and_checking_entries() {
    return {
        with_maker(Entry{.name = "format_date",
                         .in = Type::any,
                         .out = Type::text,
                         .parameters = {pattern_parameter()},
                         .help_en = "A date, time or month by the first pattern.",
                         .help_zh = "按（第一个）格式写出日期、时间或年月",
                         .examples = {{"2023-05-18", "yyyy年M月d日", "2023年5月18日", Type::date},
                                      {"'2023-05-18T09:30:00.050+08:00'", "'yyyyMMddHHmmssSSS XXX'",
                                       "20230518093000050 +08:00", Type::datetime},
                                      {"2023-09", "yyyyMM", "202309", Type::yearmonth}}},
                   make_format_date),
        with_maker(Entry{.name = "date_chinese",
                         .in = Type::date,
                         .out = Type::text,
                         .inverse = "parse_chinese_date",
                         .help_en = "A date in Chinese numerals.",
                         .help_zh = "日期写成中文数字",
                         .examples = {{"2023-05-18", "", "二〇二三年五月十八日", Type::date},
                                      {"2000-10-31", "", "二〇〇〇年十月三十一日", Type::date}}},
                   make_date_chinese),
        with_maker(Entry{.name = "check_not_future",
                         .in = Type::any,
                         .rules = {"check.not_future"},
                         .inverse = "identity",
                         .help_en = "A date not after the mapping's moment.",
                         .help_zh = "日期不晚于当前时刻",
                         .examples = {{"2024-05-01", "", "2024-05-01", Type::date},
                                      {"2024-05-02", "", "!check.not_future", Type::date}}},
                   make_check_not_future),
        with_maker(Entry{.name = "check_not_before",
                         .in = Type::any,
                         .rules = {"check.not_before"},
                         .parameters = {{.name = "date",
                                         .kind = "date",
                                         .required = true,
                                         .help_en = "the first allowed",
                                         .help_zh = "允许的最早日期",
                                         .alone = true}},
                         .inverse = "identity",
                         .help_en = "A date not before another.",
                         .help_zh = "日期不早于某日",
                         .examples = {{"1949-10-01", "1949-10-01", "1949-10-01", Type::date},
                                      {"1949-09-30", "1949-10-01", "!check.not_before", Type::date}}},
                   make_check_not_before),
    };
}

}  // namespace

std::vector<Entry> date_entries() {
    std::vector<Entry> all = reading_entries();
    for (Entry& entry : writing_and_checking_entries()) {
        all.push_back(std::move(entry));
    }
    return all;
}

}  // namespace datong::steps
