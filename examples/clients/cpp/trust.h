#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/record/record.h"
#include "core/signing/certificate.h"

namespace datong::client {

/// The public keys that a consumer trusts, by key id: a JWKS (RFC 7517) whose keys may say whose they
/// are: "datong_owner": "gateway" or "department:ID", and "iss": the issuer's unified social credit code.
/// A key that says so is used for its owner only.
class Trust {
public:
    /// Keys of kinds that are not ours are passed over, and retired ones ("datong_to"), which sign no new answer; a
    /// broken one of ours is not.
    /// @return Fault::bad_request when it is no JWKS, a key is broken, or a key id comes twice.
    [[nodiscard]] static Result<Trust> from_jwks(const record::Record& jwks);
    /// The same, of its text.
    [[nodiscard]] static Result<Trust> from_text(std::string_view jwks);

    /// The key of an answer's signature.
    [[nodiscard]] const crypto::VerifyingKey* gateway_key(std::string_view keyid) const;
    /// The key of a certificate's issuer.
    [[nodiscard]] std::optional<crypto::VerifyingKey> issuer_key(const signing::Issuer& issuer,
                                                                 std::string_view keyid) const;

    struct Entry {
        std::string keyid;
        std::string owner;  ///< empty when the JWKS does not say
        std::string iss;    ///< the same
        crypto::VerifyingKey key;
    };
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

private:
    [[nodiscard]] const Entry* find(std::string_view keyid) const;
    std::vector<Entry> entries_;
};

}  // namespace datong::client
