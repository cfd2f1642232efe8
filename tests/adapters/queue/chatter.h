#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "tests/support/loopback_server.h"

namespace datong::queue_test {

/// A big-endian number of so many octets.
inline std::string number(std::uint64_t value, int octets) {
    std::string made;
    for (int at = octets - 1; at >= 0; --at) {
        made += static_cast<char>(value >> (8 * at));
    }
    return made;
}

inline std::string short_text(const std::string& text) {
    return number(text.size(), 1) + text;
}

inline std::string frame(std::uint64_t type, std::uint64_t channel, const std::string& payload) {
    return number(type, 1) + number(channel, 2) + number(payload.size(), 4) + payload + '\xCE';
}

inline std::string method(std::uint64_t channel, std::uint64_t of, std::uint64_t which,
                          const std::string& arguments = "") {
    return frame(1, channel, number(of, 2) + number(which, 2) + arguments);
}

/// A broker that lets everybody in, and from one of our methods on says the same without end.
class Chatter {
public:
    struct Speech {
        int of;             ///< class of the method that it begins at
        int which;          ///< the method
        std::string first;  ///< once
        std::string again;  ///< without end
        std::chrono::milliseconds between{};
    };

    explicit Chatter(Speech speech) : speech_{std::move(speech)} {}
    [[nodiscard]] int port() const { return server_.port(); }
    /// Octets that the other side, or the system, has taken.
    [[nodiscard]] std::uint64_t sent() const { return sent_; }

private:
    using Socket = support::LoopbackServer::Socket;

    static std::string answer_to(int of, int which) {
        switch (of * 1'000 + which) {
            case 10'011:
                return method(0, 10, 30, number(0, 2) + number(131'072, 4) + number(0, 2));
            case 10'040:
                return method(0, 10, 41, number(0, 1));
            case 20'010:
                return method(1, 20, 11, number(0, 4));
            case 85'010:
                return method(1, 85, 11);
            case 50'010:
                return method(1, 50, 11, short_text("amq.1") + number(0, 8));
            case 60'020:
                return method(1, 60, 21, short_text("tag"));
            default:
                return "";
        }
    }

    void talk(Socket& socket) {
        boost::system::error_code ec;
        std::string head(8, '\0');
        boost::asio::read(socket, boost::asio::buffer(head), ec);  // "AMQP" and a version
        const auto text = [](std::string_view said) { return number(said.size(), 4) + std::string{said}; };
        say(socket, method(0, 10, 10, std::string{"\0\x09", 2} + text("") + text("PLAIN") + text("en_US")), ec);
        while (!ec) {
            head.resize(7);
            boost::asio::read(socket, boost::asio::buffer(head), ec);
            const auto at = [&](std::size_t place) { return std::size_t{static_cast<unsigned char>(head[place])}; };
            std::string payload((at(3) << 24U | at(4) << 16U | at(5) << 8U | at(6)) + 1, '\0');
            boost::asio::read(socket, boost::asio::buffer(payload), ec);
            if (ec || at(0) != 1 || payload.size() < 5) {
                continue;
            }
            const int of = payload[1];
            const int which = payload[3];
            if (of == speech_.of && which == speech_.which) {
                speak(socket);
                return;
            }
            say(socket, answer_to(of, which), ec);
        }
    }

    void speak(Socket& socket) {
        boost::system::error_code ec;
        say(socket, speech_.first, ec);
        while (!ec && !server_.stopped()) {
            say(socket, speech_.again, ec);
            std::this_thread::sleep_for(speech_.between);
        }
    }

    void say(Socket& socket, const std::string& octets, boost::system::error_code& ec) {
        if (!ec) {
            sent_ += boost::asio::write(socket, boost::asio::buffer(octets), ec);
        }
    }

    Speech speech_;
    std::atomic<std::uint64_t> sent_{};
    support::LoopbackServer server_{[this](Socket& socket) { talk(socket); }};
};

}  // namespace datong::queue_test
