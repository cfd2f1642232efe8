#include "core/signing/http_signature.h"

#include <algorithm>
#include <utility>

#include "core/signing/http_component.h"
#include "core/signing/structured_field.h"

namespace datong::signing {
namespace {

using codec::HttpMessage;

constexpr std::size_t kMostComponents = 64;
constexpr std::string_view kOurTag = "datong";

const HttpMessage* chosen(const Component& component, const HttpMessage& message, const HttpMessage* request) {
    if (!component.of_request) {
        return &message;
    }
    return message.status != 0 ? request : nullptr;  // ;req stands in a response only
}

Result<std::vector<Component>> read_components(const sf::InnerList& covered) {
    if (covered.items.size() > kMostComponents) {
        return fail(Fault::bad_request, "signature: more than 64 components");
    }
    std::vector<Component> all;
    all.reserve(covered.items.size());
    for (const sf::Item& item : covered.items) {
        auto component = read_component(item);
        if (!component) {
            return fail(std::move(component.error()));
        }
        if (std::ranges::find(all, component->sorted_identifier, &Component::sorted_identifier) != all.end()) {
            return fail(Fault::bad_request, "signature: component " + component->identifier + " is covered twice");
        }
        all.push_back(std::move(*component));
    }
    return all;
}

std::vector<std::string> identifiers_of(const std::vector<Component>& components) {
    std::vector<std::string> all;
    all.reserve(components.size());
    for (const Component& component : components) {
        all.push_back(component.identifier);
    }
    return all;
}

/// The base of a signature. Source: RFC 9421, 2.5.
Result<std::string> build_base(const std::vector<Component>& components, const sf::InnerList& covered,
                               const HttpMessage& message, const HttpMessage* request) {
    std::string base;
    base.reserve(1024);
    for (const Component& component : components) {
        const HttpMessage* from = chosen(component, message, request);
        if (from == nullptr) {
            return fail(Fault::bad_request,
                        "component " + component.identifier + ": there is no request to take it from");
        }
        const auto value = component_value(component, *from);
        if (!value) {
            return fail(value.error());
        }
        base.append(component.identifier).append(": ").append(*value).append("\n");
    }
    const auto parameters = sf::write(covered);
    if (!parameters) {
        return fail(parameters.error());
    }
    base.append("\"@signature-params\": ").append(*parameters);
    return base;
}

Status take_text(std::string& into, const sf::BareItem& value, std::string_view name) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) {
        return fail(Fault::bad_request, "signature: parameter " + std::string{name} + " is no string");
    }
    into = *text;
    return {};
}

Status take_time(std::optional<std::int64_t>& into, const sf::BareItem& value, std::string_view name) {
    const auto* seconds = std::get_if<std::int64_t>(&value);
    if (seconds == nullptr) {
        return fail(Fault::bad_request, "signature: parameter " + std::string{name} + " is no integer");
    }
    into = *seconds;
    return {};
}

/// Unknown parameters are covered by the base and mean nothing. Source: RFC 9421, 2.3.
Status take_parameters(HttpSignature& signature, const sf::Parameters& parameters) {
    Status taken;
    for (const auto& [name, value] : parameters.entries) {
        if (name == "created") {
            taken = take_time(signature.created, value, name);
        } else if (name == "expires") {
            taken = take_time(signature.expires, value, name);
        } else if (name == "nonce") {
            taken = take_text(signature.nonce, value, name);
        } else if (name == "keyid") {
            taken = take_text(signature.keyid, value, name);
        } else if (name == "alg") {
            taken = take_text(signature.algorithm, value, name);
        } else if (name == "tag") {
            taken = take_text(signature.tag, value, name);
        }
        if (!taken) {
            return taken;
        }
    }
    return {};
}

bool has_our_tag(const sf::MemberValue& member) {
    const auto* covered = std::get_if<sf::InnerList>(&member);
    const sf::BareItem* tag = covered != nullptr ? covered->parameters.find("tag") : nullptr;
    return tag != nullptr && *tag == sf::BareItem{std::string{kOurTag}};
}

/// Which of several signatures is read when the caller names none.
Result<std::string> choose_label(const sf::Dictionary& inputs) {
    const std::string* ours = nullptr;
    for (const auto& [label, member] : inputs) {
        if (has_our_tag(member) && ours != nullptr) {
            return fail(Fault::bad_request, "signature: two signatures with tag \"datong\"");
        }
        ours = has_our_tag(member) ? &label : ours;
    }
    if (ours == nullptr && inputs.size() == 1) {
        ours = &inputs.front().first;
    }
    if (ours == nullptr) {
        return fail(Fault::not_signed, "signature: none of several has tag \"datong\"");
    }
    return *ours;
}

Result<sf::Dictionary> dictionary_field(const HttpMessage& message, std::string_view name) {
    const auto value = message.field(name);
    if (!value) {
        return fail(Fault::not_signed, "no " + std::string{name} + " field");
    }
    auto dictionary = sf::parse_dictionary_without_duplicates(*value);
    if (!dictionary) {
        return fail(std::move(dictionary.error()).within(name));
    }
    return dictionary;
}

Result<std::string> octets_of(const sf::Dictionary& signatures, const std::string& label) {
    const sf::MemberValue* member = sf::find(signatures, label);
    const auto* item = member != nullptr ? std::get_if<sf::Item>(member) : nullptr;
    const auto* bytes = item != nullptr ? std::get_if<sf::Bytes>(&item->value) : nullptr;
    if (bytes == nullptr) {
        return fail(Fault::bad_request, "Signature: no byte sequence for a label of Signature-Input");
    }
    return bytes->octets;
}

sf::Parameters parameters_of(const SignHow& how) {
    sf::Parameters parameters;
    const auto put = [&parameters](const char* name, sf::BareItem value) {
        parameters.entries.emplace_back(name, std::move(value));
    };
    put("created", how.created);
    if (how.expires) {
        put("expires", *how.expires);
    }
    if (!how.nonce.empty()) {
        put("nonce", how.nonce);
    }
    put("keyid", how.keyid);
    if (how.write_algorithm) {
        put("alg", std::string{crypto::name_of(how.algorithm)});
    }
    if (!how.tag.empty()) {
        put("tag", how.tag);
    }
    return parameters;
}

Result<sf::InnerList> covered_of(const SignHow& how) {
    sf::InnerList covered;
    covered.items.reserve(how.components.size());
    for (const std::string& identifier : how.components) {
        auto item = sf::parse_item(identifier);
        if (!item) {
            return fail(std::move(item.error()).within("component"));
        }
        covered.items.push_back(std::move(*item));
    }
    covered.parameters = parameters_of(how);
    return covered;
}

Status check_new_label(const HttpMessage& message, const std::string& label) {
    if (!message.field("Signature-Input") && !message.field("Signature")) {
        return {};
    }
    for (const std::string_view name : {"Signature-Input", "Signature"}) {
        const auto present = dictionary_field(message, name);
        if (!present) {
            return fail(present.error());
        }
        if (sf::find(*present, label) != nullptr) {
            return fail(Fault::bad_request, "signature: the label is there already");
        }
    }
    return {};
}

std::string sorted_identifier(const std::string& identifier) {
    const auto item = sf::parse_item(identifier);
    const auto component = item ? read_component(*item) : fail(Fault::bad_request, "");
    return component ? component->sorted_identifier : identifier;
}

}  // namespace

bool HttpSignature::covers(std::string_view component, bool of_request) const {
    const std::string wanted = "\"" + std::string{component} + (of_request ? "\";req" : "\"");
    return std::find(components.begin(), components.end(), wanted) != components.end();
}

Result<HttpSignature> read_http_signature(const HttpMessage& message, const HttpMessage* request,
                                          std::string_view label, const Judge& judge) {
    const auto inputs = dictionary_field(message, "Signature-Input");
    if (!inputs) {
        return fail(inputs.error());
    }
    auto name = label.empty() ? choose_label(*inputs) : Result<std::string>{label};
    if (!name) {
        return fail(std::move(name.error()));
    }
    const sf::MemberValue* input = sf::find(*inputs, *name);
    if (input == nullptr) {
        return fail(Fault::not_signed, "Signature-Input: no such label");
    }
    const auto* covered = std::get_if<sf::InnerList>(input);
    if (covered == nullptr) {
        return fail(Fault::bad_request, "Signature-Input: a member that is no inner list");
    }
    const auto components = read_components(*covered);
    if (!components) {
        return fail(components.error());
    }
    HttpSignature signature{.label = std::move(*name), .components = identifiers_of(*components)};
    if (auto taken = take_parameters(signature, covered->parameters); !taken) {
        return fail(std::move(taken.error()));
    }
    if (auto fit = judge ? judge(signature) : Status{}; !fit) {
        return fail(std::move(fit.error()));
    }
    const auto signatures = dictionary_field(message, "Signature");
    auto octets = signatures ? octets_of(*signatures, signature.label) : fail(signatures.error());
    if (!octets) {
        return fail(std::move(octets.error()));
    }
    signature.signature = std::move(*octets);
    auto base = build_base(*components, *covered, message, request);
    if (!base) {
        return fail(std::move(base.error()));
    }
    signature.base = std::move(*base);
    return signature;
}

Status verify_http(const HttpSignature& signature, const crypto::VerifyingKey& key) {
    auto algorithm = key.default_algorithm();
    if (!signature.algorithm.empty()) {
        const auto named = crypto::algorithm_by_name(signature.algorithm);
        if (!named) {
            return fail(Fault::signature_invalid, "signature: an unknown alg");
        }
        algorithm = *named;
    }
    return key.verify(algorithm, signature.base, signature.signature);
}

std::vector<std::string> missing_components(const HttpSignature& signature, const std::vector<std::string>& required) {
    std::vector<std::string> missing;
    for (const std::string& identifier : required) {
        const auto& all = signature.components;
        const bool covered =
            std::find(all.begin(), all.end(), identifier) != all.end() ||
            std::any_of(all.begin(), all.end(), [sorted = sorted_identifier(identifier)](const std::string& one) {
                return sorted_identifier(one) == sorted;
            });
        if (!covered) {
            missing.push_back(identifier);
        }
    }
    return missing;
}

Result<HttpSignature> sign_http(HttpMessage& message, const HttpMessage* request, const SignHow& how,
                                const crypto::SigningKey& key) {
    if (auto free = check_new_label(message, how.label); !free) {
        return fail(std::move(free.error()));
    }
    const auto covered = covered_of(how);
    if (!covered) {
        return fail(covered.error());
    }
    const auto components = read_components(*covered);
    if (!components) {
        return fail(components.error());
    }
    auto base = build_base(*components, *covered, message, request);
    if (!base) {
        return fail(std::move(base.error()));
    }
    auto octets = key.sign(how.algorithm, *base);
    if (!octets) {
        return fail(std::move(octets.error()));
    }
    const auto input = sf::write(sf::Dictionary{{how.label, *covered}});
    const auto value = sf::write(sf::Dictionary{{how.label, sf::Item{sf::Bytes{*octets}, {}}}});
    if (!input || !value) {
        return fail(Fault::bad_request, "signature: a label, keyid, nonce or tag that can't be written");
    }
    message.add("Signature-Input", *input);
    message.add("Signature", *value);
    return HttpSignature{.label = how.label,
                         .components = identifiers_of(*components),
                         .created = how.created,
                         .expires = how.expires,
                         .nonce = how.nonce,
                         .keyid = how.keyid,
                         .algorithm = how.write_algorithm ? std::string{crypto::name_of(how.algorithm)} : std::string{},
                         .tag = how.tag,
                         .base = std::move(*base),
                         .signature = std::move(*octets)};
}

std::vector<std::string> request_components(bool has_body) {
    std::vector<std::string> all{"\"@method\"", "\"@authority\"", "\"@path\"", "\"@query\""};
    if (has_body) {
        all.emplace_back("\"content-digest\"");
        all.emplace_back("\"content-type\"");
    }
    return all;
}

std::vector<std::string> answer_components(bool request_has_body, const std::string& request_label) {
    std::vector<std::string> all{"\"@status\"", "\"content-type\"", "\"content-digest\"",
                                 "\"signature\";req;key=\"" + request_label + "\""};
    if (request_has_body) {
        all.emplace_back("\"content-digest\";req");
    }
    return all;
}

}  // namespace datong::signing
