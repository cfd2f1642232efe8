// The department behind a message broker: the whole gateway, a real RabbitMQ, and the department's program at its
// queue.

#include <algorithm>
#include <filesystem>

#include "core/codec/json.h"
#include "examples/departments/questions.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/rabbit_server.h"

using namespace datong;
using namespace datong::journeys;
using departments::Bus;
using departments::Question;
using departments::System;
using departments::Trouble;

namespace {

Question of_bus(const std::vector<Question>& all) {
    const auto found =
        std::find_if(all.begin(), all.end(), [](const Question& one) { return one.system == System::health_bus; });
    REQUIRE(found != all.end());
    return *found;
}

codec::HttpMessage ask(const GatewayUnderTest& gateway, const Question& question) {
    return gateway.platform().call("/v1/services/" + question.service, body_of(question));
}

void finds_and_does_not_find(GatewayUnderTest& gateway, const Question& question) {
    const Platform platform = gateway.platform();
    const auto request = platform.prepare("/v1/services/" + question.service, codec::write_json(body_of(question)));
    const auto answer = platform.send(request);
    CAPTURE(answer.body.substr(0, 2000), gateway.log());
    REQUIRE(answer.status == 200);
    CHECK(platform.check_signature(answer, request).has_value());
    CHECK(json_of(answer).text_of("outcome") == "found");
    CHECK_FALSE(json_of(answer).text_of("certificate").empty());
    const auto none = ask(gateway, of_bus(departments::questions_not_found(gateway.city().town(), Bus::present)));
    CHECK(none.status == 200);
    CHECK(json_of(none).text_of("outcome") == "not_found");
}

void understands_other_households(GatewayUnderTest& gateway) {
    for (std::size_t household = 2; household < departments::kHouseholds; household += 13) {
        const auto answer =
            ask(gateway, of_bus(departments::questions_about(gateway.city().town(), household, Bus::present)));
        CAPTURE(household, answer.body.substr(0, 600));
        CHECK(answer.status == 200);
        CHECK(json_of(answer).text_of("outcome") == "found");
    }
}

void takes_no_trouble_for_an_answer(GatewayUnderTest& gateway, const Question& question) {
    for (const Trouble trouble : departments::troubles_of(System::health_bus)) {
        CAPTURE(name_of(trouble));
        // slow is slower than the source's limit, so that it is hang's twin
        REQUIRE(gateway.city().faults().set(System::health_bus,
                                            {.trouble = trouble, .time = std::chrono::milliseconds{3'500}}));
        const auto answer = ask(gateway, question);
        CAPTURE(answer.body.substr(0, 1000));
        const bool is_late = trouble == Trouble::slow || trouble == Trouble::hang;
        CHECK(answer.status == (is_late ? 504 : 502));
        const std::string code = trouble == Trouble::down           ? "department_down"
                                 : trouble == Trouble::wrong_person ? "person_mismatch"
                                 : is_late                          ? "department_timeout"
                                                                    : "department_invalid";
        CHECK(json_of(answer).text_of("code") == code);
        CHECK(json_of(answer).find("content") == nullptr);
        gateway.city().faults().clear_all();
        CHECK(ask(gateway, question).status == 200);
    }
}

void shows_no_drift(GatewayUnderTest& gateway) {
    std::string drift;
    REQUIRE(wait_until([&] {
        drift = gateway.admin("GET", "/v1/drift").body;
        return drift.find("vaccination-record") != std::string::npos;
    }));
    CHECK_THAT(drift, !ContainsSubstring(R"("kind")"));
}

void writes_down_nothing_of_a_person(GatewayUnderTest& gateway) {
    const auto secrets = departments::every_name_and_number(gateway.city().town());
    gateway.stop();
    std::string written = gateway.log();
    for (const auto& entry : std::filesystem::recursive_directory_iterator{gateway.folder() + "/evidence"}) {
        written += entry.is_regular_file() ? read_file(entry.path().string()) : "";
    }
    REQUIRE(written.size() > 10'000);
    for (const std::string& secret : secrets) {
        CAPTURE(secret);
        CHECK(written.find(secret) == std::string::npos);
    }
    CHECK(written.find("secret") == std::string::npos);  // the broker's password
    CHECK(gateway.verify().valid);
}

}  // namespace

TEST_CASE("a department behind a message broker answers, and every trouble of it is told as it is",
          "[journey][packs][security]") {
    const support::RabbitServer server;  // a start of ten seconds, once
    GatewayUnderTest gateway{
        {.broker = departments::Broker{
             .host = "127.0.0.1", .port = server.port(), .vhost = "/", .user = "datong", .password = "secret"}}};
    const Question question = of_bus(departments::questions_found(Bus::present));
    finds_and_does_not_find(gateway, question);
    understands_other_households(gateway);
    shows_no_drift(gateway);
    takes_no_trouble_for_an_answer(gateway, question);
    writes_down_nothing_of_a_person(gateway);
}

TEST_CASE("without a message broker the department behind it is down, and every other answers", "[journey][packs]") {
    GatewayUnderTest gateway;
    const auto answer = ask(gateway, of_bus(departments::questions_found(Bus::present)));
    CHECK(answer.status == 502);
    CHECK(json_of(answer).text_of("code") == "department_down");
    CHECK(gateway.platform().call(kTax, gateway.body(kTax)).status == 200);
}
