#pragma once

#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/crypto/key.h"

namespace datong::crypto {

/// The identity that SM2 signs beside the message when nobody agreed on another: that of certificates and of
/// every interface seen. Source: GM/T 0009-2012, 10.
inline constexpr std::string_view kSm2Identity = "1234567812345678";

/// With an identity of one's own; with the default one, VerifyingKey::verify and SigningKey::sign do the same.
/// @param signature  r||s of 64 octets; see signature_to_der() for DER.
/// @return Fault::signature_invalid when it does not verify or the key is of another kind.
/// Source: GB/T 32918.2-2016, with SM3.
[[nodiscard]] Status sm2_verify(const VerifyingKey& key, std::string_view identity, std::string_view message,
                                std::string_view signature);
[[nodiscard]] Result<std::string> sm2_sign(const SigningKey& key, std::string_view identity, std::string_view message);

/// Encrypts for the owner of an SM2 key. Source: GB/T 32918.4-2016.
/// @return DER of SEQUENCE {x, y, C3, C2} (GM/T 0009-2012, 7.2); Fault::internal for another kind of key, or for
///         nothing to encrypt.
[[nodiscard]] Result<std::string> sm2_encrypt(const VerifyingKey& key, std::string_view plain);
/// @param der  as sm2_encrypt writes it, and not one octet more.
/// @return Fault::bad_request for what was not encrypted for this key, or altered since.
[[nodiscard]] Result<std::string> sm2_decrypt(const SigningKey& key, std::string_view der);

/// The other forms of the same ciphertext: C1 || C3 || C2, or C1 || C2 || C3 as before 2012, where C1 is
/// 04 || x || y (65 octets) and C3 has 32. BouncyCastle and hutool write them.
enum class Sm2Order { c1c3c2, c1c2c3 };
/// @return Fault::bad_request for what is no DER of a ciphertext.
[[nodiscard]] Result<std::string> sm2_cipher_from_der(std::string_view der, Sm2Order order);
/// @param raw  with or without the octet 04 at its head.
/// @return Fault::bad_request for what is too short.
[[nodiscard]] Result<std::string> sm2_cipher_to_der(std::string_view raw, Sm2Order order);

/// An SM2 key as the octets in which interfaces hand it over: 04 || x || y, or x || y alone.
/// @return Fault::bad_request for no point of the curve.
[[nodiscard]] Result<VerifyingKey> sm2_key_of_point(std::string_view point);
/// 65 octets; Fault::internal for another kind of key.
[[nodiscard]] Result<std::string> sm2_point_of(const VerifyingKey& key);
/// @param number  the private number, 32 octets, most significant first.
/// @return Fault::bad_request outside 1 to n-2.
[[nodiscard]] Result<SigningKey> sm2_key_of_number(const Secret& number);

/// The two forms of a signature of two numbers of 256 bits, ECDSA's on P-256 and SM2's: r||s of 64 octets, as
/// JWS, RFC 9421 and most of this country's interfaces want it; and the DER of SEQUENCE {r, s}, as OpenSSL and
/// Java's libraries write it (RFC 3279, 2.2.3; GM/T 0009-2012, 7.3).

/// @return Fault::bad_request for anything but 64 octets.
[[nodiscard]] Result<std::string> signature_to_der(std::string_view raw);
/// @return 64 octets; Fault::bad_request for what is not the one DER of two numbers that fit.
[[nodiscard]] Result<std::string> signature_from_der(std::string_view der);
/// What `openssl dgst -verify` takes: the DER of a signature of two numbers, any other as it is.
[[nodiscard]] Result<std::string> signature_for_openssl(Algorithm algorithm, std::string_view signature);
/// And the key for it: SubjectPublicKeyInfo in PEM. @return Fault::bad_request for a shared secret.
[[nodiscard]] Result<std::string> public_pem_of(const VerifyingKey& key);

}  // namespace datong::crypto
