#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/codec/json.h"
#include "core/http/client.h"
#include "tests/journeys/administrator.h"
#include "tests/journeys/authority.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

/// A gateway whose administrators come over TLS, some of them with certificates of an authority.
struct House {
    std::optional<Authority> above;  ///< whom the gateway trusts, where the authority is below one
    std::optional<Authority> authority;
    std::optional<Authority> stranger;  ///< of the same name, with the same serial numbers
    Office office;
    Person wang;

    /// @param revocation  of admin.tls.
    /// @param is_below    the clients' authority is no root: they bring its certificate.
    explicit House(const std::string& revocation, bool is_below = false)
        : office{[&](const std::string& config) {
              authority.emplace(config + "/../keys/ca");
              stranger.emplace(config + "/../keys/stranger");
              if (is_below) {
                  above.emplace(config + "/../keys/above");
                  authority->put_below(*above, "offices");
              }
              for (const Authority* one : {&*authority, &*stranger}) {
                  one->issue("qian");
                  one->issue("sun");
                  one->issue("wu", "-startdate 20200101000000Z -enddate 20200201000000Z");
                  one->publish();
              }
              replace_in(config + "/gateway.yaml", "admin: {accounts: required,",
                         "admin: {tls: {chain: \"${DATONG_KEYS}/tls.chain.pem\", key: \"${DATONG_KEYS}/tls.key.pem\", "
                         "client_ca: \"${DATONG_KEYS}/" +
                             std::string{is_below ? "above" : "ca"} + "/ca.pem\", client: optional" + revocation +
                             "}, accounts: required,");
          }},
          wang{office.first("wang")} {
        for (const char* name : {"qian", "sun", "wu"}) {
            Record body = Record::object();
            body.put("account", Record::text(name));
            Record roles = Record::list();
            roles.add(Record::text("system"));
            body.put("roles", std::move(roles));
            body.put("x509", Record::text(read_file(files(name) + ".chain.pem")));
            const auto made = office.ask(wang, "POST", "/v1/accounts", codec::write_json(body), "new");
            CAPTURE(made.body);
            REQUIRE(made.status == 201);
        }
    }
    [[nodiscard]] std::string files(const std::string& name) const { return authority->path("client-" + name); }
    /// Signs in by a certificate alone.
    [[nodiscard]] HttpMessage open(const std::string& account, const std::string& client) const {
        HttpMessage request;
        request.method = "POST";
        request.target = "/v1/session";
        request.body = R"({"account": ")" + account + R"("})";
        return office.gateway.admin(std::move(request), client);
    }
    [[nodiscard]] Person signed_in(const std::string& account) const {
        const auto opened = open(account, files(account));
        CAPTURE(opened.body);
        REQUIRE(opened.status == 201);
        return {.name = account, .password = {}, .totp = {}, .token = json_of(opened).text_of("token")};
    }
    /// Status and code of a look at one's own session over a connection with that certificate.
    [[nodiscard]] std::string look(const Person& person, const std::string& client) const {
        return said(office.ask(person, "GET", "/v1/session", {}, {}, client));
    }
    [[nodiscard]] static std::string said(const HttpMessage& answer) {
        return std::to_string(answer.status) + (answer.status < 400 ? "" : ' ' + json_of(answer).text_of("code"));
    }
    [[nodiscard]] bool recorded(const std::string& outcome) const {
        const auto acts = office.acts();
        return std::ranges::any_of(acts, [&outcome](const evidence::Administration& act) {
            return act.act == "session.open" && act.outcome == outcome;
        });
    }
};

namespace asio = boost::asio;

asio::awaitable<void> ask(http::Client* client, HttpMessage request, HttpMessage* into) {
    auto answer =
        co_await client->send(std::move(request), std::chrono::steady_clock::now() + std::chrono::seconds{20});
    if (answer) {
        *into = std::move(*answer);
    }
}

/// Asks about its session, each time over a connection of its own, which resumes the one before.
class Resuming {
public:
    Resuming(const House& house, const std::string& who) {
        http::ClientSettings settings;
        const auto& gateway = house.office.gateway;
        settings.url = "https://127.0.0.1:" + std::to_string(gateway.program().admin_port());
        settings.ca_pem = read_file(gateway.folder() + "/keys/ca.pem");
        settings.client_chain_pem = read_file(house.files(who) + ".chain.pem");
        settings.client_key_pem = Secret{read_file(house.files(who) + ".key.pem")};
        settings.idle_per_loop = 0;
        client_ = std::move(*http::Client::make(std::move(settings)));
    }
    [[nodiscard]] HttpMessage send(const std::string& method, const std::string& token, const std::string& body = {}) {
        HttpMessage request;
        request.method = method;
        request.target = "/v1/session";
        request.body = body;
        if (!token.empty()) {
            request.add("Authorization", "Bearer " + token);
        }
        HttpMessage answer;
        loop_.restart();
        asio::co_spawn(loop_, ask(client_.get(), std::move(request), &answer), asio::detached);
        loop_.run();
        return answer;
    }

private:
    asio::io_context loop_{1};
    std::unique_ptr<http::Client> client_;
};

constexpr const char* kByList = ", revocation: {mode: hard, crl: [\"${DATONG_KEYS}/ca/ca.crl\"], refresh_s: 1}";

}  // namespace

TEST_CASE("a person with a registered certificate gets a session over it, and nobody else does",
          "[journey][accounts][security]") {
    House house{""};
    const Person qian = house.signed_in("qian");
    CHECK(house.look(qian, house.files("qian")) == "200");
    SECTION("the session goes with the certificate") {
        CHECK(house.look(qian, "") == "401 session_over");
        CHECK(house.look(qian, house.files("sun")) == "401 session_over");
        CHECK(house.look(qian, house.files("qian")) == "200");
        CHECK(house.office.ask(qian, "POST", "/v1/reload", "", "工单 15", house.files("qian")).status == 200);
    }
    SECTION("another's certificate, one that nobody registered, none") {
        CHECK(House::said(house.open("qian", house.files("sun"))) == "401 sign_in_refused");
        CHECK(House::said(house.open("qian", house.files("portal"))) == "401 sign_in_refused");
        CHECK(House::said(house.open("qian", "")) == "401 sign_in_refused");
        CHECK(House::said(house.open("wang", house.files("qian"))) == "401 sign_in_refused");
        CHECK(wait_until([&] { return house.recorded("wrong_certificate"); }));
    }
    SECTION("one of the same name and number by an authority that nobody trusts: no connection") {
        const std::string forged = house.stranger->path("client-qian");
        CHECK(house.open("qian", forged).status == 0);
        CHECK(house.look(qian, forged) == "0");
    }
    SECTION("one that is over: no connection") {
        CHECK(house.open("wu", house.files("wu")).status == 0);
    }
    SECTION("one that ends while its session lives, or before the next") {
        house.office.clock->advance(std::chrono::days{31});
        CHECK(house.look(qian, house.files("qian")) == "401 sign_in_refused");
        CHECK(House::said(house.open("sun", house.files("sun"))) == "401 sign_in_refused");
        CHECK(wait_until([&] { return house.recorded("certificate_void"); }));
    }
    house.office.gateway.stop();
    CHECK(house.office.gateway.verify().valid);
}

TEST_CASE("strangers' tries lock nobody out who signs in by a certificate", "[journey][accounts][security]") {
    House house{""};
    for (int i = 0; i < 5; ++i) {
        CHECK(House::said(house.open("qian", "")) == "401 sign_in_refused");
    }
    CHECK(House::said(house.open("qian", "")) == "403 account_locked");
    const Person qian = house.signed_in("qian");
    CHECK(house.look(qian, house.files("qian")) == "200");
    house.office.gateway.stop();
    CHECK(house.office.gateway.verify().valid);
}

TEST_CASE("a certificate below an authority that is no root counts over a resumed session, too",
          "[journey][accounts][security]") {
    House house{"", true};
    Resuming line{house, "qian"};
    const HttpMessage first = line.send("POST", "", R"({"account": "qian"})");
    CAPTURE(first.body);
    REQUIRE(first.status == 201);
    const std::string token = json_of(first).text_of("token");
    CHECK(House::said(line.send("POST", "", R"({"account": "qian"})")) == "201");
    CHECK(House::said(line.send("GET", token)) == "200");
    CHECK_THAT(house.office.gateway.program().sink().metrics(),
               ContainsSubstring("datong_http_tls_handshakes_total{resumed=\"yes\"} 2\n"));
    CHECK_FALSE(house.recorded("certificate_void"));
}

TEST_CASE("an administrator's certificate that is revoked ends its session, and opens none",
          "[journey][accounts][security]") {
    House house{kByList};
    const Person qian = house.signed_in("qian");
    const Person sun = house.signed_in("sun");
    CHECK(house.look(qian, house.files("qian")) == "200");
    house.authority->revoke("qian");
    house.authority->publish();
    REQUIRE(wait_until([&] { return house.look(qian, house.files("qian")) == "401 sign_in_refused"; }));
    CHECK(House::said(house.open("qian", house.files("qian"))) == "401 sign_in_refused");
    CHECK(wait_until([&] { return house.recorded("certificate_revoked"); }));
    CHECK(house.look(sun, house.files("sun")) == "200");
    CHECK(House::said(house.open("sun", house.files("sun"))) == "201");
    SECTION("what nothing current proves opens nothing, either, where the setting is hard") {
        house.office.clock->advance(std::chrono::hours{2});  // the list is older than it says it is good for
        REQUIRE(wait_until([&] { return house.look(sun, house.files("sun")) == "401 sign_in_refused"; }));
        CHECK(House::said(house.open("sun", house.files("sun"))) == "401 sign_in_refused");
        CHECK(wait_until([&] { return house.recorded("certificate_unproven"); }));
    }
    house.office.gateway.stop();
    CHECK(house.office.gateway.verify().valid);
}
