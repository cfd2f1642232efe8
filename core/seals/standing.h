#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace datong::seals {

/// Where the seals of a folder stand, as the last of them says.
struct Standing {
    std::uint64_t seal{};       ///< its number; 0: there is none
    std::uint64_t sealed_to{};  ///< the last record below it
    std::uint64_t stamped{};    ///< the last seal that had its stamp then; 0: none
    std::uint64_t open{};       ///< the oldest intent that was open behind `sealed_to`; 0: none
    /// From which record on everything stands that tells what is open.
    [[nodiscard]] std::uint64_t open_from() const noexcept { return open > 0 ? open : sealed_to + 1; }
};

/// Reads the newest segment, and those before it as far as the last seal.
/// @return Fault::evidence_unavailable when the folder or the seal can't be read.
[[nodiscard]] Result<Standing> find_standing(const std::string& folder);

}  // namespace datong::seals
