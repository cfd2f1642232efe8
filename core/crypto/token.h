#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/crypto/openssl.h"

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

/// How long a signature in a token may take.
inline constexpr std::chrono::milliseconds kTokenTime{2'000};

/// What a TLS context shows handshakes in place of a private key (SSL_CTX_use_PrivateKey): its signatures are made in
/// the token of `key`, by the one thread that speaks to tokens. In a session of SSL_MODE_ASYNC the handshake is put
/// aside meanwhile (SSL_ERROR_WANT_ASYNC); its one descriptor is readable once the signature is there, and kTokenTime
/// after it was put aside it fails when it is tried again. Each such session must be tried again to its end. Elsewhere
/// the signature is waited for, as long at most.
/// @return Fault::bad_request in words, Chinese first: a key in no token, a system on which OpenSSL has no such jobs.
/// Source: SSL_get_error(3), ASYNC_start_job(3).
[[nodiscard]] Result<KeyPtr> handshake_key(const SigningKey& key);

}  // namespace datong::crypto
