#include "core/base/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace datong {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> trouble(const std::string& path, int code) {
    return fail(Fault::internal, path + ": " + std::generic_category().message(code));
}

/// A file that is closed when it goes.
class File {
public:
    File(const std::string& path, int flags) : file_{::open(path.c_str(), flags | O_CLOEXEC, 0600)} {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (file_ >= 0) {
            ::close(file_);
        }
    }

    [[nodiscard]] bool is_open() const { return file_ >= 0; }
    [[nodiscard]] bool write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t written = ::write(file_, bytes.data(), bytes.size());
            if (written < 0 && errno != EINTR) {
                return false;
            }
            bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
        }
        return true;
    }
    [[nodiscard]] bool make_durable() const {
        while (::fsync(file_) != 0) {
            if (errno != EINTR) {
                return false;
            }
        }
        return true;
    }

private:
    int file_;
};

}  // namespace

Status replace_file(const std::string& path, std::string_view bytes) {
    const std::string folder = fs::path{path}.parent_path().string();
    std::error_code error;
    fs::create_directories(folder, error);
    const std::string unfinished = path + ".tmp";
    {
        const File file{unfinished, O_WRONLY | O_CREAT | O_TRUNC};
        if (!file.is_open() || !file.write(bytes) || !file.make_durable()) {
            return trouble(unfinished, errno);
        }
    }
    if (::rename(unfinished.c_str(), path.c_str()) != 0) {
        return trouble(path, errno);
    }
    const File entry{folder, O_RDONLY | O_DIRECTORY};
    return entry.is_open() && entry.make_durable() ? Status{} : trouble(folder, errno);
}

}  // namespace datong
