#pragma once

#include <functional>
#include <string>

#include "core/record/record.h"
#include "tests/journeys/gateway_under_test.h"

namespace datong::journeys {

inline constexpr const char* kInsured = "/v1/services/medical-insurance";
inline constexpr const char* kLeastPurpose = "least";

/// Writes a grant of one-window's for the purpose "least", which no other grant and no matter has.
/// @param terms  its lines beside those: fields, most ...
void give_least(const std::string& config, const std::string& id, const std::string& services,
                const std::string& terms);

/// A question of that purpose about a household of the town.
[[nodiscard]] record::Record least_body(const std::string& service, std::size_t household);
/// About the demo household.
[[nodiscard]] record::Record least_body(const std::string& service);

/// The same about somebody whom no department knows. @param number  0 to 999: another one each.
[[nodiscard]] record::Record stranger_body(const std::string& service, int number);

/// The first household whose home has so many holders. Throws where there is none.
[[nodiscard]] std::size_t household_of_holders(std::size_t holders);

/// The names of an object's members, in their order, with a blank between.
[[nodiscard]] std::string names_of(const record::Record* object);

/// What a gateway with this change to its configuration says instead of starting; empty: it starts.
[[nodiscard]] std::string mistakes_of(std::function<void(const std::string&)> change);

/// The code of a problem.
[[nodiscard]] std::string code_of(const codec::HttpMessage& answer);

}  // namespace datong::journeys
