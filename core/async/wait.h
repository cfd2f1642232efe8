#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/async/pool.h"
#include "core/base/clock.h"
#include "core/base/result.h"

namespace datong::async {

namespace asio = boost::asio;

/// Where one coroutine waits for a value that something else brings to its loop, until a deadline.
/// Everything happens on that loop; hold it by shared_ptr on both sides.
template <class T>
class Meeting {
public:
    explicit Meeting(const asio::any_io_executor& loop) : timer_{loop} {}

    /// Brings the value and wakes who waits. Too late is no harm.
    void bring(T value) {
        value_.emplace(std::move(value));
        timer_.cancel();
    }

    [[nodiscard]] asio::steady_timer& timer() { return timer_; }
    [[nodiscard]] std::optional<T>& value() { return value_; }

private:
    asio::steady_timer timer_;
    std::optional<T> value_;
};

/// Waits for the timer to expire or to be cancelled, whichever is first.
asio::awaitable<void> wait_out(asio::steady_timer& timer, Deadline until);

/// Runs `work`, turning an exception that should not be into Fault::internal.
template <class T>
[[nodiscard]] Result<T> run_guarded(const std::function<Result<T>()>& work) noexcept {
    try {
        return work();
    } catch (const std::exception&) {
        // what() may quote the data it failed on
        return fail(Fault::internal, "blocking work threw a std::exception");
    } catch (...) {
        return fail(Fault::internal, "blocking work threw");
    }
}

/// Runs `work`, which may block (a database driver, a file share), on a pool thread and comes back to
/// the loop that asked, at the latest at `deadline` with Fault::department_timeout: the work is then
/// abandoned, not stopped, so it must own all its data, and still counts in the source's bulkhead
/// until it ends. The pool must outlive the wait; Pools must stop before the loop is destroyed.
/// @param work  a callable giving Result<T>, run once on another thread.
/// @return also Fault::source_busy when the pool takes no more.
template <class T>
asio::awaitable<Result<T>> on_pool(Pool& pool, std::function<Result<T>()> work, Deadline deadline) {
    const asio::any_io_executor loop = co_await asio::this_coro::executor;
    const auto meeting = std::make_shared<Meeting<Result<T>>>(loop);
    // abandoned work must not hold the meeting: its timer belongs to the loop, which may be gone by then
    Pool::Job job = [to = std::weak_ptr{meeting}, loop, work = std::move(work)]() mutable -> Pool::Delivery {
        auto answer = std::make_shared<Result<T>>(run_guarded<T>(work));
        work = nullptr;  // what the work owns ends on the pool's thread, before the loop goes on
        return [to, loop, answer = std::move(answer)] {
            auto arrive = [to, answer] {
                if (const auto there = to.lock()) {
                    there->bring(std::move(*answer));
                }
            };
            asio::post(loop, std::move(arrive));
        };
    };
    if (!pool.post(std::move(job))) {
        co_return fail(Fault::source_busy, "no thread is free for blocking work");
    }
    co_await wait_out(meeting->timer(), deadline);
    if (!meeting->value()) {
        co_return fail(Fault::department_timeout, "blocking work still runs at its deadline");
    }
    co_return std::move(*meeting->value());
}

/// Waits for a timer; for back-off and polling.
asio::awaitable<void> sleep_until(Deadline when);

}  // namespace datong::async
