#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/record/date.h"
#include "core/wsse/envelope.h"

namespace datong::wsse {
namespace {

constexpr std::size_t kMostId = 128;

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
    const auto id = attribute_of(token, "Id", kWsu);
    return id && attribute_of(reference, "URI") == "#" + *id;
}

Result<std::string> token_of(Element token) {
    if (attribute_of(token, "ValueType") != kX509v3) {
        return not_signed("the BinarySecurityToken is no X509v3");
    }
    const auto text = text_of(token);
    const auto der = text ? from_xml_base64(*text) : std::nullopt;
    if (!der || der->empty()) {
        return malformed("the BinarySecurityToken is no base64");
    }
    return to_pem("CERTIFICATE", *der);
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

}  // namespace

Result<SignedEnvelope> read_signed_envelope(std::string_view bytes, const DocumentLimits& limits) {
    const auto document = Document::read(bytes, limits);
    if (!document) {
        return fail(document.error());
    }
    const auto places = find_places(*document);
    if (!places) {
        return fail(places.error());
    }
    auto signature = read_xml_signature(*document, places->signature);
    if (!signature) {
        return fail(std::move(signature.error()));
    }
    SignedEnvelope envelope{.version = places->version, .signature = std::move(*signature)};
    for (Element needed : {places->body, places->timestamp, places->call}) {
        if (envelope.signature.part_of(needed) == nullptr) {
            return not_signed("the signature must cover " + std::string{name_of(needed)});
        }
    }
    if (!names_token(envelope.signature, places->token)) {
        return not_signed("the signature names another token");
    }
    auto token = token_of(places->token);
    auto call_id = text_below(places->call, kCallUri, "id");
    if (!token || !call_id) {
        return fail(token ? call_id.error() : token.error());
    }
    if (call_id->empty() || call_id->size() > kMostId) {
        return malformed("the id of Call has 1 to 128 characters");
    }
    envelope.token_pem = std::move(*token);
    envelope.call_id = std::move(*call_id);
    envelope.call_octets = envelope.signature.part_of(places->call)->octets;
    envelope.body_octets = envelope.signature.part_of(places->body)->octets;
    envelope.body_name = name_of(places->payload);
    envelope.body_uri = uri_of(places->payload);
    if (auto good = read_time(places->timestamp, envelope); !good) {
        return fail(std::move(good.error()));
    }
    if (auto good = read_confirmations(*places, envelope); !good) {
        return fail(std::move(good.error()));
    }
    return envelope;
}

}  // namespace datong::wsse
