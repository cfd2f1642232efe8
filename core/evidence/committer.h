#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/evidence/chain_writer.h"
#include "core/evidence/log.h"
#include "core/evidence/strangers.h"
#include "core/telemetry/sink.h"

namespace datong::evidence {

/// Who waits for an entry: told once, on the writer's thread, or on the caller's when the queue is full.
class Waiter {
public:
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    virtual ~Waiter() = default;
    virtual void tell(Result<Place> place) = 0;
};

/// One entry on its way to the disk.
struct Pending {
    std::string entry;               ///< a JSON object, compact
    std::shared_ptr<Waiter> waiter;  ///< null where nobody waits
    std::string stranger_fault;      ///< of refusals that nobody waits for: counted when they are lost
    std::size_t stranger_count{1};
    bool is_owed{};                                 ///< tried again until it is written
    std::chrono::steady_clock::time_point since{};  ///< when it was queued
};

/// The one writer thread and its queue (group commit): whatever is queued when the disk is free goes in
/// one write and one fdatasync, so that nobody waits longer than for the write before his own. May be
/// used from many threads.
class Committer {
public:
    Committer(const LogSettings& settings, std::unique_ptr<ChainWriter> writer, const Clock& clock,
              telemetry::Sink& sink);
    ~Committer();  ///< writes what is queued, then ends the thread
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    void submit(Pending pending);
    /// A refusal that nobody waits for: counted when over the minute's cap or when there is no room.
    void submit_stranger(std::string entry, const std::string& fault);
    /// Written with the next batch that goes through, or by itself within the time of a retry.
    void owe(std::string entry);
    [[nodiscard]] bool healthy();
    [[nodiscard]] Space space() const noexcept { return space_; }
    [[nodiscard]] Status takes_calls();
    void hold_calls(std::string why);
    /// Number of the last durable record; 0: none.
    [[nodiscard]] std::uint64_t durable() const noexcept { return durable_; }

private:
    using Batch = std::vector<Pending>;

    [[nodiscard]] bool enqueue(Pending& pending);
    void run();
    [[nodiscard]] Batch take();
    void add_counted(Batch& batch, const std::vector<RefusalsCounted>& counted);
    void add_owed(Batch& batch);
    void commit(Batch batch);
    void note_crowd(std::size_t waited);
    void complete(Batch batch, Result<std::vector<Place>> places);
    void look_at_space();
    void say_space(Space space);
    void set_healthy(bool now_healthy, std::string_view reason);
    [[nodiscard]] bool is_stuck();

    const std::size_t max_batch_;
    const std::size_t max_queue_;
    const std::chrono::microseconds spacing_;
    const std::chrono::milliseconds retry_;
    const std::chrono::milliseconds stuck_after_;
    std::unique_ptr<ChainWriter> writer_;
    std::atomic<std::uint64_t> durable_;
    std::atomic<Space> space_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    Strangers strangers_;
    std::atomic<bool> healthy_{true};

    std::chrono::steady_clock::time_point looked_{};  ///< at the segments; the writer's thread only

    std::atomic<bool> stopping_{};  ///< set under the mutex, so that no wait misses it

    std::mutex mutex_;  ///< of what follows
    std::condition_variable wake_;
    std::deque<Pending> queue_;
    std::deque<std::string> owed_;
    std::string held_;                                                    ///< why no call may begin; empty: they may
    std::chrono::steady_clock::time_point last_begun_{};                  ///< of the commit before
    std::size_t last_size_{};                                             ///< of its batch
    std::size_t crowd_{1};                                                ///< so many waited at once of late
    std::optional<std::chrono::steady_clock::time_point> writing_since_;  ///< when the oldest being written was queued
    std::thread thread_;                                                  // last: it uses all the others
};

}  // namespace datong::evidence
