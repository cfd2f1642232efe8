#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/journeys/platform_client.h"

namespace datong::journeys {

// What callers of the e-licence sharing interfaces send, about the demo household.

inline const std::string kLicenceCaller = "DEMO-ACCESS-0001";
inline const std::string kLandType = "11100000MB03271699001";
inline const std::string kReceiptType = "11999901MB0000027N001";

/// The door of a caller of family A or B, as YAML.
[[nodiscard]] std::string door_a();
[[nodiscard]] std::string door_b();
/// Teaches the inbound mapping's table one more purpose: that of receipts.
[[nodiscard]] GatewayUnderTest::Options with_uses(GatewayUnderTest::Options options);
/// Changes a file of the configuration's copy, too. @param file  "licences.yaml". @param from  stands in it.
[[nodiscard]] GatewayUnderTest::Options with_change(GatewayUnderTest::Options options, std::string file,
                                                    std::string from, std::string to);

[[nodiscard]] record::Record object(const std::vector<std::pair<std::string, std::string>>& members);
/// The data of a question about the demo's seller: their flat, and their receipt.
[[nodiscard]] record::Record land();
[[nodiscard]] record::Record receipt();
[[nodiscard]] record::Record with_head(const std::string& token, record::Record data,
                                       const std::string& id = kLicenceCaller);
/// What family B asks a matter's licences with.
[[nodiscard]] record::Record matter_of_seller(const std::string& request_id);

/// The status in an answer's head; empty for none.
[[nodiscard]] std::string status_of(const codec::HttpMessage& answer);

}  // namespace datong::journeys
