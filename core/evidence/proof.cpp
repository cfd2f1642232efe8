#include "core/evidence/proof.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/fault.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/evidence/signature_base.h"
#include "core/record/date.h"

namespace datong::evidence {
namespace {

using record::Record;

constexpr std::size_t kOpenShown = 5;

constexpr SignatureReasons kOfRequest{.unknown_key = "request_key_unknown",
                                      .others_key = "request_key",
                                      .retired_key = "request_key_retired",
                                      .no_proof = "request_signature"};
constexpr SignatureReasons kOfAnswer{.unknown_key = "answer_key_unknown",
                                     .others_key = "answer_key",
                                     .retired_key = "answer_key_retired",
                                     .no_proof = "answer_signature"};

}  // namespace

struct Seen {
    std::string keyid;
    std::string algorithm;
    std::string base;
    std::string signature;
    std::string form;
    std::string part;

    [[nodiscard]] bool is_soap() const { return form == kSoapForm; }
};

namespace {

/// nullopt when the record has none of that name.
std::optional<Seen> read_seen(const Record& entry, std::string_view name) {
    const Record* there = entry.find(name);
    if (there == nullptr) {
        return std::nullopt;
    }
    Seen seen{.keyid = there->text_of("keyid"),
              .algorithm = there->text_of("alg"),
              .base = there->text_of("base"),
              .signature = from_base64(there->text_of("signature")).value_or(""),
              .form = there->text_of("form"),
              .part = there->text_of("part")};
    if (there->find("base_base64") != nullptr) {
        seen.base = from_base64(there->text_of("base_base64")).value_or("");
    }
    return seen;
}

/// Whether the signature verifies and its own parameters, where its form has any, name the key that the record names.
bool holds(const Seen& seen, const crypto::VerifyingKey& key) {
    const auto algorithm = seen.algorithm.empty() ? key.default_algorithm() : crypto::algorithm_by_name(seen.algorithm);
    return (seen.is_soap() || keyid_of(seen.base) == seen.keyid) && algorithm &&
           key.verify(*algorithm, seen.base, seen.signature);
}

/// What an exchange is remembered by: its id may be any text in altered evidence, and there are many.
std::array<char, 16> short_id(const std::string& exchange) {
    const std::string digest = crypto::sha256(exchange);
    std::array<char, 16> first{};
    std::copy_n(digest.begin(), first.size(), first.begin());
    return first;
}

/// Whether the digest of the body that was signed is the recorded one. A message without a body signs none.
bool digest_holds(const Seen& seen, const std::string& recorded) {
    if (seen.is_soap()) {
        return signs_digest(seen.base, seen.part, recorded);
    }
    const auto line = line_of(seen.base, R"("content-digest")");
    if (!line) {
        return recorded.empty() || recorded == to_hex(crypto::sha256(""));
    }
    return sha256_of_content_digest(*line) == recorded;
}

/// The status that a record says was answered; a refusal's is its fault's.
std::string status_of(const Record& entry) {
    const auto fault = fault_by_code(entry.text_of("fault"));
    return entry.find("status") == nullptr && fault ? std::to_string(datong::row_of(*fault).status)
                                                    : entry.text_of("status");
}

/// Whether an answer's signature covers that of the request, so that it can't be shown for another one, and not
/// even for the same body asked again.
bool is_bound(const Seen& answer, const Asked& asked) {
    if (!asked.attested.empty()) {
        return answers_attested(answer.base, asked.attested);
    }
    if (answer.is_soap()) {
        return confirms(answer.base, asked.signature);
    }
    const auto of_request = line_of(answer.base, R"("content-digest";req)");
    const auto covered = line_beginning(answer.base, R"("signature";req)");
    return covered == ':' + to_base64(asked.signature) + ':' &&
           (!of_request || sha256_of_content_digest(*of_request) == asked.digest);
}

Asked asked_by(const Record& entry) {
    const auto seen = read_seen(entry, "request");
    return {.digest = entry.text_of("request_digest"),
            .signature = seen ? seen->signature : std::string{},
            .attested = seen && seen->form == "mac" ? seen->base : std::string{}};
}

/// A refusal of these kinds may come before the request's signature was found good, or because it was not.
bool is_before_verification(const std::string& code) {
    const auto fault = fault_by_code(code);
    if (!fault) {
        return true;
    }
    switch (*fault) {
        case Fault::bad_request:
        case Fault::not_signed:
        case Fault::signature_invalid:
        case Fault::signature_stale:
        case Fault::wrong_certificate:  // what came over another's connection is kept in nobody's name
        case Fault::replayed:
        case Fault::no_such_resource:
        case Fault::method_not_allowed:
        case Fault::request_timeout:
        case Fault::body_too_large:
        case Fault::unsupported_media:
        case Fault::header_too_large:
        case Fault::evidence_unavailable:
        case Fault::unavailable:
        case Fault::internal:
            return true;
        default:
            return false;
    }
}

}  // namespace

Result<TrustedKeys> read_keys(const Record& keys) {
    const Record* list = keys.find("keys");
    if (list == nullptr || !list->is_list()) {
        return fail(Fault::bad_request, "keys: no JWKS");
    }
    TrustedKeys trusted;
    for (const Record& jwk : list->items()) {
        const std::string kid = jwk.text_of("kid");
        auto key = crypto::VerifyingKey::from_jwk(jwk);
        if (kid.empty()) {
            return fail(Fault::bad_request, "keys: a key without kid");
        }
        if (!key) {
            return fail(std::move(key.error()).within("keys: " + kid));
        }
        const std::string owner = jwk.text_of("datong_owner");
        if (owner.empty()) {
            return fail(Fault::bad_request,
                        "keys: " + kid +
                            " has no datong_owner, so nothing says whom it may speak for; `datong keys` "
                            "prints a JWKS with owners");
        }
        const std::string from = jwk.text_of("datong_from");
        const std::string to = jwk.text_of("datong_to");
        for (const std::string& day : {from, to}) {
            if (!day.empty() && !record::parse_iso_date(day)) {
                return fail(Fault::bad_request, "keys: " + kid + ": datong_from and datong_to are dates");
            }
        }
        if (!trusted.emplace(kid, TrustedKey{.key = std::move(*key), .owner = owner, .from = from, .to = to}).second) {
            return fail(Fault::bad_request, "keys: " + kid + " twice");
        }
    }
    return trusted;
}

bool is_in_time(const TrustedKey& key, const std::string& at) {
    // records write their time at +08:00, so its date is their first ten characters; what has no time is in none
    const std::string day = at.substr(0, 10);
    if (key.from.empty() && key.to.empty()) {
        return true;
    }
    return record::parse_iso_date(day) && day >= key.from && (key.to.empty() || day <= key.to);
}

bool is_late(const TrustedKey& key, const std::string& at) {
    const std::string day = at.substr(0, 10);
    return !key.to.empty() && record::parse_iso_date(day) && day > key.to;
}

Reason Prover::check(const Record& entry) {
    keyid_.clear();
    signed_ = {};
    late_.reset();
    const std::string kind = entry.text_of("kind");
    if (kind == "intent") {
        return check_intent(entry);
    }
    if (kind == "outcome") {
        return check_outcome(entry);
    }
    if (kind == "source_order") {
        return check_order(entry);
    }
    if (kind == "erasure" || kind == "administration" || kind == "archival" || kind == "follow_up" ||
        kind == "consent") {
        return check_statement(entry);
    }
    if (kind == "closing") {
        return check_closing(entry);
    }
    return kind == "refusal" ? check_refusal(entry) : Reason{};
}

Reason Prover::check_intent(const Record& entry) {
    const std::string exchange = entry.text_of("exchange");
    if (!intents_.insert(short_id(exchange)).second) {
        return "intent_twice";
    }
    const Asked asked = asked_by(entry);
    // a signature holds a nonce or a moment of its own: copied under another id, one exchange would count twice
    if (!asked.signature.empty() && !intents_.insert(short_id("request " + asked.signature)).second) {
        return "request_twice";
    }
    open_.emplace(exchange, asked);
    return check_request(entry);
}

Reason Prover::check_outcome(const Record& entry) {
    const auto intent = open_.find(entry.text_of("exchange"));
    if (intent == open_.end()) {
        return "outcome_without_intent";
    }
    const Asked asked = std::move(intent->second);
    open_.erase(intent);
    ++exchanges_;
    return check_answer(entry, asked);
}

/// An exchange that a crash left open: the gateway says so, and of this exchange.
Reason Prover::check_closing(const Record& entry) {
    const auto intent = open_.find(entry.text_of("exchange"));
    if (intent == open_.end()) {
        return "outcome_without_intent";
    }
    const std::string request_digest = std::move(intent->second.digest);
    open_.erase(intent);
    ++closed_;
    const auto seen = read_seen(entry, "closed");
    if (!seen) {
        return kOfAnswer.no_proof;
    }
    if (const Reason reason = check_signature(*seen, "gateway", entry, kOfAnswer); !reason.empty()) {
        return reason;
    }
    signed_.is_answered = true;
    const auto exchange = line_of(seen->base, R"("exchange")");
    const auto digest = line_of(seen->base, R"("request-digest")");
    const auto outcome = line_of(seen->base, R"("outcome")");
    const bool is_of_it = exchange == entry.text_of("exchange") && digest == request_digest &&
                          outcome == entry.text_of("outcome") && entry.text_of("request_digest") == request_digest;
    return is_of_it ? Reason{} : "answer_binding";
}

Reason Prover::check_refusal(const Record& entry) {
    ++refusals_;
    const bool is_known = !entry.text_of("consumer").empty();
    if (is_known || !is_before_verification(entry.text_of("fault"))) {
        if (const Reason reason = check_request(entry); !reason.empty()) {
            return reason;
        }
    }
    if (!is_known && entry.find("answer") == nullptr) {
        return {};  // strangers are answered without a signature
    }
    return check_answer(entry, asked_by(entry));
}

Reason Prover::check_signature(const Seen& seen, std::string_view owner, const Record& entry,
                               const SignatureReasons& reasons) {
    const auto key = keys_.find(seen.keyid);
    Reason reason;
    if (key == keys_.end()) {
        reason = reasons.unknown_key;
    } else if (key->second.owner != owner) {
        reason = reasons.others_key;
    } else if (!holds(seen, key->second.key)) {
        reason = reasons.no_proof;
    } else {
        reason = check_time(key->second, seen.keyid, entry.text_of("at"), reasons.retired_key);
    }
    if (!reason.empty()) {
        keyid_ = seen.keyid;
        return reason;
    }
    ++signatures_;
    return {};
}

/// Of a signature that is good.
Reason Prover::check_time(const TrustedKey& key, const std::string& keyid, const std::string& at, Reason retired) {
    if (is_in_time(key, at)) {
        return {};
    }
    if (!allows_late_ || !is_late(key, at)) {
        return retired;
    }
    if (!late_ || key.to < late_->last_day) {
        late_ = Late{.reason = retired, .keyid = keyid, .last_day = key.to};
    }
    return {};
}

/// That the consumer whom the record names asked for this: without their signature it proves nothing.
Reason Prover::check_request(const Record& entry) {
    const auto seen = read_seen(entry, "request");
    if (!seen) {
        return kOfRequest.no_proof;
    }
    const std::string consumer = entry.text_of("consumer");
    const bool is_attested = seen->form == "mac";
    const std::string owner = is_attested ? "gateway" : "consumer:" + consumer;
    if (const Reason reason = check_signature(*seen, owner, entry, kOfRequest); !reason.empty()) {
        return reason;
    }
    (is_attested ? signed_.is_attested : signed_.is_asked) = true;
    if (is_attested) {
        ++attested_;
        return attests(seen->base, consumer, entry.text_of("request_digest")) ? Reason{} : "request_digest";
    }
    return digest_holds(*seen, entry.text_of("request_digest")) ? Reason{} : "request_digest";
}

Reason Prover::check_answer(const Record& entry, const Asked& asked) {
    const auto seen = read_seen(entry, "answer");
    if (!seen) {
        return kOfAnswer.no_proof;
    }
    if (const Reason reason = check_signature(*seen, "gateway", entry, kOfAnswer); !reason.empty()) {
        return reason;
    }
    signed_.is_answered = true;
    if (!digest_holds(*seen, entry.text_of("answer_digest"))) {
        return "answer_digest";
    }
    if (!seen->is_soap() && line_of(seen->base, R"("@status")") != status_of(entry)) {
        return "answer_status";
    }
    return is_bound(*seen, asked) ? Reason{} : "answer_binding";
}

void Prover::count_into(Verdict& verdict) const {
    verdict.exchanges = exchanges_;
    verdict.refusals = refusals_;
    verdict.closed = closed_;
    verdict.open = open_.size();
    std::vector<std::string> exchanges;
    exchanges.reserve(open_.size());
    for (const auto& [exchange, digest] : open_) {
        exchanges.push_back(exchange);
    }
    const std::size_t shown = std::min(exchanges.size(), kOpenShown);
    // ids begin with their time
    std::partial_sort(exchanges.begin(), exchanges.begin() + static_cast<std::ptrdiff_t>(shown), exchanges.end());
    exchanges.resize(shown);
    verdict.open_exchanges = std::move(exchanges);
    verdict.signatures = signatures_;
    verdict.attested = attested_;
}

}  // namespace datong::evidence
