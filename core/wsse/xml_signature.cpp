#include "core/wsse/xml_signature.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/wsse/canonical.h"

namespace datong::wsse {
namespace {

using crypto::Algorithm;

constexpr std::size_t kMostReferences = 16;
constexpr Weight kMostInfo{.nodes = 500, .attributes = 400};  // of SignedInfo: twice what 16 references take
constexpr std::size_t kMostPrefixes = 32;                     // each is looked up at every element
constexpr std::string_view kEnveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

struct NamedAlgorithm {
    std::string_view uri;
    Algorithm algorithm;
};
constexpr std::array<NamedAlgorithm, 7> kAlgorithms{{
    {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", Algorithm::rsa_v1_5_sha256},
    {"http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", Algorithm::rsa_pss_sha256},
    {"http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", Algorithm::rsa_pss_sha512},
    {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", Algorithm::ecdsa_p256_sha256},
    {"http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", Algorithm::ed25519},
    {"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", Algorithm::hmac_sha256},
    {"urn:datong:xmldsig:sm2-sm3", Algorithm::sm2_sm3},
}};

struct NamedDigest {
    std::string_view uri;
    std::string (*of)(std::string_view);
};
constexpr std::array<NamedDigest, 3> kDigests{{
    {kSha256, crypto::sha256},
    {"http://www.w3.org/2001/04/xmlenc#sha512", crypto::sha512},
    {"urn:datong:xmldsig:sm3", crypto::sm3},
}};

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

tl::unexpected<Error> malformed(std::string_view what) {
    return fail(Fault::bad_request, "xml signature: " + std::string{what});
}

tl::unexpected<Error> refused(std::string_view rule) {
    return fail(Fault::not_signed, "policy: " + std::string{rule});
}

Result<std::string_view> algorithm_attribute(Element element) {
    const auto algorithm = attribute_in_place(element, "Algorithm");
    if (!algorithm) {
        return malformed(std::string{name_of(element)} + " has no Algorithm");
    }
    return *algorithm;
}

/// A canonicalisation method or transform with its parameters; other children are refused.
Result<CanonicalForm> form_of(Element method) {
    const auto uri = algorithm_attribute(method);
    if (!uri) {
        return fail(uri.error());
    }
    auto form = canonical_form(*uri);
    if (!form) {
        return refused(std::string{"transform "}.append(*uri));
    }
    const auto children = children_of(method);
    if (children.empty()) {
        return std::move(*form);
    }
    if (children.size() > 1 || !is(children[0], kExclusive, "InclusiveNamespaces")) {
        return refused("a canonical form with parameters of another");
    }
    const std::string listed = attribute_of(children[0], "PrefixList").value_or("");
    for (const std::string_view prefix : split(listed, ' ')) {
        if (!prefix.empty()) {
            if (form->prefixes.size() == kMostPrefixes) {
                return refused("more than 32 inclusive prefixes");
            }
            form->prefixes.emplace_back(prefix);
        }
    }
    return std::move(*form);
}

/// How the octets of a reference are made.
struct Recipe {
    CanonicalForm form{.kind = CanonicalForm::Kind::inclusive_1_0};  // Source: XML Signature 1.1, 4.4.3.2
    bool is_enveloped{};
};

Result<Recipe> recipe_of(Element transforms) {
    Recipe recipe;
    bool has_form = false;
    for (Element transform : children_of(transforms)) {
        if (!is(transform, kDsig, "Transform")) {
            return malformed("Transforms holds something else");
        }
        const auto uri = algorithm_attribute(transform);
        if (!uri) {
            return fail(uri.error());
        }
        if (has_form) {
            return refused("a transform behind the canonical form");
        }
        if (*uri == kEnveloped) {
            recipe.is_enveloped = true;
            continue;
        }
        auto form = form_of(transform);
        if (!form) {
            return fail(std::move(form.error()));
        }
        recipe.form = std::move(*form);
        has_form = true;
    }
    return recipe;
}

/// Source: XML Signature 1.1, 4.4.3.3: neither form of reference selects comments.
Result<SignedPart> part_of_reference(const Document& document, Element reference, const XmlSignature& signature) {
    const auto uri = attribute_of(reference, "URI");
    if (!uri || (!uri->empty() && (uri->front() != '#' || uri->starts_with("#xpointer")))) {
        return refused("a reference out of the document");
    }
    auto recipe = recipe_of(only_child(reference, kDsig, "Transforms"));
    if (!recipe) {
        return fail(std::move(recipe.error()));
    }
    SignedPart part{.reference = *uri};
    if (uri->empty()) {
        part.element = document.root();
    } else {
        const auto named = document.by_id(std::string_view{*uri}.substr(1));
        if (!named) {
            return fail(named.error());
        }
        part.element = *named;
    }
    if (signature.part_of(part.element) != nullptr) {
        return refused("two references to one element");  // each costs a canonical form, and says nothing more
    }
    recipe->form.with_comments = false;
    auto octets = canonicalise(document, uri->empty() ? nullptr : part.element, recipe->form,
                               recipe->is_enveloped ? signature.element : nullptr);
    if (!octets) {
        return fail(std::move(octets.error()));
    }
    part.octets = std::move(*octets);
    return part;
}

Status check_digest(Element reference, const SignedPart& part) {
    Element method = only_child(reference, kDsig, "DigestMethod");
    Element value = only_child(reference, kDsig, "DigestValue");
    if (method == nullptr || value == nullptr) {
        return malformed("a reference has one DigestMethod and one DigestValue");
    }
    const auto uri = algorithm_attribute(method);
    const auto written = text_of(value);
    if (!uri || !written) {
        return fail(uri ? written.error() : uri.error());
    }
    const auto named =
        std::find_if(kDigests.begin(), kDigests.end(), [&](const NamedDigest& one) { return one.uri == *uri; });
    if (named == kDigests.end()) {
        return refused(std::string{"digest "}.append(*uri));
    }
    const auto wanted = from_xml_base64(*written);
    if (!wanted || !equal_in_constant_time(*wanted, named->of(part.octets))) {
        return fail(Fault::signature_invalid, "xml signature: the digest of " +
                                                  (part.reference.empty() ? "the document" : part.reference) +
                                                  " does not hold");
    }
    return {};
}

/// The children of ds:Signature in their one order. Source: XML Signature 1.1, 4.1.
struct Anatomy {
    Element info;
    Element value;
    Element key_info;
};

Result<Anatomy> anatomy_of(Element signature) {
    if (!is(signature, kDsig, "Signature")) {
        return malformed("no Signature element");
    }
    const auto children = children_of(signature);
    if (children.size() < 2 || !is(children[0], kDsig, "SignedInfo") || !is(children[1], kDsig, "SignatureValue")) {
        return refused("SignedInfo and SignatureValue do not come first");
    }
    Anatomy anatomy{.info = children[0], .value = children[1], .key_info = nullptr};
    for (std::size_t i = 2; i < children.size(); ++i) {
        const bool is_key_info = i == 2 && is(children[i], kDsig, "KeyInfo");
        if (!is_key_info && !is(children[i], kDsig, "Object")) {
            return malformed("an element that Signature does not have");
        }
        anatomy.key_info = is_key_info ? children[i] : anatomy.key_info;
    }
    if (find_all(signature, kDsig, "SignedInfo").size() > 1) {
        return refused("two SignedInfo elements");
    }
    return anatomy;
}

Result<Algorithm> method_of(Element method) {
    const auto uri = algorithm_attribute(method);
    if (!uri) {
        return fail(uri.error());
    }
    if (const auto algorithm = algorithm_by_uri(*uri); algorithm && children_of(method).empty()) {
        return *algorithm;
    }
    return refused(std::string{"signature algorithm "}.append(*uri));  // HMACOutputLength, too: a MAC that is cut short
}

}  // namespace

const SignedPart* XmlSignature::part_of(Element wanted) const {
    const auto found =
        std::find_if(parts.begin(), parts.end(), [wanted](const SignedPart& part) { return part.element == wanted; });
    return found != parts.end() ? &*found : nullptr;
}

std::optional<Algorithm> algorithm_by_uri(std::string_view uri) {
    for (const NamedAlgorithm& named : kAlgorithms) {
        if (named.uri == uri) {
            return named.algorithm;
        }
    }
    return std::nullopt;
}

std::string_view uri_of(Algorithm algorithm) {
    for (const NamedAlgorithm& named : kAlgorithms) {
        if (named.algorithm == algorithm) {
            return named.uri;
        }
    }
    return {};
}

Status read_references(const Document& document, XmlSignature& signature) {
    const auto info = children_of(children_of(signature.element).front());
    if (info.size() < 3 || info.size() - 2 > kMostReferences) {
        return refused("not 1 to 16 references");
    }
    for (std::size_t i = 2; i < info.size(); ++i) {
        if (!is(info[i], kDsig, "Reference")) {
            return malformed("SignedInfo ends with its references");
        }
        auto part = part_of_reference(document, info[i], signature);
        if (!part) {
            return fail(std::move(part.error()));
        }
        if (auto good = check_digest(info[i], *part); !good) {
            return good;
        }
        signature.parts.push_back(std::move(*part));
    }
    return {};
}

Result<XmlSignature> read_xml_signature(const Document& document, Element signature) {
    auto read = take_apart(document, signature);
    if (!read) {
        return read;
    }
    if (auto good = read_references(document, *read); !good) {
        return fail(std::move(good.error()));
    }
    return read;
}

Result<XmlSignature> take_apart(const Document& document, Element signature) {
    const auto anatomy = anatomy_of(signature);
    if (!anatomy) {
        return fail(anatomy.error());
    }
    if (!is_light(anatomy->info, kMostInfo)) {
        return refused("a SignedInfo of more than 16 references need");
    }
    const auto info = children_of(anatomy->info);
    if (info.size() < 2 || !is(info[0], kDsig, "CanonicalizationMethod") || !is(info[1], kDsig, "SignatureMethod")) {
        return malformed("SignedInfo begins with its two methods");
    }
    const auto algorithm = method_of(info[1]);
    const auto form = form_of(info[0]);
    const auto value = text_of(anatomy->value);
    if (!algorithm || !form || !value) {
        return fail(!algorithm ? algorithm.error() : !form ? form.error() : value.error());
    }
    const auto octets = from_xml_base64(*value);
    if (!octets) {
        return malformed("SignatureValue is no base64");
    }
    XmlSignature read{.element = signature, .algorithm = *algorithm, .value = *octets, .key_info = anatomy->key_info};
    auto signed_info = canonicalise(document, anatomy->info, *form);
    if (!signed_info) {
        return fail(std::move(signed_info.error()));
    }
    read.signed_info = std::move(*signed_info);
    return read;
}

Status verify_value(const XmlSignature& signature, const crypto::VerifyingKey& key) {
    return key.verify(signature.algorithm, signature.signed_info, signature.value);
}

std::string pem_of(std::string_view label, std::string_view base64) {
    constexpr std::size_t kLine = 64;
    std::string pem;
    pem.reserve(2 * (base64.size() + kLine));
    pem.append("-----BEGIN ").append(label).append("-----\n");
    for (std::size_t at = 0; at < base64.size(); at += kLine) {
        pem.append(base64.substr(at, kLine)) += '\n';
    }
    return pem.append("-----END ").append(label).append("-----\n");
}

std::optional<std::string> from_xml_base64(std::string_view text) {
    return std::any_of(text.begin(), text.end(), is_space) ? from_base64(without_space(text)) : from_base64(text);
}

std::string without_space(std::string_view text) {
    std::string dense;
    dense.reserve(text.size());
    for (auto at = text.begin(); at != text.end();) {
        const auto end = std::find_if(at, text.end(), is_space);
        dense.append(at, end);
        at = std::find_if_not(end, text.end(), is_space);
    }
    return dense;
}

}  // namespace datong::wsse
