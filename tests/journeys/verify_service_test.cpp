#include <fstream>
#include <string>

#include "core/codec/json.h"
#include "core/signing/certificate.h"
#include "core/signing/jws.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

Record predicate(const std::string& field, const std::string& op, Record value) {
    Record one = Record::object();
    one.put("field", Record::text(field));
    one.put("operator", Record::text(op));
    one.put("value", std::move(value));
    return one;
}

/// Asks about the demo household's agency.
Record body_of(const GatewayUnderTest& gateway, Record verify) {
    Record body = gateway.body(kMarket);
    body.find("context")->put("purpose", Record::text("enterprise-check"));
    body.put("verify", std::move(verify));
    return body;
}

codec::HttpMessage ask(const GatewayUnderTest& gateway, Record verify) {
    return gateway.platform("portal").call(kMarket, body_of(gateway, std::move(verify)));
}

Record in_business() {
    return Record::list({predicate("/inBusiness", "equals", Record::boolean(true))});
}

std::string result_of(const codec::HttpMessage& answer, std::size_t index) {
    const Record body = json_of(answer);
    const Record* results = body.find_path({"content", "results"});
    return results != nullptr && index < results->items().size() ? results->items()[index].text_of("result") : "";
}

}  // namespace

TEST_CASE("predicates are answered by match and mismatch, and no value leaves", "[journey][verify]") {
    GatewayUnderTest gateway;
    const Record full = json_of(gateway.platform().call(kMarket, gateway.body(kMarket)));
    const Record& licence = *full.find("content");
    const Platform portal = gateway.platform("portal");
    Record verify = Record::list();
    verify.add(predicate("/status", "in", Record::list({Record::text("active"), Record::text("other")})));
    verify.add(predicate("/establishedDate", "at_most", Record::text("2026-01-01")));
    verify.add(predicate("/capitalFen", "at_least", Record::number("1.00")));
    verify.add(predicate("/validTo", "exists", Record::boolean(licence.find("validTo") != nullptr)));
    const std::string sent = codec::write_json(body_of(gateway, verify));
    const auto request = portal.prepare(kMarket, sent);
    const auto answer = portal.send(request);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(portal.check_signature(answer, request));
    const Record body = json_of(answer);
    CHECK(body.text_of("outcome") == "match");
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(result_of(answer, i) == "match");
    }
    for (const char* field : {"establishedDate", "capitalFen", "name", "uscc", "address"}) {
        CAPTURE(field);
        const std::string value{licence.find(field)->scalar()};
        CHECK(answer.body.find('"' + value + '"') == std::string::npos);
        CHECK(answer.body.find(':' + value + ',') == std::string::npos);
    }

    // the issuer signs the results, and what was asked, as digests
    const auto jws = signing::read_jws(body.text_of("certificate"));
    REQUIRE(jws);
    CHECK_THAT(jws->payload, ContainsSubstring(R"("outcome":"match")") && !ContainsSubstring("capitalFen"));
    const auto find_key = [&](const signing::Issuer&, std::string_view) -> std::optional<crypto::VerifyingKey> {
        auto key = crypto::VerifyingKey::from_pem(read_file(gateway.folder() + "/keys/market.pub.pem"));
        return key ? std::optional{std::move(*key)} : std::nullopt;
    };
    const auto check = signing::check_certificate(body, find_key);
    REQUIRE(check);
    CHECK(check->is_good());
    CHECK(signing::says_it_was_asked(body, "/verify", verify));
    Record others = verify;
    others.items_to_edit()[2].put("value", Record::number("2.00"));
    CHECK_FALSE(signing::says_it_was_asked(body, "/verify", others));
    Record turned = body;
    turned.find("content")->find("results")->items_to_edit()[0].put("result", Record::text("mismatch"));
    const auto altered = signing::check_certificate(turned, find_key);
    REQUIRE(altered);
    CHECK_FALSE(altered->is_good());

    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("one predicate that does not hold makes the whole a mismatch", "[journey][verify]") {
    GatewayUnderTest gateway;
    Record verify = in_business();
    verify.add(predicate("/capitalFen", "at_most", Record::integer(1)));
    const auto answer = ask(gateway, std::move(verify));
    CAPTURE(answer.body);
    CHECK(json_of(answer).text_of("outcome") == "mismatch");
    CHECK(result_of(answer, 0) == "match");
    CHECK(result_of(answer, 1) == "mismatch");
}

TEST_CASE("no such record is not_found for the whole and for each", "[journey][verify]") {
    GatewayUnderTest gateway;
    Record body = body_of(gateway, in_business());
    body.find("context")->find("agent")->put("id_no", Record::text("91999901MA00000155"));
    const auto answer = gateway.platform("portal").call(kMarket, body);
    CAPTURE(answer.body);
    CHECK(answer.status == 200);
    CHECK(json_of(answer).text_of("outcome") == "not_found");
    CHECK(result_of(answer, 0) == "not_found");
}

TEST_CASE("the person in the answer is compared before any predicate is", "[journey][verify][security]") {
    GatewayUnderTest gateway;
    REQUIRE(gateway.city().faults().set(departments::System::market, {.trouble = departments::Trouble::wrong_person}));
    const auto answer = ask(gateway, in_business());
    CHECK(answer.status == 502);
    CHECK(json_of(answer).text_of("code") == "person_mismatch");
}

TEST_CASE("verify is refused for what the grant does not name", "[journey][verify][security]") {
    struct Row {
        const char* why;
        const char* consumer;
        Record verify;
        int status;
        const char* code;
    };
    const auto one = [](const char* field, const char* op, Record value) {
        return Record::list({predicate(field, op, std::move(value))});
    };
    const std::vector<Row> rows{
        {"a field that the grant does not let be asked", "portal",
         one("/legalRepresentative", "equals", Record::text("x")), 403, "not_permitted"},
        {"everything", "portal", one("/*", "exists", Record::boolean(true)), 403, "not_permitted"},
        {"a grant that shows and does not let be asked", "one-window", in_business(), 403, "not_permitted"},
        {"an order of words", "portal", one("/status", "at_least", Record::text("a")), 400, "bad_request"},
        {"a date that is none", "portal", one("/establishedDate", "at_most", Record::text("2026-1-1")), 400,
         "bad_request"},
        {"a number that is none", "portal", one("/capitalFen", "equals", Record::text("many")), 400, "bad_request"},
        {"an operator that there is not", "portal", one("/status", "like", Record::text("a")), 400, "bad_request"},
        {"no predicate at all", "portal", Record::list(), 400, "bad_request"},
        {"a value that is an object", "portal", one("/status", "equals", Record::object()), 400, "bad_request"},
    };
    GatewayUnderTest gateway;
    for (const Row& row : rows) {
        CAPTURE(row.why);
        const auto answer = gateway.platform(row.consumer).call(kMarket, body_of(gateway, row.verify));
        CAPTURE(answer.body);
        CHECK(answer.status == row.status);
        CHECK(json_of(answer).text_of("code") == row.code);
    }
    // and who may only ask by predicates sees nothing
    Record seen = gateway.body(kMarket);
    seen.find("context")->put("purpose", Record::text("enterprise-check"));
    CHECK(gateway.platform("portal").call(kMarket, seen).status == 403);
}

TEST_CASE("of two grants for predicates each lets its own fields be asked, and both at once no field of the other's",
          "[journey][verify][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        const std::string first = read_file(config + "/grants/portal-verify-licence.yaml");
        const auto with = [&first, &config](const std::string& id, const std::string& purpose, const char* verify) {
            std::string grant = first;
            const auto put = [&grant](std::string_view from, const std::string& to) {
                const auto at = grant.find(from);
                REQUIRE(at != std::string::npos);
                const auto end = grant.find('\n', at);
                grant.replace(at, end - at, to);
            };
            put("id:", "id: " + id);
            put("consumer:", purpose == "enterprise-check" ? "consumer: portal" : "consumer: one-window");
            put("purposes:", "purposes: [" + purpose + "]");
            put("verify:", verify);
            write_text(config + "/grants/" + id + ".yaml", grant);
        };
        with("portal-verify-name", "enterprise-check", "verify: [/name, /uscc]");
        with("window-verify-status", "existing-home-transfer", "verify: [/status]");
        with("window-verify-uscc", "existing-home-transfer", "verify: [/uscc]");
        std::string whole = read_file(config + "/grants/one-window-existing-home-transfer.yaml");
        whole.erase(whole.find("verify:"), whole.find('\n', whole.find("verify:")) - whole.find("verify:"));
        write_text(config + "/grants/one-window-existing-home-transfer.yaml", whole);
        std::string matter = read_file(config + "/matters/existing-home-transfer.yaml");
        const std::string service = "service: business-licence, about: agent";
        const std::string more = ", verify: [{field: /uscc, operator: exists, value: true}]";
        write_text(config + "/matters/existing-home-transfer.yaml",
                   matter.replace(matter.find(service), service.size(), service + more));
    }}};
    const auto exists = [](const char* field) { return predicate(field, "exists", Record::boolean(true)); };
    for (const char* field : {"/status", "/inBusiness", "/name", "/uscc"}) {
        CAPTURE(field);
        const auto answer = ask(gateway, Record::list({exists(field)}));
        CAPTURE(answer.body);
        CHECK(json_of(answer).text_of("outcome") == "match");
    }
    CHECK(json_of(ask(gateway, Record::list({exists("/name"), exists("/uscc")}))).text_of("outcome") == "match");
    CHECK(json_of(ask(gateway, Record::list({exists("/status"), exists("/uscc")}))).text_of("code") == "not_permitted");
    CHECK(json_of(ask(gateway, Record::list({exists("/uscc"), exists("/address")}))).text_of("code") ==
          "not_permitted");

    // a material's predicates likewise
    const Record answer = json_of(gateway.platform().call(kMatter, gateway.matter_body()));
    const Record& material = answer.find("requirements")->items().back().find("materials")->items().front();
    CAPTURE(codec::write_json(material));
    CHECK(material.text_of("outcome") == "match");
}

TEST_CASE("a service that does not offer verify refuses it", "[journey][verify]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        const auto take_out = [&](const std::string& file, const std::string& from, const std::string& to) {
            std::string text = read_file(config + file);
            const auto at = text.find(from);
            write_text(config + file, text.erase(at, text.find(to, at) + to.size() - at));
        };
        take_out("/services/fund-deposit-certificate.yaml", "offers:", "\n");
        take_out("/grants/one-window-existing-home-transfer.yaml", "verify:", "\n");
        take_out("/grants/portal-fund-by-consent.yaml", "verify:", "\n");
    }}};
    Record body = gateway.body(kFund);
    body.put("verify", Record::list({predicate("/accountStatus", "exists", Record::boolean(true))}));
    CHECK(gateway.platform().call(kFund, body).status == 403);
}

TEST_CASE("guessing is cut off within the hour, for that person and service only", "[journey][verify][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        std::ofstream{config + "/services/business-licence.yaml", std::ios::app} << "predicates_per_hour: 4\n";
    }}};
    Record two = in_business();
    two.add(predicate("/capitalFen", "at_least", Record::integer(5)));
    CHECK(ask(gateway, two).status == 200);
    CHECK(ask(gateway, two).status == 200);
    const auto refused = ask(gateway, two);
    CHECK(refused.status == 429);
    CHECK(json_of(refused).text_of("code") == "guesses_exceeded");
    CHECK(refused.field("retry-after").has_value());
    // the same person spelt otherwise is the same person
    Record spelt = body_of(gateway, two);
    Record* agent = spelt.find("context")->find("agent");
    agent->put("id_no", Record::text(" " + agent->text_of("id_no")));
    CHECK(gateway.platform("portal").call(kMarket, spelt).status == 429);
    Record papers = body_of(gateway, two);
    papers.find("context")->find("agent")->put("id_type", Record::text("002"));
    CHECK(gateway.platform("portal").call(kMarket, papers).status == 429);
    Record another = body_of(gateway, two);
    another.find("context")->find("agent")->put("id_no", Record::text("91999901MA00000155"));
    CHECK(gateway.platform("portal").call(kMarket, another).status == 200);
}

TEST_CASE("each choice of an 'in' is a guess", "[journey][verify][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        std::ofstream{config + "/services/business-licence.yaml", std::ios::app} << "predicates_per_hour: 4\n";
    }}};
    Record choices = Record::list();
    for (const char* one : {"active", "revoked", "cancelled"}) {
        choices.add(Record::text(one));
    }
    Record three = Record::list();
    three.add(predicate("/status", "in", std::move(choices)));
    CHECK(ask(gateway, three).status == 200);
    CHECK(ask(gateway, three).status == 429);
    CHECK(ask(gateway, in_business()).status == 200);
}

TEST_CASE("a material whose predicate the call leaves without its value is not asked", "[journey][verify][security]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        std::string grant = read_file(config + "/grants/portal-verify-licence.yaml");
        grant.replace(grant.find("portal-verify"), 13, "window-verify");
        grant.replace(grant.find("consumer: portal"), 16, "consumer: one-window");
        grant.replace(grant.find("enterprise-check"), 16, "existing-home-transfer");
        write_text(config + "/grants/window-verify-licence.yaml", grant);
        std::string matter = read_file(config + "/matters/existing-home-transfer.yaml");
        const std::string service = "service: business-licence, about: agent";
        matter.replace(matter.find(service), service.size(),
                       service + ", verify: [{field: /status, operator: not_equals, value: $.facts.nowhere}]");
        write_text(config + "/matters/existing-home-transfer.yaml", matter);
    }}};
    const auto answer = gateway.platform().call(kMatter, gateway.matter_body());
    CAPTURE(answer.body);
    const Record body = json_of(answer);
    const Record& enterprise = body.find("requirements")->items().back();
    const Record& material = enterprise.find("materials")->items().front();
    CHECK(material.text_of("outcome") == "failed");
    CHECK(material.find("fault")->text_of("code") == "bad_request");
}

TEST_CASE("a material of a matter may be asked by predicates", "[journey][verify]") {
    const std::string status = GENERATE("active", "revoked");
    GatewayUnderTest gateway{{.change = [status](const std::string& config) {
        std::string grant = read_file(config + "/grants/portal-verify-licence.yaml");
        grant.replace(grant.find("portal-verify"), 13, "window-verify");
        grant.replace(grant.find("consumer: portal"), 16, "consumer: one-window");
        grant.replace(grant.find("enterprise-check"), 16, "existing-home-transfer");
        write_text(config + "/grants/window-verify-licence.yaml", grant);
        std::string matter = read_file(config + "/matters/existing-home-transfer.yaml");
        const std::string service = "service: business-licence, about: agent";
        matter.replace(matter.find(service), service.size(),
                       service + ", verify: [{field: /status, operator: equals, value: " + status + "}]");
        write_text(config + "/matters/existing-home-transfer.yaml", matter);
    }}};
    const auto answer = gateway.platform().call(kMatter, gateway.matter_body());
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record body = json_of(answer);
    const Record& enterprise = body.find("requirements")->items().back();
    CHECK(enterprise.text_of("outcome") == (status == "active" ? "satisfied" : "unsatisfied"));
    CHECK(enterprise.find("materials")->items().front().text_of("outcome") ==
          (status == "active" ? "match" : "mismatch"));
    CHECK(enterprise.find("materials")->items().front().find("answer")->find("content")->find("uscc") == nullptr);
}
