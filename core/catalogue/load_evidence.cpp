#include "core/catalogue/loading.h"
#include "core/codec/settings.h"
#include "core/crypto/cipher.h"
#include "core/crypto/x509.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

void read_seal(Loading& loading, const yaml::Node* node, EvidenceRules& rules) {
    if (node == nullptr) {
        return;
    }
    SettingsReader inner{*node, loading.mistakes};
    rules.seal_every = std::chrono::seconds{inner.whole("every_s", 1, 3'600, 60)};
    rules.seal_records = static_cast<std::uint64_t>(inner.whole("records", 1, 1'000'000, 10'000));
    inner.finish();
}

/// An authority whose URL is empty is none: so that an environment variable can leave it out.
void read_authority(Loading& loading, const yaml::Node& node, EvidenceRules& rules) {
    SettingsReader inner{node, loading.mistakes};
    StampAuthority authority{.url = inner.text("url", ""), .anchors_pem = {}, .policy = inner.text("policy", "")};
    const std::string anchor = inner.text("anchor", "");
    inner.finish();
    if (authority.url.empty()) {
        return;
    }
    if (!authority.url.starts_with("http://")) {
        loading.mistake(node, "C103", "时间戳服务应为 http:// 地址: 时间戳自带签名",
                        "a time-stamping authority is an http:// URL: its answers are signed by themselves");
    }
    const auto pem = loading.file(anchor, place_of(node, "anchor"));
    if (pem && !crypto::split_x509(*pem)) {
        loading.mistake(node, "C103", "anchor 中没有证书: " + anchor, "no certificate in anchor: " + anchor,
                        "the PEM file of the authority that certified the time-stamping service");
    }
    authority.anchors_pem = pem.value_or("");
    rules.stamp_by.push_back(std::move(authority));
}

void read_stamp(Loading& loading, const yaml::Node* node, EvidenceRules& rules) {
    if (node == nullptr) {
        return;
    }
    SettingsReader inner{*node, loading.mistakes};
    for (const yaml::Node& one : inner.required_list("authorities")) {
        read_authority(loading, one, rules);
    }
    rules.stamp_retry = std::chrono::seconds{inner.whole("retry_s", 1, 3'600, 30)};
    rules.stamp_refuse_after = std::chrono::seconds{inner.whole("refuse_after_s", 0, 31'536'000, 0)};
    rules.outside_timeout = inner.milliseconds("timeout_ms", rules.outside_timeout);
    inner.finish();
}

void read_anchor(Loading& loading, const yaml::Node* node, EvidenceRules& rules) {
    if (node == nullptr) {
        return;
    }
    SettingsReader inner{*node, loading.mistakes};
    const std::string file = inner.text("file", "");
    rules.anchor_file = file.empty() ? "" : loading.path_of(file);
    rules.anchor_url = inner.text("url", "");
    inner.finish();
    if (!rules.anchor_url.empty() && !rules.anchor_url.starts_with("http://")) {
        loading.mistake(*node, "C103", "anchor 的 url 应为 http:// 地址: 封签自带签名",
                        "the url of anchor is an http:// URL: a seal is signed by itself");
    }
}

void read_budget(Loading& loading, const yaml::Node* node, EvidenceRules& rules) {
    if (node == nullptr) {
        return;
    }
    constexpr std::int64_t kLeast = 1 << 20;
    constexpr std::int64_t kMost = std::int64_t{1} << 50;
    SettingsReader inner{*node, loading.mistakes};
    rules.max_bytes = static_cast<std::uint64_t>(inner.whole("max_bytes", kLeast, kMost, 0));
    rules.ready_percent = static_cast<int>(inner.whole("ready_percent", 1, 99, 90));
    inner.finish();
}

/// What the node does away with by itself.
void read_retention(Loading& loading, const yaml::Node* node, EvidenceRules& rules) {
    if (node == nullptr) {
        return;
    }
    constexpr std::int64_t kMostDays = 36'500;
    SettingsReader inner{*node, loading.mistakes};
    rules.erase_after = std::chrono::days{inner.whole("bodies_days", 1, kMostDays, 0)};
    rules.forget_after = std::chrono::days{inner.whole("subjects_days", 1, kMostDays, 0)};
    rules.erase_basis = inner.text("basis", "");
    rules.archive_after = std::chrono::days{inner.whole("segments_days", 1, kMostDays, 0)};
    rules.archive = inner.text("archive", "");
    rules.retention_every = std::chrono::seconds{inner.whole("every_s", 1, 3'600, 60)};
    inner.finish();
    const bool erases = rules.erase_after.count() > 0 || rules.forget_after.count() > 0;
    if (const auto basis = vault::check_basis(rules.erase_basis); erases && !basis) {
        loading.mistake(*node, "C103", "bodies_days、subjects_days 须以 basis 写明依据文号 (不得含个人号码)",
                        "bodies_days and subjects_days need a basis: " + basis.error().detail(),
                        "basis: 示数〔2026〕12号");
    }
    if (rules.archive_after.count() > 0 && !rules.archive.starts_with('/')) {
        loading.mistake(*node, "C103", "segments_days 须以 archive 写明归档目录的绝对路径",
                        "segments_days needs archive: the absolute path of another folder",
                        "archive: /archive/evidence");
    }
}

/// What is kept of messages beside the chain, and for whom it is sealed.
void read_bodies(Loading& loading, const yaml::Node& node, SettingsReader& reader) {
    Gateway& gateway = loading.snapshot.gateway;
    gateway.bodies =
        vault::policy_by_name(reader.one_of("bodies", {"none", "sealed", "kept"}, "none")).value_or(gateway.bodies);
    const std::string auditor = reader.text("auditor", "");
    gateway.auditor_pem =
        auditor.empty() ? std::string{} : loading.file(auditor, place_of(node, "auditor")).value_or("");
    if (!auditor.empty() && !crypto::cms_seal("test", gateway.auditor_pem)) {
        loading.mistake(
            node, "C204", "auditor 不是可用于加密的 X.509 证书: " + auditor,
            "auditor is no X.509 certificate that can be encrypted to: " + auditor,
            "openssl req -x509 -newkey rsa:3072 -nodes -keyout auditor.key.pem -out auditor.pem -days 3650");
    }
    if (gateway.bodies == vault::Policy::sealed && auditor.empty()) {
        loading.mistake(node, "C102", "bodies: sealed 须写明 auditor", "bodies: sealed needs an auditor to seal to",
                        "auditor: FILE.pem");
    }
}

}  // namespace

void read_evidence(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Gateway& gateway = loading.snapshot.gateway;
    gateway.evidence_folder = loading.path_of(reader.text("folder"));
    gateway.evidence.hash = reader.one_of("hash", {"sha256", "sm3"}, "sha256");
    gateway.evidence.segment_age = std::chrono::hours{reader.whole("segment_hours", 1, 8'784, 24)};
    read_seal(loading, reader.node("seal"), gateway.evidence);
    read_stamp(loading, reader.node("stamp"), gateway.evidence);
    read_anchor(loading, reader.node("anchor"), gateway.evidence);
    read_budget(loading, reader.node("budget"), gateway.evidence);
    read_retention(loading, reader.node("retention"), gateway.evidence);
    read_bodies(loading, node, reader);
    for (const std::string& file : reader.texts("revocations")) {
        gateway.evidence.revocations.push_back(loading.path_of(file));
    }
    reader.finish();
}

}  // namespace datong::catalogue
