#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace datong::database {

enum class Dialect { sqlite, postgresql, mariadb, odbc };

/// One SQL statement with its named parameters made positional, so that a value can only be bound.
struct Statement {
    std::string text;  ///< ":NAME" has become "?1" (sqlite), "$1" (postgresql), or "?" (mariadb, odbc)
    /// What each place is bound to, in their order: with "?" a name stands as often as it is used, else once.
    std::vector<std::string> names;
};

/// Writes a statement piece by piece, names and values apart: what a place is called in this dialect.
class StatementMaker {
public:
    explicit StatementMaker(Dialect dialect) : dialect_{dialect} {}

    StatementMaker& sql(std::string_view text) {
        made_.text += text;
        return *this;
    }
    /// A place that the value of that name is bound to.
    StatementMaker& place(std::string_view name);
    [[nodiscard]] Statement take() { return std::move(made_); }

private:
    Dialect dialect_;
    Statement made_;
};

/// Finds `:NAME` outside of literals, quoted names and comments; a name begins with a letter, '_' or a
/// byte of a Chinese character, and `::` is a cast. Of odbc only what all databases share is known: a
/// literal ends at its quote, and brackets and back ticks are quotes.
///
/// @return Fault::bad_request, with what to write instead, for an unfinished literal, a second
///         statement behind ';', or a parameter of the database's own (`?`, `$1`).
[[nodiscard]] Result<Statement> take_parameters(std::string_view sql, Dialect dialect);

}  // namespace datong::database
