#include "core/matters/coverage.h"

#include <algorithm>
#include <array>

namespace datong::matters {
namespace {

using catalogue::Material;
using catalogue::Matter;
using catalogue::Necessity;
using catalogue::Requirement;
using catalogue::Service;

/// What stands in the way of one list: worse ways stand further behind.
struct Obstacle {
    Way way{Way::shared};
    std::vector<const Service*> services{};
};

bool has(const std::vector<std::string>& all, std::string_view one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

bool is_granted(const catalogue::Snapshot& snapshot, std::string_view consumer, const Service& service,
                const Matter& matter, const record::Date& today) {
    return std::any_of(snapshot.grants.begin(), snapshot.grants.end(), [&](const policy::Grant& grant) {
        return grant.consumer == consumer && has(grant.services, service.id) && has(grant.purposes, matter.purpose) &&
               grant.is_in_force(today);
    });
}

Obstacle obstacle_of(const std::vector<Material>& list, const std::function<Way(const Service&)>& way_of) {
    Obstacle obstacle;
    for (const Material& material : list) {
        const Way way = way_of(*material.service);
        if (way != Way::shared) {
            obstacle.way = std::max(obstacle.way, way);
            obstacle.services.push_back(material.service);
        }
    }
    return obstacle;
}

RequirementCoverage cover(const Requirement& requirement, const std::function<Way(const Service&)>& way_of) {
    RequirementCoverage covered{.requirement = &requirement, .way = Way::paper};
    for (const auto& list : requirement.any_of) {
        Obstacle obstacle = obstacle_of(list, way_of);
        if (obstacle.way < covered.way) {
            covered.way = obstacle.way;
            covered.missing = std::move(obstacle.services);
        }
    }
    if (covered.way != Way::shared && requirement.necessity != Necessity::needed) {
        covered.way = requirement.necessity == Necessity::may_follow ? Way::follows : Way::unneeded;
    }
    return covered;
}

}  // namespace

std::string_view name_of(Way way) {
    constexpr std::array<std::string_view, 6> kNames{"shared",  "follows",     "unneeded",
                                                     "stopped", "not_granted", "paper"};
    return kNames.at(static_cast<std::size_t>(way));
}

std::vector<MatterCoverage> coverage_of(const catalogue::Snapshot& snapshot, std::string_view consumer,
                                        const record::Date& today,
                                        const std::function<bool(const Service&)>& takes_calls) {
    std::vector<MatterCoverage> all;
    for (const auto& [id, matter] : snapshot.matters) {
        if (matter->submits) {
            continue;
        }
        const auto way_of = [&, of = matter.get()](const Service& service) {
            return !is_granted(snapshot, consumer, service, *of, today) ? Way::not_granted
                   : !takes_calls(service)                              ? Way::stopped
                                                                        : Way::shared;
        };
        MatterCoverage covered{.matter = matter.get(), .requirements = {}};
        for (const Requirement& requirement : matter->requirements) {
            covered.requirements.push_back(cover(requirement, way_of));
            covered.shared += covered.requirements.back().way == Way::shared ? 1 : 0;
        }
        all.push_back(std::move(covered));
    }
    return all;
}

}  // namespace datong::matters
