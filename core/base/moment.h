#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace datong {

// Seconds since 1970-01-01T00:00:00Z as moments. The system's clock counts nanoseconds and ends in 2262.

/// RFC 3339 as to_rfc3339 writes it, of any year from 1 to 9999.
[[nodiscard]] std::string seconds_to_rfc3339(std::int64_t unix_seconds);

/// Where something begins or ends: what lies beyond the clock ("99991231235959Z": never) is its last moment, and not
/// one of the nineteenth century.
[[nodiscard]] std::chrono::system_clock::time_point nearest_moment(std::int64_t unix_seconds);
/// What must be exact; nullopt when the clock can't tell it.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> exact_moment(std::int64_t unix_seconds);

}  // namespace datong
