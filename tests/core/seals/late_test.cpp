#include <chrono>

#include "core/seals/check.h"
#include "core/seals/record_reader.h"
#include "tests/core/seals/sealed_log.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::seals;
using datong::record::Record;
using seals::sample::SealedLog;

namespace {

constexpr auto kAhead = std::chrono::hours{87'600};

/// An exchange whose records say the clock's time.
void exchange_now(SealedLog& log, const std::string& id) {
    auto intent = evidence::sample::intent_of(id, "{\"exchange\":\"" + id + "\"}", log.keys);
    intent.at = to_rfc3339(log.bench.clock.now());
    auto outcome = evidence::sample::outcome_of(intent, "{}", log.keys);
    outcome.at = intent.at;
    REQUIRE(log.bench.append(evidence::to_record(intent)) > 0);
    REQUIRE(log.bench.append(evidence::to_record(outcome)) > 0);
}

/// The keys once one of them was retired.
Record retired(const SealedLog& log, const std::string& kid, const std::string& to) {
    Record jwks = log.keys.jwks();
    for (Record& jwk : jwks.find("keys")->items_to_edit()) {
        if (jwk.text_of("kid") == kid) {
            jwk.put("datong_to", Record::text(to));
        }
    }
    return jwks;
}

/// The clock was ten years ahead for one exchange (3, 4) and its seal (5), and right for the exchange before.
void fill(SealedLog& log) {
    log.open();
    exchange_now(log, "e1");
    log.bench.clock.advance(kAhead);
    exchange_now(log, "e2");
    log.seal();
    log.bench.clock.advance(-kAhead);
}

}  // namespace

TEST_CASE("what a clock that was ahead wrote proves itself after its key was retired", "[seals]") {
    SealedLog log;
    fill(log);
    exchange_now(log, "e3");
    log.seal();  // 8, of 2026-03-01
    log.close();
    const std::string kid = GENERATE("gateway-2026", "one-window-2026");
    const std::string to = GENERATE("2026-03-01", "2026-12-31");
    const auto verdict = log.verdict(retired(log, kid, to));
    CAPTURE(kid, to, verdict.evidence.reason, verdict.evidence.number);
    CHECK(verdict.evidence.valid);
    CHECK(verdict.evidence.exchanges == 3);
    CHECK(verdict.seals.seals == 2);
}

TEST_CASE("a record behind its key's last day is refused where no seal shows that it was there before",
          "[seals][security]") {
    SealedLog log;
    fill(log);
    std::string kid = "gateway-2026";
    std::string to = "2026-12-31";
    std::string reason = "answer_key_retired";
    std::uint64_t number = 4;
    SECTION("no seal is behind it but those of its own clock") {
        log.seal();
    }
    SECTION("the seal behind it is of the day after the last") {
        exchange_now(log, "e3");
        log.bench.clock.advance(std::chrono::hours{24});
        log.seal();
        to = "2026-03-01";
    }
    SECTION("the seal behind it does not reach to it") {
        exchange_now(log, "e3");
        log.seal();  // 8
        log.bench.clock.advance(kAhead);
        exchange_now(log, "e4");
        number = 10;
    }
    SECTION("the request's key") {
        kid = "one-window-2026";
        reason = "request_key_retired";
        number = 3;
    }
    log.close();
    const auto verdict = log.verdict(retired(log, kid, to));
    CHECK_FALSE(verdict.evidence.valid);
    CHECK(verdict.evidence.reason == reason);
    CHECK(verdict.evidence.number == number);
    CHECK(verdict.evidence.keyid == kid);
}

TEST_CASE("a late record that was altered stays altered", "[seals][security]") {
    SealedLog log;
    fill(log);
    exchange_now(log, "e3");
    log.seal();
    log.close();
    auto payloads = evidence::sample::payloads(log.first_segment());
    REQUIRE(payloads.size() == 8);
    std::string reason;
    std::uint64_t number = 0;
    SECTION("its signature") {
        const auto at = payloads[3].find(R"("signature":")") + 20;
        payloads[3][at] = payloads[3][at] == 'A' ? 'B' : 'A';
        reason = "answer_signature";
        number = 4;
    }
    SECTION("what none of its own covers") {
        const auto at = payloads[2].find(R"("purpose":")") + 11;
        payloads[2][at] = 'x';
        reason = "seal_root";
        number = 5;
    }
    sample::forge(log, payloads);
    const auto verdict = log.verdict(retired(log, "gateway-2026", "2026-12-31"));
    CHECK_FALSE(verdict.evidence.valid);
    CHECK(verdict.evidence.reason == reason);
    CHECK(verdict.evidence.number == number);
}
