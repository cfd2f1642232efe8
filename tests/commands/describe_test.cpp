// The client asks a gateway that runs what it may call.
#include <filesystem>

#include "core/codec/json.h"
#include "tests/commands/serving.h"
#include "tests/support/catch.h"

using namespace datong::commands;

namespace {

/// How many the configuration has, by the names of their files.
std::size_t grants_of_one_window(const Installation& installation) {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator{installation.path("config/grants")}) {
        count += file.path().filename().string().starts_with("one-window-") ? 1 : 0;
    }
    return count;
}

}  // namespace

TEST_CASE("datong-call lists what its consumer may call, and brings OpenAPI and WSDL", "[commands][descriptions]") {
    const Installation installation;
    const Serving serving{installation};
    const Ran services = serving.call_with({"services"});
    INFO(services.out << services.err);
    REQUIRE(services.code == 0);
    CHECK_THAT(services.out, ContainsSubstring("signature: valid (key gateway-2026)"));
    CHECK_THAT(services.out, ContainsSubstring("tax-clearance@1.0.0  税收完税证明  Tax clearance"));
    CHECK_THAT(services.out, ContainsSubstring("2027-12-31"));
    const Ran grants = serving.call_with({"grants", "--json"});
    REQUIRE(grants.code == 0);
    const std::size_t own = grants_of_one_window(installation);
    CHECK(datong::codec::read_json(grants.out)->find("grants")->items().size() == own);
    CHECK_THAT(grants.err, ContainsSubstring(std::to_string(own) + " grants"));
    const Ran openapi = serving.call_with({"openapi", "existing-home-transfer", "--matter"});
    REQUIRE(openapi.code == 0);
    CHECK(datong::codec::read_json(openapi.out)->text_of("openapi") == "3.1.0");  // the document alone
    const Ran wsdl = serving.call_with({"wsdl", "tax-clearance"});
    REQUIRE(wsdl.code == 0);
    CHECK(wsdl.out.starts_with("<?xml"));
    const Ran unknown = serving.call_with({"wsdl", "no-such-service"});
    CHECK(unknown.code == 1);
    CHECK(unknown.out.empty());
    CHECK_THAT(unknown.err, ContainsSubstring("404 no_such_resource"));
    CHECK(serving.call_with({"openapi", "../keys"}).code == 2);
}
