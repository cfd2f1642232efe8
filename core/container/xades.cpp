#include "core/container/xades.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "core/wsse/canonical.h"
#include "core/wsse/envelope.h"
#include "core/wsse/xml_signature.h"

namespace datong::container {
namespace {

using wsse::Element;

constexpr std::string_view kAsic = "http://uri.etsi.org/02918/v1.2.1#";
constexpr std::string_view kXades = "http://uri.etsi.org/01903/v1.3.2#";
constexpr std::string_view kSignedProperties = "http://uri.etsi.org/01903#SignedProperties";
constexpr std::string_view kPropertiesId = "properties";

tl::unexpected<Error> malformed(const std::string& what) {
    return fail(Fault::bad_request, "signatures.xml: " + what);
}

tl::unexpected<Error> refused(const std::string& what) {
    return fail(Fault::not_signed, "policy: signatures.xml: " + what);
}

/// DER of the first certificate of a PEM text.
std::string der_of(std::string_view pem) {
    constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
    const std::size_t begin = pem.find(kBegin);
    const std::size_t end = pem.find("-----END CERTIFICATE-----");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
        return {};
    }
    return wsse::from_xml_base64(pem.substr(begin + kBegin.size(), end - begin - kBegin.size())).value_or("");
}

std::string digest_method() {
    return "<ds:DigestMethod Algorithm=\"" + std::string{wsse::kSha256} + "\"></ds:DigestMethod>";
}

std::string digest_of(std::string_view octets) {
    return digest_method() + "<ds:DigestValue>" + to_base64(crypto::sha256(octets)) + "</ds:DigestValue>";
}

std::string reference_id(std::size_t index) {
    return "file" + std::to_string(index + 1);
}

/// In canonical form (exclusive): what stands here is what is digested.
std::string properties_of(const std::vector<Part>& parts, const std::string& der, const std::string& at) {
    std::string out = "<xades:SignedProperties xmlns:xades=\"" + std::string{kXades} + "\" Id=\"" +
                      std::string{kPropertiesId} + "\"><xades:SignedSignatureProperties><xades:SigningTime>" + at +
                      "</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>";
    const std::string ds = " xmlns:ds=\"" + std::string{wsse::kDsig} + "\"";
    out += "<ds:DigestMethod" + ds + " Algorithm=\"" + std::string{wsse::kSha256} + "\"></ds:DigestMethod>";
    out += "<ds:DigestValue" + ds + ">" + to_base64(crypto::sha256(der)) + "</ds:DigestValue>";
    out += "</xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>";
    out += "<xades:SignedDataObjectProperties>";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        out += "<xades:DataObjectFormat ObjectReference=\"#" + reference_id(i) + "\"><xades:MimeType>" +
               parts[i].media + "</xades:MimeType></xades:DataObjectFormat>";
    }
    return out + "</xades:SignedDataObjectProperties></xades:SignedProperties>";
}

std::string signed_info_of(const std::vector<Part>& parts, const std::string& properties,
                           std::string_view algorithm_uri) {
    std::string out = "<ds:SignedInfo xmlns:ds=\"" + std::string{wsse::kDsig} +
                      "\"><ds:CanonicalizationMethod Algorithm=\"" + std::string{wsse::kExclusive} +
                      "\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"" + std::string{algorithm_uri} +
                      "\"></ds:SignatureMethod>";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        out += "<ds:Reference Id=\"" + reference_id(i) + "\" URI=\"" + parts[i].name + "\">" +
               digest_of(parts[i].octets) + "</ds:Reference>";
    }
    return out + "<ds:Reference Type=\"" + std::string{kSignedProperties} + "\" URI=\"#" + std::string{kPropertiesId} +
           "\"><ds:Transforms><ds:Transform Algorithm=\"" + std::string{wsse::kExclusive} +
           "\"></ds:Transform></ds:Transforms>" + digest_of(properties) + "</ds:Reference></ds:SignedInfo>";
}

/// The one child of that name and its text.
Result<std::string> child_text(Element parent, std::string_view uri, std::string_view name) {
    const Element child = wsse::only_child(parent, uri, name);
    return child != nullptr ? wsse::text_of(child) : malformed("no " + std::string{name});
}

std::string algorithm_of(Element parent, std::string_view name) {
    const Element child = wsse::only_child(parent, wsse::kDsig, name);
    return child != nullptr ? wsse::attribute_of(child, "Algorithm").value_or("") : std::string{};
}

/// The digest that a reference says, SHA-256 only.
Result<std::string> digest_in(Element reference) {
    const std::string method = algorithm_of(reference, "DigestMethod");
    if (method != wsse::kSha256) {
        return refused("a digest other than SHA-256: " + method);
    }
    const auto text = child_text(reference, wsse::kDsig, "DigestValue");
    const auto digest = text ? wsse::from_xml_base64(*text) : std::nullopt;
    return digest && digest->size() == 32 ? Result<std::string>{*digest} : malformed("a digest that is none");
}

/// That the signed properties, canonical, have the digest of their reference; their one transform is the exclusive
/// form.
Status check_properties(const wsse::Document& document, Element reference, Element properties) {
    const Element transforms = wsse::only_child(reference, wsse::kDsig, "Transforms");
    if (transforms == nullptr || wsse::children_of(transforms).size() != 1 ||
        algorithm_of(transforms, "Transform") != wsse::kExclusive) {
        return refused("signed properties by another transform than the exclusive canonical form");
    }
    const auto wanted = digest_in(reference);
    const auto octets = wsse::canonicalise(document, properties, {});
    if (!wanted || !octets) {
        return fail(wanted ? octets.error() : wanted.error());
    }
    if (crypto::sha256(*octets) != *wanted) {
        return fail(Fault::signature_invalid, "signatures.xml: its signed properties were altered");
    }
    return {};
}

/// Files and the signed properties, each once.
Status read_references(const wsse::Document& document, Element info, Element properties, Xades& xades) {
    bool has_properties = false;
    for (const Element child : wsse::children_of(info)) {
        if (!wsse::is(child, wsse::kDsig, "Reference")) {
            continue;
        }
        const std::string uri = wsse::attribute_of(child, "URI").value_or("");
        if (uri == "#" + std::string{kPropertiesId}) {
            if (auto good = check_properties(document, child, properties); !good || has_properties) {
                return good ? malformed("signed properties twice") : std::move(good);
            }
            has_properties = true;
            continue;
        }
        if (wsse::only_child(child, wsse::kDsig, "Transforms") != nullptr) {
            return refused("a file behind a transform");
        }
        auto digest = digest_in(child);
        if (!digest) {
            return fail(std::move(digest.error()));
        }
        if (uri.empty() || !xades.digests.emplace(uri, std::move(*digest)).second) {
            return malformed("a file without name, or twice: " + uri);
        }
    }
    return has_properties ? Status{} : malformed("its properties are not signed");
}

}  // namespace

Result<std::string> write_xades(const std::vector<Part>& parts, const Seat& seat, const std::string& at) {
    const std::string der = der_of(seat.x509_pem);
    if (der.empty()) {
        return fail(Fault::bad_request, "the signer of a container needs a certificate");
    }
    const crypto::Algorithm algorithm = seat.key.default_algorithm();
    const std::string properties = properties_of(parts, der, at);
    const std::string info = signed_info_of(parts, properties, wsse::uri_of(algorithm));
    const auto value = seat.key.sign(algorithm, info);
    if (!value) {
        return fail(value.error());
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:XAdESSignatures xmlns:asic=\"" + std::string{kAsic} +
           "\"><ds:Signature xmlns:ds=\"" + std::string{wsse::kDsig} + "\" Id=\"signature\">" + info +
           "<ds:SignatureValue>" + to_base64(*value) +
           "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + to_base64(der) +
           "</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object><xades:QualifyingProperties xmlns:xades=\"" +
           std::string{kXades} + "\" Target=\"#signature\">" + properties +
           "</xades:QualifyingProperties></ds:Object></ds:Signature></asic:XAdESSignatures>\n";
}

Result<Xades> read_xades(std::string_view xml) {
    const auto document = wsse::Document::read(xml);
    if (!document) {
        return fail(document.error());
    }
    const auto signatures = wsse::find_all(document->root(), wsse::kDsig, "Signature");
    if (signatures.size() != 1 || wsse::holds_notes(document->root())) {
        return malformed("not one signature, or a comment in it");
    }
    const Element info = wsse::only_child(signatures.front(), wsse::kDsig, "SignedInfo");
    const auto properties = wsse::find_all(signatures.front(), kXades, "SignedProperties");
    if (info == nullptr || properties.size() != 1) {
        return malformed("not one SignedInfo and one SignedProperties");
    }
    if (wsse::attribute_of(properties.front(), "Id") != kPropertiesId) {
        return refused("signed properties of another Id");
    }
    Xades xades;
    xades.algorithm_uri = algorithm_of(info, "SignatureMethod");
    if (algorithm_of(info, "CanonicalizationMethod") != wsse::kExclusive) {
        return refused("another canonical form than the exclusive one");
    }
    if (auto read = read_references(*document, info, properties.front(), xades); !read) {
        return fail(std::move(read.error()));
    }
    const auto octets = wsse::canonicalise(*document, info, {});
    const auto value = child_text(signatures.front(), wsse::kDsig, "SignatureValue");
    const auto times = wsse::find_all(properties.front(), kXades, "SigningTime");
    const auto certificates = wsse::find_all(signatures.front(), wsse::kDsig, "X509Certificate");
    if (!octets || !value || times.size() != 1 || certificates.size() != 1) {
        return malformed("no value, or not one SigningTime and one X509Certificate");
    }
    const auto der = wsse::text_of(certificates.front()).map([](const std::string& text) {
        return wsse::from_xml_base64(text).value_or("");
    });
    xades.signed_info = *octets;
    xades.value = wsse::from_xml_base64(*value).value_or("");
    xades.signing_time = wsse::text_of(times.front()).value_or("");
    xades.x509_pem = der ? wsse::to_pem("CERTIFICATE", *der) : std::string{};
    const auto facts = crypto::read_x509(xades.x509_pem);
    const auto digests = wsse::find_all(properties.front(), wsse::kDsig, "DigestValue");
    const bool names_it = facts && digests.size() == 1 &&
                          wsse::from_xml_base64(wsse::text_of(digests.front()).value_or("")) == from_hex(facts->sha256);
    return names_it ? Result<Xades>{std::move(xades)} : malformed("its certificate is not the one that it signed");
}

Status verify_xades(const Xades& xades, const crypto::VerifyingKey& key) {
    const auto algorithm = wsse::algorithm_by_uri(xades.algorithm_uri);
    if (!algorithm) {
        return refused("a signature by " + xades.algorithm_uri);
    }
    return key.verify(*algorithm, xades.signed_info, xades.value);
}

}  // namespace datong::container
