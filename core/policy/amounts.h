#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/record/record.h"

namespace datong::policy {

/// How much of a department's record an answer would show at once.
struct Amounts {
    std::uint64_t rows{};     ///< the most items that stand at one place, '*' for every list above: of 3 houses with 4
                              ///< owners each 12
    std::uint64_t persons{};  ///< different ones by their id; one that has none is one of its own
};

/// @param whole    the record as the mapping made it.
/// @param shown    what of it is let through (minimise), its lists as long.
/// @param persons  pointers to the ids of persons, '*' for every item: "/holders/*/idNo". A person counts when anything
///                 of the object that holds the id is shown, be it the id or not.
[[nodiscard]] Amounts amounts_of(const record::Record& whole, const record::Record& shown,
                                 std::span<const std::string> persons);

}  // namespace datong::policy
