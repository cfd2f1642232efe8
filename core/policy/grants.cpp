#include "core/policy/grants.h"

#include <algorithm>

#include "core/policy/fields.h"

namespace datong::policy {
namespace {

bool holds(const std::vector<std::string>& list, std::string_view wanted) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
}

constexpr int kAll = 5;

/// Whether a grant lets anything of the kind be had, or all of the subset that is asked for. One by subsets lets these
/// be asked and nothing else: neither another subset of theirs, nor predicates of the caller's own.
bool lets(const Grant& grant, const Asked& asked) {
    if (!grant.subsets.empty()) {
        return asked.subset.empty() ? !asked.verify && !grant.fields_of(asked.service).empty()
                                    : grant.has_subset(asked.subset);
    }
    const std::vector<std::string>& fields = asked.verify ? grant.verify : grant.fields;
    const auto is_covered = [&fields](const std::string& one) { return covers(fields, one); };
    return !fields.empty() && std::all_of(asked.needed.begin(), asked.needed.end(), is_covered);
}

/// How many conditions are met by a grant of this consumer for this service, in the order in which they are checked.
int conditions_met(const Grant& grant, const Asked& asked) {
    if (!holds(grant.purposes, asked.purpose)) {
        return 1;
    }
    if (!lies_in(asked.division, grant.territory)) {
        return 2;
    }
    if (!grant.is_in_force(asked.today)) {
        return 3;
    }
    return lets(grant, asked) ? kAll : 4;
}

}  // namespace

bool Grant::is_for(std::string_view service) const {
    return std::find(services.begin(), services.end(), service) != services.end();
}

const std::vector<std::string>& Grant::fields_of(std::string_view service) const {
    static const std::vector<std::string> kNone;
    if (subsets.empty()) {
        return fields;
    }
    const auto found = of_subsets.find(service);
    return found != of_subsets.end() ? found->second : kNone;
}

bool Grant::has_subset(std::string_view name) const {
    return holds(subsets, name);
}

GrantIndex::GrantIndex(std::span<const Grant> grants) {
    for (const Grant& grant : grants) {
        OfConsumer& own = consumers_[grant.consumer];
        own.all.push_back(&grant);
        for (const std::string& service : grant.services) {
            own.by_service[service].push_back(&grant);
        }
    }
}

std::span<const Grant* const> GrantIndex::of(std::string_view consumer) const {
    const auto found = consumers_.find(consumer);
    return found == consumers_.end() ? std::span<const Grant* const>{} : found->second.all;
}

std::span<const Grant* const> GrantIndex::of(std::string_view consumer, std::string_view service) const {
    const auto own = consumers_.find(consumer);
    if (own == consumers_.end()) {
        return {};
    }
    const auto found = own->second.by_service.find(service);
    return found == own->second.by_service.end() ? std::span<const Grant* const>{} : found->second;
}

Result<const Grant*> GrantIndex::permit(const Asked& asked) const {
    int best = of(asked.consumer).empty() ? -1 : 0;
    for (const Grant* grant : of(asked.consumer, asked.service)) {
        const int met = conditions_met(*grant, asked);
        if (met == kAll) {
            return grant;
        }
        best = std::max(best, met);
    }
    constexpr std::string_view kWhy[] = {"no grant for this service", "no grant for this purpose",
                                         "no grant for the operator's division", "the grant is not in force today",
                                         "the grant lets nothing be seen, or asked by predicates"};
    return fail(Fault::not_permitted,
                best < 0 ? "the consumer has no grants" : std::string{kWhy[static_cast<std::size_t>(best)]});
}

bool lies_in(std::string_view division, std::span<const std::string> territory) {
    return !division.empty() && std::any_of(territory.begin(), territory.end(), [division](const std::string& prefix) {
        return !prefix.empty() && division.starts_with(prefix);
    });
}

}  // namespace datong::policy
