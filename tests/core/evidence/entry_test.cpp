#include "core/evidence/entry.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;

TEST_CASE("an intent without anything is only its kind", "[evidence]") {
    CHECK(to_json(Intent{}) == R"({"kind":"intent"})");
}

TEST_CASE("an intent keeps the order of its members and leaves the empty ones out", "[evidence]") {
    Intent intent;
    intent.exchange = "e1";
    intent.mappings = {"land/x@1.0.0#ab"};
    intent.case_number = "999900-2026-000001";
    intent.request = {.keyid = "k", .algorithm = "ed25519", .base = "\"@method\": GET", .signature = {"\x00\xff", 2}};
    CHECK(to_json(intent) ==
          R"({"kind":"intent","exchange":"e1","mappings":["land/x@1.0.0#ab"],"case_number":"999900-2026-000001",)"
          R"("request":{"keyid":"k","alg":"ed25519","base":"\"@method\": GET","signature":"AP8="}})");
}

TEST_CASE("a signature base that is no UTF-8 stands as base64", "[evidence]") {
    Intent intent;
    intent.request = {.keyid = "k", .algorithm = "", .base = "\xff", .signature = "s"};
    const auto record = codec::read_json(to_json(intent));
    REQUIRE(record);
    const auto* request = record->find("request");
    REQUIRE(request != nullptr);
    CHECK(request->find("base") == nullptr);
    CHECK(request->text_of("base_base64") == to_base64("\xff"));
}

TEST_CASE("an outcome keeps its status as a number", "[evidence]") {
    Outcome outcome;
    outcome.exchange = "e1";
    outcome.outcome = "partial";
    outcome.status = 200;
    outcome.reply_digests = {"land-registry:00"};
    CHECK(
        to_json(outcome) ==
        R"({"kind":"outcome","exchange":"e1","outcome":"partial","status":200,"reply_digests":["land-registry:00"]})");
}

TEST_CASE("a refusal, a count of refusals and a snapshot have their own kinds", "[evidence]") {
    CHECK(to_json(Refusal{.fault = "not_signed", .detail = "no signature"}) ==
          R"({"kind":"refusal","fault":"not_signed","detail":"no signature"})");
    CHECK(to_json(RefusalsCounted{.fault = "not_signed", .count = 7}) ==
          R"({"kind":"refusals_counted","fault":"not_signed","count":7})");
    SnapshotInForce snapshot;
    snapshot.digest = "ab";
    snapshot.keys = record::Record::object({{"keys", record::Record::list()}});
    CHECK(to_json(snapshot) == R"({"kind":"snapshot","digest":"ab","keys":{"keys":[]}})");
}
