#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong::journeys;

TEST_CASE("a table of licences that names what is not there is no configuration", "[journey]") {
    struct Row {
        const char* why;
        const char* what;
        const char* with;
        const char* code;
    };
    const auto row = GENERATE(values<Row>({
        {"a field", "number: /receiptNo", "number: /receiptNumber", "C203"},
        {"a service", "service: deed-tax-receipt", "service: deed-tax-receipts", "C201"},
        {"a type too short", "code: 11999901MB0000027N001", "code: 11999901MB0000027N01", "C103"},
        {"one service twice", "service: deed-tax-receipt", "service: tax-clearance", "C202"},
    }));
    CAPTURE(row.why);
    GatewayUnderTest::Options options{.files = {}, .change = [row](const std::string& config) {
                                          std::string text = read_file(config + "/licences.yaml");
                                          const std::string what = row.what;
                                          text.replace(text.find(what), what.size(), row.with);
                                          write_text(config + "/licences.yaml", text);
                                      }};
    CHECK_THROWS_WITH((GatewayUnderTest{std::move(options)}), ContainsSubstring(row.code));
}
