#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"
#include "core/evidence/frame.h"

namespace datong::evidence {

/// Where a log goes on.
struct Tail {
    Link next;             ///< place of the next record
    std::string path;      ///< segment to append to; empty: a new one must be begun
    SegmentHeader header;  ///< of that segment
    bool is_closed{};      ///< the last segment with records has its trailer
    std::uint64_t size{};  ///< octets of it that are whole records
    std::uint64_t torn{};  ///< octets behind them that a crash left: to be cut off
};

/// Reads the last segment of a folder from end to end.
/// @return Fault::evidence_unavailable when a record is damaged that a later one calls durable: that is
///         no torn write, and somebody must look before anything is appended.
[[nodiscard]] Result<Tail> find_tail(const std::string& folder);

}  // namespace datong::evidence
