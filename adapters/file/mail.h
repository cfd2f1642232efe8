#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "adapters/file/letter.h"
#include "adapters/file/place.h"

namespace datong::adapters::file {

/// How a reply looked when it was last seen, by this machine's own clock: file servers' clocks differ.
struct Sighting {
    Look look;
    std::chrono::steady_clock::time_point since{};
};

// What is done with one file, whichever way it is known. Failures as of Place.

/// Whether nothing more comes of this place: what failed was no matter of one file.
[[nodiscard]] bool is_over(const Place& place, Deadline deadline);

/// Whether the other side has written it whole: its flag lies there, or it looks as it looked a settling time ago.
[[nodiscard]] Result<bool> is_whole(Place& place, const Rules& rules, const std::string& reply, const Look& look,
                                    Sighting& seen, Deadline deadline);

/// Moves a reply to `done`, or removes it, and gives its octets: moved first and read then, for what was moved is
/// nobody else's.
/// @return Fault::department_invalid when it can't be read as a regular file or is over max_reply.
[[nodiscard]] Result<std::string> read_away(Place& place, const Rules& rules, const std::string& reply,
                                            Deadline deadline);

/// Of a reply that is over the limit.
[[nodiscard]] Error too_large(const Rules& rules);
/// Moves a reply that nobody waits for to `late`, or removes it, with its flag.
[[nodiscard]] Status put_aside(Place& place, const Rules& rules, const std::string& reply, Deadline deadline);

/// Moves a reply, whose content is known, to `done`, or removes it, with its flag.
[[nodiscard]] Status file_away(Place& place, const Rules& rules, const std::string& reply, Deadline deadline);

}  // namespace datong::adapters::file
