#pragma once

#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"

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

}  // namespace datong::crypto
