#include "core/seals/inclusion.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/seals/merkle.h"
#include "core/seals/record_reader.h"
#include "core/signing/jws.h"
#include "tests/core/seals/sealed_log.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::seals;
using seals::sample::SealedLog;

TEST_CASE("every sealed record is proven below its seal from its payload and the gateway's key alone", "[seals]") {
    SealedLog log;
    log.bench.settings.segment_bytes = 2'000;  // the trees reach over segments
    log.bench.settings.hash = GENERATE(evidence::ChainHash::sha256, evidence::ChainHash::sm3);
    log.settings.records = 7;
    log.open();
    for (int i = 0; i < 3; ++i) {
        log.notes(11);
        log.seal();
    }
    log.notes(2);
    REQUIRE(log.bench.folder.segments().size() > 3);
    const auto counts = log.verdict().seals;
    REQUIRE(counts.sealed > 33);
    for (std::uint64_t record = 1; record <= counts.sealed; ++record) {
        CAPTURE(record);
        const auto proof = proof_of(log.folder(), record);
        REQUIRE(proof);
        const auto payload = read_record(log.folder(), record);
        REQUIRE(payload);
        CHECK(proof->hash == log.bench.settings.hash);
        const auto root =
            root_from_path(leaf_hash(*payload, proof->hash), proof->index, proof->size, proof->path, proof->hash);
        REQUIRE(root);
        const auto jws = signing::read_jws(proof->jws);
        REQUIRE(jws);
        CHECK(signing::verify_jws(*jws, log.keys.gateway.verifying_key()));
        const auto statement = codec::read_json(jws->payload);
        REQUIRE(statement);
        CHECK(statement->text_of("root") == to_hex(*root));
        CHECK(proof->seal > record);
        CHECK(proof->stamp.empty());
    }
    SECTION("what is not sealed has none yet") {
        const auto proof = proof_of(log.folder(), counts.sealed + 1);
        REQUIRE_FALSE(proof);
        CHECK(proof.error().fault() == Fault::no_such_resource);
        CHECK_THAT(proof.error().detail(), ContainsSubstring("not sealed yet"));
    }
    SECTION("nor has what is not there") {
        for (const std::uint64_t record : {std::uint64_t{0}, std::uint64_t{1'000}}) {
            const auto proof = proof_of(log.folder(), record);
            REQUIRE_FALSE(proof);
            CHECK(proof.error().fault() == Fault::no_such_resource);
        }
    }
}

TEST_CASE("a log without stamps is not read to its end for the one of an old seal", "[seals]") {
    SealedLog log;
    log.bench.settings.segment_bytes = 6'000;
    log.open();
    log.notes(5);
    log.seal();
    log.notes(1'100);
    log.seal();
    log.notes(50);
    log.seal();
    log.close();
    // whoever read there would find this
    const auto behind = evidence::list_segments(log.folder());
    REQUIRE(behind);
    int damaged = 0;
    for (const evidence::Segment& segment : *behind) {
        if (segment.first > 1'020 && segment.first < 1'080) {
            evidence::sample::write_file(segment.path, evidence::sample::read_file(segment.path) + "damage");
            ++damaged;
        }
    }
    REQUIRE(damaged > 0);
    const auto proof = proof_of(log.folder(), 1);
    if (!proof) {
        FAIL(proof.error().detail());
    }
    CHECK(proof->stamp.empty());
}
