#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/codec/json.h"
#include "core/http/client.h"
#include "core/http/server.h"
#include "tests/journeys/authority.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;

namespace {

namespace asio = boost::asio;

asio::awaitable<void> ask(http::Client* client, HttpMessage request, HttpMessage* into) {
    auto answer =
        co_await client->send(std::move(request), std::chrono::steady_clock::now() + std::chrono::seconds{20});
    if (answer) {
        *into = std::move(*answer);
    }
}

/// One connection that stays open between calls, or one a call, each after the first resuming its session.
class OpenLine {
public:
    explicit OpenLine(const Scene& scene, bool stays_open = true)
        : platform_{scene.gateway.platform()}, body_{codec::write_json(scene.gateway.body(kMarket))} {
        const std::string keys = scene.gateway.folder() + "/keys";
        http::ClientSettings settings;
        settings.url = "https://" + platform_.prepare_get("/").authority;
        settings.ca_pem = read_file(keys + "/ca.pem");
        settings.client_chain_pem = read_file(keys + "/ca/client-one-window.chain.pem");
        settings.client_key_pem = Secret{read_file(keys + "/ca/client-one-window.key.pem")};
        settings.idle_per_loop = stays_open ? settings.idle_per_loop : 0;
        client_ = std::move(*http::Client::make(std::move(settings)));
    }
    /// Status and code of a call, such as "200 " or "403 wrong_certificate".
    [[nodiscard]] std::string call() {
        HttpMessage answer;
        loop_.restart();
        asio::co_spawn(loop_, ask(client_.get(), platform_.prepare(kMarket, body_), &answer), asio::detached);
        loop_.run();
        return std::to_string(answer.status) + ' ' + json_of(answer).text_of("code");
    }

private:
    Platform platform_;
    std::string body_;
    asio::io_context loop_{1};
    std::unique_ptr<http::Client> client_;
};

std::string handshakes(Scene& scene, const std::string& resumed = "no") {
    const std::string metrics = scene.gateway.program().sink().metrics();
    const auto at = metrics.find("datong_http_tls_handshakes_total{resumed=\"" + resumed + "\"}");
    return at == std::string::npos ? std::string{} : metrics.substr(at, metrics.find('\n', at) - at);
}

/// A department's server over TLS in front of its simulator.
class TlsFront {
public:
    TlsFront(const std::string& department, http::TlsFiles tls) {
        behind_ = std::move(*http::Client::make({.url = department}));
        http::ServerSettings settings;
        settings.tls = std::make_shared<const http::TlsFiles>(std::move(tls));
        server_ = std::make_unique<http::Server>(
            std::move(settings), loops_,
            [this](HttpMessage request, const http::Peer&, Deadline) { return forward(std::move(request)); },
            [](const Error&, const std::string&) { return HttpMessage{.status = 400}; });
        REQUIRE(server_->listen().has_value());
        loops_.start();
    }
    ~TlsFront() { server_->drain(std::chrono::milliseconds{0}); }
    TlsFront(const TlsFront&) = delete;
    TlsFront& operator=(const TlsFront&) = delete;

    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(server_->port()); }
    [[nodiscard]] int asked() const { return asked_; }

private:
    asio::awaitable<HttpMessage> forward(HttpMessage request) {
        ++asked_;
        std::erase_if(request.fields, [](const codec::HttpField& field) { return field.name == "Host"; });
        request.authority.clear();
        HttpMessage answer;
        co_await ask(behind_.get(), std::move(request), &answer);
        co_return answer;
    }

    async::Loops loops_{1};
    std::unique_ptr<http::Client> behind_;
    std::unique_ptr<http::Server> server_;
    std::atomic<int> asked_{};
};

}  // namespace

TEST_CASE("a connection that is older than the watch is looked up at its next call", "[journey][security]") {
    Scene scene{"{mode: none}"};
    OpenLine line{scene};
    REQUIRE(line.call() == "200 ");
    const std::string before = handshakes(scene);
    scene.authority->revoke("one-window");
    scene.authority->publish();
    replace_in(scene.gateway.folder() + "/config/gateway.yaml", "{mode: none}",
               "{mode: soft, crl: [\"${DATONG_KEYS}/ca/ca.crl\"], refresh_s: 3600}");
    REQUIRE(scene.gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(line.call() == "403 wrong_certificate");
    CHECK(handshakes(scene) == before);
}

TEST_CASE("a certificate that ends while its connection lives is refused at the next call, and over a resumed session",
          "[journey][security]") {
    Scene scene{"{mode: none}"};
    const auto end = std::chrono::system_clock::now() + std::chrono::seconds{8};
    std::string to = to_rfc3339(end - std::chrono::hours{8}).substr(2, 17);
    std::erase_if(to, [](char c) { return c == '-' || c == ':' || c == 'T'; });
    scene.authority->issue("one-window", "-enddate " + to + "Z");
    OpenLine open{scene};
    OpenLine resumed{scene, false};
    REQUIRE(open.call() == "200 ");
    REQUIRE(resumed.call() == "200 ");
    const std::string before = handshakes(scene);
    REQUIRE(handshakes(scene, "yes").empty());
    REQUIRE(wait_until([&] { return std::chrono::system_clock::now() > end; }));
    CHECK(open.call() == "403 wrong_certificate");
    CHECK(handshakes(scene, "yes").empty());
    CHECK(resumed.call() == "403 wrong_certificate");
    CHECK(handshakes(scene, "yes").ends_with(" 1"));
    CHECK(handshakes(scene) == before);
    scene.gateway.stop();
    CHECK(scene.gateway.verify().valid);
}

TEST_CASE("whoever an authority vouched for is refused when it goes, on open connections too", "[journey][security]") {
    Scene scene{"{mode: none}"};
    OpenLine line{scene};
    REQUIRE(line.call() == "200 ");
    const std::string before = handshakes(scene);
    const Authority other{scene.gateway.folder() + "/keys/other"};
    const std::string config = scene.gateway.folder() + "/config/gateway.yaml";
    const std::string keys = scene.gateway.folder() + "/keys/";

    write_text(keys + "both.pem", read_file(keys + "ca/ca.pem") + read_file(keys + "other/ca.pem"));
    replace_in(config, "${DATONG_KEYS}/ca/ca.pem", "${DATONG_KEYS}/both.pem");
    REQUIRE(scene.gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(line.call() == "200 ");  // one that stays costs no call

    replace_in(config, "${DATONG_KEYS}/both.pem", "${DATONG_KEYS}/other/ca.pem");
    REQUIRE(scene.gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(line.call() == "403 wrong_certificate");
    CHECK(handshakes(scene) == before);
    scene.gateway.stop();
    CHECK(scene.gateway.verify().valid);
}

TEST_CASE("a department's server whose certificate is revoked is not asked, by list, hard and soft",
          "[journey][security]") {
    const bool is_hard = GENERATE(true, false);
    std::optional<Authority> authority;
    std::unique_ptr<TlsFront> front;
    GatewayUnderTest gateway{{.files = {}, .change = [&](const std::string& config) {
                                  const std::string folder = config + "/../keys/departments";
                                  authority.emplace(folder);
                                  authority->issue_server("market");
                                  front = std::make_unique<TlsFront>(
                                      std::getenv("DATONG_MARKET_URL"),
                                      http::TlsFiles{.chain_pem = read_file(folder + "/client-market.chain.pem"),
                                                     .key_pem = read_file(folder + "/client-market.key.pem"),
                                                     .client_ca_pem = {}});
                                  replace_in(config + "/departments/market.yaml", "url: \"${DATONG_MARKET_URL}\"",
                                             "url: " + front->url() + "\n      ca: " + folder +
                                                 "/ca.pem\n      revocation: {mode: " + (is_hard ? "hard" : "soft") +
                                                 ", crl: [" + folder + "/ca.crl], refresh_s: 1}");
                              }}};
    const auto outcome = [&] {
        const HttpMessage answer = gateway.platform().call(kMarket, gateway.body(kMarket));
        const auto said = json_of(answer);
        return said.find("outcome") != nullptr ? said.text_of("outcome") : said.text_of("code");
    };
    // no list yet: hard sends nothing, soft does
    CHECK(outcome() == (is_hard ? "department_down" : "found"));
    CHECK(front->asked() == (is_hard ? 0 : 1));
    authority->publish();
    CHECK(wait_until([&] { return outcome() == "found"; }));
    authority->revoke("market");
    authority->publish();
    REQUIRE(wait_until([&] { return outcome() == "department_down"; }));
    const int before = front->asked();
    CHECK(outcome() == "department_down");
    CHECK(front->asked() == before);
}
