#include <fstream>

#include "tests/commands/installation.h"
#include "tests/support/approved_grants.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::commands;

namespace {

/// An installation with what an approval made.
struct Approved {
    Installation installation;

    Approved() { by("gateway").publish({{"a-2026-0001.yaml", catalogue::to_yaml(support::approved_grant())}}); }

    [[nodiscard]] support::ApprovedGrants by(const std::string& key) const {
        return {installation.path("state/grants/"), "shili", "gateway-2026",
                installation.read("keys/" + key + ".key.pem")};
    }
    [[nodiscard]] Ran check() const {
        return commands::datong({"check", "--config", installation.config()}, installation.environment);
    }
    [[nodiscard]] std::string grant_file() const { return installation.path("state/grants/a-2026-0001.yaml"); }
};

}  // namespace

TEST_CASE("what an approval made loads, and says by whom", "[commands][access]") {
    const Approved approved;
    const Ran checked = approved.check();
    CAPTURE(checked.err);
    CHECK(checked.code == 0);
    const Ran shown = commands::datong({"access", "who-can", "business-licence/status", "--consumer", "portal",
                                        "--config", approved.installation.config()},
                                       approved.installation.environment);
    CAPTURE(shown.err);
    CHECK(shown.code == 0);
    CHECK_THAT(shown.out, ContainsSubstring("授权 by a-2026-0001 sandbox 2026-03-02 market-li security-qian") &&
                              ContainsSubstring("手写 by hand") && ContainsSubstring("可核验 verifies /status"));
}

TEST_CASE("a grant that is not as an approval made it stops the check by its file's name",
          "[commands][access][security]") {
    Approved approved;
    const Installation& installation = approved.installation;
    std::string says = "a-2026-0001.yaml:";
    const auto change =
        GENERATE(as<std::string>{}, "a field more", "a comment", "its name", "a strange one", "one that was revoked",
                 "without its roll", "a roll by another key", "a roll of another gateway");
    CAPTURE(change);
    if (change == "a field more") {
        installation.replace("state/grants/a-2026-0001.yaml", "\"/status\"", "\"/status\", \"/uscc\"");
    } else if (change == "a comment") {
        installation.replace("state/grants/a-2026-0001.yaml", "datong: grant/v1", "datong: grant/v1  # x");
    } else if (change == "its name") {
        std::filesystem::rename(approved.grant_file(), installation.path("state/grants/b.yaml"));
        says = "b.yaml:";
    } else if (change == "a strange one") {
        std::filesystem::copy(installation.path("config/grants/portal-business-licence.yaml"),
                              installation.path("state/grants/strange.yaml"));
        says = "strange.yaml:";
    } else if (change == "one that was revoked") {
        const std::string grant = installation.read("state/grants/a-2026-0001.yaml");
        approved.by("gateway").publish({});
        CHECK(approved.check().code == 0);
        std::ofstream{approved.grant_file()} << grant;
    } else if (change == "without its roll") {
        std::filesystem::remove(installation.path("state/grants/roll.jws"));
    } else if (change == "a roll by another key") {
        std::filesystem::remove(installation.path("state/grants/roll.jws"));
        approved.by("market").publish({{"a-2026-0001.yaml", catalogue::to_yaml(support::approved_grant())}});
        says = "roll.jws";
    } else {
        installation.replace("config/gateway.yaml", "name: shili", "name: other");
        says = "roll.jws";
    }
    const Ran checked = approved.check();
    CHECK(checked.code == 78);
    CAPTURE(checked.err);
    CHECK_THAT(checked.err, ContainsSubstring("C223") && ContainsSubstring(says));
}

TEST_CASE("in production a grant written by hand is refused, and what is approved for trying is not in force",
          "[commands][access][security]") {
    const Approved approved;
    const Installation& installation = approved.installation;
    installation.replace("config/gateway.yaml", "stage: sandbox", "stage: production");
    const Ran checked = approved.check();
    CHECK(checked.code == 78);
    CAPTURE(checked.err);
    CHECK_THAT(checked.err, ContainsSubstring("C209") && ContainsSubstring("grants/portal-business-licence.yaml:") &&
                                ContainsSubstring("datong access request FILE"));
    CHECK_THAT(checked.err, !ContainsSubstring("a-2026-0001.yaml"));
}

TEST_CASE("who-can tells a field that there is not from one that nobody may see", "[commands][access]") {
    const Installation installation;
    const auto who_can = [&](const std::string& field) {
        return commands::datong({"access", "who-can", field, "--consumer", "portal", "--config", installation.config()},
                                installation.environment);
    };
    const Ran unknown = who_can("/statu");
    CHECK(unknown.code == 2);
    CHECK_THAT(unknown.err, ContainsSubstring("try /status"));
    CHECK(who_can("realestate-certificate/holders/*/idNo").code == 1);
    const Ran matrix =
        commands::datong({"access", "matrix", "--json", "--config", installation.config()}, installation.environment);
    CHECK(matrix.code == 0);
    CHECK_THAT(matrix.out, ContainsSubstring(R"("consumer":"portal","service":"business-licence")"));
}
