#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;

namespace {

void pin(const std::string& config, const std::string& lines) {
    std::string text = read_file(config + "/gateway.yaml");
    const std::string key = "\nplugins:\n";
    const auto at = text.find(key);
    REQUIRE(at != std::string::npos);
    write_text(config + "/gateway.yaml", text.insert(at + key.size(), lines));
}

/// Puts a plug-in's source in the place of the fund's database.
void use_plugin(const std::string& config) {
    std::string text = read_file(config + "/departments/fund.yaml");
    const auto at = text.find("adapter: sql");
    REQUIRE(at != std::string::npos);
    std::ofstream{config + "/departments/fund.yaml"} << text.replace(at, 12, "adapter: tables");
}

const std::string kNowhere = "  tables: {file: /nonexistent/tables.so, sha256: " + std::string(64, '0') + "}\n";

}  // namespace

TEST_CASE("a refused plug-in takes its own source out of service, and nothing else", "[journey][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        pin(config, kNowhere);
        use_plugin(config);
    }}};
    const auto ready = gateway.admin("GET", "/readyz");
    CHECK(ready.status == 200);
    const auto names = json_of(ready).find("disabled_sources")->items();
    REQUIRE(names.size() == 1);
    CHECK(names.front().scalar() == "fund/fund-front");

    const auto answer = gateway.platform().call(kFund, gateway.body(kFund));
    CHECK(answer.status == 503);
    CHECK(json_of(answer).text_of("code") == "unavailable");
    CHECK(answer.body.find("nonexistent") == std::string::npos);
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK(gateway.admin("GET", "/metrics").body.find("datong_adapter_plugins_refused_total{kind=\"tables\"} 1") !=
          std::string::npos);
    gateway.stop();
    CHECK(gateway.log().find("plugin_refused") != std::string::npos);
    CHECK(gateway.verify().valid);
}

TEST_CASE("a pin that is written wrongly stops the start", "[journey][security]") {
    struct Row {
        const char* why;
        std::string lines;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"a relative path", "  tables: {file: tables.so, sha256: " + std::string(64, '0') + "}\n", "absolute path"},
        {"half a digest", "  tables: {file: /x/tables.so, sha256: \"00\"}\n", "64 hexadecimal digits"},
        {"no digest", "  tables: {file: /x/tables.so}\n", "'sha256' is missing"},
        {"a built-in kind", "  sql: {file: /x/tables.so, sha256: " + std::string(64, '0') + "}\n", "is built in"},
        {"an unknown key", "  tables: {file: /x/tables.so, sha265: " + std::string(64, '0') + "}\n", "sha256"},
    }));
    CAPTURE(row.why);
    const auto start = [&] {
        GatewayUnderTest gateway{{.change = [&](const std::string& config) { pin(config, row.lines); }}};
    };
    CHECK_THROWS_WITH(start(), ContainsSubstring(row.says));
}

TEST_CASE("a source of a plug-in that nobody pinned is a mistake with the nearest name", "[journey]") {
    const auto start = [] {
        GatewayUnderTest gateway{{.change = [](const std::string& config) {
            pin(config, "  tabels: {file: /x/tables.so, sha256: " + std::string(64, '0') + "}\n");
            use_plugin(config);
        }}};
    };
    CHECK_THROWS_WITH(start(), ContainsSubstring("tabels"));
}

TEST_CASE("who lets go of an old configuration last does not wait until its sources have closed their lines",
          "[journey]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        const std::filesystem::path from{DATONG_SLOW_END};
        const std::string file = config + "/../plugins/" + from.filename().string();
        std::filesystem::copy(from, file);
        pin(config, "  hostile: {file: " + std::filesystem::weakly_canonical(file).string() +
                        ", sha256: " + to_hex(crypto::sha256(read_file(file))) + "}\n");
        std::string fund = read_file(config + "/departments/fund.yaml");
        const std::string sources = "\nsources:\n";
        const auto at = fund.find(sources);
        REQUIRE(at != std::string::npos);
        write_text(config + "/departments/fund.yaml",
                   fund.insert(at + sources.size(), "  slow-end: {adapter: hostile, settings: {port: 1}}\n"));
    }}};
    auto last = gateway.program().current().get();  // as a call has it that is under way while somebody reloads
    const std::weak_ptr<const catalogue::Snapshot> seen = last;
    REQUIRE(last->sources.contains("fund/slow-end"));
    const std::weak_ptr<adapter::Guard> source = last->sources.find("fund/slow-end")->second;
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
    CHECK_FALSE(seen.expired());
    const auto begun = std::chrono::steady_clock::now();
    last.reset();
    const auto took = std::chrono::steady_clock::now() - begun;
    CHECK(took < std::chrono::milliseconds{700});  // closing takes 1.5 s
    CHECK(wait_until([&] { return seen.expired() && source.expired(); }));
}
