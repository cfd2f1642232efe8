#include "core/exchange/admit.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/catalogue/predicate_check.h"
#include "core/policy/fields.h"

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

/// @param subset  that is asked for by its name; nullptr: none.
policy::Asked asked_of(const Visit& visit, std::string_view service, bool verify, const Subset* subset) {
    return {.consumer = visit.claim.key->consumer->id,
            .service = service,
            .purpose = visit.request.context.purpose,
            .division = visit.request.context.who.division,
            .today = day_of(visit),
            .verify = verify,
            .subset = subset != nullptr ? std::string_view{subset->id} : std::string_view{},
            .needed = subset != nullptr ? std::span{subset->needed} : std::span<const std::string>{}};
}

Result<const Grant*> permit(const Visit& visit, std::string_view service, bool verify, const Subset* subset) {
    return visit.snapshot->granted.permit(asked_of(visit, service, verify, subset));
}

/// A grant that permits it and shows something of it: where the first shows nothing, the next that does; where none
/// does, the first. @param shown  what is seen under a grant.
template <class Shown>
Result<const Grant*> permit_to_see(const Visit& visit, std::string_view service, const Subset* subset, Shown shown) {
    auto first = permit(visit, service, false, subset);
    if (!first || !shown(**first).empty()) {
        return first;
    }
    for (const Grant* other : visit.snapshot->granted.of(visit.claim.key->consumer->id, service)) {
        const policy::GrantIndex alone{std::span{other, 1}};
        if (alone.permit(asked_of(visit, service, false, subset)) && !shown(*other).empty()) {
            return other;
        }
    }
    return first;
}

/// A value of a material's query: a constant, or what a path into the call names.
Record query_value(const policy::Context& context, const std::string& written) {
    if (!written.starts_with("$.")) {
        return Record::text(written);
    }
    const auto steps = split(std::string_view{written}.substr(2), '.');
    if (const policy::Person* person = context.person(steps.front()); person != nullptr && steps.size() == 2) {
        return Record::text(steps[1] == "name"    ? person->name.reveal()
                            : steps[1] == "id_no" ? person->id_no.reveal()
                                                  : person->id_type);
    }
    if (steps.front() == "operator" && steps.size() == 2 && steps[1] == "division") {
        return Record::text(context.who.division);
    }
    const Record* at = steps.front() == "facts" ? &context.facts : nullptr;
    for (std::size_t i = 1; at != nullptr && i < steps.size(); ++i) {
        at = at->find(steps[i]);
    }
    return at != nullptr ? *at : Record{};
}

/// Predicates of a matter with the values that the call brings.
std::vector<policy::Predicate> filled(const policy::Context& context, std::vector<policy::Predicate> verify) {
    for (policy::Predicate& one : verify) {
        if (one.value.is_text()) {
            one.value = query_value(context, std::string{one.value.scalar()});
        }
    }
    return verify;
}

/// Whether a call's predicates can be asked of the service, and the grant lets all of them be asked.
Status check_verify(const Service& service, const Grant& grant, const std::vector<policy::Predicate>& verify) {
    for (std::size_t i = 0; i < verify.size(); ++i) {
        const std::string at = "/verify/" + std::to_string(i);
        if (!policy::covers(grant.verify, verify[i].field)) {
            return fail(Fault::not_permitted, at + ": the grant does not let this field be asked");
        }
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

/// Why nothing is permitted: where a grant lets the service be asked in another way, which.
Error why_not(const Visit& visit, const Service* service, bool verify, Error not_permitted) {
    if (service == nullptr || verify || !visit.request.subset.empty()) {
        return not_permitted;
    }
    if (service->kind == "verify" && permit(visit, service->id, true, nullptr)) {
        return check_offer(*service, verify).error();
    }
    const bool by_subset = std::any_of(service->subsets.begin(), service->subsets.end(), [&](const Subset& subset) {
        const auto grant = permit(visit, service->id, subset.is_asked(), &subset);
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
    const bool verify = !request.verify.empty() || (subset != nullptr && subset->is_asked());
    const auto shown = [&](const Grant& one) { return fields_of_call(*visit.snapshot, request, one); };
    const auto grant =
        verify ? permit(visit, request.name, verify, subset) : permit_to_see(visit, request.name, subset, shown);
    if (!grant) {
        return fail(why_not(visit, service, verify, grant.error()));
    }
    if (service == nullptr) {
        return fail(Fault::not_permitted, "the grant's service is not in the snapshot");
    }
    if (auto offered = check_offer(*service, verify); !offered) {
        return fail(std::move(offered.error()));
    }
    if (auto good = check_verify(*service, **grant, request.verify); !good) {
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

bool is_asked(const Material& material) {
    return !material.verify.empty() || (material.subset != nullptr && material.subset->is_asked());
}

/// A grant for the material; of one that is asked by predicates, for each of its fields.
Result<const Grant*> permit_material(const Visit& visit, const Material& material) {
    const auto shown = [&material](const Grant& one) { return fields_of_material(material, one); };
    auto grant = is_asked(material) ? permit(visit, material.service->id, true, material.subset)
                                    : permit_to_see(visit, material.service->id, material.subset, shown);
    if (!grant) {
        return grant;
    }
    if (auto good = check_verify(*material.service, **grant, material.verify); !good) {
        return fail(std::move(good.error()));
    }
    return grant;
}

/// The ticket of a material; without a grant where none shows anything that the matter needs.
Ticket ticket_of(const Visit& visit, const Material& material) {
    const policy::Context& context = visit.request.context;
    const auto grant = permit_material(visit, material);
    const bool asked = is_asked(material);
    Ticket ticket{.service = material.service,
                  .grant = grant ? *grant : nullptr,
                  .about = context.person(material.about),
                  .query = query_of(context, material),
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
                Ticket ticket = ticket_of(visit, material);
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

Record query_of(const policy::Context& context, const Material& material) {
    Record query = Record::object();
    for (const auto& [name, written] : material.query) {
        query.put(name, query_value(context, written));
    }
    return query;
}

std::vector<policy::Predicate> promise_of(const policy::Context& context, const catalogue::Matter& matter,
                                          const Ticket& ticket) {
    for (const auto& requirement : matter.requirements) {
        for (const auto& list : requirement.any_of) {
            for (const Material& material : list) {
                if (material.id == ticket.material && material.service->id == ticket.service->id) {
                    return filled(context, material.promise);
                }
            }
        }
    }
    return {};
}

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

bool is_about_consent(Request::Kind kind) {
    return kind == Request::Kind::consent || kind == Request::Kind::consent_state || kind == Request::Kind::revocation;
}

bool is_lookup(Request::Kind kind) {
    return kind == Request::Kind::evidence || kind == Request::Kind::usage || kind == Request::Kind::later ||
           kind == Request::Kind::file || is_about_consent(kind);
}

Status check_connection(const catalogue::Consumer& consumer, const policy::Peer& peer) {
    if (auto own = policy::check_certificate(consumer.certificates, peer); !own) {
        return own;
    }
    return policy::check_address(consumer.networks, peer.address);
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
