// A token that hangs: the calls that need it get their code, the others go on, and all is well when it comes back.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>

#include "tests/commands/serving.h"
#include "tests/core/http/caller.h"
#include "tests/journeys/platform.h"
#include "tests/support/catch.h"
#include "tests/support/soft_token.h"

using namespace datong;
using namespace datong::commands;
using namespace std::chrono_literals;
using support::SoftToken;

namespace {

/// A key moves into a token behind the module that can hang: the tax bureau's, or another's.
/// @param file  that names it.
void move_to_token(const Installation& installation, const std::string& whose = "tax",
                   const std::string& file = "config/departments/tax.yaml") {
    static int imports = 30;  // in the token each is one of its own
    const std::string id = std::to_string(++imports);
    SoftToken& token = SoftToken::only();
    REQUIRE(token.is_ready());
    const std::string key = installation.path("keys/" + whose + ".key.pem");
    const std::string label = "hang-" + whose + id;
    REQUIRE(std::system(
                ("openssl pkcs8 -topk8 -nocrypt -in '" + key + "' -out '" + token.path("hang.pem") + "'").c_str()) ==
            0);
    REQUIRE(token.import(token.path("hang.pem"), label, id));
    std::string uri = token.uri(label, token.pin_file());
    uri.replace(uri.find(token.module()), token.module().size(), DATONG_HANGING_MODULE);
    installation.replace(file, "${DATONG_KEYS:-keys}/" + whose + ".key.pem", uri);
}

class Clocked {
public:
    [[nodiscard]] std::chrono::milliseconds took() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
    }

private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

TEST_CASE("a token that hangs holds up its own department's calls, and no others", "[commands][token][security]") {
    Installation installation;
    move_to_token(installation);
    const std::string hangs = installation.path("hangs");
    installation.environment["DATONG_HANGS"] = hangs;
    Serving serving{installation};
    const Ran good = serving.call_about("deed-tax-receipt");
    INFO(good.out << good.err << serving.said());
    REQUIRE(good.code == 0);

    std::ofstream{hangs} << "yes";
    const Clocked first;
    const Ran refused = serving.call_about("deed-tax-receipt");
    CHECK(refused.code != 0);
    CHECK_THAT(refused.out + refused.err, ContainsSubstring("unavailable"));
    CHECK(first.took() < 20s);

    for (int i = 0; i < 3; ++i) {  // nobody waits for it again
        const Clocked next;
        CHECK_THAT(serving.call_about("deed-tax-receipt").out, ContainsSubstring("unavailable"));
        CHECK(serving.call().code == 0);
        CHECK(next.took() < 10s);
    }

    std::filesystem::remove(hangs);
    CHECK(wait_until([&] { return serving.call_about("deed-tax-receipt").code == 0; }));
    CHECK(serving.end() == 0);
}

TEST_CASE("a gateway ends in its time while its token hangs", "[commands][token]") {
    Installation installation;
    move_to_token(installation);
    const std::string hangs = installation.path("hangs");
    installation.environment["DATONG_HANGS"] = hangs;
    Serving serving{installation};
    std::ofstream{hangs} << "yes";
    CHECK(serving.call_about("deed-tax-receipt").code != 0);
    CHECK(serving.end() == 0);
}

TEST_CASE("while a token hangs, its only loop answers the calls of other keys at once", "[commands][token][security]") {
    Installation installation;
    move_to_token(installation);
    const std::string hangs = installation.path("hangs");
    installation.environment["DATONG_HANGS"] = hangs;
    REQUIRE(installation.read("config/gateway.yaml").find("\nthreads: 1\n") != std::string::npos);
    Serving serving{installation};
    const journeys::Platform platform{serving.url(), installation.path("keys"), "one-window"};
    const std::string target = "/v1/services/fund-deposit-certificate";
    REQUIRE(platform.send(platform.prepare(target, fund_body())).status == 200);  // what is made once is made

    std::ofstream{hangs} << "yes";
    auto hung = std::async(std::launch::async, [&] { return serving.call_about("deed-tax-receipt"); });
    REQUIRE(wait_until([&] { return std::filesystem::exists(hangs + ".reached"); }));
    std::chrono::milliseconds quickest{20'000};
    for (int i = 0; i < 3; ++i) {
        const Clocked one;
        CHECK(platform.send(platform.prepare(target, fund_body())).status == 200);
        quickest = std::min(quickest, one.took());
    }
    CHECK(hung.wait_for(0s) != std::future_status::ready);  // all three came while it waited
    CHECK(quickest < 200ms);
    CHECK_THAT(hung.get().out, ContainsSubstring("unavailable"));
    std::filesystem::remove(hangs);
    CHECK(wait_until([&] { return serving.call_about("deed-tax-receipt").code == 0; }));
    CHECK(serving.end() == 0);
}

TEST_CASE("while the gateway's own token hangs, its loop goes on", "[commands][token][security]") {
    Installation installation;
    const std::string hangs = installation.path("hangs");
    installation.environment["DATONG_HANGS"] = hangs;
    move_to_token(installation, "gateway", "config/gateway.yaml");
    Serving serving{installation};
    const journeys::Platform platform{serving.url(), installation.path("keys"), "one-window"};
    REQUIRE(serving.call().code == 0);
    std::ofstream{hangs} << "yes";
    auto hung = std::async(std::launch::async, [&] { return serving.call(); });
    REQUIRE(wait_until([&] { return std::filesystem::exists(hangs + ".reached"); }));
    const Clocked page;
    CHECK(platform.send(platform.prepare("/v1/nothing", "{}")).status == 404);  // says nothing that is signed
    CHECK(page.took() < 1s);
    CHECK(hung.wait_for(0s) != std::future_status::ready);
    CHECK_THAT(hung.get().out, ContainsSubstring("unavailable"));
    std::filesystem::remove(hangs);
    CHECK(wait_until([&] { return serving.call().code == 0; }));
    CHECK(serving.end() == 0);
}

TEST_CASE("a listener's key in a token: calls by new connections, and open ones go on while it hangs",
          "[commands][token][security]") {
    if (!support::puts_handshakes_aside()) {
        return;
    }
    Installation installation;
    const std::string hangs = installation.path("hangs");
    installation.environment["DATONG_HANGS"] = hangs;
    move_to_token(installation, "tls", "config/gateway.yaml");
    const Ran checked =
        commands::datong({"cert", "check", "--config", installation.config()}, installation.environment);
    CHECK_THAT(checked.out, ContainsSubstring("listen tls key"));
    Serving serving{installation};
    REQUIRE(serving.call().code == 0);
    REQUIRE(serving.call().code == 0);
    const journeys::Platform platform{serving.url(), installation.path("keys"), "one-window"};
    const std::string target = "/v1/services/fund-deposit-certificate";
    async::Loops loops{1};
    loops.start();
    const auto client =
        http::Client::make({.url = serving.url(), .ca_pem = journeys::read_file(installation.path("keys/ca.pem"))});
    const auto asked = [&] { return test::call(**client, loops, platform.prepare(target, fund_body())); };
    REQUIRE(asked()->status == 200);

    std::ofstream{hangs} << "yes";
    auto hung = std::async(std::launch::async, [&] { return serving.call(); });  // by a connection of its own
    REQUIRE(wait_until([&] { return std::filesystem::exists(hangs + ".reached"); }));
    const Clocked open;
    CHECK(asked()->status == 200);
    CHECK(open.took() < 1s);
    CHECK(hung.get().code != 0);
    std::filesystem::remove(hangs);
    CHECK(wait_until([&] { return serving.call().code == 0; }));
    CHECK(serving.end() == 0);
}
