#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace datong::async {

namespace asio = boost::asio;

/// Runs `work`, which may block (a database driver, a file share), on a pool thread and comes back to
/// the loop that asked, at the latest at `deadline` with Fault::department_timeout: the work is then
/// abandoned, not stopped, so it must own all its data, and still counts in the source's bulkhead
/// until it ends.
/// @param work  a callable giving Result<T>, run once on another thread.
template <class T>
asio::awaitable<Result<T>> on_pool(asio::thread_pool& pool, std::function<Result<T>()> work, Deadline deadline);

/// Waits for a timer; for back-off and polling.
asio::awaitable<void> sleep_until(Deadline when);

}  // namespace datong::async
