#pragma once

#include <chrono>
#include <string>

namespace datong {

/// A new UUID of version 7: time-ordered, 36 characters, random part from the kernel.
/// Source: RFC 9562, 5.7.
[[nodiscard]] std::string new_id(std::chrono::system_clock::time_point now);

}  // namespace datong
