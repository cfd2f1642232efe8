#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/crypto/key.h"

namespace datong::crypto {

/// The block ciphers that departments' and platforms' interfaces use. ECB shows which blocks are alike, and none
/// of them notices a change: what they carry must be signed, or be a secret that is worthless when altered.
/// Source: GB/T 32907-2016 (SM4), FIPS 197 (AES), NIST SP 800-38A (the modes).
enum class Cipher { sm4_ecb, sm4_cbc, sm4_ctr, aes_128_ecb, aes_128_cbc, aes_256_ecb, aes_256_cbc };

/// PKCS #7 is what Java calls PKCS5Padding. Of CTR nothing is padded.
enum class Padding { pkcs7, none };

inline constexpr std::size_t kCipherBlock = 16;     ///< octets of a block and of an initial vector
[[nodiscard]] std::size_t key_size(Cipher cipher);  ///< 16 or 32 octets

/// @param iv  16 octets; empty for ECB.
/// @return Fault::internal for a key or iv of another size, or without padding for a text of broken blocks.
[[nodiscard]] Result<std::string> encrypt(Cipher cipher, const Secret& key, std::string_view iv, std::string_view plain,
                                          Padding padding = Padding::pkcs7);
/// @return also Fault::bad_request for what is no ciphertext of this key: broken blocks or padding.
[[nodiscard]] Result<std::string> decrypt(Cipher cipher, const Secret& key, std::string_view iv, std::string_view text,
                                          Padding padding = Padding::pkcs7);

/// Encrypts, then authenticates what is kept on a disk of ours: iv, ciphertext (AES-256-CBC), HMAC-SHA-256 over both
/// and over the place that it belongs to.
/// @param secret  from which a key is derived for each use, so that none is worth anything in another place.
/// @param use     "datong submissions". @param place  such as a row's id: what is moved elsewhere does not open.
/// @return empty where nothing could be encrypted.
[[nodiscard]] std::string seal(const Secret& secret, std::string_view use, std::string_view place,
                               std::string_view plain);
/// @return nullopt for what was not sealed so, or was altered.
[[nodiscard]] std::optional<std::string> unseal(const Secret& secret, std::string_view use, std::string_view place,
                                                std::string_view sealed);

/// What a key costs to be made of a password: n (a power of two), block size r, parallelism p; memory is 128 n r
/// octets. Source: RFC 7914, 2.
struct ScryptCost {
    std::uint64_t n{};
    std::uint64_t r{};
    std::uint64_t p{};
    bool operator==(const ScryptCost&) const = default;
};
/// @return `size` octets; Fault::internal for a cost that can't be, or over 256 MiB. Source: RFC 7914, 6.
[[nodiscard]] Result<Secret> scrypt(const Secret& password, std::string_view salt, const ScryptCost& cost,
                                    std::size_t size);

/// Encrypts for the holder of an X.509 certificate, RSA or elliptic curve, with AES-256-CBC and a fresh key. Nothing
/// in it shows an alteration: whoever opens it compares the digest of what he gets with one that is signed.
/// @param x509_pem  the first certificate of the text.
/// @return DER of ContentInfo {EnvelopedData}, which `openssl cms -decrypt -inform DER` opens; Fault::bad_request for
///         a certificate that nothing can be encrypted to. Source: RFC 5652, 6; RFC 5753, 3.
[[nodiscard]] Result<std::string> cms_seal(std::string_view plain, std::string_view x509_pem);

/// @return Fault::bad_request for what was not sealed for this key.
[[nodiscard]] Result<std::string> cms_open(std::string_view der, const SigningKey& key, std::string_view x509_pem);

}  // namespace datong::crypto
