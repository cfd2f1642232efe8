#include <algorithm>
#include <array>

#include "core/mapping/expr.h"

namespace datong::mapping {
namespace {

using steps::Value;

/// How much of a moment is said: a comparison goes as far as both sides do.
enum class Told { month, day, time };

struct At {
    record::DateTime time;
    Told told{};
};

/// "2026-01-05T08:00:00+08:00"; a text without offset is of here, and databases put a blank before the time.
std::optional<record::DateTime> parse_time(std::string_view text) {
    std::string whole{text};
    const std::size_t date = std::string_view{"2026-01-05"}.size();
    if (whole.size() <= date || (whole[date] != ' ' && whole[date] != 'T')) {
        return std::nullopt;
    }
    whole[date] = 'T';
    whole += whole.size() == std::string_view{"2026-01-05T08:00"}.size() ? ":00" : "";
    const auto time = record::parse_rfc3339(whole);
    return time ? time : record::parse_rfc3339(whole + "+08:00");
}

std::optional<At> parse_iso(std::string_view text) {
    if (const auto date = record::parse_iso_date(text)) {
        return At{{.date = *date}, Told::day};
    }
    const bool may_be_month = text.size() == std::string_view{"2026-01"}.size();
    if (const auto first = may_be_month ? record::parse_iso_date(std::string{text} + "-01") : std::nullopt) {
        return At{{.date = *first}, Told::month};
    }
    const auto time = parse_time(text);
    return time ? std::optional{At{*time, Told::time}} : std::nullopt;
}

std::optional<At> at_of(const Value& value) {
    if (const auto* date = std::get_if<record::Date>(&value.held); date != nullptr) {
        return At{{.date = *date}, Told::day};
    }
    if (const auto* time = std::get_if<record::DateTime>(&value.held); time != nullptr) {
        return At{*time, Told::time};
    }
    if (const auto* month = std::get_if<record::YearMonth>(&value.held); month != nullptr) {
        return At{{.date = {month->year, month->month, 1}}, Told::month};
    }
    const auto* text = std::get_if<std::string>(&value.held);
    return text != nullptr ? parse_iso(*text) : std::nullopt;
}

/// Whether what the expression gives can be compared with one, as far as that is known when compiling.
bool fits_moments(Expr::Op op, const Expr& expr) {
    const auto* text = std::get_if<std::string>(&expr.value.held);
    const bool orders = op >= Expr::Op::lt && op <= Expr::Op::ge;
    return parts::is_moment(expr.type) || expr.type == steps::Type::any ||
           (expr.type == steps::Type::text &&
            (text == nullptr || parse_iso(*text) || (!orders && parts::is_other_than_moments(expr.value))));
}

/// Digits of any writing in which forms have dates.
bool has_digit(std::string_view text) {
    constexpr std::array kDigits{"０", "１", "２", "３", "４", "５", "６", "７", "８", "９", "〇",
                                 "零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"};
    return text.find_first_of("0123456789") != std::string_view::npos ||
           std::any_of(kDigits.begin(), kDigits.end(),
                       [&](std::string_view one) { return text.find(one) != std::string_view::npos; });
}

}  // namespace

namespace parts {

bool is_moment(steps::Type type) {
    return type == steps::Type::date || type == steps::Type::datetime || type == steps::Type::yearmonth;
}

bool is_other_than_moments(const Value& value) {
    const auto* text = std::get_if<std::string>(&value.held);
    return text != nullptr && !has_digit(*text);
}

const Expr* no_moment(Expr::Op op, const Expr& left, const Expr& right) {
    const bool is_in = op == Expr::Op::in || op == Expr::Op::not_in;
    if (is_in && right.op == Expr::Op::list) {
        const auto bad = std::find_if(right.kids.begin(), right.kids.end(), [&left](const Expr& one) {
            return no_moment(Expr::Op::eq, left, one) != nullptr;
        });
        return bad != right.kids.end() ? no_moment(Expr::Op::eq, left, *bad) : nullptr;
    }
    if (is_moment(left.type) && !fits_moments(op, right) && !(is_in && right.type == steps::Type::list)) {
        return &right;
    }
    return is_moment(right.type) && !fits_moments(op, left) ? &left : nullptr;
}

std::optional<int> compare_moments(const Value& one, const Value& other) {
    auto left = at_of(one);
    auto right = at_of(other);
    if (!left || !right) {
        return std::nullopt;
    }
    const Told told = std::min(left->told, right->told);
    for (At* each : std::array{&*left, &*right}) {
        if (told != Told::time) {
            each->time = {.date = each->time.date};
        }
        each->time.date.day = told == Told::month ? 1 : each->time.date.day;
    }
    return left->time < right->time ? -1 : left->time > right->time ? 1 : 0;
}

}  // namespace parts

}  // namespace datong::mapping
