#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/codec/http_message.h"
#include "core/container/check.h"
#include "tests/journeys/gateway_under_test.h"

namespace datong::journeys {

using Files = std::map<std::string, std::string>;

/// The public keys of everybody who signs.
[[nodiscard]] record::Record trusted(const GatewayUnderTest& gateway);
/// The container of an exchange of the consumer's.
[[nodiscard]] std::string fetch(const GatewayUnderTest& gateway, const std::string& exchange,
                                const std::string& consumer = "one-window");
[[nodiscard]] container::Checked check(const GatewayUnderTest& gateway, const std::string& octets);
/// "code file field" of every finding.
[[nodiscard]] std::vector<std::string> found(const container::Checked& checked);
/// The same files signed anew by whoever holds the gateway's key, outcome and answer among them.
[[nodiscard]] std::string resigned(const GatewayUnderTest& gateway, const Files& files);
[[nodiscard]] std::string exchange_of(const codec::HttpMessage& answer);

}  // namespace datong::journeys
