#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "core/base/text.h"

namespace datong::support {

/// A department's HTTP server on 127.0.0.1, one thread a connection, that a test makes talk, be silent or
/// go away. It keeps the octets of every request as they came.
class HttpDepartment {
    using tcp = boost::asio::ip::tcp;

public:
    enum class Mode { answering, silent, garbage };

    HttpDepartment() : acceptor_{loop_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}} {
        port_ = acceptor_.local_endpoint().port();
        thread_ = std::thread{[this] { accept(); }};
    }
    HttpDepartment(const HttpDepartment&) = delete;
    HttpDepartment& operator=(const HttpDepartment&) = delete;
    ~HttpDepartment() { stop(); }

    [[nodiscard]] unsigned short port() const { return port_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    void answer(std::string head, std::string body) {
        const std::scoped_lock lock{mutex_};
        mode_ = Mode::answering;
        head_ = std::move(head);
        body_ = std::move(body);
    }
    void set(Mode mode) {
        const std::scoped_lock lock{mutex_};
        mode_ = mode;
    }
    /// The last request, head and body.
    [[nodiscard]] std::string last() const {
        const std::scoped_lock lock{mutex_};
        return requests_.empty() ? std::string{} : requests_.back();
    }
    [[nodiscard]] std::size_t count() const {
        const std::scoped_lock lock{mutex_};
        return requests_.size();
    }

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
                socket->shutdown(tcp::socket::shutdown_both, ignored);
            }
        }
        for (std::thread& connection : connections_) {
            connection.join();
        }
        sockets_.clear();
    }

private:
    /// A blocking accept ends by a connection, not by closing.
    void wake() {
        boost::asio::io_context loop;
        tcp::socket socket{loop};
        boost::system::error_code ignored;
        socket.connect(tcp::endpoint{boost::asio::ip::address_v4::loopback(), port_}, ignored);
    }

    void accept() {
        while (true) {
            auto socket = std::make_shared<tcp::socket>(loop_);
            boost::system::error_code ec;
            acceptor_.accept(*socket, ec);
            if (ec || stopped_) {
                return;
            }
            const std::scoped_lock lock{mutex_};
            sockets_.push_back(socket);
            connections_.emplace_back([this, socket] { talk(*socket); });
        }
    }

    void talk(tcp::socket& socket) {
        std::string buffer;
        while (!stopped_ && take_request(socket, buffer)) {
            std::string out;
            {
                const std::scoped_lock lock{mutex_};
                if (mode_ == Mode::answering) {
                    out = "HTTP/1.1 " + head_ + "\r\nContent-Length: " + std::to_string(body_.size()) + "\r\n\r\n" +
                          body_;
                } else if (mode_ == Mode::garbage) {
                    out = "\x16\x03\x01 this is no HTTP\r\n\r\n";
                }
            }
            boost::system::error_code ec;
            boost::asio::write(socket, boost::asio::buffer(out), ec);
            if (ec) {
                return;
            }
        }
    }

    bool take_request(tcp::socket& socket, std::string& buffer) {
        boost::system::error_code ec;
        const std::size_t head = boost::asio::read_until(socket, boost::asio::dynamic_buffer(buffer), "\r\n\r\n", ec);
        if (ec) {
            return false;
        }
        const std::size_t size = head + content_length(buffer.substr(0, head));
        if (buffer.size() < size) {
            boost::asio::read(socket, boost::asio::dynamic_buffer(buffer),
                              boost::asio::transfer_at_least(size - buffer.size()), ec);
        }
        const std::scoped_lock lock{mutex_};
        requests_.push_back(buffer.substr(0, size));
        buffer.erase(0, size);
        return !ec;
    }

    static std::size_t content_length(const std::string& head) {
        constexpr std::string_view kName = "\r\ncontent-length: ";
        const std::size_t at = ascii_lower(head).find(kName);
        return at == std::string::npos ? 0 : std::stoul(head.substr(at + kName.size()));
    }

    boost::asio::io_context loop_;
    tcp::acceptor acceptor_;
    unsigned short port_{};
    std::atomic<bool> stopped_{};
    mutable std::mutex mutex_;
    Mode mode_{Mode::answering};
    std::string head_{"200 OK"};
    std::string body_;
    std::vector<std::string> requests_;
    std::vector<std::shared_ptr<tcp::socket>> sockets_;
    std::vector<std::thread> connections_;
    std::thread thread_;
};

}  // namespace datong::support
