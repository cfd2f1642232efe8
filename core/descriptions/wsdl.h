#pragma once

#include <string>

#include "core/descriptions/interface.h"

namespace datong::descriptions {

/// Reads a WSDL 1.1 with the schemas in it and beside it: every operation of one port over SOAP, with its action,
/// style, namespaces, and the shapes of what goes in and comes out.
/// @param name  of the WSDL for `read`: a file's name or the URL that it is from.
/// @return the mistakes (I101 to I105), at least one.
/// Source: WSDL 1.1, 2 and 3; XML Schema 1.0.
[[nodiscard]] tl::expected<Interface, Mistakes> read_wsdl(const std::string& name, const ReadNear& read,
                                                          const Choice& choice);

}  // namespace datong::descriptions
