#include "core/keyring/folder.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/crypto/token.h"
#include "core/keyring/secret_file.h"
#include "core/yaml/node.h"

namespace datong::keyring {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> refused(const std::string& path, int why) {
    return fail(Fault::internal, "写不了 can't write " + path + ": " + std::generic_category().message(why));
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return true;
}

class SystemDisk final : public Disk {
public:
    Status write_new(const std::string& path, std::string_view bytes, bool is_secret) override {
        return write_aside(path, bytes, is_secret).and_then([&]() -> Status {
            const std::string aside = aside_of(path);
            const int made = ::link(aside.c_str(), path.c_str());  // unlike rename, never over another file
            const int why = errno;
            ::unlink(aside.c_str());
            if (made != 0) {
                return why == EEXIST ? fail(Fault::bad_request, "已存在 is there already: " + path)
                                     : refused(path, why);
            }
            return sync_folder_of(path);
        });
    }

    Status replace(const std::string& path, std::string_view bytes) override {
        return write_aside(path, bytes, false).and_then([&]() -> Status {
            const std::string aside = aside_of(path);
            if (::rename(aside.c_str(), path.c_str()) != 0) {
                const int why = errno;
                ::unlink(aside.c_str());
                return refused(path, why);
            }
            return sync_folder_of(path);
        });
    }

    Status remove(const std::string& path) override {
        return ::unlink(path.c_str()) == 0 || errno == ENOENT ? sync_folder_of(path) : refused(path, errno);
    }

private:
    static std::string aside_of(const std::string& path) {
        const fs::path whole{path};
        return (whole.parent_path() / ('.' + whole.filename().string() + ".tmp")).string();
    }

    /// What an earlier command that was cut off left there goes first: the folder is ours alone.
    static Status write_aside(const std::string& path, std::string_view bytes, bool is_secret) {
        constexpr mode_t kSecret = 0600;
        constexpr mode_t kPublic = 0644;
        const std::string aside = aside_of(path);
        ::unlink(aside.c_str());
        const int file = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, is_secret ? kSecret : kPublic);
        if (file < 0) {
            return refused(aside, errno);
        }
        const bool whole = write_all(file, bytes) && ::fsync(file) == 0;
        const int why = errno;
        if (::close(file) != 0 || !whole) {
            ::unlink(aside.c_str());
            return refused(path, why);
        }
        return {};
    }

    static Status sync_folder_of(const std::string& path) {
        const std::string parent = fs::path{path}.parent_path().string();
        const std::string folder = parent.empty() ? "." : parent;
        const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const bool done = file >= 0 && ::fsync(file) == 0;
        const int why = errno;
        if (file >= 0) {
            ::close(file);
        }
        return done ? Status{} : refused(folder, why);
    }
};

Error words_of(const Unkept& why) {
    return Error{Fault::bad_request,
                 why.text_zh + ' ' + why.text_en + (why.hint.empty() ? std::string{} : "\n  " + why.hint)};
}

Error first_of(const Mistakes& mistakes) {
    return Error{Fault::bad_request, mistakes.empty() ? std::string{} : to_line(mistakes.front())};
}

}  // namespace

std::unique_ptr<Disk> system_disk() {
    return std::make_unique<SystemDisk>();
}

Folder::Folder(std::string path, Disk& disk, int lock) : path_{std::move(path)}, disk_{&disk}, lock_{lock} {
}

Folder::Folder(Folder&& other) noexcept
    : path_{std::move(other.path_)}, disk_{other.disk_}, lock_{std::exchange(other.lock_, -1)} {
}

Folder::~Folder() {
    if (lock_ >= 0) {
        ::close(lock_);
    }
}

Result<Folder> Folder::open(const std::string& path, Disk& disk) {
    std::error_code failure;
    if (fs::create_directories(path, failure)) {
        fs::permissions(path, fs::perms::owner_all, failure);
    }
    const int lock = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat facts{};
    if (failure || lock < 0 || ::fstat(lock, &facts) != 0) {
        const std::string why = failure ? failure.message() : std::generic_category().message(errno);
        return fail(Fault::bad_request, "密钥目录不可用 the keys' folder can't be used: " + path + ": " + why);
    }
    Folder folder{path, disk, lock};
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return fail(Fault::bad_request,
                    "他人可写的密钥目录 others may write in the keys' folder: " + path + "\n  chmod go-w " + path);
    }
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        return fail(Fault::in_progress,
                    "另一条命令正在使用该密钥目录 another command works in this folder now: " + path);
    }
    return folder;
}

std::string Folder::path_of(std::string_view name) const {
    const fs::path written{name};
    return (written.is_absolute() ? written : fs::path{path_} / written).lexically_normal().string();
}

bool Folder::has(std::string_view name) const {
    std::error_code ignored;
    return fs::exists(path_of(name), ignored);
}

std::optional<std::string> Folder::read(std::string_view name) const {
    std::ifstream file{path_of(name), std::ios::binary};
    if (!file) {
        return std::nullopt;
    }
    return std::string{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

Result<std::optional<Ring>> Folder::ring(std::string_view name) const {
    const std::string file = ring_file(name);
    if (!has(file)) {
        return std::optional<Ring>{};
    }
    const auto text = read(file);
    const auto node = text ? yaml::parse(*text, path_of(file)) : tl::unexpected{Mistakes{}};
    if (!node) {
        return fail(text ? first_of(node.error()) : Error{Fault::bad_request, "无法读取 can't read " + path_of(file)});
    }
    Mistakes mistakes;
    auto ring = read_ring(*node, mistakes);
    if (!ring) {
        return fail(first_of(mistakes));
    }
    return ring;
}

std::string Folder::other_ring(std::string_view id, std::string_view besides) const {
    const std::string ending = ring_file("");
    std::error_code unreadable;
    for (const auto& file : fs::directory_iterator{path_, unreadable}) {
        const std::string name = file.path().filename().string();
        if (!name.ends_with(ending) || name == ring_file(besides)) {
            continue;
        }
        const auto there = ring(name.substr(0, name.size() - ending.size()));
        if (there && *there && (*there)->knows(id)) {
            return (*there)->name;
        }
    }
    return {};
}

Status Folder::put(const Ring& ring) const {
    return disk_->replace(path_of(ring_file(ring.name)), to_yaml(ring));
}

Result<crypto::SigningKey> Folder::open_key(const RingKey& key) const {
    if (crypto::is_token_uri(key.file)) {
        return open_in_token(key.file, path_);
    }
    const auto pem = read_secret(path_of(key.file));
    if (!pem) {
        return fail(words_of(pem.error()));
    }
    auto opened = crypto::SigningKey::from_pem(pem->reveal());
    if (!opened) {
        return fail(Fault::bad_request,
                    "密钥不可用 this key can't be used: " + path_of(key.file) + ": " + opened.error().detail());
    }
    return opened;
}

Result<crypto::SigningKey> open_in_token(const std::string& uri, const std::string& folder) {
    const auto where = crypto::read_token_uri(uri);
    if (!where) {
        return fail(where.error());
    }
    if (!where->pin_source.empty()) {
        const auto pin = read_secret_line((fs::path{folder} / where->pin_source).lexically_normal().string());
        return pin ? crypto::open_token_key(*where, *pin) : fail(words_of(pin.error()));
    }
    const char* pin = std::getenv("DATONG_TOKEN_PIN");
    return pin != nullptr ? crypto::open_token_key(*where, Secret{pin})
                          : fail(Fault::bad_request,
                                 "令牌的 PIN 未给出 the token's PIN is not given: DATONG_TOKEN_PIN or pin-source");
}

std::string ring_file(std::string_view name) {
    return std::string{name} + ".keys.yaml";
}

}  // namespace datong::keyring
