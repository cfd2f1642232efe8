#pragma once

#include <string>
#include <string_view>

#include "core/base/guarded.h"

namespace datong::crypto {

/// What platforms that won't change ask for, and nothing new may use: collisions of both digests can be made.
/// Only for calls that we make, never to judge one that comes.

[[nodiscard]] std::string weak_md5(std::string_view bytes);   ///< 16 octets. Source: RFC 1321.
[[nodiscard]] std::string weak_sha1(std::string_view bytes);  ///< 20 octets. Source: FIPS 180-4.

/// 20 octets, for one-time passwords as authenticator apps make them: no collision of SHA-1 harms an HMAC, so these may
/// judge. Source: RFC 2104; RFC 6238, 1.2.
[[nodiscard]] std::string weak_hmac_sha1(const Secret& key, std::string_view bytes);

/// What Java's SecureRandom "SHA1PRNG" of the provider SUN gives after setSeed(seed) and nothing else: the way in
/// which Java programs turn a text into an AES key. The first 20 octets are SHA-1(SHA-1(seed)).
/// Source: OpenJDK, sun.security.provider.SecureRandom; vectors in the test are OpenJDK 17's.
[[nodiscard]] Secret weak_java_sha1prng(const Secret& seed, std::size_t count);

}  // namespace datong::crypto
