#include <algorithm>

#include "core/catalogue/caller_door.h"
#include "core/catalogue/loading.h"
#include "core/crypto/sm2.h"
#include "core/profiles/httpproxy_form.h"
#include "core/profiles/traits.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

/// What the settings of a protocol's door are called, and whether it lists its services.
struct Shape {
    Protocol protocol{};
    std::string_view id;
    bool by_licence{};  ///< the type of a licence says which service: one inbound mapping for all
    bool seals{};       ///< two SM2 keys in place of an appkey
};
constexpr std::array kShapes{Shape{.protocol = Protocol::gjgxjhpt, .id = "rid"},
                             Shape{.protocol = Protocol::gjzwfwpt, .id = "rid"},
                             Shape{.protocol = Protocol::gjzwfwpt_form, .id = "rid"},
                             Shape{.protocol = Protocol::access_token, .id = "access_id"},
                             Shape{.protocol = Protocol::sm_envelope, .id = "app_id", .seals = true},
                             Shape{.protocol = Protocol::licence_a, .id = "access_id", .by_licence = true},
                             Shape{.protocol = Protocol::licence_b, .id = "access_id", .by_licence = true}};

/// A protocol that is no door says why it is none: the weak ones are for calls that we make.
const Shape* read_shape(Loading& loading, const yaml::Node& node, const std::string& name) {
    static constexpr const char* kOurs =
        "protocol: gjgxjhpt | gjzwfwpt | gjzwfwpt-form | access-token | sm-envelope | licence-a | licence-b";
    const auto found = std::ranges::find(kShapes, name, [](const Shape& shape) { return name_of(shape.protocol); });
    if (found != kShapes.end()) {
        return &*found;
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
    return nullptr;
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
    Secret appkey{std::move(text)};
    loading.refuse_published(appkey, *node);
    return appkey;
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
    auto mapping = loading.compile_mapping(path, place_of(node, "inbound"));
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
        loading.unknown(place_of(node, "service"), "service", service, ids_of(loading.snapshot.services));
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

/// Whether a key is of SM2; a mistake when it is not.
bool is_sm2(Loading& loading, const yaml::Node& node, const crypto::VerifyingKey& key) {
    const bool good = crypto::sm2_point_of(key).has_value();
    if (!good) {
        loading.mistake(node, "C204", "信封的密钥须为 SM2", "the keys of an envelope are SM2 keys",
                        "datong cert init encrypt NAME --kind sm2");
    }
    return good;
}

/// Both keys, and the forms in which the peer's library writes SM2.
std::optional<EnvelopeKeys> read_envelope(Loading& loading, const yaml::Node& node, SettingsReader& reader) {
    const yaml::Node* own_node = reader.required_node("key");
    auto own = own_node != nullptr ? loading.opening_key(*own_node, "gateway") : std::nullopt;
    const std::string file = reader.text("peer");
    auto peer = file.empty() ? std::nullopt : loading.public_key(node, file);
    const std::string key_form = reader.one_of("key_form", {"c1c3c2", "c1c2c3", "asn1"}, "c1c3c2");
    const std::string signature_form = reader.one_of("signature_form", {"der", "raw"}, "der");
    if (!own || !own->key || !peer || !is_sm2(loading, node, own->key->verifying_key()) ||
        !is_sm2(loading, node, *peer)) {
        return std::nullopt;
    }
    using profiles::KeyForm;
    return EnvelopeKeys{
        .own = std::move(*own),
        .peer = std::move(*peer),
        .form = {.key = key_form == "asn1"     ? KeyForm::asn1
                        : key_form == "c1c2c3" ? KeyForm::c1c2c3
                                               : KeyForm::c1c3c2,
                 .signature = signature_form == "raw" ? profiles::SignatureForm::raw : profiles::SignatureForm::der}};
}

/// What a form's keyed digest covers: who calls and when at least.
std::vector<std::string> read_signs(Loading& loading, const yaml::Node& node, std::vector<std::string> signs) {
    if (signs.empty()) {
        return profiles::default_form_parts();
    }
    const auto has = [&signs](std::string_view name) { return std::ranges::find(signs, name) != signs.end(); };
    if (!std::ranges::all_of(signs, profiles::is_form_part) || !has("sid") || !has("timestamp")) {
        loading.mistake(
            node, "C105", "signs 只能列 access_key、rid、sid、timestamp、request_id、content, 且须含 sid 与 timestamp",
            "signs lists access_key, rid, sid, timestamp, request_id and content, sid and timestamp among them",
            "signs: [sid, rid, timestamp, content]");
    }
    return signs;
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
    const Shape* shape = read_shape(loading, node, reader.text("protocol"));
    if (shape == nullptr) {
        return nullptr;
    }
    CallerDoor door{.protocol = shape->protocol,
                    .id = reader.text(shape->id),
                    .secret = shape->seals ? Secret{} : read_appkey(loading, reader.required_node("appkey")),
                    .freshness = read_freshness(reader, loading.snapshot.gateway.freshness),
                    .secret_life = std::chrono::seconds{reader.whole("secret_s", 60, 86'400, 1'800)},
                    .services = {},
                    .inbound = {},
                    .signs = {},
                    .envelope = {},
                    .caller = attested(loading, consumer, shape->protocol)};
    if (shape->seals) {
        door.envelope = read_envelope(loading, node, reader);
    }
    if (shape->protocol == Protocol::gjzwfwpt_form) {
        door.signs = read_signs(loading, node, reader.texts("signs"));
    }
    const std::string inbound = reader.text("inbound", "");
    if (shape->by_licence) {
        door.hold = std::chrono::seconds{reader.whole("hold_s", 10, 3'600, door.hold.count())};
        door.inbound = read_inbound(loading, node, inbound);
    } else {
        read_services(loading, node, reader.node("services"), inbound, door);
    }
    reader.finish();
    check_connection(loading, node, consumer);
    if (!door.id.empty() && find_caller(loading.snapshot, door.protocol, door.id) != nullptr) {
        loading.mistake(node, "C202", door.id + " 已属于另一调用方", door.id + " is another consumer's already");
    }
    return std::make_shared<const CallerDoor>(std::move(door));
}

}  // namespace datong::catalogue
