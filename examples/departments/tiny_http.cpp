#include "examples/departments/tiny_http.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "examples/departments/legacy_text.h"

namespace datong::departments {

namespace asio = boost::asio;

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
            if (told.content_type.find("UTF-8") != std::string::npos) {  // others play it themselves
                told.body = to_gb18030(told.body);
            }
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

/// The next whole request of a connection; nullopt when it ends or says nonsense.
template <class Stream>
asio::awaitable<std::optional<Asked>> next_request(Stream* stream, std::string* buffer) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const std::size_t head =
        co_await asio::async_read_until(*stream, asio::dynamic_buffer(*buffer, kMaxMessage), "\r\n\r\n", token);
    std::optional<Asked> asked = error ? std::nullopt : read_head(std::string_view{*buffer}.substr(0, head - 2));
    const std::optional<std::size_t> size = asked ? body_size(*asked) : std::nullopt;
    if (!size) {
        co_return std::nullopt;
    }
    if (buffer->size() < head + *size) {
        const std::size_t rest = head + *size - buffer->size();
        co_await asio::async_read(*stream, asio::dynamic_buffer(*buffer), asio::transfer_exactly(rest), token);
        if (error) {
            co_return std::nullopt;
        }
    }
    asked->body = buffer->substr(head, *size);
    buffer->erase(0, head + *size);
    read_body_form(*asked);
    co_return asked;
}

}  // namespace

TinyHttp::TinyHttp(asio::io_context& loop, Handler handler, Faults* faults, System system)
    : handler_{std::move(handler)},
      door_{loop, [this](Door::Held connection) { return serve(std::move(connection)); }, faults, system} {
}

std::string TinyHttp::url() const {
    return (tls_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(door_.port());
}

void TinyHttp::speak_tls(const Identity& identity) {
    tls_ = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    tls_->use_certificate(asio::buffer(identity.certificate), asio::ssl::context::pem);
    tls_->use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
}

asio::awaitable<void> TinyHttp::serve(Door::Held connection) {
    if (tls_ != nullptr) {
        boost::system::error_code error;
        connection->tls = std::make_unique<asio::ssl::stream<asio::ip::tcp::socket&>>(connection->socket, *tls_);
        co_await connection->tls->async_handshake(asio::ssl::stream_base::server,
                                                  asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            co_return;
        }
    }
    bool again = true;
    while (again) {
        std::optional<Asked> asked;
        if (connection->tls != nullptr) {
            asked = co_await next_request(connection->tls.get(), &connection->buffer);
        } else {
            asked = co_await next_request(&connection->socket, &connection->buffer);
        }
        again = asked && co_await answer(connection, std::move(*asked));
    }
}

asio::awaitable<bool> TinyHttp::answer(Door::Held connection, Asked asked) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const Setting setting = door_.take();
    if (!co_await door_.suffer(connection, setting)) {
        co_return false;
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
    if (connection->tls != nullptr) {
        co_await asio::async_write(*connection->tls, asio::buffer(wire), token);
    } else {
        co_await asio::async_write(connection->socket, asio::buffer(wire), token);
    }
    const auto wish = asked.headers.find("connection");
    co_return !error && (wish == asked.headers.end() || wish->second != "close");
}

}  // namespace datong::departments
