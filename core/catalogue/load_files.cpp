#include <algorithm>

#include "core/catalogue/loading.h"
#include "core/catalogue/predicate_check.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

void read_digest(Loading& loading, const yaml::Node* node, files::Rule& rule) {
    if (node == nullptr) {
        return;
    }
    SettingsReader reader{*node, loading.mistakes};
    rule.digest_at = reader.text("at");
    rule.digest_by = reader.one_of("algorithm", {"sha-256", "sm3"}, "sha-256");
    reader.finish();
    if (rule.at.find('*') != std::string::npos) {
        loading.mistake(*node, "C103", "列表中的文件不支持 digest", "digest is for a file that is not in a list");
    }
}

void check_media_types(Loading& loading, const yaml::Node& node, const files::Rule& rule) {
    const auto known = files::known_media_types();
    for (std::size_t i = 0; i < rule.media_types.size(); ++i) {
        const std::string& type = rule.media_types[i];
        if (std::ranges::find(known, type) == known.end()) {
            loading.unknown(place_of(node, "media_types", i), "media type", type, {known.begin(), known.end()});
        }
    }
    if (rule.media_types.empty()) {
        loading.mistake(node, "C102", "文件须写明 media_types", "a file needs media_types",
                        "media_types: [application/pdf]");
    }
}

/// A place that the record can't have would let the file through as any text, unseen.
void check_place(Loading& loading, const yaml::Node& node, const Service& service, const std::string& place) {
    const policy::Predicate is_there{.field = place, .op = policy::Relation::exists, .value = {}};
    if (place.empty() || service.response == nullptr) {
        return;
    }
    if (!place.starts_with('/') || !wrong_with(service, is_there).empty()) {
        loading.mistake(node, "C214", "服务 " + service.id + " 的记录没有 " + place,
                        "the record of service " + service.id + " has no " + place);
    }
}

files::Way way_of(const std::string& from) {
    return from == "url" ? files::Way::address : from == "part" ? files::Way::part : files::Way::base64;
}

files::Rule read_rule(Loading& loading, const yaml::Node& node, const Service& service) {
    constexpr std::int64_t kMost = static_cast<std::int64_t>(files::kMost);
    constexpr std::int64_t kMostInline = std::int64_t{1} << 20;
    SettingsReader reader{node, loading.mistakes};
    files::Rule rule;
    rule.at = reader.text("at");
    rule.way = way_of(reader.one_of("from", {"base64", "url", "part"}, "base64"));
    rule.media_types = reader.texts("media_types");
    rule.most = static_cast<std::size_t>(reader.whole("max_bytes", 1, kMost, static_cast<std::int64_t>(rule.most)));
    rule.inline_most = static_cast<std::size_t>(
        reader.whole("inline_bytes", 0, kMostInline, static_cast<std::int64_t>(rule.inline_most)));
    read_digest(loading, reader.node("digest"), rule);
    reader.finish();
    check_media_types(loading, node, rule);
    for (const std::string& place : {rule.at, rule.digest_at}) {
        check_place(loading, node, service, place);
    }
    const bool fetches = service.source == nullptr || service.source->fetches_files();
    if (rule.way == files::Way::address && !fetches) {
        loading.mistake(node, "C232",
                        "from: url 需要数据源 " + service.source->source() + " 在 settings 中写明 files_at",
                        "from: url needs files_at in the settings of source " + service.source->source() +
                            " (adapters rest and soap)",
                        "files_at: [\"https://files.example/licences/\"]");
    }
    return rule;
}

}  // namespace

void read_files(Loading& loading, const yaml::Node* node, Service& service) {
    if (node == nullptr) {
        return;
    }
    if (!node->is_list() || service.is_submit()) {
        loading.mistake(*node, "C103", "files 应为列表, 且只用于查询类服务",
                        "files is a list, and of services that are asked", "files: [{at: /document/file, ...}]");
        return;
    }
    for (const yaml::Node& one : node->items) {
        service.files.push_back(read_rule(loading, one, service));
    }
}

}  // namespace datong::catalogue
