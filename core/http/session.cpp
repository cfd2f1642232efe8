#include "core/http/session.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <type_traits>
#include <typeinfo>

#include <cxxabi.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/text.h"
#include "core/http/intake.h"
#include "core/http/watch.h"
#include "core/http/writer.h"
#include "core/telemetry/events.h"

namespace datong::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using codec::HttpMessage;
using Now = Deadline::clock;

constexpr std::size_t kJoin = 16U << 10;  ///< a body up to that leaves with its head
constexpr std::size_t kLingerBytes = 256U << 10;
constexpr std::chrono::milliseconds kLinger{1'000};

/// The name of what is being handled; the text of an exception may quote the data.
std::string name_of_exception() {
    const std::type_info* type = abi::__cxa_current_exception_type();
    if (type == nullptr) {
        return "unknown";
    }
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name{abi::__cxa_demangle(type->name(), nullptr, nullptr, &status),
                                                           &std::free};
    return status == 0 && name ? name.get() : type->name();
}

std::string_view http_date(Corner& corner) {
    const std::time_t now = std::time(nullptr);
    if (now != corner.date_of) {
        corner.date = to_http_date(now);
        corner.date_of = now;
    }
    return corner.date;
}

template <class Stream>
class Connection final : public Session {
    static constexpr bool kTls = !std::is_same_v<Stream, tcp::socket>;

public:
    template <class... Tls>
    Connection(std::shared_ptr<Common> common, std::shared_ptr<Corner> corner, tcp::socket socket, std::string address,
               Budget::Held* held, Tls&... tls)
        : common_{std::move(common)},
          corner_{std::move(corner)},
          stream_{std::move(socket), tls...},
          watch_{this->socket(), Watch::Then::cancel},
          intake_{stream_, watch_, *common_, held} {
        peer_.address = std::move(address);
        corner_->sessions.insert(this);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override {
        if constexpr (kTls) {
            // else OpenSSL holds the session of one that just went for broken and it can't resume
            if (greeted_) {
                SSL_set_shutdown(stream_.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
            }
        }
        corner_->sessions.erase(this);
    }

    void finish() override {
        if (greeting_ || intake_.is_idle()) {
            cut();
        }
    }
    void cut() override {
        error_code ignored;
        socket().close(ignored);
    }

    void let_in_under(std::shared_ptr<const std::string> anchors) { peer_.anchors = std::move(anchors); }

    asio::awaitable<void> run() {
        if (!co_await greet()) {
            co_return;
        }
        bool more = true;
        while (more) {
            more = co_await serve_one();
        }
        watch_.stop();
    }

private:
    tcp::socket& socket() {
        if constexpr (kTls) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }

    const ServerSettings& settings() const { return common_->settings; }

    /// The TLS handshake, within the time of a head.
    asio::awaitable<bool> greet() {
        if constexpr (kTls) {
            error_code ec;
            greeting_ = true;
            watch_.set(Now::now() + settings().head_timeout);
            ec = co_await shake_hands();
            greeting_ = false;
            if (ec) {
                if (settings().sink != nullptr) {
                    emit(*settings().sink, telemetry::ConnectionRefused{.why = is_tokens(ec) ? "token" : "tls"});
                }
                co_return false;
            }
            greeted_ = true;
            read_peer(stream_.native_handle(), peer_);
            if (settings().meet && !peer_.x509_sha256.empty()) {
                co_await settings().meet(peer_);
            }
            count_handshake(SSL_session_reused(stream_.native_handle()) == 1);
        }
        co_return true;
    }

    asio::awaitable<error_code> shake_hands() {
        error_code ec;
        if constexpr (kTls) {
            SSL* session = stream_.native_handle();
            for (bool again = true; again;) {
                co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                                 asio::redirect_error(asio::use_awaitable, ec));
                again = co_await token_signs(session);
                if (again && watch_.fired()) {
                    cut();  // what was put aside ends, and no more is sent or read
                }
            }
            SSL_clear_mode(session, SSL_MODE_ASYNC);  // nothing else waits for the token
        }
        co_return ec;
    }

    void count_handshake(bool resumed) const {
        if (settings().sink != nullptr) {
            settings().sink->count("datong_http_tls_handshakes_total", {{"resumed", resumed ? "yes" : "no"}});
        }
    }

    /// @return whether the connection may carry another request.
    asio::awaitable<bool> serve_one() {
        auto request = co_await intake_.read();
        if (!request) {
            HttpMessage refusal = refusal_of(request.error());
            const AnswerStyle last{.date = http_date(*corner_)};
            if (co_await write(std::move(refusal), last, false)) {
                co_await part();
            }
            co_return false;
        }
        if (!*request) {
            co_return false;  // the peer has gone
        }
        Request& open = **request;
        const bool is_head = open.is_head;
        AnswerStyle style{.keep_alive = open.keep_alive, .http_1_0 = open.http_1_0};
        HttpMessage answer = co_await answer_to(std::move(open.message));
        open.share.give_back();
        style.keep_alive = style.keep_alive && !common_->draining && !says_close(answer);
        style.date = http_date(*corner_);
        if (!co_await write(std::move(answer), style, is_head)) {
            co_return false;
        }
        if (!style.keep_alive) {
            co_await part();
        }
        co_return style.keep_alive;
    }

    asio::awaitable<HttpMessage> answer_to(HttpMessage request) {
        const std::string method = request.method;
        std::string defect;
        try {
            co_return co_await common_->handler(std::move(request), peer_, Now::now());
        } catch (...) {
            defect = name_of_exception();
        }
        if (settings().sink != nullptr) {
            emit(*settings().sink, telemetry::HandlerThrew{.exception = defect, .method = method});
        }
        co_return refusal_of(Error{Fault::internal, "the handler threw " + defect});
    }

    HttpMessage refusal_of(const Error& why) const {
        if (settings().sink != nullptr) {
            settings().sink->count("datong_http_refusals_total", {{"fault", row_of(why.fault()).code}});
        }
        try {
            return common_->refuse(why, peer_.address);
        } catch (...) {
            HttpMessage plain;
            plain.status = row_of(why.fault()).status;
            return plain;
        }
    }

    static bool says_close(const HttpMessage& answer) {
        const auto connection = answer.field("connection");
        return connection && ascii_equal_ignoring_case(*connection, "close");
    }

    asio::awaitable<bool> write(HttpMessage answer, AnswerStyle style, bool is_head) {
        auto head = answer_head(answer, style);
        if (!head) {
            answer = refusal_of(head.error());
            head = answer_head(answer, style);
        }
        if (!head) {
            co_return false;
        }
        if (is_head || !may_have_body(answer.status)) {
            answer.body.clear();
            answer.tail.clear();
        }
        std::string_view body = answer.body;
        const std::chrono::seconds more{answer.length() >> 16U};
        watch_.set(Now::now() + settings().write_timeout + more);
        if (body.size() <= kJoin) {
            head->append(body);
            body = {};
        }
        bool sent = co_await write_all(*head) && co_await write_all(body);
        for (const auto& piece : answer.tail) {
            sent = sent && co_await write_all(*piece);
        }
        watch_.rest();
        co_return sent;
    }

    asio::awaitable<bool> write_all(std::string_view text) {
        error_code ec;
        while (!text.empty() && !ec && !watch_.fired()) {
            const auto part = asio::buffer(text.data(), text.size());
            text.remove_prefix(co_await stream_.async_write_some(part, asio::redirect_error(asio::use_awaitable, ec)));
        }
        co_return text.empty() && !ec;
    }

    /// Says goodbye and lets the peer read the answer: closing over unread bytes would reset it away.
    asio::awaitable<void> part() {
        error_code ec;
        watch_.set(Now::now() + kLinger);
        if constexpr (kTls) {
            co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ec));
        }
        socket().shutdown(tcp::socket::shutdown_send, ec);
        std::array<char, 4096> waste{};
        for (std::size_t read = 0; !ec && !watch_.fired() && read < kLingerBytes;) {
            const auto space = asio::buffer(waste);
            read += co_await socket().async_read_some(space, asio::redirect_error(asio::use_awaitable, ec));
        }
    }

    std::shared_ptr<Common> common_;
    std::shared_ptr<Corner> corner_;
    Stream stream_;
    Watch watch_;
    Intake<Stream> intake_;
    Peer peer_;
    bool greeting_{};
    bool greeted_{};
};

}  // namespace

std::string address_of(const tcp::socket& socket) {
    error_code ec;
    const auto address = socket.remote_endpoint(ec).address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    }
    return ec ? std::string{} : address.to_string();
}

std::string counted_as(const std::string& address) {
    error_code ec;
    const auto read = asio::ip::make_address_v6(address, ec);
    if (ec) {
        return address;
    }
    constexpr std::size_t kNetwork = 8;
    auto octets = read.to_bytes();
    std::fill(octets.begin() + kNetwork, octets.end(), std::uint8_t{});
    return asio::ip::address_v6{octets}.to_string();
}

asio::awaitable<void> serve(tcp::socket socket, std::string address, std::shared_ptr<Common> common,
                            std::shared_ptr<Corner> corner) {
    TlsContext tls;
    std::shared_ptr<const std::string> anchors;
    Budget::Held* held = nullptr;
    {
        const std::lock_guard lock{common->mutex};
        const auto caller = common->callers.find(counted_as(address));
        if (caller != common->callers.end() && common->settings.max_connections_per_address != 0) {
            held = &caller->second.body_bytes;
        }
        tls = common->tls;
        anchors = common->anchors;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    if (tls) {
        Connection<asio::ssl::stream<tcp::socket>> connection{common, corner, std::move(socket), std::move(address),
                                                              held,   *tls};
        connection.let_in_under(std::move(anchors));
        co_await connection.run();
    } else {
        Connection<tcp::socket> connection{common, corner, std::move(socket), std::move(address), held};
        co_await connection.run();
    }
}

}  // namespace datong::http
