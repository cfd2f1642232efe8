#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/adapter/adapter.h"
#include "core/adapter/source_state.h"

namespace datong::adapter {

/// An adapter with deadline, bulkhead, breaker, retry and events around it.
class Guard {
public:
    /// @param tools  its clock and sink must outlive the guard.
    Guard(std::string source, std::unique_ptr<Adapter> adapter, Limits limits, std::shared_ptr<SourceState> state,
          const Tools& tools);

    [[nodiscard]] boost::asio::awaitable<Result<Reply>> ask(Ask what, Errand errand);
    [[nodiscard]] boost::asio::awaitable<Result<Contact>> probe(Errand errand);
    [[nodiscard]] bool fetches_files() const { return adapter_->fetches_files(); }
    [[nodiscard]] std::string disabled() const { return adapter_->disabled(); }
    [[nodiscard]] std::vector<Warning> warnings() const { return adapter_->warnings(); }
    [[nodiscard]] const std::string& source() const noexcept { return source_; }
    [[nodiscard]] const Limits& limits() const noexcept { return limits_; }
    /// Whether the breaker is open now.
    [[nodiscard]] bool resting() const { return state_->resting(std::chrono::steady_clock::now()); }
    /// Why the department takes no calls now.
    [[nodiscard]] std::optional<Closed> closed() const { return state_->closed(limits_, clock_.now()); }
    [[nodiscard]] const SourceState& state() const noexcept { return *state_; }

private:
    /// Takes a place in the bulkhead, waiting for one as the limits allow.
    [[nodiscard]] boost::asio::awaitable<Status> enter(Deadline deadline);
    [[nodiscard]] boost::asio::awaitable<Result<Reply>> try_once(Ask what, Errand errand);
    void report(const Error& error, const Errand& errand, std::chrono::milliseconds waited);

    std::string source_;
    std::unique_ptr<Adapter> adapter_;
    Limits limits_;
    std::shared_ptr<SourceState> state_;
    const Clock& clock_;
    telemetry::Sink& sink_;
};

}  // namespace datong::adapter
