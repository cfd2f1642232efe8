#include <chrono>
#include <filesystem>
#include <optional>

#include "tests/journeys/authority.h"
#include "tests/support/catch.h"
#include "tests/support/http_handler.h"

using namespace datong;
using namespace datong::journeys;

namespace {

constexpr const char* kByList = "{mode: hard, crl: [\"${DATONG_KEYS}/ca/ca.crl\"], refresh_s: 1}";

}  // namespace

TEST_CASE("a consumer whose certificate is revoked is refused while the gateway runs, and it alone",
          "[journey][security]") {
    Scene scene{kByList, [](const Authority& authority) { authority.publish(); }};
    CHECK(scene.call("one-window") == "200 ");
    CHECK(scene.call("portal") == "200 ");
    scene.authority->revoke("one-window");
    scene.authority->publish();
    CHECK(scene.becomes("one-window", "403 wrong_certificate"));
    CHECK(scene.call("portal") == "200 ");
    CHECK(scene.counts("datong_revocation_findings_total{standing=\"revoked\"} 1"));
    // what is no list takes nothing away of the one before
    write_text(scene.authority->path("ca.crl"), "<html>login</html>");
    REQUIRE(wait_until([&] { return scene.counts("datong_revocation_failures_total"); }));
    CHECK(scene.call("one-window") == "403 wrong_certificate");
    CHECK(scene.call("portal") == "200 ");
    scene.authority->publish();
    CHECK(scene.gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(scene.call("one-window") == "403 wrong_certificate");
    CHECK(scene.call("portal") == "200 ");
    scene.gateway.stop();
    CHECK(scene.gateway.verify().valid);
    CHECK_THAT(scene.gateway.log(), ContainsSubstring("certificate_doubted"));
}

TEST_CASE("hard: a list that is too old proves nobody, and a new one does at once", "[journey][security]") {
    Scene scene{kByList, [](const Authority& authority) { authority.publish("4"); }};
    CHECK(scene.becomes("portal", "503 unavailable"));
    scene.authority->publish();
    CHECK(scene.becomes("portal", "200 "));
}

TEST_CASE("soft: without a list who calls is let pass and counted, and a list counts from when it is there",
          "[journey][security]") {
    Scene scene{"{mode: soft, crl: [\"${DATONG_KEYS}/ca/ca.crl\"], refresh_s: 1}"};
    CHECK(scene.call("one-window") == "200 ");
    CHECK(scene.counts("datong_revocation_findings_total{standing=\"let_pass\"} 1"));
    CHECK(scene.counts("datong_revocation_failures_total"));
    scene.authority->revoke("one-window");
    scene.authority->publish("1");
    CHECK(scene.becomes("one-window", "403 wrong_certificate"));
    // the list is too old soon after, or gone: who stood in it is revoked all the same
    std::filesystem::remove(scene.authority->path("ca.crl"));
    const auto later = std::chrono::steady_clock::now() + std::chrono::seconds{3};
    while (std::chrono::steady_clock::now() < later) {
        REQUIRE(scene.call("one-window") == "403 wrong_certificate");
    }
    CHECK(scene.call("portal") == "200 ");
}

TEST_CASE("hard with a list that is not there refuses everybody with a certificate", "[journey][security]") {
    Scene scene{kByList};
    CHECK(scene.call("portal") == "503 unavailable");
    CHECK(scene.counts("datong_revocation_findings_total{standing=\"refused\"} 1"));
}

TEST_CASE("a responder is asked once a connection is new, and its answer holds when it stops", "[journey][security]") {
    const Authority* authority = nullptr;
    support::HttpHandler responder{[&authority](const support::HandledRequest& request) {
        return support::HttpHandler::Answer{.body = authority->respond(request.body)};
    }};
    Scene scene{"{mode: hard, ocsp: \"" + responder.url() + "/ocsp\", refresh_s: 1}",
                [&authority](const Authority& made) { authority = &made; }};
    CHECK(scene.call("one-window") == "200 ");
    scene.authority->revoke("one-window");
    CHECK(scene.becomes("one-window", "403 wrong_certificate"));
    CHECK(scene.call("portal") == "200 ");
    responder.stop();
    CHECK(wait_until([&] { return scene.counts("datong_revocation_failures_total"); }));
    CHECK(scene.call("portal") == "200 ");  // good for five minutes more
    CHECK(scene.call("one-window") == "403 wrong_certificate");
    scene.gateway.restart();  // what was known is forgotten, and nobody answers
    CHECK(scene.call("portal") == "503 unavailable");
}

TEST_CASE("an answer of another authority's is not believed", "[journey][security]") {
    std::optional<Authority> stranger;
    const Authority* authority = nullptr;
    support::HttpHandler responder{[&](const support::HandledRequest& request) {
        return support::HttpHandler::Answer{.body = authority->respond(request.body, stranger->path("."))};
    }};
    Scene scene{"{mode: hard, ocsp: \"" + responder.url() + "\", refresh_s: 1}", [&](const Authority& made) {
                    authority = &made;
                    stranger.emplace(made.path("stranger"));
                }};
    CHECK(scene.call("portal") == "503 unavailable");
    scene.gateway.stop();
    CHECK_THAT(scene.gateway.log(), ContainsSubstring("not signed by the issuer or its delegate"));
}
