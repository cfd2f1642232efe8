#pragma once

#include <string>
#include <string_view>

#include "core/descriptions/interface.h"

namespace datong::descriptions {

/// Reads an OpenAPI 3.0 or 3.1 or a Swagger 2.0 description, JSON or YAML: every operation with its path, parameters,
/// JSON or form body, and the first 2xx answer in JSON. References are followed inside the file only.
/// @param name  of the file, for mistakes.
/// @return the mistakes (I101, I102, I103, I105), at least one.
/// Source: OpenAPI 3.0.3 and 3.1.0; Swagger 2.0.
[[nodiscard]] tl::expected<Interface, Mistakes> read_openapi(const std::string& name, std::string_view text,
                                                             const Choice& choice);

}  // namespace datong::descriptions
