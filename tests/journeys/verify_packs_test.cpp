// Every service of a record, asked by predicates: whether a value is the one in the register, and never which it is.

#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/codec/json.h"
#include "examples/departments/questions.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::Question;
using record::Record;

namespace {

constexpr const char* kWrong = "不是登记的那个";

/// The services of the case's matter want a case; strangers have none.
void grant_without_case(const std::string& config) {
    std::ofstream{config + "/grants/without-case.yaml"} << R"(datong: grant/v1
id: without-case
consumer: one-window
services: [realestate-certificate, tax-clearance, fund-deposit-certificate, business-licence]
fields: ["*"]
verify: ["*"]
see_sensitive: 联调核对全部字段
purposes: [no-resubmission]
legal_basis: 政务数据共享条例（国务院令第809号）
territory: ["9999"]
case_required: false
valid_from: 2026-01-01
valid_to: 2027-12-31
)";
}

/// A text of the record that tells something: its pointer, any item of a list, and the value.
std::optional<std::pair<std::string, std::string>> telling_text(const Record& at, const std::string& pointer) {
    if (at.is_text()) {
        const bool tells = pointer != "/certificateTypeName" && at.scalar().size() >= 6;
        return tells ? std::optional{std::pair{pointer, std::string{at.scalar()}}} : std::nullopt;
    }
    if (at.is_object()) {
        for (const record::Member& member : at.members()) {
            if (auto found = telling_text(member.value, pointer + '/' + std::string{member.name})) {
                return found;
            }
        }
    }
    if (at.is_list() && !at.items().empty()) {
        return telling_text(at.items().front(), pointer + "/*");
    }
    return std::nullopt;
}

Record asking(const Question& question, const std::string& field, const std::string& value) {
    Record predicate = Record::object();
    predicate.put("field", Record::text(field));
    predicate.put("operator", Record::text("equals"));
    predicate.put("value", Record::text(value));
    Record all = Record::list();
    all.add(std::move(predicate));
    Record body = body_of(question);
    body.put("verify", std::move(all));
    return body;
}

}  // namespace

TEST_CASE("every service of a record says match or mismatch, and never the value", "[journey][packs][verify]") {
    const GatewayUnderTest gateway{{.change = grant_without_case}};
    std::set<std::string> asked;
    for (const Question& question : departments::questions_found()) {
        CAPTURE(question.service);
        const std::string target = "/v1/services/" + question.service;
        const auto seen = gateway.platform().call(target, body_of(question));
        REQUIRE(seen.status == 200);
        const auto text = telling_text(*json_of(seen).find("content"), "");
        REQUIRE(text.has_value());
        CAPTURE(text->first);

        const auto right = gateway.platform().call(target, asking(question, text->first, text->second));
        CAPTURE(right.body.substr(0, 600), gateway.log());
        CHECK(right.status == 200);
        CHECK(json_of(right).text_of("outcome") == "match");
        const auto wrong = gateway.platform().call(target, asking(question, text->first, kWrong));
        CHECK(json_of(wrong).text_of("outcome") == "mismatch");
        CHECK_FALSE(json_of(wrong).text_of("certificate").empty());
        for (const auto* answer : {&right, &wrong}) {
            CHECK(answer->body.find(text->second) == std::string::npos);
            CHECK(answer->body.find(kWrong) == std::string::npos);
        }
        asked.insert(question.service);
    }
    CHECK(asked.size() == departments::questions_found().size());
}

TEST_CASE("every service of a record says 'not found' to predicates about a stranger", "[journey][packs][verify]") {
    const GatewayUnderTest gateway{{.change = grant_without_case}};
    const auto found = departments::questions_found();
    const auto none = departments::questions_not_found(departments::make_town());
    for (std::size_t i = 0; i < none.size(); ++i) {
        CAPTURE(none[i].service);
        const std::string target = "/v1/services/" + none[i].service;
        const auto seen = gateway.platform().call(target, body_of(found[i]));
        const auto text = telling_text(*json_of(seen).find("content"), "");
        REQUIRE(text.has_value());
        const auto answer = gateway.platform().call(target, asking(none[i], text->first, text->second));
        CAPTURE(answer.body.substr(0, 600));
        CHECK(answer.status == 200);
        CHECK(json_of(answer).text_of("outcome") == "not_found");
    }
}
