#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/record/record.h"

namespace datong::departments::test {

/// Reads below the project's mappings/.
[[nodiscard]] mapping::ReadFile mapping_files();

/// Every mapping of the project by its path below mappings/, in order.
[[nodiscard]] std::vector<std::string> all_mappings();

/// Compiles one of the project's mappings; fails the test when it can't be.
[[nodiscard]] std::shared_ptr<const mapping::Mapping> compiled(std::string_view path);

/// All findings of an output in one text, for a failing test.
[[nodiscard]] std::string findings_of(const mapping::Output& output);

/// The context of a call about one person, as the gateway makes it.
[[nodiscard]] record::Record context_about(const std::string& name, const std::string& id_type,
                                           const std::string& id_no, const std::string& department_uscc);

}  // namespace datong::departments::test
