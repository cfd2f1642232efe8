// Every service of the project's own configuration, asked of its simulated department through the gateway.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/app/demo_calls.h"
#include "core/codec/json.h"
#include "examples/departments/identity.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/questions.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::Question;
using departments::System;
using departments::Trouble;
using record::Record;

namespace {

/// Services whose grant wants a case get one more that doesn't: strangers have no case.
void grant_without_case(const std::string& config) {
    std::ofstream{config + "/grants/without-case.yaml"} << R"(datong: grant/v1
id: without-case
consumer: one-window
services: [realestate-certificate, tax-clearance, fund-deposit-certificate, business-licence]
fields: ["*"]
see_sensitive: 联调核对全部字段
purposes: [no-resubmission]
legal_basis: 政务数据共享条例（国务院令第809号）
territory: ["9999"]
case_required: false
quota: {calls: 100000, per: hour}
valid_from: 2026-01-01
valid_to: 2027-12-31
)";
}

std::string target_of(const Question& question) {
    return "/v1/services/" + question.service;
}

codec::HttpMessage ask(const GatewayUnderTest& gateway, const Question& question) {
    return gateway.platform().call(target_of(question), body_of(question));
}

}  // namespace

TEST_CASE("every service of the configuration finds its record, certified and signed", "[journey][packs]") {
    GatewayUnderTest gateway{{.change = grant_without_case}};
    for (const Question& question : departments::questions_found()) {
        CAPTURE(question.service);
        const Platform platform = gateway.platform();
        const auto request = platform.prepare(target_of(question), codec::write_json(body_of(question)));
        const auto answer = platform.send(request);
        CAPTURE(answer.body.substr(0, 2000), gateway.log());
        CHECK(answer.status == 200);
        CHECK(platform.check_signature(answer, request).has_value());
        CHECK(json_of(answer).text_of("outcome") == "found");
        CHECK_FALSE(json_of(answer).text_of("certificate").empty());
    }
}

TEST_CASE("what the departments say of other households is understood as well, whatever their names and numbers are",
          "[journey][packs]") {
    GatewayUnderTest gateway{{.change = grant_without_case}};
    const departments::Town& town = gateway.city().town();
    for (std::size_t household = 2; household < departments::kHouseholds; household += 13) {
        for (const Question& question : departments::questions_about(town, household)) {
            const auto answer = ask(gateway, question);
            CAPTURE(household, question.service, answer.body.substr(0, 300));
            CHECK(answer.status == 200);
            const std::string outcome = json_of(answer).text_of("outcome");
            // no penalties; certificates of birth are asked for by mothers
            const bool may_lack = question.system == System::enforcement || question.system == System::health;
            CHECK((outcome == "found" || (may_lack && outcome == "not_found")));
        }
    }
}

TEST_CASE("a contract with fewer papers than buyers is refused, not guessed", "[journey][packs]") {
    GatewayUnderTest gateway{{.change = grant_without_case}};
    constexpr std::size_t kTwoBuyersOnePaper = 17;
    const auto questions = departments::questions_about(gateway.city().town(), kTwoBuyersOnePaper);
    const auto contract = std::find_if(questions.begin(), questions.end(),
                                       [](const Question& one) { return one.system == System::construction; });
    const auto answer = ask(gateway, *contract);
    CHECK(answer.status == 502);
    CHECK(json_of(answer).text_of("code") == "department_invalid");
}

TEST_CASE("what every department replies is as its source schema says: no drift", "[journey][packs]") {
    GatewayUnderTest gateway{{.change = grant_without_case}};
    for (const Question& question : departments::questions_found()) {
        CHECK(ask(gateway, question).status == 200);
    }
    std::string drift;
    REQUIRE(wait_until([&] {
        drift = gateway.admin("GET", "/v1/drift").body;
        return drift.find(R"("replies":0)") == std::string::npos;
    }));
    CHECK_THAT(drift, !ContainsSubstring(R"("kind")"));
}

TEST_CASE("every service says 'not found' of somebody whom its register does not know", "[journey][packs]") {
    GatewayUnderTest gateway{{.change = grant_without_case}};
    for (const Question& question : departments::questions_not_found(gateway.city().town())) {
        CAPTURE(question.service);
        const auto answer = ask(gateway, question);
        CAPTURE(answer.body, gateway.log());
        CHECK(answer.status == 200);
        CHECK(json_of(answer).text_of("outcome") == "not_found");
        CHECK_FALSE(json_of(answer).text_of("certificate").empty());
    }
}

TEST_CASE("every service says when its department is down, and answers when it is back", "[journey][packs]") {
    GatewayUnderTest gateway{{.change = grant_without_case}};
    for (const Question& question : departments::questions_found()) {
        CAPTURE(question.service, name_of(question.system));
        REQUIRE(ask(gateway, question).status == 200);  // what a platform lends is there
        REQUIRE(gateway.city().faults().set(question.system, {.trouble = Trouble::down}));
        const auto down = ask(gateway, question);
        CAPTURE(down.body);
        CHECK((down.status == 502 || down.status == 504));
        CHECK(json_of(down).find("content") == nullptr);
        gateway.city().faults().clear_all();
        CHECK(ask(gateway, question).status == 200);
    }
}

TEST_CASE("no department's neighbour is ever taken for the person asked", "[journey][packs][security]") {
    GatewayUnderTest gateway{{.change = grant_without_case}};
    for (const Question& question : departments::questions_found()) {
        if (question.system == System::items) {
            continue;  // a guide speaks of nobody
        }
        CAPTURE(question.service);
        REQUIRE(gateway.city().faults().set(question.system, {.trouble = Trouble::wrong_person}));
        const auto answer = ask(gateway, question);
        CAPTURE(answer.body);
        CHECK(answer.status == 502);
        CHECK(json_of(answer).text_of("code") == "person_mismatch");
        gateway.city().faults().clear_all();
    }
}

TEST_CASE("no trouble that a department's system knows is taken for an answer or for 'no record'",
          "[journey][packs][security]") {
    GatewayUnderTest gateway{{.change = grant_without_case}};
    for (const Question& question : departments::questions_found()) {
        REQUIRE(ask(gateway, question).status == 200);  // what a platform lends is there
        for (const Trouble trouble : {Trouble::reset, Trouble::malformed, Trouble::html_200, Trouble::empty_body,
                                      Trouble::null_body, Trouble::token_expired, Trouble::wrong_encoding}) {
            const auto known = departments::troubles_of(question.system);
            if (std::find(known.begin(), known.end(), trouble) == known.end()) {
                continue;
            }
            CAPTURE(question.service, name_of(trouble));
            REQUIRE(gateway.city().faults().set(question.system, {.trouble = trouble}));
            const auto answer = ask(gateway, question);
            CAPTURE(answer.body.substr(0, 1000));
            CHECK(answer.status == 502);
            gateway.city().faults().clear_all();
            CHECK(ask(gateway, question).status == 200);
        }
    }
}

TEST_CASE("a department with a certificate of its own making is met by pinning it, and another one is refused",
          "[journey][packs][security]") {
    GatewayUnderTest gateway{{.change = grant_without_case}};
    const auto questions = departments::questions_found();
    const auto medical = std::find_if(questions.begin(), questions.end(),
                                      [](const Question& one) { return one.system == System::medical; });
    REQUIRE(gateway.city().where(System::medical).starts_with("https://"));
    CHECK(ask(gateway, *medical).status == 200);

    const auto stranger = departments::self_signed("fsi.example");
    const GatewayUnderTest other{{.change = [&stranger](const std::string& config) {
        grant_without_case(config);
        std::ofstream{config + "/stranger.pem"} << stranger.certificate;
        const std::string file = config + "/departments/medical.yaml";
        std::string text = read_file(file);
        const std::string pinned = "\"${DATONG_MEDICAL_CA}\"";
        text.replace(text.find(pinned), pinned.size(), '"' + config + "/stranger.pem\"");
        std::ofstream{file} << text;
    }}};
    const auto refused = ask(other, *medical);
    CHECK(refused.status == 502);
    CHECK(json_of(refused).text_of("code") == "department_down");
}

TEST_CASE("a scan of over a megabyte arrives as it was sent", "[journey][packs]") {
    const GatewayUnderTest gateway{{.change = grant_without_case}};
    const auto questions = departments::questions_found();
    const auto deed = std::find_if(questions.begin(), questions.end(),
                                   [](const Question& one) { return one.system == System::tax_interface; });
    const auto answer = ask(gateway, *deed);
    REQUIRE(answer.status == 200);
    const Record body = json_of(answer);
    const Platform platform = gateway.platform();
    const std::string url = body.find("files")->items().front().text_of("url");
    const std::string octets = platform.send(platform.prepare_get(url)).body;
    CHECK(octets.size() > 1'000'000);
    CHECK(octets.starts_with("%PDF-1.4"));
    CHECK(octets.ends_with("%%EOF\n"));
}

TEST_CASE("both READMEs have the table of systems, adapters and services that the configuration has", "[packs]") {
    const auto rows = app::systems_of(DATONG_SOURCE_DIR "/config");
    REQUIRE(rows.has_value());
    std::map<std::string, std::string> lines;
    for (const app::SystemRow& row : *rows) {
        std::string& line = lines["`" + row.department + '/' + row.source + "` | " + row.adapter + " |"];
        line += (line.empty() ? "" : ", ") + ("`" + row.service + "`");
    }
    for (const char* readme : {"/README.md", "/README.zh-CN.md"}) {
        std::istringstream text{read_file(std::string{DATONG_SOURCE_DIR} + readme)};
        std::size_t met = 0;
        for (std::string line; std::getline(text, line);) {
            for (const auto& [system, services] : lines) {
                met += line.find("| " + system) != std::string::npos && line.ends_with("| " + services + " |") ? 1 : 0;
            }
        }
        CAPTURE(readme);
        CHECK(met == lines.size());
    }
}

TEST_CASE("nothing of a person stands in log or evidence when every service was asked", "[journey][packs][security]") {
    GatewayUnderTest gateway{{.change = grant_without_case}};
    for (const Question& question : departments::questions_found()) {
        CHECK(ask(gateway, question).status == 200);
        gateway.city().faults().set(question.system, {.trouble = Trouble::wrong_person});
        (void)ask(gateway, question);
        gateway.city().faults().clear_all();
    }
    for (const Question& question : departments::questions_not_found(gateway.city().town())) {
        CHECK(ask(gateway, question).status == 200);
    }
    const auto secrets = departments::every_name_and_number(gateway.city().town());
    gateway.stop();
    std::string written = gateway.log();
    for (const auto& entry : std::filesystem::recursive_directory_iterator{gateway.folder() + "/evidence"}) {
        if (entry.is_regular_file()) {
            written += read_file(entry.path().string());
        }
    }
    REQUIRE(written.size() > 10'000);
    for (const std::string& secret : secrets) {
        CAPTURE(secret);
        CHECK(written.find(secret) == std::string::npos);
    }
    const auto verdict = gateway.verify();
    CHECK(verdict.valid);
    CHECK(verdict.open == 0);
}

TEST_CASE("the questions name every service of the configuration, each once", "[journey][packs]") {
    const auto rows = app::systems_of(DATONG_SOURCE_DIR "/config");
    REQUIRE(rows.has_value());
    std::set<std::string> configured;
    for (const app::SystemRow& row : *rows) {
        if (!row.source.ends_with("-acceptance")) {  // a case must be pushed there first: submit_test.cpp
            configured.insert(row.service);
        }
    }
    std::set<std::string> asked;
    for (const Question& question : departments::questions_found(departments::Bus::present)) {
        CHECK(asked.insert(question.service).second);
    }
    CHECK(asked == configured);
}
