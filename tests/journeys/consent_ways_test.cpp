// Ways past a consent: by the proof of an exchange, by a book in trouble, by an id; and what
// an administrator revokes.

#include "core/container/check.h"
#include "core/store/database.h"
#include "tests/journeys/consent_kit.h"
#include "tests/journeys/file_house.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

TEST_CASE("the proof of an exchange is no second door to what a consent gave", "[journey][consent][security]") {
    GatewayUnderTest::Options options;
    options.change = [](const std::string& config) {
        edit(config + "/services/fund-deposit-certificate.yaml", "deadline_ms:", "bodies: kept\ndeadline_ms:");
    };
    Registered here{ConsentService::good(), std::move(options)};
    const auto answer = here.ask();
    REQUIRE(answer.status == 200);
    const std::string exchange = json_of(answer).text_of("exchange");
    const auto container = [&] {
        const Platform portal = here.gateway.platform("portal");
        return portal.send(portal.prepare_get("/v1/exchanges/" + exchange + "/evidence")).body;
    };
    const auto holds_answer = [](const std::string& zip) { return zip.find("answer/body.json") != std::string::npos; };
    CHECK(holds_answer(container()));  // mode store: it may keep it
    REQUIRE(revoke_consent(here.gateway.platform(), here.id, here.service.revocation(here.id)).status == 200);
    const std::string proof = container();
    CHECK(proof.find("records/outcome.json") != std::string::npos);
    CHECK_FALSE(holds_answer(proof));
    CHECK(proof.find("certificates/") == std::string::npos);
    const auto keys = codec::read_json(read_file(here.gateway.folder() + "/keys/trust.jwks")).value();
    const auto checked = container::check_container(proof, keys);
    REQUIRE(checked.has_value());
    CHECK(checked->is_good());
}

TEST_CASE("without a book that takes the use nothing is asked", "[journey][consent][security]") {
    Registered here;
    const auto book =
        store::Database::open(here.gateway.folder() + "/state/datong.db.consents", {.version = 1, .tables = ""});
    REQUIRE(book->execute("ALTER TABLE used RENAME TO away").has_value());
    const auto refused = here.ask();
    CHECK(refused.status == 503);
    CHECK(code_of(refused) == "unavailable");
    REQUIRE(book->execute("ALTER TABLE away RENAME TO used").has_value());
    CHECK(here.ask().status == 200);
    CHECK(look_at_consent(here.gateway.platform("portal"), here.id).find("consent")->find("uses")->scalar() == "1");
}

TEST_CASE("an id in a path that could be a person's number is none, and stands nowhere",
          "[journey][consent][security]") {
    GatewayUnderTest gateway;
    const std::string number = "999901198001010016";
    const Platform portal = gateway.platform("portal");
    CHECK(portal.send(portal.prepare_get(std::string{kConsents} + '/' + number)).status == 404);
    gateway.stop();
    for (const char* kind : {"intent", "refusal"}) {
        for (const Record& entry : entries_of(gateway, kind)) {
            CHECK(entry.text_of("consent").find(number) == std::string::npos);
            CHECK(codec::write_json(entry).find(number) == std::string::npos);
        }
    }
}

TEST_CASE("an administrator revokes a consent, with a reason, and the evidence has both", "[journey][consent]") {
    Registered here;
    codec::HttpMessage request;
    request.method = "POST";
    request.target = "/v1/consents/" + here.id + "/revoke";
    request.add("Datong-Reason", "withdrawn at the window");
    const auto done = here.gateway.admin(request);
    CAPTURE(done.body);
    REQUIRE(done.status == 200);
    CHECK(json_of(done).text_of("state") == "revoked");
    CHECK(code_of(here.ask()) == "consent_not_accepted");
    CHECK(here.gateway.admin("GET", "/v1/consents/c-0").status == 404);
    here.gateway.stop();
    CHECK(consent_events(here.gateway).back().text_of("by") == "local");
    CHECK(entries_of(here.gateway, "administration").size() >= 1);
    CHECK(here.gateway.verify().valid);
}
