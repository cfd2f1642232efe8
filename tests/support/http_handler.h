#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "core/base/text.h"
#include "tests/support/loopback_server.h"

namespace datong::support {

struct HandledRequest {
    std::string method;
    std::string target;
    std::string head;
    std::string body;

    /// The header's value; empty when there is none.
    [[nodiscard]] std::string header(std::string_view name) const {
        const std::string wanted = "\r\n" + ascii_lower(name) + ": ";
        const std::size_t at = ascii_lower(head).find(wanted);
        if (at == std::string::npos) {
            return {};
        }
        const std::size_t begin = at + wanted.size();
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
    [[nodiscard]] std::string path() const { return target.substr(0, target.find('?')); }
};

/// Reads one request from any stream. False when the peer has gone.
template <class Stream>
bool read_request(Stream& stream, std::string& buffer, HandledRequest& request) {
    boost::system::error_code ec;
    const std::size_t head = boost::asio::read_until(stream, boost::asio::dynamic_buffer(buffer), "\r\n\r\n", ec);
    if (ec) {
        return false;
    }
    request.head = buffer.substr(0, head);
    const std::string length = request.header("Content-Length");
    const std::size_t size = head + (length.empty() ? 0 : std::stoul(length));
    if (buffer.size() < size) {
        boost::asio::read(stream, boost::asio::dynamic_buffer(buffer),
                          boost::asio::transfer_exactly(size - buffer.size()), ec);
    }
    request.body = buffer.substr(head, size - head);
    request.method = request.head.substr(0, request.head.find(' '));
    const std::size_t target = request.method.size() + 1;
    request.target = request.head.substr(target, request.head.find(' ', target) - target);
    buffer.erase(0, size);
    return !ec;
}

/// An HTTP server on 127.0.0.1 that answers with what a function says, one thread a connection. Make it the
/// last member of what it serves.
class HttpHandler {
public:
    struct Answer {
        int status = 200;
        std::string body;
        std::string headers{};  ///< whole lines
    };
    using Handle = std::function<Answer(const HandledRequest& request)>;

    explicit HttpHandler(Handle handle) : handle_{std::move(handle)} {}

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    void stop() { server_.stop(); }

private:
    void talk(boost::asio::ip::tcp::socket& socket) {
        std::string buffer;
        HandledRequest request;
        while (!server_.stopped() && read_request(socket, buffer, request)) {
            const Answer answer = handle_(request);
            const std::string out =
                "HTTP/1.1 " + std::to_string(answer.status) + " X\r\n" + answer.headers +
                "Content-Type: application/json\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" +
                answer.body;
            boost::system::error_code ec;
            boost::asio::write(socket, boost::asio::buffer(out), ec);
            if (ec) {
                return;
            }
        }
    }

    Handle handle_;
    LoopbackServer server_{[this](boost::asio::ip::tcp::socket& socket) { talk(socket); }};
};

}  // namespace datong::support
