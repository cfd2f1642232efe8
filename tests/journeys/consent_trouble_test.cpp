// A revocation while a store of ours takes nothing of it.

#include <algorithm>
#include <memory>
#include <string>

#include "core/store/consents.h"
#include "tests/journeys/consent_kit.h"
#include "tests/journeys/file_house.h"
#include "tests/journeys/receiver.h"
#include "tests/support/catch.h"
#include "tests/support/refusing_store.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;
using std::chrono::seconds;

namespace {

std::ptrdiff_t times(const GatewayUnderTest& gateway, std::string_view event, std::string_view consent) {
    const auto all = consent_events(gateway);
    return std::count_if(all.begin(), all.end(), [&](const Record& one) {
        return one.text_of("event") == event && one.text_of("consent") == consent;
    });
}

bool is_told(const Receiver& receiver, std::string_view consent) {
    const auto all = receiver.told();
    return std::any_of(all.begin(), all.end(), [&](const Record& one) { return one.text_of("consent") == consent; });
}

}  // namespace

TEST_CASE("a revocation that a store does not take is recorded once, and holds up no other", "[journey][consent]") {
    struct Row {
        const char* file;
        const char* refused;
    };
    const auto row = GENERATE(values<Row>({
        {"/state/datong.db.consents", "UPDATE ON revoked WHEN OLD.consent = 'c-1'"},
        {"/state/datong.db.later", "INSERT ON awaited WHEN NEW.exchange = 'consent:city-consent:c-1'"},
    }));
    CAPTURE(row.file);
    std::unique_ptr<Receiver> receiver;
    GatewayUnderTest gateway{{.change = [&receiver](const std::string& config) {
        receiver = std::make_unique<Receiver>(config + "/../keys");
        edit(config + "/gateway.yaml", "calendar:", "callbacks: {hosts: [127.0.0.1]}\ncalendar:");
        edit(config + "/consumers/portal.yaml", "keys:",
             "callback: {url: \"" + receiver->url() +
                 "\", ca: \"${DATONG_KEYS:-keys}/ca.pem\", retry_s: 1, ends_h: 1}\nkeys:");
    }}};
    const ConsentService service{gateway};
    const Platform platform = gateway.platform("portal");
    for (const char* id : {"c-1", "c-2"}) {
        REQUIRE(register_consent(platform, service.sign(ConsentService::good(id))).status == 201);
    }
    {
        const support::RefusingStore store{gateway.folder() + row.file, row.refused};
        REQUIRE(revoke_consent(platform, "c-1", service.revocation("c-1")).status == 200);
        REQUIRE(eventually([&] { return times(gateway, "revoked", "c-1") > 0; }));
        CHECK_FALSE(eventually_within(seconds{4}, [&] { return times(gateway, "revoked", "c-1") > 1; }));
        REQUIRE(revoke_consent(platform, "c-2", service.revocation("c-2")).status == 200);
        CHECK(eventually([&] { return is_told(*receiver, "c-2"); }));
        CHECK(times(gateway, "revoked", "c-2") == 1);
    }
    REQUIRE(eventually([&] { return is_told(*receiver, "c-1"); }));
    REQUIRE(eventually([&] {
        const auto left = store::Consents::open(gateway.folder() + "/state/datong.db.consents").value()->unnoted(10);
        return left && left->empty();
    }));
    gateway.restart();
    gateway.stop();
    CHECK(times(gateway, "revoked", "c-1") == 1);
    CHECK(receiver->effects() == 2);
    CHECK(gateway.verify().valid);
}
