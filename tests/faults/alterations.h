#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/evidence/frame.h"

namespace datong::faults {

/// How the log is written that is altered.
struct Form {
    evidence::ChainHash hash{evidence::ChainHash::sha256};
    std::uint64_t segment_bytes{256ULL << 20U};  ///< one that is full is closed with its trailer
};
/// Of several segments, all but the last with a trailer, and an SM3 chain.
inline constexpr Form kSegmentsInSm3{.hash = evidence::ChainHash::sm3, .segment_bytes = 2'500};

struct Alterations {
    int tried{};
    int seen{};         ///< the folder no longer verified
    int segments{};     ///< of the log
    int trailers{};     ///< of those
    std::string first;  ///< that was not seen; empty: all were
};

/// Flips bits, takes octets away and swaps them in the files of a sealed log, takes one of several files away, never
/// the last, and swaps octets of two, each time in a whole one.
[[nodiscard]] Alterations alter_at_random(int count, std::uint32_t seed, const Form& form = {});
/// The same in what its sealed records say, with numbers, chain, checksums, headers and trailers made right again: what
/// somebody can do who holds the disk and no key.
[[nodiscard]] Alterations forge_at_random(int count, std::uint32_t seed, const Form& form = {});

struct Cuts {
    int records{};
    int tried{};
    int good{};  ///< started again, with all records that stood whole before the cut, and verified
};

/// Cuts the last file of a log behind every octet, or every `step`-th, and starts a log on what is left.
[[nodiscard]] Cuts cut_everywhere(std::size_t step = 1, const Form& form = {});

}  // namespace datong::faults
