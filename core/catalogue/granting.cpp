#include "core/catalogue/granting.h"

#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/catalogue/names.h"
#include "core/codec/json.h"
#include "core/record/date.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;
using policy::Grant;

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kDay = 86'400;

std::optional<policy::Quota> read_quota(const yaml::Node* node, Mistakes& mistakes) {
    if (node == nullptr) {
        return std::nullopt;
    }
    SettingsReader reader{*node, mistakes};
    policy::Quota quota;
    quota.calls = static_cast<std::uint64_t>(reader.whole("calls", 1, 1'000'000'000, 1));
    const std::string per = reader.one_of("per", {"minute", "hour", "day"}, "hour");
    reader.finish();
    quota.seconds = per == "minute" ? kMinute : per == "hour" ? kHour : kDay;
    return quota;
}

record::Date read_date(const yaml::Node& node, SettingsReader& reader, std::string_view key) {
    const auto date = record::parse_iso_date(reader.text(key));
    if (!date) {
        const yaml::Node* at = node.find(key);
        reader.mistake(at != nullptr ? *at : node, "C103", std::string{key} + " 应为日期, 如 2026-01-01",
                       std::string{key} + " must be a date such as 2026-01-01");
    }
    return date.value_or(record::Date{});
}

void add(Mistakes& mistakes, const yaml::Node& at, const char* code, std::string text_zh, std::string text_en,
         std::string hint = {}) {
    mistakes.push_back({at.where, code, Severity::error, std::move(text_zh), std::move(text_en), std::move(hint)});
}

void check_known(const yaml::Node& node, std::string_view kind, const std::string& id,
                 const std::vector<std::string>& known, Mistakes& mistakes) {
    const auto meant = nearest(id, known);
    add(mistakes, node, "C201", "没有名为 '" + id + "' 的 " + std::string{kind},
        "no " + std::string{kind} + " '" + id + "'", meant ? *meant : std::string{});
}

void check_offers(const Service& service, const yaml::Node& node, const Grant& grant, Mistakes& mistakes) {
    if (!grant.verify.empty() && !service.offers_verify) {
        add(mistakes, node, "C213", "服务 " + service.id + " 不提供核验", "service " + service.id + " offers no verify",
            "offers: [query, verify]");
    }
    if (service.kind == "verify" && !grant.fields.empty()) {
        add(mistakes, node, "C213", "服务 " + service.id + " 只核验, 授权写 verify 而不写 fields",
            "service " + service.id + " answers predicates only: its grant says verify and no fields",
            "verify: [\"*\"]");
    }
}

/// A text in double quotes: JSON's are YAML's, too.
std::string quoted(std::string_view text) {
    std::string out;
    codec::append_json_text(out, text);
    return out;
}

std::string list(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) {
        out.append(out.size() > 1 ? ", " : "").append(quoted(text));
    }
    return out + ']';
}

std::string quota_text(const policy::Quota& quota) {
    const std::string_view per = quota.seconds == kMinute ? "minute" : quota.seconds == kHour ? "hour" : "day";
    return "quota: {calls: " + std::to_string(quota.calls) + ", per: " + std::string{per} + "}\n";
}

}  // namespace

Grant read_granted(SettingsReader& reader, const yaml::Node& node, Mistakes& mistakes) {
    Grant grant;
    grant.consumer = reader.text("consumer");
    grant.services = reader.texts("services");
    grant.fields = reader.texts("fields");
    grant.verify = reader.texts("verify");
    grant.purposes = reader.texts("purposes");
    grant.territory = reader.texts("territory");
    grant.case_required = reader.flag("case_required", false);
    grant.consent_required = reader.one_of("consent", {"required", "optional"}, "optional") == "required";
    grant.quota = read_quota(reader.node("quota"), mistakes);
    grant.valid_from = read_date(node, reader, "valid_from");
    grant.valid_to = read_date(node, reader, "valid_to");
    return grant;
}

void check_granted(const Snapshot& snapshot, const yaml::Node& node, const Grant& grant, Mistakes& mistakes) {
    if (!snapshot.consumers.contains(grant.consumer)) {
        check_known(node, "consumer", grant.consumer, ids_of(snapshot.consumers), mistakes);
    }
    for (const std::string& name : grant.services) {
        const Service* service = snapshot.service(name);
        if (service == nullptr) {
            check_known(node, "service", name, ids_of(snapshot.services), mistakes);
        } else {
            check_offers(*service, node, grant, mistakes);
        }
    }
    if (grant.services.empty() || grant.purposes.empty() || grant.territory.empty() ||
        (grant.fields.empty() && grant.verify.empty())) {
        add(mistakes, node, "C102", "services、purposes、territory 以及 fields 或 verify 均不能为空",
            "services, purposes, territory and one of fields and verify must each name something");
    }
    if (grant.case_required && !snapshot.case_register) {
        add(mistakes, node, "C212", "case_required 需要 gateway.yaml 中的 case_register",
            "case_required needs a case_register in gateway.yaml");
    }
    check_fields(snapshot, node, "fields", grant, mistakes);
    check_fields(snapshot, node, "verify", grant, mistakes);
}

std::string to_yaml(const Grant& grant) {
    std::string out = "# 由批准的申请生成, 改动即失效。Made by an approval: an edit makes it void (docs/access.md).\n";
    const auto line = [&out](std::string_view name, const std::string& value) {
        out.append(name).append(": ").append(value).append("\n");
    };
    line("datong", "grant/v1");
    line("id", quoted(grant.id));
    line("consumer", quoted(grant.consumer));
    line("services", list(grant.services));
    if (!grant.fields.empty()) {
        line("fields", list(grant.fields));
    }
    if (!grant.verify.empty()) {
        line("verify", list(grant.verify));
    }
    line("purposes", list(grant.purposes));
    line("legal_basis", quoted(grant.legal_basis));
    line("territory", list(grant.territory));
    line("case_required", grant.case_required ? "true" : "false");
    out += grant.consent_required ? "consent: required\n" : "";
    out += grant.quota ? quota_text(*grant.quota) : std::string{};
    line("valid_from", record::to_text(grant.valid_from));
    line("valid_to", record::to_text(grant.valid_to));
    if (!grant.approval.application.empty()) {
        line("approval", "{application: " + quoted(grant.approval.application) + ", stage: " + grant.approval.stage +
                             ", approved_by: " + list(grant.approval.approved_by) +
                             ", at: " + quoted(grant.approval.at) + '}');
    }
    return out;
}

bool reads_back(Grant grant) {
    if (grant.id.empty()) {
        grant.id = "application";  // it gets its number when it is kept
    }
    const std::string text = to_yaml(grant);
    const auto node = yaml::parse(text, "grant");
    if (!node) {
        return false;
    }
    Mistakes mistakes;
    SettingsReader reader{*node, mistakes};
    Grant again = read_granted(reader, *node, mistakes);
    again.id = reader.text("id");
    again.legal_basis = reader.text("legal_basis");
    again.approval = grant.approval;  // of words that the gateway chose
    return mistakes.empty() && to_yaml(again) == text;
}

}  // namespace datong::catalogue
