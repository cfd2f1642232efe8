#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/record/record.h"

namespace datong::signing {

/// A compact JWS taken apart; not verified yet. Source: RFC 7515, 3.1 and 5.2.
struct Jws {
    record::Record header;
    std::string payload;        ///< octets
    std::string signing_input;  ///< ASCII(header) . ASCII(payload)
    std::string signature;      ///< octets
    [[nodiscard]] std::string keyid() const;
};

/// @param payload  octets, signed as they are.
/// @param type     "typ" of the header, such as "datong-certificate+jws".
[[nodiscard]] Result<std::string> sign_jws(std::string_view payload, std::string_view keyid, std::string_view type,
                                           crypto::Algorithm algorithm, const crypto::SigningKey& key);

/// Strict: three parts, no padding, `alg` one of ours, no `crit`, no `b64`, no duplicate names.
[[nodiscard]] Result<Jws> read_jws(std::string_view compact);

/// The same for a JWS whose payload travels apart, its own part being empty. Source: RFC 7515, appendix F.
[[nodiscard]] Result<Jws> read_detached_jws(std::string_view compact, std::string_view payload);

/// `alg` must be the one that the key is for: a key decides, never the header.
[[nodiscard]] Status verify_jws(const Jws& jws, const crypto::VerifyingKey& key);

}  // namespace datong::signing
