#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace datong {

/// Where time comes from: the system's clock in the program, a hand-moved one in tests.
/// May be used from many threads.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// Wall time, for what is written, signed or compared with another machine's words.
    [[nodiscard]] virtual std::chrono::system_clock::time_point now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] std::chrono::system_clock::time_point now() const override;
};

/// Until when somebody waits: monotonic, never written down.
using Deadline = std::chrono::steady_clock::time_point;

/// RFC 3339 at the fixed offset +08:00 with milliseconds: "2026-03-01T09:00:00.123+08:00" (29 bytes).
/// Civil dates of this country never use Asia/Shanghai, whose history shifts birthdays (docs/mapping.md).
[[nodiscard]] std::string to_rfc3339(std::chrono::system_clock::time_point time);

/// Seconds since 1970-01-01T00:00:00Z.
[[nodiscard]] std::int64_t to_unix_seconds(std::chrono::system_clock::time_point time);

}  // namespace datong
