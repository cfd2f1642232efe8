#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/adapter/adapter.h"
#include "core/async/pool.h"
#include "core/catalogue/snapshot.h"
#include "core/record/record.h"
#include "core/telemetry/sink.h"
#include "core/workbench/shadow.h"

namespace datong::exchange {

/// What a candidate mapping needs to be tried on one reply. Holds personal data for as long as that takes.
struct Trial {
    std::shared_ptr<const catalogue::Snapshot> snapshot;  ///< keeps the service
    const catalogue::Service* service{};
    std::shared_ptr<const adapter::Reply> reply;
    record::Record context;
    std::chrono::system_clock::time_point now;
};

/// Runs candidate versions of response mappings beside those in force (影子运行): once the answer is on its
/// way, on a thread of its own, and keeps counts only. Any thread.
class Shadows {
public:
    /// @param pool  one thread; what it has no room for is left out and counted.
    Shadows(std::shared_ptr<async::Pool> pool, telemetry::Sink& sink);

    /// Tries the candidates of one call.
    void run(std::vector<Trial> trials) const;
    /// The counts of a service's candidate so far, as `datong map shadow report` reads them; nullopt where
    /// nothing was compared yet. They begin anew with another version of either mapping, and with the program.
    [[nodiscard]] std::optional<record::Record> counts(std::string_view service) const;

private:
    struct State;
    std::shared_ptr<async::Pool> pool_;
    telemetry::Sink& sink_;
    std::shared_ptr<State> state_;  ///< shared with work that is still under way
};

/// Whether a call's reply is to be tried on the service's candidate.
[[nodiscard]] bool has_trial(const catalogue::Service& service, std::string_view exchange);

}  // namespace datong::exchange
