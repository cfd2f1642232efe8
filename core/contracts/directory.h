#pragma once

#include <optional>
#include <string_view>

#include "core/catalogue/snapshot.h"
#include "core/contracts/contract.h"
#include "core/record/date.h"
#include "core/record/record.h"

namespace datong::contracts {

/// Who is told what there is: a consumer, on a day. It sees what a grant that has not ended names, and nothing else.
struct Audience {
    const catalogue::Snapshot& snapshot;
    std::string_view consumer;
    record::Date today;
};

/// {"services": [...]} (docs/contracts.md): id, version, titles, kind, issuer and scope of each, where its descriptions
/// are, and the grants under which the consumer may call it. In the order of the ids.
[[nodiscard]] record::Record services_for(const Audience& who);

/// {"matters": [...]}: those with a material that a grant covers for the matter's purpose; of the others not even the
/// name.
[[nodiscard]] record::Record matters_for(const Audience& who);

/// {"grants": [...]}: the consumer's own, whole.
[[nodiscard]] record::Record grants_for(const Audience& who);

[[nodiscard]] bool may_see_matter(const Audience& who, std::string_view matter);

/// @return nullopt for a service that is unknown, and alike for one without a grant.
[[nodiscard]] std::optional<Contract> service_contract_for(const Audience& who, std::string_view service);
[[nodiscard]] std::optional<Contract> matter_contract_for(const Audience& who, std::string_view matter);

}  // namespace datong::contracts
