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

TEST_CASE("a reload that would end a service keeps the old configuration, and the next call works", "[journey]") {
    struct Row {
        const char* why;
        const char* file;
        const char* what;
        const char* with;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"an operation that its source does not have", "/config/services/tax-clearance.yaml", "operation: query",
         "operation: queri", "has no operation 'queri'"},
        {"the case register's", "/config/gateway.yaml", "operation: getCase", "operation: getCas",
         "has no operation 'getCas'"},
        {"a mapping that can't compile", "/mappings/tax/clearance.yaml", "parse_date", "parse_dat", "M301"},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway;
    const std::string before = gateway.program().current().get()->digest;
    const std::string file = gateway.folder() + row.file;
    replace_in(file, row.what, row.with);
    const auto answer = gateway.admin("POST", "/v1/reload");
    CAPTURE(answer.body);
    CHECK(answer.status == 422);
    CHECK_THAT(answer.body, ContainsSubstring(row.says) &&
                                ContainsSubstring(std::filesystem::path{row.file}.filename().string() + ':'));
    CHECK(gateway.program().current().get()->digest == before);
    CHECK(gateway.platform().call(kTax, gateway.body(kTax)).status == 200);

    replace_in(file, row.with, row.what);
    CHECK(gateway.admin("POST", "/v1/reload").status == 200);
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

TEST_CASE("a reload while a folder can't be read takes nothing away", "[journey][security]") {
    GatewayUnderTest gateway;
    const std::string before = gateway.program().current().get()->digest;
    const std::string grants = gateway.folder() + "/config/grants";
    std::filesystem::rename(grants, grants + ".away");
    std::filesystem::create_symlink(grants, grants);
    CHECK(gateway.admin("POST", "/v1/reload").status == 422);
    CHECK(gateway.program().current().get()->digest == before);
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
}

TEST_CASE("what waits for a restart is in force in no part, and each reload says so until it is taken back",
          "[journey]") {
    GatewayUnderTest gateway;
    const std::string folder = gateway.program().current().get()->gateway.evidence_folder;
    const std::string store = gateway.program().current().get()->gateway.store_file;
    const auto call = [&] { return gateway.platform().call(kTax, gateway.body(kTax)); };
    const std::string first = json_of(call()).text_of("exchange");
    setenv("DATONG_EVIDENCE", (gateway.folder() + "/other").c_str(), 1);
    replace_in(gateway.folder() + "/config/gateway.yaml", "limits: {body: 1048576,", "limits: {body: 2048,");
    for (int time = 0; time < 2; ++time) {
        const auto answer = gateway.admin("POST", "/v1/reload");
        CAPTURE(answer.body);
        CHECK(answer.status == 200);
        for (const char* name : {"evidence", "store", "limits"}) {
            CHECK_THAT(answer.body, ContainsSubstring("the change of " + std::string{name} + " takes effect"));
        }
    }
    const auto current = gateway.program().current().get();
    CHECK(current->gateway.evidence_folder == folder);
    CHECK(current->gateway.store_file == store);
    CHECK(current->gateway.max_body == 1'048'576);
    const Platform platform = gateway.platform();
    CHECK(platform.send(platform.prepare_get("/v1/exchanges/" + first + "/evidence")).status == 200);
    CHECK(call().status == 200);
    CHECK_FALSE(std::filesystem::exists(gateway.folder() + "/other"));

    setenv("DATONG_EVIDENCE", (gateway.folder() + "/evidence").c_str(), 1);
    replace_in(gateway.folder() + "/config/gateway.yaml", "limits: {body: 2048,", "limits: {body: 1048576,");
    CHECK(json_of(gateway.admin("POST", "/v1/reload")).find("mistakes")->items().empty());
}

TEST_CASE("a second gateway with evidence of its own can't use the first one's store", "[journey][security]") {
    GatewayUnderTest gateway;
    setenv("DATONG_EVIDENCE", (gateway.folder() + "/evidence-2").c_str(), 1);
    const auto start = [&] {
        return app::Program::make({.gateway_file = gateway.folder() + "/config/gateway.yaml",
                                   .log_file = gateway.folder() + "/second.log",
                                   .clock = nullptr,
                                   .files = nullptr});
    };
    const auto second = start();
    REQUIRE_FALSE(second);
    CHECK_THAT(second.error().front().text_en, ContainsSubstring("another process uses the store"));
    CHECK(gateway.platform().call(kTax, gateway.body(kTax)).status == 200);
    gateway.stop();
    CHECK(start().has_value());
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
