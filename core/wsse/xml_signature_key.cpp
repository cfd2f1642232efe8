#include <utility>

#include "core/base/text.h"
#include "core/wsse/xml_signature.h"

// The key that stands in a signature itself.
namespace datong::wsse {
namespace {

/// The octets of the first element of that name below; nullopt when there is none or it is no base64.
std::optional<std::string> octets_below(Element from, std::string_view uri, std::string_view name) {
    const auto found = find_all(from, uri, name);
    const auto text = found.empty() ? Result<std::string>{} : text_of(found.front());
    return found.empty() || !text ? std::nullopt : from_xml_base64(*text);
}

/// DER of a short form: tag, length, content. Source: X.690, 8.1.
std::string der(char tag, const std::string& content) {
    std::string length;
    if (content.size() < 0x80) {
        length = static_cast<char>(content.size());
    } else {
        for (std::size_t rest = content.size(); rest > 0; rest >>= 8U) {
            length.insert(length.begin(), static_cast<char>(rest & 0xFFU));
        }
        length.insert(length.begin(), static_cast<char>(0x80U | length.size()));
    }
    return tag + length + content;
}

std::string der_number(const std::string& octets) {
    const bool needs_zero = !octets.empty() && (static_cast<unsigned char>(octets.front()) & 0x80U) != 0;
    return der('\x02', (needs_zero ? std::string(1, '\0') : std::string{}) + octets);
}

/// SubjectPublicKeyInfo of a key value. Source: RFC 3279, 2.3.1; RFC 5480, 2.
std::optional<std::string> key_value(Element key_info) {
    const auto modulus = octets_below(key_info, kDsig, "Modulus");
    const auto exponent = octets_below(key_info, kDsig, "Exponent");
    if (modulus && exponent) {
        return to_pem("RSA PUBLIC KEY", der('\x30', der_number(*modulus) + der_number(*exponent)));
    }
    constexpr std::string_view kDsig11 = "http://www.w3.org/2009/xmldsig11#";
    const auto curves = find_all(key_info, kDsig11, "NamedCurve");
    const auto point = octets_below(key_info, kDsig11, "PublicKey");
    if (curves.size() == 1 && point && attribute_of(curves[0], "URI") == "urn:oid:1.2.840.10045.3.1.7") {
        const std::string ec_key = *from_hex("06072a8648ce3d0201");
        const std::string p256 = *from_hex("06082a8648ce3d030107");
        return to_pem("PUBLIC KEY", der('\x30', der('\x30', ec_key + p256) + der('\x03', '\0' + *point)));
    }
    if (const auto encoded = octets_below(key_info, kDsig11, "DEREncodedKeyValue")) {
        return to_pem("PUBLIC KEY", *encoded);
    }
    return std::nullopt;
}

}  // namespace

Result<std::string> key_in(Element key_info) {
    if (const auto certificate = octets_below(key_info, kDsig, "X509Certificate")) {
        return to_pem("CERTIFICATE", *certificate);
    }
    if (auto value = key_value(key_info)) {
        return std::move(*value);
    }
    return fail(Fault::bad_request, "xml signature: no key in KeyInfo that can be read");
}

}  // namespace datong::wsse
