#include "core/evidence/files.h"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace datong::evidence {
namespace {

tl::unexpected<Error> refused(const std::string& what) {
    return fail(Fault::evidence_unavailable, "evidence: " + what + ": " + std::generic_category().message(errno));
}

/// What a signal interrupted is done again: it says nothing about the disk.
template <class Call>
int done(Call call) {
    int result = call();
    while (result != 0 && errno == EINTR) {
        result = call();
    }
    return result;
}

class SystemFiles final : public Files {
public:
    Result<int> open_to_append(const std::string& path) override {
        constexpr mode_t kOwnerOnly = 0600;
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kOwnerOnly);
        if (file < 0) {
            return refused("open " + path);
        }
        return file;
    }

    Status append(int file, std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
            if (wrote > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(wrote));
            } else if (wrote == 0 || errno != EINTR) {
                return refused("write");
            }
        }
        return {};
    }

    Status make_durable(int file) override {
        return done([file] { return ::fdatasync(file); }) == 0 ? Status{} : refused("fdatasync");
    }

    Status cut(int file, std::uint64_t size) override {
        const auto length = static_cast<off_t>(size);
        return done([file, length] { return ::ftruncate(file, length); }) == 0 ? Status{} : refused("ftruncate");
    }

    Status reserve(int file, std::uint64_t from, std::uint64_t bytes) override {
        const int kept = ::fallocate(file, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from), static_cast<off_t>(bytes));
        return kept == 0 || errno == EOPNOTSUPP ? Status{} : refused("fallocate");
    }

    Result<DiskRoom> room(const std::string& folder) override {
        struct statvfs disk{};
        if (::statvfs(folder.c_str(), &disk) != 0) {
            return refused("statvfs " + folder);
        }
        return DiskRoom{.total = std::uint64_t{disk.f_blocks} * disk.f_frsize,
                        .available = std::uint64_t{disk.f_bavail} * disk.f_frsize};
    }

    Status make_durable_folder(const std::string& path) override {
        const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0) {
            return refused("open " + path);
        }
        const Status kept = done([folder] { return ::fsync(folder); }) == 0 ? Status{} : refused("fsync " + path);
        ::close(folder);
        return kept;
    }

    void close(int file) override { ::close(file); }
};

int open_folder(const std::string& folder) {
    return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/// Tries for a moment: a verifier that asks is_taken() holds the lock while it asks.
bool lock(int folder) {
    constexpr int kTries = 10;
    constexpr std::chrono::milliseconds kBetween{10};
    for (int i = 0; i < kTries; ++i) {
        if (::flock(folder, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        std::this_thread::sleep_for(kBetween);
    }
    return false;
}

}  // namespace

std::unique_ptr<Files> system_files() {
    return std::make_unique<SystemFiles>();
}

Result<FolderLock> FolderLock::take(const std::string& folder) {
    std::error_code failure;
    if (std::filesystem::create_directories(folder, failure)) {
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
    }
    const int descriptor = open_folder(folder);
    if (failure || descriptor < 0) {
        const auto reason = failure ? failure.message() : std::generic_category().message(errno);
        if (descriptor >= 0) {
            ::close(descriptor);
        }
        return fail(Fault::evidence_unavailable, "evidence: " + folder + ": " + reason);
    }
    FolderLock held{descriptor};
    if (!lock(descriptor)) {
        return fail(
            Fault::evidence_unavailable,
            "evidence: " + folder + ": 另一进程正在写入（同一存证目录只能有一个网关） another process writes there");
    }
    return held;
}

bool FolderLock::is_taken(const std::string& folder) {
    const int descriptor = open_folder(folder);
    if (descriptor < 0) {
        return false;
    }
    const bool taken = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0;
    ::close(descriptor);
    return taken;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : folder_{std::exchange(other.folder_, -1)} {
}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
    std::swap(folder_, other.folder_);
    return *this;
}

FolderLock::~FolderLock() {
    if (folder_ >= 0) {
        ::close(folder_);
    }
}

}  // namespace datong::evidence
