#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/policy/persons.h"
#include "core/record/record.h"

namespace datong::policy {

enum class Relation { equals, not_equals, at_least, at_most, in, exists };
[[nodiscard]] std::string_view name_of(Relation op);

/// One thing that a caller wants to know of a record without seeing it (核验条件).
struct Predicate {
    std::string field;  ///< JSON pointer into the certificate, '*' for every item: "/holders/*/name"
    Relation op{Relation::equals};
    record::Record value;  ///< a scalar; of `in` a list of scalars; of `exists` a boolean, true when not given
};

enum class Verdict { match, mismatch, not_found };
[[nodiscard]] std::string_view name_of(Verdict verdict);

inline constexpr std::size_t kMostPredicates = 20;  ///< of one call
inline constexpr std::size_t kMostChoices = 50;     ///< of one `in`

/// Whether a value is of the kind that the operator compares with.
[[nodiscard]] bool fits(Relation op, const record::Record& value);

/// How many values they try: each choice of an `in` is a guess of its own.
[[nodiscard]] std::uint64_t guesses_in(std::span<const Predicate> predicates);

/// Reads [{field, operator, value}].
/// @param pointer  where the list stands: "/verify".
/// @return Fault::bad_request naming the member, never its value.
[[nodiscard]] Result<std::vector<Predicate>> read_predicates(const record::Record& list, const std::string& pointer);

/// The same list written again: what `asked` proves.
[[nodiscard]] record::Record to_record(std::span<const Predicate> predicates);

/// Whether a record fulfils a predicate: with '*', whether any item does. Numbers are compared as numbers, dates as
/// ISO texts, names and id numbers of `person` in their normal form, everything else octet by octet.
/// @return not_found where the record has nothing at that place; of `exists` never.
[[nodiscard]] Verdict judge(const record::Record& content, const Predicate& predicate, const PersonPointers& person);

}  // namespace datong::policy
