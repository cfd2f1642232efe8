#include "core/access/application.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/base/text.h"
#include "core/catalogue/granting.h"

namespace datong::access {
namespace {

using codec::SettingsReader;

constexpr std::size_t kDigestOctets = 32;
constexpr std::size_t kMostOctets = 64U << 10;
constexpr std::array<std::pair<std::string_view, std::size_t>, 7> kMostItems{{{"services", 64},
                                                                              {"fields", 256},
                                                                              {"verify", 256},
                                                                              {"subsets", 64},
                                                                              {"purposes", 64},
                                                                              {"territory", 64},
                                                                              {"contacts", 16}}};

void add(Mistakes& mistakes, const yaml::Node& at, const char* code, std::string text_zh, std::string text_en,
         std::string hint = {}) {
    mistakes.push_back({at.where, code, Severity::error, std::move(text_zh), std::move(text_en), std::move(hint)});
}

const yaml::Node& at(const yaml::Node& node, std::string_view key) {
    const yaml::Node* found = node.find(key);
    return found != nullptr ? *found : node;
}

Document read_document(const yaml::Node* node, Mistakes& mistakes) {
    if (node == nullptr) {
        return {};
    }
    SettingsReader reader{*node, mistakes};
    Document document{
        .title = reader.text("title"), .number = reader.text("number"), .sha256 = ascii_lower(reader.text("sha256"))};
    reader.finish();
    const auto digest = from_hex(document.sha256);
    if (!document.sha256.empty() && (!digest || digest->size() != kDigestOctets)) {
        add(mistakes, at(*node, "sha256"), "C103", "sha256 应为依据文件的 64 位十六进制摘要",
            "sha256 must be 64 hexadecimal digits, of the document's file", "sha256sum FILE");
    }
    return document;
}

/// What a reader does not see, or sees in another order than it stands there: C0, DEL, C1, and what turns the direction
/// of writing. Source: Unicode 16.0, UAX #9, 2.
bool is_unseen(char32_t c) {
    return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

void refuse_unseen(const yaml::Node& node, Mistakes& mistakes) {
    const auto refuse = [&mistakes](const yaml::Node& one) {
        if (is_utf8(one.text) && std::ranges::any_of(to_code_points(one.text), is_unseen)) {
            add(mistakes, one, "C246", "申请中不得有控制字符和变向字符",
                "an application must not hold control characters, nor such as turn the direction of writing");
        }
    };
    refuse(node);
    for (const auto& [key, value] : node.entries) {
        refuse_unseen(value, mistakes);
    }
    for (const yaml::Node& item : node.items) {
        refuse_unseen(item, mistakes);
    }
}

/// More than anybody reads, or something twice.
void check_bounds(const yaml::Node& node, Mistakes& mistakes) {
    for (const auto& [name, most] : kMostItems) {
        const yaml::Node* list = node.find(name);
        if (list == nullptr) {
            continue;
        }
        if (list->items.size() > most) {
            add(mistakes, *list, "C247", std::string{name} + " 最多 " + std::to_string(most) + " 项",
                std::string{name} + " names at most " + std::to_string(most));
            continue;
        }
        std::set<std::string_view> seen;
        for (const yaml::Node& item : list->items) {
            if (item.is_scalar() && !seen.insert(item.text).second) {
                add(mistakes, item, "C247", std::string{name} + " 中有重复", std::string{name} + " names this twice");
            }
        }
    }
}

/// The grant's file is read with ${NAME} replaced: what nobody approved must not come in from there.
void refuse_variables(const yaml::Node& node, Mistakes& mistakes) {
    if (node.is_scalar() && node.text.find("${") != std::string::npos) {
        add(mistakes, node, "C240", "申请中不得有 ${ }", "an application must not hold ${ }");
    }
    for (const auto& entry : node.entries) {
        refuse_variables(entry.second, mistakes);
    }
    for (const yaml::Node& item : node.items) {
        refuse_variables(item, mistakes);
    }
}

std::optional<yaml::Node> parse(const std::string& text, const std::string& name, Mistakes& mistakes) {
    if (text.size() > kMostOctets) {
        mistakes.push_back(
            {{name, 0, 0}, "C247", Severity::error, "申请最大 64 KiB", "an application has at most 64 KiB", ""});
        return std::nullopt;
    }
    auto node = yaml::parse(text, name);
    if (!node) {
        mistakes.insert(mistakes.end(), node.error().begin(), node.error().end());
        return std::nullopt;
    }
    if (!node->is_map() || node->text_of("datong") != "application/v1") {
        add(mistakes, *node, "C205", "第一行应为 datong: application/v1",
            "the first line must be datong: application/v1");
        return std::nullopt;
    }
    return std::move(*node);
}

Application read_node(const yaml::Node& node, Mistakes& mistakes) {
    SettingsReader reader{node, mistakes};
    (void)reader.text("datong");
    Application application;
    application.organisation = reader.text("organisation");
    application.reason = reader.text("reason");
    application.asked = catalogue::read_granted(reader, node, mistakes);
    application.basis = read_document(reader.required_node("legal_basis"), mistakes);
    application.asked.legal_basis = application.basis.title + "（" + application.basis.number + "）";
    application.retention_days = static_cast<int>(reader.whole("retention_days", 0, 36'500, 0));
    application.contacts = reader.texts("contacts");
    reader.finish();
    if (application.contacts.empty()) {
        add(mistakes, node, "C102", "须写明联系人 contacts", "contacts must name somebody who answers questions",
            "contacts: [数据科 0000-0000]");
    }
    refuse_variables(node, mistakes);
    refuse_unseen(node, mistakes);
    check_bounds(node, mistakes);
    return application;
}

/// How long a basis carries at most. @return nullopt where only listed ones do, and it is none of them.
std::optional<int> most_days(const catalogue::AccessRules& rules, const std::string& number) {
    const auto found = std::ranges::find(rules.bases, number, &catalogue::LegalBasis::number);
    if (found != rules.bases.end()) {
        return found->most_days;
    }
    return rules.bases.empty() ? std::optional{rules.most_days} : std::nullopt;
}

void check_basis(const yaml::Node& node, const Application& application, const catalogue::AccessRules& rules,
                 Mistakes& mistakes) {
    const auto most = most_days(rules, application.basis.number);
    if (!most) {
        std::vector<std::string> known;
        std::ranges::transform(rules.bases, std::back_inserter(known), &catalogue::LegalBasis::number);
        const auto meant = nearest(application.basis.number, known);
        add(mistakes, at(node, "legal_basis"), "C241", "依据不在 access.legal_bases 之列",
            "this legal basis is not in access.legal_bases", meant.value_or(known.front()));
        return;
    }
    const auto days = record::days_since_epoch(application.asked.valid_to) -
                      record::days_since_epoch(application.asked.valid_from) + 1;
    if (days > *most) {
        add(mistakes, at(node, "valid_to"), "C242", "有效期超过该依据所允许的 " + std::to_string(*most) + " 天",
            "the validity is longer than the " + std::to_string(*most) + " days that this basis allows",
            record::to_text(record::add_days(application.asked.valid_from, *most - 1)));
    }
}

}  // namespace

std::optional<Application> read_application(const std::string& text, const std::string& name, Mistakes& mistakes) {
    Mistakes found;
    const auto node = parse(text, name, found);
    std::optional<Application> application;
    if (node) {
        application = read_node(*node, found);
    }
    const bool is_good = !has_errors(found);
    mistakes.insert(mistakes.end(), found.begin(), found.end());
    return is_good ? std::move(application) : std::nullopt;
}

Mistakes check_application(const std::string& text, const std::string& name, const catalogue::Snapshot& snapshot,
                           const record::Date& today) {
    Mistakes mistakes;
    const auto application = read_application(text, name, mistakes);
    const auto node = application ? parse(text, name, mistakes) : std::nullopt;
    if (!node) {
        return mistakes;
    }
    const policy::Grant& asked = application->asked;
    catalogue::check_granted(snapshot, *node, asked, mistakes);
    if (asked.valid_to < asked.valid_from || asked.valid_to < today) {
        add(mistakes, at(*node, "valid_to"), "C243", "valid_to 应不早于 valid_from 和今天",
            "valid_to must not be before valid_from, nor over already");
        return mistakes;
    }
    check_basis(*node, *application, snapshot.gateway.access, mistakes);
    if (!catalogue::reads_back(asked)) {
        add(mistakes, *node, "C246", "此申请无法写成授权文件", "no grant's file can be made of this application");
    }
    return mistakes;
}

}  // namespace datong::access
