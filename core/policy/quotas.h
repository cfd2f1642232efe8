#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/base/result.h"
#include "core/policy/grants.h"

namespace datong::policy {

/// Counts per grant, in fixed windows of the clock, what services were asked. May be used from many threads.
class Quotas {
public:
    /// Takes one unit: a service is asked once.
    /// @return Fault::quota_exceeded when the window's are used up; a grant without quota passes.
    [[nodiscard]] Status take(const Grant& grant, std::chrono::system_clock::time_point now);
    /// What take() would say; takes nothing.
    [[nodiscard]] Status look(const Grant& grant, std::chrono::system_clock::time_point now);
    /// Counts predicates against guessing. Hours are those of the clock; counts begin anew with the program.
    /// @param about  about whom: "SERVICE\nSUBJECT".
    /// @return Fault::guesses_exceeded when the hour's are used up, or when the consumer asks about more than
    ///         kMostAbout an hour: what is remembered must have an end. Nothing is counted then.
    [[nodiscard]] Status take_guesses(const std::string& consumer, const std::string& about, std::uint64_t count,
                                      std::uint64_t most, std::chrono::system_clock::time_point now);
    static constexpr std::size_t kMostAbout = 200'000;  ///< of one consumer: persons, by service

private:
    struct Window {
        std::int64_t number{};
        std::uint64_t used{};
    };
    [[nodiscard]] Status count(const Grant& grant, std::chrono::system_clock::time_point now, std::uint64_t units);

    std::mutex mutex_;
    std::map<std::string, Window, std::less<>> windows_;
    std::int64_t guessing_hour_{};
    using Guesses = std::unordered_map<std::string, std::uint64_t>;
    std::map<std::string, Guesses, std::less<>> guesses_;  ///< of that hour, by consumer
};

}  // namespace datong::policy
