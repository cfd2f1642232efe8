#include <algorithm>

#include "core/base/text.h"
#include "core/catalogue/loading.h"

// Who signs consents (consent_issuers of gateway.yaml), and where others are told what came later.
namespace datong::catalogue {
namespace {

using codec::SettingsReader;

/// The host of an https URL without user, query and fragment; empty for anything else.
std::string host_of(const std::string& url) {
    constexpr std::string_view kScheme = "https://";
    const std::string_view behind = url.starts_with(kScheme) ? std::string_view{url}.substr(kScheme.size()) : "";
    const std::string_view authority = behind.substr(0, behind.find('/'));
    if (url.find_first_of("@?#") != std::string::npos || authority.empty()) {
        return {};
    }
    const bool is_six = authority.starts_with('[');
    const auto end = is_six ? authority.find(']') : authority.find(':');
    return ascii_lower(
        std::string{is_six ? authority.substr(1, std::min(end, authority.size()) - 1) : authority.substr(0, end)});
}

bool is_this_machine(const std::string& host) {
    return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "::1" ||
           host == "0.0.0.0" || host == "::" || host.starts_with("::ffff:");
}

void load_issuer_key(Loading& loading, const yaml::Node& node, ConsentIssuer& issuer) {
    SettingsReader reader{node, loading.mistakes};
    const std::string id = reader.text("id");
    const std::string written = reader.text("file");
    reader.finish();
    auto key = loading.public_key(node, written);
    if (!key) {
        return;
    }
    loading.refuse_published(*key, node);
    if (const ConsumerKey* caller = loading.snapshot.consumer_key_by_thumbprint(key->thumbprint()); caller != nullptr) {
        loading.mistake(node, "C202", "密钥 " + id + " 与调用方的密钥 " + caller->id + " 是同一把",
                        "key " + id + " is the same as key " + caller->id + " of a consumer",
                        "who calls must not be able to consent in a person's name: make a key of its own");
    }
    issuer.keys.insert_or_assign(id, std::move(*key));
}

void load_issuer(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    ConsentIssuer issuer{.id = reader.text("id"), .title = {}, .keys = {}, .consumers = {}};
    issuer.title = reader.text("title", issuer.id);
    issuer.consumers = reader.texts("consumers");
    const yaml::Node* keys = reader.required_node("keys");
    issuer.callback = read_callback(loading, reader.node("callback"));
    reader.finish();
    if (keys != nullptr && !keys->is_list()) {
        loading.mistake(*keys, "C103", "keys 应为列表", "keys must be a list", "keys: [{id: ..., file: ...}]");
    }
    for (std::size_t i = 0; keys != nullptr && i < keys->items.size(); ++i) {
        load_issuer_key(loading, keys->items[i], issuer);
    }
    if (issuer.consumers.empty()) {
        loading.mistake(node, "C102", "consumers 不能为空: 须写明可为哪些调用方签发",
                        "consumers must name for whom it may sign", "consumers: [portal]");
    }
    for (std::size_t i = 0; i < issuer.consumers.size(); ++i) {
        const std::string& one = issuer.consumers[i];
        if (!loading.snapshot.consumers.contains(one)) {
            loading.unknown(place_of(node, "consumers", i), "consumer", one, ids_of(loading.snapshot.consumers));
        }
    }
    const std::string id = issuer.id;
    if (!is_id(id) || !loading.snapshot.consent_issuers.emplace(id, std::move(issuer)).second) {
        loading.mistake(node, "C202", "同意签发方 id 不合规或重复",
                        "an issuer's id is [a-z][a-z0-9-]* and stands once");
    }
}

}  // namespace

std::optional<Callback> read_callback(Loading& loading, const yaml::Node* node) {
    if (node == nullptr) {
        return std::nullopt;
    }
    SettingsReader reader{*node, loading.mistakes};
    Callback callback{.url = reader.text("url")};
    const std::string ca = reader.text("ca");
    callback.retry = std::chrono::seconds{reader.whole("retry_s", 1, 3'600, 30)};
    callback.ends = std::chrono::hours{reader.whole("ends_h", 1, 24 * 90, 72)};
    reader.finish();
    callback.ca_pem = ca.empty() ? std::string{} : loading.file(ca, place_of(*node, "ca")).value_or("");
    const auto& gateway = loading.snapshot.gateway;
    const std::string host = host_of(callback.url);
    if (host.empty()) {
        loading.mistake(*node, "C103", "url 应为 https 地址, 不含用户名和查询串",
                        "url must be https, without user, query and fragment", "url: https://platform.example/datong");
    } else if (std::find(gateway.callback_hosts.begin(), gateway.callback_hosts.end(), host) ==
               gateway.callback_hosts.end()) {
        loading.mistake(*node, "C225", "回调主机不在 gateway.yaml 的 callbacks.hosts 中: " + host,
                        "the host is none of callbacks.hosts in gateway.yaml: " + host,
                        "callbacks: {hosts: [" + host + "]}");
    } else if (gateway.stage == "production" && is_this_machine(host)) {
        loading.mistake(*node, "C225", "生产环境不得回调本机: " + host,
                        "in stage production nobody is told on this machine: " + host);
    }
    return callback;
}

void warn_without_issuers(Loading& loading, const yaml::Node& at) {
    if (loading.snapshot.consent_issuers.empty()) {
        loading.mistakes.push_back({at.where, "C212", Severity::warning,
                                    "consent: required 而 gateway.yaml 没有 consent_issuers: 每次调用都会被拒绝",
                                    "consent: required without consent_issuers in gateway.yaml: every call is refused",
                                    "consent_issuers: [{id: ..., keys: [...], consumers: [...]}]"});
    }
}

void load_consent_issuers(Loading& loading, const yaml::Node* list) {
    if (list != nullptr && !list->is_list()) {
        loading.mistake(*list, "C103", "consent_issuers 应为列表", "consent_issuers must be a list",
                        "consent_issuers: [{id: ..., keys: [...], consumers: [...]}]");
    }
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        load_issuer(loading, list->items[i]);
    }
}

}  // namespace datong::catalogue
