#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/scratch_folder.h"

namespace datong::support {

/// Whether a text stands in any file below a folder.
inline bool stands_anywhere(const ScratchFolder& folder, const std::string& text) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder.path()}) {
        if (!entry.is_regular_file()) {
            continue;
        }
        std::ifstream in{entry.path(), std::ios::binary};
        const std::string all{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
        if (all.find(text) != std::string::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace datong::support
