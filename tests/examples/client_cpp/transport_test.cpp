#include "examples/clients/cpp/transport.h"

#include <chrono>
#include <string>

#include "core/crypto/x509.h"
#include "tests/core/signing/corpus.h"
#include "tests/examples/client_cpp/loopback.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::client;
using codec::HttpMessage;
using tests::Loopback;

namespace {

constexpr const char* kOk =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\nX-A: 1\r\nConnection: close\r\n\r\n{}";

Transport transport_to(const std::string& url, const std::string& ca = {}) {
    return Transport::make({.endpoint = read_url(url).value(), .ca_pem = ca, .timeout = std::chrono::seconds{10}})
        .value();
}

HttpMessage post(const std::string& target) {
    HttpMessage message{.method = "POST", .target = target, .body = "{\"a\":1}"};
    message.add("Content-Type", "application/json");
    message.add("Accept", "application/json");
    message.add("Signature", "sig1=:AAAA:");
    return message;
}

/// An authority, and a server certified by it.
struct Certified {
    explicit Certified(const std::string& address) {
        const auto ca_key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
        const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
        const crypto::Validity validity{std::chrono::system_clock::now() - std::chrono::hours{1}, 2};
        ca = crypto::make_ca(ca_key, "test CA", validity).value();
        tls.chain_pem = crypto::make_x509({ca, ca_key}, key,
                                          {.common_name = "gateway", .addresses = {address}, .validity = validity})
                            .value();
        tls.key_pem = key.to_pem()->reveal();
        client_pem = crypto::make_x509({ca, ca_key}, key,
                                       {.common_name = "one-window", .for_client = true, .validity = validity})
                         .value();
    }
    std::string ca;
    std::string client_pem;
    tests::LoopbackTls tls;
};

}  // namespace

TEST_CASE("a gateway's URL is taken apart as it will be signed and sent", "[client]") {
    const Endpoint endpoint = read_url("https://Gateway.Example:8443/base/").value();
    CHECK(endpoint.scheme == "https");
    CHECK(endpoint.authority == "gateway.example:8443");
    CHECK(endpoint.base_path == "/base");
    CHECK(read_url("https://[::1]:8443")->authority == "[::1]:8443");
    CHECK(read_url("http://127.0.0.1:80/")->base_path.empty());
}

TEST_CASE("a URL that would not be sent as it is signed is refused", "[client][security]") {
    const auto url = GENERATE(as<std::string>{}, "", "127.0.0.1:8443", "ftp://a", "https://", "https://u@a",
                              "https://a?x=1", "https://a/#f", "https://a/%41", "https://a b", "https://a/b c",
                              "http://gateway.example", "http://127.0.0.1.example", "https://网关");
    CAPTURE(url);
    const auto endpoint = read_url(url);
    REQUIRE_FALSE(endpoint.has_value());
    CHECK(endpoint.error().fault() == Fault::bad_request);
}

TEST_CASE("what is sent is octet for octet what was signed", "[client]") {
    std::string wire;
    const Loopback server{[&wire](const std::string& request) {
        wire = request;
        return std::string{kOk};
    }};
    const auto transport = transport_to("http://" + server.authority());
    const auto answer = transport.send(post("/v1/services/a-b?x=%7e&y=a+b&z"));
    REQUIRE(answer.has_value());
    const HttpMessage sent = tests::http_message(wire);
    CHECK(sent.method == "POST");
    CHECK(sent.target == "/v1/services/a-b?x=%7e&y=a+b&z");
    CHECK(sent.authority == server.authority());
    CHECK(sent.lines("Host").size() == 1);
    CHECK(sent.lines("Content-Type").size() == 1);
    CHECK(trim_ows(sent.field("Content-Type").value()) == "application/json");
    CHECK(trim_ows(sent.field("Signature").value()) == "sig1=:AAAA:");
    CHECK(sent.body == "{\"a\":1}");

    CHECK(answer->status == 200);
    CHECK(answer->body == "{}");
    CHECK(answer->field("x-a") == std::string{"1"});
}

TEST_CASE("a redirect is an answer, not an order", "[client][security]") {
    int asked = 0;
    const Loopback server{[&asked](const std::string&) {
        ++asked;
        return std::string{"HTTP/1.1 307 X\r\nLocation: /other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"};
    }};
    const auto answer = transport_to("http://" + server.authority()).send(post("/"));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 307);
    CHECK(asked == 1);
}

TEST_CASE("no answer is said as such", "[client]") {
    std::string nowhere;
    {
        const Loopback closed{[](const std::string&) { return std::string{}; }};
        nowhere = closed.authority();
        CHECK_FALSE(transport_to("http://" + nowhere).send(post("/")).has_value());  // closes without a word
    }
    const auto answer = transport_to("http://" + nowhere).send(post("/"));
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().fault() == Fault::unavailable);
}

TEST_CASE("only a server of the authority given, by its own address, is spoken to", "[client][security]") {
    const Certified ours{"127.0.0.1"};
    int asked = 0;
    std::string host;
    const auto count = [&asked, &host](const std::string& request) {
        ++asked;
        host = tests::http_message(request).authority;
        return std::string{kOk};
    };
    SECTION("it is") {
        const Loopback server{count, ours.tls};
        CHECK(transport_to("https://" + server.authority(), ours.ca).send(post("/")).has_value());
        CHECK(asked == 1);
        CHECK(host == server.authority());
    }
    SECTION("another authority") {
        const Loopback server{count, ours.tls};
        CHECK_FALSE(
            transport_to("https://" + server.authority(), Certified{"127.0.0.1"}.ca).send(post("/")).has_value());
        CHECK(asked == 0);
    }
    SECTION("none given: the system's") {
        const Loopback server{count, ours.tls};
        CHECK_FALSE(transport_to("https://" + server.authority()).send(post("/")).has_value());
        CHECK(asked == 0);
    }
    SECTION("another address") {
        const Certified other{"127.0.0.9"};
        const Loopback server{count, other.tls};
        CHECK_FALSE(transport_to("https://" + server.authority(), other.ca).send(post("/")).has_value());
        CHECK(asked == 0);
    }
}

TEST_CASE("mutual TLS shows the client's certificate", "[client]") {
    Certified ours{"127.0.0.1"};
    ours.tls.client_ca_pem = ours.ca;
    const Loopback server{[](const std::string&) { return std::string{kOk}; }, ours.tls};
    const std::string url = "https://" + server.authority();
    CHECK_FALSE(transport_to(url, ours.ca).send(post("/")).has_value());
    const auto transport = Transport::make({.endpoint = read_url(url).value(),
                                            .ca_pem = ours.ca,
                                            .client_chain_pem = ours.client_pem,
                                            .client_key_pem = Secret{ours.tls.key_pem},
                                            .timeout = std::chrono::seconds{10}});
    REQUIRE(transport.has_value());
    CHECK(transport->send(post("/")).has_value());
}

TEST_CASE("TLS files that can't be used are said at once", "[client]") {
    const Certified ours{"127.0.0.1"};
    const Endpoint endpoint = read_url("https://127.0.0.1:1").value();
    CHECK_FALSE(Transport::make({.endpoint = endpoint, .ca_pem = "no certificate"}).has_value());
    CHECK_FALSE(Transport::make({.endpoint = endpoint, .client_chain_pem = ours.client_pem}).has_value());
    CHECK_FALSE(
        Transport::make({.endpoint = endpoint, .client_chain_pem = ours.ca, .client_key_pem = Secret{ours.tls.key_pem}})
            .has_value());
}
