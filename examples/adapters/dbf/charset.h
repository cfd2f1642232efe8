#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dbf {

/// Between UTF-8, which the gateway speaks, and the charset of the tables, by iconv's names.
/// @return nullopt for what the other charset does not have.
[[nodiscard]] std::optional<std::string> convert(std::string_view bytes, const std::string& from,
                                                 const std::string& to);

}  // namespace dbf
