#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::policy {

/// What is known of a certificate's revocation, by the listener's setting.
enum class Standing {
    accepted,  ///< not revoked, or let pass
    revoked,
    over,      ///< its time has gone since the connection began
    unproven,  ///< nothing current is known, and the setting is hard
};

/// Who is at the other end of a connection: its client certificate, empty where none was shown, and its address.
struct Peer {
    std::string sha256;     ///< fingerprint of the DER, 64 lower-case hexadecimal digits
    std::string subject;    ///< RFC 2253 form, octets beyond ASCII escaped: "CN=one-window,O=..."
    std::string address{};  ///< "192.0.2.1" or "2001:db8::1"; a proxy's own where one stands before us
    Standing standing{Standing::accepted};
};

/// A client certificate of a consumer, by its fingerprint or by its subject below the listener's client_ca. The other
/// of the two is empty.
struct CertificatePin {
    std::string sha256;
    std::string subject;
};

/// Whether the connection is the consumer's own: what one consumer signed does not pass over another's connection.
/// @param pins  the consumer's; none: any connection will do.
/// @return Fault::wrong_certificate, also of a revoked one; Fault::unavailable when nothing current is known of it.
[[nodiscard]] Status check_certificate(std::span<const CertificatePin> pins, const Peer& peer);

/// "AB:CD:..." as openssl prints it, or bare digits of either case, as 64 lower-case digits; empty when it is neither.
[[nodiscard]] std::string normal_fingerprint(std::string_view text);

}  // namespace datong::policy
