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

AgeClock::AgeClock(const Clock& clock, std::optional<system_clock::time_point> known, std::function<Deadline()> steady)
    : clock_{clock},
      steady_{steady ? std::move(steady) : [] { return Deadline::clock::now(); }},
      known_{known.value_or(clock.now())},
      at_{steady_()} {
}

system_clock::time_point AgeClock::now() const {
    const std::lock_guard lock{mutex_};
    const Deadline at = steady_();
    const system_clock::time_point told = clock_.now();
    known_ += std::chrono::duration_cast<system_clock::duration>(at - at_);
    at_ = at;
    if (told > known_ + kLeap) {
        doubted_since_ = doubted_since_.value_or(at);
        if (at - *doubted_since_ < kProbation) {
            return known_;
        }
    }
    doubted_since_.reset();
    known_ = std::max(known_, told);
    return told;
}

bool AgeClock::is_doubted() const {
    (void)now();
    const std::lock_guard lock{mutex_};
    return doubted_since_.has_value();
}

Status AgeClock::keep(const std::string& file) const {
    (void)now();
    const auto known = [this] {
        const std::lock_guard lock{mutex_};
        return to_unix_seconds(known_);
    }();
    return replace_file(file, std::to_string(known) + '\n');
}

std::optional<system_clock::time_point> AgeClock::kept_in(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    std::int64_t seconds{};
    return in >> seconds ? exact_moment(seconds) : std::nullopt;
}

}  // namespace datong::keeping
