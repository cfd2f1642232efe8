#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace datong::faults {

struct Alterations {
    int tried{};
    int seen{};         ///< the folder no longer verified
    std::string first;  ///< that was not seen; empty: all were
};

/// Flips bits, takes octets away and swaps them in the file of a sealed log, each time in a whole one.
[[nodiscard]] Alterations alter_at_random(int count, std::uint32_t seed);
/// The same in what its sealed records say, with numbers, chain and checksums made right again: what somebody can do
/// who holds the disk and no key.
[[nodiscard]] Alterations forge_at_random(int count, std::uint32_t seed);

struct Cuts {
    int records{};
    int tried{};
    int good{};  ///< started again, with all records that stood whole before the cut, and verified
};

/// Cuts the file of a log behind every octet, or every `step`-th, and starts a log on what is left.
[[nodiscard]] Cuts cut_everywhere(std::size_t step = 1);

}  // namespace datong::faults
