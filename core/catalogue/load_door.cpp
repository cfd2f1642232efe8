#include <algorithm>

#include "core/catalogue/caller_door.h"
#include "core/catalogue/loading.h"
#include "core/profiles/traits.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

constexpr std::array kProtocols{Protocol::gjgxjhpt, Protocol::gjzwfwpt};

/// A protocol that is no door says why it is none: the weak ones are for calls that we make.
std::optional<Protocol> read_protocol(Loading& loading, const yaml::Node& node, const std::string& name) {
    static constexpr const char* kOurs = "protocol: gjgxjhpt | gjzwfwpt";
    for (const Protocol one : kProtocols) {
        if (name_of(one) == name) {
            return one;
        }
    }
    const profiles::Traits* known = profiles::find_traits(name);
    if (known != nullptr && known->is_weak) {
        loading.mistake(
            node, "C231", name + " 太弱, 只用于我方发起的调用, 不能用来认定调用方",
            name + " is too weak (MD5, SHA-1 or a bare token) to tell who calls: it is for calls that we make", kOurs);
    } else if (!name.empty()) {
        loading.mistake(node, "C105", "protocol 不支持: " + name, "protocol is not one of those that come in: " + name,
                        kOurs);
    }
    return std::nullopt;
}

/// What both ends share, from a file that others can't read.
Secret read_appkey(Loading& loading, const yaml::Node* node) {
    if (node == nullptr) {
        return {};
    }
    SettingsReader reader{*node, loading.mistakes};
    const std::string file = reader.text("file");
    reader.finish();
    const auto read = file.empty() ? std::nullopt : loading.secret(file, *node);
    std::string text = read ? read->reveal() : std::string{};
    while (text.ends_with('\n') || text.ends_with('\r')) {
        text.pop_back();
    }
    constexpr std::size_t kShort = 16;
    if (read && text.size() < kShort) {
        loading.mistake(*node, "C204", "appkey 须为至少 16 个字符的文件: " + loading.path_of(file),
                        "appkey must be a file of at least 16 characters: " + loading.path_of(file),
                        "openssl rand -hex 16 > " + loading.path_of(file));
    }
    return Secret{std::move(text)};
}

/// What does not sign the body says nothing about who sent it: the connection has to.
void check_connection(Loading& loading, const yaml::Node& node, const Consumer& consumer) {
    const auto& tls = loading.snapshot.gateway.listen.tls;
    if (consumer.certificates.empty() && consumer.networks.empty()) {
        loading.mistake(
            node, "C230", "该协议不签请求体, 调用方须登记 certificates (双向 TLS) 或 networks",
            "this protocol does not sign the body: the consumer needs certificates (mutual TLS) or networks",
            "networks: [\"10.1.0.0/16\"]  or  certificates: [{file: client.pem}]");
    }
    if (!consumer.certificates.empty() && (!tls || tls->client_ca_pem.empty())) {
        loading.mistake(node, "C230", "登记了 certificates, 但 listen.tls.client 未启用",
                        "certificates are named, but listen.tls.client asks for none", "client: optional");
    }
}

std::chrono::seconds read_seconds(SettingsReader& reader, std::string_view key, std::chrono::seconds most) {
    return std::chrono::seconds{reader.whole(key, 1, most.count(), most.count())};
}

/// A memory of what was used reaches as far as the gateway's own window, so a door's can't be wider.
policy::Freshness read_freshness(SettingsReader& reader, const policy::Freshness& ours) {
    policy::Freshness freshness;
    freshness.window = read_seconds(reader, "window_s", ours.window);
    freshness.skew = ours.skew.count() > 0 ? read_seconds(reader, "skew_s", ours.skew) : ours.skew;
    return freshness;
}

std::shared_ptr<const mapping::Mapping> read_inbound(Loading& loading, const yaml::Node& node,
                                                     const std::string& path) {
    if (path.empty()) {
        loading.mistake(node, "C102", "缺少 inbound: 请求如何变成 context 与 query 的映射",
                        "inbound is missing: the mapping that makes context and query of a request",
                        "inbound: doors/national.inbound.yaml");
        return nullptr;
    }
    auto mapping = loading.compile_mapping(path, node);
    const auto* properties = mapping ? mapping->target_schema().find("properties") : nullptr;
    if (mapping && (mapping->source_format() != "json" || mapping->target_format() != "json" || properties == nullptr ||
                    properties->find("context") == nullptr)) {
        loading.mistake(node, "C103", "inbound 须由 json {headers, body} 得出 json {context, query}",
                        "inbound must make json {context, query} of json {headers, body}");
    }
    return mapping;
}

void read_service(Loading& loading, const yaml::Node& node, CallerDoor& door, const std::string& inbound) {
    SettingsReader reader{node, loading.mistakes};
    DoorService one;
    one.code = reader.text("sid");
    const std::string service = reader.text("service");
    const std::string own = reader.text("inbound", inbound);
    reader.finish();
    one.service = loading.snapshot.service(service);
    if (one.service == nullptr && !service.empty()) {
        loading.unknown(node, "service", service, ids_of(loading.snapshot.services));
    }
    one.inbound = read_inbound(loading, node, own);
    const std::string code = one.code;
    if (!code.empty() && !door.services.emplace(code, std::move(one)).second) {
        loading.mistake(node, "C202", code + " 重复", code + " stands twice");
    }
}

void read_services(Loading& loading, const yaml::Node& door, const yaml::Node* list, const std::string& inbound,
                   CallerDoor& into) {
    if (list == nullptr || !list->is_list() || list->items.empty()) {
        loading.mistake(list != nullptr ? *list : door, "C102", "services 须列出至少一个服务",
                        "services must list one service at least", "services: [{sid: s_..., service: tax-clearance}]");
        return;
    }
    for (const yaml::Node& one : list->items) {
        read_service(loading, one, into, inbound);
    }
}

/// Of a caller who shows a keyed digest only: the gateway attests it with a key of its own.
ConsumerKey attested(const Loading& loading, const Consumer& consumer, Protocol protocol) {
    const auto& key = loading.snapshot.gateway.key.key;
    return {.id = consumer.id + '/' + std::string{name_of(protocol)},
            .key = key ? key->verifying_key() : crypto::VerifyingKey::from_secret({}),
            .consumer = &consumer};
}

}  // namespace

std::shared_ptr<const CallerDoor> read_door(Loading& loading, const yaml::Node& node, const Consumer& consumer) {
    SettingsReader reader{node, loading.mistakes};
    const auto protocol = read_protocol(loading, node, reader.text("protocol"));
    if (!protocol) {
        return nullptr;
    }
    CallerDoor door{.protocol = *protocol,
                    .id = reader.text("rid"),
                    .secret = read_appkey(loading, reader.required_node("appkey")),
                    .freshness = read_freshness(reader, loading.snapshot.gateway.freshness),
                    .secret_life = std::chrono::seconds{reader.whole("secret_s", 60, 86'400, 1'800)},
                    .services = {},
                    .caller = attested(loading, consumer, *protocol)};
    const std::string inbound = reader.text("inbound", "");
    read_services(loading, node, reader.node("services"), inbound, door);
    reader.finish();
    check_connection(loading, node, consumer);
    if (!door.id.empty() && find_caller(loading.snapshot, *protocol, door.id) != nullptr) {
        loading.mistake(node, "C202", door.id + " 已属于另一调用方", door.id + " is another consumer's already");
    }
    return std::make_shared<const CallerDoor>(std::move(door));
}

}  // namespace datong::catalogue
