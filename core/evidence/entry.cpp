#include "core/evidence/entry.h"

#include <utility>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/signing/jws.h"

namespace datong::evidence {
namespace {

/// One entry while it is written: members that are empty are left out.
class Entry {
public:
    explicit Entry(std::string_view kind) {
        out_.reserve(kUsual);
        json_.open_object().member("kind", kind);
    }
    Entry& text(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            json_.member(name, value);
        }
        return *this;
    }
    Entry& number(std::string_view name, long long value) {
        json_.member(name, value);
        return *this;
    }
    Entry& list(std::string_view name, const std::vector<std::string>& values) {
        if (values.empty()) {
            return *this;
        }
        json_.name(name).open_list();
        for (const std::string& value : values) {
            json_.text(value);
        }
        json_.close_list();
        return *this;
    }
    Entry& signature(std::string_view name, const SignatureSeen& seen) {
        if (seen.empty()) {
            return *this;
        }
        json_.name(name).open_object();
        text("keyid", seen.keyid).text("alg", seen.algorithm);
        if (!seen.form.empty()) {
            text("form", seen.form);
        }
        text("part", seen.part);
        if (is_utf8(seen.base)) {
            text("base", seen.base);
        } else {  // JSON has no other way for such octets
            text("base_base64", to_base64(seen.base));
        }
        text("signature", to_base64(seen.signature));
        json_.close_object();
        return *this;
    }
    Entry& materials(const std::vector<MaterialAnswered>& all) {
        if (all.empty()) {
            return *this;
        }
        json_.name("materials").open_list();
        for (const MaterialAnswered& one : all) {
            json_.open_object();
            text("material", one.material).text("service", one.service).text("source", one.source);
            text("outcome", one.outcome).list("fields", one.fields).list("files", one.files);
            json_.close_object();
        }
        json_.close_list();
        return *this;
    }
    Entry& record(std::string_view name, const record::Record& value) {
        json_.member(name, value);
        return *this;
    }
    [[nodiscard]] std::string done() {
        json_.close_object();
        return std::move(out_);
    }

private:
    static constexpr std::size_t kUsual = 2048;
    std::string out_;
    codec::JsonWriter json_{out_};
};

/// A statement of the gateway's.
Status sign(const std::string& payload, std::string_view type, const std::string& keyid, const crypto::SigningKey& key,
            std::string& statement) {
    auto jws = signing::sign_jws(payload, keyid, type, key.default_algorithm(), key);
    if (!jws) {
        return fail(std::move(jws.error()));
    }
    statement = std::move(*jws);
    return {};
}

}  // namespace

std::string to_json(const Intent& entry) {
    return Entry{"intent"}
        .text("exchange", entry.exchange)
        .text("at", entry.at)
        .text("consumer", entry.consumer)
        .text("service", entry.service)
        .list("mappings", entry.mappings)
        .text("matter", entry.matter)
        .text("case_number", entry.case_number)
        .text("material", entry.material)
        .text("purpose", entry.purpose)
        .text("legal_basis", entry.legal_basis)
        .text("grant", entry.grant)
        .text("operator_account", entry.operator_account)
        .text("operator_division", entry.operator_division)
        .list("persons", entry.persons)
        .text("request_digest", entry.request_digest)
        .signature("request", entry.request)
        .text("snapshot", entry.snapshot)
        .text("idempotency_key", entry.idempotency_key)
        .text("of", entry.of)
        .text("consent", entry.consent)
        .text("consent_digest", entry.consent_digest)
        .done();
}

std::string to_json(const Outcome& entry) {
    Entry made{"outcome"};
    made.text("exchange", entry.exchange)
        .text("at", entry.at)
        .text("outcome", entry.outcome)
        .number("status", entry.status)
        .list("reply_digests", entry.reply_digests)
        .list("certificate_digests", entry.certificate_digests)
        .materials(entry.materials)
        .text("answer_digest", entry.answer_digest)
        .signature("answer", entry.answer)
        .text("consent", entry.consent);
    if (entry.consent_use != 0) {
        made.number("consent_use", entry.consent_use);
    }
    return made.done();
}

std::string to_json(const Refusal& entry) {
    return Entry{"refusal"}
        .text("exchange", entry.exchange)
        .text("at", entry.at)
        .text("consumer", entry.consumer)
        .text("service", entry.service)
        .text("fault", entry.fault)
        .text("detail", entry.detail)
        .text("request_digest", entry.request_digest)
        .signature("request", entry.request)
        .text("answer_digest", entry.answer_digest)
        .signature("answer", entry.answer)
        .done();
}

std::string to_json(const RefusalsCounted& entry) {
    return Entry{"refusals_counted"}
        .text("at", entry.at)
        .text("fault", entry.fault)
        .number("count", static_cast<long long>(entry.count))
        .done();
}

std::string to_json(const SnapshotInForce& entry) {
    return Entry{"snapshot"}.text("at", entry.at).text("digest", entry.digest).record("keys", entry.keys).done();
}

std::string to_json(const SourceOrdered& entry) {
    return Entry{"source_order"}.text("at", entry.at).text("source", entry.source).text("order", entry.order).done();
}

std::string to_json(const Closing& entry) {
    return Entry{"closing"}
        .text("exchange", entry.exchange)
        .text("at", entry.at)
        .text("outcome", "unknown")
        .text("request_digest", entry.request_digest)
        .signature("closed", entry.closed)
        .done();
}

std::string to_json(const ConsentEvent& entry) {
    return Entry{"consent"}.text("at", entry.at).text("statement", entry.statement).done();
}

Status sign_consent_event(ConsentEvent& event, const std::string& keyid, const crypto::SigningKey& key) {
    const std::string payload = Entry{"consent"}
                                    .text("at", event.at)
                                    .text("event", event.event)
                                    .text("consent", event.consent)
                                    .text("issuer", event.issuer)
                                    .text("consumer", event.consumer)
                                    .text("digest", event.digest)
                                    .text("by", event.by)
                                    .text("reason", event.reason)
                                    .text("since", event.since)
                                    .text("said_at", event.said_at)
                                    .done();
    return sign(payload, "datong-consent-event+jws", keyid, key, event.statement);
}

std::string to_json(const Erasure& entry) {
    return Entry{"erasure"}.text("at", entry.at).text("statement", entry.statement).done();
}

std::string to_json(const FollowUp& entry) {
    return Entry{"follow_up"}
        .text("exchange", entry.exchange)
        .text("at", entry.at)
        .text("statement", entry.statement)
        .done();
}

Status sign_follow_up(FollowUp& entry, const std::string& keyid, const crypto::SigningKey& key) {
    const std::string payload = Entry{"follow_up"}
                                    .text("exchange", entry.exchange)
                                    .text("at", entry.at)
                                    .text("event", entry.event)
                                    .text("question", entry.question)
                                    .text("consumer", entry.consumer)
                                    .text("matter", entry.matter)
                                    .text("case_number", entry.case_number)
                                    .text("grant", entry.grant)
                                    .materials({entry.material})
                                    .text("promise", entry.promise)
                                    .list("reply_digests", entry.reply_digests)
                                    .list("certificate_digests", entry.certificate_digests)
                                    .text("answer_digest", entry.answer_digest)
                                    .number("status", entry.status)
                                    .text("snapshot", entry.snapshot)
                                    .text("consent", entry.consent)
                                    .done();
    return sign(payload, "datong-follow-up+jws", keyid, key, entry.statement);
}

Status sign_erasure(Erasure& erasure, const std::string& keyid, const crypto::SigningKey& key) {
    const std::string payload = Entry{"erasure"}
                                    .text("at", erasure.at)
                                    .text("of", erasure.exchange)
                                    .text("case_number", erasure.case_number)
                                    .text("before", erasure.before)
                                    .text("basis", erasure.basis)
                                    .text("what", erasure.what)
                                    .number("exchanges", erasure.exchanges)
                                    .number("keys", erasure.keys)
                                    .done();
    return sign(payload, "datong-erasure+jws", keyid, key, erasure.statement);
}

std::string to_json(const Archival& entry) {
    return Entry{"archival"}.text("at", entry.at).text("statement", entry.statement).done();
}

Status sign_archival(Archival& archival, const std::string& keyid, const crypto::SigningKey& key) {
    const std::string payload = Entry{"archival"}
                                    .text("at", archival.at)
                                    .text("before", archival.before)
                                    .list("segments", archival.segments)
                                    .number("from", static_cast<long long>(archival.from))
                                    .number("to", static_cast<long long>(archival.to))
                                    .text("head", archival.head)
                                    .done();
    return sign(payload, "datong-archival+jws", keyid, key, archival.statement);
}

std::string to_json(const Administration& entry) {
    return Entry{"administration"}.text("at", entry.at).text("statement", entry.statement).done();
}

Status sign_administration(Administration& act, const std::string& keyid, const crypto::SigningKey& key) {
    const std::string payload = Entry{"administration"}
                                    .text("at", act.at)
                                    .text("actor", act.actor)
                                    .text("roles", act.roles)
                                    .text("from", act.from)
                                    .text("act", act.act)
                                    .text("target", act.target)
                                    .text("reason", act.reason)
                                    .text("outcome", act.outcome)
                                    .text("detail", act.detail)
                                    .done();
    return sign(payload, "datong-administration+jws", keyid, key, act.statement);
}

Result<Administration> read_administration(const record::Record& entry) {
    const std::string statement = entry.text_of("statement");
    const auto jws = signing::read_jws(statement);
    const auto said = jws ? codec::read_json(jws->payload) : fail(jws.error());
    if (!said) {
        return fail(said.error());
    }
    return Administration{.at = said->text_of("at"),
                          .actor = said->text_of("actor"),
                          .roles = said->text_of("roles"),
                          .from = said->text_of("from"),
                          .act = said->text_of("act"),
                          .target = said->text_of("target"),
                          .reason = said->text_of("reason"),
                          .outcome = said->text_of("outcome"),
                          .detail = said->text_of("detail"),
                          .statement = statement};
}

Result<Closing> close_exchange(const std::string& exchange, const std::string& request_digest,
                               std::chrono::system_clock::time_point now, const std::string& keyid,
                               const crypto::SigningKey& key) {
    const auto algorithm = key.default_algorithm();
    Closing closing{.exchange = exchange, .at = to_rfc3339(now), .request_digest = request_digest, .closed = {}};
    closing.closed.keyid = keyid;
    closing.closed.algorithm = crypto::name_of(algorithm);
    closing.closed.base = base_of_closing(exchange, request_digest, to_unix_seconds(now), keyid);
    auto signature = key.sign(algorithm, closing.closed.base);
    if (!signature) {
        return fail(std::move(signature.error()));
    }
    closing.closed.signature = std::move(*signature);
    return closing;
}

std::string base_of_closing(const std::string& exchange, const std::string& request_digest, std::int64_t created,
                            const std::string& keyid) {
    return "\"exchange\": " + exchange + "\n\"outcome\": unknown\n\"request-digest\": " + request_digest +
           "\n\"@signature-params\": (\"exchange\" \"outcome\" \"request-digest\");created=" + std::to_string(created) +
           ";keyid=\"" + keyid + "\";tag=\"datong-closing\"";
}

}  // namespace datong::evidence
