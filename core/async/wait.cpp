#include "core/async/wait.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace datong::async {

asio::awaitable<void> wait_out(asio::steady_timer& timer, Deadline until) {
    boost::system::error_code ignored;  // cancelled: what was waited for has come
    timer.expires_at(until);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> sleep_until(Deadline when) {
    asio::steady_timer timer{co_await asio::this_coro::executor};
    co_await wait_out(timer, when);
}

}  // namespace datong::async
