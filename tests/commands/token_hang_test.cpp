// A token that hangs: the calls that need it get their code, the others go on, and all is well when it comes back.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/commands/serving.h"
#include "tests/support/catch.h"
#include "tests/support/soft_token.h"

using namespace datong;
using namespace datong::commands;
using namespace std::chrono_literals;
using support::SoftToken;

namespace {

/// The tax bureau's key moves into a token behind the module that can hang.
void move_to_token(const Installation& installation) {
    SoftToken& token = SoftToken::only();
    REQUIRE(token.is_ready());
    const std::string key = installation.path("keys/tax.key.pem");
    REQUIRE(std::system(
                ("openssl pkcs8 -topk8 -nocrypt -in '" + key + "' -out '" + token.path("hang.pem") + "'").c_str()) ==
            0);
    REQUIRE(token.import(token.path("hang.pem"), "hang", "31"));
    std::string uri = token.uri("hang", token.pin_file());
    uri.replace(uri.find(token.module()), token.module().size(), DATONG_HANGING_MODULE);
    installation.replace("config/departments/tax.yaml", "${DATONG_KEYS:-keys}/tax.key.pem", uri);
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
