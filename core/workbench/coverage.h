#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/mistake.h"
#include "core/mapping/mapping.h"

namespace datong::workbench {

/// One thing that a mapping's tests should go through.
struct Goal {
    Position where;       ///< in the mapping; of a table row: in the table
    std::string text_zh;  ///< what it is: "条件为真", "规则 id.checksum"
    std::string text_en;
    bool met{};
};

/// How much of a mapping its tests go through: every row written, both sides of every `when` of rows and
/// checks, every case, every row of a code table that a lookup uses, every rule that a step of a row, a
/// case or a check can raise.
struct Coverage {
    std::vector<Goal> goals;

    [[nodiscard]] std::size_t met() const;
    /// Rounded down, so that 100 means all of them; 100 when there are no goals.
    [[nodiscard]] int percent() const;
};

/// @param path     the mapping's file, below mappings/; it must compile.
/// @param runs     its tests, run.
/// @param passage  what those runs went through.
[[nodiscard]] Coverage coverage_of(std::string_view path, const mapping::ReadFile& read,
                                   const std::vector<mapping::TestRun>& runs, const mapping::Passage& passage);

}  // namespace datong::workbench
