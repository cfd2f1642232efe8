#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/telemetry/sink.h"

namespace datong::telemetry {

[[nodiscard]] std::string_view name_of(Level level);

/// One JSON object without line break, in UTF-8 whatever the texts hold: what is not UTF-8 stands as
/// U+FFFD, control characters are escaped, so that no text can begin a line of its own.
/// Source: RFC 8259, 7 and 8.1.
[[nodiscard]] std::string to_json_line(std::chrono::system_clock::time_point time, Level level, std::string_view event,
                                       std::initializer_list<Field> fields);

}  // namespace datong::telemetry
