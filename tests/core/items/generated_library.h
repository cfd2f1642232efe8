#pragma once

#include <string>

namespace datong::tests {

/// The item tables of a city that does not exist, the same on every machine: 3,000 items of 40 departments with 20,000
/// materials, old versions and deleted rows among them, as the platform's export has them (CSV with a head line).
struct GeneratedTables {
    std::string tasks;      ///< up_task_general_basic
    std::string materials;  ///< up_task_general_material
};
inline constexpr int kItems = 3'000;
inline constexpr int kMaterials = 20'000;

[[nodiscard]] GeneratedTables generate_tables();
/// The code of the n-th item.
[[nodiscard]] std::string code_of(int item);

}  // namespace datong::tests
