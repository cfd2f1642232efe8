#include "core/http/watch.h"

#include <boost/system/error_code.hpp>

namespace datong::http {
namespace {

constexpr std::chrono::milliseconds kAgain{100};

}  // namespace

Watch::Watch(boost::asio::ip::tcp::socket& socket, Then then)
    : socket_{socket}, then_{then}, timer_{socket.get_executor()}, self_{std::make_shared<Watch*>(this)} {
}

void Watch::set(Deadline due) {
    fired_ = false;
    due_ = due;
    if (due_ < armed_) {
        arm(due_);
    }
}

void Watch::stop() {
    rest();
    armed_ = Deadline::max();
    timer_.cancel();
}

void Watch::arm(Deadline when) {
    armed_ = when;
    timer_.expires_at(when);
    timer_.async_wait([self = std::weak_ptr<Watch*>{self_}](boost::system::error_code ec) {
        if (const auto watch = self.lock(); watch && !ec) {
            (*watch)->ring();
        }
    });
}

void Watch::ring() {
    // a ring whose timer was set anew meanwhile finds a later `armed_`: the new one will come
    const auto now = Deadline::clock::now();
    if (now < armed_) {
        return;
    }
    armed_ = Deadline::max();
    if (now < due_) {
        if (due_ != Deadline::max()) {
            arm(due_);
        }
        return;
    }
    due_ = Deadline::max();
    fired_ = true;
    boost::system::error_code ignored;
    if (then_ == Then::cancel) {
        // a wait of several steps (a handshake) may be between two of them and would go on for good
        due_ = now + kAgain;
        arm(due_);
        socket_.cancel(ignored);
    } else {
        socket_.close(ignored);
    }
}

}  // namespace datong::http
