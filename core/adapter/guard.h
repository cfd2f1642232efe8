#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "core/adapter/adapter.h"

namespace datong::adapter {

/// What a department allows and the gateway bears, per source.
struct Limits {
    std::size_t in_flight = 4;
    std::chrono::milliseconds call{5'000};
    int breaker_failures = 5;                   ///< in a row; then the source rests
    std::chrono::milliseconds breaker_rest{10'000};
    int retries = 0;                            ///< only on department_down, while time is left
    bool off{};                                 ///< the department's own switch
};

/// The state of one source that outlives a reload: bulkhead, breaker, last success. Shared by all loops.
class SourceState {
public:
    /// Takes a place in the bulkhead. @return source_busy, or department_down while the breaker rests.
    [[nodiscard]] Status enter(const Limits& limits, std::chrono::steady_clock::time_point now);
    void leave(bool good, const Limits& limits, std::chrono::steady_clock::time_point now);
    [[nodiscard]] bool resting(std::chrono::steady_clock::time_point now) const;
    [[nodiscard]] std::size_t in_flight() const;

private:
    mutable std::mutex mutex_;
    std::size_t in_flight_{};
    int failures_{};
    std::chrono::steady_clock::time_point rests_until_{};
    bool trying_{};
};

/// An adapter with deadline, bulkhead, breaker, retry and events around it.
class Guard {
public:
    Guard(std::string source, std::unique_ptr<Adapter> adapter, Limits limits, std::shared_ptr<SourceState> state,
          telemetry::Sink& sink);

    [[nodiscard]] boost::asio::awaitable<Result<Reply>> ask(Ask what, Errand errand);
    [[nodiscard]] boost::asio::awaitable<Status> probe(Errand errand);
    [[nodiscard]] const std::string& source() const noexcept { return source_; }
    [[nodiscard]] const Limits& limits() const noexcept { return limits_; }

private:
    std::string source_;
    std::unique_ptr<Adapter> adapter_;
    Limits limits_;
    std::shared_ptr<SourceState> state_;
    telemetry::Sink& sink_;
};

}  // namespace datong::adapter
