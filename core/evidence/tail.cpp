#include "core/evidence/tail.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "core/evidence/segment.h"

namespace datong::evidence {
namespace {

Error damage(const std::string& path, std::uint64_t number) {
    return {Fault::evidence_unavailable,
            "evidence: " + path + ": record " + std::to_string(number) + " is damaged, not torn; verify the folder"};
}

std::string bytes_from(const std::string& path, std::uint64_t offset) {
    std::ifstream file{path, std::ios::binary};
    file.seekg(static_cast<std::streamoff>(offset));
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return std::move(bytes).str();
}

/// The last number that a whole record somewhere in the bytes calls durable; 0 when there is none. A
/// crash may leave pages of one write in any order, so that whole frames can follow a torn one.
std::uint64_t durable_within(std::string_view bytes) {
    constexpr std::string_view kBegin = R"({"n":)";
    std::uint64_t most = 0;
    for (std::size_t at = bytes.find(kBegin); at != std::string_view::npos; at = bytes.find(kBegin, at + 1)) {
        if (at < kFrameHeadSize) {
            continue;
        }
        const FrameHead head = read_frame_head(bytes.substr(at - kFrameHeadSize));
        const std::string_view payload = bytes.substr(at, head.length);
        if (is_plausible(head) && fits(head, payload)) {
            most = std::max(most, durable_of(payload).value_or(0));
        }
    }
    return most;
}

/// Follows the chain through the segment; gives the place behind the last good record.
SegmentReader::Step follow(SegmentReader& reader, Link& link) {
    auto step = reader.next();
    while (step == SegmentReader::Step::record && has_link(reader.payload(), link)) {
        link = Link{.number = link.number + 1, .previous = reader.hash()};
        step = reader.next();
    }
    return step;
}

/// Of a segment whose header was never finished: it can't have records, for the header is durable first.
Result<Tail> tail_of_unfinished(const Segment& segment, const std::vector<Segment>& all);

Result<Tail> tail_of(const Segment& segment, const std::vector<Segment>& all) {
    auto reader = SegmentReader::open(segment.path);
    if (!reader) {
        return fail(std::move(reader.error()));
    }
    if (!reader->has_header()) {
        return tail_of_unfinished(segment, all);
    }
    Link link{.number = reader->header().first, .previous = reader->header().previous};
    if (link.number != segment.first) {
        return fail(damage(segment.path, segment.first));
    }
    const auto step = follow(*reader, link);
    Tail tail{.next = link, .path = segment.path, .header = reader->header(), .size = reader->offset()};
    if (step == SegmentReader::Step::record) {  // whole, but in the wrong place
        return fail(damage(segment.path, link.number));
    }
    if (step == SegmentReader::Step::end && reader->trailer()) {
        if (reader->trailer()->records != link.number - segment.first || reader->trailer()->last != link.previous) {
            return fail(damage(segment.path, link.number));
        }
        return Tail{.next = link, .path = {}, .header = {}, .is_closed = true};
    }
    if (step != SegmentReader::Step::end) {
        const std::string rest = bytes_from(segment.path, tail.size);
        if (durable_within(rest) >= link.number) {
            return fail(damage(segment.path, link.number));
        }
        tail.torn = rest.size();
    }
    return tail;
}

Result<Tail> tail_of_unfinished(const Segment& segment, const std::vector<Segment>& all) {
    std::error_code failure;
    const auto size = std::filesystem::file_size(segment.path, failure);
    if (failure || size > kSegmentHeaderSize) {
        return fail(damage(segment.path, segment.first));
    }
    Result<Tail> before = Tail{};
    if (all.size() > 1) {
        before = tail_of(all[all.size() - 2], {all.begin(), all.end() - 1});
    }
    if (!before) {
        return before;
    }
    if (before->next.number != segment.first || before->torn != 0) {
        return fail(damage(segment.path, segment.first));
    }
    return Tail{.next = before->next, .path = {}, .header = {}, .is_closed = before->is_closed};  // begun anew
}

}  // namespace

Result<Tail> find_tail(const std::string& folder) {
    const auto segments = list_segments(folder);
    if (!segments) {
        return fail(segments.error());
    }
    if (segments->empty()) {
        return Tail{};
    }
    return tail_of(segments->back(), *segments);
}

}  // namespace datong::evidence
