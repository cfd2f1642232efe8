#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "core/base/text.h"
#include "tests/support/loopback_server.h"

namespace datong::support {

/// A department's HTTP server on 127.0.0.1, one thread a connection, that a test makes talk, be silent or
/// go away. It keeps the octets of every request as they came.
class HttpDepartment {
    using tcp = boost::asio::ip::tcp;

public:
    enum class Mode { answering, silent, garbage };

    HttpDepartment() = default;

    [[nodiscard]] unsigned short port() const { return server_.port(); }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }

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
    void stop() { server_.stop(); }

private:
    void talk(tcp::socket& socket) {
        std::string buffer;
        while (!server_.stopped() && take_request(socket, buffer)) {
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

    mutable std::mutex mutex_;
    Mode mode_{Mode::answering};
    std::string head_{"200 OK"};
    std::string body_;
    std::vector<std::string> requests_;
    LoopbackServer server_{[this](tcp::socket& socket) { talk(socket); }};
};

}  // namespace datong::support
