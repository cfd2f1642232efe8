#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace datong::keeping {

// Files that must be there after a crash; for this room.

/// Whether something stands under that name. @return Fault::evidence_unavailable when that can't be learnt, as of a
/// share whose server forgot it.
[[nodiscard]] Result<bool> is_there(const std::string& path);
/// Whether a folder stands there and holds nothing; false too when that can't be learnt.
[[nodiscard]] bool is_empty_folder(const std::string& path);
/// All of a file. @return Fault::evidence_unavailable when it can't be read.
[[nodiscard]] Result<std::string> read_whole(const std::string& path);
/// Makes or replaces a file for this user alone, durable with its name when it returns good: nobody sees half of it.
[[nodiscard]] Status write_durable(const std::string& path, std::string_view octets);
/// Copies a file of any size likewise. @return hex SHA-256 of what was copied.
[[nodiscard]] Result<std::string> copy_durable(const std::string& from, const std::string& to);
/// Hex SHA-256 of a file of any size.
[[nodiscard]] Result<std::string> digest_of_file(const std::string& path);
/// Makes what was removed from or put into a folder durable.
[[nodiscard]] Status sync_folder(const std::string& folder);
/// That nobody else works there, in this process or another; until it goes. One thread.
class FileLock {
public:
    /// Makes the file where it is missing: a folder on a file server can't be locked itself.
    /// @return Fault::evidence_unavailable when somebody holds it, or it can't be used.
    [[nodiscard]] static Result<FileLock> take(const std::string& path);
    FileLock(FileLock&& other) noexcept : file_{std::exchange(other.file_, -1)} {}
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

private:
    explicit FileLock(int file) : file_{file} {}
    int file_{-1};
};

[[nodiscard]] std::string hex_digest(std::string_view octets);

}  // namespace datong::keeping
