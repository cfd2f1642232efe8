#include "adapters/queue/line.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include <openssl/ssl.h>

#include "core/async/octets.h"

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
    most_ = async::octets_received(socket) + most;
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
    if (socket_ >= 0 && async::octets_received(socket_) > most_) {
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

Handshake::Handshake(void* context, Line& line, std::uint64_t most) : context_{context}, line_{line}, most_{most} {
    if (context_ == nullptr) {
        return;
    }
    auto* const ctx = static_cast<SSL_CTX*>(context_);
    SSL_CTX_set_msg_callback(ctx, [](int, int, int, const void*, std::size_t, SSL* ssl, void* handshake) {
        SSL_set_msg_callback(ssl, nullptr);  // it has begun, and `ssl` may outlive the handshake
        static_cast<Handshake*>(handshake)->begin(SSL_get_fd(ssl));
    });
    SSL_CTX_set_msg_callback_arg(ctx, this);
}

Handshake::~Handshake() {
    if (context_ != nullptr) {
        SSL_CTX_set_msg_callback(static_cast<SSL_CTX*>(context_), nullptr);
    }
    static_cast<void>(line_.let_go());
    if (copy_ >= 0) {
        ::close(copy_);
    }
}

void Handshake::begin(int socket) {
    copy_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (copy_ < 0 || !line_.hold(copy_, most_)) {
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
