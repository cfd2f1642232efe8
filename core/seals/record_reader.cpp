#include "core/seals/record_reader.h"

#include <algorithm>
#include <utility>

#include "core/evidence/frame.h"

namespace datong::seals {
namespace {

using Step = evidence::SegmentReader::Step;

tl::unexpected<Error> damaged(const std::string& path, std::uint64_t number) {
    return fail(Fault::evidence_unavailable,
                "evidence: " + path + ": record " + std::to_string(number) + " can't be read; verify the folder");
}

/// It may be archived between being listed and being opened.
Result<evidence::SegmentReader> open_segment(const std::string& folder, const evidence::Segment& segment) {
    auto reader = evidence::SegmentReader::open(segment.path);
    if (reader) {
        return reader;
    }
    const auto again = evidence::list_segments(folder);
    if (!again) {
        return fail(again.error());
    }
    const auto moved = std::ranges::find(*again, segment.first, &evidence::Segment::first);
    return moved == again->end() ? std::move(reader) : evidence::SegmentReader::open(moved->path);
}

}  // namespace

std::string_view kind_of(std::string_view payload) {
    // {"n":NUMBER,"prev":"64 digits","kind":"..."
    constexpr std::string_view kPrevious = R"(,"prev":")";
    constexpr std::string_view kKind = R"(","kind":")";
    constexpr std::size_t kDigits = 64;
    const std::size_t previous = payload.find(kPrevious);
    if (previous == std::string_view::npos || payload.size() < previous + kPrevious.size() + kDigits) {
        return {};
    }
    std::string_view rest = payload.substr(previous + kPrevious.size() + kDigits);
    if (!rest.starts_with(kKind)) {
        return {};
    }
    rest.remove_prefix(kKind.size());
    return rest.substr(0, rest.find('"'));
}

bool is_of_seals(std::string_view kind) {
    return kind == "seal" || kind == "stamp";
}

Result<std::optional<std::string_view>> RecordReader::next() {
    if (auto opened = reader_ ? Status{} : open(); !opened) {
        return fail(std::move(opened.error()));
    }
    while (reader_) {
        Step step = reader_->next();
        if (step == Step::end || step == Step::incomplete) {
            const auto later = find_later_segment();
            if (!later) {
                return fail(later.error());
            }
            if (!*later) {
                break;  // the end; half a frame is one that is being written
            }
            reader_->go_to(reader_->offset());  // the writer may have gone on meanwhile, and then to a new segment
            step = reader_->next();
            if (step == Step::end && (*later)->first == number_) {
                if (auto opened = open_at_head(**later); !opened) {
                    return fail(std::move(opened.error()));
                }
                continue;
            }
        }
        if (step != Step::record || !evidence::has_number(reader_->payload(), number_)) {
            return damaged(path_, number_);
        }
        ++number_;
        offset_ = reader_->next_offset();
        chain_hash_ = reader_->header().hash;
        return std::optional<std::string_view>{reader_->payload()};
    }
    return std::optional<std::string_view>{};
}

Result<std::string_view> RecordReader::next_durable() {
    auto payload = next();
    if (!payload) {
        return fail(std::move(payload.error()));
    }
    if (!*payload) {
        return damaged(folder_, number_);
    }
    return **payload;
}

RecordReader RecordReader::fork() const {
    RecordReader other{folder_, number_};
    other.path_ = path_;
    other.first_ = first_;
    other.offset_ = offset_;
    other.chain_hash_ = chain_hash_;
    return other;
}

/// Goes on where it stopped, or finds where its number stands: the segment may have been archived meanwhile.
Status RecordReader::open() {
    auto reader = path_.empty() ? fail(Fault::evidence_unavailable, {}) : evidence::SegmentReader::open(path_);
    if (!reader) {
        return open_segment_of_number();
    }
    reader->go_to(offset_);
    reader_.emplace(std::move(*reader));
    return {};
}

Status RecordReader::open_segment_of_number() {
    const auto segments = evidence::list_segments(folder_);
    if (!segments) {
        return fail(segments.error());
    }
    const evidence::Segment* found = nullptr;
    for (const evidence::Segment& segment : *segments) {
        found = segment.first <= number_ ? &segment : found;
    }
    if (found == nullptr) {
        return number_ == 0 || segments->empty() ? Status{} : damaged(folder_, number_);
    }
    auto reader = open_segment(folder_, *found);
    if (!reader) {
        return fail(std::move(reader.error()));
    }
    const bool is_last = found == &segments->back();
    for (std::uint64_t at = found->first; at < number_; ++at) {
        const Step step = reader->next();
        if (is_last && (step == Step::end || step == Step::incomplete)) {
            return {};
        }
        if (step != Step::record || !evidence::has_number(reader->payload(), at)) {
            return damaged(found->path, at);
        }
    }
    path_ = found->path;
    first_ = found->first;
    offset_ = reader->next_offset();
    reader_.emplace(std::move(*reader));
    return {};
}

/// The first segment behind this one, wherever it stands; nullopt when this is the last.
Result<std::optional<evidence::Segment>> RecordReader::find_later_segment() const {
    auto segments = evidence::list_segments(folder_);
    if (!segments) {
        return fail(std::move(segments.error()));
    }
    const auto later = std::ranges::find_if(*segments, [this](const auto& one) { return one.first >= number_; });
    // one without a record yet begins with the number that is looked for
    const bool is_last = later == segments->end() || later->first == first_;
    return is_last ? std::optional<evidence::Segment>{} : std::optional{std::move(*later)};
}

Status RecordReader::open_at_head(const evidence::Segment& segment) {
    auto reader = open_segment(folder_, segment);
    if (!reader) {
        return fail(std::move(reader.error()));
    }
    path_ = segment.path;
    first_ = segment.first;
    offset_ = reader->next_offset();
    reader_.emplace(std::move(*reader));
    return {};
}

Result<std::string> read_record(const std::string& folder, std::uint64_t number) {
    RecordReader reader{folder, number};
    auto payload = reader.next();
    if (!payload) {
        return fail(std::move(payload.error()));
    }
    if (number == 0 || !*payload) {
        return fail(Fault::no_such_resource, "evidence: no record " + std::to_string(number));
    }
    return std::string{**payload};
}

}  // namespace datong::seals
