#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace datong::ledger {

/// One material that a department was asked for, for a case.
struct AskedMaterial {
    std::string case_number;
    std::string matter;    ///< without version; empty where the call named none
    std::string material;  ///< its id in the matter
    std::string service;   ///< without version
    std::string source;    ///< "tax/tax-front"
    std::string outcome;   ///< "found" ..., "pending", or the fault's code
    std::string at;        ///< RFC 3339 at +08:00, of the call; of what came after its answer, when it came
    std::string exchange;
    std::string operator_division;
    std::string consumer{};  ///< of the call; empty of what came after its answer
};

/// Reads the whole log; submissions count for nothing. What came after an answer stands apart, behind it.
/// @return in the order of the log.
[[nodiscard]] Result<std::vector<AskedMaterial>> asked_materials(const std::string& evidence_folder);

/// What became of one material of a matter over many cases.
struct Answers {
    std::uint64_t asked{};
    std::uint64_t found{};   ///< found, or matched
    std::uint64_t none{};    ///< the department has none, or it is not so
    std::uint64_t silent{};  ///< it did not answer, or not in a way that can be used
    std::uint64_t pending{};
};
/// By matter and material. What was withheld, or could not be asked for (no grant, a value missing), says nothing about
/// a department and is left out; a word that came after its call's answer takes the place of `pending`.
/// @param since  RFC 3339, or the beginning of one at +08:00: calls before it don't count; empty: all do.
[[nodiscard]] std::map<std::pair<std::string, std::string>, Answers> count_answers(
    const std::vector<AskedMaterial>& asked, const std::string& since);

}  // namespace datong::ledger
