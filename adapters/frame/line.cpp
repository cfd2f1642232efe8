#include "adapters/frame/line.h"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace datong::adapters::frame {

namespace asio = boost::asio;
using asio::ip::tcp;

/// The timer's handler shares it, for it may run after the line is gone.
struct Line::Held {
    explicit Held(const asio::any_io_executor& loop) : socket{loop}, timer{loop} {}

    tcp::socket socket;
    asio::steady_timer timer;
    bool over{};
    bool answered{};  ///< an octet of the answer has come

    static void stop_at(const std::shared_ptr<Held>& held, Deadline when) {
        held->timer.expires_at(when);
        held->timer.async_wait([held](boost::system::error_code cancelled) {
            if (!cancelled) {
                held->over = true;
                boost::system::error_code ignored;
                held->socket.close(ignored);
            }
        });
    }

    [[nodiscard]] Error trouble(boost::system::error_code ec) const {
        if (over) {
            return Error{Fault::department_timeout, "frame: no whole answer in time"};
        }
        if (answered) {
            return Error{Fault::department_invalid, "frame: the connection ended in the middle: " + ec.message()};
        }
        return Error{Fault::department_down, "frame: " + ec.message()};
    }
};

Line::Line(std::shared_ptr<Held> held) : held_{std::move(held)} {
}

Line::~Line() {
    held_->timer.cancel();
    boost::system::error_code ignored;
    held_->socket.close(ignored);
}

asio::awaitable<Result<std::unique_ptr<Line>>> Line::open(async::Resolver host, Deadline connect_until,
                                                          Deadline deadline) {
    const auto trouble = [is_ours = connect_until < deadline](Error error) {
        // not the call's time is over, but the connection's: nobody is there
        const bool is_down = is_ours && error.fault() == Fault::department_timeout;
        return fail((is_down ? Error{Fault::department_down, "frame: not connected in time"} : error).unsent());
    };
    const auto found = co_await host.find(std::min(connect_until, deadline));
    if (!found) {
        co_return trouble(Error{found.error()}.within("frame"));
    }
    auto held = std::make_shared<Held>(co_await asio::this_coro::executor);
    std::unique_ptr<Line> line{new Line{held}};
    Held::stop_at(held, std::min(connect_until, deadline));
    boost::system::error_code ec;
    co_await asio::async_connect(held->socket, *found, asio::redirect_error(asio::use_awaitable, ec));
    if (ec || held->over) {
        co_return trouble(held->trouble(ec));
    }
    held->socket.set_option(tcp::no_delay{true}, ec);
    Held::stop_at(held, deadline);  // cancels the wait for the connection
    co_return line;
}

asio::awaitable<Status> Line::send(std::string octets) {
    boost::system::error_code ec;
    co_await asio::async_write(held_->socket, asio::buffer(octets), asio::redirect_error(asio::use_awaitable, ec));
    if (ec) {
        co_return fail(held_->trouble(ec));
    }
    co_return Status{};
}

asio::awaitable<Result<std::string>> Line::receive(std::size_t count) {
    std::string octets;
    boost::system::error_code ec;
    constexpr std::size_t kPiece = 64U << 10U;  // a length that is only promised holds no memory
    while (octets.size() < count) {
        const std::size_t from = octets.size();
        octets.resize(std::min(count, from + kPiece));
        const std::size_t got =
            co_await asio::async_read(held_->socket, asio::buffer(octets.data() + from, octets.size() - from),
                                      asio::redirect_error(asio::use_awaitable, ec));
        held_->answered = held_->answered || got > 0;
        if (ec) {
            co_return fail(held_->trouble(ec));
        }
    }
    co_return octets;
}

bool Line::has_more() const {
    boost::system::error_code ec;
    return held_->socket.available(ec) > 0;
}

asio::awaitable<Result<std::string>> Line::receive_all(std::size_t most) {
    std::string octets;
    boost::system::error_code ec;
    while (!ec) {
        constexpr std::size_t kPiece = 16U << 10U;
        const std::size_t from = octets.size();
        octets.resize(from + kPiece);
        const std::size_t got = co_await held_->socket.async_read_some(asio::buffer(octets.data() + from, kPiece),
                                                                       asio::redirect_error(asio::use_awaitable, ec));
        octets.resize(from + got);
        held_->answered = held_->answered || got > 0;
        if (octets.size() > most) {
            co_return fail(Fault::department_invalid, "frame: longer than " + std::to_string(most) + " octets");
        }
    }
    if (ec != asio::error::eof || octets.empty()) {
        co_return fail(held_->trouble(ec));
    }
    co_return octets;
}

}  // namespace datong::adapters::frame
