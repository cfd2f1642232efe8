#include "core/async/pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <system_error>
#include <thread>
#include <utility>

namespace datong::async {

struct Pool::Core {
    explicit Core(const PoolLimits& given) : limits{given} {}

    const PoolLimits limits;
    std::mutex mutex;  ///< of what follows
    std::condition_variable changed;
    std::deque<Job> jobs;
    std::vector<std::thread> threads;
    std::size_t running{};  ///< threads that have not ended
    std::size_t idle{};     ///< of them, those that wait for a job
    bool closed{};          ///< takes no job, delivers nothing; what waits is still done

    void close() {
        const std::lock_guard lock{mutex};
        closed = true;
        changed.notify_all();
    }
};

namespace {

/// A thread of a pool. noexcept: what escapes a job is a defect of ours.
void run(const std::shared_ptr<Pool::Core>& core) noexcept {
    std::unique_lock lock{core->mutex};
    for (;;) {
        ++core->idle;
        core->changed.wait(lock, [&core] { return core->closed || !core->jobs.empty(); });
        --core->idle;
        if (core->jobs.empty()) {
            break;
        }
        Pool::Job job = std::move(core->jobs.front());
        core->jobs.pop_front();
        lock.unlock();
        Pool::Delivery deliver = job();
        job = nullptr;  // what the work owns ends before anybody hears of it
        lock.lock();
        if (!core->closed && deliver) {
            deliver();  // under the lock: after close() no loop is touched, and may go
        }
    }
    --core->running;
    core->changed.notify_all();
}

}  // namespace

Pool::~Pool() {
    core_->close();
}

bool Pool::post(Job job) {
    const std::lock_guard lock{core_->mutex};
    if (core_->closed || core_->jobs.size() >= core_->limits.waiting) {
        return false;
    }
    core_->jobs.push_back(std::move(job));
    if (core_->jobs.size() > core_->idle && core_->threads.size() < core_->limits.threads) {
        try {
            core_->threads.emplace_back([core = core_] { run(core); });
            ++core_->running;
        } catch (const std::system_error&) {  // the machine has no more threads: those that there are must do
            if (core_->threads.empty()) {
                core_->jobs.pop_back();
                return false;
            }
        }
    }
    core_->changed.notify_one();
    return true;
}

std::shared_ptr<Pool> Pools::make(const PoolLimits& limits) {
    const std::lock_guard lock{mutex_};
    forget_ended();
    auto core = std::make_shared<Pool::Core>(limits);
    if (stopped_) {
        core->close();
    }
    cores_.push_back(core);
    return std::make_shared<Pool>(std::move(core));
}

/// Joins the threads of pools that have gone, once they have ended.
void Pools::forget_ended() {
    std::erase_if(cores_, [](const std::shared_ptr<Pool::Core>& core) {
        std::vector<std::thread> ended;
        {
            const std::lock_guard lock{core->mutex};
            if (!core->closed || core->running > 0) {
                return false;
            }
            ended.swap(core->threads);
        }
        std::for_each(ended.begin(), ended.end(), [](std::thread& thread) { thread.join(); });
        return true;
    });
}

std::size_t Pools::stop(Deadline until) {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    std::for_each(cores_.begin(), cores_.end(), [](const auto& core) { core->close(); });
    std::size_t left = 0;
    for (const std::shared_ptr<Pool::Core>& core : cores_) {
        std::unique_lock waiting{core->mutex};
        if (!core->changed.wait_until(waiting, until, [&core] { return core->running == 0; })) {
            core->jobs.clear();  // a thread that comes back ends at once
            left += core->running;
            std::for_each(core->threads.begin(), core->threads.end(), [](std::thread& thread) { thread.detach(); });
            core->threads.clear();
            core->running = 0;
        }
    }
    forget_ended();
    return left;
}

Pools::~Pools() {
    stop(Deadline::clock::now());
}

}  // namespace datong::async
