#include "core/seals/orphans.h"

#include <filesystem>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/evidence/verify.h"
#include "core/seals/standing.h"
#include "tests/core/evidence/sample.h"
#include "tests/core/seals/sealed_log.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using sample::Bench;
using sample::Keys;
using seals::find_orphans;
using seals::Orphan;

namespace {

/// What a start after a crash writes for one intent.
Closing closing_of(const Intent& intent, const crypto::SigningKey& key, const std::string& keyid) {
    Closing closing;
    closing.exchange = intent.exchange;
    closing.at = intent.at;
    closing.request_digest = intent.request_digest;
    closing.closed.keyid = keyid;
    closing.closed.algorithm = std::string{crypto::name_of(key.default_algorithm())};
    closing.closed.base = base_of_closing(intent.exchange, intent.request_digest, 1'772'323'200, keyid);
    closing.closed.signature = key.sign(key.default_algorithm(), closing.closed.base).value();
    return closing;
}

}  // namespace

TEST_CASE("what a crash left open is found, and is closed by the gateway's own word", "[evidence]") {
    const Keys keys;
    Bench bench;
    sample::fill(bench, keys);
    const auto orphans = find_orphans(bench.folder.path());
    REQUIRE(orphans);
    REQUIRE(orphans->size() == 1);
    const Orphan& orphan = orphans->front();
    CHECK_FALSE(orphan.consumer.empty());
    Intent intent;
    intent.exchange = orphan.exchange;
    intent.at = orphan.at;
    intent.request_digest = orphan.request_digest;
    REQUIRE(bench.open());
    REQUIRE(bench.append(to_record(closing_of(intent, keys.gateway, "gateway-2026"))) == 7);
    bench.log.reset();
    CHECK(find_orphans(bench.folder.path())->empty());
    const auto verdict = verify_folder(bench.folder.path(), keys.jwks());
    REQUIRE(verdict);
    CAPTURE(verdict->reason);
    CHECK(verdict->valid);
    CHECK(verdict->closed == 1);
    CHECK(verdict->open == 0);
}

TEST_CASE("orphans are found over a change of segments", "[evidence]") {
    const Keys keys;
    Bench bench;
    bench.settings.segment_bytes = 2'000;
    REQUIRE(bench.open());
    const Intent first = sample::intent_of("e1", sample::kBody, keys);
    const Intent second = sample::intent_of("e2", sample::kBody, keys);
    REQUIRE(bench.append(to_record(first)) == 1);
    REQUIRE(bench.append(to_record(second)) == 2);
    REQUIRE(bench.append(to_record(sample::outcome_of(second, "{}", keys))) == 3);
    REQUIRE(bench.append(to_record(sample::intent_of("e3", sample::kBody, keys))) == 4);
    bench.log.reset();
    REQUIRE(bench.folder.segments().size() > 1);
    const auto orphans = find_orphans(bench.folder.path());
    REQUIRE(orphans);
    REQUIRE(orphans->size() == 2);
    CHECK(orphans->front().exchange == "e1");
    CHECK(orphans->back().exchange == "e3");
}

TEST_CASE("what is open is found however long ago it began, without reading what came before", "[seals]") {
    seals::sample::SealedLog log;
    log.bench.settings.segment_bytes = 500;
    log.settings.records = 5;
    log.open();
    log.exchange("e0");
    REQUIRE(log.bench.append(to_record(sample::intent_of("e1", sample::kBody, log.keys))) == 3);
    for (int day = 2; day < 9; ++day) {
        Intent later = sample::intent_of("d" + std::to_string(day), sample::kBody, log.keys);
        later.at = "2026-03-0" + std::to_string(day) + "T09:00:00.000+08:00";
        REQUIRE(log.bench.append(to_record(later)) > 0);
        REQUIRE(log.bench.append(to_record(sample::outcome_of(later, "{}", log.keys))) > 0);
        log.seal();
    }
    CHECK(seals::find_standing(log.folder())->open == 3);
    SECTION("by the next start") {
        log.close();
        std::filesystem::remove(log.first_segment());  // nobody looks at it
        REQUIRE(log.bench.folder.segments().size() > 5);
        const auto orphans = find_orphans(log.folder());
        REQUIRE(orphans);
        REQUIRE(orphans->size() == 1);
        CHECK(orphans->front().exchange == "e1");
        CHECK(orphans->front().consumer == "one-window");
    }
    SECTION("and over another start, until it is closed") {
        log.close();
        log.open();
        log.notes(1);
        log.seal();
        CHECK(seals::find_standing(log.folder())->open == 3);
        const Intent first = sample::intent_of("e1", sample::kBody, log.keys);
        REQUIRE(log.bench.append(to_record(closing_of(first, log.keys.gateway, "gateway-2026"))) > 0);
        log.seal();
        CHECK(seals::find_standing(log.folder())->open == 0);
        log.close();
        CHECK(find_orphans(log.folder())->empty());
    }
}

TEST_CASE("a closing proves nothing unless the gateway signed it, for this intent", "[evidence][security]") {
    const Keys keys;
    const Intent intent = sample::intent_of("e1", sample::kBody, keys);
    const Intent other = sample::intent_of("e2", sample::kBody, keys);
    const auto verdict = [&](const Closing& closing) {
        return sample::verdict_on({to_record(intent), to_record(closing)}, keys.jwks());
    };
    CHECK(verdict(closing_of(intent, keys.gateway, "gateway-2026")).valid);

    CHECK(verdict(closing_of(intent, keys.land, "land-2026")).reason == "answer_key");
    CHECK(verdict(closing_of(other, keys.gateway, "gateway-2026")).reason == "outcome_without_intent");
    Closing moved = closing_of(other, keys.gateway, "gateway-2026");
    moved.exchange = "e1";
    CHECK(verdict(moved).reason == "answer_binding");
    Closing forged = closing_of(intent, keys.gateway, "gateway-2026");
    forged.closed.signature.back() = static_cast<char>(forged.closed.signature.back() ^ 1);
    CHECK(verdict(forged).reason == "answer_signature");
    Closing bare = closing_of(intent, keys.gateway, "gateway-2026");
    bare.closed = {};
    CHECK(verdict(bare).reason == "answer_signature");
    Closing digested = closing_of(intent, keys.gateway, "gateway-2026");
    digested.request_digest = to_hex(crypto::sha256("another body"));
    CHECK(verdict(digested).reason == "answer_binding");
}
