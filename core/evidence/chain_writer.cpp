#include "core/evidence/chain_writer.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/crypto/digest.h"
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

}  // namespace

ChainWriter::ChainWriter(const LogSettings& settings, std::unique_ptr<Files> files)
    : folder_{settings.folder},
      segment_bytes_{settings.segment_bytes},
      files_{std::move(files)},
      max_bytes_{settings.max_bytes},
      ready_percent_{settings.ready_percent} {
}

ChainWriter::~ChainWriter() {
    if (file_ >= 0) {
        release();
        files_->close(file_);
    }
}

Status ChainWriter::open(const Tail& tail) {
    next_ = tail.next;
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
    const std::uint64_t durable = next_.number - 1;
    std::string block;
    std::vector<Place> places;
    places.reserve(entries.size());
    Link link = next_;
    for (const std::string_view entry : entries) {
        const std::string payload = make_payload(link, durable, entry);
        append_frame(block, payload);
        places.push_back({.number = link.number, .hash = crypto::sha256(payload)});
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
    if (trouble_ == Trouble::must_leave || size_ >= segment_bytes_) {
        return begin_segment();
    }
    return {};
}

/// The header is durable before any record. An unfinished file of the same name, which has no record,
/// is written anew.
Status ChainWriter::begin_segment() {
    auto file = files_->open_to_append(folder_ + '/' + segment_name(next_.number));
    if (!file) {
        return fail(std::move(file.error()));
    }
    const std::string header = write_segment_header({.first = next_.number, .previous = next_.previous});
    Status made = files_->cut(*file, 0)
                      .and_then([&] { return files_->append(*file, header); })
                      .and_then([&] { return files_->make_durable(*file); })
                      .and_then([&] { return files_->make_durable_folder(folder_); });
    if (!made) {
        files_->close(*file);
        return made;
    }
    if (file_ >= 0) {
        release();
        files_->close(file_);
    }
    file_ = *file;
    size_ = header.size();
    reserved_ = size_;
    used_ += size_;
    trouble_ = Trouble::none;
    return {};
}

}  // namespace datong::evidence
