#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/evidence/entry.h"
#include "core/record/record.h"

namespace datong::ledger {

/// One exchange as its records say: an intent with what became of it, or a refusal. No personal data.
struct Entry {
    std::string exchange;
    std::int64_t number{};  ///< of its first record
    std::int64_t last{};    ///< of the record that ends it; 0: none yet
    std::string at;         ///< RFC 3339, of its first record
    std::string consumer;
    std::string service;  ///< "tax-clearance@1.0.0", "matter:NAME@VERSION"
    std::string matter;
    std::string case_number;
    std::string material;
    std::string purpose;
    std::string legal_basis;
    std::string grant;
    std::string operator_account;
    std::string operator_division;
    std::string outcome;  ///< "found" ..., a fault's code; "unknown" where it was closed after a crash; empty: open
    std::int64_t status{};
    bool submits{};                                     ///< it pushed something, and asked nothing
    std::string of{};                                   ///< the exchange that brought the submission first
    std::string consent{};                              ///< by which something was told
    std::vector<std::string> persons{};                 ///< "role:hex HMAC"
    std::vector<evidence::MaterialAnswered> materials;  ///< what was asked of departments
};

/// Of a record of kind intent or refusal.
[[nodiscard]] Entry read_entry(const record::Record& entry);
/// Up to a mark, or all of it: "tax-clearance" of "tax-clearance@1.0.0".
[[nodiscard]] std::string before(const std::string& text, char mark);
/// The matter without its version: "matter:NAME@VERSION" of a call for one, else what the call's context says.
[[nodiscard]] std::string matter_of(const Entry& entry);
/// Whether a department brought a material, or said yes.
[[nodiscard]] bool is_found(std::string_view outcome);
/// Of an outcome.
[[nodiscard]] std::vector<evidence::MaterialAnswered> read_materials(const record::Record& entry);

/// What came of a material after its call was answered.
struct Followed {
    std::string exchange;  ///< the call's
    std::string at;
    std::string event;   ///< "answered" ...
    std::string matter;  ///< "NAME@VERSION"
    std::string case_number;
    evidence::MaterialAnswered material;
};
/// Of a record of kind follow_up; nullopt for one whose statement can't be read.
[[nodiscard]] std::optional<Followed> read_followed(const record::Record& entry);

/// For people and programs: members that are empty are left out.
[[nodiscard]] record::Record to_record(const Entry& entry);

}  // namespace datong::ledger
