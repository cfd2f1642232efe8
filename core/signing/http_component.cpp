#include "core/signing/http_component.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.h"

namespace datong::signing {
namespace {

using codec::HttpField;
using codec::HttpMessage;

tl::unexpected<Error> trouble(std::string_view component, std::string_view what) {
    return fail(Fault::bad_request, "component \"" + std::string{component} + "\": " + std::string{what});
}

bool is_request(const HttpMessage& message) {
    return message.status == 0;
}

/// Source: RFC 9110, 5.6.2, without upper case (RFC 9421, 2.1).
bool is_lower_field_name(std::string_view name) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz!#$%&'*+-.^_`|~0123456789";
    return !name.empty() && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool is_derived(std::string_view name) {
    constexpr std::array<std::string_view, 9> kNames{"@method", "@target-uri",     "@authority",
                                                     "@scheme", "@request-target", "@path",
                                                     "@query",  "@query-param",    "@status"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

Status take_flag(bool& flag, const std::string& name, const sf::BareItem& value) {
    if (value != sf::BareItem{true}) {
        return trouble(name, "a flag with a value");
    }
    flag = true;
    return {};
}

Status take_parameter(Component& component, const std::string& name, const sf::BareItem& value) {
    if (name == "sf") {
        return take_flag(component.strict, component.name, value);
    }
    if (name == "bs") {
        return take_flag(component.bytes, component.name, value);
    }
    if (name == "req") {
        return take_flag(component.of_request, component.name, value);
    }
    const auto* text = std::get_if<std::string>(&value);
    if (name == "key" && text != nullptr) {
        component.key = *text;
        return {};
    }
    if (name == "name" && text != nullptr) {
        component.query = *text;
        return {};
    }
    return trouble(component.name, name == "tr" ? "trailers are not supported" : "an unknown parameter");
}

Status check_combination(const Component& component) {
    const bool derived = component.name.starts_with('@');
    if (derived ? !is_derived(component.name) : !is_lower_field_name(component.name)) {
        return trouble(component.name, "no such component");
    }
    if (component.query.has_value() != (component.name == "@query-param")) {
        return trouble(component.name, "@query-param has a name, no other has");
    }
    if (derived && (component.strict || component.bytes || component.key)) {
        return trouble(component.name, "a parameter of fields on a derived component");
    }
    if (component.bytes && (component.strict || component.key)) {
        return trouble(component.name, ";bs excludes ;sf and ;key");
    }
    return {};
}

/// One field line as it counts: no blanks around, a folded line made one. Source: RFC 9421, 2.1.
std::string unfolded(std::string_view value) {
    value = trim_ows(value);
    std::string out;
    out.reserve(value.size());
    while (!value.empty()) {
        const std::size_t fold = value.find("\r\n");
        const bool folded = fold != std::string_view::npos && fold + 2 < value.size() &&
                            (value[fold + 2] == ' ' || value[fold + 2] == '\t');
        if (!folded) {
            break;
        }
        out.append(trim_ows(value.substr(0, fold))).append(" ");
        value = trim_ows(value.substr(fold + 2));
    }
    return out.append(value);
}

std::string joined_value(const HttpMessage& message, std::string_view name, bool& found) {
    std::string all;
    for (const HttpField& line : message.fields) {
        if (ascii_equal_ignoring_case(line.name, name)) {
            all.append(found ? ", " : "").append(unfolded(line.value));
            found = true;
        }
    }
    return all;
}

/// Source: RFC 9421, 2.1.3: every line a byte sequence of its own.
std::string bytes_value(const HttpMessage& message, std::string_view name, bool& found) {
    std::string all;
    for (const HttpField& line : message.fields) {
        if (ascii_equal_ignoring_case(line.name, name)) {
            all.append(found ? ", :" : ":").append(to_base64(unfolded(line.value))).append(":");
            found = true;
        }
    }
    return all;
}

/// Source: RFC 9421, 2.1.1. The type of a field is not known here: what reads as a dictionary without
/// duplicates is one, then lists and items; the forms they share are written alike.
Result<std::string> strict_value(std::string_view name, std::string_view value) {
    if (const auto dictionary = sf::parse_dictionary_without_duplicates(value)) {
        return sf::write(*dictionary);
    }
    if (const auto list = sf::parse_list(value)) {
        return sf::write(*list);
    }
    if (const auto item = sf::parse_item(value)) {
        return sf::write(*item);
    }
    return trouble(name, "no structured field");
}

/// Source: RFC 9421, 2.1.2.
Result<std::string> member_value(const Component& component, std::string_view value) {
    const auto dictionary = sf::parse_dictionary_without_duplicates(value);
    const sf::MemberValue* member = dictionary ? sf::find(*dictionary, *component.key) : nullptr;
    if (member == nullptr) {
        return trouble(component.name, "no dictionary with that member");
    }
    return std::visit([](const auto& one) { return sf::write(one); }, *member);
}

Result<std::string> field_value(const Component& component, const HttpMessage& message) {
    bool found = false;
    std::string value =
        component.bytes ? bytes_value(message, component.name, found) : joined_value(message, component.name, found);
    if (!found) {
        return trouble(component.name, "not in the message");
    }
    if (component.key) {
        return member_value(component, value);
    }
    return component.strict ? strict_value(component.name, value) : Result<std::string>{std::move(value)};
}

/// The parts of a request's target in origin or absolute form. Source: RFC 9112, 3.2.
struct Target {
    std::string_view scheme;     ///< of the absolute form, else empty
    std::string_view authority;  ///< of the absolute form, else empty
    std::string_view path;       ///< without the query; empty when there is none
    std::string_view query;      ///< from '?' on; empty when there is none
};

Target target_of(const HttpMessage& message) {
    std::string_view rest = message.target;
    Target target;
    if (rest == "*" || message.method == "CONNECT") {
        return target;
    }
    const std::size_t colon = rest.find("://");
    if (!rest.starts_with('/') && colon != std::string_view::npos) {
        target.scheme = rest.substr(0, colon);
        rest.remove_prefix(colon + 3);
        target.authority = rest.substr(0, rest.find_first_of("/?"));
        rest.remove_prefix(target.authority.size());
    }
    const std::size_t mark = std::min(rest.find('?'), rest.size());
    target.path = rest.substr(0, mark);
    target.query = rest.substr(mark);
    if (target.path.empty()) {
        target.path = "/";
    }
    return target;
}

std::string scheme_of(const HttpMessage& message, const Target& target) {
    return ascii_lower(target.scheme.empty() ? message.scheme : target.scheme);
}

/// Source: RFC 9421, 2.2.3: lower case, the scheme's own port left out.
std::string authority_of(const HttpMessage& message, const Target& target) {
    std::string authority = ascii_lower(target.authority.empty() ? message.authority : target.authority);
    const std::string scheme = scheme_of(message, target);
    const std::string_view port = scheme == "https" ? ":443" : scheme == "http" ? ":80" : "";
    if (!port.empty() && authority.ends_with(port)) {
        authority.resize(authority.size() - port.size());
    }
    return authority;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Decodes as a form does and encodes again, so that every spelling of a value is one.
/// Source: RFC 9421, 2.2.8; URL Standard, 5.1 and the application/x-www-form-urlencoded encode set.
std::string form_again(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int high = text[at] == '%' && at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
        if (low >= 0) {
            plain += static_cast<char>(high * 16 + low);
            at += 2;
        } else {
            plain += text[at] == '+' ? ' ' : text[at];
        }
    }
    constexpr std::string_view kHex = "0123456789ABCDEF";
    constexpr std::string_view kStays = "*-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string out;
    for (const char c : is_utf8(plain) ? plain : to_utf8(to_code_points(plain))) {
        const auto octet = static_cast<unsigned char>(c);
        if (kStays.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out.append("%").append(1, kHex[octet >> 4U]).append(1, kHex[octet & 15U]);
        }
    }
    return out;
}

Result<std::string> query_parameter(const Component& component, std::string_view query) {
    std::optional<std::string> value;
    for (const std::string_view pair : split(query.substr(query.empty() ? 0 : 1), '&')) {
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (pair.empty() || form_again(pair.substr(0, equals)) != *component.query) {
            continue;
        }
        if (value) {
            return trouble(component.name, "that parameter comes twice");
        }
        value = form_again(pair.substr(std::min(equals + 1, pair.size())));
    }
    return value ? Result<std::string>{std::move(*value)} : trouble(component.name, "no such parameter");
}

Result<std::string> request_value(const Component& component, const HttpMessage& message) {
    const std::string_view name = component.name;
    if (name == "@method") {
        return message.method;
    }
    if (name == "@request-target") {
        return message.target;
    }
    const Target target = target_of(message);
    if (name == "@authority") {
        return authority_of(message, target);
    }
    if (name == "@scheme") {
        return scheme_of(message, target);
    }
    if (target.path.empty()) {
        return trouble(name, "this target has none");
    }
    if (name == "@path") {
        return std::string{target.path};
    }
    if (name == "@query") {
        return target.query.empty() ? std::string{"?"} : std::string{target.query};
    }
    if (name == "@query-param") {
        return query_parameter(component, target.query);
    }
    return scheme_of(message, target) + "://" + authority_of(message, target) + std::string{target.path} +
           std::string{target.query};
}

Result<std::string> derived_value(const Component& component, const HttpMessage& message) {
    if (component.name != "@status") {
        return is_request(message) ? request_value(component, message) : trouble(component.name, "not of a response");
    }
    if (is_request(message) || message.status < 100 || message.status > 999) {
        return trouble(component.name, "a request has no status");
    }
    return std::to_string(message.status);
}

}  // namespace

Result<Component> read_component(const sf::Item& item) {
    const auto* name = std::get_if<std::string>(&item.value);
    if (name == nullptr) {
        return fail(Fault::bad_request, "a covered component is no string");
    }
    Component component{.name = *name};
    for (const auto& [parameter, value] : item.parameters.entries) {
        if (auto taken = take_parameter(component, parameter, value); !taken) {
            return fail(std::move(taken.error()));
        }
    }
    if (auto good = check_combination(component); !good) {
        return fail(std::move(good.error()));
    }
    auto written = sf::write(item);
    if (!written) {
        return fail(std::move(written.error()));
    }
    component.identifier = std::move(*written);
    component.sorted_identifier = component.identifier;
    if (item.parameters.entries.size() > 1) {
        sf::Item sorted = item;
        std::sort(sorted.parameters.entries.begin(), sorted.parameters.entries.end(),
                  [](const auto& one, const auto& other) { return one.first < other.first; });
        component.sorted_identifier = sf::write(sorted).value_or(component.identifier);
    }
    return component;
}

Result<std::string> component_value(const Component& component, const HttpMessage& message) {
    auto value = component.name.starts_with('@') ? derived_value(component, message) : field_value(component, message);
    if (!value) {
        return value;
    }
    // a line break would let one component pose as two; what is not ASCII is signed with ;bs
    const auto is_plain = [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; };
    if (!std::all_of(value->begin(), value->end(), is_plain)) {
        return trouble(component.name, "a value with characters that can't be signed without ;bs");
    }
    return value;
}

}  // namespace datong::signing
