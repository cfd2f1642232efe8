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
    /// @param about  whose guess about whom: "CONSUMER\nSERVICE\nSUBJECT".
    /// @return Fault::guesses_exceeded when the hour's are used up; nothing is counted then.
    [[nodiscard]] Status take_guesses(const std::string& about, std::uint64_t count, std::uint64_t most,
                                      std::chrono::system_clock::time_point now);

private:
    struct Window {
        std::int64_t number{};
        std::uint64_t used{};
    };
    [[nodiscard]] Status count(const Grant& grant, std::chrono::system_clock::time_point now, std::uint64_t units);

    std::mutex mutex_;
    std::map<std::string, Window, std::less<>> windows_;
    std::int64_t guessing_hour_{};
    std::unordered_map<std::string, std::uint64_t> guesses_;  ///< of that hour
};

}  // namespace datong::policy
