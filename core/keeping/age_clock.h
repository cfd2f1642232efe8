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
/// is followed at once: it deletes too little.
///
/// What is known outlives the program in a small file, so that several starts with a wrong clock forget no more than
/// one. May be used from many threads.
class AgeClock final : public Clock {
public:
    /// @param known   the newest moment that is known from before; nullopt: nothing is, and the clock is believed.
    /// @param steady  nullptr: the system's.
    AgeClock(const Clock& clock, std::optional<std::chrono::system_clock::time_point> known,
             std::function<Deadline()> steady = nullptr);

    [[nodiscard]] std::chrono::system_clock::time_point now() const override;
    /// Whether the clock is ahead of what is believed now.
    [[nodiscard]] bool is_doubted() const;

    /// What is known, for the next start.
    [[nodiscard]] Status keep(const std::string& file) const;
    /// What keep() wrote; nullopt where there is none, or it can't be read.
    [[nodiscard]] static std::optional<std::chrono::system_clock::time_point> kept_in(const std::string& file);

private:
    const Clock& clock_;
    std::function<Deadline()> steady_;
    mutable std::mutex mutex_;
    mutable std::chrono::system_clock::time_point known_;
    mutable Deadline at_;  ///< when that was so
    mutable std::optional<Deadline> doubted_since_;
};

}  // namespace datong::keeping
