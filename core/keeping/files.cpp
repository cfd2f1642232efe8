#include "core/keeping/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
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

}  // namespace

Result<std::string> read_whole(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::string octets{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    return in.good() || in.eof() ? (in.is_open() ? Result<std::string>{std::move(octets)} : cant("read", path))
                                 : cant("read", path);
}

Status write_durable(const std::string& path, std::string_view octets) {
    const std::string unfinished = path + ".tmp";
    const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        return cant("write", path);
    }
    const bool good = write_all(file, octets) && ::fsync(file) == 0;
    ::close(file);
    if (!good || ::rename(unfinished.c_str(), path.c_str()) != 0) {
        ::unlink(unfinished.c_str());
        return cant("write", path);
    }
    return sync_folder(std::filesystem::path{path}.parent_path().string());
}

Status sync_folder(const std::string& folder) {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool good = file >= 0 && ::fsync(file) == 0;
    if (file >= 0) {
        ::close(file);
    }
    return good ? Status{} : cant("make durable", folder);
}

std::string hex_digest(std::string_view octets) {
    return to_hex(crypto::sha256(octets));
}

}  // namespace datong::keeping
