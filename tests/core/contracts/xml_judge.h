#pragma once

#include <string>

namespace datong::tests {

/// What libxml2's own XML Schema validator says: empty when the document is valid, else its first message.
[[nodiscard]] std::string judged_by_schema(const std::string& xsd, const std::string& document);

}  // namespace datong::tests
