#include "core/crypto/key.h"

#include <array>
#include <utility>

#include <openssl/pem.h>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/crypto/key_state.h"

namespace datong::crypto {
namespace {

struct Names {
    Algorithm algorithm;
    std::string_view http;
    std::string_view jws;
};
constexpr std::array<Names, 7> kNames{{
    {Algorithm::ecdsa_p256_sha256, "ecdsa-p256-sha256", "ES256"},
    {Algorithm::ed25519, "ed25519", "EdDSA"},
    {Algorithm::rsa_pss_sha512, "rsa-pss-sha512", "PS512"},
    {Algorithm::rsa_v1_5_sha256, "rsa-v1_5-sha256", "RS256"},
    {Algorithm::sm2_sm3, "sm2-sm3", "SM2SM3"},
    {Algorithm::hmac_sha256, "hmac-sha256", "HS256"},
    {Algorithm::rsa_pss_sha256, "rsa-pss-sha256", "PS256"},
}};
constexpr std::size_t kLeastSecret = 32;  // Source: RFC 7518, 3.2

const Names& names_of(Algorithm algorithm) {
    return kNames.at(static_cast<std::size_t>(algorithm));
}

/// Answers every question for a passphrase with none, so that no start ever waits at a terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

struct PemBlock {
    std::string label;  ///< "PUBLIC KEY"
    std::string der;
};

Result<PemBlock> first_block(std::string_view pem) {
    const BioPtr bio = reading(pem);
    char* label = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (!bio || PEM_read_bio(bio.get(), &label, &header, &data, &size) != 1) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::bad_request, "key: no PEM block");
    }
    PemBlock block{label, std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size))};
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    return block;
}

KeyPtr public_key_of(const PemBlock& block) {
    const unsigned char* in = octets(block.der);
    const auto size = static_cast<long>(block.der.size());
    if (block.label == PEM_STRING_PUBLIC) {
        return KeyPtr{d2i_PUBKEY(nullptr, &in, size)};
    }
    if (block.label == PEM_STRING_RSA_PUBLIC) {
        return KeyPtr{d2i_PublicKey(EVP_PKEY_RSA, nullptr, &in, size)};
    }
    if (block.label == PEM_STRING_X509) {
        const X509Ptr x509{d2i_X509(nullptr, &in, size)};
        return KeyPtr{x509 ? X509_get_pubkey(x509.get()) : nullptr};
    }
    return nullptr;
}

/// The `alg` and `use` of a JWK bind the key when they are there. Source: RFC 7517, 4.2 and 4.4.
Status check_jwk_use(const record::Record& jwk, KeyKind kind) {
    const record::Record* use = jwk.find("use");
    if (use != nullptr && use->scalar() != "sig") {
        return fail(Fault::bad_request, "jwk: use is not sig");
    }
    const record::Record* named = jwk.find("alg");
    if (named == nullptr) {
        return {};
    }
    for (const Names& names : kNames) {
        if (names.jws == named->scalar() && fits(kind, names.algorithm)) {
            return {};
        }
    }
    return fail(Fault::bad_request, "jwk: alg does not fit the key");
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
    return names_of(algorithm).http;
}

std::string_view jws_name_of(Algorithm algorithm) {
    return names_of(algorithm).jws;
}

std::optional<Algorithm> algorithm_by_name(std::string_view name) {
    for (const Names& names : kNames) {
        if (names.http == name) {
            return names.algorithm;
        }
    }
    return std::nullopt;
}

std::optional<Algorithm> algorithm_by_jws_name(std::string_view name) {
    for (const Names& names : kNames) {
        if (names.jws == name) {
            return names.algorithm;
        }
    }
    return std::nullopt;
}

VerifyingKey::VerifyingKey(std::shared_ptr<const State> state) : state_{std::move(state)} {
}

Result<VerifyingKey> VerifyingKey::from_pem(std::string_view pem) {
    const auto block = first_block(pem);
    if (!block) {
        return fail(block.error());
    }
    KeyPtr key = public_key_of(*block);
    if (!key) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::bad_request, "key: the PEM block '" + block->label + "' holds no public key");
    }
    auto state = make_state(std::move(key), false);
    if (!state) {
        return fail(std::move(state.error()));
    }
    return VerifyingKey{std::move(*state)};
}

Result<VerifyingKey> VerifyingKey::from_jwk(const record::Record& jwk) {
    if (jwk.text_of("kty") == "oct") {
        auto secret = from_base64url(jwk.text_of("k"));
        if (!secret || secret->size() < kLeastSecret) {
            return fail(Fault::bad_request, "jwk: k must be 32 octets or more in base64url");
        }
        if (auto used = check_jwk_use(jwk, KeyKind::secret); !used) {
            return fail(std::move(used.error()));
        }
        return from_secret(Secret{std::move(*secret)});
    }
    auto key = read_jwk(jwk);
    if (!key) {
        return fail(std::move(key.error()));
    }
    auto state = make_state(std::move(*key), false);
    if (!state) {
        return fail(std::move(state.error()));
    }
    if (auto used = check_jwk_use(jwk, (*state)->kind); !used) {
        return fail(std::move(used.error()));
    }
    return VerifyingKey{std::move(*state)};
}

VerifyingKey VerifyingKey::from_secret(Secret secret) {
    return VerifyingKey{make_secret_state(std::move(secret))};
}

Status VerifyingKey::verify(Algorithm algorithm, std::string_view message, std::string_view signature) const {
    return verify_with(*state_, algorithm, message, signature);
}

Algorithm VerifyingKey::default_algorithm() const {
    return default_algorithm_of(state_->kind);
}

record::Record VerifyingKey::to_jwk() const {
    return write_jwk(*state_);
}

std::string VerifyingKey::thumbprint() const {
    const record::Record jwk = to_jwk();
    if (jwk.is_null()) {
        return {};
    }
    // the members are base64url and fixed names: nothing in them needs an escape
    std::string text = "{";
    for (const record::Member& member : jwk.members()) {
        text.append(text.size() > 1 ? ",\"" : "\"").append(member.name).append("\":\"");
        text.append(member.value.scalar()).append("\"");
    }
    return to_base64url(sha256(text + "}"));
}

SigningKey::SigningKey(std::shared_ptr<const VerifyingKey::State> state) : state_{std::move(state)} {
}

namespace {

/// "SM2 PRIVATE KEY" in both labels as "EC PRIVATE KEY".
std::string without_sm2(std::string_view pem) {
    std::string out{pem};
    const std::string_view label = "SM2 PRIVATE KEY";
    for (auto at = out.find(label); at != std::string::npos; at = out.find(label, at)) {
        out.replace(at, label.find(' '), "EC");
    }
    return out;
}

}  // namespace

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
    // a label of Tongsuo's and GmSSL's for the form of RFC 5915, which not every OpenSSL 3.0 knows
    const bool is_sm2 = pem.find("-----BEGIN SM2 PRIVATE KEY-----") != std::string_view::npos;
    const Secret renamed{is_sm2 ? without_sm2(pem) : std::string{}};
    const BioPtr bio = reading(is_sm2 ? renamed.reveal() : pem);
    KeyPtr key{bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr};
    if (!key) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::bad_request, "key: no unencrypted private key in PEM");
    }
    auto state = make_state(std::move(key), true);
    if (!state) {
        return fail(std::move(state.error()));
    }
    return SigningKey{std::move(*state)};
}

Result<SigningKey> SigningKey::generate(Algorithm algorithm, std::size_t rsa_bits) {
    KeyPtr key;
    switch (algorithm) {
        case Algorithm::ecdsa_p256_sha256:
            key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
            break;
        case Algorithm::ed25519:
            key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
            break;
        case Algorithm::rsa_pss_sha512:
        case Algorithm::rsa_pss_sha256:
        case Algorithm::rsa_v1_5_sha256:
            key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", rsa_bits));
            break;
        case Algorithm::sm2_sm3:
            key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2"));
            break;
        case Algorithm::hmac_sha256:
            return from_secret(Secret{random_bytes(kLeastSecret)});
    }
    if (!key) {
        return fail(Fault::internal, "key: " + take_openssl_errors());
    }
    auto state = make_state(std::move(key), true);
    if (!state) {
        return fail(std::move(state.error()));
    }
    return SigningKey{std::move(*state)};
}

SigningKey SigningKey::from_secret(Secret secret) {
    return SigningKey{make_secret_state(std::move(secret))};
}

Result<std::string> SigningKey::sign(Algorithm algorithm, std::string_view message) const {
    return sign_with(*state_, algorithm, message);
}

Algorithm SigningKey::default_algorithm() const {
    return default_algorithm_of(state_->kind);
}

VerifyingKey SigningKey::verifying_key() const {
    return VerifyingKey{state_};
}

Result<Secret> SigningKey::to_pem() const {
    const BioPtr bio = writing();
    if (!state_->key || !bio ||
        PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return fail(Fault::internal, "key: not written: " + take_openssl_errors());
    }
    return Secret{text_of(*bio)};
}

Result<std::string> SigningKey::public_pem() const {
    const BioPtr bio = writing();
    if (!state_->key || !bio || PEM_write_bio_PUBKEY(bio.get(), state_->key.get()) != 1) {
        return fail(Fault::internal, "key: not written: " + take_openssl_errors());
    }
    return text_of(*bio);
}

}  // namespace datong::crypto
