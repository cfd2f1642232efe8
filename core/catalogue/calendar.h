#pragma once

#include <optional>
#include <set>

#include "core/record/date.h"

namespace datong::catalogue {

/// Which days offices work: Monday to Friday, but for the holidays and working days that the State Council announces
/// for each year (国务院办公厅关于部分节假日安排的通知).
struct Calendar {
    std::set<record::Date> holidays;    ///< days off, whatever the weekday
    std::set<record::Date> workdays;    ///< Saturdays and Sundays that are worked
    std::optional<record::Date> until;  ///< the last day that it was announced for; nullopt: weekdays alone count

    [[nodiscard]] bool is_working_day(const record::Date& day) const;
    /// The last day of a term of so many working days (工作日), whose first day is the one after `day`.
    /// Source: 民法典 201, 203: the day it begins on does not count.
    [[nodiscard]] record::Date add_working_days(const record::Date& day, int working_days) const;
};

}  // namespace datong::catalogue
