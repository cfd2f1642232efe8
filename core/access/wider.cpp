#include "core/access/wider.h"

#include <algorithm>

#include "core/policy/fields.h"

namespace datong::access {
namespace {

/// Whether a subset shows, or asks, anything that it did not.
bool is_wider(const catalogue::Subset& now, const catalogue::Subset& was) {
    const auto was_shown = [&was](const std::string& field) { return policy::covers(was.fields, field); };
    const auto was_had = [&was](const std::string& field) { return policy::covers(was.needed, field); };
    return !std::ranges::all_of(now.fields, was_shown) || !std::ranges::all_of(now.needed, was_had);
}

}  // namespace

void tell_wider(const catalogue::Snapshot& before, const catalogue::Snapshot& next, const policy::Grant& grant,
                Mistakes& mistakes) {
    for (const std::string& name : grant.services) {
        const catalogue::Service* was = before.service(name);
        const catalogue::Service* now = next.service(name);
        for (const std::string& id : was != nullptr && now != nullptr ? grant.subsets : std::vector<std::string>{}) {
            const catalogue::Subset* old = was->subset(id);
            const catalogue::Subset* fresh = now->subset(id);
            if (old == nullptr || fresh == nullptr || !is_wider(*fresh, *old)) {
                continue;
            }
            mistakes.push_back(
                {{next.gateway.access.folder + grant.id + ".yaml", 0, 0},
                 "C251",
                 Severity::warning,
                 "子集 " + name + '/' + id + " 比此前范围更大, 此授权随之扩大, 未经批准",
                 "subset " + name + '/' + id + " is wider than it was, and so is this grant, which nobody approved",
                 "datong access matrix --consumer " + grant.consumer});
        }
    }
}

}  // namespace datong::access
