#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bench/load.h"
#include "core/base/result.h"

namespace datong::bench {

/// Clerks at their windows: each opens at a moment of its own and calls for matters one after the other.
struct HallPlan {
    std::string url;
    std::string body;  ///< of every call
    std::string ca_pem;
    std::string key_pem;
    std::string keyid;
    std::size_t windows = 231;
    std::chrono::milliseconds opening{60'000};  ///< within which all windows have opened, each once
    std::size_t matters = 16;                   ///< `hall-0` and so on; drawn
    int calls_a_window = 3;
    std::chrono::milliseconds thinking{
        10'000};                   ///< between an answer and the next call: from half of it to one and a half
    std::set<std::string> honest;  ///< materials whose departments answer
    std::uint32_t seed = 9;
};

struct HallResult {
    std::vector<std::uint32_t> call_us{};  ///< of every call that was answered, sorted
    std::uint64_t calls{};
    std::map<std::string, std::uint64_t> refused{};  ///< calls without an answer: by status, or fault of the connection
    std::uint64_t honest_found{};                    ///< materials of honest departments that stood in the answer
    std::uint64_t honest_later{};                    ///< that are awaited
    std::map<std::string, std::uint64_t> honest_failed{};  ///< by code
    std::map<std::string, std::uint64_t> others{};         ///< of the rest, by outcome or code

    [[nodiscard]] double percentile(double part) const;  ///< milliseconds
};

[[nodiscard]] Result<HallResult> run_hall(const HallPlan& plan);

}  // namespace datong::bench
