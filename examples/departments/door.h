#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "examples/departments/faults.h"

namespace datong::departments {

/// A listening port on loopback whose connections suffer what the switches say: the part that every
/// simulated server has in common.
///
/// Everything happens on one loop. Destroy it on that loop, or when the loop has ended.
class Door {
public:
    struct Connection {
        Connection(boost::asio::ip::tcp::socket taken, boost::asio::io_context& loop)
            : socket{std::move(taken)}, timer{loop} {}
        boost::asio::ip::tcp::socket socket;
        std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls;  ///< none: plain
        boost::asio::steady_timer timer;
        std::string buffer;
    };
    using Held = std::shared_ptr<Connection>;
    using Serve = std::function<boost::asio::awaitable<void>(Held)>;

    /// Listens at once on a port of the system's choice.
    /// @param faults  nullptr: never any trouble. Must outlive the door.
    Door(boost::asio::io_context& loop, Serve serve, Faults* faults, System system);
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    [[nodiscard]] int port() const { return endpoint_.port(); }

    /// What holds for this call, which is counted.
    [[nodiscard]] Setting take() const { return faults_ != nullptr ? faults_->take(system_) : Setting{}; }
    /// Plays reset, hang and slow.
    /// @return false when the connection ended with it.
    boost::asio::awaitable<bool> suffer(Held connection, Setting setting);

    /// Refuses new connections and drops those there are; the port stays reserved.
    void close();
    void open();
    /// close() and no coming back.
    void stop();

private:
    void follow_switch();
    void accept_next();
    void drop_connections();

    boost::asio::io_context& loop_;
    Serve serve_;
    Faults* faults_;
    System system_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::ip::tcp::endpoint endpoint_;
    std::set<Held> connections_;
    bool open_{};
};

}  // namespace datong::departments
