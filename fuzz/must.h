#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace datong::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process, as a crash does, when what must hold of every input does not.
inline void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace datong::fuzz
