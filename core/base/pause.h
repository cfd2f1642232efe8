#pragma once

#include <chrono>

#include "core/base/clock.h"

namespace datong {

/// How long something of ours is left alone after it failed: ten seconds at first, twice as long each time that it
/// fails again, two minutes at most. One thread at a time.
class Pause {
public:
    [[nodiscard]] bool holds(Deadline now) const { return now < until_; }
    /// It failed. What fails while the pause holds was begun before, and makes it no longer.
    void begin(Deadline now);

private:
    Deadline until_{};
    std::chrono::seconds length_{};
};

}  // namespace datong
