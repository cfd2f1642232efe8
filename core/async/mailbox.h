#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

namespace datong::async {

/// Something to do on a loop, brought from another thread.
class Letter {
public:
    Letter() = default;
    Letter(const Letter&) = delete;
    Letter& operator=(const Letter&) = delete;
    virtual ~Letter() = default;
    virtual void open() = 0;
};

/// The letters of one loop: those that come before it has looked share one wake-up, where a post for each
/// would make the sender and the loop take turns at the loop's lock. Any thread.
class Mailbox final : public boost::asio::execution_context::service {
public:
    // Asio finds a service by this name
    static boost::asio::execution_context::id id;  // NOLINT(readability-identifier-naming)

    explicit Mailbox(boost::asio::execution_context& loop) : boost::asio::execution_context::service{loop} {}

    /// Opens the letter on that loop, soon; never here. The loop must be kept at work until then.
    static void deliver(const boost::asio::any_io_executor& loop, std::shared_ptr<Letter> letter);

private:
    void shutdown() override;
    void open_all();

    std::mutex mutex_;
    std::vector<std::shared_ptr<Letter>> letters_;
};

}  // namespace datong::async
