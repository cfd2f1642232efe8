#include "core/matters/coverage.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "core/policy/fields.h"

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

using WayOf = std::function<Way(const Material&)>;

/// Whether a grant shows anything that the material needs, as a call would see it.
bool shows(const policy::Grant& grant, const Material& material) {
    std::vector<std::string> fields = grant.fields_of(material.service->id);
    if (material.subset != nullptr) {
        fields = policy::intersect(fields, material.subset->fields);
    }
    return !(material.fields.empty() ? fields : policy::intersect(fields, material.fields)).empty();
}

/// Whether a call of that division would have a grant for the material.
bool is_permitted(const catalogue::Snapshot& snapshot, const Material& material, const policy::Asked& asked) {
    if (asked.verify) {
        return snapshot.granted.permit(asked).has_value();
    }
    const auto all = snapshot.granted.of(asked.consumer, asked.service);
    return std::any_of(all.begin(), all.end(), [&](const policy::Grant* one) {
        return policy::GrantIndex{std::span{one, 1}}.permit(asked) && shows(*one, material);
    });
}

/// Whether somebody of the consumer's may have the material: which division asks is not known here.
bool is_granted(const catalogue::Snapshot& snapshot, std::string_view consumer, const Material& material,
                const Matter& matter, const record::Date& today) {
    const catalogue::Subset* subset = material.subset;
    std::vector<std::string> fields;
    std::ranges::transform(material.verify, std::back_inserter(fields), &policy::Predicate::field);
    policy::Asked asked{.consumer = consumer,
                        .service = material.service->id,
                        .purpose = matter.purpose,
                        .division = {},
                        .today = today,
                        .verify = !material.verify.empty() || (subset != nullptr && subset->is_asked()),
                        .subset = subset != nullptr ? std::string_view{subset->id} : std::string_view{},
                        .needed = std::span{subset != nullptr ? subset->needed : std::as_const(fields)}};
    const auto grants = snapshot.granted.of(consumer, material.service->id);
    return std::any_of(grants.begin(), grants.end(), [&](const policy::Grant* grant) {
        return std::any_of(grant->territory.begin(), grant->territory.end(), [&](const std::string& division) {
            asked.division = division;
            return is_permitted(snapshot, material, asked);
        });
    });
}

Obstacle obstacle_of(const std::vector<Material>& list, const WayOf& way_of) {
    Obstacle obstacle;
    for (const Material& material : list) {
        const Way way = way_of(material);
        if (way != Way::shared) {
            obstacle.way = std::max(obstacle.way, way);
            obstacle.services.push_back(material.service);
        }
    }
    return obstacle;
}

RequirementCoverage cover(const Requirement& requirement, const WayOf& way_of) {
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
        const auto way_of = [&, of = matter.get()](const Material& material) {
            return !is_granted(snapshot, consumer, material, *of, today) ? Way::not_granted
                   : !takes_calls(*material.service)                     ? Way::stopped
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
