#include "adapters/queue/line.h"

#include <sys/socket.h>

#include <chrono>
#include <utility>

#include "adapters/queue/octets.h"

namespace datong::adapters::queue {
namespace {

constexpr std::chrono::milliseconds kLook{20};

void keep_looking(const std::shared_ptr<boost::asio::steady_timer>& timer, const std::shared_ptr<Line>& line) {
    timer->expires_after(kLook);
    timer->async_wait([timer, line](const boost::system::error_code& ec) {
        if (!ec && line->look()) {
            keep_looking(timer, line);
        }
    });
}

}  // namespace

bool Line::hold(int socket, std::uint64_t most) {
    const std::scoped_lock lock{mutex_};
    socket_ = cut_ ? -1 : socket;
    most_ = octets_received(socket) + most;
    return !cut_;
}

bool Line::let_go() noexcept {
    const std::scoped_lock lock{mutex_};
    socket_ = -1;
    return !cut_;
}

void Line::cut() noexcept {
    const std::scoped_lock lock{mutex_};
    cut_now();
}

bool Line::look() noexcept {
    const std::scoped_lock lock{mutex_};
    if (socket_ >= 0 && octets_received(socket_) > most_) {
        too_much_ = true;
        cut_now();
    }
    return !cut_;
}

bool Line::brought_too_much() const noexcept {
    const std::scoped_lock lock{mutex_};
    return too_much_;
}

void Line::cut_now() noexcept {
    cut_ = true;
    if (const int socket = std::exchange(socket_, -1); socket >= 0) {
        ::shutdown(socket, SHUT_RDWR);
    }
}

Watch::Watch(const boost::asio::any_io_executor& loop, std::shared_ptr<Line> line)
    : timer_{std::make_shared<boost::asio::steady_timer>(loop)}, line_{std::move(line)} {
    keep_looking(timer_, line_);
}

Watch::~Watch() {
    line_->cut();  // first: a look that is on its way finds it cut, and is the last
    timer_->cancel();
}

}  // namespace datong::adapters::queue
