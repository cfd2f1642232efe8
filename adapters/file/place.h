#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace datong::adapters::file {

/// How a file looks from outside.
struct Look {
    bool is_regular{};         ///< no link, folder, pipe or device
    std::int64_t size{-1};     ///< octets
    std::int64_t changed{};    ///< by the file system's clock: ns of a local one, s of an SFTP server's
    std::int64_t changed_s{};  ///< the same in seconds since 1970

    bool operator==(const Look&) const = default;
};

struct Entry {
    std::string name;
    Look look;
};

/// Where folders are: this machine, or an SFTP server through one connection. Blocks, never past the
/// deadline but for a local disk that hangs; used by one thread at a time. Names are octets.
///
/// Every failure is Fault::department_down (it can't be reached or used, with the system's words) or
/// department_timeout, and names no file: a name may hold a field's value.
class Place {
public:
    Place() = default;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    virtual ~Place() = default;

    /// Makes a file that is not there yet, writes it whole and syncs it where the place can. What can't be
    /// written whole is removed again. @return false when there is one of that name.
    [[nodiscard]] virtual Result<bool> put(const std::string& path, std::string_view octets, Deadline deadline) = 0;
    /// Renames, never over another file. @return false when `to` is there.
    [[nodiscard]] virtual Result<bool> move(const std::string& from, const std::string& to, Deadline deadline) = 0;
    /// Looks without following a link; nullopt where there is nothing.
    [[nodiscard]] virtual Result<std::optional<Look>> look(const std::string& path, Deadline deadline) = 0;
    /// At most `most` octets and a few more: whoever asks compares the size. nullopt where it can't be read or is
    /// no regular file.
    [[nodiscard]] virtual Result<std::optional<std::string>> read(const std::string& path, std::size_t most,
                                                                  Deadline deadline) = 0;
    /// @return false when there was none.
    [[nodiscard]] virtual Result<bool> remove(const std::string& path, Deadline deadline) = 0;
    /// @param most  entries; what is over is left out.
    [[nodiscard]] virtual Result<std::vector<Entry>> list(const std::string& folder, std::size_t most,
                                                          Deadline deadline) = 0;
    /// Whether the folder is there and can be read and written, as far as the place tells.
    [[nodiscard]] virtual Status check(const std::string& folder, Deadline deadline) = 0;
    /// Whether nothing has come that nobody asked for: a line that was closed shows itself so.
    [[nodiscard]] virtual bool is_quiet() const { return true; }
    /// False once a connection is lost, or in the middle of something that was given up.
    [[nodiscard]] virtual bool is_sound() const { return true; }
};

/// Folders of this machine, or mounted on it. Keeps nothing.
[[nodiscard]] std::unique_ptr<Place> make_local_place();

/// A name in a folder.
[[nodiscard]] inline std::string join(const std::string& folder, const std::string& name) {
    return folder + '/' + name;
}

}  // namespace datong::adapters::file
