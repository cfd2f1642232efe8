// Consents through the SOAP door, by a second issuer, and what is kept of an issuer's word.

#include <algorithm>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "tests/journeys/consent_kit.h"
#include "tests/journeys/file_house.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

constexpr const char* kSoapFund = "/soap/fund-deposit-certificate";

/// A signed SOAP call of portal's about the demo's fund account, by that consent.
HttpMessage ask_by_soap(const GatewayUnderTest& gateway, const Record& body) {
    const SoapPlatform portal{gateway.platform("portal"), gateway.folder() + "/keys", "portal", "1.1"};
    const std::string message = portal.sign(portal.parts(kSoapFund, body));
    HttpMessage answer = portal.post(kSoapFund, message);
    CAPTURE(answer.body);
    CHECK(portal.check(answer, message).has_value());
    return answer;
}

std::string soap_code(const HttpMessage& answer) {
    return record_of(answer.body).text_of("code");
}

/// A gateway that knows a bank beside the city: the city signs for portal alone, the bank for one-window.
struct TwoIssuers {
    crypto::SigningKey key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    GatewayUnderTest gateway{{.change = [this](const std::string& config) {
        write_text(config + "/../keys/bank.pub.pem", key.public_pem().value());
        edit(config + "/gateway.yaml", "    consumers: [portal, one-window]\n",
             "    consumers: [portal]\n  - id: bank-consent\n    title: 示例银行\n    keys: [{id: bank-2026, file: "
             "\"${DATONG_KEYS:-keys}/bank.pub.pem\"}]\n    consumers: [one-window]\n");
    }}};
    ConsentService city{gateway};
    ConsentService bank{key, "bank-2026"};

    /// What the bank signs for one-window, in a case.
    static Record of_bank(const std::string& id) {
        Record made = ConsentService::good(id);
        made.put("issuer", Record::text("bank-consent"));
        made.put("consumer", Record::text("one-window"));
        made.put("purpose", Record::text("existing-home-transfer"));
        return made;
    }
    /// one-window's question about the demo's fund account in its case.
    [[nodiscard]] HttpMessage ask(const std::string& consent) const {
        Record body = gateway.body(kFund);
        body.find("context")->put("consent", Record::text(consent));
        return gateway.platform("one-window").call(kFund, body);
    }
};

Record changed(Record consent, const char* name, const char* value) {
    consent.put(record::Text{std::string{name}}, Record::text(value));
    return consent;
}

}  // namespace

TEST_CASE("a consent is needed, counted and revoked through the SOAP door as through the other",
          "[journey][consent][soap][security]") {
    GatewayUnderTest gateway;
    const ConsentService service{gateway};
    CHECK(soap_code(ask_by_soap(gateway, fund_body(gateway, ""))) == "consent_required");
    CHECK(soap_code(ask_by_soap(gateway, fund_body(gateway, "c-2026-000001"))) == "consent_not_accepted");

    const Platform portal = gateway.platform("portal");
    Record consent = ConsentService::good();
    consent.find("frequency")->put("uses", Record::integer(2));
    REQUIRE(register_consent(portal, service.sign(consent)).status == 201);
    Record other = ConsentService::good("c-2026-000002");
    other.find("person")->put("id_no", Record::text(departments::demo_person().buyer.id));
    REQUIRE(register_consent(portal, service.sign(other)).status == 201);

    CHECK(soap_code(ask_by_soap(gateway, fund_body(gateway, "c-2026-000002"))) == "consent_not_accepted");
    Record other_paper = fund_body(gateway, "c-2026-000001");
    other_paper.find("context")->find("subject")->put("id_type", Record::text("414"));
    CHECK(soap_code(ask_by_soap(gateway, other_paper)) == "consent_not_accepted");

    const Record answer = record_of(ask_by_soap(gateway, fund_body(gateway, "c-2026-000001")).body);
    CHECK(answer.text_of("outcome") == "found");
    REQUIRE(answer.find("consent") != nullptr);
    CHECK(answer.find("consent")->text_of("id") == "c-2026-000001");
    CHECK(answer.find("consent")->text_of("mode") == "store");
    CHECK_FALSE(answer.find("consent")->text_of("keep_until").empty());
    // one use of two is left, whichever door takes it
    CHECK(portal.call(kFund, fund_body(gateway, "c-2026-000001")).status == 200);
    CHECK(soap_code(ask_by_soap(gateway, fund_body(gateway, "c-2026-000001"))) == "consent_not_accepted");

    Record third = ConsentService::good("c-2026-000003");
    REQUIRE(register_consent(portal, service.sign(third)).status == 201);
    CHECK(ask_by_soap(gateway, fund_body(gateway, "c-2026-000003")).status == 200);
    REQUIRE(revoke_consent(portal, "c-2026-000003", service.revocation("c-2026-000003")).status == 200);
    CHECK(soap_code(ask_by_soap(gateway, fund_body(gateway, "c-2026-000003"))) == "consent_not_accepted");

    gateway.stop();
    CHECK(gateway.verify().valid);
    int told = 0;
    for (const Record& outcome : entries_of(gateway, "outcome")) {
        told += outcome.text_of("consent").empty() || outcome.find("consent_use") == nullptr ? 0 : 1;
    }
    CHECK(told == 3);
}

TEST_CASE("each issuer's word counts for its own consumers and its own consents", "[journey][consent][security]") {
    TwoIssuers here;
    const Platform portal = here.gateway.platform("portal");
    const Platform window = here.gateway.platform("one-window");
    REQUIRE(register_consent(portal, here.city.sign(ConsentService::good("c-1"))).status == 201);
    REQUIRE(register_consent(window, here.bank.sign(TwoIssuers::of_bank("b-1"))).status == 201);
    CHECK(portal.call(kFund, fund_body(here.gateway, "c-1")).status == 200);
    const auto by_bank = here.ask("b-1");
    CAPTURE(by_bank.body);
    REQUIRE(by_bank.status == 200);
    CHECK(json_of(by_bank).find("consent")->text_of("id") == "b-1");

    SECTION("neither signs for the other's consumer, nor in the other's name") {
        const std::vector<std::pair<const char*, HttpMessage>> refused{
            {"the bank for portal",
             register_consent(portal, here.bank.sign(changed(TwoIssuers::of_bank("b-2"), "consumer", "portal")))},
            {"the city for one-window",
             register_consent(window, here.city.sign(changed(ConsentService::good("c-2"), "consumer", "one-window")))},
            {"the bank in the city's name", register_consent(portal, here.bank.sign(ConsentService::good("c-3")))},
            {"the bank under an id that the city has used",
             register_consent(window, here.bank.sign(TwoIssuers::of_bank("c-1")))},
        };
        for (const auto& [why, answer] : refused) {
            CAPTURE(why, answer.body);
            CHECK(answer.status == 403);
            CHECK(code_of(answer) == "consent_not_accepted");
        }
    }
    SECTION("neither's consent serves the other's consumer") {
        CHECK(code_of(here.ask("c-1")) == "consent_not_accepted");
        CHECK(code_of(portal.call(kFund, fund_body(here.gateway, "b-1"))) == "consent_not_accepted");
    }
    SECTION("neither revokes the other's") {
        (void)revoke_consent(portal, "c-1", here.bank.revocation("c-1"));
        CHECK(portal.call(kFund, fund_body(here.gateway, "c-1")).status == 200);
        CHECK(look_at_consent(portal, "c-1").find("consent")->text_of("state") == "in_force");
        REQUIRE(revoke_consent(portal, "c-1", here.city.revocation("c-1")).status == 200);
        CHECK(code_of(portal.call(kFund, fund_body(here.gateway, "c-1"))) == "consent_not_accepted");
        CHECK(here.ask("b-1").status == 200);
    }
    here.gateway.stop();
    CHECK(here.gateway.verify().valid);
}

TEST_CASE("the issuer's word of a revocation is kept, and is the one whose digest stands in the evidence",
          "[journey][consent][security]") {
    Registered here;
    const std::string word = here.service.revocation(here.id);
    REQUIRE(revoke_consent(here.gateway.platform(), here.id, word).status == 200);
    here.gateway.restart();
    const Record told = *look_at_consent(here.gateway.platform("portal"), here.id).find("consent");
    CHECK(told.text_of("state") == "revoked");
    CHECK(told.text_of("revocation") == word);
    CHECK(json_of(here.gateway.admin("GET", "/v1/consents/" + here.id)).text_of("revocation") == word);
    REQUIRE(wait_until([&] { return consent_events(here.gateway).size() >= 2; }));
    const auto events = consent_events(here.gateway);
    const auto revoked =
        std::ranges::find_if(events, [](const Record& event) { return event.text_of("event") == "revoked"; });
    REQUIRE(revoked != events.end());
    CHECK(revoked->text_of("digest") == to_hex(crypto::sha256(told.text_of("revocation"))));
    const auto key = crypto::VerifyingKey::from_pem(read_file(here.gateway.folder() + "/keys/city-consent.pub.pem"));
    CHECK(signing::verify_jws(signing::read_jws(told.text_of("revocation")).value(), key.value()).has_value());
}
