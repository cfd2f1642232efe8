#include <string>
#include <vector>

#include "tests/core/signing/answers.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::signing;
using namespace datong::signing::tests;
using record::Record;

TEST_CASE("a material that nobody has signed yet is open, and what only says so is not", "[signing][security]") {
    Record matter = json(R"({"exchange":"0190-x","requirements":[{"id":"tax","materials":[
        {"material":"clearance","service":"tax@1.0.0","outcome":"pending","answer":{"exchange":"0190-x",
         "service":"tax@1.0.0","outcome":"pending","as_of":"t","scope":{},"status":"/v1/exchanges/0190-x/materials"}}]}]})");
    Record& material = matter.find("requirements")->items_to_edit()[0].find("materials")->items_to_edit()[0];
    Record& answer = *material.find("answer");
    const auto checked = [&] { return check_matter(matter, find_key).value().at(0); };
    for (const char* outcome : {"unknown", "deferred", "pending"}) {
        material.put("outcome", Record::text(outcome));
        answer.put("outcome", Record::text(outcome));
        REQUIRE(checked().is_open);
        CHECK_FALSE(checked().is_good());
        CHECK(checked().trouble.empty());
        CHECK_FALSE(checked().check);
    }
    SECTION("with something to prove") {
        const auto* name = GENERATE("content", "certificate", "files", "provenance", "digests");
        answer.put(name, Record::object());
    }
    SECTION("another outcome") {
        material.put("outcome", Record::text("found"));
        answer.put("outcome", Record::text("found"));
    }
    SECTION("another outcome around it") {
        material.put("outcome", Record::text("found"));
    }
    SECTION("another service around it") {
        material.put("service", Record::text("other@1.0.0"));
    }
    SECTION("of another exchange") {
        matter.put("exchange", Record::text("0190-y"));
    }
    SECTION("a fault beside it") {
        material.put("fault", Record::object());
    }
    SECTION("no answer at all") {
        std::erase_if(material.members_to_edit(), [](const auto& member) { return member.name == "answer"; });
    }
    CHECK_FALSE(checked().is_open);
    CHECK_FALSE(checked().is_good());
    CHECK((checked().check || !checked().trouble.empty()));
}

TEST_CASE("every material of a matter is checked", "[signing]") {
    Record matter = json(R"({"exchange":"0190-x","matter":"existing-home-transfer","outcome":"partial","requirements":[
        {"id":"home","outcome":"partial","materials":[
            {"material":"certificate","service":"realestate-certificate@1.0.0","outcome":"found"},
            {"material":"tax","service":"tax@1","outcome":"fault","fault":{"code":"department_timeout"}},
            {"material":"none","service":"x"}]},
        {"id":"empty","outcome":"no_match"}]})");
    Record& materials = *matter.find("requirements")->items_to_edit()[0].find("materials");
    materials.items_to_edit()[0].put("answer", good_answer());

    const auto all = check_matter(matter, find_key);
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 3);
    CHECK(all->at(0).is_good());
    CHECK(all->at(0).requirement == "home");
    CHECK(all->at(0).check->fields == 4);
    CHECK(all->at(1).fault == "department_timeout");
    CHECK_FALSE(all->at(1).is_good());
    CHECK_FALSE(all->at(2).is_good());
    CHECK_FALSE(all->at(2).trouble.empty());

    SECTION("the outcome outside the certificate") {
        materials.items_to_edit()[0].put("outcome", Record::text("not_found"));
        CHECK_FALSE(check_matter(matter, find_key)->at(0).is_good());
    }
    SECTION("a fault beside an answer, whatever the outcome says") {
        for (const char* outcome : {"found", "unknown"}) {
            materials.items_to_edit()[0].put("outcome", Record::text(outcome));
            materials.items_to_edit()[0].put("fault", Record::object());
            const auto one = check_matter(matter, find_key)->at(0);
            CHECK_FALSE(one.is_good());
            REQUIRE(one.check);
            CHECK(one.check->findings.front().path == "/fault");
        }
    }
    SECTION("a certificate of another exchange") {
        matter.put("exchange", Record::text("0190-y"));
        CHECK_FALSE(check_matter(matter, find_key)->at(0).is_good());
    }
    SECTION("a certificate for another material") {
        Record answer = good_answer();
        const std::string jws = answer.text_of("certificate");
        Record statement = json(from_base64url(split(jws, '.')[1]).value());
        statement.put("jti", Record::text("0190-x#certificate"));
        answer.put("certificate", Record::text(sealed(statement)));
        materials.items_to_edit()[0].put("answer", std::move(answer));
        CHECK(check_matter(matter, find_key)->at(0).is_good());
        materials.items_to_edit()[0].put("material", Record::text("other"));
        CHECK_FALSE(check_matter(matter, find_key)->at(0).is_good());
    }
    CHECK_FALSE(check_matter(Record::object(), find_key).has_value());
}
