#pragma once

#include <span>
#include <string_view>

#include "core/base/guarded.h"
#include "core/crypto/key.h"

namespace datong::keyring {

/// A key whose private half stands in a standard or a corpus, so that anybody signs with it.
struct PublishedKey {
    std::string_view sha256;  ///< base64url: of the public key as a JWK (RFC 7638), of a secret's octets
    std::string_view where;   ///< "RFC 9421, appendix B.1.3"
};

[[nodiscard]] std::span<const PublishedKey> published_keys();
/// Where a key was published; empty: nowhere that we know of.
[[nodiscard]] std::string_view published_in(const crypto::VerifyingKey& key);
[[nodiscard]] std::string_view published_in(const Secret& secret);

}  // namespace datong::keyring
