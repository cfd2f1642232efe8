#include "adapters/plugin/pinned_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::adapters::plugin {
namespace {

struct FreeWithFree {
    void operator()(char* text) const noexcept { std::free(text); }
};

tl::unexpected<Error> refuse(const std::string& path, const std::string& why) {
    return fail(Fault::unavailable, path + ' ' + why);
}

std::string words_of(int error) {
    return std::error_code{error, std::generic_category()}.message();
}

bool is_ours(const struct stat& status) {
    return status.st_uid == 0 || status.st_uid == ::geteuid();
}

Status judge(const std::string& path, const struct stat& status) {
    constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
    if (!is_ours(status)) {
        return refuse(path, "belongs to neither root nor the gateway's user");
    }
    const bool is_sticky_of_root = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0 && status.st_uid == 0;
    if ((status.st_mode & kOthersWrite) != 0 && !is_sticky_of_root) {
        return refuse(path, "can be written by its group or by others: chmod go-w");
    }
    return {};
}

Status judge_folders(const std::string& path) {
    const std::filesystem::path whole{path};
    for (auto folder = whole.parent_path();; folder = folder.parent_path()) {
        struct stat status{};
        if (::lstat(folder.c_str(), &status) != 0) {
            return refuse(folder.string(), words_of(errno));
        }
        if (auto good = judge(folder.string(), status); !good) {
            return good;
        }
        if (folder == folder.root_path()) {
            return {};
        }
    }
}

Result<std::string> digest_of(const std::string& path, int file) {
    crypto::Sha256 digest;
    std::array<char, 1U << 16U> buffer{};
    for (off_t at = 0;;) {
        const ssize_t got = ::pread(file, buffer.data(), buffer.size(), at);
        if (got < 0 && errno != EINTR) {
            return refuse(path, "can't be read: " + words_of(errno));
        }
        if (got == 0) {
            return to_hex(digest.finish());
        }
        if (got > 0) {
            digest.add({buffer.data(), static_cast<std::size_t>(got)});
            at += got;
        }
    }
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

Descriptor::~Descriptor() {
    if (number_ >= 0) {
        ::close(number_);
    }
}

Result<Descriptor> open_pinned(const std::string& path, const std::string& sha256) {
    if (!path.starts_with('/')) {
        return refuse(path, "is no absolute path");
    }
    const std::unique_ptr<char, FreeWithFree> real{::realpath(path.c_str(), nullptr)};
    if (!real) {
        return refuse(path, "can't be found: " + words_of(errno));
    }
    if (auto good = judge_folders(real.get()); !good) {
        return fail(std::move(good.error()));
    }
    Descriptor file{::open(real.get(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct stat status{};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
        return refuse(path, "can't be opened: " + words_of(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return refuse(path, "is no regular file");
    }
    if (auto good = judge(real.get(), status); !good) {
        return fail(std::move(good.error()));
    }
    auto digest = digest_of(path, file.get());
    if (!digest) {
        return fail(std::move(digest.error()));
    }
    if (*digest != sha256) {
        return refuse(path, "is another file than the pinned one: its SHA-256 is " + *digest);
    }
    return file;
}

}  // namespace datong::adapters::plugin
