#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace datong::evidence {

/// A request whose own proof is a keyed digest, which nobody but its two parties can check (form "mac").
struct Attested {
    std::string_view consumer;     ///< whose it is
    std::string_view caller;       ///< what the memory of used calls knows it by
    std::string_view protocol;     ///< "gjgxjhpt" ...
    std::string_view mac_base;     ///< what was digested, one line
    std::string_view mac;          ///< as received, base64
    std::string_view body_sha256;  ///< 32 octets: the keyed digest does not cover the body
    std::string_view nonce;        ///< what makes the call unique
    std::int64_t created{};        ///< unix seconds
    bool is_timed_here{};          ///< the call has no time of its own: `created` is when it came
};

/// What the gateway signs with its own key to say: this came, its keyed digest was good, and this was its body. In the
/// form of a signature base (RFC 9421, 2.5), its tag "datong-attested".
[[nodiscard]] std::string base_of_attested(const Attested& request, const std::string& keyid);

/// Whether a base of form "mac" says what its record says. Its signature is checked before.
/// @param request_digest  hex.
[[nodiscard]] bool attests(std::string_view base, std::string_view consumer, std::string_view request_digest);

/// Whether what the gateway signed as an answer is bound to a request of form "mac": it covers the request's body and
/// the header that brought the keyed digest.
[[nodiscard]] bool answers_attested(std::string_view answer_base, std::string_view request_base);

/// The caller of a base of form "mac"; nullopt when it is none.
[[nodiscard]] std::optional<std::string_view> caller_of_attested(std::string_view base);

/// Whether a base of form "mac" is of a call without a time of its own.
[[nodiscard]] bool is_timed_by_gateway(std::string_view base);

/// The value of a line of an RFC 9421 signature base; nullopt when it has none of that identifier.
/// @param component  serialised, such as "\"@status\"" or "\"content-digest\";req".
[[nodiscard]] std::optional<std::string_view> line_of(std::string_view base, std::string_view component);

/// The value of the first line whose identifier is `component` with whatever parameters behind it.
[[nodiscard]] std::optional<std::string_view> line_beginning(std::string_view base, std::string_view component);

/// The "keyid" among the parameters of the base's last line; nullopt when it is no RFC 9421 base or names none.
/// Source: RFC 9421, 2.3 and 2.5; RFC 9651, 3.3.3.
[[nodiscard]] std::optional<std::string> keyid_of(std::string_view base);

/// The sha-256 member of a Content-Digest value as lower-case hex; nullopt when there is none.
/// Source: RFC 9530, 2; RFC 9651, 3.2 (of members of one name the last counts).
[[nodiscard]] std::optional<std::string> sha256_of_content_digest(std::string_view value);

/// The name of SignatureSeen::form under which a signed SOAP message is kept: its base is the canonical SignedInfo.
inline constexpr std::string_view kSoapForm = "soap";

/// The SHA-256 digests in a SignedInfo, base64, in their order; none of another algorithm. Source: XML
/// Signature 1.1, 4.4.3.
[[nodiscard]] std::vector<std::string> sha256_of_signed_info(std::string_view signed_info);

/// Whether the one reference of that name has this SHA-256: the digest of another part is none of Body.
/// @param reference  "#body". @param hex  lower-case.
[[nodiscard]] bool signs_digest(std::string_view signed_info, std::string_view reference, std::string_view hex);

/// Whether an answer's SignedInfo covers the SignatureConfirmation of this request's signature value.
/// Source: SOAP Message Security 1.1.1, 8.5.
[[nodiscard]] bool confirms(std::string_view signed_info, std::string_view request_signature);

}  // namespace datong::evidence
