#pragma once

#include <string>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/envelope/tree.h"

namespace datong::envelope {

/// Who signs outbound calls. Immutable.
struct Signer {
    crypto::SigningKey key;
    std::string x509_pem;  ///< its certificate; the first one of a chain is sent

    [[nodiscard]] crypto::Algorithm algorithm() const;  ///< RSA signs by PKCS #1 v1.5, which old servers know
};

/// The certificate as one line of Base64 DER, as BinarySecurityToken holds it; empty: it is no PEM certificate.
[[nodiscard]] std::string token_of(std::string_view x509_pem);

/// Signs Body and the Timestamp of an envelope that has a wsse:Security block with a Timestamp and the signer's
/// BinarySecurityToken (ids of security.h): exclusive canonical form, SHA-256, the Signature last in the block. What a
/// mapping made of the Body stays as it is but for a wsu:Id.
/// @return Fault::internal when something of it is missing or the key can't sign.
/// Source: SOAP Message Security 1.1.1, 8; X.509 Token Profile 1.1.1, 3.2.1; XML Signature 1.1, 3.1.
[[nodiscard]] Status sign(Tree& tree, const Signer& signer);

}  // namespace datong::envelope
