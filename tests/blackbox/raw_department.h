#pragma once

#include <algorithm>
#include <mutex>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "core/base/text.h"
#include "tests/support/loopback_server.h"

namespace datong::blackbox {

/// A department that says those octets to whoever asks, and closes the connection.
class RawDepartment {
    using tcp = boost::asio::ip::tcp;

public:
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    void say(std::string octets) {
        const std::scoped_lock lock{mutex_};
        says_ = std::move(octets);
    }
    /// The body of the last request.
    [[nodiscard]] std::string asked() const {
        const std::scoped_lock lock{mutex_};
        return asked_;
    }

private:
    void talk(tcp::socket& socket) {
        std::string request;
        boost::system::error_code ec;
        const std::size_t head = boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n", ec);
        const std::string names = ascii_lower(request.substr(0, head));
        const auto at = names.find("content-length: ");
        const std::size_t size = at == std::string::npos ? 0 : std::stoul(names.substr(at + 16));
        while (!ec && request.size() < head + size) {
            boost::asio::read(socket, boost::asio::dynamic_buffer(request), boost::asio::transfer_at_least(1), ec);
        }
        std::string says;
        {
            const std::scoped_lock lock{mutex_};
            asked_ = request.substr(std::min(head, request.size()));
            says = says_;
        }
        boost::asio::write(socket, boost::asio::buffer(says), ec);
        socket.shutdown(tcp::socket::shutdown_both, ec);
    }

    mutable std::mutex mutex_;
    std::string says_;
    std::string asked_;
    support::LoopbackServer server_{[this](tcp::socket& socket) { talk(socket); }};
};

}  // namespace datong::blackbox
