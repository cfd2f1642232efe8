#pragma once

#include <functional>
#include <memory>
#include <string>

namespace datong::bench {

/// A key pair as others read it.
struct PemPair {
    std::string private_pem;
    std::string public_pem;
};

/// xmlsec1 in this process, with its keys read once. Both functions are empty where it is not in the build.
struct XmlSec {
    /// Verifies the one signature of a SOAP message whose Ids are those of ours. False: it does not hold.
    std::function<bool(const std::string& message)> verify;
    /// Signs a message anew, whose DigestValue and SignatureValue are of no account. @return the message; empty:
    /// failed.
    std::function<std::string(const std::string& message)> sign;
};
[[nodiscard]] XmlSec xmlsec_with(const PemPair& keys);

}  // namespace datong::bench
