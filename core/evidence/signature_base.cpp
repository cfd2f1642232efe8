#include "core/evidence/signature_base.h"

#include "core/base/text.h"

namespace datong::evidence {

std::optional<std::string_view> line_of(std::string_view base, std::string_view component) {
    for (const std::string_view line : split(base, '\n')) {
        if (line.starts_with(component) && line.substr(component.size()).starts_with(": ")) {
            return line.substr(component.size() + 2);
        }
    }
    return std::nullopt;
}

std::optional<std::string> sha256_of_content_digest(std::string_view value) {
    constexpr std::string_view kMember = "sha-256=:";
    std::optional<std::string> found;
    for (const std::string_view member : split(value, ',')) {
        const std::string_view trimmed = trim_ows(member);
        if (!trimmed.starts_with(kMember)) {
            continue;
        }
        const std::string_view behind = trimmed.substr(kMember.size());
        const auto octets = from_base64(behind.substr(0, behind.find(':')));
        found = octets ? std::optional{to_hex(*octets)} : std::nullopt;
    }
    return found;
}

}  // namespace datong::evidence
