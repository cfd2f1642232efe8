#include <algorithm>

#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/crypto/x509.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

void load_key(Loading& loading, const yaml::Node& node, const Consumer& consumer) {
    SettingsReader reader{node, loading.mistakes};
    const std::string id = reader.text("id");
    const std::string written = reader.text("file");
    reader.finish();
    auto key = loading.public_key(node, written);
    if (!key) {
        return;
    }
    std::string thumbprint = key->thumbprint();
    const ConsumerKey* other = loading.snapshot.consumer_key_by_thumbprint(thumbprint);
    if (other != nullptr && other->id != id) {  // a SOAP message names its caller by the key alone
        loading.mistake(node, "C202", "密钥 " + id + " 与 " + other->id + " 是同一把",
                        "key " + id + " is the same as key " + other->id, "make a key of its own for each consumer");
    }
    ConsumerKey entry{.id = id, .key = std::move(*key), .consumer = &consumer, .thumbprint = std::move(thumbprint)};
    if (!loading.snapshot.consumer_keys.emplace(id, std::move(entry)).second) {
        loading.mistake(node, "C202", "密钥编号 " + id + " 重复", "key id " + id + " is used twice");
    }
}

/// One entry of `certificates`: a PEM file, a fingerprint, or a subject.
std::optional<policy::CertificatePin> read_certificate(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    const std::string file = reader.text("file", "");
    const std::string sha256 = reader.text("sha256", "");
    const std::string subject = reader.text("subject", "");
    reader.finish();
    if ((file.empty() ? 0 : 1) + (sha256.empty() ? 0 : 1) + (subject.empty() ? 0 : 1) != 1) {
        loading.mistake(node, "C102", "file、sha256、subject 须且只能写一个", "write one of file, sha256 and subject");
        return std::nullopt;
    }
    if (!file.empty()) {
        const auto pem = loading.file(file, place_of(node, "file"));
        const auto x509 = pem ? crypto::read_x509(*pem) : fail(Fault::bad_request, "not read");
        if (pem && !x509) {
            loading.mistake(node, "C204", "证书不可用: " + file, "this certificate can't be used: " + file,
                            x509.error().detail());
        }
        return x509 ? std::optional{policy::CertificatePin{.sha256 = x509->sha256, .subject = {}}} : std::nullopt;
    }
    const std::string fingerprint = policy::normal_fingerprint(sha256);
    if (!sha256.empty() && fingerprint.empty()) {
        loading.mistake(node, "C103", "sha256 应为 64 位十六进制指纹", "sha256 must be a fingerprint of 64 hex digits",
                        "openssl x509 -in client.pem -noout -fingerprint -sha256");
        return std::nullopt;
    }
    return policy::CertificatePin{.sha256 = fingerprint, .subject = subject};
}

/// Where every connection shows a certificate, one that belongs to nobody in particular would say nothing.
void read_certificates(Loading& loading, const yaml::Node& consumer, const yaml::Node* list, Consumer& into) {
    if (list != nullptr && !list->is_list()) {
        loading.mistake(*list, "C103", "certificates 应为列表", "certificates must be a list");
    }
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        if (auto pin = read_certificate(loading, list->items[i])) {
            into.certificates.push_back(std::move(*pin));
        }
    }
    const auto& tls = loading.snapshot.gateway.listen.tls;
    if (tls && tls->client_required && (list == nullptr || list->items.empty())) {
        loading.mistake(consumer, "C215", "tls.client: required 时每个调用方须登记 certificates",
                        "with tls.client: required every consumer names its certificates",
                        "certificates: [{file: client.pem}]");
    }
}

/// A network that is half of the world says nothing about who calls from it.
void refuse_wide(Loading& loading, const yaml::Node& consumer, const std::string& text) {
    constexpr std::uint64_t kLeastOfFour = 8;
    constexpr std::uint64_t kLeastOfSix = 16;
    const auto slash = text.find('/');
    const auto bits =
        slash == std::string::npos ? std::nullopt : to_whole_number(std::string_view{text}.substr(slash + 1));
    const bool is_six = text.find(':') != std::string::npos;
    if (bits && *bits < (is_six ? kLeastOfSix : kLeastOfFour)) {
        loading.mistake(consumer, "C103", "网段 " + text + " 太大, 等于没有限制",
                        text + " is too wide: it says nothing about who calls",
                        "name the networks of this consumer alone, such as 10.1.0.0/16, or leave networks out");
    }
}

void read_networks(Loading& loading, const yaml::Node& consumer, const std::vector<std::string>& written,
                   Consumer& into) {
    for (const std::string& text : written) {
        if (auto network = policy::Network::parse(text)) {
            refuse_wide(loading, consumer, text);
            into.networks.push_back(*network);
        } else {
            loading.mistake(consumer, "C103", "networks 中的网段有误: " + text, "this is no network: " + text,
                            network.error().detail() + "; write 10.1.0.0/16, 2001:db8::/32 or one address");
        }
    }
}

/// The right to ask who asked about a person: on what basis, for which purposes.
void read_usage(Loading& loading, const yaml::Node* node, Consumer& into) {
    if (node == nullptr) {
        return;
    }
    SettingsReader reader{*node, loading.mistakes};
    UsageRight right{.legal_basis = reader.text("legal_basis"), .purposes = reader.texts("purposes")};
    reader.finish();
    if (right.purposes.empty()) {
        loading.mistake(*node, "C102", "usage 须写明 purposes", "usage must name its purposes",
                        "purposes: [subject-access]");
    }
    into.usage = std::move(right);
}

void load_consumer(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    (void)reader.text("datong");
    auto consumer = std::make_unique<Consumer>();
    consumer->id = reader.text("id");
    consumer->title = reader.text("title");
    const yaml::Node* door = reader.node("door");
    const std::vector<yaml::Node>& keys = door != nullptr ? reader.list("keys") : reader.required_list("keys");
    read_certificates(loading, node, reader.node("certificates"), *consumer);
    read_networks(loading, node, reader.texts("networks"), *consumer);
    read_usage(loading, reader.node("usage"), *consumer);
    consumer->callback = read_callback(loading, reader.node("callback"));
    loading.retired_keys(reader.node("retired"), "consumer:" + consumer->id);
    reader.finish();
    if (!is_id(consumer->id) || loading.snapshot.consumers.contains(consumer->id)) {
        loading.mistake(node, "C202", "调用方 id 不合规或重复", "a consumer id is [a-z][a-z0-9-]* and stands once");
        return;
    }
    Consumer& kept = *(loading.snapshot.consumers[consumer->id] = std::move(consumer));
    for (const yaml::Node& key : keys) {
        load_key(loading, key, kept);
    }
    if (door != nullptr) {
        kept.door = read_door(loading, *door, kept);
    }
}

}  // namespace

void load_consumers(Loading& loading) {
    for (const std::string& name : loading.list(loading.root + "consumers")) {
        if (const auto node = loading.document(loading.root + "consumers/" + name, "consumer")) {
            load_consumer(loading, *node);
        }
    }
}

}  // namespace datong::catalogue
