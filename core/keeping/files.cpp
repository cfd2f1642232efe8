#include "core/keeping/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::keeping {
namespace {

tl::unexpected<Error> cant(const std::string& what, const std::string& path) {
    return fail(Fault::evidence_unavailable, "can't " + what + ' ' + path);
}

/// All octets, whatever part of them one call takes.
bool write_all(int file, std::string_view octets) {
    while (!octets.empty()) {
        const ssize_t wrote = ::write(file, octets.data(), octets.size());
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return false;
        }
        octets.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return true;
}

/// Reads a file piece by piece. @return hex SHA-256 of all of it.
Result<std::string> each_piece(const std::string& path, const std::function<bool(std::string_view)>& take) {
    constexpr std::size_t kPiece = 1U << 20;
    std::ifstream in{path, std::ios::binary};
    crypto::Sha256 digest;
    std::string piece(kPiece, '\0');
    while (in) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        const std::string_view read{piece.data(), static_cast<std::size_t>(in.gcount())};
        digest.add(read);
        if (!take(read)) {
            return cant("copy", path);
        }
    }
    return in.eof() ? Result<std::string>{to_hex(digest.finish())} : cant("read", path);
}

/// Puts a file in the place of another in one step, durable with its name.
Status replace(const std::string& path, const std::function<bool(int file)>& fill) {
    const std::string unfinished = path + ".tmp";
    const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        return cant("write", path);
    }
    const bool good = fill(file) && ::fsync(file) == 0;
    ::close(file);
    if (!good || ::rename(unfinished.c_str(), path.c_str()) != 0) {
        ::unlink(unfinished.c_str());
        return cant("write", path);
    }
    return sync_folder(std::filesystem::path{path}.parent_path().string());
}

}  // namespace

Result<bool> is_there(const std::string& path) {
    std::error_code error;
    const bool is_found = std::filesystem::exists(path, error);
    return error ? Result<bool>{fail(Fault::evidence_unavailable, "can't read " + path + ": " + error.message())}
                 : Result<bool>{is_found};
}

bool is_empty_folder(const std::string& path) {
    std::error_code error;
    return std::filesystem::is_directory(path, error) && std::filesystem::is_empty(path, error) && !error;
}

Result<std::string> read_whole(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::string octets{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    return in.good() || in.eof() ? (in.is_open() ? Result<std::string>{std::move(octets)} : cant("read", path))
                                 : cant("read", path);
}

Status write_durable(const std::string& path, std::string_view octets) {
    return replace(path, [octets](int file) { return write_all(file, octets); });
}

Result<std::string> copy_durable(const std::string& from, const std::string& to) {
    std::string digest;
    const Status copied = replace(to, [&](int file) {
        auto read = each_piece(from, [file](std::string_view piece) { return write_all(file, piece); });
        digest = read.value_or("");
        return read.has_value();
    });
    return copied ? Result<std::string>{std::move(digest)} : fail(copied.error());
}

Result<std::string> digest_of_file(const std::string& path) {
    return each_piece(path, [](std::string_view) { return true; });
}

Status sync_folder(const std::string& folder) {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool good = file >= 0 && ::fsync(file) == 0;
    if (file >= 0) {
        ::close(file);
    }
    return good ? Status{} : cant("make durable", folder);
}

Result<FileLock> FileLock::take(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        return cant("write", path);
    }
    FileLock held{file};
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        return fail(Fault::evidence_unavailable, path + ": another process archives there now, or it can't be locked");
    }
    return held;
}

FileLock::~FileLock() {
    if (file_ >= 0) {
        ::close(file_);
    }
}

std::string hex_digest(std::string_view octets) {
    return to_hex(crypto::sha256(octets));
}

}  // namespace datong::keeping
