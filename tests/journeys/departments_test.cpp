#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;

TEST_CASE("a department that is down, hangs, resets or lies is told as it is, and the next call works",
          "[journey][security]") {
    struct Row {
        const char* why;
        const char* target;
        System system;
        Trouble trouble;
        int status;
        const char* code;
    };
    const auto row = GENERATE(values<Row>({
        {"SOAP down", kLand, System::land, Trouble::down, 502, "department_down"},
        {"SOAP reset", kLand, System::land, Trouble::reset, 502, "department_down"},
        {"SOAP hangs", kLand, System::land, Trouble::hang, 504, "department_timeout"},
        {"SOAP in another charset", kLand, System::land, Trouble::wrong_encoding, 502, "department_invalid"},
        {"SOAP cut off", kLand, System::land, Trouble::malformed, 502, "department_invalid"},
        {"HTML with 200", kLand, System::land, Trouble::html_200, 502, "department_invalid"},
        {"nothing with 200", kLand, System::land, Trouble::empty_body, 502, "department_invalid"},
        {"the neighbour's flat", kLand, System::land, Trouble::wrong_person, 502, "person_mismatch"},
        {"file never comes", kTax, System::tax, Trouble::hang, 504, "department_timeout"},
        {"file of wrong lengths", kTax, System::tax, Trouble::malformed, 502, "department_invalid"},
        {"half a file", kTax, System::tax, Trouble::partial, 502, "department_invalid"},
        {"the neighbour's taxes", kTax, System::tax, Trouble::wrong_person, 502, "person_mismatch"},
        {"tables are gone", kFund, System::fund, Trouble::down, 502, "department_down"},
        {"the neighbour's account", kFund, System::fund, Trouble::wrong_person, 502, "person_mismatch"},
        {"REST down", kMarket, System::market, Trouble::down, 502, "department_down"},
        {"REST reset", kMarket, System::market, Trouble::reset, 502, "department_down"},
        {"JSON cut off", kMarket, System::market, Trouble::malformed, 502, "department_invalid"},
        {"null with 200", kMarket, System::market, Trouble::null_body, 502, "department_invalid"},
        {"HTML for JSON", kMarket, System::market, Trouble::html_200, 502, "department_invalid"},
        {"token expired in a 200", kMarket, System::market, Trouble::token_expired, 502, "department_down"},
        {"another company", kMarket, System::market, Trouble::wrong_person, 502, "person_mismatch"},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway;
    REQUIRE(gateway.city().faults().set(row.system, {.trouble = row.trouble}));

    const auto answer = gateway.platform().call(row.target, gateway.body(row.target));

    CAPTURE(answer.body);
    CHECK(answer.status == row.status);
    CHECK(json_of(answer).text_of("code") == row.code);
    CHECK(json_of(answer).find("content") == nullptr);
    gateway.city().faults().clear_all();
    CHECK(gateway.platform().call(row.target, gateway.body(row.target)).status == 200);
}

TEST_CASE("a slow department is waited for until its deadline", "[journey]") {
    GatewayUnderTest gateway;
    REQUIRE(gateway.city().faults().set(System::market,
                                        {.trouble = Trouble::slow, .time = std::chrono::milliseconds{300}}));
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
}

TEST_CASE("a list of one that came as an object is a list of one", "[journey]") {
    GatewayUnderTest gateway;
    REQUIRE(gateway.city().faults().set(System::market, {.trouble = Trouble::one_element_as_object}));
    const auto answer = gateway.platform().call(kMarket, gateway.body(kMarket));
    CAPTURE(answer.body);
    CHECK(answer.status == 200);
}

TEST_CASE("a case register that can't be asked stops the call: the case is checked, not believed",
          "[journey][security]") {
    GatewayUnderTest gateway;
    REQUIRE(gateway.city().faults().set(System::cases, {.trouble = Trouble::down}));
    const auto answer = gateway.platform().call(kTax, gateway.body(kTax));
    CHECK(json_of(answer).text_of("code") == "department_down");
}
