#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"

namespace datong::envelope {

/// Ids of what is signed, and of the token that signs.
inline constexpr std::string_view kBodyId = "Body-1";
inline constexpr std::string_view kTimestampId = "Timestamp-1";
inline constexpr std::string_view kTokenId = "X509-1";

/// Who calls, as WS-Security says it.
struct UsernameToken {
    enum class Kind {
        text,    ///< the password itself: over https only
        digest,  ///< Base64(SHA-1(nonce + created + password)): the server must hold the password too
    };
    std::string username;
    Secret password;
    Kind kind{Kind::digest};
};

/// What stands in the wsse:Security header of one call.
struct Security {
    std::optional<UsernameToken> token;
    std::chrono::seconds lifetime{};  ///< of wsu:Timestamp; 0: none is written
    bool must_understand{true};
    std::string token_der;  ///< Base64 of the X.509 certificate that signs (signature.h); empty: none
};

/// When, and once: 16 random octets.
struct Moment {
    std::chrono::system_clock::time_point at;
    std::string nonce;
};

/// Base64(SHA-1(nonce + created + password)).
/// Source: WSS UsernameToken Profile 1.1.1, 3.1; the nonce as octets, created as it is written.
[[nodiscard]] std::string password_digest(std::string_view nonce, std::string_view created, const Secret& password);

/// The wsse:Security element for an envelope of `uri`.
/// @return Fault::bad_request for a name or password that XML can't hold.
[[nodiscard]] Result<std::string> security_block(const Security& security, std::string_view uri, const Moment& moment);

}  // namespace datong::envelope
