#include <array>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/wsse/envelope.h"

namespace datong::wsse {
namespace {

constexpr std::string_view kBase64Binary =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// By octet: what can't stand in a text as it is.
constexpr auto kEscaped = [] {
    std::array<bool, 256> made{};
    for (const char c : {'&', '<', '>', '\r'}) {
        made.at(static_cast<unsigned char>(c)) = true;
    }
    return made;
}();

/// A part of the message that is signed, with its id.
struct Part {
    std::string id;
    std::string octets;  ///< canonical (exclusive form): every namespace that it shows stands on it
    std::vector<Hole> holes{};

    /// SHA-256 of its canonical form.
    [[nodiscard]] std::string digest() const {
        if (holes.empty()) {
            return crypto::sha256(octets);
        }
        crypto::Sha256 sum;
        std::size_t at = 0;
        for (const Hole& hole : holes) {
            sum.add(std::string_view{octets}.substr(at, hole.at - at));
            sum.add_base64(*hole.octets);
            at = hole.at;
        }
        sum.add(std::string_view{octets}.substr(at));
        return sum.finish();
    }
    /// As it stands in the message.
    [[nodiscard]] std::string written() const {
        std::string out;
        std::size_t at = 0;
        for (const Hole& hole : holes) {
            out.append(octets, at, hole.at - at).append(hole.filling);
            at = hole.at;
        }
        return out.append(octets, at);
    }
};

std::string_view uri_of_version(std::string_view version) {
    return version == "1.2" ? kSoap12 : kSoap11;
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
    out.append(" ").append(name).append("=\"").append(value).append("\"");
}

void append_element(std::string& out, std::string_view name, std::string_view text) {
    out.append("<").append(name).append(">");
    append_canonical_text(out, text);
    out.append("</").append(name).append(">");
}

/// DER out of a PEM certificate, as base64 on one line.
std::string dense_token(std::string_view pem) {
    constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
    const std::size_t begin = pem.find(kBegin);
    const std::size_t end = pem.find("-----END CERTIFICATE-----");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
        return {};
    }
    const std::string dense = without_space(pem.substr(begin + kBegin.size(), end - begin - kBegin.size()));
    return from_base64(dense) ? dense : std::string{};
}

/// The same, and this thread's last one is kept: a gateway signs with one certificate over and over.
std::string token_text(const std::string& pem) {
    struct Last {
        std::string pem;
        std::string text;
    };
    thread_local Last last;
    if (last.pem != pem) {
        last = {.pem = pem, .text = dense_token(pem)};
    }
    return last.text;
}

/// Empty, with room for so many octets and the tags around them.
std::string room_for(std::size_t octets) {
    constexpr std::size_t kAround = 320;
    std::string text;
    text.reserve(octets + kAround);
    return text;
}

Part body_part(const EnvelopeParts& parts) {
    Part part{.id = std::string{kOwnBody.substr(1)}, .octets = room_for(parts.payload.size())};
    part.octets.append("<soap:Body");
    append_attribute(part.octets, "xmlns:soap", uri_of_version(parts.version));
    append_attribute(part.octets, "xmlns:wsu", kWsu);
    append_attribute(part.octets, "wsu:Id", part.id);
    part.octets.append(">");
    part.holes = parts.holes;
    for (Hole& hole : part.holes) {
        hole.at += part.octets.size();
    }
    part.octets.append(parts.payload).append("</soap:Body>");
    return part;
}

Part time_part(const EnvelopeParts& parts) {
    Part part{.id = "time", .octets = room_for(0)};
    part.octets.append("<wsu:Timestamp");
    append_attribute(part.octets, "xmlns:wsu", kWsu);
    append_attribute(part.octets, "wsu:Id", part.id);
    part.octets.append(">");
    append_element(part.octets, "wsu:Created", parts.created);
    append_element(part.octets, "wsu:Expires", parts.expires);
    part.octets.append("</wsu:Timestamp>");
    return part;
}

Part call_part(const EnvelopeParts& parts) {
    Part part{.id = "call", .octets = room_for(parts.call_id.size() + parts.to.size() + parts.exchange.size())};
    part.octets.append("<dt:Call");
    append_attribute(part.octets, "xmlns:dt", kCallUri);
    append_attribute(part.octets, "xmlns:wsu", kWsu);
    append_attribute(part.octets, "wsu:Id", part.id);
    part.octets.append(">");
    append_element(part.octets, "dt:id", parts.call_id);
    if (!parts.to.empty()) {
        append_element(part.octets, "dt:to", parts.to);
    }
    if (!parts.exchange.empty()) {
        append_element(part.octets, "dt:exchange", parts.exchange);
    }
    part.octets.append("</dt:Call>");
    return part;
}

std::string confirmation_id(std::size_t index) {
    return "confirmation" + std::to_string(index);
}

std::string signed_info_of(const std::vector<Part>& parts, const std::vector<std::string>& digests,
                           crypto::Algorithm algorithm) {
    constexpr std::size_t kAround = 320;
    constexpr std::size_t kOfReference = 320;
    std::string out;
    out.reserve(kAround + kOfReference * parts.size());
    out.append("<ds:SignedInfo");
    append_attribute(out, "xmlns:ds", kDsig);
    out.append("><ds:CanonicalizationMethod");
    append_attribute(out, "Algorithm", kExclusive);
    out.append("></ds:CanonicalizationMethod><ds:SignatureMethod");
    append_attribute(out, "Algorithm", uri_of(algorithm));
    out.append("></ds:SignatureMethod>");
    for (std::size_t i = 0; i < parts.size(); ++i) {
        out.append("<ds:Reference");
        append_attribute(out, "URI", "#" + parts[i].id);
        out.append("><ds:Transforms><ds:Transform");
        append_attribute(out, "Algorithm", kExclusive);
        out.append("></ds:Transform></ds:Transforms><ds:DigestMethod");
        append_attribute(out, "Algorithm", kSha256);
        out.append("></ds:DigestMethod>");
        append_element(out, "ds:DigestValue", to_base64(digests[i]));
        out.append("</ds:Reference>");
    }
    return out.append("</ds:SignedInfo>");
}

std::string security_of(const std::string& token, const std::vector<Part>& parts, std::string_view signed_info,
                        std::string_view signature, std::string_view soap) {
    std::string out;
    constexpr std::size_t kAround = 2'048;
    out.reserve(kAround + token.size() + signed_info.size());
    out.append("<wsse:Security");
    append_attribute(out, "xmlns:wsse", kWsse);
    append_attribute(out, "xmlns:soap", soap);
    append_attribute(out, "soap:mustUnderstand", "1");
    out.append("><wsse:BinarySecurityToken");
    append_attribute(out, "xmlns:wsu", kWsu);
    append_attribute(out, "EncodingType", kBase64Binary);
    append_attribute(out, "ValueType", kX509v3);
    append_attribute(out, "wsu:Id", "token");
    out.append(">").append(token).append("</wsse:BinarySecurityToken>");
    for (std::size_t i = 2; i < parts.size(); ++i) {  // behind Body and Call: what stands here
        out.append(parts[i].octets);
    }
    out.append("<ds:Signature");
    append_attribute(out, "xmlns:ds", kDsig);
    out.append(">").append(signed_info);
    append_element(out, "ds:SignatureValue", to_base64(signature));
    out.append("<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference");
    append_attribute(out, "URI", "#token");
    append_attribute(out, "ValueType", kX509v3);
    return out.append("></wsse:Reference></wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature></wsse:Security>");
}

}  // namespace

void append_canonical_text(std::string& out, std::string_view utf8) {
    std::size_t begin = 0;
    for (std::size_t at = 0; at < utf8.size(); ++at) {
        const char c = utf8[at];
        if (kEscaped[static_cast<unsigned char>(c)]) {
            out.append(utf8, begin, at - begin);
            out.append(c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&#xD;");
            begin = at + 1;
        }
    }
    out.append(utf8, begin);
}

std::string confirmation_octets(std::string_view value, std::size_t index) {
    std::string out = "<wsse11:SignatureConfirmation";
    append_attribute(out, "xmlns:wsse11", kWsse11);
    append_attribute(out, "xmlns:wsu", kWsu);
    append_attribute(out, "Value", to_base64(value));
    append_attribute(out, "wsu:Id", confirmation_id(index));
    return out.append("></wsse11:SignatureConfirmation>");
}

Result<WrittenEnvelope> write_signed_envelope(const EnvelopeParts& parts, crypto::Algorithm algorithm,
                                              const crypto::SigningKey& key) {
    const std::string token = token_text(parts.token_pem);
    if (token.empty()) {
        return fail(Fault::bad_request, "soap: the certificate to sign with is no PEM");
    }
    std::vector<Part> all;
    all.reserve(3 + parts.confirm.size());
    all.push_back(body_part(parts));  // an initializer list would copy them
    all.push_back(call_part(parts));
    all.push_back(time_part(parts));
    for (std::size_t i = 0; i < parts.confirm.size(); ++i) {
        all.push_back({.id = confirmation_id(i), .octets = confirmation_octets(parts.confirm[i], i)});
    }
    std::vector<std::string> digests;
    digests.reserve(all.size());
    for (const Part& part : all) {
        digests.push_back(part.digest());
    }
    WrittenEnvelope written;
    written.signed_info = signed_info_of(all, digests, algorithm);
    auto signature = key.sign(algorithm, written.signed_info);
    if (!signature) {
        return fail(std::move(signature.error()));
    }
    written.signature = std::move(*signature);
    const std::string_view soap = uri_of_version(parts.version);
    constexpr std::size_t kAround = 4'096;
    written.bytes.reserve(parts.payload.size() + token.size() + kAround);
    written.bytes.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope");
    append_attribute(written.bytes, "xmlns:soap", soap);
    written.bytes.append("><soap:Header>")
        .append(security_of(token, all, written.signed_info, written.signature, soap))
        .append(all[1].octets)
        .append("</soap:Header>")
        .append(all[0].written())
        .append("</soap:Envelope>");
    written.body_digest = std::move(digests[0]);
    if (parts.holes.empty()) {
        written.body_octets = std::move(all[0].octets);
    }
    return written;
}

}  // namespace datong::wsse
