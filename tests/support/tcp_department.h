#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "tests/support/loopback_server.h"

namespace datong::support {

/// A department on raw TCP: reads until a request is whole, then does what it was told.
class TcpDepartment {
public:
    enum class Then { close, reset, stay };
    struct Act {
        std::string octets;
        Then then{Then::close};
        std::size_t piece{};  ///< so many octets at a time; 0: all at once
        std::chrono::milliseconds between{};
    };
    /// Whether a request is whole.
    using Whole = std::function<bool(std::string_view so_far)>;

    explicit TcpDepartment(Whole whole) : whole_{std::move(whole)} {}
    ~TcpDepartment() { stop(); }
    TcpDepartment(const TcpDepartment&) = delete;
    TcpDepartment& operator=(const TcpDepartment&) = delete;

    [[nodiscard]] unsigned short port() const { return server_.port(); }
    void act(Act act) {
        const std::scoped_lock lock{mutex_};
        act_ = std::move(act);
    }
    /// The last request, whole.
    [[nodiscard]] std::string last() const {
        const std::scoped_lock lock{mutex_};
        return requests_.empty() ? std::string{} : requests_.back();
    }
    void stop() {
        {
            const std::scoped_lock lock{mutex_};
            ending_ = true;
        }
        end_.notify_all();
        server_.stop();
    }

private:
    using Socket = LoopbackServer::Socket;

    void talk(Socket& socket) {
        std::string request;
        boost::system::error_code ec;
        while (!whole_(request)) {
            char buffer[4096];
            const std::size_t got = socket.read_some(boost::asio::buffer(buffer), ec);
            request.append(buffer, got);
            if (ec) {
                return;
            }
        }
        Act act;
        {
            const std::scoped_lock lock{mutex_};
            requests_.push_back(std::move(request));
            act = act_;
        }
        send(socket, act);
        if (act.then == Then::reset) {
            socket.set_option(boost::asio::socket_base::linger{true, 0}, ec);
            socket.close(ec);
        } else if (act.then == Then::close) {
            socket.shutdown(Socket::shutdown_both, ec);
        } else {
            std::unique_lock lock{mutex_};
            end_.wait(lock, [this] { return ending_; });
        }
    }

    void send(Socket& socket, const Act& act) {
        boost::system::error_code ec;
        const std::size_t piece = act.piece == 0 ? act.octets.size() : act.piece;
        for (std::size_t at = 0; at < act.octets.size() && !ec; at += piece) {
            boost::asio::write(socket, boost::asio::buffer(std::string_view{act.octets}.substr(at, piece)), ec);
            std::unique_lock lock{mutex_};
            if (end_.wait_for(lock, act.between, [this] { return ending_; })) {
                return;
            }
        }
    }

    Whole whole_;
    mutable std::mutex mutex_;
    std::condition_variable end_;
    bool ending_{};
    Act act_;
    std::vector<std::string> requests_;
    LoopbackServer server_{[this](Socket& socket) { talk(socket); }};
};

}  // namespace datong::support
