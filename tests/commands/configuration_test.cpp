#include <filesystem>

#include "tests/commands/installation.h"
#include "tests/support/catch.h"

using namespace datong::commands;

TEST_CASE("check counts what a good configuration holds and names its snapshot", "[commands]") {
    const Installation installation;
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CAPTURE(ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("5 departments, 5 sources, 4 services, 2 consumers"));
    CHECK_THAT(ran.out, ContainsSubstring("snapshot "));
    CHECK(ran.err.empty());
}

TEST_CASE("check leaves no evidence and no ports behind", "[commands]") {
    const Installation installation;
    REQUIRE(datong::commands::datong({"check", "-c", installation.config()}, installation.environment).code == 0);
    CHECK(std::filesystem::is_empty(installation.path("evidence")));
}

TEST_CASE("check names file, line and column of a typo, and the nearest right name", "[commands]") {
    const Installation installation;
    installation.replace("config/services/tax-clearance.yaml", "deadline_ms", "dedline_ms");
    installation.replace("config/services/business-licence.yaml", "department: market", "department: markt");

    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);

    CHECK(ran.code == 78);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, ContainsSubstring("config/services/tax-clearance.yaml:15:1 "));
    CHECK_THAT(ran.err, ContainsSubstring("deadline_ms"));
    CHECK_THAT(ran.err, ContainsSubstring("config/services/business-licence.yaml:") && ContainsSubstring("markt") &&
                            ContainsSubstring("try: market"));
}

TEST_CASE("check names an environment variable that is not set", "[commands]") {
    Installation installation;
    REQUIRE(installation.environment.erase("DATONG_LAND_URL") == 1);
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("departments/land.yaml:13:"));
    CHECK_THAT(ran.err, ContainsSubstring("DATONG_LAND_URL"));
    CHECK_THAT(ran.err, !ContainsSubstring("DATONG_TAX_FOLDER"));
}

TEST_CASE("check of a file that is not there says which", "[commands]") {
    const Ran ran = datong::commands::datong({"check", "--config", "nowhere/gateway.yaml"});
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("nowhere/gateway.yaml"));
}

TEST_CASE("a key file that anybody's text stands in stops check without showing it", "[commands][security]") {
    const Installation installation;
    installation.replace("keys/land.key.pem", "PRIVATE", "PR1VATE");
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("land.key.pem"));
    CHECK_THAT(ran.err, !ContainsSubstring("PR1VATE"));
}

TEST_CASE("keys prints retired keys with their time, and nobody calls with one", "[commands][security]") {
    const Installation installation;
    installation.replace("config/gateway.yaml", "subject_key:",
                         "retired: [{id: gateway-2025, file: \"${DATONG_KEYS}/market.pub.pem\", from: 2025-01-01, "
                         "to: 2026-01-31}]\nsubject_key:");
    installation.replace("config/consumers/portal.yaml", "keys:",
                         "retired: [{id: portal-2025, file: \"${DATONG_KEYS}/tax.pub.pem\", to: 2026-01-31}]\nkeys:");
    const Ran ran = datong::commands::datong({"keys", "--config", installation.config()}, installation.environment);
    CAPTURE(ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out,
               ContainsSubstring("\"kid\":\"gateway-2025\"") && ContainsSubstring("\"datong_from\":\"2025-01-01\"") &&
                   ContainsSubstring("\"datong_to\":\"2026-01-31\"") && ContainsSubstring("\"kid\":\"portal-2025\""));

    installation.replace("config/consumers/portal.yaml", "portal-2025", "portal-2026");
    const Ran twice = datong::commands::datong({"keys", "--config", installation.config()}, installation.environment);
    CHECK(twice.code == 78);
    CHECK_THAT(twice.err, ContainsSubstring("portal-2026"));
}
