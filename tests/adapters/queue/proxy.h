#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <string_view>
#include <thread>

#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "tests/support/loopback_server.h"

namespace datong::queue_test {

/// A line between us and a broker that goes wrong on the broker's side of the talk, from a moment that the test
/// chooses.
class Proxy {
public:
    enum class Fault {
        none,
        hang,     ///< takes everything and passes nothing on
        full,     ///< takes nothing any more
        drip,     ///< an octet a time
        reset,    ///< at the next octet
        cut,      ///< closes in the middle of the next piece
        altered,  ///< the last octet of each piece, the mark at a frame's end, is another
        bloated,  ///< a frame says that it is of two gigabytes, and octets come without end
    };

    explicit Proxy(int broker) : broker_{broker} {}
    [[nodiscard]] int port() const { return server_.port(); }
    void act(Fault fault) { fault_ = fault; }

private:
    using Socket = support::LoopbackServer::Socket;
    using Bytes = std::array<char, 65'536>;

    void talk(Socket& ours) {
        boost::system::error_code ec;
        boost::asio::io_context loop;
        Socket theirs{loop};
        theirs.connect({boost::asio::ip::address_v4::loopback(), static_cast<unsigned short>(broker_)}, ec);
        Bytes bytes{};
        while (!ec && !server_.stopped()) {
            const short wanted = fault_ == Fault::full ? 0 : POLLIN;
            std::array<pollfd, 2> watched{{{ours.native_handle(), wanted, 0}, {theirs.native_handle(), POLLIN, 0}}};
            ::poll(watched.data(), watched.size(), 20);
            if (watched[0].revents != 0) {
                const std::size_t got = ours.read_some(boost::asio::buffer(bytes), ec);
                boost::asio::write(theirs, boost::asio::buffer(bytes, got), ec);
            }
            if (!ec && watched[1].revents != 0) {
                const std::size_t got = theirs.read_some(boost::asio::buffer(bytes), ec);
                if (!ec && !pass(ours, bytes, got)) {
                    break;
                }
            }
        }
        ours.shutdown(Socket::shutdown_both, ec);
        ours.close(ec);
    }

    /// @return whether the line goes on.
    bool pass(Socket& to, Bytes& bytes, std::size_t size) {
        boost::system::error_code ec;
        switch (fault_) {
            case Fault::none:
            case Fault::full:
                break;
            case Fault::hang:
                return true;
            case Fault::drip:
                return drip(to, std::string_view{bytes.data(), size});
            case Fault::reset:
                to.set_option(boost::asio::socket_base::linger{true, 0}, ec);
                to.close(ec);
                return false;
            case Fault::cut:
                boost::asio::write(to, boost::asio::buffer(bytes, size / 2), ec);
                return false;
            case Fault::altered:
                bytes[size - 1] = 'x';
                break;
            case Fault::bloated:
                flood(to);
                return false;
        }
        boost::asio::write(to, boost::asio::buffer(bytes, size), ec);
        return !ec;
    }

    /// Until the fault is over: then the rest comes at once.
    bool drip(Socket& to, std::string_view bytes) {
        boost::system::error_code ec;
        while (bytes.size() > 1 && !ec && !server_.stopped() && fault_ == Fault::drip) {
            boost::asio::write(to, boost::asio::buffer(bytes.substr(0, 1)), ec);
            bytes.remove_prefix(1);
            std::this_thread::sleep_for(std::chrono::milliseconds{200});  // the fault itself
        }
        boost::asio::write(to, boost::asio::buffer(bytes), ec);
        return !ec;
    }

    void flood(Socket& to) {
        boost::system::error_code ec;
        boost::asio::write(to, boost::asio::buffer(std::string_view{"\x03\x00\x01\x7F\xFF\xFF\xFF", 7}), ec);
        const Bytes more{};
        while (!ec && !server_.stopped() && fault_ == Fault::bloated) {
            boost::asio::write(to, boost::asio::buffer(more), ec);
        }
    }

    int broker_;
    std::atomic<Fault> fault_{Fault::none};
    support::LoopbackServer server_{[this](Socket& socket) { talk(socket); }};
};

}  // namespace datong::queue_test
