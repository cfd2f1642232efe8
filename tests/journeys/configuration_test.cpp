#include <fstream>

#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;

namespace {

void replace_in(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), with);
    std::ofstream{file, std::ios::binary} << text;
}

}  // namespace

TEST_CASE("a reload with a typo keeps the old configuration and says file, line, column and the right name",
          "[journey]") {
    GatewayUnderTest gateway;
    const std::string before = gateway.program().current().get()->digest;
    const std::string file = gateway.folder() + "/config/services/tax-clearance.yaml";
    replace_in(file, "deadline_ms", "dedline_ms");

    const auto answer = gateway.admin("POST", "/v1/reload");

    CAPTURE(answer.body);
    CHECK(answer.status == 422);
    CHECK_THAT(answer.body, ContainsSubstring("services/tax-clearance.yaml:"));
    CHECK_THAT(answer.body, ContainsSubstring("deadline_ms"));
    CHECK(gateway.program().current().get()->digest == before);
    CHECK(gateway.platform().call(kTax, gateway.body(kTax)).status == 200);

    replace_in(file, "dedline_ms", "deadline_ms");
    replace_in(gateway.folder() + "/config/consumers/one-window.yaml", "title:", "title: x");
    CHECK(gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(gateway.program().current().get()->digest != before);
    CHECK(gateway.platform().call(kTax, gateway.body(kTax)).status == 200);
}

TEST_CASE("a reload that would turn TLS on or off is refused, and nothing says that it was in force",
          "[journey][security]") {
    const std::string listener = GENERATE("listen", "admin");
    CAPTURE(listener);
    GatewayUnderTest gateway;
    const std::string before = gateway.program().current().get()->digest;
    const std::string file = gateway.folder() + "/config/gateway.yaml";
    const std::string whole = read_file(file);
    if (listener == "listen") {
        const auto from = whole.find("  tls:\n");
        std::string plain = whole;
        write_text(file, plain.erase(from, whole.find("admin:") - from));
    } else {
        replace_in(file, R"(9443}"})",
                   R"(9443}", tls: {chain: "${DATONG_KEYS}/tls.chain.pem", key: "${DATONG_KEYS}/tls.key.pem"}})");
    }
    const auto answer = gateway.admin("POST", "/v1/reload");
    CAPTURE(answer.body);
    CHECK(answer.status == 422);
    CHECK_THAT(answer.body, ContainsSubstring(listener + ": TLS can't be turned on or off"));
    CHECK(gateway.program().current().get()->digest == before);
    CHECK(gateway.platform().call(kTax, gateway.body(kTax)).status == 200);
    write_text(file, whole);
    CHECK(gateway.admin("POST", "/v1/reload").status == 200);
    int snapshots = 0;
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", [&snapshots](const record::Record& entry) {
        snapshots += entry.text_of("kind") == "snapshot" ? 1 : 0;
        return true;
    }));
    CHECK(snapshots == 2);  // the start's, and the last reload's
}

TEST_CASE("a reload takes a grant away at once", "[journey][security]") {
    GatewayUnderTest gateway;
    REQUIRE(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    for (const auto& entry : std::filesystem::directory_iterator{gateway.folder() + "/config/grants"}) {
        std::filesystem::remove(entry.path());
    }
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 403);
}

TEST_CASE("a mapping that can't compile stops the start with its own message", "[journey]") {
    std::string said;
    try {
        GatewayUnderTest gateway{{.change = [](const std::string& config) {
            replace_in(config + "/../mappings/tax/clearance.yaml", "parse_date", "parse_dat");
        }}};
    } catch (const std::exception& error) {
        said = error.what();
    }
    CHECK_THAT(said, ContainsSubstring("M301"));
    CHECK_THAT(said, ContainsSubstring("clearance.yaml:"));
    CHECK_THAT(said, ContainsSubstring("parse_date"));
}

TEST_CASE("every mistake of a configuration is told at once", "[journey]") {
    std::string said;
    try {
        GatewayUnderTest gateway{{.change = [](const std::string& config) {
            replace_in(config + "/services/tax-clearance.yaml", "department: tax", "department: tex");
            replace_in(config + "/grants/one-window-existing-home-transfer.yaml", "consumer: one-window",
                       "consumer: one-windo");
        }}};
    } catch (const std::exception& error) {
        said = error.what();
    }
    CHECK_THAT(said, ContainsSubstring("no department 'tex'"));
    CHECK_THAT(said, ContainsSubstring("no consumer 'one-windo'"));
    CHECK_THAT(said, ContainsSubstring("try: one-window"));
}
