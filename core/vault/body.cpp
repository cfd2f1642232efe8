#include "core/vault/body.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/digits.h"
#include "core/crypto/cipher.h"

namespace datong::vault {
namespace {

constexpr std::size_t kMostBasis = 128;
constexpr std::size_t kNumberOfPerson = 11;  ///< a telephone number; id numbers have more digits
constexpr std::array<std::string_view, 3> kNames{"none", "sealed", "kept"};
constexpr std::array<std::string_view, 3> kKept{"all", "bodies", "subjects"};

}  // namespace

std::string_view name_of(Policy policy) {
    return kNames[static_cast<std::size_t>(policy)];
}

std::optional<Policy> policy_by_name(std::string_view name) {
    const auto* const found = std::find(kNames.begin(), kNames.end(), name);
    return found == kNames.end() ? std::nullopt : std::optional{static_cast<Policy>(found - kNames.begin())};
}

std::string_view name_of(Kept kept) {
    return kKept[static_cast<std::size_t>(kept)];
}

std::optional<Kept> kept_by_name(std::string_view name) {
    const auto* const found = std::find(kKept.begin(), kKept.end(), name);
    return found == kKept.end() ? std::nullopt : std::optional{static_cast<Kept>(found - kKept.begin())};
}

Policy sparing(Policy one, Policy other) {
    return std::min(one, other);
}

Status check_basis(std::string_view basis) {
    const bool has_control = std::ranges::any_of(basis, [](char c) { return c >= 0 && c < ' '; });
    if (has_control || longest_number(basis) >= kNumberOfPerson) {
        return fail(Fault::bad_request, "the basis is a document's number; it must hold no person's number");
    }
    return basis.empty() || basis.size() > kMostBasis
               ? fail(Fault::bad_request, "an erasure needs a basis of at most 128 octets")
               : Status{};
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
