#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace datong::async {

/// The io threads: one io_context each (concurrency 1), everything of a connection on its own loop.
///
/// Build it first and destroy it last: servers, clients and blocking pools hold sockets and timers of
/// its loops. start, stop and the destructor are called by one thread that is no loop.
class Loops {
public:
    explicit Loops(std::size_t count);  ///< @param count  0 counts as 1
    ~Loops();                           ///< stops and joins
    Loops(const Loops&) = delete;
    Loops& operator=(const Loops&) = delete;

    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] boost::asio::io_context& at(std::size_t index);
    /// Whether threads run the loops; false before start and after stop.
    [[nodiscard]] bool running() const noexcept;
    void start();
    /// Lets the loops run out of work and joins them; the caller has closed what keeps them busy. What
    /// still waits after `at_most` is cut off. Loops that have stopped don't start again.
    void stop(std::chrono::milliseconds at_most = std::chrono::milliseconds{5'000});

private:
    struct One;
    std::vector<std::unique_ptr<One>> loops_;
    bool running_{};
};

}  // namespace datong::async
