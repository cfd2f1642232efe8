// A listener whose key lies in a token: what it can do, and that a token that hangs holds no loop.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>

#include <openssl/ssl.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "core/crypto/token.h"
#include "core/crypto/x509.h"
#include "core/http/tls.h"
#include "tests/core/http/caller.h"
#include "tests/core/http/gate.h"
#include "tests/core/http/pki.h"
#include "tests/support/catch.h"
#include "tests/support/soft_token.h"

using namespace datong;
using namespace std::chrono_literals;
using crypto::Algorithm;
using crypto::SigningKey;
using datong::test::call;
using datong::test::Gate;
using datong::test::pki;
using datong::test::post;
using support::SoftToken;

namespace {

/// A key that was put into the token and is opened there, behind the module that can hang.
SigningKey in_token(Algorithm algorithm, const std::string& label, const std::string& id) {
    SoftToken& token = SoftToken::only();
    REQUIRE(token.is_ready());
    const auto made = SigningKey::generate(algorithm, 2048);
    const std::string file = token.path(label + ".pem");
    std::ofstream{file} << made->to_pem()->reveal();
    REQUIRE(token.import(file, label, id));
    std::string uri = token.uri(label, "nowhere");
    uri.replace(uri.find(token.module()), token.module().size(), DATONG_HANGING_MODULE);
    auto key = crypto::open_token_key(crypto::read_token_uri(uri).value(), Secret{SoftToken::kPin});
    CAPTURE(key ? std::string{} : key.error().detail());
    REQUIRE(key.has_value());
    return std::move(*key);
}

const crypto::Validity kValid{std::chrono::system_clock::now() - 1h, 2};

/// What a listener shows with such a key, and who trusts it.
class Front {
public:
    explicit Front(SigningKey key, bool asks_clients = false) {
        const SigningKey root = SigningKey::generate(Algorithm::ecdsa_p256_sha256).value();
        ca_ = crypto::make_ca(root, "token CA", kValid).value();
        http::TlsFiles files;
        files.chain_pem = crypto::make_x509({.pem = ca_, .key = root}, key,
                                            {.common_name = "front", .addresses = {"127.0.0.1"}, .validity = kValid})
                              .value();
        files.client_ca_pem = asks_clients ? pki().ca : "";
        files.client_required = asks_clients;
        files.token = std::move(key);
        files_ = std::make_shared<const http::TlsFiles>(std::move(files));
    }

    [[nodiscard]] std::shared_ptr<const http::TlsFiles> files() const { return files_; }
    [[nodiscard]] std::unique_ptr<http::Client> client(const Gate& gate) const {
        http::ClientSettings settings{.url = gate.url("https"), .ca_pem = ca_};
        if (files_->client_required) {
            settings.client_chain_pem = pki().client;
            settings.client_key_pem = Secret{pki().client_key};
        }
        return std::move(http::Client::make(std::move(settings)).value());
    }

private:
    std::string ca_;
    std::shared_ptr<const http::TlsFiles> files_;
};

/// Ends the token's answers while it lives.
class Hang {
public:
    Hang() {
        setenv("DATONG_HANGS", file().c_str(), 1);
        std::ofstream{file()} << "yes";
    }
    Hang(const Hang&) = delete;
    Hang& operator=(const Hang&) = delete;
    ~Hang() { end(); }

    void end() const {
        std::filesystem::remove(file());
        std::filesystem::remove(file() + ".reached");
    }
    [[nodiscard]] bool is_reached() const { return std::filesystem::exists(file() + ".reached"); }

private:
    static std::string file() { return SoftToken::only().path("hangs"); }
};

std::string shake(const Gate& gate, int version, const std::string& how) {
    namespace asio = boost::asio;
    asio::io_context io;
    asio::ssl::context tls{asio::ssl::context::tls_client};
    SSL_CTX_set_min_proto_version(tls.native_handle(), version);
    SSL_CTX_set_max_proto_version(tls.native_handle(), version);
    SSL_CTX_set1_sigalgs_list(tls.native_handle(), how.c_str());
    asio::ssl::stream<asio::ip::tcp::socket> stream{io, tls};
    stream.next_layer().connect({asio::ip::address_v4::loopback(), gate.port()});
    boost::system::error_code ec;
    stream.handshake(asio::ssl::stream_base::client, ec);
    return ec ? ec.message() : SSL_get_version(stream.native_handle());
}

}  // namespace

TEST_CASE("a listener's key may stay in its token, by every protocol and way of signing", "[http][token]") {
    if (!support::puts_handshakes_aside()) {
        return;
    }
    SECTION("P-256") {
        const Front front{in_token(Algorithm::ecdsa_p256_sha256, "front-p256", "61")};
        const Gate gate{{.tls = front.files()}};
        CHECK(shake(gate, TLS1_3_VERSION, "ECDSA+SHA256") == "TLSv1.3");
        CHECK(shake(gate, TLS1_2_VERSION, "ECDSA+SHA256") == "TLSv1.2");
        CHECK(shake(gate, TLS1_2_VERSION, "RSA-PSS+SHA256") != "TLSv1.2");  // it has no such key
    }
    SECTION("RSA") {
        const Front front{in_token(Algorithm::rsa_v1_5_sha256, "front-rsa", "62")};
        const Gate gate{{.tls = front.files()}};
        CHECK(shake(gate, TLS1_3_VERSION, "RSA-PSS+SHA256") == "TLSv1.3");
        CHECK(shake(gate, TLS1_2_VERSION, "RSA-PSS+SHA512") == "TLSv1.2");
        CHECK(shake(gate, TLS1_2_VERSION, "RSA+SHA256") == "TLSv1.2");
    }
}

TEST_CASE("many connections at once shake hands by one token, clients' certificates and all", "[http][token]") {
    if (!support::puts_handshakes_aside()) {
        return;
    }
    constexpr int kMany = 40;
    const Front front{in_token(Algorithm::ecdsa_p256_sha256, "front-many", "63"), true};
    Gate gate{{.tls = front.files()}, 2};
    std::vector<std::unique_ptr<http::Client>> clients;
    std::vector<std::future<Result<codec::HttpMessage>>> answers;
    for (int i = 0; i < kMany; ++i) {
        clients.push_back(front.client(gate));
        answers.push_back(
            boost::asio::co_spawn(gate.loops.at(static_cast<std::size_t>(i % 2)),
                                  clients.back()->send(post("/a", std::to_string(i)), Deadline::clock::now() + 20s),
                                  boost::asio::use_future));
    }
    for (int i = 0; i < kMany; ++i) {
        const auto answer = answers[static_cast<std::size_t>(i)].get();
        CAPTURE(i, answer ? std::string{} : answer.error().detail());
        REQUIRE(answer.has_value());
        CHECK(answer->body == std::to_string(i));
    }
    CHECK(gate.last_peer().x509_sha256 == pki().client_sha256);
}

TEST_CASE("a key in a token that is not the certificate's is refused before anybody connects",
          "[http][token][security]") {
    const Front front{in_token(Algorithm::ecdsa_p256_sha256, "front-own", "64")};
    http::TlsFiles files = *front.files();
    files.token = in_token(Algorithm::ecdsa_p256_sha256, "front-other", "65");
    const auto refused = http::server_tls(files);
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().detail(), ContainsSubstring("not the certificate's"));
    files.token = SigningKey::generate(Algorithm::ecdsa_p256_sha256).value();
    CHECK_FALSE(http::server_tls(files).has_value());
}

TEST_CASE("while its token hangs, a listener's only loop goes on, and new connections are given up",
          "[http][token][security]") {
    if (!support::puts_handshakes_aside()) {
        return;
    }
    const Front front{in_token(Algorithm::ecdsa_p256_sha256, "front-hangs", "66")};
    Gate gate{{.tls = front.files()}, 1};
    async::Loops callers{1};
    callers.start();
    const auto open = front.client(gate);
    REQUIRE(call(*open, callers, post("/a", "before")).has_value());

    std::optional<Hang> hang{std::in_place};
    const auto late = front.client(gate);
    const auto began = std::chrono::steady_clock::now();
    auto hung = std::async(std::launch::async, [&] { return call(*late, callers, post("/a", "late"), 10s); });
    REQUIRE(Gate::eventually([&] { return hang->is_reached(); }));
    for (int i = 0; i < 3; ++i) {
        const auto asked = std::chrono::steady_clock::now();
        CHECK(call(*open, callers, post("/a", "meanwhile")).has_value());
        CHECK(std::chrono::steady_clock::now() - asked < 500ms);
    }
    CHECK(hung.wait_for(0s) != std::future_status::ready);  // all three came while it waited
    CHECK_FALSE(hung.get().has_value());
    CHECK(std::chrono::steady_clock::now() - began < 8s);

    // who has been here before resumes the session, which takes no signature
    CHECK(boost::asio::co_spawn(callers.at(0), open->greet(Deadline::clock::now() + 5s), boost::asio::use_future)
              .get()
              .has_value());
    for (int i = 0; i < 3; ++i) {  // nobody waits for it again
        const auto next = std::chrono::steady_clock::now();
        CHECK_FALSE(call(*front.client(gate), callers, post("/a", "next")).has_value());
        CHECK(std::chrono::steady_clock::now() - next < 1s);
    }
    CHECK(Gate::eventually(
        [&] { return gate.sink->metrics().find("refused_total{why=\"token\"} 4") != std::string::npos; }));
    hang.reset();
    CHECK(Gate::eventually([&] { return call(*front.client(gate), callers, post("/a", "after")).has_value(); }));
}

TEST_CASE("a server ends in its time while a handshake waits for a token that hangs", "[http][token]") {
    if (!support::puts_handshakes_aside()) {
        return;
    }
    const Front front{in_token(Algorithm::ecdsa_p256_sha256, "front-ends", "67")};
    async::Loops callers{1};
    callers.start();
    const Hang hang;
    auto gate = std::make_unique<Gate>(http::ServerSettings{.tls = front.files()});
    const auto client = front.client(*gate);
    auto hung = std::async(std::launch::async, [&] { return call(*client, callers, post("/a", "late"), 10s); });
    REQUIRE(Gate::eventually([&] { return hang.is_reached(); }));
    const auto began = std::chrono::steady_clock::now();
    gate.reset();
    CHECK(std::chrono::steady_clock::now() - began < 8s);
    CHECK_FALSE(hung.get().has_value());
}

namespace {

/// A client whose key stays in its token, and a server that takes its certificate only.
class Customer {
public:
    explicit Customer(SigningKey key) {
        const SigningKey root = SigningKey::generate(Algorithm::ecdsa_p256_sha256).value();
        const std::string ca = crypto::make_ca(root, "customers' CA", kValid).value();
        chain_ = crypto::make_x509({.pem = ca, .key = root}, key,
                                   {.common_name = "customer", .for_client = true, .validity = kValid})
                     .value();
        http::TlsFiles files = *datong::test::server_files(true, true);
        files.client_ca_pem = ca;
        files_ = std::make_shared<const http::TlsFiles>(std::move(files));
        key_ = std::move(key);
    }

    [[nodiscard]] std::shared_ptr<const http::TlsFiles> server() const { return files_; }
    [[nodiscard]] http::ClientSettings settings(const Gate& gate) const {
        http::ClientSettings settings{.url = gate.url("https"), .ca_pem = pki().ca};
        settings.client_chain_pem = chain_;
        settings.client_token = key_;
        return settings;
    }
    [[nodiscard]] std::unique_ptr<http::Client> client(const Gate& gate) const {
        return std::move(http::Client::make(settings(gate)).value());
    }
    [[nodiscard]] std::string sha256() const { return crypto::read_x509(chain_)->sha256; }

private:
    std::string chain_;
    std::optional<SigningKey> key_;
    std::shared_ptr<const http::TlsFiles> files_;
};

}  // namespace

TEST_CASE("a client's key may stay in its token", "[http][token]") {
    if (!support::puts_handshakes_aside()) {
        return;
    }
    const bool is_rsa = GENERATE(false, true);
    CAPTURE(is_rsa);
    const Customer customer{is_rsa ? in_token(Algorithm::rsa_v1_5_sha256, "customer-rsa", "68")
                                   : in_token(Algorithm::ecdsa_p256_sha256, "customer-p256", "69")};
    Gate gate{{.tls = customer.server()}};
    async::Loops callers{1};
    callers.start();
    const auto client = customer.client(gate);
    for (const char* body : {"one", "two"}) {
        const auto answer = call(*client, callers, post("/a", body));
        CAPTURE(answer ? std::string{} : answer.error().detail());
        REQUIRE(answer.has_value());
        CHECK(answer->body == body);
    }
    CHECK(gate.last_peer().x509_sha256 == customer.sha256());

    http::ClientSettings mixed = customer.settings(gate);
    mixed.client_chain_pem = pki().client;
    CHECK_FALSE(http::Client::make(std::move(mixed)).has_value());  // another key's certificate
}

TEST_CASE("while a client's token hangs, its only loop goes on, and the call is no fault of the department's",
          "[http][token][security]") {
    if (!support::puts_handshakes_aside()) {
        return;
    }
    const Customer customer{in_token(Algorithm::ecdsa_p256_sha256, "customer-hangs", "70")};
    Gate gate{{.tls = customer.server()}};
    async::Loops callers{1};
    callers.start();
    const auto open = customer.client(gate);
    REQUIRE(call(*open, callers, post("/a", "before")).has_value());

    std::optional<Hang> hang{std::in_place};
    const auto late = customer.client(gate);
    const auto began = std::chrono::steady_clock::now();
    auto hung = std::async(std::launch::async, [&] { return call(*late, callers, post("/a", "late")); });
    REQUIRE(Gate::eventually([&] { return hang->is_reached(); }));
    CHECK(call(*open, callers, post("/a", "meanwhile")).has_value());  // by the connection that is open
    const auto answer = hung.get();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().fault() == Fault::unavailable);
    CHECK(answer.error().is_unsent());
    CHECK(std::chrono::steady_clock::now() - began < 8s);

    const auto next = std::chrono::steady_clock::now();
    CHECK_FALSE(call(*customer.client(gate), callers, post("/a", "next")).has_value());
    CHECK(std::chrono::steady_clock::now() - next < 1s);  // nobody waits for it again
    hang.reset();
    CHECK(Gate::eventually([&] { return call(*customer.client(gate), callers, post("/a", "after")).has_value(); }));
}
