#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/evidence/files.h"
#include "core/evidence/frame.h"
#include "core/record/record.h"
#include "core/telemetry/sink.h"

namespace datong::evidence {

/// Where a record stands.
struct Place {
    std::uint64_t number{};  ///< counted from 1 over all segments
    std::string hash;        ///< 32 octets: of the record's payload, by the chain's hash
};

/// What room is left for evidence.
enum class Space {
    enough,
    low,   ///< somebody must make room: readiness ends
    full,  ///< no call may begin; what is left is for the outcomes of those that did
};

struct LogSettings {
    std::string folder;
    std::uint64_t max_bytes{};  ///< of all segments together; 0: as many as the disk has
    int ready_percent = 90;     ///< of it used: the space is low; of a disk only when less than 1 GiB is left
    std::uint64_t segment_bytes = 256ULL << 20;
    std::chrono::seconds segment_age{};  ///< a segment with records is closed when it is older; 0: by size only
    ChainHash hash = ChainHash::sha256;  ///< another than the last segment's begins a new one
    std::size_t max_batch = 256;
    std::size_t max_queue = 20'000;  ///< over that, append fails at once with evidence_unavailable
    /// Under load commits begin at least this far apart, so that more records share one fdatasync, which
    /// costs the same for one and for a hundred; the pause grows with the batch before. As soon as so many wait as
    /// waited at once of late there is none: nobody else is likely to come.
    std::chrono::microseconds spacing{4000};
    int strangers_a_minute = 600;           ///< refusals of unknown callers kept in full
    std::chrono::milliseconds retry{1000};  ///< an unhealthy log tries its disk this often
    /// Unhealthy while the oldest entry that is not durable has waited longer: a disk that hangs reports no failure.
    std::chrono::milliseconds stuck_after{5000};
};

/// The append-only, hash-chained log (存证). One writer thread; everyone who waits shares one fdatasync.
/// May be used from every loop; goes before the loops that await it.
class Log {
public:
    /// Opens or makes the folder, checks the last segment's tail and cuts a torn record off (an event
    /// says so). A second process on the same folder is refused.
    [[nodiscard]] static Result<std::unique_ptr<Log>> open(LogSettings settings, std::unique_ptr<Files> files,
                                                           const Clock& clock, telemetry::Sink& sink);
    ~Log();  ///< writes what is queued, then closes

    /// Durable when it returns. @return Fault::evidence_unavailable when it can't be.
    [[nodiscard]] boost::asio::awaitable<Result<Place>> append(std::string json);
    /// Not waited for: a stranger's refusal. Over the cap of the minute it is only counted.
    void note_stranger(std::string json, const std::string& fault);
    /// Not waited for and never dropped while the process lives: written as soon as the disk takes anything again, for
    /// the last word on an exchange whose outcome could not be kept.
    void owe(std::string json);
    /// Waits on the calling thread, which must be no loop: for start-up records.
    [[nodiscard]] Result<Place> append_now(std::string json);
    /// Whether the last write was good and nobody waits for longer than `stuck_after`. After a bad one the
    /// writer tries the disk again by itself.
    [[nodiscard]] bool healthy() const;
    [[nodiscard]] Space space() const;
    /// Whether a call may begin: else its end could not be kept.
    /// @return Fault::evidence_unavailable with why.
    [[nodiscard]] Status takes_calls() const;
    /// Lets no call begin, for what others than the disk demand. @param why  empty: calls may begin again.
    void hold_calls(std::string why);
    /// Number of the last durable record; 0: none. Whoever reads the folder meanwhile may read up to it.
    [[nodiscard]] std::uint64_t durable() const;

    struct State;

private:
    explicit Log(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace datong::evidence
