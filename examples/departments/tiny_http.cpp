#include "examples/departments/tiny_http.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <future>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "examples/departments/legacy_text.h"

namespace datong::departments {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t kMaxMessage = 1U << 20U;
constexpr std::string_view kErrorPage =
    "<html><head><title>系统维护</title></head><body><h1>系统正在维护，请稍后再试</h1></body></html>";

/// Head and query of a request; nullopt when it is none.
std::optional<Asked> read_head(std::string_view head) {
    const std::size_t first = head.find(' ');
    const std::size_t second = head.find(' ', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) {
        return std::nullopt;
    }
    Asked asked;
    asked.method = head.substr(0, first);
    const std::string_view target = head.substr(first + 1, second - first - 1);
    asked.path = target.substr(0, target.find('?'));
    if (asked.path.size() < target.size()) {
        asked.form = read_form(target.substr(asked.path.size() + 1));
    }
    head.remove_prefix(std::min(head.size(), head.find("\r\n") + 2));
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(head.size(), line.size() + 2));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            continue;
        }
        std::string name{line.substr(0, colon)};
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
        const std::size_t value = line.find_first_not_of(" \t", colon + 1);
        asked.headers[name] = value == std::string_view::npos ? "" : line.substr(value);
    }
    return asked;
}

std::optional<std::size_t> body_size(const Asked& asked) {
    const auto found = asked.headers.find("content-length");
    if (found == asked.headers.end()) {
        return 0;
    }
    std::size_t size = 0;
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    return error == std::errc{} && end == text.data() + text.size() && size <= kMaxMessage ? std::optional{size}
                                                                                           : std::nullopt;
}

void read_body_form(Asked& asked) {
    const auto type = asked.headers.find("content-type");
    const auto is = [&](std::string_view kind) {
        return type != asked.headers.end() && type->second.find(kind) != std::string::npos;
    };
    const auto members = is("x-www-form-urlencoded") ? read_form(asked.body)
                         : is("application/json")    ? read_flat_json(asked.body)
                                                     : decltype(asked.form){};
    for (const auto& [name, value] : members) {
        asked.form[name] = value;
    }
}

void spoil(Told& told, Trouble trouble) {
    switch (trouble) {
        case Trouble::wrong_encoding:
            told.body = to_gb18030(told.body);
            break;
        case Trouble::malformed:
            told.body.resize(told.body.size() * 6 / 10);
            break;
        case Trouble::html_200:
            told = {.status = 200, .content_type = "text/html;charset=UTF-8", .body = std::string{kErrorPage}};
            break;
        case Trouble::empty_body:
            told.status = 200;
            told.body.clear();
            break;
        case Trouble::null_body:
            told.status = 200;
            told.body = "null";
            break;
        default:
            break;
    }
}

std::string on_the_wire(const Told& told) {
    return "HTTP/1.1 " + std::to_string(told.status) + (told.status == 200 ? " OK" : " Error") +
           "\r\nServer: Apache-Coyote/1.1\r\nContent-Type: " + told.content_type +
           "\r\nContent-Length: " + std::to_string(told.body.size()) + "\r\n\r\n" + told.body;
}

}  // namespace

struct TinyHttp::Connection {
    Connection(tcp::socket taken, asio::io_context& loop) : socket{std::move(taken)}, timer{loop} {}
    tcp::socket socket;
    asio::steady_timer timer;
    std::string buffer;
};

TinyHttp::TinyHttp(asio::io_context& loop, Handler handler, Faults* faults, System system)
    : loop_{loop}, handler_{std::move(handler)}, faults_{faults}, system_{system}, acceptor_{loop} {
    acceptor_.open(tcp::v4());
    acceptor_.set_option(tcp::acceptor::reuse_address{true});
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    endpoint_ = acceptor_.local_endpoint();
    open_door();
    if (faults_ != nullptr) {
        faults_->on_change(system_, [this] {
            std::promise<void> done;
            asio::dispatch(loop_, [this, &done] {
                follow_switch();
                done.set_value();
            });
            done.get_future().wait();
        });
    }
}

std::string TinyHttp::url() const {
    return "http://127.0.0.1:" + std::to_string(endpoint_.port());
}

void TinyHttp::follow_switch() {
    // what hung under the old setting ends with it
    for (const Held& connection : connections_) {
        connection->timer.cancel();
    }
    if (faults_->peek(system_).trouble == Trouble::down) {
        close_door();
    } else {
        open_door();
    }
}

void TinyHttp::close_door() {
    if (open_) {
        open_ = false;
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        // bound but not listening: refuses, and nobody else gets the port
        acceptor_.open(tcp::v4());
        acceptor_.set_option(tcp::acceptor::reuse_address{true});
        acceptor_.bind(endpoint_);
    }
    drop_connections();
}

void TinyHttp::open_door() {
    if (!open_) {
        open_ = true;
        acceptor_.listen();
        accept_next();
    }
}

void TinyHttp::stop() {
    open_ = false;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    drop_connections();
}

void TinyHttp::drop_connections() {
    for (const Held& connection : connections_) {
        boost::system::error_code ignored;
        connection->socket.close(ignored);
        connection->timer.cancel();
    }
}

void TinyHttp::accept_next() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
        if (error == asio::error::operation_aborted || !open_) {
            return;
        }
        if (!error) {
            const auto connection = std::make_shared<Connection>(std::move(socket), loop_);
            connection->socket.set_option(tcp::no_delay{true}, error);
            connections_.insert(connection);
            asio::co_spawn(loop_, serve(connection),
                           [this, connection](const std::exception_ptr&) { connections_.erase(connection); });
        }
        accept_next();
    });
}

asio::awaitable<void> TinyHttp::serve(Held connection) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    std::string& buffer = connection->buffer;
    bool again = true;
    while (again) {
        const std::size_t head = co_await asio::async_read_until(
            connection->socket, asio::dynamic_buffer(buffer, kMaxMessage), "\r\n\r\n", token);
        if (error) {
            co_return;
        }
        std::optional<Asked> asked = read_head(std::string_view{buffer}.substr(0, head - 2));
        const std::optional<std::size_t> size = asked ? body_size(*asked) : std::nullopt;
        if (!size) {
            co_return;
        }
        if (buffer.size() < head + *size) {
            const std::size_t rest = head + *size - buffer.size();
            co_await asio::async_read(connection->socket, asio::dynamic_buffer(buffer), asio::transfer_exactly(rest),
                                      token);
            if (error) {
                co_return;
            }
        }
        asked->body = buffer.substr(head, *size);
        buffer.erase(0, head + *size);
        read_body_form(*asked);
        again = co_await answer(connection, std::move(*asked));
    }
}

asio::awaitable<bool> TinyHttp::answer(Held connection, Asked asked) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const Setting setting = faults_ != nullptr ? faults_->take(system_) : Setting{};
    if (setting.trouble == Trouble::reset) {
        connection->socket.set_option(asio::socket_base::linger{true, 0}, error);
        connection->socket.close(error);
        co_return false;
    }
    if (setting.trouble == Trouble::hang) {
        connection->timer.expires_at(std::chrono::steady_clock::time_point::max());
        co_await connection->timer.async_wait(token);
        connection->socket.close(error);
        co_return false;
    }
    if (setting.trouble == Trouble::slow) {
        connection->timer.expires_after(setting.time);
        co_await connection->timer.async_wait(token);
    }
    Told told = handler_(asked, setting.trouble);
    if (told.status == kReset || told.status == kHang) {
        if (told.status == kReset) {
            connection->socket.set_option(asio::socket_base::linger{true, 0}, error);
        } else {
            char ignored{};
            co_await connection->socket.async_read_some(asio::buffer(&ignored, 1), token);
        }
        connection->socket.close(error);
        co_return false;
    }
    spoil(told, setting.trouble);
    const std::string wire = on_the_wire(told);
    co_await asio::async_write(connection->socket, asio::buffer(wire), token);
    const auto wish = asked.headers.find("connection");
    co_return !error && (wish == asked.headers.end() || wish->second != "close");
}

}  // namespace datong::departments
