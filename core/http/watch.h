#pragma once

#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/base/clock.h"

namespace datong::http {

/// Ends the waits of one socket at a deadline. Moving the deadline later costs nothing: the timer is
/// looked at again only when it rings, so that a busy connection sets no timer at all. On the socket's
/// loop only.
class Watch {
public:
    enum class Then {
        cancel,  ///< the wait ends, and what follows too until set or rest; the socket can still send a last word
        close,
    };
    Watch(boost::asio::ip::tcp::socket& socket, Then then);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() = default;

    /// From now on waits end at `due`.
    void set(Deadline due);
    /// Nothing is waited for.
    void rest() { due_ = Deadline::max(); }
    /// As rest, and the loop has no work of ours left.
    void stop();
    /// Whether the deadline last set has ended a wait.
    [[nodiscard]] bool fired() const { return fired_; }

private:
    void arm(Deadline when);
    void ring();

    boost::asio::ip::tcp::socket& socket_;
    Then then_;
    boost::asio::steady_timer timer_;
    Deadline due_{Deadline::max()};
    Deadline armed_{Deadline::max()};
    bool fired_{};
    std::shared_ptr<Watch*> self_;  ///< a ring that is under way must not find us gone
};

}  // namespace datong::http
