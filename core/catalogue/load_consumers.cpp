#include "core/catalogue/loading.h"
#include "core/catalogue/names.h"
#include "core/crypto/x509.h"
#include "core/record/date.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

void load_key(Loading& loading, const yaml::Node& node, const Consumer& consumer) {
    SettingsReader reader{node, loading.mistakes};
    const std::string id = reader.text("id");
    const std::string written = reader.text("file");
    reader.finish();
    auto key = loading.public_key(node, written);
    if (!key) {
        return;
    }
    ConsumerKey entry{.id = id, .key = std::move(*key), .consumer = &consumer};
    if (!loading.snapshot.consumer_keys.emplace(id, std::move(entry)).second) {
        loading.mistake(node, "C202", "密钥编号 " + id + " 重复", "key id " + id + " is used twice");
    }
}

/// One entry of `certificates`: a PEM file, a fingerprint, or a subject.
std::optional<policy::CertificatePin> read_certificate(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    const std::string file = reader.text("file", "");
    const std::string sha256 = reader.text("sha256", "");
    const std::string subject = reader.text("subject", "");
    reader.finish();
    if ((file.empty() ? 0 : 1) + (sha256.empty() ? 0 : 1) + (subject.empty() ? 0 : 1) != 1) {
        loading.mistake(node, "C102", "file、sha256、subject 须且只能写一个", "write one of file, sha256 and subject");
        return std::nullopt;
    }
    if (!file.empty()) {
        const auto pem = loading.file(file, node);
        const auto x509 = pem ? crypto::read_x509(*pem) : fail(Fault::bad_request, "not read");
        if (pem && !x509) {
            loading.mistake(node, "C204", "证书不可用: " + file, "this certificate can't be used: " + file,
                            x509.error().detail());
        }
        return x509 ? std::optional{policy::CertificatePin{.sha256 = x509->sha256, .subject = {}}} : std::nullopt;
    }
    const std::string fingerprint = policy::normal_fingerprint(sha256);
    if (!sha256.empty() && fingerprint.empty()) {
        loading.mistake(node, "C103", "sha256 应为 64 位十六进制指纹", "sha256 must be a fingerprint of 64 hex digits",
                        "openssl x509 -in client.pem -noout -fingerprint -sha256");
        return std::nullopt;
    }
    return policy::CertificatePin{.sha256 = fingerprint, .subject = subject};
}

/// Where every connection shows a certificate, one that belongs to nobody in particular would say nothing.
void read_certificates(Loading& loading, const yaml::Node& consumer, const yaml::Node* list, Consumer& into) {
    if (list != nullptr && !list->is_list()) {
        loading.mistake(*list, "C103", "certificates 应为列表", "certificates must be a list");
    }
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        if (auto pin = read_certificate(loading, list->items[i])) {
            into.certificates.push_back(std::move(*pin));
        }
    }
    const auto& tls = loading.snapshot.gateway.listen.tls;
    if (tls && tls->client_required && (list == nullptr || list->items.empty())) {
        loading.mistake(consumer, "C215", "tls.client: required 时每个调用方须登记 certificates",
                        "with tls.client: required every consumer names its certificates",
                        "certificates: [{file: client.pem}]");
    }
}

void load_consumer(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    (void)reader.text("datong");
    auto consumer = std::make_unique<Consumer>();
    consumer->id = reader.text("id");
    consumer->title = reader.text("title");
    const yaml::Node* keys = reader.required_node("keys");
    read_certificates(loading, node, reader.node("certificates"), *consumer);
    loading.retired_keys(reader.node("retired"), "consumer:" + consumer->id);
    reader.finish();
    if (!is_id(consumer->id) || loading.snapshot.consumers.contains(consumer->id)) {
        loading.mistake(node, "C202", "调用方 id 不合规或重复", "a consumer id is [a-z][a-z0-9-]* and stands once");
        return;
    }
    const Consumer& kept = *(loading.snapshot.consumers[consumer->id] = std::move(consumer));
    if (keys != nullptr) {
        for (const yaml::Node& key : keys->items) {
            load_key(loading, key, kept);
        }
    }
}

std::optional<policy::Quota> read_quota(Loading& loading, const yaml::Node* node) {
    if (node == nullptr) {
        return std::nullopt;
    }
    SettingsReader reader{*node, loading.mistakes};
    policy::Quota quota;
    quota.calls = static_cast<std::uint64_t>(reader.whole("calls", 1, 1'000'000'000, 1));
    const std::string per = reader.one_of("per", {"minute", "hour", "day"}, "hour");
    reader.finish();
    quota.seconds = per == "minute" ? 60 : per == "hour" ? 3'600 : 86'400;
    return quota;
}

record::Date read_date(Loading& loading, const yaml::Node& node, SettingsReader& reader, std::string_view key) {
    const auto date = record::parse_iso_date(reader.text(key));
    if (!date) {
        loading.mistake(node, "C103", std::string{key} + " 应为日期, 如 2026-01-01",
                        std::string{key} + " must be a date such as 2026-01-01");
    }
    return date.value_or(record::Date{});
}

void check_grant(Loading& loading, const yaml::Node& node, const policy::Grant& grant) {
    const Snapshot& snapshot = loading.snapshot;
    if (!snapshot.consumers.contains(grant.consumer)) {
        loading.unknown(node, "consumer", grant.consumer, ids_of(snapshot.consumers));
    }
    for (const std::string& service : grant.services) {
        if (snapshot.service(service) == nullptr) {
            loading.unknown(node, "service", service, ids_of(snapshot.services));
        }
    }
    if (grant.services.empty() || grant.purposes.empty() || grant.territory.empty() ||
        (grant.fields.empty() && grant.verify.empty())) {
        loading.mistake(node, "C102", "services、purposes、territory 以及 fields 或 verify 均不能为空",
                        "services, purposes, territory and one of fields and verify must each name something");
    }
    for (const std::string& service : grant.services) {
        const Service* found = snapshot.service(service);
        if (found != nullptr && !grant.verify.empty() && !found->offers_verify) {
            loading.mistake(node, "C213", "服务 " + service + " 不提供核验", "service " + service + " offers no verify",
                            "offers: [query, verify]");
        }
        if (found != nullptr && found->kind == "verify" && !grant.fields.empty()) {
            loading.mistake(node, "C213", "服务 " + service + " 只核验, 授权写 verify 而不写 fields",
                            "service " + service + " answers predicates only: its grant says verify and no fields",
                            "verify: [\"*\"]");
        }
    }
    if (grant.case_required && !snapshot.case_register) {
        loading.mistake(node, "C212", "case_required 需要 gateway.yaml 中的 case_register",
                        "case_required needs a case_register in gateway.yaml");
    }
    if (snapshot.gateway.stage != "sandbox") {
        loading.mistake(node, "C209", "未签名的授权只能在 stage: sandbox 中加载",
                        "an unsigned grant loads only in stage sandbox");
    }
}

void load_grant(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    (void)reader.text("datong");
    policy::Grant grant;
    grant.id = reader.text("id");
    grant.consumer = reader.text("consumer");
    grant.services = reader.texts("services");
    grant.fields = reader.texts("fields");
    grant.verify = reader.texts("verify");
    grant.purposes = reader.texts("purposes");
    grant.legal_basis = reader.text("legal_basis");
    grant.territory = reader.texts("territory");
    grant.case_required = reader.flag("case_required", false);
    grant.quota = read_quota(loading, reader.node("quota"));
    grant.valid_from = read_date(loading, node, reader, "valid_from");
    grant.valid_to = read_date(loading, node, reader, "valid_to");
    reader.finish();
    check_grant(loading, node, grant);
    check_names(loading, node, grant);
    loading.snapshot.grants.push_back(std::move(grant));
}

}  // namespace

void load_consumers(Loading& loading) {
    for (const std::string& name : loading.with.files.list(loading.root + "consumers")) {
        if (const auto node = loading.document(loading.root + "consumers/" + name, "consumer")) {
            load_consumer(loading, *node);
        }
    }
}

void load_grants(Loading& loading) {
    for (const std::string& name : loading.with.files.list(loading.root + "grants")) {
        if (const auto node = loading.document(loading.root + "grants/" + name, "grant")) {
            load_grant(loading, *node);
        }
    }
}

}  // namespace datong::catalogue
