#include "core/evidence/segment.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace datong::evidence {

namespace {

/// Those of one folder, whatever their order.
Status add_segments(const std::string& folder, std::vector<Segment>& segments) {
    std::error_code failure;
    for (std::filesystem::directory_iterator at{folder, failure}, end; !failure && at != end; at.increment(failure)) {
        if (const auto first = segment_number(at->path().filename().string()); first) {
            segments.push_back({.path = at->path().string(), .first = *first});
        }
    }
    if (failure) {
        return fail(Fault::evidence_unavailable, "evidence: " + folder + ": " + failure.message());
    }
    return {};
}

}  // namespace

Result<std::vector<Segment>> list_segments(const std::string& folder) {
    std::vector<Segment> segments;
    if (auto added = add_segments(folder, segments); !added) {
        return fail(std::move(added.error()));
    }
    std::ifstream archives{folder + "/archives"};
    for (std::string archive; std::getline(archives, archive);) {
        std::vector<Segment> more;
        // an archive that is not there now is missing in the chain, and whoever needs it finds that
        [[maybe_unused]] const Status added = add_segments(archive, more);
        for (Segment& one : more) {  // a crash may have left one in both places
            const bool is_here = std::ranges::find(segments, one.first, &Segment::first) != segments.end();
            if (!is_here) {
                segments.push_back(std::move(one));
            }
        }
    }
    std::ranges::sort(segments, {}, &Segment::first);
    return segments;
}

Result<SegmentReader> SegmentReader::open(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        return fail(Fault::evidence_unavailable, "evidence: " + path + " can't be read");
    }
    SegmentReader reader{std::move(file)};
    std::string bytes;
    reader.next_offset_ = reader.read(bytes, kSegmentHeaderSize);
    if (auto header = read_segment_header(bytes); header) {
        reader.header_ = std::move(*header);
        reader.has_header_ = true;
        reader.go_to(reader.header_.size());
    }
    return reader;
}

std::size_t SegmentReader::read(std::string& into, std::size_t count) {
    into.resize(count);
    file_.read(into.data(), static_cast<std::streamsize>(count));
    into.resize(static_cast<std::size_t>(file_.gcount()));
    return into.size();
}

void SegmentReader::go_to(std::uint64_t offset) {
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    next_offset_ = offset;
}

SegmentReader::Step SegmentReader::next() {
    offset_ = next_offset_;
    std::string bytes;
    if (read(bytes, kFrameHeadSize) == 0) {
        return Step::end;
    }
    if (bytes.size() < kFrameHeadSize) {
        return Step::incomplete;
    }
    if (is_trailer(bytes)) {
        return read_trailer(std::move(bytes));
    }
    const FrameHead head = read_frame_head(bytes);
    if (!is_plausible(head)) {
        return Step::damaged;
    }
    if (read(payload_, head.length) < head.length) {
        return Step::incomplete;
    }
    if (!fits(head, payload_)) {
        return Step::damaged;
    }
    next_offset_ += kFrameHeadSize + head.length;
    return Step::record;
}

/// Nothing may stand behind it.
SegmentReader::Step SegmentReader::read_trailer(std::string head) {
    std::string rest;
    constexpr std::size_t kRest = kSegmentTrailerSize - kFrameHeadSize;
    if (read(rest, kRest) < kRest) {
        return Step::incomplete;
    }
    trailer_ = read_segment_trailer(head + rest);
    return trailer_ && read(rest, 1) == 0 ? Step::end : Step::damaged;
}

Status Gapless::begin(const Segment& segment, const SegmentReader& reader, bool is_last) {
    if (segment.first > next_) {
        return fail(Fault::evidence_unavailable, "records " + std::to_string(next_) + " to " +
                                                     std::to_string(segment.first - 1) +
                                                     " are missing: is the archive mounted?");
    }
    if (segment.first < next_) {
        return fail(Fault::evidence_unavailable, segment.path + " begins again at record " +
                                                     std::to_string(segment.first) + "; datong verify says more");
    }
    first_ = next_;
    if (!reader.has_header()) {  // a writer makes it durable before anything else
        return is_last ? Status{} : fail(Fault::evidence_unavailable, segment.path + " has no header");
    }
    const bool goes_on = reader.header().first == next_ && reader.header().previous == previous_;
    return goes_on ? Status{}
                   : fail(Fault::evidence_unavailable, segment.path + " does not follow the record before " +
                                                           std::to_string(next_) + "; datong verify says more");
}

Status Gapless::end(const SegmentReader& reader, SegmentReader::Step step, bool is_last) {
    if (step == SegmentReader::Step::damaged || (step == SegmentReader::Step::incomplete && !is_last)) {
        return fail(Fault::evidence_unavailable,
                    "record " + std::to_string(next_) + " is damaged; datong verify says more");
    }
    if (next_ > first_ && !is_last) {
        previous_ = reader.hash();
    }
    return {};
}

}  // namespace datong::evidence
