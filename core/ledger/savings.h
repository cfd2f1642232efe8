#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/ledger/entry.h"

namespace datong::ledger {

/// One material of one case that nobody had to hand in on paper, or would not have had to (免提交).
struct Exempted {
    std::string case_number;
    std::string material;
    std::string matter;      ///< without version
    std::string department;  ///< that was asked
    std::string month;       ///< "2026-11", at +08:00
    std::string exchange;    ///< that proves it: the first that answered, else the first that asked
    bool saved{};            ///< answered found or match, with the department's certificate
};

/// Savings as an auditor counts them from the log alone.
struct Savings {
    std::vector<Exempted> materials;     ///< each (case, material) once, in the order of the log
    std::uint64_t unattributed{};        ///< answers that name no case or no material
    std::uint64_t unattributed_found{};  ///< of them, those that were found or matched
};

/// Reads the whole log; submissions and refusals count for nothing.
[[nodiscard]] Result<Savings> count_savings(const std::string& evidence_folder);

/// By what savings are added up.
enum class SavedBy { matter, department, month };

struct SavedRow {
    std::uint64_t due{};                 ///< 应免
    std::uint64_t saved{};               ///< 已免
    std::vector<std::string> exchanges;  ///< that prove what was saved
};
[[nodiscard]] std::map<std::string, SavedRow> add_up(const Savings& savings, SavedBy by);

}  // namespace datong::ledger
