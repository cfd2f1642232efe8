#include "adapters/file/drop_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace datong::adapters::file {
namespace {

constexpr mode_t kMode = 0660;                // the other side's group must be able to fetch and remove it
constexpr std::size_t kMostAbandoned = 4096;  // names remembered; older ones are nobody's any more

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

/// Names no file: a name may hold a field's value.
tl::unexpected<Error> down(const char* what, int error) {
    return fail(Fault::department_down,
                std::string{what} + ": " + std::error_code{error, std::generic_category()}.message());
}

std::string join(const std::string& folder, const std::string& name) {
    return folder + '/' + name;
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

/// Renames without ever writing over another file. Some network file systems don't know the flag.
bool move_file(const std::string& from, const std::string& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return true;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return false;
    }
    struct stat there{};
    if (::lstat(to.c_str(), &there) == 0) {
        errno = EEXIST;
        return false;
    }
    return ::rename(from.c_str(), to.c_str()) == 0;
}

/// @return the path that the file has now; empty when it could not be moved.
std::string move_into(const std::string& from, const std::string& folder, const std::string& name) {
    constexpr int kMostOfOneName = 1000;
    std::string to = join(folder, name);
    for (int copy = 1; !move_file(from, to); ++copy) {
        if (errno != EEXIST || copy > kMostOfOneName) {
            return {};
        }
        to = join(folder, name) + '.' + std::to_string(copy);
    }
    return to;
}

void sync_folder(const std::string& folder) {
    const Descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (opened.is_open()) {
        ::fsync(opened.get());  // not every file system can; the file itself is synced
    }
}

/// Whether the file looks as it looked a settling time ago.
bool has_settled(const struct stat& status, Sighting& seen, std::chrono::milliseconds settle) {
    const auto now = std::chrono::steady_clock::now();
    const std::int64_t changed = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
    if (status.st_size != seen.size || changed != seen.changed) {
        seen = {.size = status.st_size, .changed = changed, .since = now};
    }
    return now - seen.since >= settle;
}

/// At most `most` bytes and one more; nullopt where it can't be read.
std::optional<std::string> read_whole(int file, std::size_t most) {
    std::string bytes;
    std::vector<char> buffer(64U << 10U);
    while (bytes.size() <= most) {
        const ssize_t got = ::read(file, buffer.data(), buffer.size());
        if (got == 0) {
            return bytes;
        }
        if (got < 0 && errno != EINTR) {
            return std::nullopt;
        }
        bytes.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    return bytes;
}

}  // namespace

Status DropFolder::send(const std::string& name, const std::string& reply, const std::string& body, Deadline deadline) {
    sweep();
    if (!put_aside(reply)) {
        return fail(Fault::department_down, "an old reply can't be put aside");
    }
    const std::string temporary = join(folders_.out, name + ".tmp");
    {
        const Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode)};
        if (!file.is_open() && errno == EEXIST) {
            return fail(Fault::source_busy, "a request of that name is being written");
        }
        if (!file.is_open()) {
            return down("the request can't be made", errno);
        }
        if (!write_all(file.get(), body) || ::fsync(file.get()) != 0) {
            const int error = errno;
            ::unlink(temporary.c_str());
            return down("the request can't be written", error);
        }
    }
    if (std::chrono::steady_clock::now() >= deadline) {
        ::unlink(temporary.c_str());
        return fail(Fault::department_timeout, "the request was not laid down in time");
    }
    if (!move_file(temporary, join(folders_.out, name))) {
        const int error = errno;
        ::unlink(temporary.c_str());
        if (error == EEXIST) {
            return fail(Fault::source_busy, "a request of that name lies there still");
        }
        return down("the request can't be named", error);
    }
    sync_folder(folders_.out);
    return {};
}

Result<std::optional<std::string>> DropFolder::take(const std::string& reply, Sighting& seen) {
    struct stat status{};
    if (::lstat(join(folders_.in, reply).c_str(), &status) != 0) {
        if (errno == ENOENT) {
            return std::optional<std::string>{};
        }
        return down("the reply's folder can't be read", errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(Fault::department_invalid, "the reply is no regular file");
    }
    if (!has_settled(status, seen, settle_)) {
        return std::optional<std::string>{};
    }
    auto bytes = read_away(reply);
    if (!bytes) {
        return fail(std::move(bytes.error()));
    }
    return std::optional{std::move(*bytes)};
}

/// Moves first and reads then: what was moved is nobody else's.
Result<std::string> DropFolder::read_away(const std::string& reply) {
    std::string path = join(folders_.in, reply);
    if (!folders_.done.empty()) {
        path = move_into(path, folders_.done, reply);
        if (path.empty()) {
            return down("the reply can't be moved", errno);
        }
    }
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct stat status{};
    if (!file.is_open() || ::fstat(file.get(), &status) != 0) {
        return down("the reply can't be opened", errno);
    }
    auto bytes = S_ISREG(status.st_mode) ? read_whole(file.get(), max_reply_) : std::nullopt;
    if (folders_.done.empty() && ::unlink(path.c_str()) != 0) {
        return down("the reply can't be removed", errno);
    }
    if (!bytes) {
        return fail(Fault::department_invalid, "the reply can't be read");
    }
    if (bytes->size() > max_reply_) {
        return fail(Fault::department_invalid, "the reply has more than " + std::to_string(max_reply_) + " bytes");
    }
    return std::move(*bytes);
}

void DropFolder::abandon(const std::string& name, const std::string& reply) {
    if (::unlink(join(folders_.out, name).c_str()) == 0) {
        return;  // nobody has fetched it, so nothing can come
    }
    const std::scoped_lock lock{mutex_};
    abandoned_.push_back(reply);
    if (abandoned_.size() > kMostAbandoned) {
        abandoned_.pop_front();
    }
}

void DropFolder::sweep() {
    const std::scoped_lock lock{mutex_};
    std::erase_if(abandoned_, [this](const std::string& reply) {
        struct stat status{};
        return ::lstat(join(folders_.in, reply).c_str(), &status) == 0 && put_aside(reply);
    });
}

/// @return true when it no longer lies in the way.
bool DropFolder::put_aside(const std::string& reply) const {
    const std::string path = join(folders_.in, reply);
    if (!folders_.late.empty()) {
        return !move_into(path, folders_.late, reply).empty() || errno == ENOENT;
    }
    return ::unlink(path.c_str()) == 0 || errno == ENOENT;
}

Status DropFolder::check() const {
    const std::pair<const char*, const std::string&> folders[] = {
        {"out", folders_.out}, {"in", folders_.in}, {"done", folders_.done}, {"late", folders_.late}};
    for (const auto& [name, path] : folders) {
        if (!path.empty() && ::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
            return down(name, errno);
        }
    }
    return {};
}

}  // namespace datong::adapters::file
