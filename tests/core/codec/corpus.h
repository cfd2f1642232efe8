#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// The whole file as octets.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// Every file below a folder of tests/data, in the order of their names.
[[nodiscard]] std::vector<std::filesystem::path> files_below(const std::string& folder);
