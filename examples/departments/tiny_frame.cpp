#include "examples/departments/tiny_frame.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace datong::departments {

namespace asio = boost::asio;

namespace {
constexpr std::size_t kMaxFrame = 1U << 16U;
}

TinyFrame::TinyFrame(asio::io_context& loop, FrameHead head, FrameHandler handler, Faults* faults, System system)
    : head_{std::move(head)},
      handler_{std::move(handler)},
      door_{loop, [this](Door::Held connection) { return serve(std::move(connection)); }, faults, system} {
}

asio::awaitable<void> TinyFrame::serve(Door::Held connection) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    std::string& buffer = connection->buffer;
    co_await asio::async_read(connection->socket, asio::dynamic_buffer(buffer), asio::transfer_exactly(head_.octets),
                              token);
    const std::optional<std::size_t> whole = error ? std::nullopt : head_.whole(buffer);
    if (!whole || *whole < buffer.size() || *whole > kMaxFrame) {
        co_return;
    }
    co_await asio::async_read(connection->socket, asio::dynamic_buffer(buffer),
                              asio::transfer_exactly(*whole - buffer.size()), token);
    if (error) {
        co_return;
    }
    const Setting setting = door_.take();
    if (!co_await door_.suffer(connection, setting)) {
        co_return;
    }
    FrameTold told = handler_(buffer, setting.trouble);
    if (!co_await door_.suffer(connection, {.trouble = told.instead})) {
        co_return;
    }
    std::string reply = std::move(told.octets);
    if (setting.trouble == Trouble::malformed) {
        reply.resize(reply.size() * 6 / 10);
    }
    if (setting.trouble == Trouble::empty_body) {
        reply.clear();
    }
    co_await asio::async_write(connection->socket, asio::buffer(reply), token);
    connection->socket.shutdown(asio::ip::tcp::socket::shutdown_both, error);
}

}  // namespace datong::departments
