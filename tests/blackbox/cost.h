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

/// The dearest inputs of a suite.
struct Worst {
    std::chrono::nanoseconds cpu{};
    std::string cpu_of;
    std::int64_t memory{};  ///< octets
    std::string memory_of;

    void take(const std::string& name, const Used& before, const Used& after);
};

}  // namespace datong::blackbox
