#include "adapters/file/archive.h"

#include <cstdint>
#include <optional>

#include "adapters/file/glob.h"
#include "core/codec/compression.h"

namespace datong::adapters::file {
namespace {

constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kMostEntries = 1'000;
constexpr std::size_t kMostComment = 0xFFFF;
constexpr std::size_t kStoredBlock = 0xFFFF;

tl::unexpected<Error> refuse(const char* why) {
    return fail(Fault::department_invalid, std::string{"the archive "} + why);
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

/// One file as the central directory tells it.
struct Member {
    std::string_view name;
    std::uint32_t flags{};
    std::uint32_t method{};
    std::uint32_t crc{};
    std::size_t packed{};
    std::size_t size{};
    std::size_t local{};
};

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
std::optional<Member> read_member(std::string_view directory, std::size_t& at) {
    if (directory.size() - at < kEntrySize || directory.substr(at, 4) != std::string_view{"PK\1\2"}) {
        return std::nullopt;
    }
    const std::size_t name = little(directory, at + 28, 2);
    const std::size_t rest = little(directory, at + 30, 2) + little(directory, at + 32, 2);
    if (directory.size() - at - kEntrySize < name + rest) {
        return std::nullopt;
    }
    Member member{.name = directory.substr(at + kEntrySize, name),
                  .flags = little(directory, at + 8, 2),
                  .method = little(directory, at + 10, 2),
                  .crc = little(directory, at + 16, 4),
                  .packed = little(directory, at + 20, 4),
                  .size = little(directory, at + 24, 4),
                  .local = little(directory, at + 42, 4)};
    at += kEntrySize + name + rest;
    return member;
}

bool is_wanted(const Member& member, std::string_view pattern) {
    const std::size_t slash = member.name.rfind('/');
    const std::string_view plain = slash == std::string_view::npos ? member.name : member.name.substr(slash + 1);
    return !plain.empty() && fits(pattern, plain);
}

Result<Member> find_member(std::string_view archive, const Directory& directory, std::string_view pattern) {
    const std::string_view area = archive.substr(directory.at, directory.size);
    std::optional<Member> found;
    std::size_t at = 0;
    for (std::size_t i = 0; i < directory.entries; ++i) {
        const auto member = read_member(area, at);
        if (!member) {
            return refuse("has a broken directory");
        }
        if (is_wanted(*member, pattern)) {
            if (found) {
                return refuse("has several files of the wanted name");
            }
            found = member;
        }
    }
    if (!found || at != area.size()) {
        return found ? refuse("has a broken directory") : refuse("has no file of the wanted name");
    }
    return *found;
}

/// As one gzip stream, so that the codec checks size and check sum of a stored file too.
std::string to_gzip(const Member& member, std::string_view data) {
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

Result<std::string> unzip_one(std::string_view archive, std::string_view pattern, std::size_t most) {
    const auto directory = find_directory(archive);
    const auto member = directory ? find_member(archive, *directory, pattern) : fail(directory.error());
    if (!member) {
        return fail(member.error());
    }
    if ((member->flags & 1U) != 0 || (member->method != 0 && member->method != 8)) {
        return refuse("is encrypted, or packed by another method than deflate");
    }
    if (member->size > most) {
        return refuse("unpacks to more than max_reply bytes");
    }
    const std::string_view front = archive.substr(0, directory->at);
    if (front.size() < kLocalSize || member->local > front.size() - kLocalSize ||
        front.substr(member->local, 4) != std::string_view{"PK\3\4"}) {
        return refuse("has a file that is somewhere else");
    }
    const std::size_t name = little(front, member->local + 26, 2);
    const std::size_t begin = member->local + kLocalSize + name + little(front, member->local + 28, 2);
    if (begin > front.size() || member->packed > front.size() - begin ||
        front.substr(member->local + kLocalSize, name) != member->name) {
        return refuse("has a file that its directory tells otherwise");
    }
    const std::string stream = to_gzip(*member, front.substr(begin, member->packed));
    auto content = codec::decompress(stream, codec::Compression::gzip, member->size);
    if (!content || content->size() != member->size) {
        return refuse("has a file of another size or check sum than it says");
    }
    return content;
}

}  // namespace datong::adapters::file
