#include "core/keyring/secret_file.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace datong::keyring {
namespace {

constexpr std::size_t kMostBytes = 1U << 20;

/// Closes what it holds.
class Descriptor {
public:
    explicit Descriptor(int file) : file_{file} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (file_ >= 0) {
            ::close(file_);
        }
    }
    [[nodiscard]] int get() const noexcept { return file_; }

private:
    int file_;
};

Unkept unreadable(const std::string& path, int why) {
    const std::string text = std::generic_category().message(why);
    return {"无法读取密钥文件 " + path + ": " + text, "can't read key file " + path + ": " + text, {}};
}

bool is_ours(const struct stat& facts) {
    return facts.st_uid == ::geteuid() || facts.st_uid == 0;
}

bool is_closed_to_others(const struct stat& facts) {
    return (facts.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) == 0;
}

tl::expected<std::string, Unkept> read_all(int file, const std::string& path) {
    std::string text;
    std::array<char, 4'096> piece{};
    for (;;) {
        const ssize_t got = ::read(file, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return tl::unexpected{unreadable(path, errno)};
        }
        text.append(piece.data(), static_cast<std::size_t>(got));
        if (got == 0 || text.size() > kMostBytes) {
            piece.fill('\0');
            return text;
        }
    }
}

}  // namespace

tl::expected<Secret, Unkept> read_secret(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // a pipe must not keep us waiting
    struct stat facts{};
    if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) {
        return tl::unexpected{unreadable(path, errno)};
    }
    if (!S_ISREG(facts.st_mode) || static_cast<std::size_t>(facts.st_size) > kMostBytes) {
        return tl::unexpected{Unkept{"密钥文件须为不超过 1 MiB 的普通文件: " + path,
                                     "a key file must be a plain file of at most 1 MiB: " + path,
                                     {}}};
    }
    if (!is_ours(facts)) {
        return tl::unexpected{Unkept{"密钥文件的属主既非本程序用户也非 root: " + path,
                                     "this key file belongs to another user: " + path,
                                     "chown " + std::to_string(::geteuid()) + " " + path}};
    }
    if (!is_closed_to_others(facts)) {
        return tl::unexpected{Unkept{"密钥文件权限过宽, 须只有属主可写、他人不可读: " + path,
                                     "others may read this key file, or more than its owner write it: " + path,
                                     "chmod 600 " + path}};
    }
    auto text = read_all(file.get(), path);
    if (!text) {
        return tl::unexpected{std::move(text.error())};
    }
    return Secret{std::move(*text)};
}

tl::expected<Secret, Unkept> read_secret_line(const std::string& path) {
    const auto whole = read_secret(path);
    if (!whole) {
        return whole;
    }
    const std::string& text = whole->reveal();
    const auto end = text.find_last_not_of("\r\n");
    return Secret{text.substr(0, end == std::string::npos ? 0 : end + 1)};
}

}  // namespace datong::keyring
