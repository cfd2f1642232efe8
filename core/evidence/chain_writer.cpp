#include "core/evidence/chain_writer.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/evidence/segment.h"

namespace datong::evidence {
namespace {

Result<std::uint64_t> octets_of_segments(const std::string& folder) {
    const auto segments = list_segments(folder);
    if (!segments) {
        return fail(segments.error());
    }
    std::uint64_t all = 0;
    for (const Segment& segment : *segments) {
        std::error_code gone;
        const std::uintmax_t size = std::filesystem::file_size(segment.path, gone);
        all += gone ? 0 : size;
    }
    return all;
}

constexpr std::uint64_t kMs = 1'000;  ///< of a second

std::uint64_t now_ms(const Clock& clock) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(clock.now().time_since_epoch()).count());
}

}  // namespace

ChainWriter::ChainWriter(const LogSettings& settings, std::unique_ptr<Files> files, const Clock& clock)
    : folder_{settings.folder},
      segment_bytes_{settings.segment_bytes},
      segment_age_{settings.segment_age},
      hash_{settings.hash},
      files_{std::move(files)},
      max_bytes_{settings.max_bytes},
      ready_percent_{settings.ready_percent},
      clock_{clock} {
}

ChainWriter::~ChainWriter() {
    if (file_ >= 0) {
        release();
        files_->close(file_);
    }
}

Status ChainWriter::open(const Tail& tail) {
    next_ = tail.next;
    header_ = tail.header;
    is_closed_ = tail.is_closed;
    if (tail.path.empty()) {
        return begin_segment();
    }
    auto file = files_->open_to_append(tail.path);
    if (!file) {
        return fail(std::move(file.error()));
    }
    file_ = *file;
    size_ = tail.size;
    reserved_ = size_;
    if (tail.torn > 0) {
        trouble_ = Trouble::must_cut;
    }
    return settle();
}

Result<std::vector<Place>> ChainWriter::write(std::span<const std::string_view> entries) {
    if (auto ready = make_ready(); !ready) {
        return fail(std::move(ready.error()));
    }
    const ChainHash hash = header_.hash;
    const std::uint64_t durable = next_.number - 1;
    std::string block;
    std::vector<Place> places;
    places.reserve(entries.size());
    Link link = next_;
    for (const std::string_view entry : entries) {
        const std::string payload = make_payload(link, durable, entry);
        append_frame(block, payload);
        places.push_back({.number = link.number, .hash = hash_of(hash, payload)});
        link = Link{.number = link.number + 1, .previous = places.back().hash};
    }
    if (auto put_there = put(block); !put_there) {
        return fail(std::move(put_there.error()));
    }
    size_ += block.size();
    used_ += block.size();
    next_ = std::move(link);
    return places;
}

Status ChainWriter::probe() {
    if (auto ready = make_ready(); !ready) {
        return ready;
    }
    // zeros are no record, so a crash here leaves a torn tail like any other
    constexpr std::size_t kProbe = 4096;
    if (auto took = put(std::string(kProbe, '\0')); !took) {
        return took;
    }
    trouble_ = Trouble::must_cut;
    return settle();
}

Space ChainWriter::space(bool look) {
    constexpr std::uint64_t kMostReserve = 16U << 20;  // for the ends of thousands of calls
    constexpr std::uint64_t kPlenty = 1U << 30;
    if (look) {
        used_ = octets_of_segments(folder_).value_or(used_);
    }
    const auto disk = files_->room(folder_);
    if (!disk) {
        return Space::enough;  // a write will tell
    }
    const std::uint64_t on_disk = disk->available + (reserved_ - std::min(reserved_, size_));
    const std::uint64_t most = max_bytes_ > 0 ? max_bytes_ : disk->total;
    const std::uint64_t left = max_bytes_ > 0 ? std::min(on_disk, max_bytes_ - std::min(max_bytes_, used_)) : on_disk;
    if (left < std::min(kMostReserve, most / 32)) {
        return Space::full;
    }
    const bool is_low = left < most / 100 * static_cast<std::uint64_t>(100 - ready_percent_);
    return is_low && (max_bytes_ > 0 || left < kPlenty) ? Space::low : Space::enough;
}

/// So that a call whose intent was kept finds room for its outcome, and a commit has less of the file system to make
/// durable. A disk that has no such room may still have some.
void ChainWriter::reserve_for(std::size_t bytes) {
    constexpr std::uint64_t kStep = 4U << 20;
    if (size_ + bytes <= reserved_) {
        return;
    }
    const std::uint64_t step = std::max<std::uint64_t>(std::min(kStep, segment_bytes_), bytes);
    if (files_->reserve(file_, size_, step)) {
        reserved_ = size_ + step;
    }
}

/// Gives back what was reserved and not used.
void ChainWriter::release() noexcept {
    if (reserved_ > size_ && trouble_ == Trouble::none) {
        [[maybe_unused]] const Status given_back = files_->cut(file_, size_);
    }
}

/// Appends and makes durable; on failure cuts back at once if it can, else before the next write.
Status ChainWriter::put(std::string_view block) {
    reserve_for(block.size());
    Status done = files_->append(file_, block);
    if (!done) {
        trouble_ = Trouble::must_cut;
    } else {
        done = files_->make_durable(file_);
        if (!done) {
            trouble_ = Trouble::must_leave;
        }
    }
    if (!done) {
        [[maybe_unused]] const Status settled = settle();  // the next write tries again
    }
    return done;
}

/// Cuts the file back to what is durable. A file whose fdatasync failed stays to be left.
Status ChainWriter::settle() {
    if (trouble_ == Trouble::none) {
        return {};
    }
    if (auto cut = files_->cut(file_, size_); !cut) {
        return cut;
    }
    if (auto durable = files_->make_durable(file_); !durable) {
        trouble_ = Trouble::must_leave;
        return durable;
    }
    if (trouble_ == Trouble::must_cut) {
        trouble_ = Trouble::none;
    }
    return {};
}

Status ChainWriter::make_ready() {
    if (auto settled = settle(); !settled) {
        return settled;
    }
    if (trouble_ == Trouble::must_leave) {
        return begin_segment();  // without a trailer: the file is not written any more
    }
    return is_over() ? close_segment().and_then([this] { return begin_segment(); }) : Status{};
}

Status ChainWriter::close_old() {
    return trouble_ == Trouble::none && is_aged() ? make_ready() : Status{};
}

/// Also where it was begun by a clock that was ahead: by the right one it would be young for as long.
bool ChainWriter::is_aged() const {
    constexpr std::uint64_t kHour = 3'600;
    const auto age = static_cast<std::uint64_t>(segment_age_.count());
    const std::uint64_t now = now_ms(clock_);
    return age > 0 && header_.begun_ms > 0 && next_.number > header_.first &&
           (now > header_.begun_ms + age * kMs || header_.begun_ms > now + std::max(age, kHour) * kMs);
}

bool ChainWriter::is_over() const {
    return is_closed_ || header_.is_old || size_ >= segment_bytes_ || header_.hash != hash_ || is_aged();
}

/// One without records is begun anew under its name, and needs no end.
Status ChainWriter::close_segment() {
    if (is_closed_ || next_.number == header_.first) {
        return {};
    }
    const std::string trailer = write_segment_trailer(
        {.records = next_.number - header_.first, .last = next_.previous, .closed_ms = now_ms(clock_)});
    if (auto closed = put(trailer); !closed) {
        return closed;
    }
    size_ += trailer.size();
    used_ += trailer.size();
    is_closed_ = true;
    return {};
}

/// The header is durable before any record. An unfinished file of the same name, which has no record,
/// is written anew.
Status ChainWriter::begin_segment() {
    const bool is_same = file_ >= 0 && header_.first == next_.number;  // no record stands in it
    SegmentHeader header{.first = next_.number,
                         .previous = next_.previous,
                         .begun_ms = now_ms(clock_),
                         .hash = hash_,
                         .is_closed_before = is_same ? header_.is_closed_before : is_closed_};
    auto file = files_->open_to_append(folder_ + '/' + segment_name(next_.number));
    if (!file) {
        return fail(std::move(file.error()));
    }
    const std::string octets = write_segment_header(header);
    Status made = files_->cut(*file, 0)
                      .and_then([&] { return files_->append(*file, octets); })
                      .and_then([&] { return files_->make_durable(*file); })
                      .and_then([&] { return files_->make_durable_folder(folder_); });
    if (!made) {
        files_->close(*file);
        return made;
    }
    if (file_ >= 0) {
        if (!is_same) {
            release();
        }
        files_->close(file_);
    }
    file_ = *file;
    header_ = std::move(header);
    is_closed_ = false;
    size_ = octets.size();
    reserved_ = size_;
    used_ += size_;
    trouble_ = Trouble::none;
    return {};
}

}  // namespace datong::evidence
