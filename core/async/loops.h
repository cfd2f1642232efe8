#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace datong::async {

/// The io threads: one io_context each (concurrency 1), everything of a connection on its own loop.
class Loops {
public:
    explicit Loops(std::size_t count);
    ~Loops();  ///< stops and joins
    Loops(const Loops&) = delete;
    Loops& operator=(const Loops&) = delete;

    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] boost::asio::io_context& at(std::size_t index);
    void start();
    /// Lets the loops run out of work; the caller has closed what keeps them busy.
    void stop();

private:
    struct One;
    std::vector<std::unique_ptr<One>> loops_;
};

}  // namespace datong::async
