#include "core/http/server.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/async/wait.h"
#include "core/http/session.h"
#include "core/telemetry/events.h"

namespace datong::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

void show_connections(const Common& common, std::size_t now) {
    if (common.settings.sink != nullptr) {
        common.settings.sink->gauge("datong_http_open_connections", {}, static_cast<double>(now));
    }
}

/// @return why there is no room for one more; empty when it was counted.
std::string_view count_in(Common& common, const std::string& counted) {
    std::size_t now = 0;
    {
        const std::lock_guard lock{common.mutex};
        if (common.draining) {
            return "draining";
        }
        if (common.connections >= common.settings.max_connections) {
            return "full";
        }
        std::size_t& of_address = common.callers[counted].connections;
        const std::size_t most = common.settings.max_connections_per_address;
        if (most != 0 && of_address >= most) {
            return "address";
        }
        ++of_address;
        now = ++common.connections;
    }
    show_connections(common, now);
    return {};
}

/// Counts a connection out when it ends, however it ends.
class CountOut {
public:
    CountOut(std::shared_ptr<Common> common, std::string counted)
        : common_{std::move(common)}, counted_{std::move(counted)} {}
    CountOut(const CountOut&) = delete;
    CountOut& operator=(const CountOut&) = delete;
    ~CountOut() {
        std::size_t now = 0;
        {
            const std::lock_guard lock{common_->mutex};
            now = --common_->connections;
            const auto caller = common_->callers.find(counted_);
            if (caller != common_->callers.end() && --caller->second.connections == 0) {
                common_->callers.erase(caller);
            }
        }
        common_->changed.notify_all();
        show_connections(*common_, now);
    }

private:
    std::shared_ptr<Common> common_;
    std::string counted_;
};

asio::awaitable<void> serve_counted(tcp::socket socket, std::string address, std::shared_ptr<Common> common,
                                    std::shared_ptr<Corner> corner) {
    const CountOut counted{common, counted_as(address)};
    co_await serve(std::move(socket), std::move(address), common, corner);
}

/// A connection's coroutine has ended; what it threw is a defect of ours and ends this connection only.
struct Ended {
    std::shared_ptr<Common> common;

    void operator()(std::exception_ptr defect) const {
        if (defect && common->settings.sink != nullptr) {
            emit(*common->settings.sink, telemetry::HandlerThrew{.exception = "in the session", .method = ""});
        }
    }
};

asio::awaitable<void> accept_all(std::shared_ptr<tcp::acceptor> acceptor, std::shared_ptr<Common> common,
                                 std::shared_ptr<Corner> corner) {
    const asio::any_io_executor loop = co_await asio::this_coro::executor;
    while (acceptor->is_open()) {
        error_code ec;
        tcp::socket socket = co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (ec == asio::error::operation_aborted) {
            break;
        }
        if (ec) {  // no file descriptors, most likely: one may be free soon
            co_await async::sleep_until(Deadline::clock::now() + std::chrono::milliseconds{20});
            continue;
        }
        std::string address = address_of(socket);
        if (const auto why = count_in(*common, counted_as(address)); !why.empty()) {
            if (common->settings.sink != nullptr) {
                emit(*common->settings.sink, telemetry::ConnectionRefused{.why = why});
            }
            continue;
        }
        asio::co_spawn(loop, serve_counted(std::move(socket), std::move(address), common, corner), Ended{common});
    }
}

}  // namespace

struct Server::State {
    /// One loop's share: touched on that loop only, once it listens.
    struct Post {
        asio::io_context& context;
        std::shared_ptr<tcp::acceptor> acceptor;
        std::shared_ptr<Corner> corner;
    };

    async::Loops& loops;
    std::shared_ptr<Common> common;
    std::vector<Post> posts;
    std::uint16_t port{};

    /// Binds and listens. The first of them does it alone, so that an address which another process listens on is
    /// refused, whoever shares it; only then may the others, which are ours, share it with the first.
    Status open(Post& post, tcp::endpoint at, bool is_first) {
        error_code ec;
        post.acceptor = std::make_shared<tcp::acceptor>(post.context);
        post.acceptor->open(at.protocol(), ec);
        if (!ec) {
            post.acceptor->set_option(tcp::acceptor::reuse_address{true}, ec);
        }
        if (!ec && !is_first) {
            post.acceptor->set_option(ReusePort{true}, ec);
        }
        if (!ec) {
            post.acceptor->bind(at, ec);
        }
        if (!ec) {
            post.acceptor->listen(asio::socket_base::max_listen_connections, ec);
        }
        if (!ec && is_first) {
            post.acceptor->set_option(ReusePort{true}, ec);
        }
        if (ec == asio::error::address_in_use) {
            const std::string host =
                at.address().is_v6() ? '[' + at.address().to_string() + ']' : at.address().to_string();
            return fail(Fault::internal, "listen: 地址已被占用 address in use: another process listens on " + host +
                                             ':' + std::to_string(at.port()));
        }
        if (ec) {
            return fail(Fault::internal, "listen: " + ec.message());
        }
        return {};
    }

    Status open_all(asio::ip::address address) {
        port = common->settings.port;
        for (Post& post : posts) {
            const bool is_first = &post == &posts.front();
            if (auto opened = open(post, {address, port}, is_first); !opened) {
                return opened;
            }
            error_code ec;
            port = post.acceptor->local_endpoint(ec).port();
        }
        return {};
    }

    void close_acceptor(Post& post) {
        error_code ignored;
        if (post.acceptor && post.acceptor->is_open()) {
            post.acceptor->close(ignored);
            const std::lock_guard lock{common->mutex};
            --common->acceptors;
        }
        common->changed.notify_all();
    }

    /// Runs `act` on every loop, or here when no thread runs them.
    template <class Act>
    void everywhere(Act act) {
        for (std::size_t i = 0; i < posts.size(); ++i) {
            if (loops.running()) {
                asio::post(posts[i].context, [act, post = posts[i]]() mutable { act(post); });
            } else {
                act(posts[i]);
            }
        }
    }

    bool wait_for_none(std::chrono::milliseconds at_most) {
        std::unique_lock lock{common->mutex};
        return common->changed.wait_for(lock, at_most,
                                        [this] { return common->connections == 0 && common->acceptors == 0; });
    }
};

Server::Server(ServerSettings settings, async::Loops& loops, Handler handler, Refuser refuse) {
    auto common = std::make_shared<Common>(std::move(settings));
    common->handler = std::move(handler);
    common->refuse = std::move(refuse);
    state_ = std::make_shared<State>(State{.loops = loops, .common = std::move(common)});
    for (std::size_t i = 0; i < loops.size(); ++i) {
        state_->posts.push_back({loops.at(i), nullptr, std::make_shared<Corner>()});
    }
}

Server::~Server() {
    drain(std::chrono::milliseconds{0});
}

Status Server::listen() {
    error_code ec;
    const auto address = asio::ip::make_address(state_->common->settings.address, ec);
    if (ec) {
        return fail(Fault::internal, "listen: not an address: " + state_->common->settings.address);
    }
    if (state_->common->settings.tls) {
        if (auto tls = replace_tls(state_->common->settings.tls); !tls) {
            return tls;
        }
    }
    if (auto opened = state_->open_all(address); !opened) {
        return opened;
    }
    for (State::Post& post : state_->posts) {
        {
            const std::lock_guard lock{state_->common->mutex};
            ++state_->common->acceptors;
        }
        asio::co_spawn(post.context, accept_all(post.acceptor, state_->common, post.corner), Ended{state_->common});
    }
    return {};
}

std::uint16_t Server::port() const {
    return state_->port;
}

Status Server::can_show(const std::shared_ptr<const TlsFiles>& tls) const {
    if (!tls != !state_->common->settings.tls) {
        return fail(Fault::internal, "TLS can't be turned on or off while the server runs: restart it");
    }
    if (!tls) {
        return {};
    }
    auto context = server_tls(*tls);
    return context ? Status{} : fail(std::move(context.error()));
}

Status Server::replace_tls(std::shared_ptr<const TlsFiles> tls) {
    if (!tls || !state_->common->settings.tls) {
        return fail(Fault::internal, "TLS can't be turned on or off while the server runs: restart it");
    }
    auto context = server_tls(*tls);
    if (!context) {
        return fail(std::move(context.error()));
    }
    auto anchors = std::make_shared<const std::string>(tls->client_ca_pem);
    const std::lock_guard lock{state_->common->mutex};
    state_->common->tls = std::move(*context);
    state_->common->anchors = std::move(anchors);
    return {};
}

void Server::drain(std::chrono::milliseconds grace) {
    constexpr std::chrono::milliseconds kLastWord{2'000};
    const auto state = state_;
    state->common->draining = true;
    state->everywhere([state](State::Post& post) {
        state->close_acceptor(post);
        const auto sessions = post.corner->sessions;  // one that ends takes itself out
        for (Session* session : sessions) {
            session->finish();
        }
    });
    if (!state->loops.running() || state->wait_for_none(grace)) {
        return;
    }
    state->everywhere([](State::Post& post) {
        const auto sessions = post.corner->sessions;
        for (Session* session : sessions) {
            session->cut();
        }
    });
    state->wait_for_none(kLastWord);
}

std::size_t Server::connections() const {
    const std::lock_guard lock{state_->common->mutex};
    return state_->common->connections;
}

}  // namespace datong::http
