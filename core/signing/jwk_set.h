#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/record/record.h"
#include "core/signing/jws.h"

namespace datong::signing {

/// Keys that verify signatures, by the names that signatures call them. Immutable; may be used from many threads.
class JwkSet {
public:
    struct Key {
        std::string id;                         ///< "kid"; empty when the key has none
        std::optional<crypto::Algorithm> only;  ///< its "alg": it verifies by no other
        crypto::VerifyingKey key;
    };

    /// @param jwks  a JWK Set or a single JWK. Keys of kinds that are not ours, or for something else than
    ///              signatures (`use`, `key_ops`), are passed over, as RFC 7517, 5 wants it.
    /// @return Fault::bad_request when two keys have one name, when secrets stand beside public keys (whoever knows a
    ///         public key could sign with it as a secret), or when no key is left.
    /// Source: RFC 7517, 4 and 5.
    [[nodiscard]] static Result<JwkSet> read(const record::Record& jwks);

    /// The key of that name; without a name the only one there is. nullptr: none, or more than one could be meant.
    [[nodiscard]] const Key* find(std::string_view id) const;
    [[nodiscard]] const std::vector<Key>& keys() const noexcept { return keys_; }
    /// Why keys were passed over, one text each, without key material.
    [[nodiscard]] const std::vector<std::string>& passed_over() const noexcept { return passed_over_; }

private:
    std::vector<Key> keys_;
    std::vector<std::string> passed_over_;
};

/// Verifies by the key of the set that the header names, and by the algorithm that the key is for.
/// @return the key that verified; Fault::signature_invalid for no such key, another algorithm, or a signature that is
///         none.
[[nodiscard]] Result<const JwkSet::Key*> verify_jws(const Jws& jws, const JwkSet& set);

}  // namespace datong::signing
