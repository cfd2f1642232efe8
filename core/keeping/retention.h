#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/telemetry/sink.h"

namespace datong::keeping {

/// Something that a node does away with by itself once it is old enough.
struct Duty {
    std::string name;           ///< "bodies", "segments": a label of metrics
    std::chrono::days after{};  ///< what is older
    /// Does away with all from before a moment, and has it in the chain before.
    /// @param before  RFC 3339 at +08:00, the beginning of a day. @return how many there were.
    std::function<Result<std::int64_t>(const std::string& before)> act;
};

/// Does a node's duties beside its calls, on a thread of its own: at the start and whenever a day has begun. What fails
/// is tried again within minutes, and told by a log line and metrics until it is done. Used by any thread.
class Retention {
public:
    /// @param every  how often it looks whether there is something to do.
    Retention(std::vector<Duty> duties, std::chrono::milliseconds every, const Clock& clock, telemetry::Sink& sink);
    ~Retention();  ///< ends the thread, after what it is doing now
    Retention(const Retention&) = delete;
    Retention& operator=(const Retention&) = delete;

    /// Names of the duties that failed when they were tried last.
    [[nodiscard]] std::vector<std::string> failing() const;

private:
    struct Standing {
        Duty duty;
        std::string done_before{};  ///< what is older than this is gone
        bool is_failing{};
    };
    void run(const std::stop_token& stop);
    void look(Standing& one);
    void note(Standing& one, const Result<std::int64_t>& done);

    std::vector<Standing> duties_;
    const std::chrono::milliseconds every_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;  // last: it uses all the others
};

}  // namespace datong::keeping
