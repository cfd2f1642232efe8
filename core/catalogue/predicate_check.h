#pragma once

#include <string>

#include "core/catalogue/model.h"
#include "core/policy/predicates.h"

namespace datong::catalogue {

/// Whether a service's certificate has the predicate's field, and the operator suits what stands there: an order is
/// for numbers and dates, a value for a single place.
/// @return what is wrong, in English, without the value; empty when nothing is.
[[nodiscard]] std::string wrong_with(const Service& service, const policy::Predicate& predicate);

/// Whether the values that a call brings can be compared with what stands there: a number with a number, a date
/// ("YYYY-MM-DD") with a date. Only for predicates with which nothing is wrong_with().
/// @return as wrong_with().
[[nodiscard]] std::string wrong_value(const Service& service, const policy::Predicate& predicate);

/// Whether each member of a call's query is one that the request mapping's schema has, at every depth that it
/// describes: what no mapping reads would change the question without a word.
/// @return what is wrong, in English, with its pointer and the nearest right name; a member that is not near any may be
///         anything, so it is not repeated. Empty when nothing is wrong.
[[nodiscard]] std::string wrong_member(const Service& service, const record::Record& query);

}  // namespace datong::catalogue
