#include "core/catalogue/loading.h"
#include "core/crypto/token.h"
#include "core/record/date.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

bool is_date(const std::string& text) {
    return record::parse_iso_date(text).has_value();
}

/// One entry of `retired`.
void load_retired(Loading& loading, const yaml::Node& node, const std::string& owner) {
    SettingsReader reader{node, loading.mistakes};
    const std::string id = reader.text("id");
    const std::string file = reader.text("file");
    const std::string from = reader.text("from", "");
    const std::string to = reader.text("to");
    reader.finish();
    if ((!from.empty() && !is_date(from)) || (!to.empty() && !is_date(to)) || (!from.empty() && from > to)) {
        loading.mistake(node, "C103", "from、to 应为先后两个日期, 如 2025-01-01",
                        "from and to must be dates such as 2025-01-01, one not after the other");
        return;
    }
    auto key = loading.public_key(node, file);
    if (key && !to.empty()) {
        loading.snapshot.retired_keys.push_back(
            {.id = id, .owner = owner, .key = std::move(*key), .from = from, .to = to});
    }
}

/// The PIN of a token's user: from a file that others can't read, or from the environment.
std::optional<Secret> pin_of(Loading& loading, const yaml::Node& node, const crypto::TokenKey& where) {
    if (!where.pin_source.empty()) {
        auto text = loading.secret(where.pin_source, node);
        std::string line = text ? text->reveal() : std::string{};
        while (line.ends_with('\n') || line.ends_with('\r')) {
            line.pop_back();
        }
        return text ? std::optional{Secret{std::move(line)}} : std::nullopt;
    }
    auto pin = loading.with.files.environment("DATONG_TOKEN_PIN");
    if (!pin) {
        loading.mistake(node, "C203", "令牌的 PIN 未给出", "the token's PIN is not given",
                        "pkcs11:...&pin-source=file:keys/token.pin, or DATONG_TOKEN_PIN");
    }
    return pin ? std::optional{Secret{std::move(*pin)}} : std::nullopt;
}

/// A key that stays in its token (PKCS#11).
std::optional<NamedKey> key_of_token(Loading& loading, const yaml::Node& node, const std::string& id,
                                     const std::string& uri) {
    const auto where = crypto::read_token_uri(uri);
    if (!where) {
        loading.mistake(node, "C103", "令牌密钥的 URI 有误", "the URI of a token's key is wrong",
                        where.error().detail());
        return std::nullopt;
    }
    const auto pin = pin_of(loading, node, *where);
    if (!pin) {
        return std::nullopt;
    }
    auto key = crypto::open_token_key(*where, *pin);
    if (!key) {
        loading.mistake(node, "C204", "令牌中的密钥不可用", "the key in the token can't be used", key.error().detail());
        return std::nullopt;
    }
    loading.refuse_published(key->verifying_key(), node);
    return NamedKey{.id = id, .key = std::move(*key)};
}

std::optional<NamedKey> key_of_pem(Loading& loading, const yaml::Node& node, const std::string& id,
                                   const std::string& path) {
    if (crypto::is_token_uri(path)) {
        return key_of_token(loading, node, id, path);
    }
    const auto pem = loading.secret(path, node);
    if (!pem) {
        return std::nullopt;
    }
    auto key = crypto::SigningKey::from_pem(pem->reveal());
    if (!key) {
        loading.mistake(node, "C204", "密钥不可用: " + loading.path_of(path),
                        "this key can't be used: " + loading.path_of(path), key.error().detail());
        return std::nullopt;
    }
    loading.refuse_published(key->verifying_key(), node);
    return NamedKey{.id = id, .key = std::move(*key)};
}

void retire(Loading& loading, const yaml::Node& node, const std::string& ring_file,
            const keyring::RetiredRingKey& retired, const std::string& owner) {
    if (auto key = loading.public_key(node, beside(ring_file, retired.file))) {
        loading.snapshot.retired_keys.push_back(
            {.id = retired.id, .owner = owner, .key = std::move(*key), .from = retired.from, .to = retired.to});
    }
}

/// All keys of a ring under the one that is in use now.
std::optional<NamedKey> keys_of_ring(Loading& loading, const yaml::Node& node, const std::string& written,
                                     const std::string& owner, const std::optional<keyring::Ring>& ring) {
    if (!ring) {
        return std::nullopt;
    }
    const keyring::RingKey* used = ring->in_use(loading.with.tools.clock.now());
    if (used == nullptr) {
        loading.mistake(node, "C204", "密钥环中没有已启用的密钥: " + written,
                        "no key of this ring is in use yet: " + written);
        return std::nullopt;
    }
    NamedKey named;
    std::vector<NamedKey> others;
    for (const keyring::RingKey& one : ring->keys) {
        if (auto opened = open_ring_key(loading, node, written, one)) {
            (&one == used ? named : others.emplace_back()) = std::move(*opened);
        }
    }
    for (const keyring::RetiredRingKey& one : ring->retired) {
        retire(loading, node, written, one, owner);
    }
    named.others = std::move(others);
    return named.key ? std::optional{std::move(named)} : std::nullopt;
}

/// A private key of {id, file}, or all keys of a ring of one of these roles.
std::optional<NamedKey> own_key(Loading& loading, const yaml::Node& node, const std::string& owner, crypto::KeyUse role,
                                std::optional<crypto::KeyUse> or_role) {
    SettingsReader reader{node, loading.mistakes};
    const std::string ring_file = reader.text("ring", "");
    if (!ring_file.empty()) {
        reader.finish();
        return keys_of_ring(loading, node, ring_file, owner, loading.ring(node, ring_file, role, or_role));
    }
    const std::string id = reader.text("id");
    const std::string written = reader.text("file");
    reader.finish();
    return id.empty() || written.empty() ? std::nullopt : key_of_pem(loading, node, id, written);
}

}  // namespace

std::string beside(const std::string& ring_file, const std::string& name) {
    const auto slash = ring_file.rfind('/');
    return name.starts_with('/') || crypto::is_token_uri(name) || slash == std::string::npos
               ? name
               : ring_file.substr(0, slash + 1) + name;
}

std::optional<NamedKey> open_ring_key(Loading& loading, const yaml::Node& at, const std::string& ring_file,
                                      const keyring::RingKey& key) {
    auto opened = key_of_pem(loading, at, key.id, beside(ring_file, key.file));
    if (opened && !key.chain.empty()) {
        opened->chain_pem = loading.file(beside(ring_file, key.chain), at).value_or("");
    }
    if (opened) {
        opened->from = key.from;
    }
    return opened;
}

std::optional<Secret> Loading::secret(const std::string& written, const yaml::Node& at) {
    auto text = with.files.read_secret(path_of(written));
    if (!text) {
        mistake(at, "C203", text.error().text_zh, text.error().text_en, text.error().hint);
        return std::nullopt;
    }
    return std::move(*text);  // a secret is no part of the digest
}

std::optional<keyring::Ring> Loading::ring(const yaml::Node& node, const std::string& written, crypto::KeyUse role,
                                           std::optional<crypto::KeyUse> or_role) {
    const auto text = written.empty() ? std::nullopt : file(written, node);
    if (!text) {
        return std::nullopt;
    }
    auto parsed = yaml::parse(*text, path_of(written));
    if (!parsed) {
        mistakes.insert(mistakes.end(), parsed.error().begin(), parsed.error().end());
        return std::nullopt;
    }
    auto ring = keyring::read_ring(*parsed, mistakes);
    if (ring && ring->role != role && ring->role != or_role) {
        mistake(node, "C204", "密钥环用途不符: " + written, "this ring has another role: " + written,
                "role: " + std::string{keyring::name_of(role)});
        return std::nullopt;
    }
    return ring;
}

std::optional<NamedKey> Loading::signing_key(const yaml::Node& node, const std::string& owner) {
    return own_key(*this, node, owner, crypto::KeyUse::sign, {});
}

std::optional<NamedKey> Loading::opening_key(const yaml::Node& node, const std::string& owner) {
    return own_key(*this, node, owner, crypto::KeyUse::encrypt, crypto::KeyUse::sign);
}

std::optional<crypto::VerifyingKey> Loading::public_key(const yaml::Node& node, const std::string& written) {
    const auto pem = written.empty() ? std::nullopt : file(written, node);
    if (!pem) {
        return std::nullopt;
    }
    auto key = crypto::VerifyingKey::from_pem(*pem);
    if (!key) {
        mistake(node, "C204", "公钥不可用: " + written, "this key can't be used: " + written, key.error().detail());
        return std::nullopt;
    }
    refuse_published(*key, node);
    return std::move(*key);
}

void Loading::retired_keys(const yaml::Node* list, const std::string& owner) {
    if (list == nullptr) {
        return;
    }
    if (!list->is_list()) {
        mistake(*list, "C103", "retired 应为列表", "retired must be a list",
                "retired: [{id: ..., file: ..., to: ...}]");
    }
    for (const yaml::Node& one : list->items) {
        load_retired(*this, one, owner);
    }
}

}  // namespace datong::catalogue
