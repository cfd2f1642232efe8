#include "core/evidence/verify.h"

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/evidence/proof.h"
#include "core/evidence/signature_base.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using sample::Bench;
using sample::Keys;
using sample::verdict_on;

TEST_CASE("a log of signed exchanges verifies with nothing but files and public keys", "[evidence]") {
    const Keys keys;
    Bench bench;
    sample::fill(bench, keys);
    const auto verdict = verify_folder(bench.folder.path(), keys.jwks());
    REQUIRE(verdict);
    CAPTURE(verdict->reason, verdict->number);
    CHECK(verdict->valid);
    CHECK(verdict->records == 6);
    CHECK(verdict->exchanges == 2);
    CHECK(verdict->refusals == 1);
    CHECK(verdict->open == 1);
    CHECK(verdict->open_exchanges == std::vector<std::string>{"e4"});
    CHECK(verdict->signatures == 7);
    CHECK(verdict->file.empty());
    CHECK(verdict->reason.empty());
    CHECK(verdict->last_hash == to_hex(crypto::sha256(sample::payloads(bench.folder.file(1)).back())));
}

TEST_CASE("a log that is being written verifies", "[evidence]") {
    const Keys keys;
    Bench bench;
    sample::fill(bench, keys);
    REQUIRE(bench.open());
    const auto verdict = verify_folder(bench.folder.path(), keys.jwks());
    REQUIRE(verdict);
    CHECK(verdict->valid);
    SECTION("even while a record stands half in the file") {
        const std::string whole = sample::read_file(bench.folder.file(1));
        sample::write_file(bench.folder.file(1), whole.substr(0, whole.size() - 3));
        const auto again = verify_folder(bench.folder.path(), keys.jwks());
        REQUIRE(again);
        CHECK(again->valid);
        CHECK(again->records == 5);
    }
}

TEST_CASE("a folder without a record proves nothing", "[evidence][security]") {
    const Keys keys;
    Bench bench;
    SECTION("an empty or wrong one") {
        sample::write_file(bench.folder.path() + "/other.txt", "x");
    }
    SECTION("one with the header of a segment only") {
        REQUIRE(bench.open());
        bench.log.reset();
    }
    SECTION("one that a log has just begun") {
        REQUIRE(bench.open());
    }
    const auto verdict = verify_folder(bench.folder.path(), keys.jwks());
    REQUIRE(verdict);
    CHECK_FALSE(verdict->valid);
    CHECK(verdict->records == 0);
    CHECK(verdict->reason == "no_evidence");
    CHECK_FALSE(verify_folder(bench.folder.path() + "/none", keys.jwks()));
}

TEST_CASE("the first five exchanges without an outcome are named", "[evidence]") {
    const Keys keys;
    std::vector<record::Record> entries;
    for (const char* exchange : {"e7", "e3", "e5", "e1", "e6", "e2", "e4"}) {
        entries.push_back(to_record(sample::intent_of(exchange, "{}", keys)));
    }
    const Verdict verdict = verdict_on(entries, keys.jwks());
    CHECK(verdict.valid);
    CHECK(verdict.open == 7);
    CHECK(verdict.open_exchanges == std::vector<std::string>{"e1", "e2", "e3", "e4", "e5"});
}

TEST_CASE("keys that are no JWKS are refused", "[evidence]") {
    const sample::Folder folder;
    const Keys keys;
    CHECK_FALSE(verify_folder(folder.path(), record::Record::object()));
    record::Record without_kid = keys.jwks();
    without_kid.find("keys")->items_to_edit()[0].put("kid", record::Record::text(""));
    CHECK_FALSE(verify_folder(folder.path(), without_kid));
    record::Record twice = keys.jwks();
    twice.find("keys")->items_to_edit()[0].put("kid", record::Record::text("gateway-2026"));
    CHECK_FALSE(verify_folder(folder.path(), twice));
    record::Record broken = keys.jwks();
    broken.find("keys")->items_to_edit()[1].put("x", record::Record::text("AA"));
    const auto refused = verify_folder(folder.path(), broken);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail(), ContainsSubstring("gateway-2026"));
}

TEST_CASE("keys that nobody owns are refused: any of them could have signed anything", "[evidence][security]") {
    const sample::Folder folder;
    const Keys keys;
    record::Record without_owner = keys.jwks();
    without_owner.find("keys")->items_to_edit()[1].put("datong_owner", record::Record::text(""));
    const auto refused = verify_folder(folder.path(), without_owner);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail(), ContainsSubstring("gateway-2026") && ContainsSubstring("datong_owner"));
}

TEST_CASE("what an intent says is held against what was signed", "[evidence][security]") {
    const Keys keys;
    const Keys others;
    Intent altered = sample::intent_of("e1", sample::kBody, keys);
    std::string reason;
    SECTION("digest") {
        altered.request_digest[0] = altered.request_digest[0] == '0' ? '1' : '0';
        reason = "request_digest";
    }
    SECTION("digest left out") {
        altered.request_digest.clear();
        reason = "request_digest";
    }
    SECTION("base") {
        altered.request.base[3] = 'M';
        reason = "request_signature";
    }
    SECTION("signature") {
        altered.request.signature[5] = static_cast<char>(altered.request.signature[5] ^ 1);
        reason = "request_signature";
    }
    SECTION("signed by a key of the same name that nobody trusts") {
        altered.request = sample::intent_of("e1", sample::kBody, others).request;
        reason = "request_signature";
    }
    SECTION("another algorithm than the key's") {
        altered.request.algorithm = "hmac-sha256";
        reason = "request_signature";
    }
    SECTION("an algorithm that nobody knows") {
        altered.request.algorithm = "none";
        reason = "request_signature";
    }
    SECTION("a key that nobody knows") {
        altered.request.keyid = "other";
        reason = "request_key_unknown";
    }
    SECTION("no signature") {
        altered.request = {};
        reason = "request_signature";
    }
    SECTION("signed by another consumer") {
        altered.request = sample::request_signed(keys.portal, "portal-2026", R"({"exchange":"e1"})");
        reason = "request_key";
    }
    SECTION("signed by the gateway") {
        altered.request = sample::request_signed(keys.gateway, "gateway-2026", R"({"exchange":"e1"})");
        reason = "request_key";
    }
    SECTION("another consumer named") {
        altered.consumer = "portal";
        reason = "request_key";
    }
    SECTION("no consumer named") {
        altered.consumer.clear();
        reason = "request_key";
    }
    SECTION("the signed parameters name another key") {
        altered.request = sample::request_signed(keys.consumer, "portal-2026", R"({"exchange":"e1"})");
        altered.request.keyid = "one-window-2026";
        reason = "request_signature";
    }
    SECTION("a signature over what is no request") {
        altered.request.base = "one-window-2026";
        altered.request.signature =
            keys.consumer.sign(crypto::Algorithm::ecdsa_p256_sha256, altered.request.base).value();
        reason = "request_signature";
    }
    const Verdict verdict = verdict_on({sample::note(1), to_record(altered)}, keys.jwks());
    CHECK(verdict.keyid == (reason == "request_digest" ? "" : altered.request.keyid));
    CHECK_FALSE(verdict.valid);
    CHECK(verdict.reason == reason);
    CHECK(verdict.number == 2);
    CHECK(verdict.records == 1);
    CHECK(verdict.exchange == "e1");
    CHECK(verdict.file == "000000000001.dlog");
    CHECK_FALSE(verdict.text_en.empty());
    CHECK_FALSE(verdict.text_zh.empty());
}

TEST_CASE("what an outcome says is held against what was signed", "[evidence][security]") {
    const Keys keys;
    const Intent asked = sample::intent_of("e1", sample::kBody, keys);
    Outcome altered = sample::outcome_of(asked, R"({"outcome":"found"})", keys);
    std::string reason;
    SECTION("digest") {
        altered.answer_digest = to_hex(crypto::sha256("{}"));
        reason = "answer_digest";
    }
    SECTION("status") {
        altered.status = 404;
        reason = "answer_status";
    }
    SECTION("an answer to another request") {
        altered.answer = sample::outcome_of(sample::intent_of("e2", "{}", keys), R"({"outcome":"found"})", keys).answer;
        reason = "answer_binding";
    }
    SECTION("an answer to the same body, asked another time") {
        altered.answer =
            sample::outcome_of(sample::intent_of("e1", sample::kBody, keys), R"({"outcome":"found"})", keys).answer;
        reason = "answer_binding";
    }
    SECTION("a closing in place of an answer") {
        const auto closing = close_exchange("e1", asked.request_digest, {}, "gateway-2026", keys.gateway);
        altered.answer = closing.value().closed;
        altered.answer_digest.clear();
        reason = "answer_status";
    }
    SECTION("signed by the consumer") {
        altered.answer = sample::answer_signed(keys.consumer, "one-window-2026", R"({"outcome":"found"})", asked);
        reason = "answer_key";
    }
    SECTION("signed by a department") {
        altered.answer = sample::answer_signed(keys.land, "land-2026", R"({"outcome":"found"})", asked);
        reason = "answer_key";
    }
    SECTION("signed by the consumer in the gateway's name") {
        altered.answer = sample::answer_signed(keys.consumer, "gateway-2026", R"({"outcome":"found"})", asked);
        reason = "answer_signature";
    }
    SECTION("the signed parameters name another key") {
        altered.answer = sample::answer_signed(keys.gateway, "land-2026", R"({"outcome":"found"})", asked);
        altered.answer.keyid = "gateway-2026";
        reason = "answer_signature";
    }
    SECTION("no signature") {
        altered.answer = {};
        reason = "answer_signature";
    }
    SECTION("a key that nobody knows") {
        altered.answer.keyid = "other";
        reason = "answer_key_unknown";
    }
    SECTION("of no exchange") {
        altered.exchange = "e9";
        reason = "outcome_without_intent";
    }
    const Verdict verdict = verdict_on({to_record(asked), to_record(altered)}, keys.jwks());
    CHECK_FALSE(verdict.valid);
    CHECK(verdict.reason == reason);
    CHECK(verdict.number == 2);
}

TEST_CASE("a second outcome of one exchange is not accepted", "[evidence][security]") {
    const Keys keys;
    const Intent asked = sample::intent_of("e1", sample::kBody, keys);
    const auto outcome = to_record(sample::outcome_of(asked, "{}", keys));
    const Verdict verdict = verdict_on({to_record(asked), outcome, outcome}, keys.jwks());
    CHECK_FALSE(verdict.valid);
    CHECK(verdict.reason == "outcome_without_intent");
    CHECK(verdict.number == 3);
}

TEST_CASE("a stranger's refused request need not verify, the answer to it must", "[evidence][security]") {
    const Keys keys;
    Refusal refusal = sample::refusal_of("e1", "signature_invalid", keys);
    refusal.consumer.clear();
    bool valid = true;
    SECTION("an unknown key") {
        refusal.request.keyid = "stranger";
    }
    SECTION("no signature, neither of theirs nor of ours") {
        refusal.request = {};
        refusal.answer = {};
    }
    SECTION("a signature that does not verify") {
        refusal.request.signature[0] ^= 1;
        refusal.answer = {};  // as strangers are answered
    }
    SECTION("a digest that is not the signed one") {
        refusal.request_digest = to_hex(crypto::sha256("other"));
        refusal.answer = {};
    }
    SECTION("an altered answer") {
        refusal.answer_digest = to_hex(crypto::sha256("other"));
        valid = false;
    }
    SECTION("an answer signed by a consumer") {
        refusal.answer.keyid = "one-window-2026";
        valid = false;
    }
    SECTION("a refusal that only a known consumer can get") {
        refusal.fault = "not_permitted";
        valid = false;
    }
    const Verdict verdict = verdict_on({to_record(refusal)}, keys.jwks());
    CHECK(verdict.valid == valid);
    CHECK(verdict.refusals == 1);
}

TEST_CASE("a known consumer's refusal has their signature and ours", "[evidence][security]") {
    const Keys keys;
    const std::string fault = GENERATE(as<std::string>{}, "not_permitted", "bad_request");
    Refusal refusal = sample::refusal_of("e1", fault, keys);
    CHECK(verdict_on({to_record(refusal)}, keys.jwks()).valid);
    std::string reason;
    SECTION("not signed by them") {
        refusal.request = {};
        reason = "request_signature";
    }
    SECTION("a signature that does not verify") {
        refusal.request.signature[0] ^= 1;
        reason = "request_signature";
    }
    SECTION("a key that nobody knows") {
        refusal.request.keyid = "stranger";
        reason = "request_key_unknown";
    }
    SECTION("another consumer's key") {
        refusal.consumer = "portal";
        reason = "request_key";
    }
    SECTION("another digest") {
        refusal.request_digest = to_hex(crypto::sha256("other"));
        reason = "request_digest";
    }
    SECTION("not signed by us") {
        refusal.answer = {};
        reason = "answer_signature";
    }
    const Verdict verdict = verdict_on({to_record(refusal)}, keys.jwks());
    CHECK_FALSE(verdict.valid);
    CHECK(verdict.reason == reason);
}

TEST_CASE("the key that a signature base names is read from its parameters only", "[evidence][security]") {
    const std::string begin = "\"@method\": POST\n\"@signature-params\": ";
    CHECK(keyid_of(begin + R"(("@method");created=1;keyid="a";tag="datong")") == "a");
    CHECK(keyid_of(begin + R"(("@method");nonce="x;keyid=\"b\"";keyid="a \"c\"")") == "a \"c\"");
    CHECK(keyid_of(begin + R"(("@method";keyid="b");tag=";keyid=")") == std::nullopt);
    CHECK(keyid_of(begin + R"(("@method");tag="x)") == std::nullopt);
    CHECK(keyid_of(begin + R"(("@method");keyid=a)") == std::nullopt);
    CHECK(keyid_of(begin + R"(("@method");keyid="a")" + "\n\"x\": y") == std::nullopt);
    CHECK(keyid_of("") == std::nullopt);
}

TEST_CASE("a request without a body has no digest to hold against", "[evidence]") {
    const Keys keys;
    Intent asked = sample::intent_of("e1", sample::kBody, keys);
    asked.request.base = "\"@method\": GET\n\"@signature-params\": (\"@method\");keyid=\"one-window-2026\"";
    asked.request.signature = keys.consumer.sign(crypto::Algorithm::ecdsa_p256_sha256, asked.request.base).value();
    asked.request_digest = GENERATE(std::string{}, to_hex(crypto::sha256("")));
    CHECK(verdict_on({to_record(asked)}, keys.jwks()).valid);
    asked.request_digest = to_hex(crypto::sha256("a body that nobody signed"));
    CHECK(verdict_on({to_record(asked)}, keys.jwks()).reason == "request_digest");
}

TEST_CASE("every reason has a text in two languages", "[evidence]") {
    for (const char* reason : {"segment_missing",
                               "segment_header",
                               "torn",
                               "crc",
                               "order",
                               "hash_chain",
                               "unreadable",
                               "request_key",
                               "request_signature",
                               "request_digest",
                               "answer_key",
                               "answer_signature",
                               "answer_digest",
                               "answer_status",
                               "answer_binding",
                               "outcome_without_intent",
                               "request_key_unknown",
                               "answer_key_unknown",
                               "no_evidence",
                               "head_missing",
                               "head_differs"}) {
        CAPTURE(reason);
        CHECK(row_of(reason).reason == reason);
        CHECK_FALSE(row_of(reason).text_en.empty());
        CHECK(is_utf8(row_of(reason).text_zh));
    }
}
