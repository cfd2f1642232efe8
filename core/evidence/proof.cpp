#include "core/evidence/proof.h"

#include <array>
#include <optional>
#include <utility>

#include "core/base/fault.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/evidence/signature_base.h"

namespace datong::evidence {
namespace {

using record::Record;

constexpr std::array kReasons{
    ReasonRow{"segment_missing", "records are missing before this segment", "此段之前的存证记录缺失"},
    ReasonRow{"segment_header", "the segment's header is damaged", "存证段文件头已损坏"},
    ReasonRow{"torn", "the file ends inside this record", "文件在该记录中途截断"},
    ReasonRow{"crc", "the record's octets were altered: its checksum does not fit", "记录字节被改动：校验和不符"},
    ReasonRow{"order", "the record does not have the number of its place", "记录编号与其位置不符"},
    ReasonRow{"hash_chain", "the record does not follow from the one before it: one of the two was altered",
              "记录与前一条的哈希链断裂：两者之一被改动"},
    ReasonRow{"unreadable", "the record is no JSON object of this log", "记录不是本存证的 JSON 对象"},
    ReasonRow{"request_key", "the key that signed the request is not among the trusted ones",
              "请求签名所用密钥不受信任"},
    ReasonRow{"request_signature", "the request's signature does not verify", "请求签名验证失败"},
    ReasonRow{"request_digest", "the recorded digest of the request is not the one that was signed",
              "记录的请求摘要与已签名摘要不一致"},
    ReasonRow{"answer_key", "the key that signed the answer is not among the trusted ones", "应答签名所用密钥不受信任"},
    ReasonRow{"answer_signature", "the answer's signature does not verify", "应答签名验证失败"},
    ReasonRow{"answer_digest", "the recorded digest of the answer is not the one that was signed",
              "记录的应答摘要与已签名摘要不一致"},
    ReasonRow{"answer_status", "the recorded status is not the one that was signed", "记录的状态码与已签名的不一致"},
    ReasonRow{"answer_binding", "the signed answer belongs to another request", "已签名的应答属于另一请求"},
    ReasonRow{"outcome_without_intent", "an outcome stands without its intent", "有结果记录而无对应的意向记录"},
};

/// A signature as a record keeps it; nullopt when the record has none of that name.
struct Seen {
    std::string keyid;
    std::string algorithm;
    std::string base;
    std::string signature;
};

std::optional<Seen> read_seen(const Record& entry, std::string_view name) {
    const Record* there = entry.find(name);
    if (there == nullptr) {
        return std::nullopt;
    }
    Seen seen{.keyid = there->text_of("keyid"),
              .algorithm = there->text_of("alg"),
              .base = there->text_of("base"),
              .signature = from_base64(there->text_of("signature")).value_or("")};
    if (there->find("base_base64") != nullptr) {
        seen.base = from_base64(there->text_of("base_base64")).value_or("");
    }
    return seen;
}

enum class Finding { good, bad, unknown_key };

Finding find_out(const Seen& seen, const TrustedKeys& keys) {
    const auto key = keys.find(seen.keyid);
    if (key == keys.end()) {
        return Finding::unknown_key;
    }
    const auto algorithm =
        seen.algorithm.empty() ? key->second.default_algorithm() : crypto::algorithm_by_name(seen.algorithm);
    const bool holds = algorithm && key->second.verify(*algorithm, seen.base, seen.signature);
    return holds ? Finding::good : Finding::bad;
}

/// Whether the digest of the body that was signed is the recorded one. A message without a body signs none.
bool digest_holds(const Seen& seen, const std::string& recorded) {
    const auto line = line_of(seen.base, R"("content-digest")");
    if (!line) {
        // a base of another profile than RFC 9421 has its digests elsewhere
        const bool is_http = line_of(seen.base, R"("@signature-params")").has_value();
        return !is_http || recorded.empty() || recorded == to_hex(crypto::sha256(""));
    }
    const auto digest = sha256_of_content_digest(*line);
    return !digest || recorded == *digest;
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

const ReasonRow& row_of(Reason reason) {
    for (const ReasonRow& row : kReasons) {
        if (row.reason == reason) {
            return row;
        }
    }
    return kReasons.front();
}

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
        if (!trusted.emplace(kid, std::move(*key)).second) {
            return fail(Fault::bad_request, "keys: " + kid + " twice");
        }
    }
    return trusted;
}

Reason Prover::check(const Record& entry) {
    const std::string kind = entry.text_of("kind");
    if (kind == "intent") {
        return check_intent(entry);
    }
    if (kind == "outcome") {
        return check_outcome(entry);
    }
    return kind == "refusal" ? check_refusal(entry) : Reason{};
}

Reason Prover::check_intent(const Record& entry) {
    const std::string digest = entry.text_of("request_digest");
    open_.insert_or_assign(entry.text_of("exchange"), digest);
    const auto seen = read_seen(entry, "request");
    if (!seen) {
        return {};
    }
    switch (find_out(*seen, keys_)) {
        case Finding::unknown_key:
            return "request_key";
        case Finding::bad:
            return "request_signature";
        case Finding::good:
            break;
    }
    ++signatures_;
    return digest_holds(*seen, digest) ? Reason{} : "request_digest";
}

Reason Prover::check_outcome(const Record& entry) {
    const auto intent = open_.find(entry.text_of("exchange"));
    if (intent == open_.end()) {
        return "outcome_without_intent";
    }
    const std::string request_digest = std::move(intent->second);
    open_.erase(intent);
    ++exchanges_;
    return check_answer(entry, request_digest);
}

Reason Prover::check_refusal(const Record& entry) {
    ++refusals_;
    const std::string digest = entry.text_of("request_digest");
    if (const auto seen = read_seen(entry, "request"); seen) {
        const Finding found = find_out(*seen, keys_);
        const bool must_hold = !is_before_verification(entry.text_of("fault")) && found != Finding::unknown_key;
        if (must_hold && found == Finding::bad) {
            return "request_signature";
        }
        if (must_hold && !digest_holds(*seen, digest)) {
            return "request_digest";
        }
        signatures_ += found == Finding::good ? 1U : 0U;
    }
    return check_answer(entry, digest);
}

Reason Prover::check_answer(const Record& entry, const std::string& request_digest) {
    const auto seen = read_seen(entry, "answer");
    if (!seen) {
        return {};
    }
    switch (find_out(*seen, keys_)) {
        case Finding::unknown_key:
            return "answer_key";
        case Finding::bad:
            return "answer_signature";
        case Finding::good:
            break;
    }
    ++signatures_;
    if (!digest_holds(*seen, entry.text_of("answer_digest"))) {
        return "answer_digest";
    }
    const auto status = line_of(seen->base, R"("@status")");
    if (status && entry.find("status") != nullptr && *status != entry.text_of("status")) {
        return "answer_status";
    }
    const auto of_request = line_of(seen->base, R"("content-digest";req)");
    const auto bound = of_request ? sha256_of_content_digest(*of_request) : std::nullopt;
    return bound && *bound != request_digest ? Reason{"answer_binding"} : Reason{};
}

void Prover::count_into(Verdict& verdict) const {
    verdict.exchanges = exchanges_;
    verdict.refusals = refusals_;
    verdict.open = open_.size();
    verdict.signatures = signatures_;
}

}  // namespace datong::evidence
