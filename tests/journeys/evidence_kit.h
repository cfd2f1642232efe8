#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/record/record.h"
#include "tests/journeys/gateway_under_test.h"

namespace datong::journeys {

/// The gateway with more members in the `evidence` of its gateway.yaml ("  bodies: kept\n"), a seal every second, and
/// an auditor's certificate and key beside it: auditor.pem, auditor.key.pem.
/// @param change  of the copied config/ beyond that; may be empty.
[[nodiscard]] GatewayUnderTest::Options with_evidence(const std::string& more,
                                                      const std::function<void(const std::string&)>& change = {});

/// What stands in the chain, by kind.
[[nodiscard]] std::vector<record::Record> records_of(const GatewayUnderTest& gateway, const std::string& kind);

/// A service, a matter, a department that answers about somebody else, and a signed SOAP message; four exchanges.
void make_calls(GatewayUnderTest& gateway);

}  // namespace datong::journeys
