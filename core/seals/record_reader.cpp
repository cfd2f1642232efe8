#include "core/seals/record_reader.h"

#include <filesystem>
#include <utility>

#include "core/evidence/frame.h"

namespace datong::seals {
namespace {

using Step = evidence::SegmentReader::Step;

tl::unexpected<Error> damaged(const std::string& path, std::uint64_t number) {
    return fail(Fault::evidence_unavailable,
                "evidence: " + path + ": record " + std::to_string(number) + " can't be read; verify the folder");
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
        const Step step = reader_->next();
        if (step == Step::record && evidence::has_number(reader_->payload(), number_)) {
            ++number_;
            offset_ = reader_->offset() + evidence::kFrameHeadSize + reader_->payload().size();
            return std::optional<std::string_view>{reader_->payload()};
        }
        if (step != Step::end) {
            return damaged(path_, number_);
        }
        auto opened = open_next_segment();
        if (!opened) {
            return fail(std::move(opened.error()));
        }
        if (!*opened) {
            break;
        }
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
    other.offset_ = offset_;
    return other;
}

/// Goes on where it stopped, or finds where its number stands.
Status RecordReader::open() {
    if (path_.empty()) {
        return open_segment_of_number();
    }
    auto reader = evidence::SegmentReader::open(path_);
    if (!reader) {
        return fail(std::move(reader.error()));
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
        return {};  // nothing is there yet, or no longer
    }
    auto reader = evidence::SegmentReader::open(found->path);
    if (!reader) {
        return fail(std::move(reader.error()));
    }
    std::uint64_t offset = evidence::kSegmentHeaderSize;
    for (std::uint64_t at = found->first; at < number_; ++at) {
        const Step step = reader->next();
        if (step == Step::end) {
            return {};
        }
        if (step != Step::record || !evidence::has_number(reader->payload(), at)) {
            return damaged(found->path, at);
        }
        offset += evidence::kFrameHeadSize + reader->payload().size();
    }
    path_ = found->path;
    offset_ = offset;
    reader_.emplace(std::move(*reader));
    return {};
}

Result<bool> RecordReader::open_next_segment() {
    const std::string path = folder_ + '/' + evidence::segment_name(number_);
    std::error_code failure;
    if (path == path_ || !std::filesystem::exists(path, failure)) {
        return false;
    }
    auto reader = evidence::SegmentReader::open(path);
    if (!reader) {
        return fail(std::move(reader.error()));
    }
    path_ = path;
    offset_ = evidence::kSegmentHeaderSize;
    reader_.emplace(std::move(*reader));
    return true;
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
