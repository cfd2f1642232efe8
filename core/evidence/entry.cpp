#include "core/evidence/entry.h"

#include <utility>

#include "core/base/text.h"

namespace datong::evidence {
namespace {

using record::Record;

Record begin(std::string_view kind) {
    Record entry = Record::object();
    entry.put("kind", Record::text(std::string{kind}));
    return entry;
}

void put_text(Record& entry, std::string_view name, const std::string& value) {
    if (!value.empty()) {
        entry.put(std::string{name}, Record::text(value));
    }
}

void put_list(Record& entry, std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) {
        return;
    }
    Record list = Record::list();
    for (const std::string& value : values) {
        list.add(Record::text(value));
    }
    entry.put(std::string{name}, std::move(list));
}

void put_signature(Record& entry, std::string_view name, const SignatureSeen& seen) {
    if (seen.empty()) {
        return;
    }
    Record signature = Record::object();
    put_text(signature, "keyid", seen.keyid);
    put_text(signature, "alg", seen.algorithm);
    if (is_utf8(seen.base)) {
        put_text(signature, "base", seen.base);
    } else {  // JSON has no other way for such octets
        put_text(signature, "base_base64", to_base64(seen.base));
    }
    put_text(signature, "signature", to_base64(seen.signature));
    entry.put(std::string{name}, std::move(signature));
}

}  // namespace

Record to_record(const Intent& entry) {
    Record out = begin("intent");
    put_text(out, "exchange", entry.exchange);
    put_text(out, "at", entry.at);
    put_text(out, "consumer", entry.consumer);
    put_text(out, "service", entry.service);
    put_list(out, "mappings", entry.mappings);
    put_text(out, "matter", entry.matter);
    put_text(out, "case_number", entry.case_number);
    put_text(out, "material", entry.material);
    put_text(out, "purpose", entry.purpose);
    put_text(out, "legal_basis", entry.legal_basis);
    put_text(out, "grant", entry.grant);
    put_text(out, "operator_account", entry.operator_account);
    put_text(out, "operator_division", entry.operator_division);
    put_list(out, "persons", entry.persons);
    put_text(out, "request_digest", entry.request_digest);
    put_signature(out, "request", entry.request);
    put_text(out, "snapshot", entry.snapshot);
    return out;
}

Record to_record(const Outcome& entry) {
    Record out = begin("outcome");
    put_text(out, "exchange", entry.exchange);
    put_text(out, "at", entry.at);
    put_text(out, "outcome", entry.outcome);
    out.put("status", Record::integer(entry.status));
    put_list(out, "reply_digests", entry.reply_digests);
    put_list(out, "certificate_digests", entry.certificate_digests);
    put_text(out, "answer_digest", entry.answer_digest);
    put_signature(out, "answer", entry.answer);
    return out;
}

Record to_record(const Refusal& entry) {
    Record out = begin("refusal");
    put_text(out, "exchange", entry.exchange);
    put_text(out, "at", entry.at);
    put_text(out, "consumer", entry.consumer);
    put_text(out, "service", entry.service);
    put_text(out, "fault", entry.fault);
    put_text(out, "detail", entry.detail);
    put_text(out, "request_digest", entry.request_digest);
    put_signature(out, "request", entry.request);
    put_text(out, "answer_digest", entry.answer_digest);
    put_signature(out, "answer", entry.answer);
    return out;
}

Record to_record(const RefusalsCounted& entry) {
    Record out = begin("refusals_counted");
    put_text(out, "at", entry.at);
    put_text(out, "fault", entry.fault);
    out.put("count", Record::integer(static_cast<long long>(entry.count)));
    return out;
}

Record to_record(const SnapshotInForce& entry) {
    Record out = begin("snapshot");
    put_text(out, "at", entry.at);
    put_text(out, "digest", entry.digest);
    out.put("keys", entry.keys);
    return out;
}

}  // namespace datong::evidence
