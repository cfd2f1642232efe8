#include "core/http/intake.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "tests/support/catch.h"

using namespace datong;
using namespace datong::http;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

using error_code = boost::system::error_code;

/// A stream whose last piece comes just when the watch has rung, so that the ring ends no wait.
struct RungMeanwhile {
    using executor_type = asio::io_context::executor_type;
    executor_type get_executor() { return loop.get_executor(); }

    asio::io_context& loop;
    asio::ip::tcp::socket& socket;
    Watch& watch;
    std::vector<std::string> pieces;
    std::size_t reads{};

    template <class Token>
    auto async_read_some(asio::mutable_buffer space, Token&& token) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this, space](auto handler) {
                const auto held = std::make_shared<decltype(handler)>(std::move(handler));
                const std::string piece = reads < pieces.size() ? pieces[reads] : std::string{};
                ++reads;
                when_due([space, piece, held] {
                    const auto size = asio::buffer_copy(space, asio::buffer(piece));
                    auto resume = std::move(*held);
                    resume(size > 0 ? error_code{} : error_code{asio::error::eof}, size);
                });
            },
            token);
    }

    template <class Token>
    auto async_write_some(asio::const_buffer part, Token&& token) {
        return socket.async_write_some(part, std::forward<Token>(token));
    }

    template <class Complete>
    void when_due(Complete complete) {
        asio::post(loop, [this, complete] {
            if (reads != pieces.size() || watch.fired()) {
                complete();
            } else {
                when_due(complete);
            }
        });
    }
};

using Read = Result<std::optional<Request>>;

asio::awaitable<void> read(Intake<RungMeanwhile>* intake, Watch* watch, std::optional<Read>* into) {
    *into = co_await intake->read();
    watch->stop();
}

}  // namespace

TEST_CASE("a deadline that passes just when bytes have come is not lost", "[http][security]") {
    asio::io_context loop;
    asio::ip::tcp::socket socket{loop, asio::ip::tcp::v4()};
    Watch watch{socket, Watch::Then::cancel};
    ServerSettings settings;
    RungMeanwhile stream{.loop = loop, .socket = socket, .watch = watch, .pieces = {}};
    SECTION("in the head") {
        settings.head_timeout = 1ms;
        stream.pieces = {"POST /a HTTP", "/1.1\r\nHost: h\r\n"};
    }
    SECTION("in the body") {
        settings.head_timeout = 1h;
        settings.body_timeout = 1ms;
        stream.pieces = {"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n", "abc"};
    }
    Common common{settings};
    Intake intake{stream, watch, common};
    std::optional<Read> got;
    asio::co_spawn(loop, read(&intake, &watch, &got), asio::detached);
    loop.run_for(10s);
    REQUIRE(got);
    REQUIRE_FALSE(got->has_value());
    CHECK(got->error().fault() == Fault::request_timeout);
    CHECK(stream.reads == 2);
}
