#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/moment.h"
#include "core/store/awaited.h"

namespace datong::later {

inline constexpr std::string_view kUse = "datong awaited";  ///< of keys derived from the subject key

/// Where a sealed request belongs, and a sealed answer: neither opens in another row or in the other's place.
[[nodiscard]] inline std::string place_of(const store::Awaited& row) {
    return row.exchange + '#' + row.material;
}
[[nodiscard]] inline std::string told_place_of(const store::Awaited& row) {
    return place_of(row) + "#told";
}

/// Until when the disk is waited for.
[[nodiscard]] inline Deadline disk_deadline() {
    return Deadline::clock::now() + std::chrono::seconds{10};
}

/// RFC 3339 of unix seconds.
[[nodiscard]] inline std::string time_text(std::int64_t seconds) {
    return seconds_to_rfc3339(seconds);
}

}  // namespace datong::later
