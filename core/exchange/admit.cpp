#include "core/exchange/admit.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "core/base/text.h"
#include "core/catalogue/predicate_check.h"
#include "core/exchange/fetch.h"
#include "core/matters/standing.h"

namespace datong::exchange {
namespace {

using catalogue::Material;
using catalogue::Service;
using catalogue::Subset;
using policy::Grant;
using record::Record;

record::Date day_of(const Visit& visit) {
    return record::to_civil(visit.at).date;
}

using Texts = std::vector<std::string>;

/// What predicates of the caller's own ask.
Texts fields_in(const std::vector<policy::Predicate>& verify) {
    Texts fields;
    std::ranges::transform(verify, std::back_inserter(fields), &policy::Predicate::field);
    return fields;
}

/// The division that a query chooses of those that the registers hold; where it chooses none of them, all. None where
/// the service lets none be chosen.
Texts searched_in(const Service* service, const Record& query) {
    if (service == nullptr || service->searched_division.empty()) {
        return {};
    }
    const auto chosen = searched_division(*service, query);
    return chosen && !chosen->empty() ? Texts{*chosen} : service->divisions;
}

/// @param subset  that is asked for by its name; nullptr: none. @param fields  that predicates ask; outlive the result.
policy::Asked asked_of(const Visit& visit, std::string_view service, const Subset* subset, const Texts& fields) {
    return {.consumer = visit.claim.key->consumer->id,
            .service = service,
            .purpose = visit.request.context.purpose,
            .division = visit.request.context.who.division,
            .today = day_of(visit),
            .verify = !fields.empty() || (subset != nullptr && subset->is_asked()),
            .subset = subset != nullptr ? std::string_view{subset->id} : std::string_view{},
            .needed = std::span{subset != nullptr ? subset->needed : fields}};
}

using Shown = std::function<Texts(const Grant&)>;

/// The first grant that permits it, in whose territory all lies that is searched, and that shows something of what is
/// to be seen; where none shows anything, the first. @param shown  what is seen under a grant.
Result<const Grant*> permit(const Visit& visit, const policy::Asked& asked, const Texts& searched, const Shown& shown) {
    const auto holds = [&searched](const Grant& grant) {
        const auto lies = [&grant](const std::string& one) { return policy::lies_in(one, grant.territory); };
        return std::ranges::all_of(searched, lies);
    };
    const auto is_seen = [&](const Grant& grant) { return asked.verify || !shown(grant).empty(); };
    auto first = visit.snapshot->granted.permit(asked);
    if (!first || (holds(**first) && is_seen(**first))) {
        return first;
    }
    const Grant* unseen = nullptr;
    for (const Grant* other : visit.snapshot->granted.of(asked.consumer, asked.service)) {
        if (!holds(*other) || !policy::GrantIndex{std::span{other, 1}}.permit(asked)) {
            continue;
        }
        if (is_seen(*other)) {
            return other;
        }
        unseen = unseen != nullptr ? unseen : other;
    }
    return unseen != nullptr ? Result<const Grant*>{unseen}
                             : fail(Fault::not_permitted, "no grant for the division that is searched");
}

/// Whether a call's predicates can be asked of the service.
Status check_verify(const Service& service, const std::vector<policy::Predicate>& verify) {
    for (std::size_t i = 0; i < verify.size(); ++i) {
        const std::string at = "/verify/" + std::to_string(i);
        if (const std::string wrong = catalogue::wrong_with(service, verify[i]); !wrong.empty()) {
            return fail(Fault::bad_request, at + ": " + wrong);
        }
        if (const std::string wrong = catalogue::wrong_value(service, verify[i]); !wrong.empty()) {
            return fail(Fault::bad_request, at + "/value: " + wrong);
        }
    }
    return {};
}

/// What the service offers must be what the call wants.
Status check_offer(const Service& service, bool verify) {
    if (verify && !service.offers_verify) {
        return fail(Fault::not_permitted, "the service offers no verify");
    }
    if (!verify && service.kind == "verify") {
        return fail(Fault::bad_request, "/verify is required: the service answers predicates only");
    }
    return {};
}

/// What a mapping made is its own.
Status check_members(const Service& service, const Request& request) {
    const std::string wrong = request.is_mapped ? "" : catalogue::wrong_member(service, request.query);
    return wrong.empty() ? Status{} : fail(Fault::bad_request, wrong);
}

/// Refuses when nothing at all could be asked; takes nothing. Which of a matter's services are asked shows on the way,
/// and each takes its unit there.
Status look_at_quota(Admitted& admitted, const Visit& visit, policy::Quotas& quotas) {
    if (admitted.matter == nullptr) {
        return quotas.look(*admitted.tickets.front().grant, visit.at);
    }
    Status last;
    bool any_left = false;
    for (Ticket& ticket : admitted.tickets) {
        ticket.quotas = &quotas;
        if (ticket.grant != nullptr && !any_left) {
            last = quotas.look(*ticket.grant, visit.at);
            any_left = last.has_value();
        }
    }
    return any_left ? Status{} : last;
}

void note_grant(Admitted& admitted, const Grant& grant) {
    admitted.case_required = admitted.case_required || grant.case_required;
    if (admitted.grants.find(grant.id) == std::string::npos) {
        admitted.grants += (admitted.grants.empty() ? "" : ",") + grant.id;
    }
}

/// Whether the matter named is one of ours whose purpose is the purpose claimed: the case that will be
/// checked must be one that this purpose can have.
bool is_of_a_matter(const Visit& visit) {
    const catalogue::Matter* matter = visit.snapshot->matter(visit.request.context.matter);
    return matter != nullptr && matter->purpose == visit.request.context.purpose;
}

/// Why nothing is permitted: where a grant lets the service be asked in another way, which. A misspelt member chooses
/// no division, and who may ask the service is told of that first.
Error why_not(const Visit& visit, const Service* service, policy::Asked asked, Error not_permitted) {
    if (service != nullptr && visit.snapshot->granted.permit(asked)) {
        if (auto good = check_members(*service, visit.request); !good) {
            return std::move(good.error());
        }
    }
    if (service == nullptr || asked.verify || !asked.subset.empty()) {
        return not_permitted;
    }
    const Texts searched = searched_in(service, visit.request.query);
    const Shown any = [](const Grant&) { return Texts{"*"}; };
    asked.verify = true;
    if (service->kind == "verify" && permit(visit, asked, searched, any)) {
        return check_offer(*service, false).error();
    }
    const bool by_subset = std::any_of(service->subsets.begin(), service->subsets.end(), [&](const Subset& subset) {
        const auto grant = permit(visit, asked_of(visit, service->id, &subset, {}), searched, any);
        return grant && !(*grant)->subsets.empty();
    });
    return by_subset ? Error{Fault::bad_request, "/subset is required: the grant lets subsets of the service be asked"}
                     : not_permitted;
}

Result<Admitted> admit_service(const Visit& visit) {
    Admitted admitted;
    const Request& request = visit.request;
    const Service* service = visit.snapshot->service(request.name);
    const Subset* subset = service != nullptr ? service->subset(request.subset) : nullptr;
    if (!request.subset.empty() && subset == nullptr) {
        return fail(Fault::not_permitted, "no grant for this service, or it has no such subset");
    }
    const Texts asked_fields = fields_in(request.verify);
    const policy::Asked asked = asked_of(visit, request.name, subset, asked_fields);
    const bool verify = asked.verify;
    const Shown shown = [&](const Grant& one) { return fields_of_call(*visit.snapshot, request, one); };
    const auto grant = permit(visit, asked, searched_in(service, request.query), shown);
    if (!grant) {
        return fail(why_not(visit, service, asked, grant.error()));
    }
    if (service == nullptr) {
        return fail(Fault::not_permitted, "the grant's service is not in the snapshot");
    }
    if (auto offered = check_offer(*service, verify); !offered) {
        return fail(std::move(offered.error()));
    }
    if (auto good = check_verify(*service, request.verify); !good) {
        return fail(std::move(good.error()));
    }
    if (auto good = check_members(*service, request); !good) {
        return fail(std::move(good.error()));
    }
    const policy::Person* about = request.context.person(request.about);
    if (about == nullptr) {
        return fail(Fault::bad_request, "/context lacks the person that this call is about");
    }
    if ((*grant)->case_required && !is_of_a_matter(visit)) {
        return fail(Fault::case_not_accepted, "/context/matter is not a matter with this purpose");
    }
    if ((*grant)->case_required && !is_asked_of(*visit.snapshot, request)) {  // who is who, the case register says
        return fail(Fault::not_permitted, "the matter asks this service about somebody else");
    }
    auto fields = verify ? std::vector<std::string>{} : shown(**grant);
    if (!verify && fields.empty()) {
        return fail(Fault::not_permitted, "the grant shows nothing that the matter needs");
    }
    note_grant(admitted, **grant);
    admitted.submits = service->is_submit();
    const bool is_fixed = subset != nullptr && subset->is_asked();
    admitted.tickets.push_back({.service = service,
                                .grant = *grant,
                                .about = about,
                                .query = request.query,
                                .material = {},
                                .verify = is_fixed ? subset->predicates_on(day_of(visit)) : request.verify,
                                .subset = subset,
                                .fields = std::move(fields)});
    return admitted;
}

/// A grant for the material; of one that is asked by predicates, for each of its fields.
Result<const Grant*> permit_material(const Visit& visit, const Material& material, const Texts& searched) {
    const Shown shown = [&material](const Grant& one) { return fields_of_material(material, one); };
    const Texts fields = fields_in(material.verify);
    auto grant = permit(visit, asked_of(visit, material.service->id, material.subset, fields), searched, shown);
    if (!grant) {
        return grant;
    }
    if (auto good = check_verify(*material.service, material.verify); !good) {
        return fail(std::move(good.error()));
    }
    return grant;
}

/// The ticket of a material; without a grant where none shows anything that the matter needs. While it waits for a fact
/// nothing is searched in its name, and what will be shows with the fact.
Ticket ticket_of(const Visit& visit, const catalogue::Matter& matter, const Material& material) {
    const policy::Context& context = visit.request.context;
    Record query = query_of(context, material);
    const bool waits = matters::open_question(matter, material, context.facts) != nullptr;
    const auto grant = permit_material(visit, material, waits ? Texts{} : searched_in(material.service, query));
    const bool asked = !material.verify.empty() || (material.subset != nullptr && material.subset->is_asked());
    Ticket ticket{.service = material.service,
                  .grant = grant ? *grant : nullptr,
                  .about = context.person(material.about),
                  .query = std::move(query),
                  .material = material.id,
                  .verify = asked && material.subset != nullptr ? material.subset->predicates_on(day_of(visit))
                                                                : filled(context, material.verify),
                  .subset = material.subset};
    if (ticket.grant != nullptr && !asked) {
        ticket.fields = fields_of_material(material, *ticket.grant);
        ticket.grant = ticket.fields.empty() ? nullptr : ticket.grant;
    }
    return ticket;
}

Result<Admitted> admit_matter(const Visit& visit) {
    const policy::Context& context = visit.request.context;
    const catalogue::Matter* matter = visit.snapshot->matter(visit.request.name);
    if (matter == nullptr || matter->purpose != context.purpose) {
        return fail(Fault::not_permitted, matter == nullptr ? "no such matter" : "the purpose is not the matter's");
    }
    Admitted admitted;
    admitted.matter = matter;
    admitted.submits = matter->submits;
    for (const auto& requirement : matter->requirements) {
        for (const auto& list : requirement.any_of) {
            for (const Material& material : list) {
                Ticket ticket = ticket_of(visit, *matter, material);
                if (ticket.grant != nullptr) {
                    note_grant(admitted, *ticket.grant);
                }
                admitted.tickets.push_back(std::move(ticket));
            }
        }
    }
    if (admitted.grants.empty()) {
        return fail(Fault::not_permitted, "no grant for any material of the matter");
    }
    return admitted;
}

/// Evidence of an exchange, its later materials, a file, or a consent: whose it is shows when it is looked up.
Result<Admitted> admit_lookup(const Visit& visit) {
    if (visit.request.kind != Request::Kind::usage) {
        return Admitted{};
    }
    const auto& right = visit.claim.key->consumer->usage;
    const policy::Context& context = visit.request.context;
    if (!right || std::find(right->purposes.begin(), right->purposes.end(), context.purpose) == right->purposes.end()) {
        return fail(Fault::not_permitted, "no right to ask who asked, for this purpose");
    }
    for (const record::Member& member : visit.request.query.members()) {
        if (member.name != "after") {
            return fail(Fault::bad_request, "/query holds after only");
        }
    }
    if (context.person("subject") == nullptr) {
        return fail(Fault::bad_request, "/context/subject is required");
    }
    return Admitted{};
}

}  // namespace

Result<Admitted> admit_again(const Visit& visit, std::string_view material, std::string_view service,
                             policy::Quotas& quotas) {
    auto admitted = admit_matter(visit);
    if (!admitted) {
        return admitted;
    }
    std::erase_if(admitted->tickets, [&](const Ticket& ticket) {
        return ticket.material != material || ticket.service->id != service || ticket.grant == nullptr;
    });
    if (admitted->tickets.empty()) {
        return fail(Fault::not_permitted, "no grant for the material any more");
    }
    admitted->tickets.resize(1);
    if (auto left = look_at_quota(*admitted, visit, quotas); !left) {
        return fail(std::move(left.error()));
    }
    return admitted;  // the same question about the same person is no new guess
}

Result<Admitted> admit(const Visit& visit, policy::Quotas& quotas) {
    if (is_lookup(visit.request.kind)) {
        return admit_lookup(visit);
    }
    auto admitted = visit.request.kind == Request::Kind::service ? admit_service(visit) : admit_matter(visit);
    if (!admitted) {
        return admitted;
    }
    if (auto left = look_at_quota(*admitted, visit, quotas); !left) {
        return fail(std::move(left.error()));
    }
    auto tallied = tally(visit, *admitted, quotas);
    if (!tallied) {
        return fail(std::move(tallied.error()));
    }
    if (admitted->matter == nullptr) {  // a call that a cap refuses uses up none of its quota
        if (auto taken = quotas.take(*admitted->tickets.front().grant, visit.at); !taken) {
            return fail(std::move(taken.error()));
        }
    }
    admitted->tallied = std::move(*tallied);
    return admitted;
}

}  // namespace datong::exchange
