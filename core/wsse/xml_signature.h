#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/text.h"
#include "core/crypto/key.h"
#include "core/wsse/document.h"

namespace datong::wsse {

inline constexpr std::string_view kDsig = "http://www.w3.org/2000/09/xmldsig#";
inline constexpr std::string_view kExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
inline constexpr std::string_view kSha256 = "http://www.w3.org/2001/04/xmlenc#sha256";

/// What one reference of a signature covers.
struct SignedPart {
    std::string reference;  ///< "#body", or empty for the whole document
    Element element{};      ///< the document element for an empty reference
    std::string octets;     ///< what was digested: canonical UTF-8. Whoever reads the part reads this and nothing else
};

/// A signature taken apart. What of it is proven depends on which steps it went through, in this order where the
/// message may be a stranger's (prove_signed_envelope): take_apart(), verify_value(), read_references().
struct XmlSignature {
    Element element{};
    crypto::Algorithm algorithm{};
    std::string signed_info;        ///< canonical UTF-8: what the key signed
    std::string value;              ///< octets, ECDSA and SM2 as r||s
    std::vector<SignedPart> parts;  ///< in the order of the references; empty before they were read
    Element key_info{};             ///< nullptr when there is none

    [[nodiscard]] const SignedPart* part_of(Element element) const;
};

/// The signature algorithms of the profile by their XML names; nullopt for any other. SM2 has none that is
/// registered: "urn:datong:xmldsig:sm2-sm3" is private and experimental, and so is "urn:datong:xmldsig:sm3".
/// Source: RFC 9231, 2.3 (RSA, ECDSA, EdDSA), 2.2 (HMAC).
[[nodiscard]] std::optional<crypto::Algorithm> algorithm_by_uri(std::string_view uri);
[[nodiscard]] std::string_view uri_of(crypto::Algorithm algorithm);

/// Takes a ds:Signature apart, and looks at no reference yet: of the whole document only SignedInfo is made canonical.
/// @return as read_xml_signature.
[[nodiscard]] Result<XmlSignature> take_apart(const Document& document, Element signature);

/// Reads the parts that the references name and checks their digests: a canonical form and a digest each.
/// @param signature  taken apart; gets its parts.
/// @return as read_xml_signature.
[[nodiscard]] Status read_references(const Document& document, XmlSignature& signature);

/// Takes a ds:Signature apart and checks its references: take_apart() and read_references(), by a profile narrower than
/// the standard: one SignedInfo that stands first, at most 16 references, into this document only ("" and "#id"), no
/// transform but the enveloped signature and the canonical forms, digests SHA-256, SHA-512 or SM3, nothing but text
/// where text is meant.
/// @return Fault::bad_request for what is no signature; Fault::not_signed, its detail beginning with "policy: ", for
///         what the profile refuses though it may be right; Fault::signature_invalid for a reference that does not
///         hold.
/// Source: XML Signature 1.1, 3.2.1, 4.
[[nodiscard]] Result<XmlSignature> read_xml_signature(const Document& document, Element signature);

/// @return Fault::signature_invalid when the key did not sign it, or is for another algorithm.
[[nodiscard]] Status verify_value(const XmlSignature& signature, const crypto::VerifyingKey& key);

/// The key that stands in the message itself (KeyValue of RSA or EC, DEREncodedKeyValue, the first X509Certificate), as
/// PEM. Only whether it is one that is trusted says anything.
/// @return Fault::bad_request when there is none that can be read.
[[nodiscard]] Result<std::string> key_in(Element key_info);

/// A PEM block of lines of 64 characters, of what stands in Base64 on one line.
[[nodiscard]] std::string pem_of(std::string_view label, std::string_view base64);
/// The same of octets.
[[nodiscard]] inline std::string to_pem(std::string_view label, std::string_view der) {
    return pem_of(label, to_base64(der));
}

/// Base64 as XML writes it: white space anywhere. @return nullopt for anything else.
[[nodiscard]] std::optional<std::string> from_xml_base64(std::string_view text);
/// A text without the white space of XML.
[[nodiscard]] std::string without_space(std::string_view text);

}  // namespace datong::wsse
