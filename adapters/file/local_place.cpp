#include "adapters/file/place.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace datong::adapters::file {
namespace {

constexpr mode_t kMode = 0660;  // the other side's group must be able to fetch and remove it

class Descriptor {
public:
    explicit Descriptor(int number) : number_{number} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
    [[nodiscard]] int get() const noexcept { return number_; }

private:
    int number_;
};

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

tl::unexpected<Error> down(const char* what, int error) {
    return fail(Fault::department_down,
                std::string{what} + ": " + std::error_code{error, std::generic_category()}.message());
}

Look look_of(const struct stat& status) {
    return {.is_regular = S_ISREG(status.st_mode),
            .size = status.st_size,
            .changed = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
            .changed_s = status.st_mtim.tv_sec};
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
}

/// Until it is durable: a signal in between is no fault.
bool sync_all(int file) {
    while (::fsync(file) != 0) {
        if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

void sync_folder_of(const std::string& path) {
    const std::string folder = path.substr(0, path.rfind('/'));
    const Descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (opened.is_open()) {
        static_cast<void>(sync_all(opened.get()));  // not every file system can; the file itself is synced
    }
}

class LocalPlace final : public Place {
public:
    Result<bool> put(const std::string& path, std::string_view octets, Deadline /*deadline*/) override {
        const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode)};
        if (!file.is_open() && errno == EEXIST) {
            return false;
        }
        if (!file.is_open()) {
            return down("the file can't be made", errno);
        }
        if (!write_all(file.get(), octets) || !sync_all(file.get())) {
            const int error = errno;
            ::unlink(path.c_str());
            return down("the file can't be written", error);
        }
        return true;
    }

    /// Some network file systems don't know the flag.
    Result<bool> move(const std::string& from, const std::string& to, Deadline /*deadline*/) override {
        if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
            sync_folder_of(to);
            return true;
        }
        if (errno == EEXIST) {
            return false;
        }
        if (errno != EINVAL && errno != ENOSYS) {
            return down("a file can't be renamed", errno);
        }
        struct stat there{};
        if (::lstat(to.c_str(), &there) == 0) {
            return false;
        }
        if (::rename(from.c_str(), to.c_str()) != 0) {
            return down("a file can't be renamed", errno);
        }
        sync_folder_of(to);
        return true;
    }

    Result<std::optional<Look>> look(const std::string& path, Deadline /*deadline*/) override {
        struct stat status{};
        if (::lstat(path.c_str(), &status) == 0) {
            return std::optional{look_of(status)};
        }
        if (errno == ENOENT && folder_is_there(path)) {
            return std::optional<Look>{};
        }
        return down("the folder can't be read", errno);
    }

    Result<std::optional<std::string>> read(const std::string& path, std::size_t most, Deadline deadline) override {
        using Found = std::optional<std::string>;
        const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
        struct stat status{};
        if (!file.is_open() || ::fstat(file.get(), &status) != 0) {
            return down("the file can't be opened", errno);
        }
        if (!S_ISREG(status.st_mode)) {
            return Found{};
        }
        std::string bytes;
        std::vector<char> buffer(64U << 10U);
        while (bytes.size() <= most) {
            const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
            if (got == 0) {
                break;
            }
            if (got < 0 && errno != EINTR) {
                return Found{};
            }
            if (std::chrono::steady_clock::now() >= deadline) {
                return fail(Fault::department_timeout, "the file could not be read in time");
            }
            bytes.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        }
        return Found{std::move(bytes)};
    }

    Result<bool> remove(const std::string& path, Deadline /*deadline*/) override {
        if (::unlink(path.c_str()) == 0) {
            return true;
        }
        return errno == ENOENT ? Result<bool>{false} : down("a file can't be removed", errno);
    }

    Result<std::vector<Entry>> list(const std::string& folder, std::size_t most, Deadline deadline) override {
        const std::unique_ptr<DIR, CloseFolder> opened{::opendir(folder.c_str())};
        if (!opened) {
            return down("the folder can't be read", errno);
        }
        std::vector<Entry> entries;
        while (const dirent* entry = ::readdir(opened.get())) {
            struct stat status{};
            if (entries.size() >= most || std::chrono::steady_clock::now() >= deadline) {
                break;
            }
            if (::fstatat(::dirfd(opened.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
                entries.push_back({.name = entry->d_name, .look = look_of(status)});
            }
        }
        return entries;
    }

    Status check(const std::string& folder, Deadline /*deadline*/) override {
        if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
            return down("the folder can't be used", errno);
        }
        return {};
    }

private:
    /// No file there, or no folder: the one is a reply that has not come, the other a share that is gone.
    static bool folder_is_there(const std::string& path) {
        struct stat status{};
        const bool there = ::stat(path.substr(0, path.rfind('/')).c_str(), &status) == 0;
        errno = ENOENT;
        return there;
    }
};

}  // namespace

std::unique_ptr<Place> make_local_place() {
    return std::make_unique<LocalPlace>();
}

}  // namespace datong::adapters::file
