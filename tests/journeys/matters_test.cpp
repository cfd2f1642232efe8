#include <chrono>
#include <fstream>

#include "core/codec/json.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;
using record::Record;

namespace {

/// Every material of a matter's answer, by the department system that it comes from.
const Record* material_of(const Record& answer, std::string_view service) {
    for (const Record& requirement : answer.find("requirements")->items()) {
        for (const Record& material : requirement.find("materials")->items()) {
            if (material.text_of("service").starts_with(service)) {
                return &material;
            }
        }
    }
    return nullptr;
}

}  // namespace

TEST_CASE("one call for a matter brings every material, each with its own certificate", "[journey]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const auto request = platform.prepare(kMatter, codec::write_json(gateway.matter_body()));
    const auto answer = platform.send(request);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(platform.check_signature(answer, request).has_value());
    const Record body = json_of(answer);
    CHECK(body.text_of("outcome") == "found");
    for (const char* service :
         {"realestate-certificate", "tax-clearance", "fund-deposit-certificate", "business-licence"}) {
        CAPTURE(service);
        const Record* material = material_of(body, service);
        REQUIRE(material != nullptr);
        CHECK(material->text_of("outcome") == "found");
        CHECK_FALSE(material->find("answer")->text_of("certificate").empty());
    }
}

TEST_CASE("one department down gives a partial answer that says so, in time", "[journey]") {
    struct Row {
        System system;
        Trouble trouble;
        const char* service;
        const char* code;
    };
    const auto row = GENERATE(values<Row>({
        {System::land, Trouble::down, "realestate-certificate", "department_down"},
        {System::market, Trouble::hang, "business-licence", "department_timeout"},
        {System::tax, Trouble::hang, "tax-clearance", "department_timeout"},
    }));
    GatewayUnderTest gateway;
    REQUIRE(gateway.city().faults().set(row.system, {.trouble = row.trouble}));
    const auto began = std::chrono::steady_clock::now();
    const auto answer = gateway.platform().call(kMatter, gateway.matter_body());
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{10});
    CAPTURE(row.service, answer.body);
    REQUIRE(answer.status == 200);
    const Record body = json_of(answer);
    CHECK(body.text_of("outcome") == "partial");
    const Record* material = material_of(body, row.service);
    REQUIRE(material != nullptr);
    CHECK(material->text_of("outcome") == "failed");
    CHECK(material->find("fault")->text_of("code") == row.code);
    CHECK(material->find("fault")->text_of("blame") == "department");
    const Record* other = material_of(body, "fund-deposit-certificate");
    REQUIRE(other != nullptr);
    CHECK(other->text_of("outcome") == "found");

    gateway.city().faults().clear_all();
    CHECK(json_of(gateway.platform().call(kMatter, gateway.matter_body())).text_of("outcome") == "found");
}

TEST_CASE("a person missing from the context fails their material and no other", "[journey]") {
    GatewayUnderTest gateway;
    Record body = gateway.matter_body();
    body.find("context")->put("agent", Record{});
    const Record answer = json_of(gateway.platform().call(kMatter, body));
    CHECK(answer.text_of("outcome") == "partial");
    REQUIRE(material_of(answer, "business-licence") != nullptr);
    CHECK(material_of(answer, "business-licence")->find("fault")->text_of("code") == "bad_request");
    CHECK(material_of(answer, "tax-clearance")->text_of("outcome") == "found");
}

TEST_CASE("a matter takes one unit of the quota for each service that is really asked", "[journey]") {
    struct Row {
        const char* why;
        const char* quota;
        const char* outcome;
        int refused;  ///< materials
    };
    // of the six materials of every list, five are asked: the second list of the fund is not needed
    const auto row = GENERATE(values<Row>({
        {"enough for what is asked", "{calls: 5, per: day}", "found", 0},
        {"the materials that come last go short", "{calls: 3, per: day}", "partial", 2},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway{{.change = [&row](const std::string& config) {
        const std::string file = config + "/grants/one-window-existing-home-transfer.yaml";
        std::string text = read_file(file);
        const std::string written = "{calls: 100000, per: hour}";
        REQUIRE(text.find(written) != std::string::npos);
        text.replace(text.find(written), written.size(), row.quota);
        std::ofstream{file, std::ios::binary} << text;
    }}};
    const auto first = gateway.platform().call(kMatter, gateway.matter_body());
    CAPTURE(first.body);
    REQUIRE(first.status == 200);
    CHECK(json_of(first).text_of("outcome") == row.outcome);
    int refused = 0;
    for (std::size_t at = 0; (at = first.body.find("\"quota_exceeded\"", at)) != std::string::npos; ++at) {
        ++refused;
    }
    CHECK(refused == row.refused);
    const auto second = gateway.platform().call(kMatter, gateway.matter_body());
    CHECK(second.status == 429);
    CHECK(json_of(second).text_of("code") == "quota_exceeded");
}
