#include "core/drafts/zip.h"

#include <utility>

#include "core/codec/compression.h"

namespace datong::drafts {
namespace {

constexpr std::size_t kEndSize = 22;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::uint32_t kEndMark = 0x06054b50;
constexpr std::uint32_t kCentralMark = 0x02014b50;
constexpr std::uint32_t kLocalMark = 0x04034b50;
constexpr unsigned kStored = 0;
constexpr unsigned kDeflated = 8;

tl::unexpected<Error> trouble(const std::string& what) {
    return fail(Fault::bad_request, "zip: " + what);
}

/// A little-endian number of 2 or 4 bytes; the caller has checked that they are there.
std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t number = 0;
    for (std::size_t i = size; i > 0; --i) {
        number = number << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
    }
    return number;
}

void append_number(std::string& out, std::uint32_t number) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        out += static_cast<char>(number >> shift & 0xFFU);
    }
}

/// The place of the end record: the last one that is followed by just its own comment.
std::size_t find_end(std::string_view bytes) {
    constexpr std::size_t kMostComment = 0xFFFF;
    if (bytes.size() < kEndSize) {
        return std::string_view::npos;
    }
    const std::size_t last = bytes.size() - kEndSize;
    for (std::size_t back = 0; back <= std::min(last, kMostComment); ++back) {
        const std::size_t at = last - back;
        if (number_at(bytes, at, 4) == kEndMark && number_at(bytes, at + 20, 2) == back) {
            return at;
        }
    }
    return std::string_view::npos;
}

/// Octets in stored blocks of deflate. Source: RFC 1951, 3.2.4.
std::string as_blocks(std::string_view octets) {
    constexpr std::size_t kMostOfABlock = 0xFFFF;
    std::string blocks;
    do {
        const std::string_view block = octets.substr(0, kMostOfABlock);
        octets.remove_prefix(block.size());
        const auto size = static_cast<std::uint16_t>(block.size());
        blocks += octets.empty() ? '\1' : '\0';
        for (const auto number : {size, static_cast<std::uint16_t>(~size)}) {
            blocks += static_cast<char>(number & 0xFFU);
            blocks += static_cast<char>(number >> 8U);
        }
        blocks.append(block);
    } while (!octets.empty());
    return blocks;
}

/// Deflated octets as a gzip member, so that one reader bounds them and checks their sum. Source: RFC 1952, 2.3.
std::string as_gzip(std::string_view deflated, std::uint32_t crc, std::size_t unpacked) {
    std::string gzip{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10};
    gzip.append(deflated);
    append_number(gzip, crc);
    append_number(gzip, static_cast<std::uint32_t>(unpacked));
    return gzip;
}

}  // namespace

Result<Zip> Zip::open(std::string_view bytes, const ZipLimits& limits) {
    if (bytes.size() > limits.max_bytes) {
        return fail(Fault::body_too_large, "zip: the archive is too large");
    }
    const std::size_t end = find_end(bytes);
    if (end == std::string_view::npos) {
        return trouble("no archive");
    }
    const std::size_t parts = number_at(bytes, end + 10, 2);
    const std::size_t directory = number_at(bytes, end + 16, 4);
    if (number_at(bytes, end + 4, 2) != 0 || number_at(bytes, end + 8, 2) != parts || directory == 0xFFFFFFFF) {
        return trouble("several files or ZIP64");
    }
    if (parts > limits.max_parts) {
        return fail(Fault::body_too_large, "zip: too many parts");
    }
    Zip zip{bytes, limits};
    if (auto read = zip.read_directory(directory, parts); !read) {
        return fail(std::move(read.error()));
    }
    return zip;
}

Status Zip::read_directory(std::size_t at, std::size_t parts) {
    for (std::size_t i = 0; i < parts; ++i) {
        if (at > bytes_.size() || bytes_.size() - at < kCentralSize || number_at(bytes_, at, 4) != kCentralMark) {
            return trouble("the directory is damaged");
        }
        const std::size_t name = number_at(bytes_, at + 28, 2);
        const std::size_t rest = number_at(bytes_, at + 30, 2) + number_at(bytes_, at + 32, 2);
        if (bytes_.size() - at - kCentralSize < name + rest) {
            return trouble("the directory is cut off");
        }
        if ((number_at(bytes_, at + 8, 2) & 1U) != 0) {
            return trouble("it is encrypted; save it without a password");
        }
        parts_.emplace(std::string{bytes_.substr(at + kCentralSize, name)},
                       Part{.offset = number_at(bytes_, at + 42, 4),
                            .packed = number_at(bytes_, at + 20, 4),
                            .unpacked = number_at(bytes_, at + 24, 4),
                            .crc = number_at(bytes_, at + 16, 4),
                            .method = number_at(bytes_, at + 10, 2)});
        at += kCentralSize + name + rest;
    }
    return {};
}

std::vector<std::string> Zip::names() const {
    std::vector<std::string> all;
    for (const auto& [name, part] : parts_) {
        all.push_back(name);
    }
    return all;
}

Result<std::string> Zip::read(std::string_view name) const {
    const auto found = parts_.find(name);
    if (found == parts_.end()) {
        return trouble("no part " + std::string{name});
    }
    const Part& part = found->second;
    if (part.unpacked > limits_.max_part) {
        return fail(Fault::body_too_large, "zip: a part is too large");
    }
    if (part.offset > bytes_.size() || bytes_.size() - part.offset < kLocalSize ||
        number_at(bytes_, part.offset, 4) != kLocalMark) {
        return trouble("a part is damaged");
    }
    const std::size_t begin =
        part.offset + kLocalSize + number_at(bytes_, part.offset + 26, 2) + number_at(bytes_, part.offset + 28, 2);
    if (begin > bytes_.size() || bytes_.size() - begin < part.packed) {
        return trouble("a part is cut off");
    }
    const std::string_view packed = bytes_.substr(begin, part.packed);
    const bool is_stored = part.method == kStored && part.packed == part.unpacked;
    if (!is_stored && part.method != kDeflated) {
        return trouble("a part is packed in a way that office files don't use");
    }
    const std::string gzip =
        is_stored ? as_gzip(as_blocks(packed), part.crc, part.unpacked) : as_gzip(packed, part.crc, part.unpacked);
    auto unpacked = codec::decompress(gzip, codec::Compression::gzip, limits_.max_part);
    if (!unpacked) {
        return fail(std::move(unpacked.error()).within("zip"));
    }
    return unpacked;
}

}  // namespace datong::drafts
