#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace datong::support {

/// A TCP server on 127.0.0.1, one blocking thread a connection. Make it the last member of what it
/// serves: it talks from the moment it stands, and is silent before anything else goes.
class LoopbackServer {
public:
    using Socket = boost::asio::ip::tcp::socket;
    using Talk = std::function<void(Socket& socket)>;

    /// @param talk  on a thread of its own for each connection; ends when the socket fails.
    explicit LoopbackServer(Talk talk)
        : acceptor_{loop_, Endpoint{boost::asio::ip::address_v4::loopback(), 0}},
          port_{acceptor_.local_endpoint().port()},
          talk_{std::move(talk)},
          thread_{[this] { accept(); }} {}
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;
    ~LoopbackServer() { stop(); }

    [[nodiscard]] unsigned short port() const { return port_; }
    [[nodiscard]] bool stopped() const { return stopped_; }

    /// Closes the port and every connection.
    void stop() {
        if (stopped_.exchange(true)) {
            return;
        }
        wake();
        thread_.join();
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        {
            const std::scoped_lock lock{mutex_};
            for (const auto& socket : sockets_) {
                socket->shutdown(Socket::shutdown_both, ignored);
            }
        }
        for (std::thread& connection : connections_) {
            connection.join();
        }
        sockets_.clear();
    }

private:
    using Endpoint = boost::asio::ip::tcp::endpoint;

    /// A blocking accept ends by a connection, not by closing.
    void wake() {
        boost::asio::io_context loop;
        Socket socket{loop};
        boost::system::error_code ignored;
        socket.connect(Endpoint{boost::asio::ip::address_v4::loopback(), port_}, ignored);
    }

    void accept() {
        while (true) {
            auto socket = std::make_shared<Socket>(loop_);
            boost::system::error_code ec;
            acceptor_.accept(*socket, ec);
            if (ec || stopped_) {
                return;
            }
            const std::scoped_lock lock{mutex_};
            sockets_.push_back(socket);
            connections_.emplace_back([this, socket] { talk_(*socket); });
        }
    }

    boost::asio::io_context loop_;
    boost::asio::ip::tcp::acceptor acceptor_;
    unsigned short port_;
    Talk talk_;
    std::atomic<bool> stopped_{};
    std::mutex mutex_;
    std::vector<std::shared_ptr<Socket>> sockets_;
    std::vector<std::thread> connections_;
    std::thread thread_;
};

}  // namespace datong::support
