#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace datong::database {

/// Pairs of a connection string, in their order; values may be passwords.
using KeyValues = std::vector<std::pair<std::string, std::string>>;

/// Reads "key=value key='a value'", blanks between; in quotes a backslash takes the next octet as it is.
/// @return nullopt for anything else. Source: PostgreSQL 15, 34.1.1.1, whose form this is.
[[nodiscard]] std::optional<KeyValues> read_key_values(std::string_view text);

}  // namespace datong::database
