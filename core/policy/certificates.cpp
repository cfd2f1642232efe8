#include "core/policy/certificates.h"

#include <algorithm>
#include <chrono>

#include "core/base/text.h"

namespace datong::policy {

Status check_certificate(std::span<const CertificatePin> pins, const Peer& peer) {
    if (peer.standing == Standing::revoked) {
        return fail(Fault::wrong_certificate, "the client certificate is revoked");
    }
    if (peer.standing == Standing::over) {
        return fail(Fault::wrong_certificate, "the client certificate is over");
    }
    if (peer.standing == Standing::unproven) {
        constexpr std::chrono::seconds kSoon{10};
        return tl::unexpected{
            Error{Fault::unavailable, "nothing current is known of the client certificate's revocation"}.after(kSoon)};
    }
    if (pins.empty()) {
        return {};
    }
    if (peer.sha256.empty()) {
        return fail(Fault::wrong_certificate, "no client certificate was shown");
    }
    const bool is_theirs = std::any_of(pins.begin(), pins.end(), [&peer](const CertificatePin& pin) {
        return pin.sha256.empty() ? !pin.subject.empty() && pin.subject == peer.subject : pin.sha256 == peer.sha256;
    });
    return is_theirs ? Status{} : fail(Fault::wrong_certificate, "the client certificate is not the consumer's");
}

std::string normal_fingerprint(std::string_view text) {
    std::string digits = ascii_lower(text);
    std::erase(digits, ':');
    return digits.size() == 64 && from_hex(digits) ? digits : std::string{};
}

}  // namespace datong::policy
