#include "core/http/link.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "core/http/parser.h"
#include "core/http/tls.h"
#include "core/http/watch.h"

namespace datong::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using codec::HttpMessage;
using Endpoints = async::Resolver::Endpoints;

constexpr std::size_t kRead = 16U << 10;
constexpr std::size_t kMaxHeader = 64U << 10;
constexpr int kMaxInterim = 8;  ///< answers 1xx before the answer
constexpr std::size_t kJoin = 16U << 10;

template <class Stream>
class Connection final : public Link {
    static constexpr bool kTls = !std::is_same_v<Stream, tcp::socket>;

public:
    template <class... Tls>
    Connection(std::shared_ptr<Origin> origin, const asio::any_io_executor& loop, Tls&... tls)
        : origin_{std::move(origin)}, stream_{tcp::socket{loop}, tls...}, watch_{socket(), Watch::Then::close} {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override {
        if constexpr (kTls) {
            // else OpenSSL holds the session for broken and it can't resume
            if (is_used) {
                SSL_set_shutdown(stream_.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
            }
        }
    }

    asio::awaitable<Status> connect(Endpoints endpoints, Deadline deadline) {
        const auto at_most = std::min(deadline, Deadline::clock::now() + origin_->settings.connect_timeout);
        error_code ec;
        watch_.set(at_most);
        co_await asio::async_connect(socket(), endpoints, asio::redirect_error(asio::use_awaitable, ec));
        if (!ec && !watch_.fired()) {
            error_code ignored;
            socket().set_option(tcp::no_delay{true}, ignored);
            ec = co_await greet();
        }
        if (ec || watch_.fired()) {
            co_return fail(failure("connect", ec, deadline).unsent());
        }
        watch_.rest();
        co_return Status{};
    }

    asio::awaitable<Result<HttpMessage>> ask(Wire request, Deadline deadline) override {
        heard_ = false;
        reusable_ = false;
        watch_.set(deadline);
        auto good = co_await judge(deadline);
        if (good && watch_.fired()) {
            good = fail(failure("judge", {}, deadline).unsent());
        }
        if (!good) {
            watch_.stop();
            co_return fail(std::move(good.error()));
        }
        error_code ec = co_await send(std::move(request.head), std::move(request.body));
        if (watch_.fired()) {
            co_return fail(failure("send", ec, deadline));
        }
        // who refuses a long request may answer and close before all of it was sent
        auto answer = co_await receive(request.is_head, request.most, deadline);
        reusable_ = reusable_ && !ec && answer.has_value();
        is_used = true;
        watch_.stop();
        co_return answer;
    }

    bool is_reusable() const override { return reusable_; }
    bool has_heard() const override { return heard_; }
    asio::any_io_executor loop() override { return socket().get_executor(); }
    int descriptor() override { return socket().native_handle(); }

    bool is_quiet() override {
        if constexpr (kTls) {
            SSL* session = stream_.native_handle();
            if (!origin_->settings.old_tls && http::is_over(SSL_get0_peer_certificate(session))) {
                return false;
            }
        }
        char byte{};
        const auto got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }

private:
    tcp::socket& socket() {
        if constexpr (kTls) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }

    std::string_view unread() const {
        const auto data = buffer_.cdata();
        return {static_cast<const char*>(data.data()), data.size()};
    }

    /// Whether more was read from the socket than the answer: it would be taken for the next one's.
    bool has_surplus() {
        if constexpr (kTls) {
            return !unread().empty() || !is_drained(stream_.native_handle());
        } else {
            return !unread().empty();
        }
    }

    Error failure(std::string_view doing, error_code ec, Deadline deadline) const {
        if (watch_.fired() && Deadline::clock::now() >= deadline) {
            return {Fault::department_timeout, std::string{doing} + ": no answer at the deadline"};
        }
        if (is_tokens(ec)) {
            return {Fault::unavailable, std::string{doing} + ": the token of our own key gives no signature"};
        }
        const std::string why = watch_.fired() ? "took too long" : ec.message();
        return {Fault::department_down, std::string{doing} + ": " + why};
    }

    /// Whether the server is still one to be trusted; a connection may live long.
    asio::awaitable<Status> judge(Deadline deadline) {
        if constexpr (kTls) {
            if (origin_->settings.judge_server) {
                if (!server_.x509_pem) {
                    read_peer(stream_.native_handle(), server_);
                }
                if (!server_.x509_pem) {
                    co_return tl::unexpected{Error{Fault::department_down, "the server shows no certificate"}.unsent()};
                }
                co_return co_await origin_->settings.judge_server(server_.x509_sha256, server_.x509_pem, deadline);
            }
        }
        co_return Status{};
    }

    asio::awaitable<error_code> greet() {
        error_code ec;
        if constexpr (kTls) {
            const bool is_pinned = !origin_->settings.pinned_pem.empty();
            if (!expect_peer(stream_.native_handle(), origin_->url.host, !is_pinned)) {
                co_return error_code{asio::error::invalid_argument};
            }
            origin_->ticket.use(stream_.native_handle(), origin_->settings.old_tls);
            for (bool again = true; again;) {
                co_await stream_.async_handshake(asio::ssl::stream_base::client,
                                                 asio::redirect_error(asio::use_awaitable, ec));
                again = co_await token_signs(stream_.native_handle());
            }
            SSL_clear_mode(stream_.native_handle(), SSL_MODE_ASYNC);  // nothing else waits for the token
        }
        co_return ec;
    }

    asio::awaitable<error_code> send(std::string head, std::string body) {
        std::string_view rest = body;
        if (rest.size() <= kJoin) {
            head.append(rest);
            rest = {};
        }
        error_code ec = co_await write_all(head);
        if (!ec) {
            ec = co_await write_all(rest);
        }
        co_return ec;
    }

    asio::awaitable<error_code> write_all(std::string_view text) {
        error_code ec;
        while (!text.empty() && !ec) {
            const auto part = asio::buffer(text.data(), text.size());
            text.remove_prefix(co_await stream_.async_write_some(part, asio::redirect_error(asio::use_awaitable, ec)));
        }
        co_return ec;
    }

    asio::awaitable<Result<HttpMessage>> receive(bool to_head, std::size_t most, Deadline deadline) {
        for (int interim = 0; interim <= kMaxInterim; ++interim) {
            auto answer = co_await receive_one(to_head, most, deadline);
            if (!answer || answer->status >= 200) {
                co_return answer;
            }
            if (answer->status == 101) {
                break;
            }
        }
        co_return fail(Fault::department_down, "answer: one 1xx after the other");
    }

    asio::awaitable<Result<HttpMessage>> receive_one(bool to_head, std::size_t most, Deadline deadline) {
        const Parser::Limits limits = most > 0
                                          ? Parser::Limits{.header = kMaxHeader, .body = most, .is_file = true}
                                          : Parser::Limits{.header = kMaxHeader, .body = origin_->settings.max_answer};
        parser_.emplace(Parser::of_response(limits, to_head));
        bool starved = unread().empty();
        while (!parser_->done()) {
            if (starved) {
                const error_code ec = co_await read_some();
                if (ec == asio::error::eof && parser_->end()) {
                    break;
                }
                if (ec) {
                    co_return fail(failure("answer", ec, deadline));
                }
            }
            const auto used = parser_->feed(unread());
            if (!used) {
                co_return fail(used.error());
            }
            buffer_.consume(*used);
            starved = *used == 0 || unread().empty();
            if (*used == 0 && unread().size() > kMaxHeader) {
                co_return fail(Fault::department_down, "answer: a line without end");
            }
        }
        reusable_ = parser_->keep_alive() && !has_surplus() && socket().is_open();
        co_return std::move(parser_->message());
    }

    asio::awaitable<error_code> read_some() {
        error_code ec;
        const auto space = buffer_.prepare(kRead);
        const auto size = co_await stream_.async_read_some(space, asio::redirect_error(asio::use_awaitable, ec));
        buffer_.commit(size);
        heard_ = heard_ || size > 0;
        co_return size > 0 ? error_code{} : ec;
    }

    std::shared_ptr<Origin> origin_;
    Peer server_;  ///< what its certificate says, once it was asked about
    Stream stream_;
    Watch watch_;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    bool heard_{};
    bool reusable_{};
};

/// For no longer than connecting may take.
asio::awaitable<Result<Endpoints>> resolve(std::shared_ptr<Origin> origin, Deadline deadline) {
    const auto at_most = std::min(deadline, Deadline::clock::now() + origin->settings.connect_timeout);
    auto found = co_await origin->resolver.find(at_most);
    if (!found) {
        // not the call's time but the connection's
        const bool is_ours = found.error().fault() == Fault::department_timeout && at_most < deadline;
        co_return fail(is_ours ? Fault::department_down : found.error().fault(), "resolve: " + found.error().detail());
    }
    co_return found;
}

template <class Stream, class... Tls>
asio::awaitable<Result<std::unique_ptr<Link>>> connect(std::shared_ptr<Origin> origin, Endpoints endpoints,
                                                       Deadline deadline, Tls&... tls) {
    const asio::any_io_executor loop = co_await asio::this_coro::executor;
    auto link = std::make_unique<Connection<Stream>>(origin, loop, tls...);
    if (auto connected = co_await link->connect(std::move(endpoints), deadline); !connected) {
        co_return fail(std::move(connected.error()));
    }
    co_return std::unique_ptr<Link>{std::move(link)};
}

}  // namespace

asio::awaitable<void> see_off(std::unique_ptr<Link> link, Deadline deadline) {
    constexpr std::chrono::milliseconds kMost{100};
    const asio::any_io_executor here = co_await asio::this_coro::executor;
    const asio::any_io_executor there = link->loop();
    tcp::socket seen{here};
    error_code ec;
    seen.assign(tcp::v4(), ::dup(link->descriptor()), ec);
    ::shutdown(link->descriptor(), SHUT_WR);
    auto ends = [gone = std::shared_ptr<Link>{std::move(link)}] {};  // on its own loop, where its timer may still ring
    asio::post(there, std::move(ends));
    if (!ec) {
        Watch watch{seen, Watch::Then::close};
        watch.set(std::min(deadline, Deadline::clock::now() + kMost));
        co_await seen.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, ec));
    }
}

asio::awaitable<Result<std::unique_ptr<Link>>> open_link(std::shared_ptr<Origin> origin, Deadline deadline) {
    auto endpoints = co_await resolve(origin, deadline);
    if (!endpoints) {
        co_return fail(std::move(endpoints.error()).unsent());
    }
    if (!origin->tls) {
        co_return co_await connect<tcp::socket>(origin, std::move(*endpoints), deadline);
    }
    co_return co_await connect<asio::ssl::stream<tcp::socket>>(origin, std::move(*endpoints), deadline, *origin->tls);
}

}  // namespace datong::http
