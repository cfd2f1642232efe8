#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::adapters::sql {

enum class Dialect { sqlite, postgresql };

/// One SQL statement with its named parameters made positional, so that a value can only be bound.
struct Statement {
    std::string text;                ///< ":NAME" has become "?1" (sqlite) or "$1" (postgresql)
    std::vector<std::string> names;  ///< the name of ?1, of ?2 ...; each once
};

/// Finds `:NAME` outside of literals, quoted names and comments; a name begins with a letter, '_' or a
/// byte of a Chinese character, and `::` is a cast.
///
/// @return Fault::bad_request, with what to write instead, for an unfinished literal, a second
///         statement behind ';', or a parameter of the database's own (`?`, `$1`).
[[nodiscard]] Result<Statement> take_parameters(std::string_view sql, Dialect dialect);

}  // namespace datong::adapters::sql
