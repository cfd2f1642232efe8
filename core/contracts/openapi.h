#pragma once

#include <string_view>

#include "core/contracts/contract.h"
#include "core/record/record.h"

namespace datong::contracts {

/// The OpenAPI 3.1 document of a contract's native operation. Source: OpenAPI Specification 3.1.0.
/// @param base  of the gateway as callers reach it: "https://gateway.example:8443".
[[nodiscard]] record::Record openapi_of(const Contract& contract, std::string_view base);

}  // namespace datong::contracts
