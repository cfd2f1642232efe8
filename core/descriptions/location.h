#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace datong::descriptions {

/// Where an import of a description leads: a file in the description's own folder or below, or a document of the same
/// origin (scheme, host and port) as the URL that the description came from.
/// @param base      name or URL of the file that imports.
/// @param location  as it stands in the file.
/// @return a name for ReadNear; nullopt for what leads elsewhere (another host, an absolute path, a parent folder).
[[nodiscard]] std::optional<std::string> near(std::string_view base, std::string_view location);

/// "http://host:port" of a URL; empty: it is none.
[[nodiscard]] std::string_view origin_of(std::string_view url);

}  // namespace datong::descriptions
