#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/evidence/verify.h"
#include "core/record/record.h"
#include "core/seals/anchor.h"
#include "core/seals/stamp.h"

namespace datong::seals {

/// What a check found of a folder's seals.
struct SealCounts {
    std::uint64_t seals{};
    std::uint64_t sealed{};   ///< records under a seal
    std::uint64_t stamped{};  ///< seals with a time-stamp
    std::uint64_t stamps_checked{};
    std::uint64_t unsealed{};        ///< records behind the last sealed one, without seals and stamps themselves
    std::string unsealed_since;      ///< time of the first of them, as it says; empty: none
    std::uint64_t unsealed_from{};   ///< number of the first of them; 0: none
    std::uint64_t unsealed_hours{};  ///< different hours in which the gateway signed an answer among them
};

/// More hours of answers than these without a seal are a finding: a gateway seals once an hour at the least, and what
/// was left when it starts, so that each run adds an hour or two, however far apart they are and whatever the clock
/// did.
inline constexpr std::uint64_t kMostUnsealedHours = 6;

/// What a check goes by besides the keys.
struct CheckOptions {
    std::optional<evidence::KnownHead> known{};  ///< must still be in the folder
    std::optional<Anchor> anchor{};              ///< a seal that was published: it must be that of its record
    std::vector<StampTrust> stamps{};  ///< one of them must lead to each stamp; empty: stamps are counted only
    bool without_seals{};              ///< as much as there is may be unsealed: a log from before there were seals
};

struct SealedVerdict {
    evidence::Verdict evidence;
    SealCounts seals;  ///< as far as the verdict's records go
};

/// evidence::verify_folder(), and of every seal: that it goes on where the one before ended, that a key of the gateway
/// that was in use then signed it, and that the records are those whose root and head it names; of every stamp, that it
/// is the one of a seal before it; and that what no seal covers is no more than a gateway leaves so: else whoever takes
/// all seals away could alter what no signature of its own covers. Reads every sealed record twice; holds one hash for
/// each level of a tree, and a little of each seal that has no stamp.
/// @return Fault::bad_request when `keys` is no such JWKS, or the anchor is not signed by a key of the gateway.
[[nodiscard]] Result<SealedVerdict> verify_folder(const std::string& folder, const record::Record& keys,
                                                  const CheckOptions& options = {});

}  // namespace datong::seals
