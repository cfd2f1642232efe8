#include "core/matters/figures.h"

#include <algorithm>
#include <set>

namespace datong::matters {
namespace {

using record::Record;

constexpr std::size_t kMostCalls = 100;

Record whole(std::size_t value) {
    return Record::integer(static_cast<long long>(value));
}

/// The materials of all lists of a requirement, by id.
std::map<std::string, const catalogue::Material*> materials_of(const catalogue::Requirement& requirement) {
    std::map<std::string, const catalogue::Material*> materials;
    for (const auto& list : requirement.any_of) {
        for (const catalogue::Material& material : list) {
            materials.emplace(material.id, &material);
        }
    }
    return materials;
}

bool is_of(const catalogue::Service& service, std::string_view department) {
    return service.department != nullptr && service.department->id == department;
}

Record answers_record(const ledger::Answers& answers) {
    Record one = Record::object();
    one.put("asked", whole(answers.asked));
    one.put("found", whole(answers.found));
    one.put("none", whole(answers.none));
    one.put("silent", whole(answers.silent));
    one.put("pending", whole(answers.pending));
    one.put("rate", whole(answers.asked == 0 ? 0 : 100 * answers.found / answers.asked));
    one.put("state", Record::text(std::string{word_for(answers)}));
    return one;
}

Record calls_record(const Outcomes& outcomes, const catalogue::Matter& matter,
                    const catalogue::Requirement& requirement) {
    const auto materials = materials_of(requirement);
    Record list = Record::list();
    for (const ledger::AskedMaterial& call : outcomes.calls) {
        const bool counts = call.matter == matter.id && materials.contains(call.material) &&
                            outcomes.counted.contains({matter.id, call.material});
        if (counts && list.items().size() < kMostCalls) {
            Record one = Record::object();
            one.put("exchange", Record::text(call.exchange));
            one.put("material", Record::text(call.material));
            one.put("outcome", Record::text(call.outcome));
            one.put("at", Record::text(call.at));
            list.add(std::move(one));
        }
    }
    return list;
}

Record requirement_record(const catalogue::Matter& matter, const RequirementCoverage& covered,
                          const Outcomes* outcomes) {
    Record one = Record::object();
    one.put("requirement", Record::text(covered.requirement->id));
    one.put("title", Record::text(covered.requirement->title.text));
    one.put("way", Record::text(std::string{name_of(covered.way)}));
    Record missing = Record::list();
    for (const catalogue::Service* service : covered.missing) {
        missing.add(Record::text(service->id));
    }
    one.put("missing", std::move(missing));
    if (outcomes != nullptr) {
        one.put("answers", answers_record(answers_to(*outcomes, matter, *covered.requirement)));
    }
    if (outcomes != nullptr && !outcomes->calls.empty()) {
        one.put("calls", calls_record(*outcomes, matter, *covered.requirement));
    }
    return one;
}

}  // namespace

Outcomes outcomes_of(std::vector<ledger::AskedMaterial> asked, const std::string& since, bool with_calls) {
    Outcomes outcomes{.counted = ledger::count_answers(asked, since)};
    if (with_calls) {
        std::erase_if(asked, [&since](const ledger::AskedMaterial& one) { return one.at < since; });
        std::ranges::reverse(asked);
        outcomes.calls = std::move(asked);
    }
    return outcomes;
}

ledger::Answers answers_to(const Outcomes& outcomes, const catalogue::Matter& matter,
                           const catalogue::Requirement& requirement) {
    ledger::Answers sum;
    for (const auto& [id, material] : materials_of(requirement)) {
        const auto found = outcomes.counted.find({matter.id, id});
        if (found != outcomes.counted.end()) {
            sum.asked += found->second.asked;
            sum.found += found->second.found;
            sum.none += found->second.none;
            sum.silent += found->second.silent;
            sum.pending += found->second.pending;
        }
    }
    return sum;
}

std::string_view word_for(const ledger::Answers& answers) {
    return answers.asked == 0                ? "not_asked"
           : answers.found == answers.asked  ? "found"
           : answers.silent == answers.asked ? "down"
           : answers.found == 0              ? "none"
                                             : "partial";
}

void keep_department(std::vector<MatterCoverage>& all, Outcomes& outcomes, std::string_view department) {
    std::set<std::pair<std::string, std::string>> own;  // by matter and material
    for (MatterCoverage& covered : all) {
        std::erase_if(covered.requirements, [&](const RequirementCoverage& one) {
            bool is_concerned = false;
            for (const auto& [id, material] : materials_of(*one.requirement)) {
                if (is_of(*material->service, department)) {
                    own.emplace(covered.matter->id, id);
                    is_concerned = true;
                }
            }
            return !is_concerned;
        });
        covered.shared = 0;
        for (RequirementCoverage& one : covered.requirements) {
            covered.shared += one.way == Way::shared ? 1 : 0;
            std::erase_if(one.missing, [&](const catalogue::Service* service) { return !is_of(*service, department); });
        }
    }
    std::erase_if(all, [](const MatterCoverage& covered) { return covered.requirements.empty(); });
    std::erase_if(outcomes.counted, [&own](const auto& counted) { return !own.contains(counted.first); });
}

Record to_record(const std::vector<MatterCoverage>& all, const Outcomes* outcomes) {
    std::size_t shared = 0;
    std::size_t of = 0;
    Record list = Record::list();
    for (const MatterCoverage& covered : all) {
        shared += covered.shared;
        of += covered.requirements.size();
        Record one = Record::object();
        one.put("matter", Record::text(covered.matter->name()));
        one.put("title", Record::text(covered.matter->title.text));
        one.put("shared", whole(covered.shared));
        one.put("of", whole(covered.requirements.size()));
        Record requirements = Record::list();
        for (const RequirementCoverage& requirement : covered.requirements) {
            requirements.add(requirement_record(*covered.matter, requirement, outcomes));
        }
        one.put("requirements", std::move(requirements));
        list.add(std::move(one));
    }
    Record made = Record::object();
    made.put("matters", std::move(list));
    made.put("shared", whole(shared));
    made.put("of", whole(of));
    return made;
}

}  // namespace datong::matters
