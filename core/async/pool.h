#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/base/clock.h"

namespace datong::async {

/// How much blocking work one pool bears.
struct PoolLimits {
    std::size_t threads = 1;      ///< at most; each is made when there is work for it
    std::size_t waiting = 1'024;  ///< jobs that wait for a thread; more are not taken
};

/// Threads for work that blocks (a database driver, a file share), of one owner: what hangs there keeps nobody else's
/// work waiting. Made by Pools. May be used from many threads.
class Pool {
public:
    /// Tells the loop that waits; not called when nobody can wait any more.
    using Delivery = std::function<void()>;
    /// The work. It must own all that it needs, for it may go on after its caller has gone; it must not throw.
    using Job = std::function<Delivery()>;

    struct Core;
    explicit Pool(std::shared_ptr<Core> core) : core_{std::move(core)} {}
    /// Waits for nothing: what was taken is still done, and nobody hears of it.
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// @return false when too much waits already, or the pools have stopped: then nothing of the job happens.
    [[nodiscard]] bool post(Job job);

private:
    std::shared_ptr<Core> core_;
};

/// Makes the pools of a program and ends their threads: outlives every pool, and ends before the loops that the work
/// answers to. May be used from many threads.
class Pools {
public:
    Pools() = default;
    ~Pools();  ///< stop() without any time
    Pools(const Pools&) = delete;
    Pools& operator=(const Pools&) = delete;

    [[nodiscard]] std::shared_ptr<Pool> make(const PoolLimits& limits);
    /// Takes no more work, waits until all of it has ended, at most until `until`, and leaves a thread that hangs then
    /// to the end of the process: it touches no loop any more. Once this has returned no loop hears of any work.
    /// @return how many threads were left.
    std::size_t stop(Deadline until);

private:
    void forget_ended();

    std::mutex mutex_;
    bool stopped_{};
    std::vector<std::shared_ptr<Pool::Core>> cores_;
};

}  // namespace datong::async
