#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace datong::keeping {

/// Wall time as far as it is believed, for whoever deletes by age and for good: a clock that is ahead for a moment must
/// not forget what is young. A leap of more than thirty days over what is known is believed after a day without
/// interruption; until then this clock goes on from what is known, by a clock that nobody sets. A clock that is behind
/// is followed at once: it deletes too little. One that is so by more than thirty days for a day is what is known then,
/// for what was ahead of it was no right clock.
///
/// What is known outlives the program in a small file, and how long it has been doubted with it: several starts with a
/// wrong clock forget no more than one, and a node that is restarted each night catches up all the same. May be used
/// from many threads.
class AgeClock final : public Clock {
public:
    using WallTime = std::chrono::system_clock::time_point;
    struct Doubt {
        WallTime began;             ///< by the clock that is doubted
        std::chrono::seconds held;  ///< how long it has held since, without the time between two runs
    };
    struct Known {
        WallTime newest;
        std::optional<Doubt> doubt{};  ///< a clock that tells more than thirty days more, or less
    };

    /// @param known   from before; nullopt: nothing is, and the clock is believed.
    /// @param steady  nullptr: the system's.
    AgeClock(const Clock& clock, std::optional<Known> known, std::function<Deadline()> steady = nullptr);

    [[nodiscard]] WallTime now() const override;
    /// Whether the clock is ahead of what is believed now.
    [[nodiscard]] bool is_doubted() const;

    /// What is known, for the next start.
    [[nodiscard]] Status keep(const std::string& file) const;
    /// What keep() wrote; nullopt where there is none, or it can't be read.
    [[nodiscard]] static std::optional<Known> kept_in(const std::string& file);

private:
    [[nodiscard]] bool believes(WallTime told) const;

    const Clock& clock_;
    std::function<Deadline()> steady_;
    mutable std::mutex mutex_;
    mutable WallTime known_;
    mutable std::optional<Doubt> doubt_;
    mutable std::chrono::steady_clock::duration held_{};  ///< of doubt_, to the last tick
    mutable Deadline at_;                                 ///< when all this was so
};

}  // namespace datong::keeping
