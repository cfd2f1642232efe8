#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/keyring/ring.h"

namespace datong::keyring {

/// What the makers of keys do to the disk: a seam where tests put faults in. Each call happens whole or not at all.
class Disk {
public:
    Disk() = default;
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;
    virtual ~Disk() = default;

    /// A file that is not there yet, durable when this returns. @return Fault::bad_request when it is there.
    [[nodiscard]] virtual Status write_new(const std::string& path, std::string_view bytes, bool is_secret) = 0;
    /// A file in place of the one of that name, by a rename, durable when this returns.
    [[nodiscard]] virtual Status replace(const std::string& path, std::string_view bytes) = 0;
    [[nodiscard]] virtual Status remove(const std::string& path) = 0;
};
[[nodiscard]] std::unique_ptr<Disk> system_disk();

/// A folder of keys, held by one command at a time. Errors are words for the person at the terminal, Chinese first.
class Folder {
public:
    /// Makes the folder (mode 0700) where it is missing.
    /// @param disk  must outlive the folder.
    /// @return Fault::bad_request when others may write there, Fault::in_progress when another command works there.
    [[nodiscard]] static Result<Folder> open(const std::string& path, Disk& disk);
    Folder(Folder&& other) noexcept;
    Folder& operator=(Folder&&) = delete;
    ~Folder();

    [[nodiscard]] Disk& disk() const noexcept { return *disk_; }
    /// A name as a ring writes it, from this folder on.
    [[nodiscard]] std::string path_of(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
    /// nullopt when it can't be read.
    [[nodiscard]] std::optional<std::string> read(std::string_view name) const;

    /// The ring of that name; an empty optional when there is none.
    [[nodiscard]] Result<std::optional<Ring>> ring(std::string_view name) const;
    /// The name of another ring that has, or had, a key of this id; empty when none has. One that can't be read is
    /// none: its own commands say so.
    [[nodiscard]] std::string other_ring(std::string_view id, std::string_view besides) const;
    /// Replaces the ring's file: what it says is so from then on.
    [[nodiscard]] Status put(const Ring& ring) const;
    /// The key of a ring, ready to sign.
    [[nodiscard]] Result<crypto::SigningKey> open_key(const RingKey& key) const;

private:
    Folder(std::string path, Disk& disk, int lock);

    std::string path_;
    Disk* disk_;
    int lock_;
};

/// A key that stays in its token (crypto/token.h): the PIN comes from the file that the URI names, its mode checked, or
/// from the environment's DATONG_TOKEN_PIN. @param folder  from where on a relative file name is meant.
[[nodiscard]] Result<crypto::SigningKey> open_in_token(const std::string& uri, const std::string& folder);

/// "gateway.keys.yaml".
[[nodiscard]] std::string ring_file(std::string_view name);

}  // namespace datong::keyring
