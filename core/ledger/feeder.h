#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "core/ledger/index.h"
#include "core/telemetry/sink.h"

namespace datong::ledger {

/// Keeps the index fed from the log, on a thread of its own and off the path of calls: it reads what is durable
/// already.
class Feeder {
public:
    /// What it asks and tells, on its own thread.
    struct Calls {
        std::function<std::uint64_t()> durable;  ///< number of the log's last durable record
        std::function<void()> caught_up{};       ///< all that was durable is in the index; after each look
    };
    Feeder(std::shared_ptr<Index> index, std::string evidence_folder, Calls calls, telemetry::Sink& sink);
    ~Feeder();  ///< ends the thread; what was not taken up is at the next start
    Feeder(const Feeder&) = delete;
    Feeder& operator=(const Feeder&) = delete;

    [[nodiscard]] Index& index() const { return *index_; }

private:
    void run(const std::stop_token& stop);
    void note(const Status& fed);

    std::shared_ptr<Index> index_;
    const std::string folder_;
    const Calls calls_;
    telemetry::Sink& sink_;
    bool is_failing_{};
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;  // last: it uses all the others
};

}  // namespace datong::ledger
