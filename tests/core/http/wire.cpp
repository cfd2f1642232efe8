#include "tests/core/http/wire.h"

#include <array>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/base/text.h"

namespace datong::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int new_socket() {
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return made;
}

}  // namespace

Wire::Wire(std::uint16_t port, const char* from) : socket_{new_socket()} {
    const auto address = loopback(port);
    auto own = loopback(0);
    own.sin_addr.s_addr = ::inet_addr(from);
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket_);
        throw std::runtime_error{"connect"};
    }
}

Wire::Wire(Wire&& other) noexcept : socket_{std::exchange(other.socket_, -1)}, unread_{std::move(other.unread_)} {
}

Wire::~Wire() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

bool Wire::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void Wire::finish_sending() {
    ::shutdown(socket_, SHUT_WR);
}

void Wire::reset() {
    const linger none{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    ::close(std::exchange(socket_, -1));
}

std::string Wire::read_some() {
    std::array<char, 65536> room{};
    const auto got = ::recv(socket_, room.data(), room.size(), 0);
    return got > 0 ? std::string{room.data(), static_cast<std::size_t>(got)} : std::string{};
}

std::string Wire::read_to_end() {
    std::string all = std::exchange(unread_, {});
    for (std::string part = read_some(); !part.empty(); part = read_some()) {
        all += part;
    }
    return all;
}

std::string Wire::read_until(std::string_view text) {
    while (unread_.find(text) == std::string::npos) {
        const std::string part = read_some();
        if (part.empty()) {
            return std::exchange(unread_, {});
        }
        unread_ += part;
    }
    const auto end = unread_.find(text) + text.size();
    std::string found = unread_.substr(0, end);
    unread_.erase(0, end);
    return found;
}

std::string Wire::read_answer() {
    std::string answer = read_until("\r\n\r\n");
    const std::string lower = ascii_lower(answer);
    const auto at = lower.find("content-length: ");
    if (at == std::string::npos) {
        return answer;
    }
    const auto size = to_whole_number(std::string_view{lower}.substr(at + 16, lower.find('\r', at) - at - 16));
    while (unread_.size() < size.value_or(0)) {
        const std::string part = read_some();
        if (part.empty()) {
            break;
        }
        unread_ += part;
    }
    answer += unread_.substr(0, size.value_or(0));
    unread_.erase(0, size.value_or(0));
    return answer;
}

Listener::Listener() : socket_{new_socket()} {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket_, 16) != 0 || ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error{"listen"};
    }
    port_ = ntohs(address.sin_port);
}

Listener::~Listener() {
    ::close(socket_);
}

Wire Listener::accept() {
    const int accepted = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(accepted, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return Wire{accepted};
}

std::string with_host(std::string raw) {
    if (ascii_lower(raw).find("\nhost:") != std::string::npos) {
        return raw;
    }
    for (const std::string end : {" HTTP/1.1\r\n", " HTTP/1.0\r\n"}) {
        for (auto at = raw.find(end); at != std::string::npos; at = raw.find(end, at + end.size())) {
            raw.insert(at + end.size(), "Host: a.example\r\n");
        }
    }
    return raw;
}

int status_of(std::string_view answer) {
    if (!answer.starts_with("HTTP/1.1 ") || answer.size() < 12) {
        return 0;
    }
    return static_cast<int>(to_whole_number(answer.substr(9, 3)).value_or(0));
}

}  // namespace datong::test
