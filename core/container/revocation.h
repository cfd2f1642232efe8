#pragma once

#include <string>
#include <vector>

#include "core/container/check_parts.h"
#include "core/container/xades.h"

namespace datong::container {

/// What is at hand of who was revoked when a container is made.
struct AtHand {
    std::vector<std::string> answers{};  ///< lists (CRL), PEM or DER, and responses (OCSP), DER
    std::vector<std::string> x509{};     ///< PEM, any number each: where those who issued certificates are looked for
    std::string signer{};                ///< PEM: the certificate that signs the container, and those above it
    std::string connection{};  ///< PEM: with which the consumer of the exchange connects; empty: it is not known
};

/// Files `revocation/N.*` for each certificate of a container (the signer's, that of each time-stamp, the one in a
/// signed SOAP request) and the consumer's connection, and each answer at hand that speaks of it and is signed by its
/// issuer: N.pem, N.issuer.pem, N.crl or N.ocsp (DER), and N.txt, which says whose certificate it is.
[[nodiscard]] std::vector<Part> revocations_of(const std::vector<Part>& parts, const AtHand& at_hand);

/// Says of each certificate what the answers in the container prove, and until when it was good; nothing is wrong with
/// one of which none was at hand. Wrong is an answer that its issuer did not sign, that is of another certificate, or
/// that has revoked it before it signed.
void check_revocations(const Files& files, const Xades& xades, const Records& records, Checked& checked);

}  // namespace datong::container
