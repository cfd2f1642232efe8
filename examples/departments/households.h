#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "examples/departments/people.h"

namespace datong::departments {

/// Three counties of the reserved city 9999.
inline constexpr std::array<std::string_view, 3> kDivisions{"999901", "999902", "999903"};

/// Repeatable pseudo-random numbers.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_{seed} {}
    [[nodiscard]] std::size_t below(std::size_t bound);

private:
    std::uint64_t state_;
};

/// A whole number with leading zeros.
[[nodiscard]] std::string digits(std::int64_t value, int width);
/// A day as yyyymmdd, the years included; days 1 to 28.
[[nodiscard]] std::string day_between(int first_year, int last_year, Chance& chance);

// What each household has. Persons and companies must be there already.
void settle_flats(Town& town, Chance& chance);
void settle_taxes(Town& town, Chance& chance);  ///< needs the flats: deed tax is on their price
void settle_accounts(Town& town, Chance& chance);
void settle_cases(Town& town, Chance& chance);

}  // namespace datong::departments
