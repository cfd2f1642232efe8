#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace datong::adapters::file {

/// Where a department's system and the gateway lay files for each other. All on one file system.
struct Folders {
    std::string out;   ///< requests
    std::string in;    ///< replies
    std::string done;  ///< replies that were read; empty: they are removed
    std::string late;  ///< replies that nobody waits for; empty: they are removed
};

/// How a reply looked when it was last seen, by this machine's own clock: file servers' clocks differ.
struct Sighting {
    std::int64_t size{-1};
    std::int64_t changed{};  ///< ns, by the file system
    std::chrono::steady_clock::time_point since{};
};

/// The folders of one source, and the names of what may still come too late. May be used from many
/// threads; blocks.
class DropFolder {
public:
    DropFolder(Folders folders, std::chrono::milliseconds settle, std::size_t max_reply)
        : folders_{std::move(folders)}, settle_{settle}, max_reply_{max_reply} {}

    /// Writes NAME.tmp, syncs it and renames it, so that the other side never sees a part. A reply of
    /// that name that lies there already is late and is put aside first.
    /// @param name, reply  plain file names, encoded, without '/'.
    /// @return Fault::department_down when the folder can't be written; source_busy when a request of
    ///         that name lies there still; department_timeout when the deadline passed before it had its
    ///         name.
    [[nodiscard]] Status send(const std::string& name, const std::string& reply, const std::string& body,
                              Deadline deadline);

    /// The reply if it has come and has not changed for the settling time; then it is moved away.
    /// @param seen  what the look before saw; one a call.
    /// @return Fault::department_invalid when it is no regular file or over max_reply.
    [[nodiscard]] Result<std::optional<std::string>> take(const std::string& reply, Sighting& seen);

    /// Ends a call without a reply: withdraws its request if nobody has fetched it, and remembers the
    /// reply's name.
    void abandon(const std::string& name, const std::string& reply);

    /// Puts aside late replies of abandoned calls.
    void sweep();

    /// Whether every folder is there and can be used.
    [[nodiscard]] Status check() const;

private:
    [[nodiscard]] Result<std::string> read_away(const std::string& reply);
    [[nodiscard]] bool put_aside(const std::string& reply) const;

    Folders folders_;
    std::chrono::milliseconds settle_;
    std::size_t max_reply_;
    std::mutex mutex_;
    std::deque<std::string> abandoned_;
};

}  // namespace datong::adapters::file
