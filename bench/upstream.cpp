#include "bench/upstream.h"

#include <charconv>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace datong::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::size_t content_length(std::string_view head) {
    constexpr std::string_view kName = "Content-Length: ";
    const auto at = head.find(kName);
    std::size_t length = 0;
    if (at != std::string_view::npos) {
        const char* begin = head.data() + at + kName.size();
        std::from_chars(begin, head.data() + head.size(), length);
    }
    return length;
}

asio::awaitable<void> serve(tcp::socket socket, std::shared_ptr<const std::string> answer) {
    std::string input;
    boost::system::error_code ended;
    for (;;) {
        const std::size_t head = co_await asio::async_read_until(socket, asio::dynamic_buffer(input), "\r\n\r\n",
                                                                 asio::redirect_error(asio::use_awaitable, ended));
        if (ended) {
            co_return;
        }
        const std::size_t whole = head + content_length(std::string_view{input}.substr(0, head));
        if (input.size() < whole) {
            co_await asio::async_read(socket, asio::dynamic_buffer(input), asio::transfer_exactly(whole - input.size()),
                                      asio::redirect_error(asio::use_awaitable, ended));
        }
        input.erase(0, whole);
        co_await asio::async_write(socket, asio::buffer(*answer), asio::redirect_error(asio::use_awaitable, ended));
        if (ended) {
            co_return;
        }
    }
}

asio::awaitable<void> accept(tcp::acceptor* acceptor, std::shared_ptr<const std::string> answer) {
    for (;;) {
        boost::system::error_code ended;
        tcp::socket socket = co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, ended));
        if (ended) {
            co_return;
        }
        socket.set_option(tcp::no_delay{true});
        asio::co_spawn(acceptor->get_executor(), serve(std::move(socket), answer), asio::detached);
    }
}

}  // namespace

struct Upstream::State {
    asio::io_context loop{1};
    tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
    std::thread thread;
};

Upstream::Upstream(std::string json) : state_{std::make_unique<State>()} {
    const auto answer = std::make_shared<const std::string>(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) +
        "\r\n\r\n" + json);
    asio::co_spawn(state_->loop, accept(&state_->acceptor, answer), asio::detached);
    state_->thread = std::thread{[this] { state_->loop.run(); }};
}

Upstream::~Upstream() {
    state_->loop.stop();
    state_->thread.join();
}

std::string Upstream::url() const {
    return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
}

struct SilentUpstream::State {
    asio::io_context loop{1};
    tcp::acceptor acceptor{loop, tcp::endpoint{asio::ip::make_address("127.0.0.1"), 0}};
    std::vector<tcp::socket> taken;
    std::thread thread;

    void accept_next() {
        acceptor.async_accept([this](boost::system::error_code ended, tcp::socket socket) {
            if (!ended) {
                taken.push_back(std::move(socket));
                accept_next();
            }
        });
    }
};

SilentUpstream::SilentUpstream() : state_{std::make_unique<State>()} {
    state_->accept_next();
    state_->thread = std::thread{[state = state_.get()] { state->loop.run(); }};
}

SilentUpstream::~SilentUpstream() {
    state_->loop.stop();
    state_->thread.join();
}

std::string SilentUpstream::url() const {
    return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
}

}  // namespace datong::bench
