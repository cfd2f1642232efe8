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
/// signed SOAP request) and the consumer's connection, for every authority above it but the one that vouches for
/// itself, and for each answer at hand that speaks of it and is signed by its issuer: N.pem, N.issuer.pem, N.crl or
/// N.ocsp (DER), and N.txt, which says at which place the certificate stands; of an authority also N.chain.pem: the
/// certificate at that place and the authorities between the two.
[[nodiscard]] std::vector<Part> revocations_of(const std::vector<Part>& parts, const AtHand& at_hand);

/// Says of each certificate, and of each authority above one that is known, what the answers in the container prove,
/// and until when it was good; nothing is wrong with one of which none was at hand. Wrong is an answer that its issuer
/// did not sign, that is of another certificate or of an authority that is not above it, or that has revoked it before
/// the certificate at its place signed.
void check_revocations(const Files& files, const Xades& xades, const Records& records, Checked& checked);

}  // namespace datong::container
