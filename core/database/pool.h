#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/async/interrupt.h"
#include "core/database/drivers.h"

namespace datong::database {

/// What is done on one connection. Run a second time where a kept connection turned out broken.
using Work = std::function<Result<record::Record>(Connection& connection, Deadline deadline)>;

/// The connections of one source. May be used from many threads; blocks.
class Pool {
public:
    Pool(Opening opening, std::size_t most) : opening_{std::move(opening)}, most_{most} {}

    /// Does the work on a connection of its own.
    /// @param repeats  the work has no effect when it runs twice: where a kept connection turns out broken, a fresh one
    ///                 is tried once. The department's restart is no fault of the call.
    /// @return department_down also when the database does not let us in: until its owner has mended that, the breaker
    ///         keeps us from knocking.
    [[nodiscard]] Result<record::Record> use(const Work& work, Deadline deadline, bool repeats,
                                             async::Interrupt& interrupt);

    /// As use(), on a fresh connection only. @return department_refused when the database does not let us in.
    [[nodiscard]] Result<record::Record> try_fresh(const Work& work, Deadline deadline, async::Interrupt& interrupt);

private:
    struct Kept {
        std::unique_ptr<Connection> connection;
        std::chrono::steady_clock::time_point since;
    };
    [[nodiscard]] Status take_place(Deadline deadline);
    /// @return a kept connection, or nullptr.
    [[nodiscard]] std::unique_ptr<Connection> take_kept();
    void give_back(std::unique_ptr<Connection> connection);
    [[nodiscard]] Result<record::Record> do_on(std::unique_ptr<Connection>& connection, const Work& work,
                                               Deadline deadline, async::Interrupt& interrupt);

    Opening opening_;
    std::size_t most_;
    std::mutex mutex_;
    std::condition_variable free_;
    std::size_t in_use_{};
    std::vector<Kept> kept_;
};

}  // namespace datong::database
