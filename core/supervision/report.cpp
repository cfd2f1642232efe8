#include "core/supervision/report.h"

#include <array>
#include <set>
#include <utility>

namespace datong::supervision {
namespace {

using items::Material;
using ledger::AskedMaterial;

constexpr std::array<std::string_view, 6> kNames{"not_asked", "repeated",   "justified",
                                                 "spared",    "not_needed", "not_shared"};

bool is_found(const AskedMaterial& one) {
    return one.outcome == "found" || one.outcome == "match";
}

/// By case and service, in the order of the log.
using Asked = std::multimap<std::pair<std::string, std::string>, const AskedMaterial*>;

/// What had been brought, or asked for, by the end of a day.
struct Known {
    const AskedMaterial* found{};
    bool was_asked{};
};

Known known_by(const Asked& asked, const std::string& case_number, const std::string& service, const std::string& day) {
    constexpr std::size_t kDay = 10;
    Known known;
    const auto [first, last] = asked.equal_range({case_number, service});
    for (auto at = first; at != last; ++at) {
        if (at->second->at.substr(0, kDay) > day) {
            continue;
        }
        known.was_asked = true;
        if (known.found == nullptr && is_found(*at->second)) {
            known.found = at->second;
        }
    }
    return known;
}

bool is_needed(const Knowledge& known, const Case& of, const std::string& folded) {
    const auto item = known.library.find(of.item);
    if (item == known.library.end()) {
        return true;
    }
    for (const Material& material : item->second.materials) {
        if (items::folded(material.name) == folded) {
            return material.need != "2";
        }
    }
    return false;  // the item does not ask for it at all
}

class Supervision {
public:
    Supervision(const Cases& cases, const std::vector<AskedMaterial>& asked, const Knowledge& known)
        : cases_{cases}, known_{known} {
        for (const AskedMaterial& one : asked) {
            asked_.emplace(std::pair{one.case_number, one.service}, &one);
        }
    }

    /// nullptr of a case and material that counted already.
    [[nodiscard]] bool judge(const Taken& taken, Found& found) {
        const std::string folded = items::folded(taken.name);
        if (!seen_.insert(taken.case_number + '\n' + folded).second) {
            return false;
        }
        const Case& of = cases_.find(taken.case_number)->second;
        const auto link = known_.links.find(folded);
        const bool is_linked =
            link != known_.links.end() && !link->second.service.empty() && known_.has_service(link->second.service);
        found = {.of = &of,
                 .material = taken.name,
                 .service = is_linked ? link->second.service : std::string{},
                 .exchange = {},
                 .day = taken.day};
        found.finding = finding_of(taken, folded, found);
        return true;
    }

private:
    [[nodiscard]] Finding finding_of(const Taken& taken, const std::string& folded, Found& found) const {
        if (taken.mode != Mode::paper) {
            return Finding::spared;
        }
        if (found.service.empty()) {
            return Finding::not_shared;
        }
        const Known known = known_by(asked_, taken.case_number, found.service, taken.day);
        if (known.found != nullptr) {
            found.exchange = known.found->exchange;
            return Finding::repeated;
        }
        if (!is_needed(known_, *found.of, folded)) {
            return Finding::not_needed;
        }
        return known.was_asked ? Finding::justified : Finding::not_asked;
    }

    const Cases& cases_;
    const Knowledge& known_;
    Asked asked_;
    std::set<std::string> seen_;
};

void count(Sum& sum, Finding finding) {
    switch (finding) {
        case Finding::not_asked:
            ++sum.not_asked;
            break;
        case Finding::repeated:
            ++sum.repeated;
            break;
        case Finding::justified:
            ++sum.justified;
            break;
        case Finding::spared:
            ++sum.spared;
            break;
        case Finding::not_needed:
            ++sum.not_needed;
            break;
        case Finding::not_shared:
            ++sum.not_shared;
            break;
    }
}

}  // namespace

std::string_view name_of(Finding finding) {
    return kNames.at(static_cast<std::size_t>(finding));
}

std::vector<Found> supervise(const Cases& cases, const std::vector<Taken>& taken,
                             const std::vector<AskedMaterial>& asked, const Knowledge& known) {
    // paper counts before what stands beside it: that a department brought it too is what makes it one too many
    Supervision supervision{cases, asked, known};
    std::vector<Found> all;
    for (const bool of_paper : {true, false}) {
        for (const Taken& one : taken) {
            Found found;
            if ((one.mode == Mode::paper) == of_paper && supervision.judge(one, found)) {
                all.push_back(std::move(found));
            }
        }
    }
    return all;
}

std::map<std::string, Sum> add_up(const std::vector<Found>& all, By by) {
    std::map<std::string, Sum> sums;
    for (const Found& one : all) {
        const std::string& key = by == By::window       ? one.of->window
                                 : by == By::item       ? one.of->item
                                 : by == By::department ? one.of->department
                                                        : one.day;
        count(sums[key], one.finding);
    }
    return sums;
}

}  // namespace datong::supervision
