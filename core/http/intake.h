#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "core/base/text.h"
#include "core/http/parser.h"
#include "core/http/rules.h"
#include "core/http/server.h"
#include "core/http/session.h"
#include "core/http/watch.h"

namespace datong::http {

/// A request and what of it matters to its answer only.
struct Request {
    codec::HttpMessage message;
    bool keep_alive{};
    bool http_1_0{};
    bool is_head{};
    Share share;  ///< what its body holds of the server's budget
};

/// Reads the requests of one connection, one after the other, within the server's rules, limits and
/// times. On the connection's loop only.
/// @tparam Stream  plain or TLS; a template so that a plain connection pays for nothing else.
template <class Stream>
class Intake {
public:
    /// @param held  what the bodies of its address hold; nullptr: nobody asks.
    Intake(Stream& stream, Watch& watch, Common& common, Budget::Held* held = nullptr)
        : stream_{stream}, watch_{watch}, settings_{common.settings}, common_{common}, held_{held} {}

    /// Whether it waits for the first byte of a request: nobody loses anything when it closes now.
    [[nodiscard]] bool is_idle() const { return idle_; }

    /// @return nullopt when the peer closed between two requests, was idle for too long, or the server
    ///         drains; Fault::bad_request, method_not_allowed, header_too_large, body_too_large,
    ///         request_timeout, unavailable or what judge_head said for what must be refused and ends the connection.
    [[nodiscard]] boost::asio::awaitable<Result<std::optional<Request>>> read() {
        auto head = co_await read_head();
        if (!head) {
            co_return fail(std::move(head.error()));
        }
        if (*head == 0) {
            co_return std::optional<Request>{};
        }
        if (auto good = judge_head(*head); !good) {
            co_return fail(std::move(good.error()));
        }
        auto body = co_await read_body();
        if (!body) {
            parser_.reset();
            share_.give_back();
            co_return fail(std::move(body.error()));
        }
        watch_.rest();
        release_room();
        co_return std::optional<Request>{take_request()};
    }

private:
    using Now = Deadline::clock;
    using error_code = boost::system::error_code;

    static constexpr std::size_t kHeadRead = 4U << 10;
    static constexpr std::size_t kBodyRead = 16U << 10;  ///< what an idle body may hold of the budget, too
    static constexpr std::size_t kKeepRoom = 32U << 10;  ///< an idle connection holds no more

    std::string_view unread() const {
        const auto data = buffer_.cdata();
        return {static_cast<const char*>(data.data()), data.size()};
    }

    /// Reads until the empty line is in the buffer. Empty lines in front are let pass (RFC 9112, 2.2).
    /// @return the head's size; 0 when the peer has gone or may go.
    boost::asio::awaitable<Result<std::size_t>> read_head() {
        bool begun = !unread().empty();
        watch_.set(Now::now() + (first_ || begun ? settings_.head_timeout : settings_.idle_timeout));
        first_ = false;
        std::size_t skipped = 0;
        for (std::size_t searched = 0;;) {
            skipped += skip_empty_lines();
            const auto end = unread().find("\r\n\r\n", searched);
            if (auto fits = check_so_far(std::min(end, unread().size()) + skipped); !fits) {
                co_return fail(std::move(fits.error()));
            }
            if (end != std::string_view::npos) {
                co_return end + 4;
            }
            searched = unread().size() < 3 ? 0 : unread().size() - 3;
            if (!begun && common_.draining) {
                co_return std::size_t{0};
            }
            idle_ = !begun;
            const auto got = co_await read_some(kHeadRead);
            idle_ = false;
            if (got == 0) {
                co_return head_cut_short(begun);
            }
            if (!begun) {
                begun = true;
                watch_.set(Now::now() + settings_.head_timeout);
            }
        }
    }

    /// What can be said of a head before all of it has come.
    Status check_so_far(std::size_t size) const {
        if (size > settings_.max_header) {
            return fail(Fault::header_too_large, "header over " + std::to_string(settings_.max_header) + " bytes");
        }
        const char first = unread().empty() ? '\r' : unread().front();
        if (first != '\r' && (first < 'A' || first > 'Z')) {
            return fail(Fault::bad_request, "does not begin with a method");
        }
        return {};
    }

    Result<std::size_t> head_cut_short(bool begun) const {
        if (!begun || (unread().empty() && !watch_.fired())) {
            return std::size_t{0};
        }
        if (watch_.fired()) {
            return fail(Fault::request_timeout, "the head did not arrive in time");
        }
        return fail(Fault::bad_request, "the connection ended inside a head");
    }

    std::size_t skip_empty_lines() {
        std::size_t skipped = 0;
        while (unread().starts_with("\r\n")) {
            buffer_.consume(2);
            skipped += 2;
        }
        return skipped;
    }

    /// Our rules on the bytes, Beast's parser, our rules on what it found.
    Status judge_head(std::size_t size) {
        const auto head = unread().substr(0, size);
        if (auto good = check_raw_head(head, settings_.max_header_lines); !good) {
            return good;
        }
        const Parser::Limits limits{.header = settings_.max_header + 4, .body = settings_.max_body};
        Parser& parser = parser_.emplace(Parser::of_request(limits));
        const auto used = parser.feed(head);
        if (!used) {
            return fail(used.error());
        }
        if (*used != size || !parser.header_done()) {
            return fail(Fault::bad_request, "header: not where its empty line is");
        }
        buffer_.consume(size);
        if (auto good = check_http_rules(parser.message()); !good) {
            return good;
        }
        parser.message().scheme = std::is_same_v<Stream, boost::asio::ip::tcp::socket> ? "http" : "https";
        parser.message().authority = parser.message().lines("host").front();
        if (auto good = check_version_and_expect(); !good || !settings_.judge_head) {
            return good;
        }
        return settings_.judge_head(parser_->message());
    }

    Status check_version_and_expect() {
        const codec::HttpMessage& request = parser_->message();
        if (!parser_->is_http_1_1() && request.field("transfer-encoding")) {
            return fail(Fault::bad_request, "Transfer-Encoding in HTTP/1.0");
        }
        const auto expect = request.field("expect");
        if (expect && !ascii_equal_ignoring_case(*expect, "100-continue")) {
            return fail(Fault::bad_request, "Expect: other than 100-continue");
        }
        expects_continue_ = expect && parser_->is_http_1_1();
        return {};
    }

    boost::asio::awaitable<Status> read_body() {
        if (parser_->done()) {
            co_return Status{};
        }
        share_ = Share{common_.body_bytes, held_};
        if (auto room = make_room(); !room) {
            co_return room;
        }
        const Deadline end = Now::now() + settings_.body_timeout;
        watch_.set(std::min(end, Now::now() + settings_.body_pause));
        if (expects_continue_ && unread().empty()) {
            co_await say_continue();
        }
        bool starved = unread().empty();
        while (!parser_->done()) {
            if (starved && co_await read_some(kBodyRead) == 0) {
                co_return fail(watch_.fired() ? Error{Fault::request_timeout, "the body did not arrive in time"}
                                              : Error{Fault::bad_request, "the connection ended inside the body"});
            }
            const auto used = parser_->feed(unread());
            if (!used) {
                co_return fail(used.error());
            }
            buffer_.consume(*used);
            if (auto room = parser_->done() ? Status{} : make_room(); !room) {
                co_return room;
            }
            starved = *used == 0 || unread().empty();
            if (!watch_.fired()) {
                watch_.set(std::min(end, Now::now() + settings_.body_pause));
            }
            if (*used == 0 && unread().size() > settings_.max_header) {
                co_return fail(Fault::bad_request, "a chunk header or trailer over the limit of headers");
            }
        }
        co_return Status{};
    }

    /// Takes what the body holds and its next piece from the budget.
    Status make_room() {
        codec::HttpMessage& message = parser_->message();
        const auto length = message.field("content-length");
        const auto whole = length ? to_whole_number(*length).value_or(settings_.max_body) : settings_.max_body;
        const std::size_t next = message.body.size() + unread().size() + kBodyRead;
        if (!share_.grow_to(std::min<std::size_t>(whole, next))) {
            return fail(Fault::unavailable, "too many bytes of bodies in flight");
        }
        return {};
    }

    /// A failure shows in the read that follows.
    boost::asio::awaitable<void> say_continue() {
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        error_code ignored;
        const auto text = boost::asio::buffer(kContinue.data(), kContinue.size());
        co_await boost::asio::async_write(stream_, text,
                                          boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }

    /// @return bytes read; 0 at the end, at the deadline or on a failure.
    boost::asio::awaitable<std::size_t> read_some(std::size_t room) {
        if (watch_.fired()) {  // it rang while nothing was waited for, and will not ring again
            co_return std::size_t{0};
        }
        error_code ec;
        const auto space = buffer_.prepare(room);
        const auto size =
            co_await stream_.async_read_some(space, boost::asio::redirect_error(boost::asio::use_awaitable, ec));
        buffer_.commit(size);
        co_return ec ? 0 : size;
    }

    void release_room() {
        if (unread().empty() && buffer_.capacity() > kKeepRoom) {
            buffer_.shrink_to_fit();
        }
    }

    Request take_request() {
        Request request{.message = std::move(parser_->message()),
                        .keep_alive = parser_->keep_alive(),
                        .http_1_0 = !parser_->is_http_1_1(),
                        .share = std::move(share_)};
        request.is_head = request.message.method == "HEAD";
        parser_.reset();
        return request;
    }

    Stream& stream_;
    Watch& watch_;
    const ServerSettings& settings_;
    Common& common_;
    Budget::Held* held_;
    Share share_;  ///< of the body that is coming in
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;  ///< of the request that is coming in
    bool first_{true};
    bool idle_{};
    bool expects_continue_{};
};

}  // namespace datong::http
