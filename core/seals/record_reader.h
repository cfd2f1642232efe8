#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/evidence/segment.h"

namespace datong::seals {

/// "intent", "seal" ... of a record's payload, without parsing it; empty when it says none in its usual place.
[[nodiscard]] std::string_view kind_of(std::string_view payload);

/// Whether it is a record about records, seal or stamp, which alone is no reason for another seal.
[[nodiscard]] bool is_of_seals(std::string_view kind);

/// Reads the payloads of a folder one after the other from one number on, over all segments, archived ones too. Checks
/// frames and numbers, not the chain. Used by one thread; the writer may append and segments be archived meanwhile.
class RecordReader {
public:
    /// @param number  of the record that next() gives first.
    RecordReader(std::string folder, std::uint64_t number) : folder_{std::move(folder)}, number_{number} {}

    /// The payload, which holds until the next call; nullopt where the folder ends before it, with half a
    /// frame at the very end too: the writer is at it.
    /// @return Fault::evidence_unavailable when the record is damaged or missing, or the folder can't be read.
    [[nodiscard]] Result<std::optional<std::string_view>> next();
    /// The same of a record that is known to be durable. @return Fault::evidence_unavailable when it is not there.
    [[nodiscard]] Result<std::string_view> next_durable();
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    /// By what the chain follows from the payload that was given last.
    [[nodiscard]] evidence::ChainHash chain_hash() const noexcept { return chain_hash_; }
    /// Another one at the same place. It has read nothing ahead: of what was not durable then, other octets may have
    /// come to stand in its place.
    [[nodiscard]] RecordReader fork() const;

private:
    [[nodiscard]] Status open();
    [[nodiscard]] Status open_segment_of_number();
    [[nodiscard]] Status open_at_head(const evidence::Segment& segment);
    [[nodiscard]] Result<std::optional<evidence::Segment>> find_later_segment() const;

    std::string folder_;
    std::uint64_t number_;
    std::string path_;        ///< of the segment, where it was opened; empty before the first
    std::uint64_t first_{};   ///< the segment's first number
    std::uint64_t offset_{};  ///< of the next frame in it
    evidence::ChainHash chain_hash_{evidence::ChainHash::sha256};
    std::optional<evidence::SegmentReader> reader_;
};

/// The payload of one record. @return Fault::no_such_resource when the folder has none of that number.
[[nodiscard]] Result<std::string> read_record(const std::string& folder, std::uint64_t number);

}  // namespace datong::seals
