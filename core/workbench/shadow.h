#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/mapping.h"
#include "core/record/record.h"

namespace datong::workbench {

/// Whether a call belongs to the sample, by its trace id alone: every part of the gateway, and every run
/// over the same calls, chooses the same ones.
/// @param per_mille  0 none to 1000 all.
[[nodiscard]] bool in_sample(std::string_view trace_id, int per_mille);

/// How often a target path was what in two outputs.
struct FieldTally {
    std::uint64_t same{};
    std::uint64_t differing{};
    std::uint64_t only_live{};
    std::uint64_t only_candidate{};

    [[nodiscard]] std::uint64_t unlike() const { return differing + only_live + only_candidate; }
    bool operator==(const FieldTally&) const = default;
};

/// What it takes to put a candidate in force.
struct Gate {
    std::uint64_t records = 10'000;                  ///< at least so many were compared
    std::set<std::string, std::less<>> explained{};  ///< target paths that may differ: what the change was for
};

/// What a candidate version of a mapping gave beside the one in force (影子运行): counts only. No value, no
/// digest of one (a digest of an id number can be guessed), no trace id is kept; paths come from compiled
/// mappings, with '*' for the items of lists.
///
/// One object is used by one thread at a time; those of several loops are put together by add().
class Shadow {
public:
    Shadow() = default;
    /// @param live, candidate  "id@version" and digest of the two, as they are in force.
    Shadow(std::string live, std::string candidate);

    /// Compares the two outputs of one record. Items of lists are compared by their place.
    void add(const mapping::Output& live, const mapping::Output& candidate);
    /// Puts another count of the same two versions to this one.
    /// @return Fault::bad_request when it is of other versions.
    [[nodiscard]] Status add(const Shadow& other);

    [[nodiscard]] const std::string& live() const noexcept { return live_; }
    [[nodiscard]] const std::string& candidate() const noexcept { return candidate_; }
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    [[nodiscard]] std::uint64_t unlike() const noexcept { return unlike_; }  ///< records that were not the same
    [[nodiscard]] const std::map<std::string, FieldTally, std::less<>>& fields() const noexcept { return fields_; }
    /// "ok -> invalid" of outcomes that differ, and how often.
    [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& outcomes() const noexcept {
        return outcomes_;
    }
    /// "live /a required" or "candidate /a required": findings that only one of the two had, and how often.
    [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& rules() const noexcept { return rules_; }

    /// Why the candidate may not be put in force yet, a sentence each in both languages; empty: it may.
    [[nodiscard]] std::vector<std::string> objections(const Gate& gate) const;

    /// As it is kept between runs, and the inverse.
    /// @return Fault::bad_request for a record that to_record() did not make.
    [[nodiscard]] record::Record to_record() const;
    [[nodiscard]] static Result<Shadow> from_record(const record::Record& record);

private:
    std::string live_;
    std::string candidate_;
    std::uint64_t records_{};
    std::uint64_t unlike_{};
    std::map<std::string, FieldTally, std::less<>> fields_;
    std::map<std::string, std::uint64_t, std::less<>> outcomes_;
    std::map<std::string, std::uint64_t, std::less<>> rules_;
};

}  // namespace datong::workbench
