#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/evidence/verify.h"
#include "core/record/record.h"

namespace datong::seals {

/// What a check found of a folder's seals.
struct SealCounts {
    std::uint64_t seals{};
    std::uint64_t sealed{};      ///< records under a seal
    std::uint64_t unsealed{};    ///< records behind the last sealed one, without seals and stamps themselves
    std::string unsealed_since;  ///< time of the first of them, as it says; empty: none
};

/// What a check goes by besides the keys.
struct CheckOptions {
    std::optional<evidence::KnownHead> known{};  ///< must still be in the folder
};

struct SealedVerdict {
    evidence::Verdict evidence;
    SealCounts seals;  ///< as far as the verdict's records go
};

/// evidence::verify_folder(), and of every seal: that it goes on where the one before ended, that a key of the gateway
/// that was in use then signed it, and that the records are those whose root and head it names. Reads every sealed
/// record twice and holds one hash for each level of a tree.
[[nodiscard]] Result<SealedVerdict> verify_folder(const std::string& folder, const record::Record& keys,
                                                  const CheckOptions& options = {});

}  // namespace datong::seals
