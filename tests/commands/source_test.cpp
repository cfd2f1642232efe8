#include <filesystem>

#include "tests/commands/installation.h"
#include "tests/support/catch.h"

using namespace datong::commands;

namespace {

Ran check(const Installation& installation, const std::string& name) {
    return datong::commands::datong({"source", "check", name, "--config", installation.config()},
                                    installation.environment);
}

}  // namespace

TEST_CASE("source check says how far it came with each kind of source", "[commands]") {
    struct Row {
        const char* source;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({{"land/land-registry", "reachable; whether"},
                                           {"market/market-query", "reachable; whether"},
                                           {"tax/tax-front", "it lets us in"},
                                           {"fund/fund-front", "it lets us in"}}));
    const Installation installation;
    const Ran ran = check(installation, row.source);
    CAPTURE(row.source, ran.out, ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring(row.source) && ContainsSubstring(row.says));
}

TEST_CASE("source check of what is down says so, and why", "[commands]") {
    Installation installation;
    std::string source;
    std::string says;
    SECTION("nobody listens there") {
        installation.environment["DATONG_LAND_URL"] = "http://127.0.0.1:1/bdc";
        source = "land/land-registry";
        says = "refused";
    }
    SECTION("the folder is not there") {
        installation.environment["DATONG_TAX_FOLDER"] = installation.path("nowhere");
        source = "tax/tax-front";
        says = "No such file";
    }
    const Ran ran = check(installation, source);
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring(source) && ContainsSubstring("department_down") && ContainsSubstring(says));
}

TEST_CASE("source check of a name that is none says the nearest right one", "[commands]") {
    const Installation installation;
    const Ran ran = check(installation, "land/land-registy");
    CHECK(ran.code == 2);
    CHECK_THAT(ran.err, ContainsSubstring("try land/land-registry"));
}
