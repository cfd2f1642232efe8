#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "core/http/tls.h"
#include "tests/core/http/caller.h"
#include "tests/core/http/pki.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace datong;
using datong::test::call;
using datong::test::pki;
using datong::test::post;

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
constexpr std::string_view kForged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";

enum class Behind { nothing, answer, ticket, goodbye, half_a_record, head_of_a_record };

/// Puts something behind the first answer of each connection: a TLS record of its own that goes out in the same piece.
class Department {
public:
    Department(int version, Behind behind)
        : version_{version}, behind_{behind}, context_{http::server_tls(*test::server_files(false, false)).value()} {}

    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(server_.port()); }
    [[nodiscard]] int opened() const { return opened_; }

private:
    using Socket = support::LoopbackServer::Socket;

    void serve(Socket& socket) {
        ++opened_;
        const std::unique_ptr<SSL, decltype(&SSL_free)> session{SSL_new(context_->native_handle()), &SSL_free};
        SSL* tls = session.get();
        SSL_set_bio(tls, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_max_proto_version(tls, version_);
        SSL_set_accept_state(tls);
        std::array<char, 4096> octets{};
        boost::system::error_code ec;
        for (int answered = 0; !ec;) {
            const int got = SSL_read(tls, octets.data(), octets.size());  // a request comes in one piece
            if (got > 0) {
                SSL_write(tls, kAnswer.data(), kAnswer.size());
                const std::size_t whole = BIO_ctrl_pending(SSL_get_wbio(tls));
                flush(socket, tls, answered++ == 0 ? whole + add(tls) : whole, ec);
            } else if (SSL_get_error(tls, got) == SSL_ERROR_WANT_READ) {
                flush(socket, tls, BIO_ctrl_pending(SSL_get_wbio(tls)), ec);
                const std::size_t size = socket.read_some(boost::asio::buffer(octets), ec);
                BIO_write(SSL_get_rbio(tls), octets.data(), static_cast<int>(size));
            } else {
                break;
            }
        }
        socket.shutdown(Socket::shutdown_both, ec);
    }

    /// @return how many octets of what it makes go out.
    std::size_t add(SSL* tls) const {
        const std::size_t before = BIO_ctrl_pending(SSL_get_wbio(tls));
        if (behind_ == Behind::ticket) {
            SSL_new_session_ticket(tls);
            SSL_do_handshake(tls);
        } else if (behind_ == Behind::goodbye) {
            SSL_shutdown(tls);
        } else if (behind_ != Behind::nothing) {
            SSL_write(tls, kForged.data(), kForged.size());
        }
        const std::size_t made = BIO_ctrl_pending(SSL_get_wbio(tls)) - before;
        if (behind_ == Behind::half_a_record) {
            return made / 2;
        }
        return behind_ == Behind::head_of_a_record ? SSL3_RT_HEADER_LENGTH : made;
    }

    static void flush(Socket& socket, SSL* tls, std::size_t size, boost::system::error_code& ec) {
        std::string out(BIO_ctrl_pending(SSL_get_wbio(tls)), '\0');
        BIO_read(SSL_get_wbio(tls), out.data(), static_cast<int>(out.size()));
        boost::asio::write(socket, boost::asio::buffer(out.data(), size), ec);
    }

    const int version_;
    const Behind behind_;
    const http::TlsContext context_;
    std::atomic<int> opened_{};
    support::LoopbackServer server_{[this](Socket& socket) { serve(socket); }};
};

/// How many connections three calls of one loop take; all are answered by their own answer.
int connections_of_three_calls(int version, Behind behind) {
    async::Loops loops{1};
    loops.start();
    const Department department{version, behind};
    const auto client = http::Client::make({.url = department.url(), .ca_pem = pki().ca});
    REQUIRE(client.has_value());
    for (int i = 0; i < 3; ++i) {
        const auto answer = call(**client, loops, post("/", "a"));
        CAPTURE(i, answer.has_value() ? "" : answer.error().detail());
        REQUIRE(answer.has_value());
        CHECK(answer->body == "ok");
    }
    loops.stop();
    return department.opened();
}

}  // namespace

TEST_CASE("a TLS record behind an answer ends the connection", "[http][security]") {
    const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    CAPTURE(version);
    SECTION("another answer") {
        CHECK(connections_of_three_calls(version, Behind::answer) == 3);
    }
    SECTION("the end of the session") {
        CHECK(connections_of_three_calls(version, Behind::goodbye) == 3);
    }
    SECTION("half of another answer") {
        CHECK(connections_of_three_calls(version, Behind::half_a_record) == 3);
    }
    SECTION("the head of another answer's record") {
        CHECK(connections_of_three_calls(version, Behind::head_of_a_record) == 3);
    }
}

TEST_CASE("nothing behind an answer, or what is TLS's own, leaves the connection", "[http]") {
    SECTION("nothing") {
        const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
        CHECK(connections_of_three_calls(version, Behind::nothing) == 1);
    }
    SECTION("a ticket") {
        CHECK(connections_of_three_calls(TLS1_3_VERSION, Behind::ticket) == 1);
    }
}
