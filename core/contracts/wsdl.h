#pragma once

#include <string>
#include <string_view>

#include "core/contracts/contract.h"

namespace datong::contracts {

/// The WSDL 1.1 of a contract: one operation `call`, document/literal, a SOAP 1.1 and a SOAP 1.2 port at one address,
/// the XSD inside, our header and the fault declared. Deterministic text. Source: WSDL 1.1, 2 and 3; WSDL 1.1 binding
/// for SOAP 1.2.
/// @param base  of the gateway as callers reach it: "https://gateway.example:8443".
[[nodiscard]] std::string wsdl_of(const Contract& contract, std::string_view base);

}  // namespace datong::contracts
