#include "core/async/loops.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>

namespace datong::async {

struct Loops::One {
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy{context.get_executor()};
    std::mutex mutex;
    std::condition_variable changed;
    bool ended{};
    std::thread thread;

    // noexcept: what escapes here is a defect of ours, and a gateway with a loop missing must not go on
    void run() noexcept {
        context.run();
        const std::lock_guard lock{mutex};
        ended = true;
        changed.notify_all();
    }

    void join(std::chrono::steady_clock::time_point until) {
        if (!thread.joinable()) {
            return;
        }
        {
            std::unique_lock lock{mutex};
            if (!changed.wait_until(lock, until, [this] { return ended; })) {
                context.stop();
            }
        }
        thread.join();
    }
};

Loops::Loops(std::size_t count) {
    for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
        loops_.push_back(std::make_unique<One>());
    }
}

Loops::~Loops() {
    stop(std::chrono::milliseconds{0});
}

std::size_t Loops::size() const noexcept {
    return loops_.size();
}

boost::asio::io_context& Loops::at(std::size_t index) {
    return loops_.at(index)->context;
}

bool Loops::running() const noexcept {
    return running_;
}

void Loops::start() {
    if (running_) {
        return;
    }
    running_ = true;
    for (const auto& loop : loops_) {
        loop->thread = std::thread{[one = loop.get()] { one->run(); }};
    }
}

void Loops::stop(std::chrono::milliseconds at_most) {
    for (const auto& loop : loops_) {
        loop->busy.reset();
    }
    const auto until = std::chrono::steady_clock::now() + at_most;
    for (const auto& loop : loops_) {
        loop->join(until);
    }
    running_ = false;
}

}  // namespace datong::async
