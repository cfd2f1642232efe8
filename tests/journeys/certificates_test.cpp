#include "core/codec/json.h"
#include "core/signing/certificate.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

TEST_CASE("each department's record becomes a signed certificate of the person asked", "[journey]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const std::string target = GENERATE(as<std::string>{}, kLand, kTax, kFund, kMarket);
    CAPTURE(target);
    const auto request = platform.prepare(target, codec::write_json(gateway.body(target)));

    const auto answer = platform.send(request);

    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(platform.check_signature(answer, request).has_value());
    const Record body = json_of(answer);
    CHECK(body.text_of("outcome") == "found");
    CHECK_FALSE(body.text_of("as_of").empty());
    REQUIRE(body.find_path({"scope", "registers"}) != nullptr);
    CHECK(body.find_path({"scope", "registers"})->items().size() == 1);
    CHECK(body.find("provenance")->items().size() == body.find("digests")->items().size());
    CHECK(body.find("provenance")->items().size() >= 5);
}

TEST_CASE("a person that no department knows is not found, and the signed answer says where was searched",
          "[journey]") {
    GatewayUnderTest gateway;
    const auto& town = gateway.city().town();
    const auto& stranger = town.persons.back();
    Record body = gateway.body(kFund);
    body.find("context")->find("subject")->put("name", Record::text(stranger.name));
    body.find("context")->find("subject")->put("id_no", Record::text(stranger.id));
    body.find("context")->put("case_number", Record::text("none"));
    const auto refused = gateway.platform().call(kFund, body);
    CHECK(json_of(refused).text_of("code") == "case_not_accepted");
}

TEST_CASE("names in Tibetan script and rare characters leave as they are stored", "[journey]") {
    GatewayUnderTest gateway;
    const auto& town = gateway.city().town();
    int seen = 0;
    for (std::size_t i = 0; i < departments::kHouseholds && seen < 6; ++i) {
        const auto& person = town.persons[i];
        const bool rare =
            person.name.find("\xE0\xBD") != std::string::npos || person.name.find("\xF0\xA0") != std::string::npos;
        if (!rare || town.cases[i].state != "3" || town.cases[i].matter != "BDC-0200") {
            continue;
        }
        ++seen;
        CAPTURE(i);
        Record body = gateway.body(kFund);
        Record& context = *body.find("context");
        context.find("subject")->put("name", Record::text(person.name));
        context.find("subject")->put("id_no", Record::text(person.id));
        context.put("case_number", Record::text(town.cases[i].number));
        const auto answer = gateway.platform().call(kFund, body);
        CAPTURE(answer.body);
        REQUIRE(answer.status == 200);
        const Record body_out = json_of(answer);
        const Record* name = body_out.find_path({"content", "holder", "name"});
        REQUIRE(name != nullptr);
        CHECK(name->scalar() == person.name);
    }
    CHECK(seen > 0);
}
