#include <cstdint>
#include <optional>

#include "core/codec/compression.h"

namespace datong::codec {
namespace {

constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kMostEntries = 1'000;
constexpr std::size_t kMostComment = 0xFFFF;
constexpr std::size_t kStoredBlock = 0xFFFF;

tl::unexpected<Error> refuse(const char* why) {
    return fail(Fault::bad_request, std::string{"the archive "} + why);
}

std::uint32_t little(std::string_view octets, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
        value = value << 8U | static_cast<unsigned char>(octets[at + i]);
    }
    return value;
}

std::string to_little(std::uint32_t value, int size) {
    std::string octets;
    for (int i = 0; i < size; ++i, value >>= 8U) {
        octets += static_cast<char>(value & 0xFFU);
    }
    return octets;
}

struct Directory {
    std::size_t at{};
    std::size_t size{};
    std::size_t entries{};
};

std::optional<std::size_t> find_end(std::string_view archive) {
    if (archive.size() < kEndSize) {
        return std::nullopt;
    }
    const std::size_t last = archive.size() - kEndSize;
    for (std::size_t comment = 0; comment <= kMostComment && comment <= last; ++comment) {
        const std::size_t at = last - comment;
        if (archive.substr(at, 4) == std::string_view{"PK\5\6"} && little(archive, at + 20, 2) == comment) {
            return at;
        }
    }
    return std::nullopt;
}

Result<Directory> find_directory(std::string_view archive) {
    const auto end = find_end(archive);
    if (!end) {
        return refuse("is no ZIP, or is cut off");
    }
    const Directory directory{.at = little(archive, *end + 16, 4),
                              .size = little(archive, *end + 12, 4),
                              .entries = little(archive, *end + 10, 2)};
    if (little(archive, *end + 4, 2) != 0 || little(archive, *end + 6, 2) != 0 ||
        little(archive, *end + 8, 2) != directory.entries) {
        return refuse("is one of several parts");
    }
    if (directory.entries > kMostEntries) {
        return refuse("has more than 1,000 files, or is ZIP64");
    }
    if (directory.size > *end || directory.at != *end - directory.size) {
        return refuse("has a directory that is somewhere else");
    }
    return directory;
}

/// Reads the entry at `at` and moves it behind. nullopt where it is none.
std::optional<ZipMember> read_member(std::string_view directory, std::size_t& at) {
    if (directory.size() - at < kEntrySize || directory.substr(at, 4) != std::string_view{"PK\1\2"}) {
        return std::nullopt;
    }
    const std::size_t name = little(directory, at + 28, 2);
    const std::size_t rest = little(directory, at + 30, 2) + little(directory, at + 32, 2);
    if (directory.size() - at - kEntrySize < name + rest) {
        return std::nullopt;
    }
    ZipMember member{.name = directory.substr(at + kEntrySize, name),
                     .flags = little(directory, at + 8, 2),
                     .method = little(directory, at + 10, 2),
                     .crc = little(directory, at + 16, 4),
                     .packed = little(directory, at + 20, 4),
                     .size = little(directory, at + 24, 4),
                     .local = little(directory, at + 42, 4)};
    at += kEntrySize + name + rest;
    return member;
}

/// As one gzip stream, so that the codec checks size and check sum of a stored file too.
std::string to_gzip(const ZipMember& member, std::string_view data) {
    std::string stream{"\x1F\x8B\x08\0\0\0\0\0\0\xFF", 10};
    if (member.method == 8) {
        stream += data;
    } else {
        do {
            const std::string_view block = data.substr(0, kStoredBlock);
            data.remove_prefix(block.size());
            const auto size = static_cast<std::uint32_t>(block.size());
            stream += data.empty() ? '\1' : '\0';
            stream += to_little(size, 2) + to_little(~size, 2);
            stream += block;
        } while (!data.empty());
    }
    return stream + to_little(member.crc, 4) + to_little(static_cast<std::uint32_t>(member.size), 4);
}

}  // namespace

Result<std::vector<ZipMember>> list_zip(std::string_view archive) {
    const auto directory = find_directory(archive);
    if (!directory) {
        return fail(directory.error());
    }
    const std::string_view area = archive.substr(directory->at, directory->size);
    std::vector<ZipMember> members;
    std::size_t at = 0;
    for (std::size_t i = 0; i < directory->entries; ++i) {
        const auto member = read_member(area, at);
        if (!member) {
            return refuse("has a broken directory");
        }
        members.push_back(*member);
        members.back().front = archive.substr(0, directory->at);
    }
    return at == area.size() ? Result<std::vector<ZipMember>>{std::move(members)} : refuse("has a broken directory");
}

Result<std::string_view> packed_octets(const ZipMember& member) {
    const std::string_view front = member.front;
    if (front.size() < kLocalSize || member.local > front.size() - kLocalSize ||
        front.substr(member.local, 4) != std::string_view{"PK\3\4"}) {
        return refuse("has a file that is somewhere else");
    }
    const std::size_t name = little(front, member.local + 26, 2);
    const std::size_t begin = member.local + kLocalSize + name + little(front, member.local + 28, 2);
    if (begin > front.size() || member.packed > front.size() - begin ||
        front.substr(member.local + kLocalSize, name) != member.name) {
        return refuse("has a file that its directory tells otherwise");
    }
    return front.substr(begin, member.packed);
}

Result<std::string> unzip(const ZipMember& member, std::size_t most) {
    if ((member.flags & 1U) != 0 || (member.method != 0 && member.method != 8)) {
        return refuse("is encrypted, or packed by another method than deflate");
    }
    if (member.size > most) {
        return fail(Fault::body_too_large, "the archive unpacks to more than " + std::to_string(most) + " octets");
    }
    const auto packed = packed_octets(member);
    if (!packed) {
        return fail(packed.error());
    }
    auto content = decompress(to_gzip(member, *packed), Compression::gzip, member.size);
    if (!content || content->size() != member.size) {
        return refuse("has a file of another size or check sum than it says");
    }
    return content;
}

}  // namespace datong::codec
