#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/evidence/log.h"
#include "core/seals/record_reader.h"
#include "core/seals/stamp.h"
#include "core/telemetry/sink.h"

namespace datong::seals {

/// A time-stamping authority that is asked.
struct Authority {
    std::string url;
    StampTrust trust;
};

struct StamperSettings {
    std::string folder;
    std::vector<Authority> authorities;       ///< asked in this order until one answers well
    std::chrono::milliseconds retry{30'000};  ///< after none of them did
    std::chrono::seconds refuse_after{};      ///< is_overdue() when a seal waits for longer; 0: never
    std::uint64_t from{1};                    ///< no seal before this record waits for its stamp
};

/// Has the seals time-stamped (时间戳) on a thread of its own, off the path of calls and of sealing, each once and in
/// their order. While no authority answers, seals stand unstamped; they are caught up by itself. A seal of a clock that
/// was ahead, to which every token is too old, is passed over for those behind it, and given up when one of them got
/// its stamp: that one holds the chain before it. May be asked from any thread.
class Stamper {
public:
    /// What only the outside can do: a request (DER) to an authority and its answer. Called on the stamper's thread;
    /// may block a bounded time.
    using Ask = std::function<Result<std::string>(const std::string& url, const std::string& request)>;

    Stamper(StamperSettings settings, evidence::Log& log, Ask ask, const Clock& clock, telemetry::Sink& sink);
    ~Stamper();  ///< ends the thread, when what it asks has ended
    Stamper(const Stamper&) = delete;
    Stamper& operator=(const Stamper&) = delete;

    void start();
    /// One round on the calling thread, of a stamper that was not started: stamps what can be stamped now.
    /// @return Fault::unavailable when no authority answered well; Fault::evidence_unavailable for the log.
    [[nodiscard]] Status stamp_now();

    /// Seals that wait for their stamp; of very many the first thousands.
    [[nodiscard]] std::size_t unstamped() const noexcept { return unstamped_; }
    /// Number of the last seal that has its stamp, as all before it that were not given up; 0: none.
    [[nodiscard]] std::uint64_t stamped() const noexcept { return stamped_; }
    /// Whether a seal has waited for longer than `refuse_after`.
    [[nodiscard]] bool is_overdue() const;

private:
    using Time = std::chrono::system_clock::time_point;

    void run(const std::stop_token& stop);
    [[nodiscard]] Status look();
    [[nodiscard]] Status take(std::string_view payload, std::uint64_t number);
    [[nodiscard]] Status stamp_waiting(const std::stop_token& stop);
    [[nodiscard]] Result<std::optional<std::string>> fetch(const Stampable& seal);
    [[nodiscard]] Status keep(const Stampable& seal, std::string token);
    void settle(std::uint64_t number);
    void pass_over(Time early);
    void show();
    void note(const Status& done);

    const StamperSettings settings_;
    evidence::Log& log_;
    const Ask ask_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    RecordReader reader_;
    std::deque<Stampable> waiting_;
    std::atomic<std::size_t> unstamped_{};
    std::atomic<std::uint64_t> stamped_{};
    std::atomic<Time::rep> oldest_{};  ///< the earliest time of a seal that waits; 0: none waits
    std::string why_early_;            ///< what was said of a token that is older than its seal
    bool is_failing_{};
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;  // last: it uses all the others
};

}  // namespace datong::seals
