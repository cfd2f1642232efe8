#include "core/policy/grants.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::policy {
namespace {

using record::Record;

bool holds(const std::vector<std::string>& list, std::string_view wanted) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
}

constexpr int kAll = 5;

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
    if ((asked.verify ? grant.verify : grant.fields).empty()) {
        return 4;
    }
    return kAll;
}

/// A field pattern as its steps: "/holders/*/name" -> holders, *, name.
using Steps = std::vector<std::string_view>;

/// The patterns that go on below `name`, without their first step; `whole` when one of them ends here.
std::vector<Steps> below(const std::vector<Steps>& patterns, std::string_view name, bool& whole) {
    std::vector<Steps> next;
    for (const Steps& steps : patterns) {
        if (steps.empty() || (steps.front() != name && steps.front() != "*")) {
            continue;
        }
        whole = whole || steps.size() == 1;
        next.emplace_back(steps.begin() + 1, steps.end());
    }
    return next;
}

Record keep(const Record& content, const std::vector<Steps>& patterns) {
    Record kept;
    for (const record::Member& member : content.members()) {
        bool whole = false;
        const auto next = below(patterns, member.name, whole);
        Record value = whole ? member.value : keep(member.value, next);
        if (!value.is_null() || (whole && member.value.is_null())) {
            kept.put(member.name, std::move(value));
        }
    }
    for (const Record& item : content.items()) {
        bool whole = false;
        const auto next = below(patterns, "*", whole);
        if (next.empty()) {
            return {};
        }
        Record value = whole ? item : keep(item, next);
        kept.add(value.is_null() && item.is_object() ? Record::object() : std::move(value));
    }
    return kept;
}

}  // namespace

bool Grant::is_for(std::string_view service) const {
    return std::find(services.begin(), services.end(), service) != services.end();
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

Record minimise(const Record& content, std::span<const std::string> fields) {
    std::vector<Steps> patterns;
    for (const std::string& field : fields) {
        if (field == "*") {
            return content;
        }
        Steps steps = split(field, '/');
        steps.erase(steps.begin());  // what stands before the first '/'
        patterns.push_back(std::move(steps));
    }
    Record kept = keep(content, patterns);
    return kept.is_null() ? Record::object() : kept;
}

}  // namespace datong::policy
