#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/file/place.h"

namespace datong::adapters::file {

/// Connections to where one source's folders are; each is used by one thread at a time and kept for the
/// next while it is sound. May be used from many threads.
class Places {
public:
    using Open = std::function<Result<std::unique_ptr<Place>>(Deadline)>;
    /// Work on a place; its failure is the caller's.
    template <class T>
    using Work = std::function<Result<T>(Place&)>;

    explicit Places(Open open) : open_{std::move(open)} {}

    template <class T>
    [[nodiscard]] Result<T> with(Deadline deadline, const Work<T>& work) {
        auto place = take(deadline);
        if (!place) {
            return fail(std::move(place.error()));
        }
        auto done = work(**place);
        give_back(std::move(*place));
        return done;
    }

private:
    struct Kept {
        std::unique_ptr<Place> place;
        Deadline since;
    };

    /// A connection that was idle for long, or on which something came, is tried first: the server's restart is
    /// no fault of the call.
    [[nodiscard]] Result<std::unique_ptr<Place>> take(Deadline deadline);
    void give_back(std::unique_ptr<Place> place);

    Open open_;
    std::mutex mutex_;
    std::vector<Kept> kept_;
};

}  // namespace datong::adapters::file
