#include "core/keeping/age_clock.h"

#include <algorithm>
#include <fstream>

#include "core/base/durable_file.h"
#include "core/base/moment.h"
#include "core/base/text.h"

namespace datong::keeping {
namespace {

using std::chrono::system_clock;

constexpr std::chrono::days kLeap{30};
constexpr std::chrono::hours kProbation{24};

}  // namespace

AgeClock::AgeClock(const Clock& clock, std::optional<Known> known, std::function<Deadline()> steady)
    : clock_{clock},
      steady_{steady ? std::move(steady) : [] { return Deadline::clock::now(); }},
      known_{known ? known->newest : clock.now()},
      doubt_{known ? known->doubt : std::nullopt},
      held_{doubt_ ? doubt_->held : std::chrono::seconds{0}},
      at_{steady_()} {
}

system_clock::time_point AgeClock::now() const {
    const std::lock_guard lock{mutex_};
    const Deadline at = steady_();
    const system_clock::time_point told = clock_.now();
    const auto passed = at - at_;
    known_ += std::chrono::duration_cast<system_clock::duration>(passed);
    held_ += passed;
    at_ = at;
    if (believes(told)) {
        doubt_.reset();
        known_ = std::max(known_, told);
        return told;
    }
    if (held_ >= kProbation) {
        doubt_.reset();
        known_ = told;
    }
    return std::min(known_, told);
}

/// Else a doubt begins, where there is none or the clock is not the one that was doubted.
bool AgeClock::believes(WallTime told) const {
    const auto differs = [](WallTime one, WallTime other) { return one > other + kLeap || other > one + kLeap; };
    if (!differs(told, known_)) {
        return true;
    }
    if (!doubt_ || differs(told, doubt_->began + std::chrono::duration_cast<system_clock::duration>(held_))) {
        doubt_ = Doubt{.began = told, .held = {}};
        held_ = {};
    }
    return false;
}

bool AgeClock::is_doubted() const {
    const WallTime believed = now();
    const std::lock_guard lock{mutex_};
    return doubt_ && doubt_->began > believed;
}

Status AgeClock::keep(const std::string& file) const {
    (void)now();
    const auto text = [this] {
        const std::lock_guard lock{mutex_};
        const std::string known = std::to_string(to_unix_seconds(known_));
        return doubt_ ? known + ' ' + std::to_string(to_unix_seconds(doubt_->began)) + ' ' +
                            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(held_).count())
                      : known;
    }();
    return replace_file(file, text + '\n');
}

std::optional<AgeClock::Known> AgeClock::kept_in(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    std::int64_t newest{};
    const auto known = in >> newest ? exact_moment(newest) : std::nullopt;
    if (!known) {
        return std::nullopt;
    }
    Known kept{.newest = *known};
    std::int64_t began{};
    std::int64_t held{};
    const bool has_doubt = in >> began >> held && held >= 0 && held <= std::chrono::seconds{kProbation}.count();
    if (const auto moment = has_doubt ? exact_moment(began) : std::nullopt) {
        kept.doubt = Doubt{.began = *moment, .held = std::chrono::seconds{held}};
    }
    return kept;
}

}  // namespace datong::keeping
