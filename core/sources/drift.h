#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/adapter/adapter.h"
#include "core/async/pool.h"
#include "core/base/clock.h"
#include "core/catalogue/snapshot.h"
#include "core/record/record.h"
#include "core/telemetry/sink.h"

namespace datong::sources {

/// A reply whose shape is to be looked at. Holds personal data for as long as that takes.
struct Seen {
    std::shared_ptr<const catalogue::Snapshot> snapshot;  ///< keeps the service
    const catalogue::Service* service{};
    std::shared_ptr<const adapter::Reply> reply;
    std::chrono::system_clock::time_point now;
};

/// Watches what departments' replies look like (漂移), once the answer is on its way and on a thread of its own, so
/// that a new code or a vanished field is known before citizens meet it. At most twenty replies a second of one
/// operation are looked at. Any thread.
class Drift {
public:
    /// @param pool  one thread; what it has no room for is left out and counted.
    /// @param file  where fingerprints are kept over a restart: written at most once in half a minute.
    Drift(std::shared_ptr<async::Pool> pool, std::string file, const Clock& clock, telemetry::Sink& sink);

    /// What the last run kept. @return Fault::internal when the file can't be read; then all begins anew.
    [[nodiscard]] Status recall();
    void look(std::vector<Seen> replies) const;
    /// {operations: [{source, operation, mapping, replies, changes: [{kind, path, detail, since, times}]}]}
    [[nodiscard]] record::Record report() const;
    /// Writes what is new since the last time.
    [[nodiscard]] Status save() const;

private:
    struct State;
    std::shared_ptr<async::Pool> pool_;
    telemetry::Sink& sink_;
    std::shared_ptr<State> state_;  ///< shared with work that is still under way
};

}  // namespace datong::sources
