#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "core/evidence/entry.h"
#include "core/evidence/proof.h"
#include "core/evidence/signature_base.h"
#include "core/wsse/envelope.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using crypto::SigningKey;
using record::Record;

namespace {

/// Who signs SOAP in these tests.
struct Party {
    explicit Party(std::string id) : keyid{std::move(id)} {
        x509 = crypto::make_ca(key, keyid, {std::chrono::system_clock::now(), 2}).value();
    }
    std::string keyid;
    SigningKey key = SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    std::string x509;
};

wsse::WrittenEnvelope message(const Party& party, const std::string& text, std::vector<std::string> confirm = {}) {
    const wsse::EnvelopeParts parts{.version = "1.1",
                                    .token_pem = party.x509,
                                    .created = "2026-11-29T06:00:00Z",
                                    .expires = "2026-11-29T06:05:00Z",
                                    .call_id = "call-1",
                                    .exchange = {},
                                    .payload = "<call xmlns=\"urn:datong:service:x:1\">" + text + "</call>",
                                    .confirm = std::move(confirm)};
    return wsse::write_signed_envelope(parts, party.key.default_algorithm(), party.key).value();
}

SignatureSeen seen_of(const Party& party, const wsse::WrittenEnvelope& written) {
    return {.keyid = party.keyid,
            .algorithm = std::string{crypto::name_of(party.key.default_algorithm())},
            .base = written.signed_info,
            .signature = written.signature,
            .form = std::string{kSoapForm},
            .part = std::string{wsse::kOwnBody}};
}

std::string digest_of(const wsse::WrittenEnvelope& written) {
    return to_hex(crypto::sha256(written.body_octets));
}

/// An exchange over SOAP as the gateway records it.
struct Recorded {
    Recorded(const Party& consumer, const Party& gateway, const std::string& id) {
        const auto request = message(consumer, "question of " + id);
        const auto reply = message(gateway, "answer to " + id, {request.signature});
        intent.exchange = outcome.exchange = id;
        intent.at = outcome.at = "2026-11-29T14:00:00.000+08:00";
        intent.consumer = "one-window";
        intent.request_digest = digest_of(request);
        intent.request = seen_of(consumer, request);
        outcome.outcome = "found";
        outcome.status = 200;
        outcome.answer_digest = digest_of(reply);
        outcome.answer = seen_of(gateway, reply);
    }
    Intent intent;
    Outcome outcome;
};

TrustedKeys keys_of(const Party& consumer, const Party& gateway) {
    TrustedKeys keys;
    keys.emplace(consumer.keyid, TrustedKey{.key = consumer.key.verifying_key(), .owner = "consumer:one-window"});
    keys.emplace(gateway.keyid, TrustedKey{.key = gateway.key.verifying_key(), .owner = "gateway"});
    return keys;
}

std::string verdict_of(const TrustedKeys& keys, const Recorded& recorded) {
    Prover prover{keys};
    const std::string first{prover.check(codec::read_json(to_json(recorded.intent)).value())};
    return !first.empty() ? first : std::string{prover.check(codec::read_json(to_json(recorded.outcome)).value())};
}

}  // namespace

TEST_CASE("a record of a SOAP exchange proves question, answer and that they belong together", "[evidence][security]") {
    const Party consumer{"one-window-2026"};
    const Party gateway{"gateway-2026"};
    const TrustedKeys keys = keys_of(consumer, gateway);
    const Recorded good{consumer, gateway, "e-1"};
    const Recorded other{consumer, gateway, "e-2"};
    CHECK(verdict_of(keys, good) == "");

    Recorded spoilt = good;
    spoilt.intent.request_digest = other.intent.request_digest;
    CHECK(verdict_of(keys, spoilt) == "request_digest");
    spoilt = good;
    spoilt.intent.request.signature = other.intent.request.signature;
    CHECK(verdict_of(keys, spoilt) == "request_signature");
    spoilt = good;
    spoilt.intent.request.base.replace(spoilt.intent.request.base.find("#body"), 5, "#bode");
    CHECK(verdict_of(keys, spoilt) == "request_signature");
    spoilt = good;
    spoilt.intent.request.part = "#call";  // a digest of the message's, but not of its Body
    CHECK(verdict_of(keys, spoilt) == "request_digest");
    spoilt.intent.request.part.clear();
    CHECK(verdict_of(keys, spoilt) == "request_digest");
    spoilt = good;
    spoilt.outcome.answer_digest = other.outcome.answer_digest;
    CHECK(verdict_of(keys, spoilt) == "answer_digest");
    spoilt = good;
    spoilt.outcome.answer = other.outcome.answer;
    spoilt.outcome.answer_digest = other.outcome.answer_digest;
    CHECK(verdict_of(keys, spoilt) == "answer_binding");
    spoilt = good;
    spoilt.outcome.answer.form.clear();  // an HTTP message signature names its key, and this is none
    CHECK(verdict_of(keys, spoilt) == "answer_signature");
    spoilt = good;
    spoilt.intent.request = seen_of(gateway, message(gateway, "by the gateway itself"));
    CHECK(verdict_of(keys, spoilt) == "request_key");
}

TEST_CASE("the digests of a SignedInfo are those of SHA-256, and of what is none there are none", "[evidence]") {
    const Party consumer{"one-window-2026"};
    const auto written = message(consumer, "x", {"a signature"});
    CHECK(sha256_of_signed_info(written.signed_info).size() == 4);
    CHECK(signs_digest(written.signed_info, "#body", digest_of(written)));
    CHECK_FALSE(signs_digest(written.signed_info, "#body", ""));
    CHECK_FALSE(signs_digest(written.signed_info, "#body", digest_of(message(consumer, "y"))));
    for (const char* other : {"#time", "#call", "#nobody", ""}) {
        CHECK_FALSE(signs_digest(written.signed_info, other, digest_of(written)));
    }
    std::string twice = written.signed_info;
    twice.replace(twice.find("#time"), 5, "#body");
    CHECK_FALSE(signs_digest(twice, "#body", digest_of(written)));  // which of them is it?
    CHECK(confirms(written.signed_info, "a signature"));
    CHECK_FALSE(confirms(written.signed_info, "another"));
    CHECK_FALSE(confirms(written.signed_info, ""));
    CHECK(sha256_of_signed_info("").empty());
    CHECK(sha256_of_signed_info("<SignedInfo/>").empty());
    std::string sha512 = written.signed_info;
    for (std::size_t at = sha512.find("xmlenc#sha256"); at != std::string::npos; at = sha512.find("xmlenc#sha256")) {
        sha512.replace(at, 13, "xmlenc#sha512");
    }
    CHECK(sha256_of_signed_info(sha512).empty());
}
