#include <array>
#include <iostream>
#include <optional>
#include <utility>

#include "core/access/overview.h"
#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/codec/json_writer.h"

namespace datong::app {
namespace {

using access::Access;
using codec::JsonWriter;

std::string joined(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& one : all) {
        text += (text.empty() ? "" : " ") + one;
    }
    return text;
}

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& all) {
    json.name(name).open_list();
    for (const std::string& one : all) {
        json.text(one);
    }
    json.close_list();
}

using Cap = std::pair<std::string_view, std::optional<std::uint64_t>>;

std::array<Cap, 5> caps_of(const policy::Most& most) {
    return {Cap{"rows", most.rows}, Cap{"persons", most.persons}, Cap{"subjects_per_hour", most.subjects_per_hour},
            Cap{"operator_subjects_per_hour", most.operator_subjects_per_hour},
            Cap{"guesses_per_hour", most.guesses_per_hour}};
}

std::string most_text(const policy::Most& most) {
    constexpr std::array<std::string_view, 5> kWords{"条 rows", "人 persons", "人/小时 subjects per hour",
                                                     "人/小时每账号 per account and hour", "次核验/人小时 guesses"};
    std::string text;
    const auto caps = caps_of(most);
    for (std::size_t i = 0; i < caps.size(); ++i) {
        if (caps[i].second) {
            text.append(text.empty() ? "" : "  ").append(std::to_string(*caps[i].second)).append(" ").append(kWords[i]);
        }
    }
    return text;
}

void write_caps(JsonWriter& json, const policy::Most& most) {
    json.name("most").open_object();
    for (const auto& [name, cap] : caps_of(most)) {
        if (cap) {
            json.member(name, static_cast<long long>(*cap));
        }
    }
    json.close_object();
}

void write(const std::vector<Access>& all) {
    std::string out;
    JsonWriter json{out};
    json.open_list();
    for (const Access& one : all) {
        const policy::Grant& grant = *one.grant;
        json.open_object().member("consumer", grant.consumer).member("service", one.service->id);
        write_list(json, "fields", one.seen);
        write_list(json, "verify", one.verified);
        write_list(json, "subsets", one.subsets);
        json.member("sensitive", record::Record::boolean(one.service->sensitive));
        json.member("see_sensitive", grant.see_sensitive);
        write_caps(json, one.most);
        write_list(json, "purposes", grant.purposes);
        write_list(json, "territory", grant.territory);
        json.member("valid_from", record::to_text(grant.valid_from));
        json.member("valid_to", record::to_text(grant.valid_to)).member("grant", grant.id);
        json.member("legal_basis", grant.legal_basis).member("application", grant.approval.application);
        json.member("stage", grant.approval.stage).member("approved_at", grant.approval.at);
        write_list(json, "approved_by", grant.approval.approved_by);
        json.close_object();
    }
    json.close_list();
    std::cout << out << '\n';
}

/// By which approval; what was written by hand says so.
std::string approval_of(const policy::Grant& grant) {
    if (grant.approval.application.empty()) {
        return grant.id + " 手写 by hand";
    }
    return grant.id + ' ' + grant.approval.stage + ' ' + grant.approval.at.substr(0, 10) + ' ' +
           joined(grant.approval.approved_by);
}

void say(const std::vector<Access>& all) {
    std::string consumer;
    for (const Access& one : all) {
        const policy::Grant& grant = *one.grant;
        if (grant.consumer != consumer) {
            consumer = grant.consumer;
            std::cout << consumer << '\n';
        }
        std::cout << "  " << one.service->id << "  " << one.service->title
                  << (one.service->sensitive ? "  敏感 sensitive" : "") << '\n';
        if (!one.subsets.empty()) {
            std::cout << "    子集 subsets " << joined(one.subsets) << '\n';
        }
        if (!one.seen.empty()) {
            std::cout << "    可看 sees " << joined(one.seen) << '\n';
        }
        if (!one.verified.empty()) {
            std::cout << "    可核验 verifies " << joined(one.verified) << '\n';
        }
        if (one.service->sensitive && !one.seen.empty()) {
            std::cout << "    查看理由 because " << grant.see_sensitive << '\n';
        }
        std::cout << "    上限 at most " << most_text(one.most) << '\n';
        std::cout << "    用途 for " << joined(grant.purposes) << "  区划 in " << joined(grant.territory)
                  << "  至 until " << record::to_text(grant.valid_to) << "  授权 by " << approval_of(grant) << '\n';
    }
}

record::Date today() {
    return record::to_civil(SystemClock{}.now()).date;
}

/// Lines of one consumer where one is named.
/// @return false, and why, for one that there is not.
bool keep_named(std::vector<Access>& all, const catalogue::Snapshot& snapshot, const std::string& consumer) {
    if (consumer.empty()) {
        return true;
    }
    if (!snapshot.consumers.contains(consumer)) {
        const auto meant = nearest(consumer, catalogue::ids_of(snapshot.consumers));
        std::cerr << "没有调用方 no consumer " << consumer << (meant ? "; try " + *meant : std::string{}) << '\n';
        return false;
    }
    std::erase_if(all, [&consumer](const Access& one) { return one.grant->consumer != consumer; });
    return true;
}

/// @param all  those of the consumer that the options name remain.
int show(std::vector<Access>& all, const catalogue::Snapshot& snapshot, const AccessOptions& options) {
    if (!keep_named(all, snapshot, options.consumer)) {
        return kUsage;
    }
    if (options.json) {
        write(all);
    } else if (all.empty()) {
        std::cout << "无人可用 nobody may\n";
    } else {
        say(all);
    }
    return kGood;
}

int with(const AccessOptions& options, const std::function<int(const catalogue::Snapshot&)>& use) {
    int code = kConfig;
    const Mistakes mistakes =
        with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) { code = use(snapshot); });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

}  // namespace

int access_matrix(const AccessOptions& options) {
    return with(options, [&options](const catalogue::Snapshot& snapshot) {
        auto all = access::matrix(snapshot, today());
        return show(all, snapshot, options);
    });
}

int access_who_can(const AccessOptions& options) {
    return with(options, [&options](const catalogue::Snapshot& snapshot) {
        auto all = access::who_can(snapshot, options.field, today());
        if (!all) {
            std::cerr << "没有这个字段 " << all.error().detail() << '\n';
            return kUsage;
        }
        const int shown = show(*all, snapshot, options);
        return shown == kGood && all->empty() ? kWanting : shown;
    });
}

}  // namespace datong::app
