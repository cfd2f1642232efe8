#include "core/adapter/reach.h"

#include <memory>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace datong::adapter {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// What one attempt holds; the timer's handler shares it, for it may run after the attempt.
struct Attempt {
    explicit Attempt(const asio::any_io_executor& loop) : socket{loop}, timer{loop} {}

    tcp::socket socket;
    asio::steady_timer timer;
    bool over{};
};

void stop_at(const std::shared_ptr<Attempt>& attempt, Deadline deadline) {
    attempt->timer.expires_at(deadline);
    attempt->timer.async_wait([attempt](boost::system::error_code cancelled) {
        if (!cancelled) {
            attempt->over = true;
            boost::system::error_code ignored;
            attempt->socket.close(ignored);
        }
    });
}

}  // namespace

asio::awaitable<Status> reach(async::Resolver host, Deadline deadline) {
    const auto found = co_await host.find(deadline);
    if (!found) {
        co_return fail(found.error());
    }
    const auto attempt = std::make_shared<Attempt>(co_await asio::this_coro::executor);
    stop_at(attempt, deadline);
    boost::system::error_code ec;
    co_await asio::async_connect(attempt->socket, *found, asio::redirect_error(asio::use_awaitable, ec));
    attempt->timer.cancel();
    if (attempt->over) {
        co_return fail(Fault::department_timeout, "not connected in time");
    }
    if (ec) {
        co_return fail(Fault::department_down, "not connected: " + ec.message());
    }
    co_return Status{};
}

}  // namespace datong::adapter
