#pragma once

#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/crypto/key.h"

namespace datong::crypto {

/// Where a private key lies in a token (an HSM, SoftHSM): a URI of RFC 7512,
/// "pkcs11:token=datong;object=land-2026;type=private?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:pin".
struct TokenKey {
    std::string object;      ///< "pkcs11:..." up to '?': names token and object, no secret
    std::string module;      ///< module-path: the supplier's library, an absolute path
    std::string pin_source;  ///< a file; empty: the environment's DATONG_TOKEN_PIN
};

[[nodiscard]] bool is_token_uri(std::string_view text);

/// @return Fault::bad_request in words, Chinese first: a PIN in the URI itself, no object, a module that is no absolute
///         path, an attribute that is not known. Source: RFC 7512, 2.3 and 2.4.
[[nodiscard]] Result<TokenKey> read_token_uri(std::string_view uri);

[[nodiscard]] bool is_in_token(const SigningKey& key);

/// Opens the key by OpenSSL's engine pkcs11 (package libengine-pkcs11-openssl). The key never leaves its token: each
/// signature is a call of the module, one at a time. A process works with one module.
/// @param pin  of the token's user; kept by the engine for the session.
/// @return Fault::bad_request in words, Chinese first: no engine, another module than before, no such token or object,
/// a
///         wrong PIN, a kind of key that we do not use. Ed25519 and SM2 are not taken from tokens.
[[nodiscard]] Result<SigningKey> open_token_key(const TokenKey& where, const Secret& pin);

}  // namespace datong::crypto
