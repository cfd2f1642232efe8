#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace datong::adapters::queue {

/// The socket that one call uses, so that it can be cut from elsewhere: librabbitmq reads for as long as octets come,
/// keeps what it does not know, and looks at its time only when the socket is dry. May be used from many threads.
class Line {
public:
    /// @param most  octets that may come over it from now on. @return false when it was cut already.
    [[nodiscard]] bool hold(int socket, std::uint64_t most);
    /// The socket is not touched any more. @return false when it was cut.
    bool let_go() noexcept;
    /// Ends what is held now, and what would be held later.
    void cut() noexcept;
    /// Cuts it when more has come than may. @return whether it is not cut.
    bool look() noexcept;
    [[nodiscard]] bool brought_too_much() const noexcept;

private:
    void cut_now() noexcept;

    mutable std::mutex mutex_;
    int socket_{-1};
    std::uint64_t most_{};  ///< as the system counts
    bool cut_{};
    bool too_much_{};
};

/// Looks at a line as long as its call waits, and cuts it when the call is given up or dropped. Of the call's loop.
class Watch {
public:
    Watch(const boost::asio::any_io_executor& loop, std::shared_ptr<Line> line);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

private:
    std::shared_ptr<boost::asio::steady_timer> timer_;
    std::shared_ptr<Line> line_;
};

}  // namespace datong::adapters::queue
