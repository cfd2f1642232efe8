#include "core/envelope/signature.h"

#include "core/base/text.h"
#include "core/codec/xml.h"
#include "core/crypto/digest.h"
#include "core/envelope/security.h"
#include "core/record/record.h"
#include "core/wsse/canonical.h"
#include "core/wsse/envelope.h"

namespace datong::envelope {
namespace {

using record::Record;

Record text(std::string_view value) {
    return Record::text(std::string{value});
}

Record method(std::string_view uri) {
    return Record::object({{"@Algorithm", text(uri)}});
}

/// @param id  of an element; empty: the SignedInfo of a document that is a Signature.
Result<std::string> canonical(std::string_view document, std::string_view id) {
    const auto read = wsse::Document::read(document);
    if (!read) {
        return fail(Error{read.error()});
    }
    wsse::Element apex{};
    if (!id.empty()) {
        const auto found = read->by_id(id);
        if (!found) {
            return fail(Error{found.error()});
        }
        apex = *found;
    } else {
        apex = wsse::only_child(read->root(), wsse::kDsig, "SignedInfo");
    }
    return wsse::canonicalise(*read, apex, {.kind = wsse::CanonicalForm::Kind::exclusive_1_0});
}

Result<Record> reference_to(std::string_view document, std::string_view id) {
    const auto octets = canonical(document, id);
    if (!octets) {
        return fail(Error{octets.error()});
    }
    Record transforms = Record::object({{"ds:Transform", method(wsse::kExclusive)}});
    return Record::object({{"@URI", text('#' + std::string{id})},
                           {"ds:Transforms", std::move(transforms)},
                           {"ds:DigestMethod", method(wsse::kSha256)},
                           {"ds:DigestValue", text(to_base64(crypto::sha256(*octets)))}});
}

Result<Record> signed_info(std::string_view document, crypto::Algorithm algorithm) {
    Record references = Record::list();
    for (const std::string_view id : {kTimestampId, kBodyId}) {
        auto reference = reference_to(document, id);
        if (!reference) {
            return reference;
        }
        references.add(std::move(*reference));
    }
    return Record::object({{"ds:CanonicalizationMethod", method(wsse::kExclusive)},
                           {"ds:SignatureMethod", method(wsse::uri_of(algorithm))},
                           {"ds:Reference", std::move(references)}});
}

/// @param value  of the signature; empty while SignedInfo is being signed.
Result<std::string> signature_block(const Record& info, const std::string& value) {
    Record pointer = Record::object({{"wsse:Reference", Record::object({{"@URI", text('#' + std::string{kTokenId})},
                                                                        {"@ValueType", text(wsse::kX509v3)}})}});
    Record key = Record::object({{"wsse:SecurityTokenReference", std::move(pointer)}});
    const Record block = Record::object({{"@xmlns:ds", text(wsse::kDsig)},
                                         {"@xmlns:wsse", text(wsse::kWsse)},
                                         {"ds:SignedInfo", info},
                                         {"ds:SignatureValue", text(value)},
                                         {"ds:KeyInfo", std::move(key)}});
    return codec::write_xml(block, "ds:Signature");
}

}  // namespace

crypto::Algorithm Signer::algorithm() const {
    const crypto::Algorithm usual = key.default_algorithm();
    return usual == crypto::Algorithm::rsa_pss_sha512 ? crypto::Algorithm::rsa_v1_5_sha256 : usual;
}

std::string token_of(std::string_view x509_pem) {
    constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
    const std::size_t begin = x509_pem.find(kBegin);
    const std::size_t end = x509_pem.find("-----END CERTIFICATE-----", begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) {
        return {};
    }
    const auto der = wsse::from_xml_base64(x509_pem.substr(begin + kBegin.size(), end - begin - kBegin.size()));
    return der ? to_base64(*der) : std::string{};
}

Status sign(Tree& tree, const Signer& signer) {
    tree.name_body(kBodyId);
    const std::string document = tree.write();
    const auto info = signed_info(document, signer.algorithm());
    if (!info) {
        return fail(Fault::internal, "signing an envelope: " + info.error().detail());
    }
    auto value = signature_block(*info, "")
                     .and_then([](const std::string& unsigned_block) { return canonical(unsigned_block, ""); })
                     .and_then([&](const std::string& octets) { return signer.key.sign(signer.algorithm(), octets); });
    if (!value) {
        return fail(Fault::internal, "signing an envelope: " + value.error().detail());
    }
    return signature_block(*info, to_base64(*value)).and_then([&](const std::string& block) {
        return tree.add_to_header(wsse::kWsse, "Security", block);
    });
}

}  // namespace datong::envelope
