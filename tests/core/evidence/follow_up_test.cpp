#include "core/codec/json.h"
#include "core/evidence/verify.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using sample::Keys;
using sample::verdict_on;

namespace {

record::Record follow_up(const crypto::SigningKey& key, const std::string& keyid) {
    FollowUp entry{.at = "2026-03-01T09:00:00.000+08:00",
                   .exchange = "e1",
                   .event = "answered",
                   .question = "e2",
                   .consumer = "one-window",
                   .matter = "existing-home-transfer@1.1.0",
                   .case_number = "1",
                   .grant = "g",
                   .material = {.material = "seller-clearance",
                                .service = "tax-clearance@1.0.0",
                                .source = "tax/tax-front",
                                .outcome = "found",
                                .fields = {"/status"}},
                   .promise = "",
                   .reply_digests = {},
                   .certificate_digests = {},
                   .answer_digest = "00",
                   .snapshot = "s"};
    REQUIRE(sign_follow_up(entry, keyid, key));
    return *codec::read_json(to_json(entry));
}

record::Record consent_event(const crypto::SigningKey& key, const std::string& keyid) {
    ConsentEvent event{.at = "2026-03-01T09:00:00.000+08:00",
                       .event = "revoked",
                       .consent = "c-1",
                       .issuer = "city-consent",
                       .consumer = "portal",
                       .digest = "00",
                       .by = "issuer",
                       .reason = "withdrawn"};
    REQUIRE(sign_consent_event(event, keyid, key));
    return *codec::read_json(to_json(event));
}

}  // namespace

TEST_CASE("what happened to a consent is the gateway's word, of that moment", "[evidence][security]") {
    const Keys keys;
    const record::Record good = consent_event(keys.gateway, "gateway-2026");
    CHECK(verdict_on({good}, keys.jwks()).valid);
    record::Record later = good;
    later.put("at", record::Record::text("2026-03-01T10:00:00.000+08:00"));
    record::Record other = good;  // one kind of statement does not stand for another
    other.put("kind", record::Record::text("follow_up"));
    for (const auto& altered : {later, other}) {
        CHECK(verdict_on({altered}, keys.jwks()).reason == "statement_signature");
    }
    CHECK(verdict_on({consent_event(keys.land, "land-2026")}, keys.jwks()).reason == "statement_key");
}

TEST_CASE("what came after an answer is the gateway's word, of that call", "[evidence][security]") {
    const Keys keys;
    const record::Record good = follow_up(keys.gateway, "gateway-2026");
    CHECK(verdict_on({good}, keys.jwks()).valid);
    record::Record moved = good;  // shown for another call
    moved.put("exchange", record::Record::text("e9"));
    record::Record later = good;
    later.put("at", record::Record::text("2026-03-01T10:00:00.000+08:00"));
    for (const auto& altered : {moved, later}) {
        const auto verdict = verdict_on({altered}, keys.jwks());
        CHECK_FALSE(verdict.valid);
        CHECK(verdict.reason == "statement_signature");
    }
    CHECK(verdict_on({follow_up(keys.land, "land-2026")}, keys.jwks()).reason == "statement_key");
}
