#pragma once

#include <string>

namespace datong::bench {

/// What a command of the shell prints.
[[nodiscard]] std::string output_of(const std::string& command);
/// CPU seconds that a process has used, user and system. Source: proc(5), /proc/PID/stat fields 14 and 15.
[[nodiscard]] double cpu_seconds(int pid);
/// "AMD EPYC ..., 2 cores".
[[nodiscard]] std::string machine();
/// "2026-11-30", local time.
[[nodiscard]] std::string today();

}  // namespace datong::bench
