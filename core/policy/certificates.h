#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::policy {

/// The client certificate of a connection; empty where none was shown.
struct PeerCertificate {
    std::string sha256;   ///< fingerprint of the DER, 64 lower-case hexadecimal digits
    std::string subject;  ///< RFC 2253 form, octets beyond ASCII escaped: "CN=one-window,O=..."
};

/// A client certificate of a consumer, by its fingerprint or by its subject below the listener's client_ca. The other
/// of the two is empty.
struct CertificatePin {
    std::string sha256;
    std::string subject;
};

/// Whether the connection is the consumer's own: what one consumer signed does not pass over another's connection.
/// @param pins  the consumer's; none: any connection will do.
/// @return Fault::wrong_certificate.
[[nodiscard]] Status check_certificate(std::span<const CertificatePin> pins, const PeerCertificate& peer);

/// "AB:CD:..." as openssl prints it, or bare digits of either case, as 64 lower-case digits; empty when it is neither.
[[nodiscard]] std::string normal_fingerprint(std::string_view text);

}  // namespace datong::policy
