#pragma once

#include <atomic>
#include <chrono>

#include "core/base/clock.h"

namespace datong::support {

/// A clock that stands until a test moves it. May be used from many threads.
class FakeClock final : public Clock {
public:
    explicit FakeClock(std::chrono::system_clock::time_point start) : now_{start.time_since_epoch().count()} {}

    [[nodiscard]] std::chrono::system_clock::time_point now() const override {
        return std::chrono::system_clock::time_point{std::chrono::system_clock::duration{now_.load()}};
    }
    void advance(std::chrono::system_clock::duration by) { now_ += by.count(); }

private:
    std::atomic<std::chrono::system_clock::rep> now_;
};

}  // namespace datong::support
