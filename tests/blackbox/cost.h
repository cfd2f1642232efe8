#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace datong::blackbox {

/// What a process had used up to a moment. Source: proc(5).
struct Used {
    std::chrono::nanoseconds cpu{};  ///< of all its threads
    std::int64_t resident{};         ///< octets now
    std::int64_t peak{};             ///< octets at most since reset_peak()
};

/// Looks at a process of ours. Throws std::runtime_error when it has ended.
class Meter {
public:
    explicit Meter(pid_t process) : folder_{"/proc/" + std::to_string(process)} {}
    [[nodiscard]] Used used() const;
    void reset_peak() const;

private:
    std::string folder_;
};

/// What one input cost.
struct Cost {
    std::chrono::nanoseconds cpu{};
    std::int64_t memory{};  ///< octets

    /// @param input  its octets.
    /// @return whether it is no more than an input may cost: 50 ms, and max(1 MiB, 100 times itself).
    [[nodiscard]] bool is_borne(std::size_t input) const;
};
[[nodiscard]] Cost between(const Used& before, const Used& after);

/// The dearest inputs of a suite.
struct Worst {
    std::chrono::nanoseconds cpu{};
    std::string cpu_of;
    std::int64_t memory{};  ///< octets
    std::string memory_of;

    void take(const std::string& name, const Used& before, const Used& after);
};

}  // namespace datong::blackbox
