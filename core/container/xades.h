#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/key.h"

namespace datong::container {

/// One file of a container.
struct Part {
    std::string name;   ///< "records/intent.json": letters, digits, ".", "-", "_" and "/"
    std::string media;  ///< "application/json"
    std::string octets;
};

/// Who signs a container.
struct Seat {
    crypto::SigningKey key;
    std::string x509_pem;
};

/// A detached signature over every part: META-INF/signatures.xml. Its list of references is a list of SHA-256 digests,
/// and with the signing time and the signer's certificate it is XAdES of level B.
/// @param at  RFC 3339.
/// @return Fault::bad_request for a seat without a certificate; Fault::internal where the key can't sign.
/// Source: ETSI EN 319 132-1, 5 and 6.3; EN 319 162-1, 4.4.3 and A.4.
[[nodiscard]] Result<std::string> write_xades(const std::vector<Part>& parts, const Seat& seat, const std::string& at);

/// What a signature covers, and by whom; nothing of the container was looked at.
struct Xades {
    std::string signing_time;  ///< RFC 3339
    std::string x509_pem;      ///< of the signer, as it says; only its key is compared with trusted ones
    std::map<std::string, std::string> digests;  ///< file -> SHA-256, 32 octets
    std::string algorithm_uri;
    std::string signed_info;  ///< canonical
    std::string value;        ///< octets
};

/// Reads a signature of the form that write_xades() writes, its own signed properties checked against their digest.
/// @return Fault::bad_request for what is no such signature; Fault::not_signed, its detail beginning with "policy: ",
///         for another profile that may be right; Fault::signature_invalid where a digest in it does not hold.
[[nodiscard]] Result<Xades> read_xades(std::string_view xml);

/// @return Fault::signature_invalid when the key did not sign it.
[[nodiscard]] Status verify_xades(const Xades& xades, const crypto::VerifyingKey& key);

}  // namespace datong::container
