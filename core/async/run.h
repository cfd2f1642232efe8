#pragma once

#include <exception>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace datong::async {

/// Runs one coroutine to its end on a loop of its own, on the calling thread: for commands, never for the gateway.
/// @return `otherwise` when it threw.
template <class T>
[[nodiscard]] T run_alone(boost::asio::awaitable<T> work, T otherwise) {
    boost::asio::io_context loop{1};
    T result = std::move(otherwise);
    boost::asio::co_spawn(loop, std::move(work), [&result](const std::exception_ptr& thrown, T got) {
        if (!thrown) {
            result = std::move(got);
        }
    });
    loop.run();
    return result;
}

}  // namespace datong::async
