#include "core/catalogue/granting.h"
#include "core/catalogue/loading.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

policy::Approval read_approval(Loading& loading, const yaml::Node* node) {
    if (node == nullptr) {
        return {};
    }
    SettingsReader reader{*node, loading.mistakes};
    policy::Approval approval{.application = reader.text("application"),
                              .stage = reader.one_of("stage", {"sandbox", "production"}, "sandbox"),
                              .approved_by = reader.texts("approved_by"),
                              .at = reader.text("at")};
    reader.finish();
    return approval;
}

/// Whether what was approved is still there to be granted. What is not is left out, with a warning: nobody may edit the
/// file, and taking it back needs a gateway that starts.
bool still_fits(Loading& loading, const yaml::Node& node, const policy::Grant& grant) {
    Mistakes found;
    check_granted(loading.snapshot, node, grant, found);
    for (Mistake& one : found) {
        one.severity = Severity::warning;
        one.text_zh += ": 此授权未生效";
        one.text_en += ": this grant is not in force";
        one.hint = "datong access revoke " + grant.approval.application;
    }
    const bool fits = found.empty();
    loading.mistakes.insert(loading.mistakes.end(), found.begin(), found.end());
    return fits;
}

/// What the subsets of a grant by subsets show, as its services say now.
void resolve_subsets(const Snapshot& snapshot, policy::Grant& grant) {
    for (const std::string& name : grant.services) {
        const Service* service = snapshot.service(name);
        for (const Subset& subset : service != nullptr ? service->subsets : std::vector<Subset>{}) {
            if (grant.has_subset(subset.id)) {
                auto& fields = grant.of_subsets[name];
                fields.insert(fields.end(), subset.fields.begin(), subset.fields.end());
            }
        }
    }
}

/// @param is_approved  its file stands in the roll of approvals.
void load_grant(Loading& loading, const yaml::Node& node, bool is_approved) {
    SettingsReader reader{node, loading.mistakes};
    (void)reader.text("datong");
    const std::string id = reader.text("id");
    policy::Grant grant = read_granted(reader, node, loading.mistakes);
    grant.id = id;
    grant.legal_basis = reader.text("legal_basis");
    if (is_approved) {
        grant.approval = read_approval(loading, reader.required_node("approval"));
    }
    reader.finish();
    if (is_approved && grant.approval.stage == "sandbox" && loading.snapshot.gateway.stage != "sandbox") {
        return;  // approved for trying only: nothing of it is in force here
    }
    if (!is_approved && loading.snapshot.gateway.stage != "sandbox") {
        loading.mistake(node, "C209", "手写的授权只能在 stage: sandbox 中加载, 生产环境须经申请和批准",
                        "a grant written by hand loads only in stage sandbox: in production it is applied for and "
                        "approved",
                        "datong access request FILE");
    }
    if (!is_approved) {
        check_granted(loading.snapshot, node, grant, loading.mistakes);
    } else if (!still_fits(loading, node, grant)) {
        return;
    }
    if (grant.consent_required) {
        warn_without_issuers(loading, node);
    }
    resolve_subsets(loading.snapshot, grant);
    loading.snapshot.grants.push_back(std::move(grant));
}

/// The roll in the folder of approved grants; an empty one where there is none, or it is not ours: then no file stands
/// in it.
Roll load_roll(Loading& loading, const std::string& folder) {
    const std::string path = folder + std::string{kRollFile};
    const auto text = loading.with.files.read(path);
    if (!text) {
        return {};
    }
    loading.read_files.emplace_back(path, *text);
    const record::Date today = record::to_civil(loading.with.tools.clock.now()).date;
    auto roll = read_roll(*text, [&](const std::string& keyid) { return roll_key(loading.snapshot, keyid, today); });
    const bool is_ours = roll && roll->gateway == loading.snapshot.gateway.name;
    if (!is_ours) {
        loading.mistakes.push_back({{path, 0, 0},
                                    "C223",
                                    Severity::error,
                                    "授权名册不是本网关签发的",
                                    "this roll of approved grants is not this gateway's",
                                    (roll ? "it is of gateway " + roll->gateway : roll.error().detail()) + ": rm " +
                                        folder + "*; the gateway makes all of it anew of its store"});
        return {};
    }
    return std::move(*roll);
}

/// What approvals made: each file must be as it stands in the roll that the gateway signed.
void load_approved(Loading& loading) {
    const std::string& folder = loading.snapshot.gateway.access.folder;
    const Roll roll = load_roll(loading, folder);
    loading.snapshot.roll = roll.number;
    for (const std::string& name : loading.list(folder)) {
        const auto node = loading.document(folder + name, "grant");
        if (node && roll.lists(name, loading.read_files.back().second)) {
            load_grant(loading, *node, true);
        } else if (node) {
            loading.mistake(*node, "C223", "授权文件不在批准名册中: 被手工写入、改动, 或已被撤销",
                            "this grant is not as an approval made it: it was written or edited by hand, or revoked",
                            "rm " + folder + name + "; a running gateway writes what is approved anew");
        }
    }
}

}  // namespace

void load_grants(Loading& loading) {
    for (const std::string& name : loading.list(loading.root + "grants")) {
        if (const auto node = loading.document(loading.root + "grants/" + name, "grant")) {
            load_grant(loading, *node, false);
        }
    }
    load_approved(loading);
    loading.snapshot.granted = policy::GrantIndex{loading.snapshot.grants};
}

}  // namespace datong::catalogue
