#include "examples/departments/door.h"

#include <future>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace datong::departments {

namespace asio = boost::asio;
using asio::ip::tcp;

Door::Door(asio::io_context& loop, Serve serve, Faults* faults, System system)
    : loop_{loop}, serve_{std::move(serve)}, faults_{faults}, system_{system}, acceptor_{loop} {
    acceptor_.open(tcp::v4());
    acceptor_.set_option(tcp::acceptor::reuse_address{true});
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    endpoint_ = acceptor_.local_endpoint();
    open();
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

void Door::follow_switch() {
    // what hung under the old setting ends with it
    for (const Held& connection : connections_) {
        connection->timer.cancel();
    }
    if (faults_->peek(system_).trouble == Trouble::down) {
        close();
    } else {
        open();
    }
}

void Door::close() {
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

void Door::open() {
    if (!open_) {
        open_ = true;
        acceptor_.listen();
        accept_next();
    }
}

void Door::stop() {
    open_ = false;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    drop_connections();
}

void Door::drop_connections() {
    for (const Held& connection : connections_) {
        boost::system::error_code ignored;
        connection->socket.close(ignored);
        connection->timer.cancel();
    }
}

void Door::accept_next() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
        if (error == asio::error::operation_aborted || !open_) {
            return;
        }
        if (!error) {
            const auto connection = std::make_shared<Connection>(std::move(socket), loop_);
            connection->socket.set_option(tcp::no_delay{true}, error);
            connections_.insert(connection);
            asio::co_spawn(loop_, serve_(connection),
                           [this, connection](const std::exception_ptr&) { connections_.erase(connection); });
        }
        accept_next();
    });
}

asio::awaitable<bool> Door::suffer(Held connection, Setting setting) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
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
    co_return true;
}

}  // namespace datong::departments
