#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/wsse/xml_signature.h"

namespace datong::wsse {

/// Namespaces of SOAP and of OASIS Web Services Security 1.1.1.
inline constexpr std::string_view kSoap11 = "http://schemas.xmlsoap.org/soap/envelope/";
inline constexpr std::string_view kSoap12 = "http://www.w3.org/2003/05/soap-envelope";
inline constexpr std::string_view kWsse =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
inline constexpr std::string_view kWsse11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";
inline constexpr std::string_view kWsu =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
inline constexpr std::string_view kX509v3 =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";

/// Our header: one id a call, as the nonce of a native call is; of a request the address that it is meant for, of an
/// answer the exchange.
inline constexpr std::string_view kCallUri = "urn:datong:call:1";

/// A signed SOAP message by the profile of docs/architecture.md, 6. Its parts are those that the signature covers,
/// read from the very octets that were digested.
struct SignedEnvelope {
    std::string version;                 ///< "1.1" or "1.2"
    XmlSignature signature;              ///< its elements are gone with the document: only texts may be read
    std::string token_pem;               ///< the X.509 certificate that came as BinarySecurityToken
    std::int64_t created{};              ///< unix seconds
    std::int64_t expires{};              ///< unix seconds; 0: none
    std::string call_id;                 ///< of our header: 1 to 128 characters
    std::string to;                      ///< of our header: "https://HOST:PORT/soap/NAME"; empty: it has none
    std::string call_octets;             ///< canonical header Call
    std::string body_octets;             ///< canonical soap:Body
    std::string body_reference;          ///< the reference that signs it: "#body"
    std::string body_name;               ///< local name of its one child
    std::string body_uri;                ///< namespace of its one child
    std::vector<std::string> confirmed;  ///< SignatureConfirmation values, octets; of an answer

    /// By a key that the caller trusts: the certificate in the message is only a name for it.
    [[nodiscard]] Status verify(const crypto::VerifyingKey& key) const { return verify_value(signature, key); }
};

/// Reads a signed message. Wanted: Envelope of Header and Body and nothing else; one Security header with one
/// Timestamp, one BinarySecurityToken X509v3 and one Signature, which is the only one in the document and names that
/// token; covered: Body, Timestamp and our header; Body with one child. Header blocks that are not covered are passed
/// over unless they say mustUnderstand.
/// @return as read_xml_signature; Fault::not_signed where something that must be covered is not.
/// Nothing of it is proven before verify().
/// Source: SOAP Message Security 1.1.1, 5 to 10; X.509 Token Profile 1.1.1, 3.
[[nodiscard]] Result<SignedEnvelope> read_signed_envelope(std::string_view bytes, const DocumentLimits& limits = {});

/// The key that is trusted to have signed with this token; an error: none is.
/// @param token_pem  the message's own X.509 certificate, which nothing vouches for.
using TrustedFor = std::function<Result<crypto::VerifyingKey>(const std::string& token_pem)>;

/// The same, proven, and so that each step costs only him who passed the one before. A stranger's message is parsed and
/// its token compared with the keys that are known; one that shows a known key costs SignedInfo's canonical form (a few
/// KiB) and one verification; only what that key signed gets canonical forms of the parts that it names. The digests
/// first would be cheaper for a message that was altered on its way, but anybody can make one whose digests hold, of
/// any size up to the limit, and have us write it anew up to 16 times. Source: XML Signature Best Practices, 2.1
/// (authenticate the signature before its references are processed).
[[nodiscard]] Result<SignedEnvelope> prove_signed_envelope(std::string_view bytes, const TrustedFor& trusted_for,
                                                           const DocumentLimits& limits = {});

/// Octets whose Base64 belongs into the payload and is not written there: it is signed as if it were, and in the
/// message something else stands in its place (XOP).
struct Hole {
    std::size_t at{};  ///< in the payload
    std::shared_ptr<const std::string> octets;
    std::string filling;  ///< XML
};

/// What a signed message is made of.
struct EnvelopeParts {
    std::string version = "1.1";
    std::string token_pem;  ///< our X.509 certificate
    std::string created;    ///< RFC 3339 in UTC: "2026-11-29T06:00:00Z"
    std::string expires;    ///< likewise
    std::string call_id;
    std::string to{};                    ///< of a request: the address that it is sent to
    std::string exchange;                ///< of an answer; empty: a request
    std::string payload;                 ///< what stands in Body: canonical XML (exclusive form) of one element
    std::vector<std::string> confirm{};  ///< signature values of the request that an answer belongs to, octets
    std::vector<Hole> holes{};           ///< in the payload, in their order
};

/// How the messages that we write name their Body.
inline constexpr std::string_view kOwnBody = "#body";

/// A message and what was signed of it.
struct WrittenEnvelope {
    std::string bytes;
    std::string signed_info;  ///< canonical UTF-8
    std::string signature;    ///< octets
    std::string body_octets;  ///< canonical soap:Body; with holes empty
    std::string body_digest;  ///< its SHA-256, 32 octets, holes filled with their Base64
};

/// Writes a message in its canonical form from the start, so that nothing has to be parsed to be signed.
/// @return Fault::bad_request for a certificate that is no PEM; Fault::internal where the key can't sign.
[[nodiscard]] Result<WrittenEnvelope> write_signed_envelope(const EnvelopeParts& parts, crypto::Algorithm algorithm,
                                                            const crypto::SigningKey& key);

/// The canonical octets of the SignatureConfirmation that an answer carries for a request's signature value.
[[nodiscard]] std::string confirmation_octets(std::string_view value, std::size_t index);

/// Text and attribute values as the canonical forms write them. Source: Canonical XML 1.0, 2.3.
void append_canonical_text(std::string& out, std::string_view utf8);

}  // namespace datong::wsse
