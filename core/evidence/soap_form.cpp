#include <algorithm>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/evidence/signature_base.h"
#include "core/wsse/envelope.h"

namespace datong::evidence {
namespace {

struct DigestOf {
    std::string reference;
    std::string digest;  ///< base64
};

/// The references of a SignedInfo that digest by SHA-256. Source: XML Signature 1.1, 4.4.3.
std::vector<DigestOf> digests_in(std::string_view signed_info) {
    std::vector<DigestOf> all;
    const auto document = wsse::Document::read(signed_info);
    if (!document || !wsse::is(document->root(), wsse::kDsig, "SignedInfo")) {
        return all;
    }
    for (wsse::Element reference : wsse::children_of(document->root())) {
        wsse::Element method = wsse::only_child(reference, wsse::kDsig, "DigestMethod");
        wsse::Element value = wsse::only_child(reference, wsse::kDsig, "DigestValue");
        const auto text = wsse::text_of(value);
        const auto octets = text ? wsse::from_xml_base64(*text) : std::nullopt;
        if (wsse::attribute_of(method, "Algorithm") == wsse::kSha256 && octets && !octets->empty()) {
            all.push_back(
                {.reference = wsse::attribute_of(reference, "URI").value_or(""), .digest = to_base64(*octets)});
        }
    }
    return all;
}

}  // namespace

std::vector<std::string> sha256_of_signed_info(std::string_view signed_info) {
    std::vector<std::string> digests;
    for (DigestOf& one : digests_in(signed_info)) {
        digests.push_back(std::move(one.digest));
    }
    return digests;
}

bool signs_digest(std::string_view signed_info, std::string_view reference, std::string_view hex) {
    const auto octets = from_hex(hex);
    const auto all = digests_in(signed_info);
    const auto is_it = [&](const DigestOf& one) { return one.reference == reference; };
    const auto found = std::find_if(all.begin(), all.end(), is_it);
    return octets && found != all.end() && std::count_if(all.begin(), all.end(), is_it) == 1 &&
           found->digest == to_base64(*octets);
}

bool confirms(std::string_view signed_info, std::string_view request_signature) {
    constexpr std::size_t kFirst = 0;
    const std::string digest = to_base64(crypto::sha256(wsse::confirmation_octets(request_signature, kFirst)));
    const auto all = sha256_of_signed_info(signed_info);
    return !request_signature.empty() && std::find(all.begin(), all.end(), digest) != all.end();
}

}  // namespace datong::evidence
