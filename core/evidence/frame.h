#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace datong::evidence {

/// What the chain's hashes are made by, 32 octets both: SHA-256 (FIPS 180-4) or SM3 (GB/T 32905-2016). A record's hash
/// is made by that of the segment in which it stands; the next record brings it, in whichever segment.
enum class ChainHash : std::uint8_t { sha256, sm3 };

[[nodiscard]] std::string_view name_of(ChainHash hash);  ///< "sha256", "sm3"
[[nodiscard]] std::optional<ChainHash> chain_hash_by_name(std::string_view name);
[[nodiscard]] std::string hash_of(ChainHash hash, std::string_view octets);

/// A segment file begins with: "DATONG-EVIDENCE 2\n", the first record's number (8 octets), the hash before it (32
/// octets), when it was begun (8 octets, unix ms), its hash (1 octet: 0 SHA-256, 1 SM3), whether the segment before it
/// was closed with a trailer (1 octet: 1 so, 0 not, or there is none), CRC-32 of all that (4 octets). Numbers are
/// little-endian. One of earlier versions, "DATONG-EVIDENCE 1\n", has number, hash and CRC only, and is SHA-256.
struct SegmentHeader {
    std::uint64_t first{};              ///< number of the first record in the segment
    std::string previous;               ///< 32 octets: hash of the record before it; zeros before record 1
    std::uint64_t begun_ms{};           ///< 0 of an earlier version's
    ChainHash hash{ChainHash::sha256};  ///< of the records in the segment
    bool is_closed_before{};            ///< the segment before has its trailer
    bool is_old{};                      ///< of an earlier version: read, never written
    [[nodiscard]] std::size_t size() const noexcept;  ///< octets that it takes
};
inline constexpr std::size_t kSegmentHeaderSize = 72;
inline constexpr std::size_t kOldSegmentHeaderSize = 62;

/// A segment that is closed ends with: 4 octets FF, CRC-32 of what follows (4 octets), number of records (8 octets),
/// hash of the last one (32 octets), when it was closed (8 octets, unix ms). Nothing stands behind it.
struct SegmentTrailer {
    std::uint64_t records{};
    std::string last;  ///< 32 octets
    std::uint64_t closed_ms{};
};
inline constexpr std::size_t kSegmentTrailerSize = 56;

/// Behind it stand frames: length of the payload (4 octets), CRC-32 of the payload (4 octets), payload.
inline constexpr std::size_t kFrameHeadSize = 8;
/// Over that no record is written, and a length read is damage.
inline constexpr std::size_t kMaxPayload = 16U << 20;

/// Of this version, whatever is_old says.
[[nodiscard]] std::string write_segment_header(const SegmentHeader& header);
/// @param bytes  the beginning of a file. nullopt when short, of another magic or damaged.
[[nodiscard]] std::optional<SegmentHeader> read_segment_header(std::string_view bytes);
[[nodiscard]] std::string write_segment_trailer(const SegmentTrailer& trailer);
/// Whether a frame's head is the beginning of a trailer. @param bytes  at least kFrameHeadSize.
[[nodiscard]] bool is_trailer(std::string_view bytes);
/// nullopt when short or damaged.
[[nodiscard]] std::optional<SegmentTrailer> read_segment_trailer(std::string_view bytes);
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
