#include "bench/upstream.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <random>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
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

/// What the connections of one department share; all on its loop but the counts.
struct Desk {
    std::string answer;
    Habit habit;
    std::mt19937 draws;
    std::size_t in_flight{};
    std::atomic<std::size_t> most{};
    std::atomic<std::uint64_t> asked{};

    std::chrono::microseconds draw() {
        const auto median = static_cast<double>(std::chrono::microseconds{habit.median}.count());
        if (habit.sigma <= 0 || median <= 0) {
            return habit.median;
        }
        std::lognormal_distribution<double> times{std::log(median), habit.sigma};
        return std::chrono::microseconds{static_cast<std::int64_t>(times(draws))};
    }
};

/// One question on its way; it counts as long as it lives.
class Question {
public:
    explicit Question(Desk& desk) : desk_{desk} {
        ++desk_.asked;
        desk_.most = std::max(desk_.most.load(), ++desk_.in_flight);
    }
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;
    ~Question() { --desk_.in_flight; }

private:
    Desk& desk_;
};

/// Waits so long, or until the caller closes or says something. @return whether the caller is still waiting.
asio::awaitable<bool> work(tcp::socket* socket, std::chrono::microseconds length) {
    const auto timer = std::make_shared<asio::steady_timer>(socket->get_executor(), length);
    const auto spoke = std::make_shared<bool>(false);
    socket->async_wait(tcp::socket::wait_read, [timer, spoke](boost::system::error_code cancelled) {
        *spoke = !cancelled;
        timer->cancel();
    });
    boost::system::error_code ended;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ended));
    socket->cancel(ended);
    co_return !*spoke;
}

/// Reads one whole question. @return whether there was one.
asio::awaitable<bool> read_question(tcp::socket* socket, std::string* input) {
    boost::system::error_code ended;
    const std::size_t head = co_await asio::async_read_until(*socket, asio::dynamic_buffer(*input), "\r\n\r\n",
                                                             asio::redirect_error(asio::use_awaitable, ended));
    if (ended) {
        co_return false;
    }
    const std::size_t whole = head + content_length(std::string_view{*input}.substr(0, head));
    if (input->size() < whole) {
        co_await asio::async_read(*socket, asio::dynamic_buffer(*input), asio::transfer_exactly(whole - input->size()),
                                  asio::redirect_error(asio::use_awaitable, ended));
    }
    input->erase(0, whole);
    co_return !ended;
}

/// Does with a question as the habit is. @return whether it is to be answered.
asio::awaitable<bool> treat(tcp::socket* socket, std::shared_ptr<Desk> desk) {
    const Question question{*desk};
    if (desk->habit.kind == Habit::Kind::resets) {
        socket->set_option(asio::socket_base::linger{true, 0});
        socket->close();
        co_return false;
    }
    constexpr std::chrono::hours kForEver{24};
    const auto length = desk->habit.kind == Habit::Kind::hangs ? kForEver : desk->draw();
    co_return length.count() <= 0 || co_await work(socket, length);
}

asio::awaitable<void> serve(tcp::socket socket, std::shared_ptr<Desk> desk) {
    std::string input;
    boost::system::error_code ended;
    while (!ended) {
        if (!co_await read_question(&socket, &input)) {
            co_return;
        }
        if (!co_await treat(&socket, desk)) {
            co_return;
        }
        co_await asio::async_write(socket, asio::buffer(desk->answer),
                                   asio::redirect_error(asio::use_awaitable, ended));
    }
}

asio::awaitable<void> accept(tcp::acceptor* acceptor, std::shared_ptr<Desk> desk) {
    for (;;) {
        boost::system::error_code ended;
        tcp::socket socket = co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, ended));
        if (ended) {
            co_return;
        }
        socket.set_option(tcp::no_delay{true});
        asio::co_spawn(acceptor->get_executor(), serve(std::move(socket), desk), asio::detached);
    }
}

}  // namespace

struct Upstream::State {
    std::shared_ptr<Desk> desk;
    asio::io_context loop{1};
    tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
    std::thread thread{};
};

Upstream::Upstream(std::string json, Habit habit) : state_{std::make_unique<State>()} {
    state_->desk = std::make_shared<Desk>();
    state_->desk->answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) +
        "\r\n\r\n" + json;
    state_->desk->habit = habit;
    state_->desk->draws.seed(habit.seed);
    asio::co_spawn(state_->loop, accept(&state_->acceptor, state_->desk), asio::detached);
    state_->thread = std::thread{[state = state_.get()] { state->loop.run(); }};
}

Upstream::~Upstream() {
    state_->loop.stop();
    state_->thread.join();
}

std::string Upstream::url() const {
    return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
}

std::size_t Upstream::most_in_flight() const {
    return state_->desk->most;
}

std::uint64_t Upstream::asked() const {
    return state_->desk->asked;
}

}  // namespace datong::bench
