#include "core/catalogue/loading.h"
#include "core/catalogue/names.h"
#include "core/record/date.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

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

void load_grants(Loading& loading) {
    for (const std::string& name : loading.with.files.list(loading.root + "grants")) {
        if (const auto node = loading.document(loading.root + "grants/" + name, "grant")) {
            load_grant(loading, *node);
        }
    }
}

}  // namespace datong::catalogue
