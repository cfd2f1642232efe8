#include "core/contracts/directory.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace datong::contracts {
namespace {

using catalogue::Matter;
using catalogue::Service;
using policy::Grant;
using record::Record;

Record texts(const std::vector<std::string>& values) {
    Record list = Record::list();
    for (const std::string& value : values) {
        list.add(Record::text(value));
    }
    return list;
}

void put_text(Record& object, const char* name, const std::string& value) {
    if (!value.empty()) {
        object.put(name, Record::text(value));
    }
}

std::string_view window_of(std::int64_t seconds) {
    struct Window {
        std::int64_t seconds;
        std::string_view name;
    };
    constexpr std::array<Window, 3> kWindows{{{60, "minute"}, {3600, "hour"}, {86'400, "day"}}};
    const auto found =
        std::find_if(kWindows.begin(), kWindows.end(), [&](const Window& w) { return w.seconds == seconds; });
    return found == kWindows.end() ? std::string_view{"window"} : found->name;
}

Record caps_of(const policy::Most& most) {
    Record caps = Record::object();
    for (const auto& [name, cap] : {std::pair{"rows", most.rows}, std::pair{"persons", most.persons},
                                    std::pair{"subjects_per_hour", most.subjects_per_hour},
                                    std::pair{"operator_subjects_per_hour", most.operator_subjects_per_hour},
                                    std::pair{"guesses_per_hour", most.guesses_per_hour}}) {
        if (cap) {
            caps.put(name, Record::integer(static_cast<std::int64_t>(*cap)));
        }
    }
    return caps;
}

/// What a grant allows, whichever of its services is meant.
Record terms_of(const Grant& grant) {
    Record terms = Record::object();
    terms.put("grant", Record::text(grant.id));
    terms.put("purposes", texts(grant.purposes));
    terms.put("fields", texts(grant.fields));
    terms.put("verify", texts(grant.verify));
    if (!grant.subsets.empty()) {
        terms.put("subsets", texts(grant.subsets));
    }
    terms.put("territory", texts(grant.territory));
    terms.put("case_required", Record::boolean(grant.case_required));
    terms.put("consent_required", Record::boolean(grant.consent_required));
    put_text(terms, "legal_basis", grant.legal_basis);
    if (grant.quota) {
        Record quota = Record::object();
        quota.put("calls", Record::integer(static_cast<std::int64_t>(grant.quota->calls)));
        quota.put("per", Record::text(std::string{window_of(grant.quota->seconds)}));
        terms.put("quota", std::move(quota));
    }
    if (!(grant.most == policy::Most{})) {
        terms.put("most", caps_of(grant.most));
    }
    terms.put("valid_from", Record::text(record::to_text(grant.valid_from)));
    terms.put("valid_to", Record::text(record::to_text(grant.valid_to)));
    return terms;
}

/// Where a contract is called and described, as paths of this gateway.
Record paths_of(const Contract& contract, const std::string& below) {
    Record paths = Record::object();
    paths.put("rest", Record::text(contract.path));
    paths.put("soap", Record::text(contract.soap_path));
    paths.put("openapi", Record::text(below + "/openapi.json"));
    paths.put("wsdl", Record::text(below + "/wsdl"));
    return paths;
}

Record entry_of(const Contract& contract, const char* word, const std::string& below) {
    Record entry = Record::object();
    entry.put(word, Record::text(contract.id));
    entry.put("version", Record::text(contract.version));
    entry.put("title", Record::text(contract.title));
    put_text(entry, "title_en", contract.title_en);
    entry.put("paths", paths_of(contract, below));
    return entry;
}

/// What each subset of a service holds: its fields, or what it asks.
Record subsets_of(const Service& service) {
    Record list = Record::list();
    for (const catalogue::Subset& one : service.subsets) {
        Record entry = Record::object();
        entry.put("subset", Record::text(one.id));
        entry.put("title", Record::text(one.title.text));
        put_text(entry, "title_en", one.title.others.contains("en") ? one.title.in("en") : std::string{});
        entry.put(one.is_asked() ? "verify" : "fields", texts(one.needed));
        list.add(std::move(entry));
    }
    return list;
}

/// Of a matter's materials that a grant of the caller's covers: what the matter lets come of them at most.
Record materials_of(const Matter& matter, const std::vector<const Grant*>& grants) {
    Record list = Record::list();
    for (const auto& requirement : matter.requirements) {
        for (const auto& all_of : requirement.any_of) {
            for (const catalogue::Material& material : all_of) {
                const bool is_theirs = std::any_of(grants.begin(), grants.end(), [&](const Grant* grant) {
                    return grant->is_for(material.service->id) &&
                           std::find(grant->purposes.begin(), grant->purposes.end(), matter.purpose) !=
                               grant->purposes.end();
                });
                if (!is_theirs) {
                    continue;
                }
                Record entry = Record::object();
                entry.put("material", Record::text(material.id));
                entry.put("service", Record::text(material.service->id));
                if (material.subset != nullptr) {
                    entry.put("subset", Record::text(material.subset->id));
                }
                if (!material.fields.empty()) {
                    entry.put("fields", texts(material.fields));
                }
                list.add(std::move(entry));
            }
        }
    }
    return list;
}

Record service_entry(const Service& service, const std::vector<const Grant*>& grants) {
    Record entry = entry_of(contract_of(service), "service", "/v1/services/" + service.id);
    entry.put("kind", Record::text(service.kind));
    entry.put("offers_verify", Record::boolean(service.offers_verify));
    entry.put("consent_required", Record::boolean(service.consent_required));
    entry.put("sensitive", Record::boolean(service.sensitive));
    entry.put("subsets", subsets_of(service));
    Record issuer = Record::object();
    issuer.put("id", Record::text(service.department->id));
    issuer.put("title", Record::text(service.department->title));
    put_text(issuer, "title_en", service.department->title_en);
    entry.put("issuer", std::move(issuer));
    Record scope = Record::object();
    scope.put("registers", texts(service.registers));
    scope.put("divisions", texts(service.divisions));
    entry.put("scope", std::move(scope));
    Record terms = Record::list();
    for (const Grant* grant : grants) {
        if (grant->is_for(service.id)) {
            terms.add(terms_of(*grant));
        }
    }
    entry.put("grants", std::move(terms));
    return entry;
}

bool is_for_matter(const Grant& grant, const Matter& matter) {
    const bool has_purpose =
        std::find(grant.purposes.begin(), grant.purposes.end(), matter.purpose) != grant.purposes.end();
    return has_purpose && std::any_of(matter.requirements.begin(), matter.requirements.end(), [&](const auto& one) {
               return std::any_of(one.any_of.begin(), one.any_of.end(), [&](const auto& list) {
                   return std::any_of(list.begin(), list.end(), [&](const catalogue::Material& material) {
                       return grant.is_for(material.service->id);
                   });
               });
           });
}

bool may_see(const Audience& who, const Matter& matter) {
    const auto grants = who.snapshot.grants_of(who.consumer, who.today);
    return std::any_of(grants.begin(), grants.end(), [&](const Grant* one) { return is_for_matter(*one, matter); });
}

Record listed(const char* name, Record list) {
    Record made = Record::object();
    made.put(name, std::move(list));
    return made;
}

}  // namespace

Record services_for(const Audience& who) {
    const auto grants = who.snapshot.grants_of(who.consumer, who.today);
    Record list = Record::list();
    for (const auto& [id, service] : who.snapshot.services) {
        if (who.snapshot.is_granted(who.consumer, id, who.today)) {
            list.add(service_entry(*service, grants));
        }
    }
    return listed("services", std::move(list));
}

Record matters_for(const Audience& who) {
    Record list = Record::list();
    for (const auto& [id, matter] : who.snapshot.matters) {
        if (may_see(who, *matter)) {
            Record entry = entry_of(contract_of(*matter), "matter", "/v1/matters/" + id);
            entry.put("purpose", Record::text(matter->purpose));
            entry.put("submits", Record::boolean(matter->submits));
            entry.put("materials", materials_of(*matter, who.snapshot.grants_of(who.consumer, who.today)));
            list.add(std::move(entry));
        }
    }
    return listed("matters", std::move(list));
}

Record grants_for(const Audience& who) {
    Record list = Record::list();
    for (const Grant* grant : who.snapshot.grants_of(who.consumer, who.today)) {
        Record entry = terms_of(*grant);
        entry.put("services", texts(grant->services));
        list.add(std::move(entry));
    }
    return listed("grants", std::move(list));
}

std::optional<Contract> service_contract_for(const Audience& who, std::string_view service) {
    const Service* found = who.snapshot.service(service);
    const bool is_theirs = found != nullptr && who.snapshot.is_granted(who.consumer, found->id, who.today);
    return is_theirs ? std::optional{contract_of(*found)} : std::nullopt;
}

bool may_see_matter(const Audience& who, std::string_view matter) {
    const Matter* found = who.snapshot.matter(matter);
    return found != nullptr && may_see(who, *found);
}

std::optional<Contract> matter_contract_for(const Audience& who, std::string_view matter) {
    return may_see_matter(who, matter) ? std::optional{contract_of(*who.snapshot.matter(matter))} : std::nullopt;
}

}  // namespace datong::contracts
