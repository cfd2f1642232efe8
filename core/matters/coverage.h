#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/catalogue/snapshot.h"

namespace datong::matters {

/// How one requirement of a matter can be met now.
enum class Way {
    shared,       ///< a list's departments can all be asked
    follows,      ///< they can't; it may be brought later
    unneeded,     ///< they can't; it need not be brought
    stopped,      ///< every list has a source that takes no calls now
    not_granted,  ///< every list has a service that the consumer may not ask for this purpose
    paper         ///< nobody can share it yet
};

/// "shared", "follows" ...
[[nodiscard]] std::string_view name_of(Way way);

struct RequirementCoverage {
    const catalogue::Requirement* requirement{};
    Way way{Way::paper};
    std::vector<const catalogue::Service*> missing{};  ///< the services that stand in the best list's way
};

/// What of a matter a citizen need not bring, as things stand. Conditions are left aside: each requirement counts as if
/// it applied.
struct MatterCoverage {
    const catalogue::Matter* matter{};
    std::vector<RequirementCoverage> requirements;
    std::size_t shared{};  ///< of them
};

/// @param today  grants that are not in force that day count as none, and so do those that were revoked.
/// @param takes_calls  whether a service's source can be asked now.
/// @return one a matter that asks for records, in order of their ids.
[[nodiscard]] std::vector<MatterCoverage> coverage_of(
    const catalogue::Snapshot& snapshot, std::string_view consumer, const record::Date& today,
    const std::function<bool(const catalogue::Service&)>& takes_calls);

}  // namespace datong::matters
