#include "adapters/file/places.h"

#include <optional>

namespace datong::adapters::file {
namespace {

constexpr std::chrono::seconds kFresh{2};
constexpr std::size_t kMostKept = 8;

}  // namespace

Result<std::unique_ptr<Place>> Places::take(Deadline deadline) {
    for (;;) {
        std::optional<Kept> kept;
        {
            const std::scoped_lock lock{mutex_};
            if (!kept_.empty()) {
                kept = std::move(kept_.back());
                kept_.pop_back();
            }
        }
        if (!kept) {
            return open_(deadline);
        }
        const bool is_fresh = std::chrono::steady_clock::now() - kept->since < kFresh;
        if ((is_fresh && kept->place->is_quiet()) || kept->place->look("./.", deadline)) {
            return std::move(kept->place);
        }
    }
}

void Places::give_back(std::unique_ptr<Place> place) {
    if (!place->is_sound()) {
        return;
    }
    const std::scoped_lock lock{mutex_};
    if (kept_.size() < kMostKept) {
        kept_.push_back({std::move(place), std::chrono::steady_clock::now()});
    }
}

}  // namespace datong::adapters::file
