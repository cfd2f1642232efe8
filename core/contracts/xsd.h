#pragma once

#include <string>
#include <string_view>

#include "core/contracts/contract.h"

namespace datong::contracts {

/// The XML Schema 1.0 of a contract's XML form: elements `call` and `answer` in its namespace. Members stand in any
/// order (xs:all). Values are bound by type, enumeration, length and those patterns that mean the same in XML Schema;
/// what more a JSON Schema says is checked by the gateway all the same. Deterministic text.
[[nodiscard]] std::string xsd_of(const Contract& contract);

/// The same of a problem, which stands in the detail of a fault.
[[nodiscard]] std::string xsd_of_problem();

/// Our header block of a SOAP message (urn:datong:call:1).
[[nodiscard]] std::string xsd_of_header();

}  // namespace datong::contracts
