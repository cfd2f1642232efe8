#include "core/vault/body.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/crypto/cipher.h"

namespace datong::vault {
namespace {

constexpr std::array<std::string_view, 3> kNames{"none", "sealed", "kept"};

}  // namespace

std::string_view name_of(Policy policy) {
    return kNames[static_cast<std::size_t>(policy)];
}

std::optional<Policy> policy_by_name(std::string_view name) {
    const auto* const found = std::find(kNames.begin(), kNames.end(), name);
    return found == kNames.end() ? std::nullopt : std::optional{static_cast<Policy>(found - kNames.begin())};
}

Policy sparing(Policy one, Policy other) {
    return std::min(one, other);
}

Status seal(std::vector<Body>& bodies, std::string_view auditor_pem) {
    for (Body& body : bodies) {
        if (body.policy != Policy::sealed) {
            continue;
        }
        auto sealed = crypto::cms_seal(body.octets, auditor_pem);
        if (!sealed) {
            return fail(std::move(sealed.error()));
        }
        body.octets = std::move(*sealed);
    }
    return {};
}

}  // namespace datong::vault
