#include "core/catalogue/granting.h"

#include <algorithm>

#include "core/accounts/account.h"
#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/catalogue/names.h"
#include "core/codec/json.h"
#include "core/record/date.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;
using policy::Grant;

constexpr std::int64_t kMostItems = 100'000;
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

std::optional<std::uint64_t> read_cap(SettingsReader& reader, std::string_view key, std::int64_t most) {
    return reader.node(key) == nullptr
               ? std::nullopt
               : std::optional<std::uint64_t>{static_cast<std::uint64_t>(reader.whole(key, 1, most, 1))};
}

/// Why fields of a sensitive service are shown, in words: "true" or 是 would give no reason.
std::string read_see_sensitive(const yaml::Node& node, SettingsReader& reader) {
    constexpr std::size_t kLeastLetters = 4;
    std::string why = reader.text("see_sensitive", "");
    const std::string word = ascii_lower(trim_ows(why));
    const auto letters =
        std::ranges::count_if(word, [](char octet) { return (static_cast<unsigned char>(octet) & 0xC0U) != 0x80U; });
    const bool is_no_reason = static_cast<std::size_t>(letters) < kLeastLetters || word == "true" || word == "false";
    if (reader.node("see_sensitive") != nullptr && is_no_reason) {
        reader.mistake(*node.find("see_sensitive"), "C103", "see_sensitive 应写明查看敏感数据的理由",
                       "see_sensitive must be the reason why sensitive fields are shown, in words",
                       "see_sensitive: 转移登记须核对权属");
    }
    return why;
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

/// A subset of more predicates than its cap could never be asked.
void check_guesses(const Snapshot& snapshot, const yaml::Node& node, const Grant& grant, const Service& service,
                   Mistakes& mistakes) {
    const std::uint64_t most = *most_of(grant, service, snapshot.gateway).guesses_per_hour;
    for (const Subset& subset : service.subsets) {
        const std::uint64_t asked = policy::guesses_in(subset.predicates_on(grant.valid_from));
        if (grant.has_subset(subset.id) && asked > most) {
            const std::string count = std::to_string(asked);
            add(mistakes, place_of(node, "subsets"), "C213",
                "子集 " + subset.id + " 一次核验 " + count + " 项, 超过 guesses_per_hour: " + std::to_string(most),
                "subset " + subset.id + " asks " + count +
                    " predicates at once, over guesses_per_hour: " + std::to_string(most));
        }
    }
}

/// Each subset that is named must be one of a service's, and each service must have one of them.
void check_subsets(const Snapshot& snapshot, const yaml::Node& node, const Grant& grant, Mistakes& mistakes) {
    if (grant.subsets.empty()) {
        if (const yaml::Node* written = node.find("subsets"); written != nullptr) {
            add(mistakes, *written, "C102", "subsets 不能为空", "subsets must name something");
        }
        return;
    }
    if (!grant.fields.empty() || !grant.verify.empty()) {
        add(mistakes, place_of(node, "subsets"), "C213", "写 subsets 就不写 fields 和 verify: 子集已写明其内容",
            "a grant names subsets, or fields and verify, not both: a subset says what it holds");
    }
    std::vector<std::string> known;
    for (const std::string& name : grant.services) {
        const Service* service = snapshot.service(name);
        if (service == nullptr) {
            return;  // a mistake of its own
        }
        check_guesses(snapshot, node, grant, *service, mistakes);
        std::ranges::transform(service->subsets, std::back_inserter(known), &Subset::id);
        const auto has_it = [&grant](const Subset& subset) { return grant.has_subset(subset.id); };
        if (std::ranges::none_of(service->subsets, has_it)) {
            add(mistakes, place_of(node, "subsets"), "C213", "服务 " + name + " 没有所列的任何子集",
                "service " + name + " has none of these subsets");
        }
    }
    for (std::size_t i = 0; i < grant.subsets.size(); ++i) {
        if (std::ranges::find(known, grant.subsets[i]) == known.end()) {
            check_known(place_of(node, "subsets", i), "subset", grant.subsets[i], known, mistakes);
        }
    }
}

/// What a sensitive service knows is asked by predicates, unless somebody says why it must be seen.
void check_sensitive(const Service& service, const yaml::Node& node, const Grant& grant, Mistakes& mistakes) {
    if (service.sensitive && grant.see_sensitive.empty() && shows_fields(grant, service)) {
        add(mistakes, place_of(node, grant.subsets.empty() ? "fields" : "subsets"), "C250",
            "服务 " + service.id + " 为敏感服务, 默认只核验: 写 verify, 或以 see_sensitive 写明须看字段的理由",
            "service " + service.id +
                " is sensitive and is only asked by predicates: say verify, or why its fields must be seen",
            "see_sensitive: 转移登记须核对权属");
    }
}

/// A text in double quotes: JSON's are YAML's, too.
std::string in_quotes(std::string_view text) {
    std::string out;
    codec::append_json_text(out, text);
    return out;
}

std::string list(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) {
        out.append(out.size() > 1 ? ", " : "").append(in_quotes(text));
    }
    return out + ']';
}

/// GB/T 2260 writes a city as "999900" and a province as "990000": the prefix of all that lies in them.
std::string prefix_meant(std::string division) {
    constexpr std::size_t kCounty = 6;
    if (division.size() == kCounty && division.ends_with("00")) {
        division.resize(division.ends_with("0000") ? kCounty - 4 : kCounty - 2);
    }
    return division;
}

std::string most_text(const policy::Most& most) {
    std::string out;
    for (const auto& [name, value] : {std::pair{"rows", most.rows}, std::pair{"persons", most.persons},
                                      std::pair{"subjects_per_hour", most.subjects_per_hour},
                                      std::pair{"operator_subjects_per_hour", most.operator_subjects_per_hour},
                                      std::pair{"guesses_per_hour", most.guesses_per_hour}}) {
        if (value) {
            out.append(out.empty() ? "" : ", ").append(name).append(": ").append(std::to_string(*value));
        }
    }
    return out.empty() ? out : "most: {" + out + "}\n";
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
    grant.subsets = reader.texts("subsets");
    grant.see_sensitive = read_see_sensitive(node, reader);
    grant.purposes = reader.texts("purposes");
    grant.territory = reader.texts("territory");
    check_divisions(place_of(node, "territory"), grant.territory, mistakes);
    grant.case_required = reader.flag("case_required", false);
    grant.consent_required = reader.one_of("consent", {"required", "optional"}, "optional") == "required";
    grant.quota = read_quota(reader.node("quota"), mistakes);
    grant.most = read_most(reader.node("most"), mistakes);
    grant.valid_from = read_date(node, reader, "valid_from");
    grant.valid_to = read_date(node, reader, "valid_to");
    return grant;
}

void check_divisions(const yaml::Node& list, const std::vector<std::string>& divisions, Mistakes& mistakes) {
    for (std::size_t i = 0; i < divisions.size(); ++i) {
        if (!accounts::is_division(divisions[i])) {
            add(mistakes, i < list.items.size() ? list.items[i] : list, "C103",
                "区划应为 2、4、6、9 或 12 位数字 (GB/T 2260)", "a division is 2, 4, 6, 9 or 12 digits (GB/T 2260)",
                "\"999901\"");
        } else if (const std::string meant = prefix_meant(divisions[i]); meant != divisions[i]) {
            add(mistakes, i < list.items.size() ? list.items[i] : list, "C103",
                "区划按前缀比较: 以 00 结尾的六位代码管不到其下的任何区划",
                "divisions go by prefix: a code of six digits that ends in 00 covers none below it", in_quotes(meant));
        }
    }
}

policy::Most read_most(const yaml::Node* node, Mistakes& mistakes) {
    if (node == nullptr) {
        return {};
    }
    SettingsReader reader{*node, mistakes};
    const policy::Most most = read_most(reader);
    reader.finish();
    return most;
}

policy::Most read_most(SettingsReader& reader) {
    constexpr std::int64_t kSubjects = 200'000;  // what is remembered of them has an end: policy/quotas
    policy::Most most = read_at_once(reader);
    most.subjects_per_hour = read_cap(reader, "subjects_per_hour", kSubjects);
    most.operator_subjects_per_hour = read_cap(reader, "operator_subjects_per_hour", kSubjects);
    most.guesses_per_hour = read_cap(reader, "guesses_per_hour", kMostItems);
    return most;
}

policy::Most read_at_once(SettingsReader& reader) {
    return {.rows = read_cap(reader, "rows", kMostItems), .persons = read_cap(reader, "persons", kMostItems)};
}

policy::Most most_of(const Grant& grant, const Service& service, const Gateway& gateway) {
    const auto first = [&](const std::optional<std::uint64_t> policy::Most::* cap) {
        return grant.most.*cap ? grant.most.*cap : service.most.*cap ? service.most.*cap : gateway.most.*cap;
    };
    return {.rows = first(&policy::Most::rows),
            .persons = first(&policy::Most::persons),
            .subjects_per_hour = first(&policy::Most::subjects_per_hour),
            .operator_subjects_per_hour = first(&policy::Most::operator_subjects_per_hour),
            .guesses_per_hour = first(&policy::Most::guesses_per_hour)};
}

bool shows_fields(const Grant& grant, const Service& service) {
    return !grant.fields.empty() || std::ranges::any_of(service.subsets, [&grant](const Subset& subset) {
        return !subset.is_asked() && grant.has_subset(subset.id);
    });
}

void check_granted(const Snapshot& snapshot, const yaml::Node& node, const Grant& grant, Mistakes& mistakes) {
    if (!snapshot.consumers.contains(grant.consumer)) {
        check_known(place_of(node, "consumer"), "consumer", grant.consumer, ids_of(snapshot.consumers), mistakes);
    }
    for (std::size_t i = 0; i < grant.services.size(); ++i) {
        const std::string& name = grant.services[i];
        const Service* service = snapshot.service(name);
        if (service == nullptr) {
            check_known(place_of(node, "services", i), "service", name, ids_of(snapshot.services), mistakes);
        } else {
            check_offers(*service, node, grant, mistakes);
            check_sensitive(*service, node, grant, mistakes);
        }
    }
    if (grant.services.empty() || grant.purposes.empty() || grant.territory.empty() ||
        (grant.fields.empty() && grant.verify.empty() && grant.subsets.empty())) {
        add(mistakes, node, "C102", "services、purposes、territory 以及 fields、verify 或 subsets 均不能为空",
            "services, purposes, territory and one of fields, verify and subsets must each name something");
    }
    check_subsets(snapshot, node, grant, mistakes);
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
    line("id", in_quotes(grant.id));
    line("consumer", in_quotes(grant.consumer));
    line("services", list(grant.services));
    if (!grant.fields.empty()) {
        line("fields", list(grant.fields));
    }
    if (!grant.verify.empty()) {
        line("verify", list(grant.verify));
    }
    if (!grant.subsets.empty()) {
        line("subsets", list(grant.subsets));
    }
    if (!grant.see_sensitive.empty()) {
        line("see_sensitive", in_quotes(grant.see_sensitive));
    }
    line("purposes", list(grant.purposes));
    line("legal_basis", in_quotes(grant.legal_basis));
    line("territory", list(grant.territory));
    line("case_required", grant.case_required ? "true" : "false");
    out += grant.consent_required ? "consent: required\n" : "";
    out += grant.quota ? quota_text(*grant.quota) : std::string{};
    out += most_text(grant.most);
    line("valid_from", record::to_text(grant.valid_from));
    line("valid_to", record::to_text(grant.valid_to));
    if (!grant.approval.application.empty()) {
        line("approval", "{application: " + in_quotes(grant.approval.application) + ", stage: " + grant.approval.stage +
                             ", approved_by: " + list(grant.approval.approved_by) +
                             ", at: " + in_quotes(grant.approval.at) + '}');
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
