#include "core/evidence/signature_base.h"

#include <utility>
#include <variant>

#include "core/base/text.h"
#include "core/signing/structured_field.h"

namespace datong::evidence {
namespace {

/// A quoted string that begins at `at`, behind its quote; leaves `at` on the closing quote.
std::string read_quoted(std::string_view text, std::size_t& at) {
    std::string read;
    for (; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) {
            ++at;
        }
        read += text[at];
    }
    return read;
}

}  // namespace

std::optional<std::string_view> line_of(std::string_view base, std::string_view component) {
    for (const std::string_view line : split(base, '\n')) {
        if (line.starts_with(component) && line.substr(component.size()).starts_with(": ")) {
            return line.substr(component.size() + 2);
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> line_beginning(std::string_view base, std::string_view component) {
    for (const std::string_view line : split(base, '\n')) {
        const std::string_view behind = line.starts_with(component) ? line.substr(component.size()) : "";
        if (const auto colon = behind.find(": "); colon == 0 || (behind.starts_with(';') && colon != behind.npos)) {
            return behind.substr(colon + 2);
        }
    }
    return std::nullopt;
}

std::optional<std::string> keyid_of(std::string_view base) {
    constexpr std::string_view kLine = R"("@signature-params": )";
    constexpr std::string_view kName = ";keyid=";
    const std::string_view last = base.substr(base.rfind('\n') + 1);
    if (!last.starts_with(kLine)) {
        return std::nullopt;
    }
    std::optional<std::string> found;
    bool is_listed = false;  // behind the list of components, whose own parameters name no key
    std::string_view parameter;
    for (std::size_t at = kLine.size(); at < last.size(); ++at) {
        is_listed = is_listed || last[at] == ')';
        if (last[at] == ';') {
            parameter = last.substr(at);
        }
        if (last[at] == '"') {
            ++at;
            std::string text = read_quoted(last, at);
            if (is_listed && parameter.starts_with(kName)) {
                found = std::move(text);
            }
        }
    }
    return found;
}

std::optional<std::string> sha256_of_content_digest(std::string_view value) {
    const auto all = signing::sf::parse_dictionary_without_duplicates(value);
    const auto* member = all ? signing::sf::find(*all, "sha-256") : nullptr;
    const auto* item = member != nullptr ? std::get_if<signing::sf::Item>(member) : nullptr;
    const auto* digest = item != nullptr ? std::get_if<signing::sf::Bytes>(&item->value) : nullptr;
    if (digest == nullptr || !item->parameters.entries.empty()) {
        return std::nullopt;
    }
    return to_hex(digest->octets);
}

}  // namespace datong::evidence
