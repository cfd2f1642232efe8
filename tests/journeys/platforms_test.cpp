// Departments that are met through a platform, which wants every call signed.

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "core/codec/json.h"
#include "examples/departments/questions.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::Question;
using record::Record;

namespace {

Question question_for(const std::string& service) {
    const auto all = departments::questions_found();
    return *std::find_if(all.begin(), all.end(), [&](const Question& one) { return one.service == service; });
}

codec::HttpMessage ask(const GatewayUnderTest& gateway, const std::string& service) {
    return gateway.platform().call("/v1/services/" + service, body_of(question_for(service)));
}

/// Another secret than the one that the platform gave out, in a file as well kept.
void give_another_secret(const std::string& config, const std::string& department, const std::string& variable) {
    const std::string other = config + "/another.secret";
    std::ofstream{other} << std::string(32, 'f');
    std::filesystem::permissions(other, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const std::string file = config + "/departments/" + department + ".yaml";
    std::string text = read_file(file);
    const std::string named = "${" + variable + "}";
    text.replace(text.find(named), named.size(), other);
    write_text(file, text);
}

}  // namespace

TEST_CASE("a secret is lent once, and signs every call", "[journey][packs][sign]") {
    GatewayUnderTest gateway;
    for (int i = 0; i < 3; ++i) {
        const auto answer = ask(gateway, "individual-business");
        CAPTURE(answer.body, gateway.log());
        CHECK(answer.status == 200);
    }
    CHECK(gateway.city().provincial().lent() == 1);
}

TEST_CASE("a secret that expires inside a 200 is fetched once more, and the call comes through",
          "[journey][packs][sign]") {
    GatewayUnderTest gateway;
    REQUIRE(ask(gateway, "individual-business").status == 200);
    gateway.city().provincial().expire();
    CHECK(ask(gateway, "individual-business").status == 200);
    CHECK(gateway.city().provincial().lent() == 2);
}

TEST_CASE("a platform that does not know our signature refuses us, and no record is made of it",
          "[journey][packs][sign][security]") {
    struct Row {
        const char* department;
        const char* variable;
        const char* service;
    };
    const auto row = GENERATE(values<Row>({{"medical", "DATONG_MEDICAL_TOKEN_FILE", "medical-insurance"},
                                           {"market", "DATONG_PROVINCIAL_APPKEY_FILE", "individual-business"}}));
    CAPTURE(row.service);
    GatewayUnderTest gateway{
        {.change = [&](const std::string& config) { give_another_secret(config, row.department, row.variable); }}};
    const auto answer = ask(gateway, row.service);
    CAPTURE(answer.body);
    CHECK(answer.status == 502);
    CHECK(json_of(answer).text_of("code") == "department_refused");
    CHECK(json_of(answer).find("content") == nullptr);
    CHECK(gateway.log().find(std::string(32, 'f')) == std::string::npos);
}

TEST_CASE("a secret in a file that others may read stops the start", "[journey][packs][sign][security]") {
    CHECK_THROWS_WITH((GatewayUnderTest{{.change =
                                             [](const std::string& config) {
                                                 give_another_secret(config, "medical", "DATONG_MEDICAL_TOKEN_FILE");
                                                 std::filesystem::permissions(config + "/another.secret",
                                                                              std::filesystem::perms::others_read,
                                                                              std::filesystem::perm_options::add);
                                             }}}),
                      ContainsSubstring("another.secret"));
}

TEST_CASE("one sign-in with the housing fund serves every call, and a key that ages out is renewed by one call",
          "[journey][packs][sign][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        const std::string file = config + "/gateway.yaml";
        std::string text = read_file(file);
        text.replace(text.find("threads: 1"), 10, "threads: 4");
        write_text(file, text);
    }}};
    const auto ask_many = [&] {
        std::vector<std::thread> callers;
        std::atomic<int> good{};
        for (int i = 0; i < 8; ++i) {
            callers.emplace_back([&] { good += ask(gateway, "fund-loan").status == 200 ? 1 : 0; });
        }
        for (std::thread& one : callers) {
            one.join();
        }
        return good.load();
    };
    CHECK(ask_many() == 8);
    CHECK(gateway.city().settlement().sign_ins() == 1);
    gateway.city().settlement().age_out();
    CHECK(ask_many() == 8);
    CHECK(gateway.city().settlement().sign_ins() == 2);
    const std::string password = gateway.city().settlement().password();
    const std::string master_key = gateway.city().settlement().master_key();
    gateway.stop();
    CHECK(gateway.log().find(password) == std::string::npos);
    CHECK(gateway.log().find(master_key) == std::string::npos);
}

TEST_CASE("a fund centre that does not know our password refuses us, and no record is made of it",
          "[journey][packs][sign][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        const std::string file = config + "/departments/fund.yaml";
        std::string text = read_file(file);
        text.replace(text.find("user: datong"), 12, "user: somebody");
        write_text(file, text);
    }}};
    const auto answer = ask(gateway, "fund-loan");
    CHECK(answer.status == 502);
    CHECK(json_of(answer).text_of("code") == "department_refused");
    CHECK(json_of(answer).find("content") == nullptr);
}
