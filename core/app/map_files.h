#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/mapping.h"

namespace datong::app {

/// A mapping file as mappings name it: a root folder and a path below it.
struct Located {
    std::filesystem::path root;
    std::string path;
};

/// @param mappings  the root; empty: the nearest folder above `file` that is named mappings, else its own.
[[nodiscard]] Located locate(const std::string& file, const std::string& mappings);

[[nodiscard]] mapping::ReadFile reader_below(const std::filesystem::path& root);

/// Empty where a file or folder is there; else why nothing can be read, for the person who named it. What may not be
/// looked at is not missing.
[[nodiscard]] std::string why_not_there(const std::string& path);

/// The file's bytes, "-" for standard input; nullopt when it can't be read.
[[nodiscard]] std::optional<std::string> read_text(const std::string& path);

/// Replaces a file by a rename, so that nobody ever reads half of it. @return false when that fails.
[[nodiscard]] bool write_text(const std::string& path, const std::string& bytes);

/// The mappings below a folder in the order of their names, or the file itself.
[[nodiscard]] std::vector<std::string> mapping_files(const std::string& path);

/// A JSON sample of rows as an adapter gives them: every text is a cell of octets.
[[nodiscard]] record::Record rows_of_sample(const record::Record& sample);

/// @param at  RFC 3339; empty: now. @return nullopt for anything else, and for what the clock can't tell (before 1679,
///            after 2260).
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> moment(const std::string& at);

}  // namespace datong::app
