// Departments that are met through a platform, which wants every call signed.

#include <algorithm>
#include <filesystem>
#include <fstream>

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
