#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ledger/asked.h"
#include "core/matters/coverage.h"
#include "core/record/record.h"

// Coverage in numbers: what the command and the administrators' API say alike.
namespace datong::matters {

/// What became of materials in the calls of some days, and the last of those calls.
struct Outcomes {
    std::map<std::pair<std::string, std::string>, ledger::Answers> counted;  ///< by matter and material
    std::vector<ledger::AskedMaterial> calls{};  ///< that led to the numbers, the last first
};
/// @param since  RFC 3339: calls before it don't count.
/// @param with_calls  keeps the calls, too.
[[nodiscard]] Outcomes outcomes_of(std::vector<ledger::AskedMaterial> asked, const std::string& since, bool with_calls);

/// What became of the materials of a requirement's lists.
[[nodiscard]] ledger::Answers answers_to(const Outcomes& outcomes, const catalogue::Matter& matter,
                                         const catalogue::Requirement& requirement);
/// In one word: "found", every call brought it; "partial", some did; "none"; "down", nobody answered; "not_asked".
[[nodiscard]] std::string_view word_for(const ledger::Answers& answers);

/// What concerns one department: requirements that a service of its may meet, the services of its that stand in the
/// way, and the outcomes of its materials.
void keep_department(std::vector<MatterCoverage>& all, Outcomes& outcomes, std::string_view department);

/// {matters: [{matter, title, shared, of, requirements: [{requirement, title, way, missing: [SERVICE], answers?:
/// {asked, found, none, silent, pending, rate, state}, calls?: [{exchange, material, outcome, at}]}]}], shared, of}; of
/// the calls the last hundred of each requirement.
/// @param outcomes  nullptr: no answers.
[[nodiscard]] record::Record to_record(const std::vector<MatterCoverage>& all, const Outcomes* outcomes);

}  // namespace datong::matters
