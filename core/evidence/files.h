#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::evidence {

/// Octets of a file system.
struct DiskRoom {
    std::uint64_t total{};
    std::uint64_t available{};
};

/// Files as the log uses them: a seam where tests put faults in. Called from the writer's thread only.
class Files {
public:
    Files() = default;
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    virtual ~Files() = default;
    [[nodiscard]] virtual Result<int> open_to_append(const std::string& path) = 0;
    [[nodiscard]] virtual Status append(int file, std::string_view bytes) = 0;  ///< all of them or a failure
    [[nodiscard]] virtual Status make_durable(int file) = 0;                    ///< fdatasync
    [[nodiscard]] virtual Status cut(int file, std::uint64_t size) = 0;         ///< ftruncate
    /// Has the disk keep room behind `from` without changing the file's size (fallocate). A file system that can't is
    /// no failure.
    [[nodiscard]] virtual Status reserve(int file, std::uint64_t from, std::uint64_t bytes) = 0;
    [[nodiscard]] virtual Result<DiskRoom> room(const std::string& folder) = 0;
    [[nodiscard]] virtual Status make_durable_folder(const std::string& path) = 0;
    virtual void close(int file) = 0;
};
[[nodiscard]] std::unique_ptr<Files> system_files();

/// Holds a folder of evidence for one writing process, until it goes or the process ends.
class FolderLock {
public:
    /// Makes the folder where it is missing.
    /// @return Fault::evidence_unavailable when another process writes there, or the folder can't be used.
    [[nodiscard]] static Result<FolderLock> take(const std::string& folder);
    /// Whether a process writes there now.
    [[nodiscard]] static bool is_taken(const std::string& folder);

    FolderLock(FolderLock&& other) noexcept;
    FolderLock& operator=(FolderLock&& other) noexcept;
    ~FolderLock();

private:
    explicit FolderLock(int folder) : folder_{folder} {}
    int folder_{-1};
};

}  // namespace datong::evidence
