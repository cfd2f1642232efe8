#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace datong::evidence {

/// A segment file begins with: "DATONG-EVIDENCE 1\n", the first record's number (8 octets), the hash
/// before it (32 octets), CRC-32 of all that (4 octets). Numbers are little-endian.
struct SegmentHeader {
    std::uint64_t first{};  ///< number of the first record in the segment
    std::string previous;   ///< 32 octets: SHA-256 of the record before it; zeros before record 1
};
inline constexpr std::size_t kSegmentHeaderSize = 62;

/// Behind it stand frames: length of the payload (4 octets), CRC-32 of the payload (4 octets), payload.
inline constexpr std::size_t kFrameHeadSize = 8;
/// Over that no record is written, and a length read is damage.
inline constexpr std::size_t kMaxPayload = 16U << 20;

[[nodiscard]] std::string write_segment_header(const SegmentHeader& header);
/// nullopt when short, of another magic or damaged.
[[nodiscard]] std::optional<SegmentHeader> read_segment_header(std::string_view bytes);
void append_frame(std::string& out, std::string_view payload);

struct FrameHead {
    std::uint32_t length{};
    std::uint32_t crc{};
};
/// @param bytes  at least kFrameHeadSize.
[[nodiscard]] FrameHead read_frame_head(std::string_view bytes);
[[nodiscard]] bool is_plausible(const FrameHead& head);
[[nodiscard]] bool fits(const FrameHead& head, std::string_view payload);

/// Where a record stands in the chain.
struct Link {
    std::uint64_t number{1};
    std::string previous = std::string(32, '\0');  ///< octets of the hash before it
};

/// The record's payload: {"n":NUMBER,"prev":"HEX",...the entry's members...,"durable":NUMBER}.
/// @param entry    a JSON object, compact.
/// @param durable  number of the last record that was durable when this one was written: what a later
///                 record calls durable can't be torn.
[[nodiscard]] std::string make_payload(const Link& link, std::uint64_t durable, std::string_view entry);
/// Whether the payload says that it has this place.
[[nodiscard]] bool has_number(std::string_view payload, std::uint64_t number);
[[nodiscard]] bool has_link(std::string_view payload, const Link& link);
[[nodiscard]] std::optional<std::uint64_t> durable_of(std::string_view payload);

/// "000000000001.dlog"
[[nodiscard]] std::string segment_name(std::uint64_t first);
[[nodiscard]] std::optional<std::uint64_t> segment_number(std::string_view file_name);

}  // namespace datong::evidence
