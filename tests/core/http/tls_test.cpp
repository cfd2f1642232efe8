#include <atomic>
#include <string>

#include <openssl/ssl.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "core/async/wait.h"
#include "tests/core/http/caller.h"
#include "tests/core/http/gate.h"
#include "tests/core/http/pki.h"
#include "tests/core/http/wire.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::test::call;
using datong::test::Gate;
using datong::test::get;
using datong::test::pki;
using datong::test::post;
using datong::test::server_files;

namespace {

http::ClientSettings trusting(const std::string& url) {
    return {.url = url, .ca_pem = pki().ca};
}

http::ClientSettings with_identity(const std::string& url) {
    return {
        .url = url, .ca_pem = pki().ca, .client_chain_pem = pki().client, .client_key_pem = Secret{pki().client_key}};
}

std::unique_ptr<http::Client> client_of(http::ClientSettings settings) {
    auto made = http::Client::make(std::move(settings));
    REQUIRE(made.has_value());
    return std::move(*made);
}

struct Handshake {
    bool done{};
    std::string protocol;
};

/// A handshake by hand, with what a test asks for.
struct Hand {
    int max_version = TLS1_3_VERSION;
    std::string alpn = "\x08http/1.1";
    const char* ciphers = nullptr;

    Handshake shake(std::uint16_t port) const {
        namespace asio = boost::asio;
        asio::io_context io;
        asio::ssl::context tls{asio::ssl::context::tls_client};
        SSL_CTX_set_security_level(tls.native_handle(), 0);
        SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(tls.native_handle(), max_version);
        if (ciphers != nullptr) {
            SSL_CTX_set_cipher_list(tls.native_handle(), ciphers);
        }
        if (!alpn.empty()) {
            SSL_CTX_set_alpn_protos(tls.native_handle(), reinterpret_cast<const unsigned char*>(alpn.data()),
                                    static_cast<unsigned>(alpn.size()));
        }
        asio::ssl::stream<asio::ip::tcp::socket> stream{io, tls};
        stream.next_layer().connect({asio::ip::address_v4::loopback(), port});
        boost::system::error_code ec;
        stream.handshake(asio::ssl::stream_base::client, ec);
        return {.done = !ec, .protocol = ec ? "" : SSL_get_version(stream.native_handle())};
    }
};

}  // namespace

TEST_CASE("calls go over TLS in both roles of ours", "[http]") {
    Gate gate{{.tls = server_files(false, false)}};
    const auto client = client_of(trusting(gate.url("https")));
    for (int i = 0; i < 3; ++i) {
        const auto answer = call(*client, gate.loops, post("/a", "body"));
        CAPTURE(answer.has_value() ? "" : answer.error().detail());
        REQUIRE(answer.has_value());
        CHECK(answer->body == "body");
    }
    CHECK(gate.last_request().scheme == "https");
    CHECK(gate.last_peer().x509_sha256.empty());
    CHECK(gate.server->connections() == 1);
    const auto big = call(*client, gate.loops, get("/big"));
    REQUIRE(big.has_value());
    CHECK(big->body.size() == 1U << 20);
}

TEST_CASE("a server's certificate must be by a pinned authority and for its name", "[http][security]") {
    auto files = std::make_shared<http::TlsFiles>(*server_files(false, false));
    http::ClientSettings settings;
    SECTION("another authority") {
        settings.ca_pem = pki().other_ca;
    }
    SECTION("another name") {
        settings.ca_pem = pki().ca;
        files->chain_pem = pki().stranger;
        files->key_pem = pki().stranger_key;
    }
    SECTION("a certificate for clients") {
        settings.ca_pem = pki().ca;
        files->chain_pem = pki().client;
        files->key_pem = pki().client_key;
    }
    Gate gate{{.tls = files}};
    settings.url = gate.url("https");
    const auto client = client_of(settings);
    const auto answer = call(*client, gate.loops, get("/"));
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().fault() == Fault::department_down);
    CHECK(gate.calls() == 0);
}

TEST_CASE("a name is checked as a name", "[http]") {
    Gate gate{{.tls = server_files(false, false)}};
    const auto client = client_of(trusting("https://localhost:" + std::to_string(gate.port())));
    const auto answer = call(*client, gate.loops, get("/"));
    CAPTURE(answer.has_value() ? "" : answer.error().detail());
    CHECK(answer.has_value());
}

TEST_CASE("without anchors there is no https client", "[http][security]") {
    CHECK_FALSE(http::Client::make({.url = "https://127.0.0.1"}).has_value());
    CHECK_FALSE(http::Client::make({.url = "https://127.0.0.1", .ca_pem = "no PEM"}).has_value());
    CHECK_FALSE(http::Client::make({.url = "https://127.0.0.1",
                                    .ca_pem = pki().ca,
                                    .client_chain_pem = pki().client,
                                    .client_key_pem = Secret{pki().server_key}})
                    .has_value());
}

TEST_CASE("mutual TLS says who the client is", "[http][security]") {
    Gate gate{{.tls = server_files(true, true)}};
    const auto client = client_of(with_identity(gate.url("https")));
    const auto answer = call(*client, gate.loops, get("/"));
    CAPTURE(answer.has_value() ? "" : answer.error().detail());
    REQUIRE(answer.has_value());
    CHECK(gate.last_peer().x509_sha256 == pki().client_sha256);
    CHECK(gate.last_peer().x509_subject == "CN=client,O=Test,C=CN");
}

TEST_CASE("a client without certificate is refused where one is required", "[http][security]") {
    Gate gate{{.tls = server_files(true, true)}};
    const auto client = client_of(trusting(gate.url("https")));
    CHECK(call(*client, gate.loops, get("/")).error().fault() == Fault::department_down);
    CHECK(gate.calls() == 0);
    CHECK_THAT(gate.sink->metrics(), ContainsSubstring("datong_http_connections_refused_total{why=\"tls\"} 1"));
}

TEST_CASE("a client without certificate is nobody where one is only asked for", "[http]") {
    Gate gate{{.tls = server_files(true, false)}};
    const auto client = client_of(trusting(gate.url("https")));
    CHECK(call(*client, gate.loops, get("/")).has_value());
    CHECK(gate.last_peer().x509_sha256.empty());
}

TEST_CASE("a client's certificate by a stranger is refused", "[http][security]") {
    auto files = std::make_shared<http::TlsFiles>(*server_files(true, false));
    files->client_ca_pem = pki().other_ca;
    Gate gate{{.tls = files}};
    const auto client = client_of(with_identity(gate.url("https")));
    CHECK_FALSE(call(*client, gate.loops, get("/")).has_value());
    CHECK(gate.calls() == 0);
}

TEST_CASE("a resumed session is still the same client", "[http][security]") {
    Gate gate{{.tls = server_files(true, true)}};
    auto settings = with_identity(gate.url("https"));
    settings.idle_per_loop = 0;  // every call shakes hands
    const auto client = client_of(std::move(settings));
    for (int i = 0; i < 3; ++i) {
        REQUIRE(call(*client, gate.loops, get("/")).has_value());
        CHECK(gate.last_peer().x509_sha256 == pki().client_sha256);
    }
    CHECK_THAT(gate.sink->metrics(), ContainsSubstring("datong_http_tls_handshakes_total{resumed=\"no\"} 1"));
    CHECK_THAT(gate.sink->metrics(), ContainsSubstring("datong_http_tls_handshakes_total{resumed=\"yes\"} 2"));
}

TEST_CASE("a resumed session brings the certificates that led to the client's authority", "[http][security]") {
    Gate gate{{.tls = server_files(true, true)}};
    const auto client = client_of({.url = gate.url("https"),
                                   .ca_pem = pki().ca,
                                   .client_chain_pem = pki().below,
                                   .client_key_pem = Secret{pki().below_key},
                                   .idle_per_loop = 0});
    for (int i = 0; i < 3; ++i) {
        REQUIRE(call(*client, gate.loops, get("/")).has_value());
        CHECK(gate.last_peer().x509_subject == "CN=below,O=Test,C=CN");
        CHECK(*gate.last_peer().x509_pem == pki().below);
    }
    CHECK_THAT(gate.sink->metrics(), ContainsSubstring("datong_http_tls_handshakes_total{resumed=\"yes\"} 2"));
}

TEST_CASE("a client with more certificates than lead anywhere is refused, for they would stay", "[http][security]") {
    Gate gate{{.tls = server_files(true, false)}};
    const auto with_more = [&](std::size_t octets) {
        http::ClientSettings settings = with_identity(gate.url("https"));
        std::string more;
        while (more.size() < octets) {
            more += pki().ca;
        }
        settings.client_chain_pem += more;
        return call(*client_of(std::move(settings)), gate.loops, get("/")).has_value();
    };
    CHECK(with_more(8'192));
    CHECK(gate.calls() == 1);
    CHECK_FALSE(with_more(40'960));
    CHECK(gate.calls() == 1);
}

TEST_CASE("a server whose certificate is over is trusted neither over a kept connection nor over a resumed session",
          "[http][security]") {
    auto files = std::make_shared<http::TlsFiles>(*server_files(false, false));
    const auto end = std::chrono::system_clock::now() + std::chrono::seconds{6};  // once all keys are made
    files->chain_pem = test::server_that_ends(end);
    Gate gate{{.tls = files}};
    const auto keeps = client_of(trusting(gate.url("https")));
    const auto resumes = client_of({.url = gate.url("https"), .ca_pem = pki().ca, .idle_per_loop = 0});
    const auto of_any_age =
        client_of({.url = gate.url("https"), .pinned_pem = files->chain_pem, .old_tls = true, .idle_per_loop = 0});
    for (http::Client* client : {keeps.get(), resumes.get(), of_any_age.get()}) {
        for (int i = 0; i < 2; ++i) {
            REQUIRE(call(*client, gate.loops, get("/")).has_value());
        }
    }
    REQUIRE(Gate::eventually([&] { return std::chrono::system_clock::now() > end + std::chrono::seconds{1}; }));
    for (http::Client* client : {keeps.get(), resumes.get()}) {
        const auto answer = call(*client, gate.loops, get("/"));
        REQUIRE_FALSE(answer.has_value());
        CHECK(answer.error().fault() == Fault::department_down);
        CHECK(answer.error().is_unsent());
    }
    CHECK(gate.calls() == 6);
    CHECK(call(*of_any_age, gate.loops, get("/")).has_value());
    const auto resumed = [&gate] { return gate.sink->metrics().find("{resumed=\"yes\"} 3\n") != std::string::npos; };
    CHECK(resumed());
    REQUIRE(gate.server->replace_tls(server_files(false, false)).has_value());
    CHECK(call(*keeps, gate.loops, get("/")).has_value());
    CHECK(call(*resumes, gate.loops, get("/")).has_value());
    CHECK(resumed());
}

TEST_CASE("whoever judges a server is told until when; what is said later lets nothing be sent", "[http][security]") {
    Gate gate{{.tls = server_files(false, false)}};
    std::atomic<bool> is_late{};
    auto settings = trusting(gate.url("https"));
    settings.judge_server = [&is_late](std::string, std::shared_ptr<const std::string>,
                                       Deadline deadline) -> boost::asio::awaitable<Status> {
        co_await async::sleep_until(is_late ? deadline + std::chrono::milliseconds{20} : Deadline::clock::now());
        co_return Status{};
    };
    const auto client = client_of(std::move(settings));
    CHECK(call(*client, gate.loops, get("/")).has_value());
    is_late = true;
    const auto answer = call(*client, gate.loops, get("/"), std::chrono::milliseconds{300});
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().fault() == Fault::department_timeout);
    CHECK(answer.error().is_unsent());
    CHECK(gate.calls() == 1);
}

TEST_CASE("only TLS 1.2 and 1.3 are spoken, with forward secrecy and HTTP/1.1", "[http][security]") {
    Gate gate{{.tls = server_files(false, false)}};
    CHECK(Hand{}.shake(gate.port()).protocol == "TLSv1.3");
    CHECK(Hand{.max_version = TLS1_2_VERSION}.shake(gate.port()).protocol == "TLSv1.2");
    CHECK(Hand{.alpn = ""}.shake(gate.port()).done);
    CHECK(Hand{.alpn = "\x02h2\x08http/1.1"}.shake(gate.port()).done);
    CHECK_FALSE(Hand{.max_version = TLS1_1_VERSION}.shake(gate.port()).done);
    CHECK_FALSE(Hand{.alpn = "\x02h2"}.shake(gate.port()).done);
    CHECK_FALSE(Hand{.max_version = TLS1_2_VERSION, .ciphers = "AES128-SHA:AES128-GCM-SHA256"}.shake(gate.port()).done);
}

TEST_CASE("a handshake that never ends is cut off", "[http][security]") {
    Gate gate{{.tls = server_files(false, false), .head_timeout = std::chrono::milliseconds{50}}};
    test::Wire wire{gate.port()};
    wire.send("\x16\x03\x01\x02");
    wire.read_to_end();
    CHECK(Gate::eventually([&] { return gate.server->connections() == 0; }));
}

TEST_CASE("new connections use new TLS files, old ones keep theirs", "[http]") {
    Gate gate{{.tls = server_files(false, false)}};
    const auto old = client_of(trusting(gate.url("https")));
    REQUIRE(call(*old, gate.loops, get("/")).has_value());
    http::TlsFiles files{.chain_pem = pki().stranger, .key_pem = pki().stranger_key};
    REQUIRE(gate.server->replace_tls(std::make_shared<const http::TlsFiles>(files)).has_value());
    CHECK(call(*old, gate.loops, get("/")).has_value());
    CHECK_FALSE(call(*client_of(trusting(gate.url("https"))), gate.loops, get("/")).has_value());
}

TEST_CASE("TLS files that don't fit change nothing", "[http][security]") {
    Gate gate{{.tls = server_files(false, false)}};
    http::TlsFiles files{.chain_pem = pki().server, .key_pem = pki().server_key};
    SECTION("another's key") {
        files.key_pem = pki().client_key;
    }
    SECTION("no key") {
        files.key_pem = "";
    }
    SECTION("no chain") {
        files.chain_pem = "-----BEGIN";
    }
    SECTION("no anchors") {
        files.client_ca_pem = "none";
    }
    SECTION("required but none trusted") {
        files.client_required = true;
    }
    CHECK_FALSE(gate.server->replace_tls(std::make_shared<const http::TlsFiles>(files)).has_value());
    CHECK(call(*client_of(trusting(gate.url("https"))), gate.loops, get("/")).has_value());
}
