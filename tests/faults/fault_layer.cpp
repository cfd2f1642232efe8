// Loaded in front of the C library (LD_PRELOAD): the N-th write, sync, rename or send of the process fails, comes
// short, or is its last. It counts files below DATONG_FAULT_FOLDER, and every socket.
//
//   DATONG_FAULT=write:kill:17    kinds write, sync, rename, send; ways kill, torn, short, ENOSPC, EIO, EINTR, or
//                                 clock+240: from then on the wall clock shows so many seconds more
//   DATONG_FAULT_HIT=FILE         is made when it happened
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

namespace {

enum class Way { none, kill, torn, cut_short, no_space, broken, interrupted, clock };

struct Plan {
    std::string kind;
    Way way{Way::none};
    long at{};
    long seconds{};  ///< by which the clock steps
    std::string folder;
    std::string hit;
};

constexpr std::size_t kClock = 5;  ///< octets of "clock"

bool is_clock(const std::string& way) {
    return way.compare(0, kClock, "clock") == 0;
}

Way way_of(const std::string& name) {
    return name == "kill"     ? Way::kill
           : name == "torn"   ? Way::torn
           : name == "short"  ? Way::cut_short
           : name == "ENOSPC" ? Way::no_space
           : name == "EIO"    ? Way::broken
           : name == "EINTR"  ? Way::interrupted
           : is_clock(name)   ? Way::clock
                              : Way::none;
}

std::string text_in(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : value;
}

Plan read_plan() {
    const std::string text = text_in("DATONG_FAULT");
    const auto first = text.find(':');
    const auto second = text.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
        return {};
    }
    const std::string way = text.substr(first + 1, second - first - 1);
    return {.kind = text.substr(0, first),
            .way = way_of(way),
            .at = std::atol(text.c_str() + second + 1),
            .seconds = is_clock(way) ? std::atol(way.c_str() + kClock) : 0,
            .folder = text_in("DATONG_FAULT_FOLDER"),
            .hit = text_in("DATONG_FAULT_HIT")};
}

const Plan& plan() {
    static const Plan read = read_plan();
    return read;
}

std::atomic<long> counted{0};
std::atomic<long> stepped{0};  ///< seconds that the wall clock shows more than it should

void note_hit() {
    const int file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, plan().hit.c_str(), O_CREAT | O_WRONLY, 0600));
    if (file >= 0) {
        ::syscall(SYS_close, file);
    }
}

[[noreturn]] void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) {
        ::pause();
    }
}

bool is_ours(const char* path) {
    return !plan().folder.empty() && std::strncmp(path, plan().folder.c_str(), plan().folder.size()) == 0;
}

bool is_ours(int file) {
    char path[PATH_MAX];
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    const ssize_t length = ::readlink(link.c_str(), path, sizeof path - 1);
    if (length <= 0) {
        return false;
    }
    path[length] = '\0';
    return is_ours(path);
}

bool is_socket(int file) {
    struct stat status{};
    return ::fstat(file, &status) == 0 && S_ISSOCK(status.st_mode);
}

/// What becomes of this one; Way::none: nothing.
Way next(const char* kind) {
    if (plan().kind != kind || ++counted != plan().at) {
        return Way::none;
    }
    note_hit();
    if (plan().way == Way::kill) {
        die();
    }
    if (plan().way == Way::clock) {
        stepped = plan().seconds;
        return Way::none;
    }
    return plan().way;
}

/// -1 with errno for the ways that fail; 0 for the others.
int failed(Way way) {
    switch (way) {
        case Way::no_space:
            errno = ENOSPC;
            return -1;
        case Way::broken:
            errno = EIO;
            return -1;
        case Way::interrupted:
            errno = EINTR;
            return -1;
        default:
            return 0;
    }
}

template <class Function>
Function real(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

const char* kind_of(int file) {
    return is_socket(file) ? "send" : is_ours(file) ? "write" : "other";
}

/// Writes all, or as the plan says. @param whole  the real call with so many octets at most.
template <class Whole>
ssize_t written(const char* kind, std::size_t size, Whole whole) {
    const Way way = next(kind);
    if (failed(way) != 0) {
        return -1;
    }
    if (way == Way::none || size < 2) {
        return whole(size);
    }
    const ssize_t half = whole(size / 2);
    if (way == Way::torn) {
        die();
    }
    return half;
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
    static const auto call = real<ssize_t (*)(int, const void*, size_t)>("write");
    return written(kind_of(file), size, [&](std::size_t count) { return call(file, bytes, count); });
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
    static const auto call = real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
    return written(kind_of(file), size, [&](std::size_t count) { return call(file, bytes, count, at); });
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
    static const auto call = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    return written(kind_of(file), size, [&](std::size_t count) { return call(file, bytes, count, at); });
}

ssize_t writev(int file, const struct iovec* parts, int count) {
    static const auto call = real<ssize_t (*)(int, const struct iovec*, int)>("writev");
    const Way way = next(kind_of(file));
    return failed(way) != 0 ? -1 : call(file, parts, count);
}

ssize_t sendmsg(int file, const struct msghdr* message, int flags) {
    static const auto call = real<ssize_t (*)(int, const struct msghdr*, int)>("sendmsg");
    const Way way = next("send");
    return failed(way) != 0 ? -1 : call(file, message, flags);
}

ssize_t send(int file, const void* bytes, size_t size, int flags) {
    static const auto call = real<ssize_t (*)(int, const void*, size_t, int)>("send");
    return written("send", size, [&](std::size_t count) { return call(file, bytes, count, flags); });
}

int fdatasync(int file) {
    static const auto call = real<int (*)(int)>("fdatasync");
    return failed(next(is_ours(file) ? "sync" : "other")) != 0 ? -1 : call(file);
}

int fsync(int file) {
    static const auto call = real<int (*)(int)>("fsync");
    return failed(next(is_ours(file) ? "sync" : "other")) != 0 ? -1 : call(file);
}

int clock_gettime(clockid_t which, struct timespec* time) {
    static const auto call = real<int (*)(clockid_t, struct timespec*)>("clock_gettime");
    const int result = call(which, time);
    if (result == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
        time->tv_sec += stepped;
    }
    return result;
}

int gettimeofday(struct timeval* time, void* zone) {
    static const auto call = real<int (*)(struct timeval*, void*)>("gettimeofday");
    const int result = call(time, zone);
    time->tv_sec += result == 0 ? stepped.load() : 0;
    return result;
}

time_t time(time_t* into) {
    static const auto call = real<time_t (*)(time_t*)>("time");
    const time_t now = call(nullptr) + stepped;
    if (into != nullptr) {
        *into = now;
    }
    return now;
}

int rename(const char* from, const char* to) {
    static const auto call = real<int (*)(const char*, const char*)>("rename");
    return failed(next(is_ours(to) ? "rename" : "other")) != 0 ? -1 : call(from, to);
}

}  // extern "C"
