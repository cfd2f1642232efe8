#include "core/seals/check.h"

#include <algorithm>

#include "core/codec/json.h"
#include "core/evidence/proof.h"
#include "core/seals/record_reader.h"
#include "core/seals/seal.h"
#include "tests/core/seals/sealed_log.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::seals;
using datong::record::Record;
using seals::sample::SealedLog;

namespace {

/// Two exchanges, a seal (5), an exchange, a seal (8), and an exchange behind.
void fill(SealedLog& log) {
    log.open();
    log.exchange("e1");
    log.exchange("e2");
    log.seal();
    log.exchange("e3");
    log.seal();
    log.exchange("e4");
    log.close();
}

std::vector<std::string> payloads_of(const SealedLog& log) {
    return evidence::sample::payloads(log.first_segment());
}

Record entry_of(const std::string& payload) {
    return codec::read_json(payload).value();
}

/// The seal in a record's payload, changed and signed again by a key.
template <class Change>
std::string sealed_again(const std::string& payload, const crypto::SigningKey& key, const std::string& keyid,
                         Change change) {
    Seal seal = read_seal(entry_of(payload)).value();
    change(seal);
    const std::string entry = to_json(signed_seal(seal, keyid, key).value());
    const std::string head = payload.substr(0, payload.find(",\"kind\""));
    return head + ',' + entry.substr(1, entry.size() - 2) + payload.substr(payload.rfind(",\"durable\""));
}

/// An exchange whose answer the gateway signed at a moment, and said so in what it signed, or in the record only.
void exchange_at(SealedLog& log, const std::string& id, std::int64_t created, bool signs_time = true) {
    const auto intent = evidence::sample::intent_of(id, "{\"exchange\":\"" + id + "\"}", log.keys);
    auto outcome = evidence::sample::outcome_of(intent, "{}", log.keys);
    outcome.at = to_rfc3339(std::chrono::system_clock::time_point{std::chrono::seconds{created}});
    if (signs_time) {
        outcome.answer.base.insert(outcome.answer.base.rfind(";keyid="), ";created=" + std::to_string(created));
        outcome.answer.signature =
            log.keys.gateway.sign(crypto::Algorithm::ecdsa_p256_sha256, outcome.answer.base).value();
    }
    REQUIRE(log.bench.append(evidence::to_record(intent)) > 0);
    REQUIRE(log.bench.append(evidence::to_record(outcome)) > 0);
}

constexpr std::int64_t kMorning = 1'772'323'200;  // 2026-03-01T08:00:00+08:00
constexpr std::int64_t kHour = 3'600;

void replace(std::string& text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("a folder's seals verify, and say how much they cover", "[seals]") {
    SealedLog log;
    fill(log);
    const auto verdict = log.verdict();
    CAPTURE(verdict.evidence.reason, verdict.evidence.number);
    CHECK(verdict.evidence.valid);
    CHECK(verdict.evidence.records == 10);
    CHECK(verdict.evidence.exchanges == 4);
    CHECK(verdict.seals.seals == 2);
    CHECK(verdict.seals.sealed == 7);
    CHECK(verdict.seals.unsealed == 2);
    CHECK(verdict.seals.unsealed_since == "2026-03-01T08:00:00.000+08:00");
}

TEST_CASE("a folder without a seal is valid and says that nothing is sealed", "[seals]") {
    SealedLog log;
    log.open();
    log.exchange("e1");
    log.close();
    const auto verdict = log.verdict();
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.seals == 0);
    CHECK(verdict.seals.sealed == 0);
    CHECK(verdict.seals.unsealed == 2);
}

TEST_CASE("whoever holds the disk and no key can't change what is sealed, even with the chain made right",
          "[seals][security]") {
    SealedLog log;
    fill(log);
    auto payloads = payloads_of(log);
    std::string reason;
    std::uint64_t number = 0;
    SECTION("a member of a record that no signature of its own covers") {
        replace(payloads[0], R"("service":"realestate-certificate@1.0.0")", R"("service":"tax-clearance@1.0.0")");
        reason = "seal_root";
        number = 5;
    }
    SECTION("an exchange left out") {
        payloads.erase(payloads.begin(), payloads.begin() + 2);
        reason = "seal_gap";
        number = 3;
    }
    SECTION("records put into another order") {
        std::swap(payloads[0], payloads[2]);
        std::swap(payloads[1], payloads[3]);
        reason = "seal_root";
        number = 5;
    }
    SECTION("the first seal left out") {
        payloads.erase(payloads.begin() + 4);
        reason = "seal_gap";
        number = 7;
    }
    SECTION("a seal brought twice") {
        payloads.insert(payloads.begin() + 5, payloads[4]);
        reason = "seal_gap";
        number = 6;
    }
    SECTION("the seal itself altered") {
        replace(payloads[4], R"("to":4)", R"("to":3)");
        reason = "seal_signature";
        number = 5;
    }
    SECTION("a member taken out of the seal") {
        replace(payloads[4], R"("from":1,)", "");
        reason = "seal_unreadable";
        number = 5;
    }
    SECTION("the root in hexadecimal of another length") {
        replace(payloads[4], R"("root":")", R"("root":"00)");
        reason = "seal_unreadable";
        number = 5;
    }
    SECTION("the signature taken away") {
        replace(payloads[4], R"("jws":")", R"("jwz":")");
        reason = "seal_signature";
        number = 5;
    }
    sample::forge(log, payloads);
    const auto verdict = log.verdict();
    CHECK_FALSE(verdict.evidence.valid);
    CHECK(verdict.evidence.reason == reason);
    CHECK(verdict.evidence.number == number);
    CHECK_FALSE(verdict.evidence.text_en.empty());
    CHECK(evidence::row_of(reason).reason == reason);
}

TEST_CASE("a seal is only believed from a key of the gateway that was in use", "[seals][security]") {
    SealedLog log;
    fill(log);
    auto payloads = payloads_of(log);
    Record jwks = log.keys.jwks();
    std::string reason;
    const auto as_it_was = [](Seal&) {};
    SECTION("of a department") {
        payloads[4] = sealed_again(payloads[4], log.keys.land, "land-2026", as_it_was);
        reason = "seal_key";
    }
    SECTION("that nobody knows") {
        payloads[4] = sealed_again(payloads[4], log.keys.land, "other", as_it_was);
        reason = "seal_key_unknown";
    }
    SECTION("under the gateway's name") {
        payloads[4] = sealed_again(payloads[4], log.keys.land, "gateway-2026", as_it_was);
        reason = "seal_signature";
    }
    SECTION("that had been retired") {
        for (Record& jwk : jwks.find("keys")->items_to_edit()) {
            if (jwk.text_of("kid") == "gateway-2026") {
                jwk.put("datong_from", Record::text("2026-03-02"));
            }
        }
        payloads.erase(payloads.begin(), payloads.begin() + 4);
        payloads.erase(payloads.begin() + 1, payloads.end());
        reason = "seal_key_retired";
    }
    sample::forge(log, payloads);
    const auto verdict = log.verdict(jwks);
    CHECK_FALSE(verdict.evidence.valid);
    CHECK(verdict.evidence.reason == reason);
    CHECK_FALSE(verdict.evidence.keyid.empty());
}

TEST_CASE("the gateway's own wrong seals are found too", "[seals][security]") {
    SealedLog log;
    fill(log);
    auto payloads = payloads_of(log);
    const crypto::SigningKey& key = log.keys.gateway;
    std::string reason;
    std::size_t at = 4;
    const auto with = [&](auto change) { payloads[at] = sealed_again(payloads[at], key, "gateway-2026", change); };
    SECTION("over a range that begins late") {
        with([](Seal& seal) { seal.from = 2; });
        reason = "seal_gap";
    }
    SECTION("over itself") {
        with([](Seal& seal) { seal.to = 5; });
        reason = "seal_gap";
    }
    SECTION("over nothing") {
        with([](Seal& seal) { seal.to = 0; });
        reason = "seal_gap";
    }
    SECTION("over records that another seal covers") {
        at = 7;
        with([](Seal& seal) { seal.from = 4; });
        reason = "seal_gap";
    }
    SECTION("that names another one before it") {
        at = 7;
        with([](Seal& seal) { seal.previous = 4; });
        reason = "seal_gap";
    }
    SECTION("of another chain") {
        with([](Seal& seal) { seal.head[0] = static_cast<char>(seal.head[0] ^ 1); });
        reason = "seal_head";
    }
    SECTION("of another tree") {
        with([](Seal& seal) { seal.root[0] = static_cast<char>(seal.root[0] ^ 1); });
        reason = "seal_root";
    }
    sample::forge(log, payloads);
    const auto verdict = log.verdict();
    CHECK_FALSE(verdict.evidence.valid);
    CHECK(verdict.evidence.reason == reason);
    CHECK(verdict.evidence.number == at + 1);
}

TEST_CASE("a text in another record can't pass for its kind", "[seals][security]") {
    CHECK(
        kind_of(R"({"n":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","kind":"seal"})") ==
        "seal");
    CHECK(
        kind_of(
            R"({"n":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","at":"\"kind\":\"seal"})")
            .empty());
    CHECK(kind_of("{}").empty());
    CHECK(kind_of("").empty());
}

TEST_CASE("a log whose seals were all taken away is found, however it was made right", "[seals][security]") {
    SealedLog log;
    log.open();
    const bool signs_time = GENERATE(true, false);
    constexpr int kHours = 8;
    for (int hour = 0; hour < kHours; ++hour) {
        exchange_at(log, "e" + std::to_string(hour), kMorning + hour * kHour, signs_time);
        log.seal();
    }
    log.close();
    REQUIRE(log.verdict().evidence.valid);
    REQUIRE(log.verdict().seals.seals == kHours);
    auto payloads = payloads_of(log);
    const auto take_seals = [&payloads](std::size_t behind) {
        const auto from = payloads.begin() + static_cast<std::ptrdiff_t>(behind);
        payloads.erase(
            std::remove_if(from, payloads.end(), [](const std::string& one) { return kind_of(one) == "seal"; }),
            payloads.end());
    };
    std::uint64_t number = 1;
    std::uint64_t hours = kHours;
    bool is_seen = true;
    SECTION("all of them") {
        take_seals(0);
        replace(payloads[0], R"("purpose":"existing-home-transfer")", R"("purpose":"other")");
    }
    SECTION("all behind the first, which still covers two records") {
        take_seals(3);
        number = 4;
        hours = kHours - 1;
    }
    SECTION("and the records' times put together, where the answers' are signed") {
        take_seals(0);
        is_seen = signs_time;  // what else holds, docs/answer.md says
        hours = signs_time ? kHours : 1;
        for (std::string& one : payloads) {
            if (kind_of(one) == "outcome") {
                const auto at = one.find(R"("at":"2026-03-01T)") + 17;
                one.replace(at, 2, "08");
            }
        }
    }
    sample::forge(log, payloads);
    const auto verdict = log.verdict();
    CHECK(verdict.evidence.valid != is_seen);
    CHECK(verdict.evidence.reason == (is_seen ? "unsealed" : ""));
    CHECK(verdict.evidence.number == (is_seen ? number : 0));
    CHECK(verdict.evidence.text_en.empty() != is_seen);
    CHECK(verdict.seals.unsealed_hours == hours);
    const auto taken = verify_folder(log.folder(), log.keys.jwks(), {.without_seals = true});
    REQUIRE(taken);
    CHECK(taken->evidence.valid);
}

TEST_CASE("an honest log is valid however much of it waits for its seal", "[seals]") {
    SealedLog log;
    log.open();
    std::uint64_t hours = 0;
    SECTION("a gateway that was killed before its hourly seal, and was off for days") {
        for (int minute = 0; minute < 70; minute += 10) {
            exchange_at(log, "a" + std::to_string(minute), kMorning + minute * 60);
        }
        exchange_at(log, "b", kMorning + 90 * 24 * kHour);
        hours = 3;
    }
    SECTION("that was killed before it sealed, at five starts on five days") {
        for (int day = 0; day < 5; ++day) {
            exchange_at(log, "a" + std::to_string(day), kMorning + day * 24 * kHour);
        }
        hours = 5;
    }
    SECTION("whose clock was ten years ahead, and went back") {
        exchange_at(log, "a", kMorning);
        exchange_at(log, "b", kMorning + 87'600 * kHour);
        exchange_at(log, "c", kMorning - 24 * kHour);
        hours = 3;
    }
    SECTION("that seals late: many hours by one seal") {
        for (int hour = 0; hour < 30; ++hour) {
            exchange_at(log, "a" + std::to_string(hour), kMorning + hour * kHour);
        }
        log.seal();
        exchange_at(log, "b", kMorning + 40 * kHour);
        hours = 1;
    }
    SECTION("in which many records of one hour wait") {
        for (int i = 0; i < 100; ++i) {
            exchange_at(log, "a" + std::to_string(i), kMorning + i);
        }
        hours = 1;
    }
    log.close();
    const auto verdict = log.verdict();
    CAPTURE(verdict.evidence.reason, verdict.evidence.number);
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.unsealed_hours == hours);
}

TEST_CASE("as many hours without a seal as may be, and one more", "[seals][security]") {
    SealedLog log;
    log.open();
    const bool is_more = GENERATE(false, true);
    const auto hours = static_cast<std::int64_t>(kMostUnsealedHours) + (is_more ? 1 : 0);
    for (std::int64_t hour = 0; hour < hours; ++hour) {
        exchange_at(log, "e" + std::to_string(hour), kMorning + hour * kHour);
    }
    log.close();
    CHECK(log.verdict().evidence.valid != is_more);
}
