#include "core/crypto/key_state.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "core/base/text.h"
#include "core/crypto/sm2.h"
#include "core/crypto/token.h"

namespace datong::crypto {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;  // a larger one only costs time

bool is_rsa(Algorithm algorithm) {
    return algorithm == Algorithm::rsa_pss_sha512 || algorithm == Algorithm::rsa_pss_sha256 ||
           algorithm == Algorithm::rsa_v1_5_sha256;
}

/// Whether a signature is two numbers, which OpenSSL wants in DER.
bool is_pair(Algorithm algorithm) {
    return algorithm == Algorithm::ecdsa_p256_sha256 || algorithm == Algorithm::sm2_sm3;
}

const EVP_MD* digest_of(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::rsa_pss_sha512:
            return fetched().sha512.get();
        case Algorithm::ed25519:
            return nullptr;  // it hashes by itself
        default:
            return fetched().sha256.get();
    }
}

/// Source: RFC 9421, 3.3.1; RFC 6931, 2.3.9: MGF1 with the signature's own digest, a salt as long as that.
bool set_padding(EVP_PKEY_CTX* context, Algorithm algorithm) {
    if (algorithm == Algorithm::rsa_v1_5_sha256) {
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    }
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest_of(algorithm)) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

DigestCtxPtr prepare(EVP_PKEY* key, Algorithm algorithm, bool to_sign) {
    if (algorithm == Algorithm::sm2_sm3) {
        return start_sm2(key, kSm2Identity, to_sign);
    }
    DigestCtxPtr context{EVP_MD_CTX_new()};
    EVP_PKEY_CTX* inner = nullptr;  // owned by context
    const auto start = to_sign ? EVP_DigestSignInit : EVP_DigestVerifyInit;
    if (!context || start(context.get(), &inner, digest_of(algorithm), nullptr, key) != 1 ||
        (is_rsa(algorithm) && !set_padding(inner, algorithm))) {
        return nullptr;
    }
    return context;
}

/// A context of the caller's own; early 3.0 releases can't copy one of Ed25519, so that is made anew.
DigestCtxPtr fresh(const VerifyingKey::State& state, Algorithm algorithm, bool to_sign) {
    const auto& ready = state.prepared.at(static_cast<std::size_t>(algorithm));
    DigestCtxPtr copy{EVP_MD_CTX_new()};
    if (copy && EVP_MD_CTX_copy_ex(copy.get(), to_sign ? ready.sign.get() : ready.verify.get()) == 1) {
        return copy;
    }
    static_cast<void>(take_openssl_errors());
    return prepare(state.key.get(), algorithm, to_sign);
}

/// @param curve  OpenSSL's name; a curve spelled out by its numbers is not that curve.
bool is_named(const EVP_PKEY* key, std::string_view curve) {
    char name[32]{};
    std::size_t size = 0;
    int is_explicit = 0;
    return EVP_PKEY_get_group_name(key, name, sizeof name, &size) == 1 && std::string_view(name, size) == curve &&
           EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) == 1 &&
           is_explicit == 0;
}

bool is_on_curve(EVP_PKEY* key) {
    const KeyCtxPtr context{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
    return context && EVP_PKEY_public_check(context.get()) == 1;
}

/// The private number lies where it may. OpenSSL reads a key without looking. Source: GB/T 32918.1, 6.1.
bool has_sound_number(EVP_PKEY* key) {
    const KeyCtxPtr context{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
    return context && EVP_PKEY_private_check(context.get()) == 1 && EVP_PKEY_pairwise_check(context.get()) == 1;
}

Result<KeyKind> kind_of(EVP_PKEY* key, bool can_sign) {
    if (EVP_PKEY_is_a(key, "EC") == 1) {
        if (!is_named(key, "prime256v1") || !is_on_curve(key)) {
            return fail(Fault::bad_request, "key: of the elliptic curves only P-256 and SM2 are accepted");
        }
        return KeyKind::p256;
    }
    if (EVP_PKEY_is_a(key, "SM2") == 1) {
        if (!is_named(key, "SM2") || !is_on_curve(key) || (can_sign && !has_sound_number(key))) {
            return fail(Fault::bad_request, "key: an SM2 key that is not sound");
        }
        return KeyKind::sm2;
    }
    if (EVP_PKEY_is_a(key, "ED25519") == 1) {
        return KeyKind::ed25519;
    }
    const bool plain = EVP_PKEY_is_a(key, "RSA") == 1;
    if (!plain && EVP_PKEY_is_a(key, "RSA-PSS") != 1) {
        return fail(Fault::bad_request, "key: only P-256, SM2, Ed25519 and RSA are accepted");
    }
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < kLeastRsaBits || bits > kMostRsaBits) {
        return fail(Fault::bad_request, "key: RSA of " + std::to_string(bits) + " bits, not of 2048 to 8192");
    }
    if (is_weak_rsa(key)) {
        return fail(Fault::bad_request, "key: RSA whose exponent or primes are known to be weak");
    }
    return plain ? KeyKind::rsa : KeyKind::rsa_pss;
}

Result<std::string> mac_of(const VerifyingKey::State& state, std::string_view message) {
    const MacCtxPtr context{EVP_MAC_CTX_dup(state.mac.get())};
    std::string out(32, '\0');
    std::size_t size = 0;
    if (!context || EVP_MAC_update(context.get(), octets(message), message.size()) != 1 ||
        EVP_MAC_final(context.get(), octets(out), &size, out.size()) != 1 || size != out.size()) {
        return fail(Fault::internal, "hmac: " + take_openssl_errors());
    }
    return out;
}

bool verify_prepared(const VerifyingKey::State& state, Algorithm algorithm, std::string_view message,
                     std::string_view signature) {
    const DigestCtxPtr context = fresh(state, algorithm, false);
    return context &&
           EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
}

/// @param out  as long as the longest signature. @param size  of the one made.
bool sign_prepared(const VerifyingKey::State& state, Algorithm algorithm, std::string_view message, std::string& out,
                   std::size_t& size) {
    const DigestCtxPtr context = fresh(state, algorithm, true);
    return context && EVP_DigestSign(context.get(), octets(out), &size, octets(message), message.size()) == 1;
}

Error wrong_kind(Fault fault, Algorithm algorithm) {
    return Error{fault, "the key is not one for " + std::string{name_of(algorithm)}};
}

Error cannot_serve(Algorithm algorithm) {
    return Error{Fault::bad_request,
                 "key: can't be used for " + std::string{name_of(algorithm)} + ": " + take_openssl_errors()};
}

Error not_verified() {
    return Error{Fault::signature_invalid, "the signature does not verify"};
}

/// On the token's thread, with a context of its own.
Result<std::string> sign_there(EVP_PKEY* key, Algorithm algorithm, const std::string& message, std::size_t most) {
    const DigestCtxPtr context = prepare(key, algorithm, true);
    std::string out(most, '\0');
    std::size_t size = out.size();
    if (!context || EVP_DigestSign(context.get(), octets(out), &size, octets(message), message.size()) != 1) {
        return fail(Fault::internal, "sign in the token: " + take_openssl_errors());
    }
    out.resize(size);
    return is_pair(algorithm) ? signature_from_der(out) : std::move(out);
}

/// In the token, within its time.
Result<std::string> sign_in_token(const VerifyingKey::State& state, Algorithm algorithm, std::string_view message) {
    struct Job {
        KeyPtr key;
        std::string message;
        Result<std::string> made = fail(Fault::internal, "");
    };
    if (EVP_PKEY_up_ref(state.token.get()) != 1) {
        return fail(Fault::internal, "sign in the token: " + take_openssl_errors());
    }
    const auto job = std::make_shared<Job>();
    job->key.reset(state.token.get());
    job->message = message;
    const auto most = static_cast<std::size_t>(std::max(0, EVP_PKEY_get_size(state.key.get())));
    const bool is_done = state.line->run(
        [job, algorithm, most] { job->made = sign_there(job->key.get(), algorithm, job->message, most); }, kTokenTime);
    return is_done ? std::move(job->made) : fail(Fault::unavailable, "sign in the token: it does not answer");
}

}  // namespace

bool fits(KeyKind kind, Algorithm algorithm) {
    switch (kind) {
        case KeyKind::p256:
            return algorithm == Algorithm::ecdsa_p256_sha256;
        case KeyKind::ed25519:
            return algorithm == Algorithm::ed25519;
        case KeyKind::rsa:
            return is_rsa(algorithm);
        case KeyKind::rsa_pss:
            return is_rsa(algorithm) && algorithm != Algorithm::rsa_v1_5_sha256;
        case KeyKind::sm2:
            return algorithm == Algorithm::sm2_sm3;
        case KeyKind::secret:
            return algorithm == Algorithm::hmac_sha256;
    }
    return false;
}

Algorithm default_algorithm_of(KeyKind kind) {
    switch (kind) {
        case KeyKind::p256:
            return Algorithm::ecdsa_p256_sha256;
        case KeyKind::ed25519:
            return Algorithm::ed25519;
        case KeyKind::rsa:
        case KeyKind::rsa_pss:
            return Algorithm::rsa_pss_sha512;
        case KeyKind::sm2:
            return Algorithm::sm2_sm3;
        case KeyKind::secret:
            break;
    }
    return Algorithm::hmac_sha256;
}

Result<std::shared_ptr<const VerifyingKey::State>> make_state(KeyPtr key, bool can_sign) {
    const auto kind = kind_of(key.get(), can_sign);
    if (!kind) {
        static_cast<void>(take_openssl_errors());
        return fail(kind.error());
    }
    auto state = std::make_shared<VerifyingKey::State>();
    state->kind = *kind;
    state->can_sign = can_sign;
    state->key = std::move(key);
    if (*kind == KeyKind::p256 && !prepare_p256(*state, can_sign)) {
        return fail(cannot_serve(Algorithm::ecdsa_p256_sha256));
    }
    for (std::size_t at = 0; at < state->prepared.size(); ++at) {
        const auto algorithm = static_cast<Algorithm>(at);
        if (!fits(*kind, algorithm) || *kind == KeyKind::p256) {
            continue;
        }
        auto& ready = state->prepared.at(at);
        ready.verify = prepare(state->key.get(), algorithm, false);
        ready.sign = can_sign ? prepare(state->key.get(), algorithm, true) : nullptr;
        if (!ready.verify || (can_sign && !ready.sign)) {
            return fail(cannot_serve(algorithm));
        }
    }
    return state;
}

Result<std::shared_ptr<const VerifyingKey::State>> make_token_state(KeyPtr pub, KeyPtr token, TokenLine& line) {
    const auto kind = kind_of(pub.get(), false);
    if (!kind) {
        static_cast<void>(take_openssl_errors());
        return fail(kind.error());
    }
    if (*kind != KeyKind::p256 && *kind != KeyKind::rsa) {
        return fail(Fault::bad_request, "key: of tokens P-256 and RSA are taken");
    }
    auto state = std::make_shared<VerifyingKey::State>();
    state->kind = *kind;
    state->can_sign = true;
    state->key = std::move(pub);
    state->token = std::move(token);
    state->line = &line;
    if (*kind == KeyKind::p256 && !prepare_p256(*state, false)) {
        return fail(cannot_serve(Algorithm::ecdsa_p256_sha256));
    }
    for (std::size_t at = 0; at < state->prepared.size(); ++at) {
        const auto algorithm = static_cast<Algorithm>(at);
        if (fits(*kind, algorithm) && *kind != KeyKind::p256) {
            state->prepared.at(at).verify = prepare(state->key.get(), algorithm, false);
        }
    }
    return state;
}

EVP_PKEY* signer_of(const VerifyingKey::State& state) {
    return state.token ? state.token.get() : state.key.get();
}

std::unique_lock<std::mutex> hold_token(const VerifyingKey::State& state) {
    return state.line != nullptr ? std::unique_lock{state.line->mutex()} : std::unique_lock<std::mutex>{};
}

std::shared_ptr<const VerifyingKey::State> make_secret_state(Secret secret) {
    auto state = std::make_shared<VerifyingKey::State>();
    state->kind = KeyKind::secret;
    state->can_sign = true;
    state->secret = std::move(secret);
    state->mac.reset(EVP_MAC_CTX_new(fetched().hmac.get()));
    char name[] = "SHA256";
    const OSSL_PARAM parameters[]{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                  OSSL_PARAM_construct_end()};
    const std::string& key = state->secret.reveal();
    if (!state->mac || EVP_MAC_init(state->mac.get(), octets(key), key.size(), parameters) != 1) {
        std::fprintf(stderr, "datong: hmac: %s\n", take_openssl_errors().c_str());
        std::abort();
    }
    return state;
}

DigestCtxPtr start_sm2(EVP_PKEY* key, std::string_view identity, bool to_sign) {
    DigestCtxPtr context{EVP_MD_CTX_new()};
    EVP_PKEY_CTX* inner = nullptr;  // owned by context
    const auto start = to_sign ? EVP_DigestSignInit : EVP_DigestVerifyInit;
    if (!context || start(context.get(), &inner, fetched().sm3.get(), nullptr, key) != 1 ||
        EVP_PKEY_CTX_set1_id(inner, identity.data(), static_cast<int>(identity.size())) != 1) {
        return nullptr;
    }
    return context;
}

Status verify_with(const VerifyingKey::State& state, Algorithm algorithm, std::string_view message,
                   std::string_view signature) {
    if (!fits(state.kind, algorithm)) {
        return fail(wrong_kind(Fault::signature_invalid, algorithm));
    }
    if (algorithm == Algorithm::hmac_sha256) {
        const auto mac = mac_of(state, message);
        return mac && equal_in_constant_time(*mac, signature) ? Status{} : fail(not_verified());
    }
    std::string der;
    if (is_pair(algorithm)) {
        auto made = signature_to_der(signature);
        if (!made) {
            return fail(not_verified());
        }
        der = std::move(*made);
        signature = der;
    }
    if (state.kind == KeyKind::p256 ? verify_p256(state, message, signature)
                                    : verify_prepared(state, algorithm, message, signature)) {
        return {};
    }
    static_cast<void>(take_openssl_errors());
    return fail(not_verified());
}

Result<std::string> sign_with(const VerifyingKey::State& state, Algorithm algorithm, std::string_view message) {
    if (!state.can_sign || !fits(state.kind, algorithm)) {
        return fail(wrong_kind(Fault::internal, algorithm));
    }
    if (algorithm == Algorithm::hmac_sha256) {
        return mac_of(state, message);
    }
    if (state.token) {
        return sign_in_token(state, algorithm, message);
    }
    std::string out(static_cast<std::size_t>(std::max(0, EVP_PKEY_get_size(state.key.get()))), '\0');
    std::size_t size = out.size();
    if (!(state.kind == KeyKind::p256 ? sign_p256(state, message, out, size)
                                      : sign_prepared(state, algorithm, message, out, size))) {
        return fail(Fault::internal, "sign: " + take_openssl_errors());
    }
    out.resize(size);
    return is_pair(algorithm) ? signature_from_der(out) : std::move(out);
}

}  // namespace datong::crypto
