#pragma once

#include <string>
#include <string_view>

#include "core/policy/context.h"
#include "core/record/record.h"

namespace datong::policy {

/// Where a certificate names its persons: JSON pointers with '*' for every item.
struct PersonPointers {
    std::string id;    ///< "/holders/*/idNo"
    std::string name;  ///< "/holders/*/name"; empty: only the id is compared
    bool nobody{};     ///< the certificate speaks of no person at all, such as a guide to an item
    bool each{};       ///< every item is a record of its own, and all must be the person's; else some item must be
};

/// An id number as it is compared: blanks out, upper case, a 15-digit resident id as 18 digits.
/// Source: GB 11643-1999 (the century of a 15-digit number is 19, its check character computed).
[[nodiscard]] std::string normal_id(std::string_view id_no);

/// A name as it is compared: blanks out, every separator dot (U+00B7, U+2022, U+2027, U+30FB, U+FF65,
/// U+FF0E, '.') as U+00B7, full-width Latin as ASCII, upper case.
[[nodiscard]] std::string normal_name(std::string_view name);

/// Whether the certificate speaks of the person asked: some item, or with `each` every one of at least one, holds their
/// id and, where a name pointer is given, their name in the same item. One that speaks of nobody always does.
[[nodiscard]] bool speaks_of(const record::Record& content, const PersonPointers& where, const Person& asked);

/// What the HMAC of a subject is made over: the same for every spelling of one id.
[[nodiscard]] std::string subject_text(const Person& person);

}  // namespace datong::policy
