#include "core/access/overview.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <tuple>

#include "core/base/text.h"
#include "core/catalogue/granting.h"
#include "core/catalogue/names.h"
#include "core/policy/fields.h"

namespace datong::access {
namespace {

using catalogue::Service;
using catalogue::Snapshot;

/// Fields that were asked for, of each service that has some.
using Wanted = std::map<const Service*, std::vector<std::string>>;

bool ends_so(const std::string& pointer, std::string_view field) {
    return pointer == field || pointer.ends_with(field);  // it begins with '/', so a step is whole
}

Result<Wanted> wanted_of(const Snapshot& snapshot, std::string_view field) {
    const auto slash = field.find('/');
    const std::string_view service_id = field.substr(0, slash);
    const std::string place =
        slash == std::string_view::npos ? '/' + std::string{field} : std::string{field.substr(slash)};
    const bool is_of_one = slash != std::string_view::npos && slash > 0;
    Wanted wanted;
    std::vector<std::string> known;
    for (const auto& [id, service] : snapshot.services) {
        if (is_of_one && id != service_id) {
            continue;
        }
        for (std::string& pointer : catalogue::fields_of(*service)) {
            if (ends_so(pointer, place)) {
                wanted[service.get()].push_back(pointer);
            }
            known.push_back(std::move(pointer));
        }
    }
    if (wanted.empty()) {
        const auto meant = nearest(place, known);
        return fail(Fault::bad_request,
                    "no service has a field " + std::string{field} + (meant ? "; try " + *meant : std::string{}));
    }
    return wanted;
}

std::vector<std::string> covered(const std::vector<std::string>& wanted, const std::vector<std::string>& granted) {
    std::vector<std::string> kept;
    std::ranges::copy_if(wanted, std::back_inserter(kept),
                         [&granted](const std::string& one) { return policy::covers(granted, one); });
    return kept;
}

/// Of a grant by subsets, what they show and ask; else as the grant says it.
Access access_of(const policy::Grant& grant, const Service& service, const Snapshot& snapshot) {
    Access access{.grant = &grant,
                  .service = &service,
                  .seen = grant.fields_of(service.id),
                  .verified = grant.verify,
                  .most = catalogue::most_of(grant, service, snapshot.gateway)};
    for (const catalogue::Subset& subset : service.subsets) {
        if (grant.has_subset(subset.id)) {
            access.subsets.push_back(subset.id);
            if (subset.is_asked()) {
                access.verified.insert(access.verified.end(), subset.needed.begin(), subset.needed.end());
            }
        }
    }
    return access;
}

void sort(std::vector<Access>& all) {
    const auto place = [](const Access& one) { return std::tie(one.grant->consumer, one.service->id, one.grant->id); };
    std::ranges::sort(all, std::less{}, place);
}

}  // namespace

std::vector<Access> matrix(const Snapshot& snapshot, const record::Date& today) {
    std::vector<Access> all;
    for (const policy::Grant& grant : snapshot.grants) {
        for (const std::string& name : grant.services) {
            const Service* service = snapshot.service(name);
            if (service != nullptr && today <= grant.valid_to && !*grant.approval.withdrawn) {
                all.push_back(access_of(grant, *service, snapshot));
            }
        }
    }
    sort(all);
    return all;
}

Result<std::vector<Access>> who_can(const Snapshot& snapshot, std::string_view field, const record::Date& today) {
    const auto wanted = wanted_of(snapshot, field);
    if (!wanted) {
        return fail(wanted.error());
    }
    std::vector<Access> all = matrix(snapshot, today);
    std::erase_if(all, [&wanted](Access& one) {
        const auto found = wanted->find(one.service);
        if (found == wanted->end()) {
            return true;
        }
        one.seen = covered(found->second, one.seen);
        one.verified = covered(found->second, one.verified);
        return one.seen.empty() && one.verified.empty();
    });
    return all;
}

}  // namespace datong::access
