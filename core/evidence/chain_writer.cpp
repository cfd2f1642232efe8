#include "core/evidence/chain_writer.h"

#include <utility>

#include "core/crypto/digest.h"

namespace datong::evidence {

ChainWriter::ChainWriter(const LogSettings& settings, std::unique_ptr<Files> files)
    : folder_{settings.folder}, segment_bytes_{settings.segment_bytes}, files_{std::move(files)} {
}

ChainWriter::~ChainWriter() {
    if (file_ >= 0) {
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

/// Appends and makes durable; on failure cuts back at once if it can, else before the next write.
Status ChainWriter::put(std::string_view block) {
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
        files_->close(file_);
    }
    file_ = *file;
    size_ = header.size();
    trouble_ = Trouble::none;
    return {};
}

}  // namespace datong::evidence
