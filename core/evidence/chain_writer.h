#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/evidence/frame.h"
#include "core/evidence/log.h"
#include "core/evidence/tail.h"

namespace datong::evidence {

/// Writes batches of records behind each other into segment files. Used by one thread.
///
/// After a failed write the file is cut back to its last durable size before anything else is
/// written. After a failed fdatasync the kernel may have dropped the pages and call them clean, so the
/// file is cut back and never written again: the next batch begins a new segment. A segment that is full, old or of
/// another hash is closed by its trailer, durable before the next one is begun, whose header says whether it has one.
class ChainWriter {
public:
    ChainWriter(const LogSettings& settings, std::unique_ptr<Files> files, const Clock& clock);
    ~ChainWriter();
    ChainWriter(const ChainWriter&) = delete;
    ChainWriter& operator=(const ChainWriter&) = delete;

    /// Goes on behind the tail, whose torn octets are cut off, or begins a segment.
    [[nodiscard]] Status open(const Tail& tail);
    /// One write and one fdatasync for all entries.
    /// @param entries  JSON objects, compact.
    /// @return the places, all durable; Fault::evidence_unavailable: none of them is.
    [[nodiscard]] Result<std::vector<Place>> write(std::span<const std::string_view> entries);
    /// Number of the last durable record; 0: none.
    [[nodiscard]] std::uint64_t durable() const noexcept { return next_.number - 1; }
    /// Whether the disk takes a write again, by one that is cut off afterwards.
    [[nodiscard]] Status probe();
    /// Closes a segment that is old enough, as the next write would.
    [[nodiscard]] Status close_old();
    /// What room is left now. @param look  how much the segments take is looked up anew: some may have been taken away.
    [[nodiscard]] Space space(bool look);

private:
    enum class Trouble { none, must_cut, must_leave };

    [[nodiscard]] Status make_ready();
    [[nodiscard]] Status settle();
    [[nodiscard]] bool is_aged() const;
    [[nodiscard]] bool is_over() const;
    [[nodiscard]] Status close_segment();
    [[nodiscard]] Status begin_segment();
    [[nodiscard]] Status put(std::string_view block);
    void reserve_for(std::size_t bytes);
    void release() noexcept;

    std::string folder_;
    std::uint64_t segment_bytes_;
    std::chrono::seconds segment_age_;
    ChainHash hash_;
    std::unique_ptr<Files> files_;
    int file_{-1};
    std::uint64_t max_bytes_;
    int ready_percent_;
    std::uint64_t size_{};      ///< durable octets of the file
    std::uint64_t reserved_{};  ///< the disk keeps room for the file up to here
    std::uint64_t used_{};      ///< octets of all segments
    Link next_;
    SegmentHeader header_;  ///< of the segment that is written to
    bool is_closed_{};      ///< it has its trailer, or there is none yet and the one before it has
    const Clock& clock_;
    Trouble trouble_{Trouble::none};
};

}  // namespace datong::evidence
