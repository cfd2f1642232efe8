#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/evidence/frame.h"

namespace datong::evidence {

/// One segment file of a folder.
struct Segment {
    std::string path;
    std::uint64_t first{};  ///< as its name says
};

/// In order of their numbers; files that are no segments are passed over. Those of the archives that the folder names
/// (file `archives`, an absolute path a line) are among them.
[[nodiscard]] Result<std::vector<Segment>> list_segments(const std::string& folder);

/// Reads one segment frame by frame. Used by one thread; the writer may append meanwhile.
class SegmentReader {
public:
    enum class Step {
        record,      ///< payload() holds a record whose CRC is right
        end,         ///< nothing follows; trailer() says whether the segment is closed
        incomplete,  ///< the file ends inside a frame
        damaged,     ///< an impossible length, or the CRC does not fit
    };

    /// @return Fault::evidence_unavailable when the file can't be opened.
    [[nodiscard]] static Result<SegmentReader> open(const std::string& path);

    /// False when the segment's header is missing, short or damaged.
    [[nodiscard]] bool has_header() const noexcept { return has_header_; }
    [[nodiscard]] const SegmentHeader& header() const noexcept { return header_; }
    [[nodiscard]] Step next();
    [[nodiscard]] const std::string& payload() const noexcept { return payload_; }
    /// The hash of payload(), by which the next record follows it.
    [[nodiscard]] std::string hash() const { return hash_of(header_.hash, payload_); }
    /// Behind the last record, once next() came to the end; nullopt where the segment is not closed.
    [[nodiscard]] const std::optional<SegmentTrailer>& trailer() const noexcept { return trailer_; }
    /// The next frame is looked for at this octet of the file.
    void go_to(std::uint64_t offset);
    /// Where the frame begins that the last next() looked at; behind the last one at the end.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    /// Where the next one begins.
    [[nodiscard]] std::uint64_t next_offset() const noexcept { return next_offset_; }

private:
    explicit SegmentReader(std::ifstream file) : file_{std::move(file)} {}
    [[nodiscard]] std::size_t read(std::string& into, std::size_t count);
    [[nodiscard]] Step read_trailer(std::string head);

    std::ifstream file_;
    SegmentHeader header_;
    bool has_header_{};
    std::string payload_;
    std::optional<SegmentTrailer> trailer_;
    std::uint64_t offset_{};
    std::uint64_t next_offset_{};
};

/// That segments read one after the other are a log from its first record on, without a hole: for who reads records and
/// proves nothing. What is not there, as in an archive that is not mounted, would be passed over in silence.
class Gapless {
public:
    /// Before a segment's records are read. @return Fault::evidence_unavailable where it does not go on from the one
    /// before.
    [[nodiscard]] Status begin(const Segment& segment, const SegmentReader& reader, bool is_last);
    void count() noexcept { ++next_; }  ///< a record of it
    /// @param step  what came behind its last record. Only the last segment may end within one: the writer is at it.
    [[nodiscard]] Status end(const SegmentReader& reader, SegmentReader::Step step, bool is_last);
    [[nodiscard]] std::uint64_t next() const noexcept { return next_; }  ///< number of the next record

private:
    std::uint64_t next_{1};
    std::uint64_t first_{1};                        ///< of the segment that is read
    std::string previous_ = std::string(32, '\0');  ///< hash of the last record before it
};

}  // namespace datong::evidence
