#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/record/date.h"
#include "core/wsse/envelope.h"

namespace datong::wsse {
namespace {

constexpr std::size_t kMostId = 128;
constexpr std::size_t kMostTo = 512;

tl::unexpected<Error> malformed(std::string_view what) {
    return fail(Fault::bad_request, "soap: " + std::string{what});
}

tl::unexpected<Error> not_signed(std::string_view what) {
    return fail(Fault::not_signed, "soap: " + std::string{what});
}

std::optional<std::int64_t> unix_seconds_of(const std::string& text) {
    const auto time = record::parse_rfc3339(text);
    if (!time) {
        return std::nullopt;
    }
    constexpr int kOffset = 8;  // parse_rfc3339 turns into +08:00
    return record::days_since_epoch(time->date) * 86'400 + (time->hour - kOffset) * 3600 + time->minute * 60 +
           time->second;
}

/// Where the parts of the profile stand: by their places, never by their ids.
struct Places {
    std::string version;
    Element body{};
    Element payload{};
    Element call{};
    Element timestamp{};
    Element token{};
    Element signature{};
    std::vector<Element> confirmations;
};

Status check_header_block(Element block, std::string_view soap) {
    const auto must = attribute_of(block, "mustUnderstand", soap);
    const bool understood = is(block, kWsse, "Security") || is(block, kCallUri, "Call");
    if (must && *must != "0" && *must != "false" && !understood) {
        return malformed("a header block that must be understood and is not");
    }
    return {};
}

Status find_security(Element security, Places& places) {
    for (Element child : children_of(security)) {
        Element* place = is(child, kWsu, "Timestamp")              ? &places.timestamp
                         : is(child, kWsse, "BinarySecurityToken") ? &places.token
                         : is(child, kDsig, "Signature")           ? &places.signature
                                                                   : nullptr;
        if (is(child, kWsse11, "SignatureConfirmation")) {
            places.confirmations.push_back(child);
            continue;
        }
        if (place == nullptr) {
            return not_signed("the Security header holds " + std::string{name_of(child)});
        }
        if (*place != nullptr) {
            return not_signed("two " + std::string{name_of(child)} + " elements");
        }
        *place = child;
    }
    if (places.timestamp == nullptr || places.token == nullptr || places.signature == nullptr) {
        return not_signed("the Security header needs Timestamp, BinarySecurityToken and Signature");
    }
    return {};
}

Status find_header(Element header, std::string_view soap, Places& places) {
    Element security = nullptr;
    for (Element block : children_of(header)) {
        if (auto good = check_header_block(block, soap); !good) {
            return good;
        }
        const bool is_security = is(block, kWsse, "Security");
        Element* place = is_security ? &security : is(block, kCallUri, "Call") ? &places.call : nullptr;
        if (place != nullptr && *place != nullptr) {
            return not_signed("two " + std::string{name_of(block)} + " headers");
        }
        if (place != nullptr) {
            *place = block;
        }
    }
    if (security == nullptr || places.call == nullptr) {
        return not_signed("the headers Security and Call (urn:datong:call:1) are needed");
    }
    return find_security(security, places);
}

Result<Places> find_places(const Document& document) {
    Element root = document.root();
    const std::string_view soap = uri_of(root);
    if (name_of(root) != "Envelope" || (soap != kSoap11 && soap != kSoap12)) {
        return malformed("no SOAP 1.1 or 1.2 Envelope");
    }
    const auto children = children_of(root);
    if (children.size() != 2 || !is(children[0], soap, "Header") || !is(children[1], soap, "Body")) {
        return children.size() == 1 && is(children[0], soap, "Body") ? not_signed("no Header")
                                                                     : malformed("not one Header and one Body");
    }
    Places places;
    places.version = soap == kSoap11 ? "1.1" : "1.2";
    places.body = children[1];
    const auto payload = children_of(places.body);
    if (payload.size() != 1) {
        return malformed("Body holds one element");
    }
    places.payload = payload.front();
    if (auto good = find_header(children[0], soap, places); !good) {
        return fail(std::move(good.error()));
    }
    if (holds_notes(places.body)) {
        return malformed("Body holds a comment or a processing instruction, which no signature covers");
    }
    if (find_all(root, kDsig, "Signature").size() != 1) {
        return not_signed("a second Signature");
    }
    return places;
}

/// Whether the signature says that this token is its key's. Source: X.509 Token Profile 1.1.1, 3.2.1.
bool names_token(const XmlSignature& signature, Element token) {
    Element reference = only_child(only_child(signature.key_info, kWsse, "SecurityTokenReference"), kWsse, "Reference");
    const auto id = attribute_in_place(token, "Id", kWsu);
    const auto uri = attribute_in_place(reference, "URI");
    return id && uri && uri->starts_with('#') && uri->substr(1) == *id;
}

Result<std::string> token_of(Element token) {
    if (attribute_in_place(token, "ValueType") != kX509v3) {
        return not_signed("the BinarySecurityToken is no X509v3");
    }
    const auto text = text_of(token);
    const std::string dense = text ? without_space(*text) : std::string{};
    if (dense.empty() || !from_base64(dense)) {
        return malformed("the BinarySecurityToken is no base64");
    }
    return pem_of("CERTIFICATE", dense);
}

/// The text of one child of an element that the signature covers.
Result<std::string> text_below(Element element, std::string_view uri, std::string_view name) {
    Element child = only_child(element, uri, name);
    return child == nullptr ? malformed("no " + std::string{name}) : text_of(child);
}

Status read_time(Element timestamp, SignedEnvelope& envelope) {
    const auto created = text_below(timestamp, kWsu, "Created");
    const auto seconds = created ? unix_seconds_of(*created) : std::nullopt;
    if (!seconds) {
        return malformed("Created is no time");
    }
    envelope.created = *seconds;
    if (only_child(timestamp, kWsu, "Expires") == nullptr) {
        return {};
    }
    const auto expires = text_below(timestamp, kWsu, "Expires");
    const auto until = expires ? unix_seconds_of(*expires) : std::nullopt;
    if (!until) {
        return malformed("Expires is no time");
    }
    envelope.expires = *until;
    return {};
}

Status read_confirmations(const Places& places, SignedEnvelope& envelope) {
    for (Element confirmation : places.confirmations) {
        const auto octets = from_xml_base64(attribute_of(confirmation, "Value").value_or(""));
        if (!octets || envelope.signature.part_of(confirmation) == nullptr) {
            return not_signed("a SignatureConfirmation that is not covered");
        }
        envelope.confirmed.push_back(*octets);
    }
    return {};
}

/// What our header says. Source: docs/soap.md.
Status read_call(Element call, SignedEnvelope& envelope) {
    auto id = text_below(call, kCallUri, "id");
    if (!id) {
        return fail(std::move(id.error()));
    }
    if (id->empty() || id->size() > kMostId) {
        return malformed("the id of Call has 1 to 128 characters");
    }
    envelope.call_id = std::move(*id);
    if (find_all(call, kCallUri, "to").empty()) {
        return {};
    }
    auto to = text_below(call, kCallUri, "to");
    if (!to || to->size() > kMostTo) {
        return malformed("Call has one `to` of at most 512 characters");
    }
    envelope.to = std::move(*to);
    return {};
}

/// What the signature covers, read from what was digested.
Result<SignedEnvelope> read_parts(const Places& places, XmlSignature signature) {
    SignedEnvelope envelope{.version = places.version, .signature = std::move(signature)};
    for (Element needed : {places.body, places.timestamp, places.call}) {
        if (envelope.signature.part_of(needed) == nullptr) {
            return not_signed("the signature must cover " + std::string{name_of(needed)});
        }
    }
    const SignedPart& body = *envelope.signature.part_of(places.body);
    envelope.body_octets = body.octets;
    envelope.body_reference = body.reference;
    envelope.call_octets = envelope.signature.part_of(places.call)->octets;
    envelope.body_name = name_of(places.payload);
    envelope.body_uri = uri_of(places.payload);
    for (auto good : {read_call(places.call, envelope), read_time(places.timestamp, envelope),
                      read_confirmations(places, envelope)}) {
        if (!good) {
            return fail(std::move(good.error()));
        }
    }
    return envelope;
}

/// @param trusted_for  empty: nothing is proven.
Result<SignedEnvelope> read_envelope(std::string_view bytes, const TrustedFor& trusted_for,
                                     const DocumentLimits& limits) {
    const auto document = Document::read(bytes, limits);
    if (!document) {
        return fail(document.error());
    }
    const auto places = find_places(*document);
    if (!places) {
        return fail(places.error());
    }
    auto token = token_of(places->token);
    if (!token) {
        return fail(std::move(token.error()));
    }
    const auto key = trusted_for ? std::optional{trusted_for(*token)} : std::nullopt;
    if (key && !*key) {
        return fail(key->error());
    }
    auto signature = take_apart(*document, places->signature);
    if (!signature) {
        return fail(std::move(signature.error()));
    }
    if (!names_token(*signature, places->token)) {
        return not_signed("the signature names another token");
    }
    if (auto good = key ? verify_value(*signature, **key) : Status{}; !good) {
        return fail(std::move(good.error()));
    }
    if (auto good = read_references(*document, *signature); !good) {
        return fail(std::move(good.error()));
    }
    auto envelope = read_parts(*places, std::move(*signature));
    if (envelope) {
        envelope->token_pem = std::move(*token);
    }
    return envelope;
}

}  // namespace

Result<SignedEnvelope> read_signed_envelope(std::string_view bytes, const DocumentLimits& limits) {
    return read_envelope(bytes, {}, limits);
}

Result<SignedEnvelope> prove_signed_envelope(std::string_view bytes, const TrustedFor& trusted_for,
                                             const DocumentLimits& limits) {
    return read_envelope(bytes, trusted_for, limits);
}

}  // namespace datong::wsse
