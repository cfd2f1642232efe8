#include "core/catalogue/loading.h"
#include "core/crypto/token.h"
#include "core/crypto/x509.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

/// The first certificate of the chain must be the key's own.
void check_pair(Loading& loading, const yaml::Node& node, const TlsText& tls) {
    const auto x509 = crypto::read_x509(tls.chain_pem);
    const auto key =
        tls.token ? Result<crypto::SigningKey>{*tls.token} : crypto::SigningKey::from_pem(tls.key_pem.reveal());
    const auto own = key ? key->public_pem() : fail(key.error());
    if (key) {
        loading.refuse_published(key->verifying_key(), node);
    }
    if (!x509 || !own || *own != x509->public_key_pem) {
        loading.mistake(node, "C204", "TLS 证书与私钥不可用或不配对",
                        "the TLS chain and key can't be used, or do not belong together",
                        !x509  ? x509.error().detail()
                        : !own ? own.error().detail()
                               : std::string{});
    }
}

TlsText read_pair(Loading& loading, const yaml::Node& node, const std::string& chain, const std::string& key) {
    TlsText tls;
    tls.chain_pem = loading.file(chain, node).value_or("");
    if (crypto::is_token_uri(key)) {
        auto opened = open_ring_key(loading, node, {}, {.id = {}, .file = key});
        tls.token = opened ? std::move(opened->key) : std::nullopt;
    } else {
        tls.key_pem = loading.secret(key, node).value_or(Secret{});
    }
    if (!tls.chain_pem.empty() && (tls.token || !tls.key_pem.empty())) {
        check_pair(loading, node, tls);
    }
    return tls;
}

/// The pair of a ring that is shown now, and those that will be.
void read_ring_pairs(Loading& loading, const yaml::Node& node, const std::string& written, Listener& listener) {
    const auto ring = loading.ring(node, written, crypto::KeyUse::tls);
    const keyring::RingKey* used = ring ? ring->in_use(loading.with.tools.clock.now()) : nullptr;
    if (ring && used == nullptr) {
        loading.mistake(node, "C204", "密钥环中没有已启用且有证书的密钥: " + written,
                        "no key of this ring is in use and has its certificate: " + written,
                        "datong cert import " + ring->name + " FILE");
    }
    for (std::size_t i = 0; used != nullptr && i < ring->keys.size(); ++i) {
        const keyring::RingKey& one = ring->keys[i];
        if (&one < used || one.chain.empty()) {
            continue;
        }
        TlsText tls = read_pair(loading, node, beside(written, one.chain), beside(written, one.file));
        tls.from = one.from;
        if (&one == used) {
            listener.tls = std::move(tls);
        } else {
            listener.later.push_back(std::move(tls));
        }
    }
}

/// `mode: none` says that nothing is asked, as leaving the whole out does.
void read_revocation(Loading& loading, const yaml::Node* node, Listener& listener, bool has_clients) {
    if (node == nullptr) {
        return;
    }
    SettingsReader reader{*node, loading.mistakes};
    const std::string mode = reader.one_of("mode", {"hard", "soft", "none"}, "hard");
    Revocation revocation{.is_hard = mode == "hard", .crls = reader.texts("crl"), .ocsp = reader.text("ocsp", "")};
    revocation.refresh = std::chrono::seconds{reader.whole("refresh_s", 1, 86'400, 60)};
    revocation.timeout = reader.milliseconds("timeout_ms", revocation.timeout);
    reader.finish();
    if (mode == "none") {
        return;
    }
    if (!has_clients || (revocation.crls.empty() && revocation.ocsp.empty())) {
        loading.mistake(*node, "C102", "revocation 需要 client_ca, 以及 crl 或 ocsp",
                        "revocation needs client_ca, and crl or ocsp", "crl: [keys/ca.crl]");
        return;
    }
    if (!revocation.ocsp.empty() && !revocation.ocsp.starts_with("http://")) {
        loading.mistake(*node, "C103", "ocsp 应为 http:// 地址: 响应自带签名",
                        "ocsp must be an http:// URL: its answers are signed by themselves");
    }
    for (std::string& crl : revocation.crls) {
        crl = crl.starts_with("http://") ? crl : loading.path_of(crl);
    }
    listener.revocation = std::move(revocation);
}

struct Clients {
    std::string ca_pem;
    bool required{};
};

Clients read_clients(Loading& loading, const yaml::Node& node, SettingsReader& reader) {
    const std::string client_ca = reader.text("client_ca", "");
    const std::string client = reader.one_of("client", {"none", "optional", "required"}, "none");
    Clients clients{.ca_pem = {}, .required = client == "required"};
    if (client != "none") {
        if (client_ca.empty()) {
            loading.mistake(node, "C102", "要求客户端证书时须给出 client_ca", "client certificates need client_ca");
        } else {
            clients.ca_pem = loading.file(client_ca, node).value_or("");
        }
    }
    return clients;
}

}  // namespace

void read_tls(Loading& loading, const yaml::Node& node, Listener& listener) {
    SettingsReader reader{node, loading.mistakes};
    const std::string ring = reader.text("ring", "");
    const std::string chain = ring.empty() ? reader.text("chain") : std::string{};
    const std::string key = ring.empty() ? reader.text("key") : std::string{};
    const Clients clients = read_clients(loading, node, reader);
    read_revocation(loading, reader.node("revocation"), listener, !clients.ca_pem.empty());
    reader.finish();
    if (!ring.empty()) {
        read_ring_pairs(loading, node, ring, listener);
    } else if (!chain.empty() && !key.empty()) {
        listener.tls = read_pair(loading, node, chain, key);
    }
    const auto add_clients = [&clients](TlsText& tls) {
        tls.client_ca_pem = clients.ca_pem;
        tls.client_required = clients.required;
    };
    if (listener.tls) {
        add_clients(*listener.tls);
    }
    for (TlsText& later : listener.later) {
        add_clients(later);
    }
}

}  // namespace datong::catalogue
