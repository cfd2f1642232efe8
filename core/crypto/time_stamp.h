#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::crypto {

/// What a time-stamping authority (TSA) is asked.
struct TimeStampAsk {
    std::string imprint;  ///< 32 octets: SHA-256 of what is stamped
    std::string nonce;    ///< 8 to 20 octets, never used before
    std::string policy;   ///< object identifier, dotted; empty: the authority's own
};

/// A request that wants the authority's certificate in the answer.
/// @return DER; Fault::bad_request for an imprint, nonce or policy of another shape. Source: RFC 3161, 2.4.1.
[[nodiscard]] Result<std::string> make_time_stamp_request(const TimeStampAsk& ask);

/// The token in an authority's answer; nothing of it is believed yet.
/// @param response  DER TimeStampResp, as fetched.
/// @return DER TimeStampToken; Fault::bad_request for what is no response; Fault::unavailable, with the authority's own
///         words, where it granted nothing. Source: RFC 3161, 2.4.2.
[[nodiscard]] Result<std::string> token_in_response(std::string_view response);

/// What a token is checked with.
struct TimeStampQuestion {
    std::string imprint;                 ///< 32 octets: SHA-256 of what was stamped
    std::vector<std::string> anchors;    ///< PEM: authorities, or the time-stamping certificates themselves
    std::string policy{};                ///< object identifier that the token must name; empty: any
    std::optional<std::string> nonce{};  ///< that it must name; nullopt: whatever it names
};

/// What a good token says.
struct TimeStampFacts {
    std::chrono::system_clock::time_point at;
    std::string policy;
    std::string serial;     ///< lower-case hexadecimal
    std::string authority;  ///< subject of the certificate that signed it, RFC 2253
};

/// Checks a token: signed by a certificate for time-stamping and nothing else (extended key usage, critical) that a
/// path leads to from an anchor, and that was in its time when it signed; over this imprint. So a token holds when its
/// certificate has expired since. No revocation is looked at.
/// @param token  DER.
/// @return Fault::bad_request for what is no token or where there is no anchor; Fault::signature_invalid for a token
/// that
///         does not hold, with why. Source: RFC 3161, 2.3 and 2.4.2; RFC 5816.
[[nodiscard]] Result<TimeStampFacts> check_time_stamp(std::string_view token, const TimeStampQuestion& question);

/// Who signed a token, and when it says that it did. Nothing of it is believed.
struct TimeStampSigner {
    std::chrono::system_clock::time_point at;
    std::string x509_pem;  ///< and behind it every other certificate that came with the token
};
/// @return Fault::bad_request for what is no token, or one without its signer's certificate.
[[nodiscard]] Result<TimeStampSigner> signer_of_token(std::string_view token);

}  // namespace datong::crypto
