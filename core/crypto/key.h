#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::crypto {

/// Signature algorithms by their names in RFC 9421, 6.2.2; "sm2-sm3" is a private name of ours for the
/// signature of GB/T 32918.2 with SM3 and the default identity (see sm2.h), and "rsa-pss-sha256" one for what RFC 9421
/// has no name for: JWS and XML have (PS256; RFC 6931, 2.3.9).
enum class Algorithm {
    ecdsa_p256_sha256,
    ed25519,
    rsa_pss_sha512,
    rsa_v1_5_sha256,
    sm2_sm3,
    hmac_sha256,
    rsa_pss_sha256,
};

[[nodiscard]] std::string_view name_of(Algorithm algorithm);
[[nodiscard]] std::optional<Algorithm> algorithm_by_name(std::string_view name);
/// "ES256", "EdDSA", "PS512", "PS256", "RS256", "HS256" (RFC 7518, 3.1; RFC 8037, 3.1); private: "SM2SM3".
[[nodiscard]] std::string_view jws_name_of(Algorithm algorithm);
[[nodiscard]] std::optional<Algorithm> algorithm_by_jws_name(std::string_view name);

/// What verifies: a public key or a shared secret. Immutable; may be used from many threads.
/// Signatures are in the form of RFC 9421 and JWS: ECDSA and SM2 as r||s of 64 octets, the rest as OpenSSL
/// gives them. RSA keys of under 2048 bits are refused.
class VerifyingKey {
public:
    /// @param pem  SubjectPublicKeyInfo, RSA public key or X.509 certificate, in PEM.
    [[nodiscard]] static Result<VerifyingKey> from_pem(std::string_view pem);
    [[nodiscard]] static Result<VerifyingKey> from_jwk(const record::Record& jwk);
    [[nodiscard]] static VerifyingKey from_secret(Secret secret);

    /// @return Fault::signature_invalid when it does not verify or the key is of another kind.
    [[nodiscard]] Status verify(Algorithm algorithm, std::string_view message, std::string_view signature) const;
    /// The algorithm that a key is used with here when nobody says another: P-256, Ed25519, RSA-PSS, SM2, HMAC.
    [[nodiscard]] Algorithm default_algorithm() const;
    /// Public JWK (RFC 7517); null for a shared secret. An SM2 key is of kty EC with the private crv "SM2".
    [[nodiscard]] record::Record to_jwk() const;
    /// SHA-256 thumbprint, base64url (RFC 7638); of a secret: of nothing, empty.
    [[nodiscard]] std::string thumbprint() const;

    struct State;
    [[nodiscard]] const State& state() const noexcept { return *state_; }  ///< for this room

private:
    explicit VerifyingKey(std::shared_ptr<const State> state);
    std::shared_ptr<const State> state_;
    friend class SigningKey;
};

/// What signs. Immutable; may be used from many threads. A signer may wait (a hardware module later),
/// so call sites that hold one loop treat sign() as work.
class SigningKey {
public:
    [[nodiscard]] static Result<SigningKey> from_pem(std::string_view pem);
    /// @param rsa_bits  of an RSA key: 2048 or 3072.
    [[nodiscard]] static Result<SigningKey> generate(Algorithm algorithm, std::size_t rsa_bits = 3072);
    [[nodiscard]] static SigningKey from_secret(Secret secret);

    [[nodiscard]] Result<std::string> sign(Algorithm algorithm, std::string_view message) const;
    [[nodiscard]] Algorithm default_algorithm() const;
    [[nodiscard]] VerifyingKey verifying_key() const;
    /// PKCS #8 in PEM, unencrypted; for the makers of keys only.
    [[nodiscard]] Result<Secret> to_pem() const;
    [[nodiscard]] Result<std::string> public_pem() const;
    explicit SigningKey(std::shared_ptr<const VerifyingKey::State> state);               ///< for this room
    [[nodiscard]] const VerifyingKey::State& state() const noexcept { return *state_; }  ///< for this room

private:
    std::shared_ptr<const VerifyingKey::State> state_;
};

}  // namespace datong::crypto
