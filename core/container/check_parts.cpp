#include "core/container/check_parts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/evidence/frame.h"
#include "core/evidence/signature_base.h"
#include "core/signing/certificate.h"
#include "core/signing/jws.h"
#include "core/wsse/envelope.h"
#include "core/wsse/xml_form.h"

namespace datong::container {
namespace {

using record::Record;

std::optional<Record> read_json(const std::string& text) {
    auto read = codec::read_json(text, {.max_bytes = evidence::kMaxPayload * 4, .max_nodes = 4'000'000});
    return read && read->is_object() ? std::optional{std::move(*read)} : std::nullopt;
}

/// The element that a SOAP answer's Body holds.
constexpr std::string_view kAnswer = "answer";

std::string hex_of(std::string_view octets) {
    return to_hex(crypto::sha256(octets));
}

/// Which member of a record a reason of the log's own rules is about.
std::string field_of(std::string_view reason) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kFields{
        {{"request_key", "/request/keyid"},
         {"request_key_unknown", "/request/keyid"},
         {"request_signature", "/request"},
         {"request_digest", "/request_digest"},
         {"answer_key", "/answer/keyid"},
         {"answer_key_unknown", "/answer/keyid"},
         {"answer_signature", "/answer"},
         {"answer_digest", "/answer_digest"},
         {"answer_status", "/status"}}};
    for (const auto& [name, field] : kFields) {
        if (name == reason) {
            return std::string{field};
        }
    }
    return reason == "outcome_without_intent" ? "/exchange" : std::string{};
}

/// The first file below a folder whose name begins so; nullptr when there is none.
const Files::value_type* find_body(const Files& files, const std::string& stem) {
    const auto at = files.lower_bound(stem);
    return at != files.end() && at->first.starts_with(stem) ? &*at : nullptr;
}

bool is_sealed(const std::string& file) {
    return file.ends_with(".cms");
}

/// What a record's digest is of: a signed SOAP message's Body, else the whole. nullopt: it can't be read.
std::optional<std::string> digest_of_body(const Record& record, const std::string& signature,
                                          const std::string& octets) {
    const Record* seen = record.find(signature);
    if (seen != nullptr && seen->text_of("form") == evidence::kSoapForm) {
        const auto envelope = wsse::read_signed_envelope(octets, wsse::limits_of(octets));
        return envelope ? std::optional{hex_of(envelope->body_octets)} : std::nullopt;
    }
    return hex_of(octets);
}

/// In Chinese and in English.
using Words = std::pair<const char*, const char*>;

/// What stands behind a request, by the signatures that were checked.
Words words_of_request(const evidence::Prover::Signed& by) {
    return by.is_asked      ? Words{"调用方签名的请求", "the request that the consumer signed"}
           : by.is_attested ? Words{"网关证明的调用方请求", "the consumer's request, as the gateway attests"}
                            : Words{"与记录相符的请求, 无签名", "a request as its record says, signed by nobody"};
}

Words words_of_answer(const evidence::Prover::Signed& by) {
    return by.is_answered ? Words{"网关签名的应答", "the answer that the gateway signed"}
                          : Words{"与记录相符的应答, 无签名", "an answer as its record says, signed by nobody"};
}

Words words_of_record(bool is_first, const evidence::Prover::Signed& by) {
    if (!is_first) {
        return {"网关签名了该结果, 且属于该请求", "the gateway signed this outcome, of this request"};
    }
    return by.is_asked      ? Words{"调用方签名了该请求", "the consumer signed this request"}
           : by.is_attested ? Words{"网关证明了调用方的该请求", "the gateway attests this request of the consumer's"}
           : by.is_answered
               ? Words{"网关签名了该拒绝, 请求无签名", "the gateway signed this refusal; nobody signed the request"}
               : Words{"该拒绝记录无签名", "a refusal that nobody signed"};
}

void check_body(const Files& files, const Record& record, const std::string& name, const Words& proven,
                Checked& checked) {
    const auto* body = find_body(files, name + "/body.");
    if (body == nullptr) {
        return;
    }
    if (is_sealed(body->first)) {
        add_proof(checked, body->first, "封给审计方的报文: 以其私钥打开后与记录中的摘要比对",
                  "sealed to the auditor: opened with his key, it is compared with the record's digest");
        return;
    }
    const auto digest = digest_of_body(record, name, body->second);
    if (!digest || digest->empty() || *digest != record.text_of(name + "_digest")) {
        add_finding(checked, "body", body->first, {}, "报文与记录中已签名的摘要不符",
                    "the message differs from the signed digest in its record");
        return;
    }
    add_proof(checked, body->first, proven.first, proven.second);
}

void check_replies(const Files& files, const Record& outcome, Checked& checked) {
    std::set<std::string> wanted;
    const Record* list = outcome.find("reply_digests");
    for (const Record& one : list != nullptr ? list->items() : Record::List{}) {
        const std::string_view name = one.scalar();
        const std::string_view named = name.substr(0, name.find('|'));
        const std::size_t colon = named.rfind(':');
        wanted.emplace(colon == std::string_view::npos ? named : named.substr(colon + 1));
    }
    for (auto at = files.lower_bound("replies/"); at != files.end() && at->first.starts_with("replies/"); ++at) {
        if (is_sealed(at->first)) {
            add_proof(checked, at->first, "封给审计方的部门回复", "a department's reply, sealed to the auditor");
        } else if (wanted.contains(hex_of(at->second))) {
            add_proof(checked, at->first, "部门的回复, 与记录中的摘要相符", "a department's reply, as its record says");
        } else {
            add_finding(checked, "body", at->first, {}, "部门回复与记录中的摘要不符",
                        "a department's reply that its record does not know");
        }
    }
}

signing::FindKey finder(const evidence::TrustedKeys& keys) {
    return [&keys](const signing::Issuer& issuer, std::string_view keyid) -> std::optional<crypto::VerifyingKey> {
        const auto key = keys.find(keyid);
        const bool is_theirs = key != keys.end() && key->second.owner == "department:" + issuer.id;
        return is_theirs ? std::optional{key->second.key} : std::nullopt;
    };
}

/// What the issuer signed of the call must be what the intent says: so an altered member of the record is named.
void compare_statement(const Record& answer, const Records& records, Checked& checked) {
    const auto jws = signing::read_jws(answer.text_of("certificate"));
    const auto statement = jws ? read_json(jws->payload) : std::nullopt;
    if (!statement) {
        return;
    }
    for (const char* name : {"consumer", "purpose", "matter", "case_number"}) {
        if (statement->text_of(name) != records.first.text_of(name)) {
            add_finding(checked, "record", records.first_file, std::string{"/"} + name, "记录与部门证照所签内容不一致",
                        "the record differs from what the department signed");
        }
    }
}

void take_check(const signing::CertificateCheck& check, const std::string& file, const std::string& material,
                Checked& checked) {
    for (const signing::Finding& one : check.findings) {
        const bool is_field = one.code != "statement" && one.code != "signature" && one.code != "key_unknown" &&
                              one.code != "digest_list";
        const std::string field = is_field ? "/content" + one.path : one.path;
        add_finding(checked, "certificate", file, material.empty() ? field : material + ": " + field, one.text_zh,
                    one.text_en);
    }
    if (check.is_good()) {
        const std::string of = material.empty() ? "" : material + ": ";
        add_proof(
            checked, file,
            of + "证照有效, 签发方 " + check.issuer.title + ", " + std::to_string(check.fields) + " 个字段",
            of + "certificate valid, issuer " + check.issuer.id + ", " + std::to_string(check.fields) + " fields");
    }
}

/// Whether only an issuer's certificate can prove that it is so.
bool wants_certificate(std::string_view outcome) {
    return outcome == "found" || outcome == "match";
}

void add_missing(const std::string& file, const std::string& field, Checked& checked) {
    add_finding(checked, "certificate", file, field, "缺少签发方证照, 或证照无法读取",
                "the issuer's certificate is missing, or can't be read");
}

/// The digests of all certificates in an answer. What stands in a certificate's own content is the department's.
void digests_in(const Record& at, std::set<std::string>& found) {
    const Record* certificate = at.find("certificate");
    if (certificate != nullptr && certificate->is_text() && at.find("provenance") != nullptr) {
        found.insert(hex_of(certificate->scalar()));
        return;
    }
    for (const record::Member& member : at.members()) {
        digests_in(member.value, found);
    }
    for (const Record& item : at.items()) {
        digests_in(item, found);
    }
}

/// The digests of certificates that the last record names.
std::set<std::string> digests_of(const Record& end) {
    std::set<std::string> wanted;
    const Record* list = end.find("certificate_digests");
    for (const Record& one : list != nullptr ? list->items() : Record::List{}) {
        wanted.emplace(one.scalar());
    }
    return wanted;
}

/// A matter's materials: "withheld" and faults have no certificate, what was found has one.
void check_materials(const std::string& file, const Record& answer, const evidence::TrustedKeys& keys,
                     Checked& checked) {
    const auto materials = signing::check_matter(answer, finder(keys));
    if (!materials) {
        add_missing(file, "/requirements", checked);
        return;
    }
    for (const signing::MaterialCheck& one : *materials) {
        if (one.check) {
            take_check(*one.check, file, one.material, checked);
        } else if (wants_certificate(one.outcome)) {
            add_missing(file, one.material + ": /certificate", checked);
        }
    }
}

/// An answer as native JSON: as it stands, or out of the Body of a SOAP message, which is its XML form (docs/soap.md).
/// nullopt for a fault, and for another protocol's.
std::optional<Record> native_of(const std::string& text) {
    if (auto json = read_json(text)) {
        return json;
    }
    const wsse::DocumentLimits limits = wsse::limits_of(text);
    const auto envelope = wsse::read_signed_envelope(text, limits);
    const auto body = envelope ? wsse::Document::read(envelope->body_octets, limits) : fail(envelope.error());
    if (!body || envelope->body_name != kAnswer) {
        return std::nullopt;
    }
    auto answer = wsse::read_xml_form(wsse::children_of(body->root()).front(), envelope->body_uri, {});
    return answer && answer->is_object() ? std::optional{std::move(*answer)} : std::nullopt;
}

/// Each certificate of an answer, field by field.
void check_answer(const std::string& file, const std::string& text, const Records& records,
                  const evidence::TrustedKeys& keys, Checked& checked) {
    const auto answer = native_of(text);
    if (!answer) {
        return;  // another protocol's, or altered: its digest says so
    }
    if (answer->find("certificate") != nullptr) {
        const auto check = signing::check_certificate(*answer, finder(keys));
        if (check) {
            take_check(*check, file, {}, checked);
            compare_statement(*answer, records, checked);
        } else {
            add_missing(file, "/certificate", checked);
        }
    }
    if (answer->find("exchange") == nullptr || answer->find("outcome") == nullptr) {
        return;  // another protocol's, which says it in words of its own
    }
    if (answer->find("requirements") != nullptr) {
        check_materials(file, *answer, keys, checked);
    } else if (answer->find("certificate") == nullptr && wants_certificate(answer->text_of("outcome"))) {
        add_missing(file, "/certificate", checked);
    }
    std::set<std::string> shown;
    digests_in(*answer, shown);
    if (shown != digests_of(records.end())) {
        add_finding(checked, "certificate", records.end_file(), "/certificate_digests", "应答中的证照与记录所列不一致",
                    "the answer holds other certificates than its record names");
    }
}

/// By the record alone, also where no answer is kept: whatever was found has a certificate.
void check_digests(const Records& records, Checked& checked) {
    const std::string service = records.first.text_of("service");
    const bool is_look_up =
        service == "evidence" || service == "usage" || service == "file" || service.starts_with("matter:");
    std::size_t found = !is_look_up && wants_certificate(records.end().text_of("outcome")) ? 1 : 0;
    const Record* materials = records.end().find("materials");
    if (materials != nullptr && !materials->items().empty()) {
        const auto& all = materials->items();
        const auto of_materials = std::count_if(
            all.begin(), all.end(), [](const Record& one) { return wants_certificate(one.text_of("outcome")); });
        found = std::max(found, static_cast<std::size_t>(of_materials));
    }
    if (digests_of(records.end()).size() < found) {
        add_finding(checked, "certificate", records.end_file(), "/certificate_digests", "记录中缺少证照摘要",
                    "the record names fewer certificates than materials found");
    }
}

}  // namespace

Result<Records> read_records(const Files& files) {
    Records records;
    for (const auto& [name, first] : {std::pair{"intent", true}, std::pair{"refusal", true},
                                      std::pair{"outcome", false}, std::pair{"closing", false}}) {
        const std::string file = "records/" + std::string{name} + ".json";
        const auto there = files.find(file);
        if (there == files.end()) {
            continue;
        }
        auto entry = read_json(there->second);
        Record& into = first ? records.first : records.last;
        if (!entry || !into.is_null()) {
            return fail(Fault::bad_request, "container: " + file + " is no record, or one too many");
        }
        into = std::move(*entry);
        (first ? records.first_file : records.last_file) = file;
    }
    return records.first.is_null() ? fail(Fault::bad_request, "container: no record of an exchange in it")
                                   : Result<Records>{std::move(records)};
}

SignedBy check_records(const Records& records, const evidence::TrustedKeys& keys, Checked& checked) {
    checked.exchange = records.first.text_of("exchange");
    checked.consumer = records.first.text_of("consumer");
    checked.service = records.first.text_of("service");
    checked.at = records.first.text_of("at");
    const Record& end = records.end();
    checked.is_open = records.last.is_null() && records.first_file == "records/intent.json";
    checked.outcome = end.find("fault") != nullptr ? end.text_of("fault") : end.text_of("outcome");
    evidence::Prover prover{keys};
    SignedBy signed_by;
    for (const auto& [entry, file] :
         {std::pair{&records.first, &records.first_file}, {&records.last, &records.last_file}}) {
        if (entry->is_null()) {
            continue;
        }
        if (*file != "records/" + entry->text_of("kind") + ".json") {
            add_finding(checked, "record", *file, "/kind", "记录种类与文件名不符", "a record of another kind");
            continue;
        }
        if (const evidence::Reason reason = prover.check(*entry); !reason.empty()) {
            const evidence::ReasonRow& row = evidence::row_of(reason);
            add_finding(checked, "record", *file, field_of(reason), std::string{row.text_zh}, std::string{row.text_en});
        } else {
            const bool is_first = entry == &records.first;
            const Words words = words_of_record(is_first, prover.signed_by());
            add_proof(checked, *file, words.first, words.second);
            (is_first ? signed_by.first : signed_by.end) = prover.signed_by();
        }
    }
    if (records.last.is_null()) {
        signed_by.end = signed_by.first;
    }
    return signed_by;
}

void check_bodies(const Files& files, const Records& records, const SignedBy& signed_by,
                  const evidence::TrustedKeys& keys, Checked& checked) {
    check_body(files, records.first, "request", words_of_request(signed_by.first), checked);
    check_body(files, records.end(), "answer", words_of_answer(signed_by.end), checked);
    check_replies(files, records.end(), checked);
    const auto* answer = find_body(files, "answer/body.");
    if (answer != nullptr && !is_sealed(answer->first)) {
        check_answer(answer->first, answer->second, records, keys, checked);
    }
    check_digests(records, checked);
    const std::set<std::string> wanted = digests_of(records.end());
    for (const auto& [name, octets] : files) {
        if (name.starts_with("certificates/") && name.ends_with(".jws") && !wanted.contains(hex_of(octets))) {
            add_finding(checked, "certificate", name, {}, "证照与记录中的摘要不符",
                        "a certificate that its record does not know");
        }
    }
}

}  // namespace datong::container
