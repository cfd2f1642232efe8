#include <algorithm>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/evidence/signature_base.h"
#include "core/wsse/envelope.h"

namespace datong::evidence {
namespace {

bool has(std::string_view signed_info, const std::string& digest) {
    const auto all = sha256_of_signed_info(signed_info);
    return std::find(all.begin(), all.end(), digest) != all.end();
}

}  // namespace

std::vector<std::string> sha256_of_signed_info(std::string_view signed_info) {
    std::vector<std::string> digests;
    const auto document = wsse::Document::read(signed_info);
    if (!document || !wsse::is(document->root(), wsse::kDsig, "SignedInfo")) {
        return digests;
    }
    for (wsse::Element reference : wsse::children_of(document->root())) {
        wsse::Element method = wsse::only_child(reference, wsse::kDsig, "DigestMethod");
        wsse::Element value = wsse::only_child(reference, wsse::kDsig, "DigestValue");
        const auto text = wsse::text_of(value);
        const auto octets = text ? wsse::from_xml_base64(*text) : std::nullopt;
        if (wsse::attribute_of(method, "Algorithm") == wsse::kSha256 && octets && !octets->empty()) {
            digests.push_back(to_base64(*octets));
        }
    }
    return digests;
}

bool signs_digest(std::string_view signed_info, std::string_view hex) {
    const auto octets = from_hex(hex);
    return octets && !octets->empty() && has(signed_info, to_base64(*octets));
}

bool confirms(std::string_view signed_info, std::string_view request_signature) {
    constexpr std::size_t kFirst = 0;
    return !request_signature.empty() &&
           has(signed_info, to_base64(crypto::sha256(wsse::confirmation_octets(request_signature, kFirst))));
}

}  // namespace datong::evidence
