#include "core/evidence/proof.h"
#include "core/evidence/verify.h"
#include "core/signing/jws.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using sample::Bench;
using sample::Keys;
using sample::verdict_on;

TEST_CASE("an exchange copied under another id is not counted twice", "[evidence][security]") {
    const Keys keys;
    Intent intent = sample::intent_of("e1", sample::kBody, keys);
    Outcome outcome = sample::outcome_of(intent, "{}", keys);
    std::vector<record::Record> entries{to_record(intent), to_record(outcome)};
    intent.exchange = "e2";
    outcome.exchange = "e2";
    entries.push_back(to_record(intent));
    entries.push_back(to_record(outcome));
    const Verdict verdict = verdict_on(entries, keys.jwks());
    CHECK_FALSE(verdict.valid);
    CHECK(verdict.reason == "request_twice");
    CHECK(verdict.number == 3);
}

TEST_CASE("a digest that the consumer did not sign by SHA-256 proves no body", "[evidence][security]") {
    const Keys keys;
    const auto field = GENERATE(values<const char*>({"sha-512=:AAAA:", "sha-256=:!:", "sha-256=:AAAA:;a"}));
    CAPTURE(field);
    Intent intent = sample::intent_of("e1", sample::kBody, keys);
    const std::string line = "\"content-digest\": ";
    const auto at = intent.request.base.find(line);
    REQUIRE(at != std::string::npos);
    const auto from = at + line.size();
    intent.request.base.replace(from, intent.request.base.find('\n', from) - from, field);
    intent.request.signature = keys.consumer.sign(keys.consumer.default_algorithm(), intent.request.base).value();
    const Verdict verdict = verdict_on({to_record(intent)}, keys.jwks());
    CHECK_FALSE(verdict.valid);
    CHECK(verdict.reason == "request_digest");
}

TEST_CASE("a second intent of one exchange is not accepted, whether the first is open or not", "[evidence][security]") {
    const Keys keys;
    const Intent intent = sample::intent_of("e1", sample::kBody, keys);
    const auto asked = to_record(intent);
    const auto outcome = to_record(sample::outcome_of(intent, "{}", keys));
    const bool is_open = GENERATE(true, false);
    const Verdict verdict =
        is_open ? verdict_on({asked, asked}, keys.jwks()) : verdict_on({asked, outcome, asked, outcome}, keys.jwks());
    CHECK_FALSE(verdict.valid);
    CHECK(verdict.reason == "intent_twice");
    CHECK(verdict.number == (is_open ? 2 : 3));
    CHECK(verdict.exchange == "e1");
    CHECK_THAT(verdict.text_en, ContainsSubstring("second intent"));
}

namespace {

/// A log of requests signed at times of their own, made at others.
struct SignedLog {
    Keys keys;
    Bench bench;
    std::int64_t now = to_unix_seconds(bench.clock.now());

    SignedLog() { REQUIRE(bench.open()); }
    /// @param at, created  seconds from now.
    void append(const std::string& exchange, std::int64_t at, std::int64_t created) {
        bench.clock.advance(std::chrono::seconds{now + at} - bench.clock.now().time_since_epoch());
        Intent made = sample::intent_of(exchange, "{}", keys);
        made.at = to_rfc3339(bench.clock.now());
        made.request.base += ";created=" + std::to_string(now + created);
        REQUIRE(bench.append(to_record(made)) > 0);
    }
    /// What comes next begins a segment.
    void end_segment() {
        bench.log.reset();
        bench.settings.hash = bench.settings.hash == ChainHash::sm3 ? ChainHash::sha256 : ChainHash::sm3;
        REQUIRE(bench.open());
    }
    [[nodiscard]] std::vector<std::string> found(const SignedSince& wanted, std::string* left = nullptr) {
        bench.log.reset();
        std::vector<std::string> all;
        const auto rest = visit_signed_since(bench.folder.path(), wanted, [&all](const record::Record& entry) {
            all.push_back(entry.text_of("exchange"));
        });
        REQUIRE(rest);
        if (left != nullptr) {
            *left = *rest;
        } else {
            CHECK(rest->empty());
        }
        return all;
    }
};

/// Wanted of a log whose clock is right.
SignedSince since(std::int64_t created) {
    return {.created = created, .ahead = std::chrono::seconds{30}, .enough = created};
}

}  // namespace

TEST_CASE("the records that were signed since a moment are found back to where that time begins", "[evidence]") {
    const Keys keys;
    Bench bench;
    bench.settings.segment_bytes = 1;  // one record each
    REQUIRE(bench.open());
    const auto append = [&](const std::string& exchange, std::int64_t created) {
        Intent made = sample::intent_of(exchange, "{}", keys);
        made.at = to_rfc3339(bench.clock.now());
        made.request.base += ";created=" + std::to_string(created);
        REQUIRE(bench.append(to_record(made)) > 0);
    };
    const std::int64_t now = to_unix_seconds(bench.clock.now());
    append("e0", now + 85);  // so far ahead that it was never accepted: not looked for
    append("e1", now + 20);
    bench.clock.advance(std::chrono::seconds{60});
    append("e2", now + 60);
    append("e3", now + 85);
    bench.clock.advance(std::chrono::seconds{10});
    append("e4", now + 69);
    bench.log.reset();
    REQUIRE(bench.folder.segments().size() == 5);
    std::vector<std::string> found;
    const auto note = [&found](const record::Record& entry) { found.push_back(entry.text_of("exchange")); };
    REQUIRE(visit_signed_since(bench.folder.path(), since(now + 80), note) == std::string{});
    CHECK(found == std::vector<std::string>{"e3"});
}

TEST_CASE("what a fast clock signed is found behind a segment that begins with an older record",
          "[evidence][security]") {
    SignedLog log;
    log.append("fast", 60, 85);
    log.end_segment();
    log.append("late", 0, 0);  // it came before the other, and took long to be read
    log.append("newest", 61, 61);
    CHECK(log.found(since(log.now + 80)) == std::vector<std::string>{"fast"});
}

TEST_CASE("what was signed while the clock was ahead is found, however many segments were begun since",
          "[evidence][security]") {
    SignedLog log;
    log.append("before", 0, 0);
    log.end_segment();
    log.append("ahead", 3'600, 3'600);
    for (int i = 1; i < 9; ++i) {
        log.end_segment();
        log.append("right" + std::to_string(i), i * 400, i * 400);
    }
    CHECK(log.found(since(log.now + 3'100)) == std::vector<std::string>{"right8", "ahead"});
}

TEST_CASE("a clock that is far behind the evidence has two segments more read, and not all of them",
          "[evidence][security]") {
    SignedLog log;
    for (int i = 0; i < 40; ++i) {
        log.append('e' + std::to_string(i), i * 600, i * 600);
        log.end_segment();
    }
    const std::int64_t end = log.now + 39 * 600;
    std::string left;
    const auto found =
        log.found({.created = log.now - 1'000'000, .ahead = std::chrono::seconds{30}, .enough = end - 270}, &left);
    CHECK(found == std::vector<std::string>{"e39", "e38", "e37"});
    // what was left may be as young as the last that was read, and is no younger
    CHECK(left == to_rfc3339(std::chrono::system_clock::time_point{std::chrono::seconds{log.now + 37 * 600}}));
}

TEST_CASE("a retired key proves the records of its own time and no others", "[evidence][security]") {
    struct Row {
        const char* why;
        const char* at;
        const char* to;
        const char* reason;
    };
    const auto row = GENERATE(values<Row>({
        {"within its time", "2026-01-15T09:00:00.000+08:00", "2026-01-31", ""},
        {"on its last day", "2026-01-31T23:59:59.999+08:00", "2026-01-31", ""},
        {"on the day after", "2026-02-01T00:00:00.000+08:00", "2026-01-31", "key_retired"},
        {"before its first day", "2024-12-31T23:59:59.999+08:00", "2026-01-31", "key_retired"},
        {"at no time at all", "", "2026-01-31", "key_retired"},
    }));
    const bool is_request = GENERATE(true, false);
    CAPTURE(row.why, is_request);
    const Keys keys;
    Intent asked = sample::intent_of("e1", sample::kBody, keys);
    Outcome outcome = sample::outcome_of(asked, "{}", keys);
    asked.at = row.at;
    outcome.at = row.at;
    record::Record jwks = keys.jwks();
    for (record::Record& jwk : jwks.find("keys")->items_to_edit()) {
        if (jwk.text_of("kid") == (is_request ? "one-window-2026" : "gateway-2026")) {
            jwk.put("datong_from", record::Record::text("2025-01-01"));
            jwk.put("datong_to", record::Record::text(row.to));
        }
    }
    const Verdict verdict = verdict_on({to_record(asked), to_record(outcome)}, jwks);
    const std::string whose = is_request ? "request_" : "answer_";
    CHECK(verdict.reason == (*row.reason == '\0' ? std::string{} : whose + row.reason));
    CHECK(verdict.keyid == (*row.reason == '\0' ? "" : is_request ? "one-window-2026" : "gateway-2026"));
}

TEST_CASE("a key whose time is no date is refused", "[evidence]") {
    const sample::Folder folder;
    const Keys keys;
    record::Record jwks = keys.jwks();
    jwks.find("keys")->items_to_edit()[0].put("datong_to", record::Record::text("next year"));
    const auto refused = verify_folder(folder.path(), jwks);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail(), ContainsSubstring("datong_to"));
}

TEST_CASE("a department's order stands only by that department's own signature", "[evidence][security]") {
    struct Row {
        const char* why;
        const char* keyid;
        const char* source;  ///< of the record; the payload speaks of land/land-registry
        bool by_land;
        const char* reason;
    };
    const auto row = GENERATE(values<Row>({
        {"by the department", "land-2026", "land/land-registry", true, ""},
        {"by the gateway in the department's name", "land-2026", "land/land-registry", false, "order_signature"},
        {"by the gateway", "gateway-2026", "land/land-registry", false, "order_key"},
        {"by a key that nobody trusts", "land-2099", "land/land-registry", true, "order_key_unknown"},
        {"of another department's source", "land-2026", "tax/tax-front", true, "order_key"},
        {"of another source of the department", "land-2026", "land/other", true, "order_signature"},
    }));
    CAPTURE(row.why);
    const Keys keys;
    const crypto::SigningKey& key = row.by_land ? keys.land : keys.gateway;
    const auto jws = signing::sign_jws(R"({"order":"pause","source":"land/land-registry"})", row.keyid,
                                       "datong-source-order+jws", key.default_algorithm(), key);
    SourceOrdered entry{.at = "2026-03-01T09:00:00.000+08:00", .source = row.source, .order = jws.value()};
    const Verdict verdict = verdict_on({to_record(entry)}, keys.jwks());
    CHECK(verdict.reason == row.reason);
    CHECK(verdict.valid == std::string_view{row.reason}.empty());
    entry.order = "no.jws";
    CHECK(verdict_on({to_record(entry)}, keys.jwks()).reason == "order_signature");
}
